//! A person's S/MIME identity: a payload with the PKCS #12 file, without its password, so that the device asks for it;
//! and the keys of the mail payload that refer to it. Current keys only: no SMIMEEnabled, no SMIMEEncryptionEnabled.

use plist::{Dictionary, Value};
use provost_account::{Encryption, Smime};

use super::{Platform, payload};
use crate::apple_profile::{MAIL, upper};
use crate::identifiers::{self, Kind};
use crate::losses::unsaid_identity;
use crate::profile::Loss;
use crate::writer::Request;

/// The payload with the identity, where Mail takes one from a profile.
pub(super) fn identity(request: &Request<'_>, losses: &mut Vec<Loss>) -> Option<Dictionary> {
    let smime = request.account.smime.as_ref()?;
    if let Some(reason) = why_none(request) {
        losses.extend(unsaid_identity(request.account, reason, MAIL));
        return None;
    }
    let name = format!("Certificate of {}", request.account.address);
    let mut payload = payload(request, "com.apple.security.pkcs12", Kind::APPLE_IDENTITY, &name);
    payload.insert("PayloadUUID".to_owned(), uuid(smime).into());
    payload.insert("PayloadCertificateFileName".to_owned(), format!("{}.p12", request.account.address).into());
    payload.insert("PayloadContent".to_owned(), Value::Data(smime.identity.pkcs12().to_vec()));
    Some(payload)
}

/// Adds the keys of the mail payload. Mail that comes encrypted is read in each case.
pub(super) fn keys(mail: &mut Dictionary, request: &Request<'_>) {
    let Some(smime) = &request.account.smime else { return };
    if why_none(request).is_some() {
        return;
    }
    let mut insert = |key: &str, value: Value| mail.insert(format!("SMIME{key}"), value);
    insert("SigningEnabled", smime.sign.into());
    insert("SigningCertificateUUID", uuid(smime).into());
    insert("EncryptionCertificateUUID", uuid(smime).into());
    let (by_default, switch) = match smime.encryption {
        Encryption::Never => (false, false),
        Encryption::Offered => (false, true),
        Encryption::ByDefault => (true, true),
    };
    insert("EncryptByDefault", by_default.into());
    insert("EnableEncryptionPerMessageSwitch", switch.into());
}

/// Why Mail there takes no identity from a profile.
fn why_none(request: &Request<'_>) -> Option<&'static str> {
    match Platform::of(request.variant) {
        Platform::Ios | Platform::VisionOs => None,
        Platform::MacOs => Some("macOS has no keys for it"),
        Platform::SharedIpad => Some(
            "a Shared iPad gets identities on the device channel, but mail refers to identities in its own profile",
        ),
    }
}

/// Another identity is another payload: whether a device that updated one in place would keep the old key is unconfirmed.
fn uuid(smime: &Smime) -> String {
    upper(identifiers::of_identity(&smime.identity))
}
