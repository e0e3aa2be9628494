//! What all of Apple's configuration profiles share, whether the writer or a device management system fills in the
//! person.

use plist::{Dictionary, Value};
use provost_account::{Authentication, Certificate, IncomingProtocol, LdapSearch, Organization, SearchScope, Security};

use crate::identifiers;
use crate::profile::{Loss, Refusal};

/// A profile as a file.
pub(crate) fn xml(profile: Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    Value::Dictionary(profile).to_writer_xml(&mut bytes).expect("writing a plist to memory");
    bytes.push(b'\n');
    bytes
}

/// The payload of a certificate authority.
pub(crate) fn certificate(organization: &Organization, certificate: &Certificate) -> Value {
    let uuid = identifiers::of_certificate(certificate);
    Value::Dictionary(dictionary([
        ("PayloadType", "com.apple.security.root".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.certificate.{uuid}", organization.id).into()),
        ("PayloadUUID", upper(uuid).into()),
        ("PayloadDisplayName", format!("{} certificate authority", organization.name).into()),
        ("PayloadContent", Value::Data(certificate.der().to_vec())),
    ]))
}

/// `EmailAccountType`.
pub(crate) fn account_type(protocol: IncomingProtocol) -> &'static str {
    match protocol {
        IncomingProtocol::Imap => "EmailTypeIMAP",
        IncomingProtocol::Pop3 => "EmailTypePOP",
    }
}

/// True covers STARTTLS: Apple's own example has port 587 with true, and a profile with false showed SSL as off on an
/// iPhone (reported for WildDuck, 2020). No device was tried.
pub(crate) fn use_ssl(security: Security) -> bool {
    match security {
        Security::ImplicitTls | Security::StartTls => true,
        Security::Cleartext => false,
    }
}

/// The loss of a payload that says `UseSSL` for STARTTLS.
pub(crate) fn starttls(setting: &str) -> Loss {
    let reason =
        "the mail payload says that TLS is used, but not whether it is implicit or STARTTLS; the device decides";
    Loss::of(setting, "STARTTLS", reason, MAIL).written("UseSSL")
}

pub(crate) fn authentication(method: Authentication, setting: &'static str) -> Result<&'static str, Refusal> {
    match method {
        Authentication::PasswordCleartext => Ok("EmailAuthPassword"),
        Authentication::PasswordEncrypted => Ok("EmailAuthCRAMMD5"),
        Authentication::Ntlm => Ok("EmailAuthNTLM"),
        Authentication::HttpMd5 => Ok("EmailAuthHTTPMD5"),
        Authentication::None => Ok("EmailAuthNone"),
        Authentication::OAuth2 | Authentication::ClientCertificate | Authentication::Gssapi => {
            Err(Refusal::of(setting, method.name(), "the mail payload has no key for it", MAIL))
        }
    }
}

/// Where to search in a directory. Each scope is written: the schema's default is the whole tree, LDAP's the entry alone.
pub(crate) fn searches(searches: &[LdapSearch]) -> Value {
    let one = |search: &LdapSearch| {
        let mut keys = dictionary([
            ("LDAPSearchSettingSearchBase", search.base.as_str().into()),
            ("LDAPSearchSettingScope", format!("LDAPSearchSettingScope{}", scope(search.scope)).into()),
        ]);
        if let Some(description) = &search.description {
            keys.insert("LDAPSearchSettingDescription".to_owned(), description.as_str().into());
        }
        Value::Dictionary(keys)
    };
    Value::Array(searches.iter().map(one).collect())
}

/// The depth of a search in declarations; in profiles it ends the value.
pub(crate) fn scope(scope: SearchScope) -> &'static str {
    match scope {
        SearchScope::Base => "Base",
        SearchScope::One => "OneLevel",
        SearchScope::Sub => "Subtree",
    }
}

/// Apple's tools write UUIDs in capitals.
pub(crate) fn upper(uuid: uuid::Uuid) -> String {
    uuid.to_string().to_uppercase()
}

pub(crate) fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Dictionary {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Apple's description of the mail payload.
pub(crate) const MAIL: &str = "https://developer.apple.com/documentation/devicemanagement/mail";
