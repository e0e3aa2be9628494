//! The certificate authorities that a profile installs. No identity with a private key.

use provost_account::{Certificate, Findings, codes::profile as codes};

use super::dictionary::Dictionary;
use super::plist::Kind;
use crate::pem;

/// The authority that a certificate payload asks to trust.
pub(super) fn certificate(payload: &Dictionary<'_>, findings: &mut Findings) -> Option<Certificate> {
    if !CERTIFICATES.contains(&payload.string("PayloadType", findings)?) {
        return None;
    }
    let Some(Kind::Data(bytes)) = payload.kind("PayloadContent") else {
        payload.missing("PayloadContent", findings);
        return None;
    };
    // PEM is taken as well, as the type `com.apple.security.pem` says.
    if let Some(certificates) = pem::certificates(bytes) {
        return certificates.into_iter().next();
    }
    let (place, fix) = (payload.place_of("PayloadContent"), "put the DER certificate there");
    let certificate = Certificate::try_from(bytes.clone());
    findings.ok(certificate, codes::WRONG_VALUE, place, |error| error.to_string(), fix)
}

pub(super) const CERTIFICATES: &[&str] =
    &["com.apple.security.pem", "com.apple.security.pkcs1", "com.apple.security.root"];
