//! CMS SignedData (RFC 5652) around a profile: what is signed, by whom, and whether the signature is by that key and over
//! that content. Whether a device calls the profile "Verified" depends also on the authorities that it trusts, and on the
//! date: neither is known here.

pub(crate) mod certificate;
mod proof;
mod signer;

use cms::content_info::{CmsVersion, ContentInfo};
use cms::revocation::RevocationInfoChoices;
use cms::signed_data::{DigestAlgorithmIdentifiers, EncapsulatedContentInfo, SignerInfo, SignerInfos};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode, EncodingRules, Reader, Sequence, SliceReader, Tag, Tagged};
use provost_account::{Findings, codes::profile as codes};

use certificate::Certificate;

use crate::understood::Assumption;

/// What a signature holds.
pub(super) struct Signed {
    /// The profile.
    pub(super) content: Vec<u8>,
    signers: Vec<SignerInfo>,
    certificates: Vec<Certificate>,
}

impl Signed {
    /// Who signed, as the certificates say, and whether they did: one for each signer.
    pub(super) fn by(&self, findings: &mut Findings) -> Vec<Assumption> {
        let count = self.signers.len();
        if count == 0 {
            return vec![Assumption::of("signature", signer::unknown("", findings), SOURCE)];
        }
        let mut signers = Vec::new();
        for (at, signer) in self.signers.iter().take(SIGNERS_MAX).enumerate() {
            let which = if count > 1 { format!("{} of {count}, ", at + 1) } else { String::new() };
            let value = match self.certificate_of(signer) {
                Some(certificate) => signer::judged(signer, certificate, &self.content, &which, findings),
                None => signer::unknown(&which, findings),
            };
            signers.push(Assumption::of("signature", value, SOURCE));
        }
        signers
    }

    /// The certificates of those who signed, each once.
    pub(super) fn signers(&self) -> Vec<&Certificate> {
        let mut found: Vec<&Certificate> = Vec::new();
        for certificate in self.signers.iter().take(SIGNERS_MAX).filter_map(|it| self.certificate_of(it)) {
            if !found.iter().any(|known| std::ptr::eq(*known, certificate)) {
                found.push(certificate);
            }
        }
        found
    }

    /// All certificates in the file.
    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    fn certificate_of(&self, signer: &SignerInfo) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| certificate.is_of(&signer.sid))
    }
}

/// SignedData (RFC 5652 §5.1) with its certificates as they stand: their issuers' signatures are over these octets.
#[derive(Sequence)]
struct SignedData {
    version: CmsVersion,
    digest_algorithms: DigestAlgorithmIdentifiers,
    encap_content_info: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<SetOfVec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    crls: Option<RevocationInfoChoices>,
    signer_infos: SignerInfos,
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
    // What follows the structure is not looked at: some panels send a line end after it, and `openssl cms` reads that.
    let info = SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber)
        .and_then(|mut octets| ContentInfo::decode(&mut octets));
    let data = match info.and_then(|info| SignedData::from_ber(&info.content.to_der()?)) {
        Ok(data) => data,
        Err(error) => return damaged(&error.to_string(), findings),
    };
    let certificates = match certificates(&data) {
        Ok(certificates) => certificates,
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
    let content = joined(content.value());
    Some(Signed { content, signers: data.signer_infos.0.into_vec(), certificates })
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

/// The X.509 certificates; others are left out.
fn certificates(data: &SignedData) -> der::Result<Vec<Certificate>> {
    let all = data.certificates.iter().flat_map(|set| set.iter());
    all.filter(|it| it.tag() == Tag::Sequence).map(|it| Certificate::from_der(&it.to_der()?)).collect()
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
/// More than any profile has.
const SIGNERS_MAX: usize = 16;
const SOURCE: &str = "RFC 5652 section 5.6";
