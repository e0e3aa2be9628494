//! Certificates in PEM text (RFC 7468), as in the files that clients read authorities from.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Certificate, Place};

use crate::source_file::SourceFile;
use crate::understood::Ignored;

/// The certificates of a PEM text, in their order. Text around them is ignored, as OpenSSL and GnuTLS do.
///
/// `None`: there is none, or one of them is incomplete.
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

/// The certificates of the file that a configuration names under `key`, or a remark if that file is not available.
pub(crate) fn of_named_file(
    key: &str,
    named: Option<(&str, Place)>,
    files: &[SourceFile<'_>],
) -> (Vec<Certificate>, Vec<Ignored>) {
    let Some((path, place)) = named else { return (Vec::new(), Vec::new()) };
    let found = files.iter().find(|file| file.path == path).and_then(|file| certificates(file.bytes));
    match found {
        Some(trust) => (trust, Vec::new()),
        None => {
            let reason = format!("{path} is not available, so its certificates are unknown");
            (Vec::new(), vec![Ignored::of(key, place, reason)])
        }
    }
}
