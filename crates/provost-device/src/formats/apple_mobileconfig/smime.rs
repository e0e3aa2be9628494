//! The S/MIME identity that a mail payload refers to by the UUID of another payload. Identities that the device fetches
//! itself (SCEP, ACME) are recognized but not read.

use provost_account::{Encryption, Findings, Identity, Smime, codes::profile as codes};

use super::device::Device;
use super::dictionary::Dictionary;
use super::plist::Kind;

/// A PKCS #12 payload.
pub(super) struct Pkcs12<'a> {
    uuid: &'a str,
    identity: Identity,
}

/// The PKCS #12 payloads of a profile.
pub(super) fn identities<'a>(payloads: &[Dictionary<'a>], findings: &mut Findings) -> Vec<Pkcs12<'a>> {
    let mut identities = Vec::new();
    for payload in payloads {
        if payload.string("PayloadType", findings) != Some(PKCS12) {
            continue;
        }
        if payload.string("Password", findings).is_some() {
            let fix = "remove it; the device asks for it";
            findings.add(codes::PASSWORD_IN_FILE, payload.place_of("Password"), "the password of an identity", fix);
        }
        let Some(Kind::Data(bytes)) = payload.kind("PayloadContent") else {
            payload.missing("PayloadContent", findings);
            continue;
        };
        let uuid = payload.string("PayloadUUID", findings);
        let (place, fix) = (payload.place_of("PayloadContent"), "put a PKCS #12 file there");
        let identity = Identity::try_from(bytes.clone());
        let identity = findings.ok(identity, codes::WRONG_VALUE, place, |error| error.to_string(), fix);
        identities.extend(uuid.zip(identity).map(|(uuid, identity)| Pkcs12 { uuid, identity }));
    }
    identities
}

/// What the mail payload does with an identity. macOS has no such keys.
pub(super) fn smime(
    mail: &Dictionary<'_>,
    payloads: &[Dictionary<'_>],
    identities: &[Pkcs12<'_>],
    device: Device,
    findings: &mut Findings,
) -> Option<Smime> {
    if device == Device::MacOs {
        return None;
    }
    let mut named = None;
    for key in ["SMIMEEncryptionCertificateUUID", "SMIMESigningCertificateUUID"] {
        let Some(uuid) = mail.string(key, findings) else { continue };
        let is_there = payloads.iter().any(|payload| payload.string("PayloadUUID", findings) == Some(uuid));
        if !is_there {
            let message = format!("{key} refers to {uuid}, which no payload of the profile has");
            let fix = "write the PayloadUUID of the payload with the identity";
            findings.add(codes::MISSING_IDENTITY, mail.place_of(key), message, fix);
        }
        named = identities.iter().find(|identity| identity.uuid == uuid).or(named);
    }
    let on = |key: &str, findings: &mut Findings| mail.boolean(key, findings) == Some(true);
    let sign = on("SMIMESigningEnabled", findings);
    if sign && mail.get("SMIMESigningCertificateUUID").is_none() {
        let fix = "add SMIMESigningCertificateUUID";
        let message = "mail is to be signed, but no certificate is configured";
        findings.add(codes::MISSING_IDENTITY, mail.place_of("SMIMESigningEnabled"), message, fix);
    }
    let by_default = on("SMIMEEncryptByDefault", findings);
    let switch = on("SMIMEEnableEncryptionPerMessageSwitch", findings);
    let encryption = match (by_default, switch) {
        (true, _) => Encryption::ByDefault,
        (false, true) => Encryption::Offered,
        (false, false) => Encryption::Never,
    };
    named.map(|named| Smime { identity: named.identity.clone(), sign, encryption })
}

pub(super) const PKCS12: &str = "com.apple.security.pkcs12";
