//! What a mail account is: the one model that settings produce, writers write, readers read back, and `verify` proves.
//!
//! No I/O, no serde, no clock, no randomness: every wire format converts to and from these types by hand, so no format
//! can shape the model.

mod account;
mod address;
mod apple;
mod blocks;
mod certificate;
pub mod codes;
mod endpoint;
mod finding;
mod groupware;
mod host;
mod ldap;
mod left_open;
mod login;
mod managed_app;
mod mdm;
mod organization;
mod password_command;
mod placeholder;
mod protocol;
mod provider_answers;
mod providers;
mod publication;
mod secret;
mod service;
mod smime;
mod source_text;
mod text;

pub use account::{Account, Incoming, Server, SyncWindow};
pub use address::{AddressError, EmailAddress};
pub use apple::{Apple, AppleError, ConsentText, Language, ProfileDate, VpnUuid};
pub use certificate::{Certificate, CertificateError};
pub use codes::{About, Code};
pub use endpoint::{Authentication, Endpoint, Port, Security};
pub use finding::{Finding, Findings, LOOK, Lack, Severity};
pub use groupware::{Collection, CollectionService, Groupware, HttpsUrl, HttpsUrlError, UrlTemplate, UrlTemplateError};
pub use host::{DomainName, Host, HostError};
pub use ldap::{DistinguishedName, DistinguishedNameError, Ldap, LdapSearch, LdapService, SearchScope};
pub use left_open::{LeftOpen, TlsLeftOpen};
pub use login::{Login, LoginPart, LoginTemplate, LoginTemplateError, PersonTemplate};
pub use managed_app::{ManagedApp, ManagedValue, PackageName, PackageNameError};
pub use mdm::{Mdm, MdmError, MdmName, MdmVariable};
pub use organization::{Organization, OrganizationId, OrganizationIdError};
pub use password_command::{PasswordCommand, PasswordCommandError};
pub use placeholder::foreign_placeholder;
pub use protocol::{IncomingProtocol, Protocol, REGISTERED_SERVICES, RegisteredService};
pub use provider_answers::{
    AnswerMeaning, AnswerProtocol, AnswerStep, ProviderAnswer, answer_of_product, answers_like, provider_answers,
    recognized,
};
pub use providers::{
    Difference, Provider, ProviderPassword, Published, Publisher, differences, provider_of, provider_of_mx, providers,
};
pub use publication::{Publication, Ttl, TtlError};
pub use secret::Secret;
pub use service::{Exchange, OAuth2, Service};
pub use smime::{Encryption, Identity, IdentityError, Smime, SmimeRules};
pub use source_text::{NotUtf8, Place, Places, nearest, place, shown, utf_8};
pub use text::{DisplayName, TextError};
