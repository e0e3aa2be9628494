//! CMS SignedData (RFC 5652) around a profile: what is signed, and by whom. Nothing is verified: whether a device calls
//! the profile "Verified" depends on the authorities that it trusts, and on the date.

use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::ext::pkix::SubjectKeyIdentifier;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode, EncodingRules, Reader, SliceReader, Tag, Tagged};
use provost_account::{Findings, codes::profile as codes};

use crate::understood::Assumption;

/// What a signature holds.
pub(super) struct Signed {
    /// The profile.
    pub(super) content: Vec<u8>,
    /// Who signed, as the certificates say: one for each signer.
    pub(super) by: Vec<Assumption>,
}

/// Whether bytes begin as SignedData does, in DER or BER, or as either in PEM.
pub(super) fn recognize(bytes: &[u8]) -> bool {
    is_armoured(bytes)
        || bytes.first() == Some(&SEQUENCE)
            && bytes[..bytes.len().min(START_OCTETS)].windows(SIGNED_DATA.len()).any(|it| it == SIGNED_DATA)
}

/// Takes the signature off, unless findings say why it cannot.
pub(super) fn take_off(bytes: &[u8], findings: &mut Findings) -> Option<Signed> {
    match is_armoured(bytes) {
        false => signed(bytes, findings),
        true => {
            let fix = "convert it with `openssl cms -cmsout -inform PEM -outform DER`";
            findings.add(codes::PEM_ARMOURED, None, "the signed profile is PEM text; Apple documents DER", fix);
            match der::pem::decode_vec(bytes) {
                Ok((_, decoded)) => signed(&decoded, findings),
                Err(error) => damaged(&error.to_string(), findings),
            }
        }
    }
}

fn is_armoured(bytes: &[u8]) -> bool {
    ARMOURS.iter().any(|armour| bytes.starts_with(armour))
}

fn signed(bytes: &[u8], findings: &mut Findings) -> Option<Signed> {
    // BER: streaming signers leave lengths open, as `openssl cms -stream` does (observed); `security cms` of macOS unconfirmed.
    let data = match ContentInfo::from_ber(bytes).and_then(|info| SignedData::from_ber(&info.content.to_der()?)) {
        Ok(data) => data,
        Err(error) => return damaged(&error.to_string(), findings),
    };
    let nothing = |what: &str, findings: &mut Findings| {
        let fix = "sign with `openssl cms -sign -nodetach -binary -outform DER`";
        findings.add(codes::NO_SIGNED_CONTENT, None, what, fix);
        None
    };
    let Some(content) = &data.encap_content_info.econtent else {
        return nothing("the signature is detached: the profile is not in it", findings);
    };
    if data.encap_content_info.econtent_type != DATA {
        return nothing("something other than a file is signed", findings);
    }
    if content.tag() != Tag::OctetString {
        return nothing("the signed content is not an OCTET STRING", findings);
    }
    Some(Signed { content: joined(content.value()), by: signers(&data, findings) })
}

/// Content whose length was open when its writing began comes in pieces, each an OCTET STRING, and the library leaves them
/// so. No profile begins with the octet that they begin with.
fn joined(content: &[u8]) -> Vec<u8> {
    let pieces = || -> der::Result<Vec<u8>> {
        let mut reader = SliceReader::new_with_encoding_rules(content, EncodingRules::Ber)?;
        let mut joined = Vec::new();
        while !reader.is_finished() {
            joined.extend_from_slice(OctetString::decode(&mut reader)?.as_bytes());
        }
        Ok(joined)
    };
    match content.first() {
        Some(&OCTET_STRING) => pieces().unwrap_or_else(|_| content.to_vec()),
        Some(_) | None => content.to_vec(),
    }
}

fn damaged<T>(error: &str, findings: &mut Findings) -> Option<T> {
    let message = format!("the signed profile is damaged: {error}");
    findings.add(codes::CMS_SYNTAX, None, message, "download or sign the file again");
    None
}

fn signers(data: &SignedData, findings: &mut Findings) -> Vec<Assumption> {
    let certificates: Vec<&Certificate> = data
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let by = |signer: &SignerInfo| certificates.iter().find(|certificate| is_of(&signer.sid, certificate)).copied();
    let mut found: Vec<Option<&Certificate>> = data.signer_infos.0.iter().take(SIGNERS_MAX).map(by).collect();
    if found.is_empty() {
        found.push(None);
    }
    let count = data.signer_infos.0.len();
    let mut signers = Vec::new();
    for (at, certificate) in found.into_iter().enumerate() {
        let which = if count > 1 { format!("{} of {count}, ", at + 1) } else { String::new() };
        let value = match certificate {
            Some(certificate) => {
                let tbs = certificate.tbs_certificate();
                let name: String =
                    tbs.subject().to_string().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
                format!("{which}by {name}, valid until {}; not verified", tbs.validity().not_after)
            }
            None => {
                let message = format!(
                    "{which}the signer's certificate is not in the file, so no device can verify the signature"
                );
                let fix = "sign with the certificate and its chain included";
                findings.add(codes::NO_SIGNER_CERTIFICATE, None, message, fix);
                format!("{which}by a signer whose certificate is not in the file")
            }
        };
        signers.push(Assumption::of("signature", value, SOURCE));
    }
    signers
}

fn is_of(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(it) => {
            it.issuer == *tbs.issuer() && it.serial_number == *tbs.serial_number()
        }
        SignerIdentifier::SubjectKeyIdentifier(key) => {
            matches!(tbs.get_extension::<SubjectKeyIdentifier>(), Ok(Some((_, found))) if found == *key)
        }
    }
}

const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;
/// id-signedData, 1.2.840.113549.1.7.2, as it stands in the file (RFC 5652 §5.1).
const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// id-data (RFC 5652 §4).
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// The outermost tag and length, and the identifier after them.
const START_OCTETS: usize = 20;
/// RFC 7468 §8 and §9.
const ARMOURS: &[&[u8]] = &[b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----"];
const NAME_MAX: usize = 200;
/// More than any profile has.
const SIGNERS_MAX: usize = 16;
const SOURCE: &str = "RFC 5652 section 5; no root certificates are known here";
