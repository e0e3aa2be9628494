//! PEM files (RFC 7468) with the certificate authorities that the settings name, read and written.

use base64::prelude::BASE64_STANDARD;
use base64::{DecodeError, Engine};
use provost_account::{Certificate, CertificateError, codes::settings as codes};
use thiserror::Error;

use super::at::{At, with_cause};
use super::tree::Aim;

/// A file that the settings name, or for `service.json` its text, and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct TrustFile {
    pub(crate) name: String,
    pub(crate) certificates: Vec<Certificate>,
}

/// The list `trust`.
pub(crate) fn trust(at: &At<'_, '_>) -> Option<Vec<TrustFile>> {
    at.list(PEM_FILE)?.iter().map(file).collect()
}

fn file(at: &At<'_, '_>) -> Option<TrustFile> {
    let name = at.text(PEM_FILE)?;
    let bytes = match (at.report.read_file)(name) {
        Ok(bytes) => bytes,
        Err(reason) => {
            let fix = "name a PEM file, relative to the settings file";
            at.add(codes::TRUST_FILE, Aim::Value, format!("cannot read {name:?}: {reason}"), fix);
            return None;
        }
    };
    if bytes.windows(PRIVATE_KEY.len()).any(|window| window == PRIVATE_KEY) {
        let fix = "store the key elsewhere, and keep only the certificate in this file";
        at.add(codes::PRIVATE_KEY, Aim::Value, format!("{name:?} contains a private key"), fix);
        return None;
    }
    match pem_certificates(&bytes) {
        Ok(certificates) => Some(TrustFile { name: name.to_owned(), certificates }),
        Err(error) => {
            let fix = "use a file with -----BEGIN CERTIFICATE----- in it";
            at.add(codes::TRUST_FILE, Aim::Value, format!("{name:?} {}", with_cause(&error)), fix);
            None
        }
    }
}

/// Why a file gives no certificates.
#[derive(Debug, Error)]
enum PemError {
    #[error("is not a PEM file")]
    NotText(#[from] std::str::Utf8Error),
    #[error("has an incomplete certificate")]
    NoEnd,
    #[error("contains a certificate that is not base64")]
    NotBase64(#[from] DecodeError),
    #[error("contains no certificate")]
    NoCertificate(#[from] CertificateError),
    #[error("contains no certificate")]
    Nothing,
}

/// The certificates of a PEM file, RFC 7468 §5.
fn pem_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, PemError> {
    let text = std::str::from_utf8(bytes)?;
    let mut certificates = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let (body, _) = block.split_once(END).ok_or(PemError::NoEnd)?;
        let base64: String = body.split_whitespace().collect();
        certificates.push(Certificate::try_from(BASE64_STANDARD.decode(base64)?)?);
    }
    match certificates.is_empty() {
        false => Ok(certificates),
        true => Err(PemError::Nothing),
    }
}

/// Certificates as a PEM file (RFC 7468 §5).
#[must_use]
pub fn write_certificates(certificates: &[Certificate]) -> String {
    certificates.iter().map(|certificate| pem(&BASE64_STANDARD.encode(certificate.der()))).collect()
}

/// A certificate in base64 as PEM.
pub(crate) fn pem(base64: &str) -> String {
    let mut text = format!("{BEGIN}\n");
    // RFC 7468 §2: "Generators MUST wrap the base64-encoded lines so that each line consists of exactly 64 characters
    // except for the final line".
    for line in base64.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + END + "\n"
}

const PEM_FILE: &str = "the name of a PEM file";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const PRIVATE_KEY: &[u8] = b"PRIVATE KEY-----";
