//! Certificates in PEM text (RFC 7468), as the files that clients take authorities from hold them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::Certificate;

/// The certificates of a PEM text, in their order. Text around them is passed over, as OpenSSL and GnuTLS do.
///
/// `None`: there is none, or one of them is not whole.
pub(crate) fn certificates(bytes: &[u8]) -> Option<Vec<Certificate>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let certificate = |block: &str| {
        let (inside, _) = block.split_once("-----END CERTIFICATE-----")?;
        let inside: String = inside.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        Certificate::try_from(BASE64_STANDARD.decode(inside).ok()?).ok()
    };
    let found: Option<Vec<_>> = text.split("-----BEGIN CERTIFICATE-----").skip(1).map(certificate).collect();
    found.filter(|found| !found.is_empty())
}
