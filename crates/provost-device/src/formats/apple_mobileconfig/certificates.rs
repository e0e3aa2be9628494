//! The certificate authorities that a profile asks to trust. No identity with a private key.

use provost_account::Certificate;

use super::dictionary::Dictionary;
use super::plist::Kind;
use crate::findings::Findings;

/// The authority that a certificate payload asks to trust.
pub(super) fn certificate(payload: &Dictionary<'_>, findings: &mut Findings) -> Option<Certificate> {
    if !CERTIFICATES.contains(&payload.string("PayloadType", findings)?) {
        return None;
    }
    let Some(Kind::Data(bytes)) = payload.get("PayloadContent").map(|value| &value.kind) else {
        payload.missing("PayloadContent", findings);
        return None;
    };
    match Certificate::try_from(der(bytes)) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            let fix = "put the certificate's DER there";
            findings.add("wrong-value", payload.place_of("PayloadContent"), error.to_string(), fix);
            None
        }
    }
}

/// PEM is taken as well, as the type `com.apple.security.pem` says.
fn der(bytes: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let decoded = std::str::from_utf8(bytes).ok().and_then(|text| {
        let inside = text.split_once("-----BEGIN CERTIFICATE-----")?.1.split_once("-----END")?.0;
        let inside: String = inside.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        base64::engine::general_purpose::STANDARD.decode(inside).ok()
    });
    decoded.unwrap_or_else(|| bytes.to_vec())
}

pub(super) const CERTIFICATES: &[&str] =
    &["com.apple.security.pem", "com.apple.security.pkcs1", "com.apple.security.root"];
