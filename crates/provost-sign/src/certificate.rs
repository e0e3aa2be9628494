//! X.509 certificates (RFC 5280) as bytes, and what signing needs of them. Whether one may be used is judged elsewhere.

use std::fmt;

use der::asn1::BitStringRef;
use der::{Decode, Encode, Reader, SliceReader, Tag, TagNumber};
use ring::digest;
use time::OffsetDateTime;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::time::Time;

use crate::armour;
use crate::refused::Refused;

/// One certificate.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
    /// What is signed, as it stands in the certificate.
    signed: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
}

/// Why a file gives no certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A PEM file of other things, or an empty one.
    #[error("the file holds no certificate{}", found_instead(.found))]
    NoCertificate {
        /// The labels of what it holds instead.
        found: Vec<String>,
    },
    /// A block that begins and does not end, or is not base64.
    #[error("the PEM text is damaged")]
    DamagedPem,
    /// No X.509 certificate in DER.
    #[error("certificate {number} of the file is damaged")]
    Damaged {
        /// Counted from 1.
        number: usize,
        /// What is wrong, and at which octet.
        #[source]
        source: der::Error,
    },
    /// It holds certificates in another form.
    #[error("{0}")]
    Refused(Refused),
}

impl Certificate {
    /// Every certificate of a file, PEM or DER, in its order. A key beside them is not read.
    ///
    /// # Errors
    ///
    /// See [`CertificateError`].
    pub fn read(file: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let Some(blocks) = armour::blocks(file).map_err(|armour::Damaged| CertificateError::DamagedPem)? else {
            return match Refused::of_file(file) {
                Some(refused) => Err(CertificateError::Refused(refused)),
                None => Ok(vec![Self::from_der(file.to_vec(), 1)?]),
            };
        };
        if blocks.iter().any(|block| PKCS7_LABELS.contains(&block.label.as_str())) {
            return Err(CertificateError::Refused(Refused::Pkcs7));
        }
        let labels: Vec<String> = blocks.iter().map(|block| block.label.clone()).collect();
        let certificates: Vec<Self> = blocks
            .into_iter()
            .filter(|block| LABELS.contains(&block.label.as_str()))
            .enumerate()
            .map(|(at, block)| Self::from_der(block.octets.to_vec(), at + 1))
            .collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(CertificateError::NoCertificate { found: labels }) } else { Ok(certificates) }
    }

    pub(crate) fn from_der(der: Vec<u8>, number: usize) -> Result<Self, CertificateError> {
        parsed(der).map_err(|source| CertificateError::Damaged { number, source })
    }

    /// The certificate itself, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whose it is, as RFC 4514 writes names.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// Who issued it, as RFC 4514 writes names.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// The first second at which it is valid.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        date(self.parsed.tbs_certificate().validity().not_before)
    }

    /// The last second at which it is valid.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        date(self.parsed.tbs_certificate().validity().not_after)
    }

    /// SHA-256 over the certificate.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let digest = digest::digest(&digest::SHA256, &self.der);
        digest.as_ref().try_into().expect("SHA-256 has 32 octets")
    }

    pub(crate) fn serial_der(&self) -> &[u8] {
        &self.serial
    }

    pub(crate) fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    pub(crate) fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The contents of its subjectPublicKey, and the contents of that key's AlgorithmIdentifier.
    pub(crate) fn public_key(&self) -> Option<(Vec<u8>, &[u8])> {
        let key = self.parsed.tbs_certificate().subject_public_key_info();
        let mut algorithm = key.algorithm.oid.to_der().ok()?;
        if let Some(parameters) = &key.algorithm.parameters {
            algorithm.extend_from_slice(&parameters.to_der().ok()?);
        }
        Some((algorithm, key.subject_public_key.as_bytes()?))
    }

    /// Whether `issuer` issued it: the name is the one that it gives, and the signature is by that key.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        let verified = || {
            let (key_algorithm, key) = issuer.public_key()?;
            let signature = self.parsed.signature().as_bytes()?;
            let algorithm = self.parsed.signature_algorithm().to_der().ok()?;
            let algorithm = der::asn1::AnyRef::from_der(&algorithm).ok()?;
            webpki::ALL_VERIFICATION_ALGS
                .iter()
                .filter(|it| it.signature_alg_id().as_ref() == algorithm.value())
                .filter(|it| it.public_key_alg_id().as_ref() == key_algorithm)
                .any(|it| it.verify_signature(key, &self.signed, signature).is_ok())
                .then_some(())
        };
        self.issuer == issuer.subject && verified().is_some()
    }

    /// Whether it names itself as its issuer, as roots do.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether it may issue certificates (RFC 5280 §4.2.1.9, §4.2.1.3), and how many more authorities may come below it.
    pub(crate) fn authority(&self) -> Option<PathLength> {
        let tbs = self.parsed.tbs_certificate();
        let Ok(Some((_, constraints))) = tbs.get_extension::<BasicConstraints>() else { return None };
        let may_sign = match tbs.get_extension::<KeyUsage>() {
            Ok(None) => true,
            Ok(Some((_, usage))) => usage.key_cert_sign(),
            Err(_) => false,
        };
        (constraints.ca && may_sign).then_some(match constraints.path_len_constraint {
            Some(most) => PathLength::AtMost(most),
            None => PathLength::Any,
        })
    }
}

/// How many authorities may stand between an authority and the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathLength {
    Any,
    AtMost(u8),
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.subject())
    }
}

/// The names are kept as they stand: an issuer is compared, and repeated in the signature, octet by octet.
fn parsed(der: Vec<u8>) -> der::Result<Certificate> {
    let parsed = x509_cert::Certificate::from_der(&der)?;
    let mut outside = SliceReader::new(&der)?;
    let (signed, [serial, issuer, subject]) = outside.sequence(|certificate| {
        let signed = certificate.tlv_bytes()?;
        let _algorithm = certificate.tlv_bytes()?;
        let _signature = BitStringRef::decode(certificate)?;
        let mut inside = SliceReader::new(signed)?;
        let names = inside.sequence(|tbs| {
            if Tag::peek(tbs)? == VERSION {
                tbs.tlv_bytes()?;
            }
            let serial = tbs.tlv_bytes()?.to_vec();
            let _algorithm = tbs.tlv_bytes()?;
            let issuer = tbs.tlv_bytes()?.to_vec();
            let _validity = tbs.tlv_bytes()?;
            let subject = tbs.tlv_bytes()?.to_vec();
            while !tbs.is_finished() {
                tbs.tlv_bytes()?;
            }
            Ok::<_, der::Error>([serial, issuer, subject])
        })?;
        Ok::<_, der::Error>((signed.to_vec(), names))
    })?;
    Ok(Certificate { der, parsed, signed, serial, issuer, subject })
}

fn date(time: Time) -> OffsetDateTime {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).expect("X.509 ends with the year 9999");
    OffsetDateTime::from_unix_timestamp(seconds).expect("X.509 ends with the year 9999")
}

/// The rest of a message that says what is not there.
pub(crate) fn found_instead(labels: &[String]) -> String {
    if labels.is_empty() { String::new() } else { format!(", but: {}", labels.join(", ")) }
}

/// RFC 7468 §5 and its older name (§5.1).
const LABELS: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE"];
/// RFC 7468 §8 and §9.
const PKCS7_LABELS: &[&str] = &["PKCS7", "CMS"];
const VERSION: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
