//! A certificate authority's certificate as bytes. It does not judge the certificate: that is the TLS library's task.

use thiserror::Error;

/// One X.509 certificate, DER.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Certificate(Vec<u8>);

impl Certificate {
    /// The certificate's DER bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for Certificate {
    type Error = CertificateError;

    /// Takes DER. Only the outermost length is looked at, so that truncated files and PEM text are found early.
    fn try_from(der: Vec<u8>) -> Result<Self, CertificateError> {
        let announced = match *der.as_slice() {
            [SEQUENCE, LENGTH_IN_TWO_OCTETS, high, low, ..] => usize::from(u16::from_be_bytes([high, low])) + 4,
            [SEQUENCE, LENGTH_IN_ONE_OCTET, length, ..] => usize::from(length) + 3,
            _ => return Err(CertificateError::NoSequence),
        };
        if announced != der.len() {
            return Err(CertificateError::Length { announced, found: der.len() });
        }
        Ok(Self(der))
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({} octets)", self.0.len())
    }
}

/// Why bytes are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// X.509 certificates start with an ASN.1 SEQUENCE (RFC 5280 §4.1).
    #[error("the bytes do not start like a certificate (ASN.1 SEQUENCE)")]
    NoSequence,
    /// Cut short, or with something after it.
    #[error("the certificate announces {announced} bytes, but has {found}")]
    Length {
        /// What the outermost length says, header included.
        announced: usize,
        /// What is there.
        found: usize,
    },
}

const SEQUENCE: u8 = 0x30;
const LENGTH_IN_ONE_OCTET: u8 = 0x81;
const LENGTH_IN_TWO_OCTETS: u8 = 0x82;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_cut_short_is_refused() {
        let mut der = vec![0x30, 0x82, 0x01, 0x00];
        der.resize(4 + 255, 0);
        let error = Certificate::try_from(der.clone()).expect_err("a refusal");
        assert_eq!(error, CertificateError::Length { announced: 260, found: 259 });
        assert_eq!(error.to_string(), "the certificate announces 260 bytes, but has 259");
        der.push(0);
        assert_eq!(Certificate::try_from(der).expect("whole").der().len(), 260);
    }

    #[test]
    fn pem_text_is_refused() {
        let error = Certificate::try_from(b"-----BEGIN CERTIFICATE-----".to_vec()).expect_err("a refusal");
        assert_eq!(error, CertificateError::NoSequence);
        assert_eq!(error.to_string(), "the bytes do not start like a certificate (ASN.1 SEQUENCE)");
    }
}
