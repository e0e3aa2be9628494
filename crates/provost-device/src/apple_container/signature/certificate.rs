//! X.509 certificates (RFC 5280) around a profile: whose they are, until when, and who issued them. Whom a device trusts is
//! not known here.

use cms::cert::x509::Certificate as X509;
use cms::cert::x509::ext::pkix::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use cms::cert::x509::name::Name;
use cms::cert::x509::spki::SubjectPublicKeyInfoOwned;
use cms::cert::x509::time::Time;
use cms::signed_data::SignerIdentifier;
use der::{Decode, Encode, Reader, SliceReader};
use provost_account::ProfileDate;
use time::OffsetDateTime;

use super::proof::{self, Proof};

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    parsed: X509,
    /// What its issuer signed, as it stands in the file: encoded again it may differ.
    signed: Vec<u8>,
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> der::Result<Self> {
        let parsed = X509::from_ber(der)?;
        let mut reader = SliceReader::new(der)?;
        let signed = reader.sequence(|certificate| {
            let signed = certificate.tlv_bytes()?.to_vec();
            while !certificate.is_finished() {
                certificate.tlv_bytes()?;
            }
            Ok::<_, der::Error>(signed)
        })?;
        Ok(Self { parsed, signed })
    }

    /// Whose it is, as RFC 4514 writes names.
    pub(crate) fn subject(&self) -> String {
        written(self.parsed.tbs_certificate().subject())
    }

    /// Who issued it, as RFC 4514 writes names.
    pub(crate) fn issuer(&self) -> String {
        written(self.parsed.tbs_certificate().issuer())
    }

    pub(crate) fn subject_der(&self) -> Option<Vec<u8>> {
        self.parsed.tbs_certificate().subject().to_der().ok()
    }

    pub(crate) fn issuer_der(&self) -> Option<Vec<u8>> {
        self.parsed.tbs_certificate().issuer().to_der().ok()
    }

    /// The last second at which it is valid, as the certificate writes it.
    pub(super) fn not_after(&self) -> Time {
        self.parsed.tbs_certificate().validity().not_after
    }

    /// The first and the last day on which it is valid. `None`: beyond the calendar.
    pub(crate) fn days(&self) -> Option<(ProfileDate, ProfileDate)> {
        let validity = self.parsed.tbs_certificate().validity();
        Some((day(validity.not_before)?, day(validity.not_after)?))
    }

    pub(super) fn key(&self) -> &SubjectPublicKeyInfoOwned {
        self.parsed.tbs_certificate().subject_public_key_info()
    }

    pub(super) fn is_of(&self, signer: &SignerIdentifier) -> bool {
        let tbs = self.parsed.tbs_certificate();
        match signer {
            SignerIdentifier::IssuerAndSerialNumber(it) => {
                it.issuer == *tbs.issuer() && it.serial_number == *tbs.serial_number()
            }
            SignerIdentifier::SubjectKeyIdentifier(key) => {
                matches!(tbs.get_extension::<SubjectKeyIdentifier>(), Ok(Some((_, found))) if found == *key)
            }
        }
    }

    /// Whether `issuer` issued it: it has the name that this gives, and the signature is by its key.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        let algorithm = self.parsed.signature_algorithm();
        let is_proven =
            |signature: &[u8]| proof::prove(issuer.key(), algorithm, None, &self.signed, signature) == Proof::Matches;
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
            && self.parsed.signature().as_bytes().is_some_and(is_proven)
    }

    /// Whether it names itself as its issuer, as roots do.
    pub(crate) fn is_self_issued(&self) -> bool {
        let tbs = self.parsed.tbs_certificate();
        tbs.issuer() == tbs.subject()
    }

    /// Whether it may issue certificates, with so many authorities between it and the signer (RFC 5280 §4.2.1.9, §4.2.1.3).
    pub(crate) fn may_issue(&self, below: usize) -> bool {
        let tbs = self.parsed.tbs_certificate();
        let Ok(Some((_, constraints))) = tbs.get_extension::<BasicConstraints>() else { return false };
        let may_sign = match tbs.get_extension::<KeyUsage>() {
            Ok(None) => true,
            Ok(Some((_, usage))) => usage.key_cert_sign(),
            Err(_) => false,
        };
        constraints.ca && may_sign && constraints.path_len_constraint.is_none_or(|most| below <= usize::from(most))
    }
}

fn written(name: &Name) -> String {
    name.to_string().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

fn day(time: Time) -> Option<ProfileDate> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Some(ProfileDate::from(OffsetDateTime::from_unix_timestamp(seconds).ok()?.date()))
}

const NAME_MAX: usize = 200;
