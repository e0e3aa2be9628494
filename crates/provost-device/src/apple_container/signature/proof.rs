//! Is a signature by a key? RSA and ECDSA as profiles and certificates have them. What the library does not compute is not
//! checked, and not called wrong.

use cms::cert::x509::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use der::asn1::ObjectIdentifier;
use ring::digest;
use ring::signature::{self, VerificationAlgorithm};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Matches,
    Differs,
    /// An algorithm, or a length of the key, that is not known here.
    NotChecked,
}

/// A hash function, by its name in a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        HASHES.iter().find(|(oid, _)| *oid == algorithm.oid).map(|(_, hash)| *hash)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    pub(super) fn over(self, content: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, content).as_ref().to_vec()
    }
}

/// Whether a signature over a message is by a key. `hash` is the one that is said beside the algorithm (CMS), if any.
pub(super) fn prove(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Proof {
    let Some(octets) = key.subject_public_key.as_bytes() else { return Proof::NotChecked };
    match verification(key, octets.len(), algorithm, hash) {
        None => Proof::NotChecked,
        Some(way) => match signature::UnparsedPublicKey::new(way, octets).verify(message, signature) {
            Ok(()) => Proof::Matches,
            Err(ring::error::Unspecified) => Proof::Differs,
        },
    }
}

/// How it is verified. Keys that are too short or too long for the library are not its signatures' fault.
fn verification(
    key: &SubjectPublicKeyInfoOwned,
    key_octets: usize,
    algorithm: &AlgorithmIdentifierOwned,
    beside: Option<Hash>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let (kind, hash) = match SIGNATURES.iter().find(|(oid, ..)| *oid == algorithm.oid) {
        Some((_, kind, Some(hash))) => (*kind, *hash),
        Some((_, kind, None)) => (*kind, beside?),
        None => return None,
    };
    if key.algorithm.oid != kind {
        return None;
    }
    let curve = || key.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
    match (kind, hash) {
        (RSA, Hash::Sha1) if RSA_1024_TO_8192.contains(&key_octets) => {
            Some(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        (RSA, Hash::Sha256) if RSA_1024_TO_8192.contains(&key_octets) => {
            Some(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY)
        }
        (RSA, Hash::Sha512) if RSA_1024_TO_8192.contains(&key_octets) => {
            Some(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY)
        }
        (RSA, Hash::Sha384) if RSA_2048_TO_8192.contains(&key_octets) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        (EC, Hash::Sha256) if curve() == Some(P_256) => Some(&signature::ECDSA_P256_SHA256_ASN1),
        (EC, Hash::Sha384) if curve() == Some(P_256) => Some(&signature::ECDSA_P256_SHA384_ASN1),
        (EC, Hash::Sha256) if curve() == Some(P_384) => Some(&signature::ECDSA_P384_SHA256_ASN1),
        (EC, Hash::Sha384) if curve() == Some(P_384) => Some(&signature::ECDSA_P384_SHA384_ASN1),
        (_, _) => None,
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// RFC 5754 §2, RFC 3370 §2.1.
const HASHES: &[(ObjectIdentifier, Hash)] = &[
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.26"), Hash::Sha1),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
];

/// Signature algorithms, the keys that they are of, and their hash, unless it is said beside them (RFC 5754 §3.2: "the
/// rsaEncryption algorithm identifier" is allowed there).
const SIGNATURES: &[(ObjectIdentifier, ObjectIdentifier, Option<Hash>)] = &[
    (RSA, RSA, None),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"), RSA, Some(Hash::Sha1)),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), RSA, Some(Hash::Sha256)),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), RSA, Some(Hash::Sha384)),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), RSA, Some(Hash::Sha512)),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), EC, Some(Hash::Sha256)),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), EC, Some(Hash::Sha384)),
];

/// The lengths of an RSAPublicKey (RFC 8017 §A.1.1), whose public exponent has up to five octets.
const RSA_1024_TO_8192: std::ops::RangeInclusive<usize> = 138..=1044;
const RSA_2048_TO_8192: std::ops::RangeInclusive<usize> = 268..=1044;
