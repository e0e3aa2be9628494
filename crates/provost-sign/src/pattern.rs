//! CMS SignedData (RFC 5652) as a pattern: everything that is the same for each file of one signer is encoded once. What
//! is filled in are the content, its digest, the signature, and the lengths around them, for an ECDSA signature has 70 to
//! 72 octets (P-256). It signs nothing.

use crate::ber::write_header;
use crate::certificate::Certificate;

/// Which digest and signature a signer makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    RsaSha256,
    P256Sha256,
    P384Sha384,
}

/// What one signer's files have in common, encoded.
pub(crate) struct Pattern {
    /// CMSVersion and digestAlgorithms of SignedData.
    start: Vec<u8>,
    /// The `certificates` field.
    certificates: Vec<u8>,
    /// SignerInfo up to the signed attributes.
    signer: Vec<u8>,
    /// The signed attributes as a SET, as they are signed; the digest fills the end.
    attributes: Vec<u8>,
    /// SignerInfo's signatureAlgorithm.
    signature_algorithm: &'static [u8],
}

impl Pattern {
    /// `intermediates` go into the file beside the signer's certificate.
    pub(crate) fn new(algorithm: Algorithm, leaf: &Certificate, intermediates: &[Certificate]) -> Self {
        let digest_algorithm = algorithm.digest_algorithm();
        let mut start = VERSION_1.to_vec();
        write(&mut start, SET, digest_algorithm);

        // DER puts the elements of a SET OF in the order of their encodings (X.690 §11.6).
        let mut all: Vec<&[u8]> = std::iter::once(leaf).chain(intermediates).map(Certificate::der).collect();
        all.sort_unstable();
        let mut certificates = Vec::new();
        write(&mut certificates, CONTEXT_0, &all.concat());

        let mut signer = VERSION_1.to_vec();
        write(&mut signer, SEQUENCE, &[leaf.issuer_der(), leaf.serial_der()].concat());
        signer.extend_from_slice(digest_algorithm);

        Self {
            start,
            certificates,
            signer,
            attributes: attributes(algorithm.digest_octets()),
            signature_algorithm: algorithm.signature_algorithm(),
        }
    }

    /// What is signed for content with this digest.
    ///
    /// > A separate encoding of the signedAttrs field is performed for message digest calculation. The IMPLICIT \[0\] tag in
    /// > the signedAttrs is not used for the DER encoding, rather an EXPLICIT SET OF tag is used.
    ///
    /// RFC 5652 §5.4.
    pub(crate) fn to_be_signed(&self, digest: &[u8]) -> Vec<u8> {
        let fixed = self.attributes.len() - digest.len();
        [&self.attributes[..fixed], digest].concat()
    }

    /// The whole file, in this memory. `signed` is what [`Self::to_be_signed`] gave.
    pub(crate) fn file(&self, content: &[u8], signed: &[u8], signature: &[u8], memory: Vec<u8>) -> Vec<u8> {
        let signer_info =
            self.signer.len() + signed.len() + self.signature_algorithm.len() + with_header(signature.len());
        let signer_infos = with_header(signer_info);
        let octets = with_header(content.len());
        let encapsulated = DATA.len() + with_header(octets);
        let signed_data =
            self.start.len() + with_header(encapsulated) + self.certificates.len() + with_header(signer_infos);
        let explicit = with_header(signed_data);
        let content_info = SIGNED_DATA.len() + with_header(explicit);

        let mut file = memory;
        file.clear();
        file.reserve(with_header(content_info));
        write_header(&mut file, SEQUENCE, content_info);
        file.extend_from_slice(SIGNED_DATA);
        write_header(&mut file, CONTEXT_0, explicit);
        write_header(&mut file, SEQUENCE, signed_data);
        file.extend_from_slice(&self.start);
        write_header(&mut file, SEQUENCE, encapsulated);
        file.extend_from_slice(DATA);
        write_header(&mut file, CONTEXT_0, octets);
        write(&mut file, OCTET_STRING, content);
        file.extend_from_slice(&self.certificates);
        write_header(&mut file, SET, signer_infos);
        write_header(&mut file, SEQUENCE, signer_info);
        file.extend_from_slice(&self.signer);
        file.push(CONTEXT_0);
        file.extend_from_slice(&signed[1..]);
        file.extend_from_slice(self.signature_algorithm);
        write(&mut file, OCTET_STRING, signature);
        file
    }
}

impl Algorithm {
    fn digest_octets(self) -> usize {
        match self {
            Self::RsaSha256 | Self::P256Sha256 => 32,
            Self::P384Sha384 => 48,
        }
    }

    /// > Implementations MUST generate SHA2 AlgorithmIdentifiers with absent parameters.
    ///
    /// RFC 5754 §2.
    fn digest_algorithm(self) -> &'static [u8] {
        match self {
            Self::RsaSha256 | Self::P256Sha256 => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01",
            Self::P384Sha384 => b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02",
        }
    }

    /// rsaEncryption with NULL, as OpenSSL writes it and RFC 5754 §3.2 demands that it be read; ecdsa-with-SHA256 and
    /// ecdsa-with-SHA384 without parameters (RFC 5754 §3.3).
    fn signature_algorithm(self) -> &'static [u8] {
        match self {
            Self::RsaSha256 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
            Self::P256Sha256 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02",
            Self::P384Sha384 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03",
        }
    }
}

/// contentType (id-data) and messageDigest (RFC 5652 §11.1, §11.2), the digest still zero. No signingTime: the file stays a
/// function of its content and its signer. In DER's order: contentType is the shorter one.
fn attributes(digest_octets: usize) -> Vec<u8> {
    let mut digest = Vec::new();
    write(&mut digest, OCTET_STRING, &vec![0; digest_octets]);
    let mut set = attribute(CONTENT_TYPE, DATA);
    set.extend_from_slice(&attribute(MESSAGE_DIGEST, &digest));
    let mut attributes = Vec::new();
    write(&mut attributes, SET, &set);
    attributes
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    let mut inside = kind.to_vec();
    write(&mut inside, SET, value);
    let mut attribute = Vec::new();
    write(&mut attribute, SEQUENCE, &inside);
    attribute
}

fn write(der: &mut Vec<u8>, tag: u8, value: &[u8]) {
    write_header(der, tag, value.len());
    der.extend_from_slice(value);
}

/// How many octets an element has whose value has this many.
fn with_header(length: usize) -> usize {
    let length_octets = if length < 0x80 { 1 } else { 1 + (usize::BITS - length.leading_zeros()).div_ceil(8) as usize };
    1 + length_octets + length
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTET_STRING: u8 = 0x04;
const CONTEXT_0: u8 = 0xa0;
/// SignedData with nothing but X.509 certificates, id-data and issuerAndSerialNumber, and such a SignerInfo, are version 1
/// (RFC 5652 §5.1, §5.3).
const VERSION_1: &[u8] = b"\x02\x01\x01";
/// id-signedData, 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// id-data, 1.2.840.113549.1.7.1.
const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// id-contentType, 1.2.840.113549.1.9.3.
const CONTENT_TYPE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
/// id-messageDigest, 1.2.840.113549.1.9.4.
const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
