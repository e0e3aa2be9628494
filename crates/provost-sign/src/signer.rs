//! A key with its certificate and chain, ready to sign any number of files. It judges neither dates nor trust: see
//! [`Signer::judge`](crate::Signer::judge).

use std::fmt;
use std::ops::RangeInclusive;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING,
    EcdsaKeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
    VerificationAlgorithm,
};
use ring::{digest, error};

use crate::certificate::Certificate;
use crate::key::{Curve, Key, Private};
use crate::pattern::{Algorithm, Pattern};

/// Signs files. It can be shared by threads.
pub struct Signer {
    pair: Pair,
    pattern: Pattern,
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    root: Option<Certificate>,
    unrelated: Vec<Certificate>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

/// Why a key and certificates make no signer. No variant carries anything of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// None of the certificates has the key's public key.
    #[error("the key belongs to none of the certificates: {}", .subjects.join("; "))]
    OtherKey {
        /// Whose the certificates are.
        subjects: Vec<String>,
    },
    /// Several certificates have it, and nothing says which is meant.
    #[error("the key belongs to {} certificates: {}", .subjects.len(), .subjects.join("; "))]
    SeveralCertificates {
        /// Whose the certificates are.
        subjects: Vec<String>,
    },
    /// A certificate's public key is written as a compressed point (RFC 5480 §2.2), which ring does not read; no other
    /// certificate has the key's.
    #[error("whether the key belongs to the certificate of {subject} cannot be told: its public key is compressed")]
    CompressedPoint {
        /// Whose the certificate is.
        subject: String,
    },
    /// ring does not take the key.
    #[error("the key is unusable: {reason}")]
    Unusable {
        /// ring's word for it.
        reason: String,
    },
}

/// The operating system gave no randomness, or the key's numbers do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key makes no signature")]
pub struct SigningFailed;

impl Signer {
    /// `certificates` are the key's own and its chain, in any order, and may hold others: see [`Self::unrelated`].
    ///
    /// # Errors
    ///
    /// See [`SignerError`].
    pub fn new(key: &Key, certificates: Vec<Certificate>) -> Result<Self, SignerError> {
        let (mut own, mut others, mut rejected) = (Vec::new(), Vec::new(), None);
        for certificate in certificates {
            // A certificate that ring cannot read is at worst the key's own, and then the reason is told.
            let pair = pair(key, &certificate).unwrap_or_else(|error| {
                rejected.get_or_insert(error);
                None
            });
            match pair {
                Some(_) if own.iter().any(|(_, it)| *it == certificate) => {}
                Some(pair) => own.push((pair, certificate)),
                None if others.contains(&certificate) => {}
                None => others.push(certificate),
            }
        }
        let subjects = |them: &mut dyn Iterator<Item = &Certificate>| them.map(Certificate::subject).collect();
        let (pair, leaf) = match (own.pop(), own.is_empty()) {
            (Some(one), true) => one,
            (None, _) => {
                let other_key = SignerError::OtherKey { subjects: subjects(&mut others.iter()) };
                return Err(rejected.unwrap_or(other_key));
            }
            (Some((_, last)), false) => {
                let mut several = own.iter().map(|(_, it)| it).chain([&last]);
                return Err(SignerError::SeveralCertificates { subjects: subjects(&mut several) });
            }
        };
        let Chain { intermediates, root, unrelated } = Chain::of(&leaf, others);
        let pattern = Pattern::new(pair.algorithm(), &leaf, &intermediates);
        let signer = Self { pair, pattern, leaf, intermediates, root, unrelated };
        // ring finds out only then whether an RSA key's numbers fit together.
        signer
            .sign(&[])
            .map_err(|SigningFailed| SignerError::Unusable { reason: "it makes no signature".to_owned() })?;
        Ok(signer)
    }

    /// The whole signed file around this content.
    ///
    /// # Errors
    ///
    /// See [`SigningFailed`].
    pub fn sign(&self, content: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.sign_in(content, Vec::new())
    }

    /// The same, in memory that an earlier file had.
    ///
    /// # Errors
    ///
    /// See [`SigningFailed`].
    pub fn sign_in(&self, content: &[u8], memory: Vec<u8>) -> Result<Vec<u8>, SigningFailed> {
        let signed = self.to_be_signed(content);
        // It says no more.
        let failed = |_: error::Unspecified| SigningFailed;
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = [0; RSA_OCTETS_MAX];
                let signature = &mut signature[..pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &signed, signature).map_err(failed)?;
                Ok(self.pattern.file(content, &signed, signature, memory))
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                let signature = pair.sign(&SystemRandom::new(), &signed).map_err(failed)?;
                Ok(self.pattern.file(content, &signed, signature.as_ref(), memory))
            }
        }
    }

    /// Whether `file` is what [`Self::sign`] makes of this content. ECDSA signatures are random: any that verifies is as good.
    #[must_use]
    pub fn has_signed(&self, content: &[u8], file: &[u8]) -> bool {
        let signed = self.to_be_signed(content);
        // The signature comes last, and how long it is decides the lengths before it.
        self.pair.signature_octets().filter_map(|octets| file.split_at_checked(file.len().checked_sub(octets)?)).any(
            |(_, signature)| {
                self.pattern.file(content, &signed, signature, Vec::new()) == file
                    && self.pair.is_verified(&signed, signature)
            },
        )
    }

    fn to_be_signed(&self, content: &[u8]) -> Vec<u8> {
        self.pattern.to_be_signed(digest::digest(self.pair.hash(), content).as_ref())
    }

    /// The certificate of the key.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.leaf
    }

    /// What goes into the files beside it: the authorities above it, the nearest first, without the root.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The root that came with them. It goes into no file: who trusts it has it.
    #[must_use]
    pub fn root(&self) -> Option<&Certificate> {
        self.root.as_ref()
    }

    /// Certificates that are not above the key's own. They go into no file.
    #[must_use]
    pub fn unrelated(&self) -> &[Certificate] {
        &self.unrelated
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.leaf.subject())
    }
}

impl Pair {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::RsaSha256,
            Self::P256(_) => Algorithm::P256Sha256,
            Self::P384(_) => Algorithm::P384Sha384,
        }
    }

    /// How many octets a signature may have: of ECDSA, two INTEGERs of the curve's length in a SEQUENCE, fewer at times.
    fn signature_octets(&self) -> RangeInclusive<usize> {
        match self {
            Self::Rsa(pair) => pair.public().modulus_len()..=pair.public().modulus_len(),
            Self::P256(_) => ECDSA_OCTETS_MIN..=72,
            Self::P384(_) => ECDSA_OCTETS_MIN..=104,
        }
    }

    fn is_verified(&self, signed: &[u8], signature: &[u8]) -> bool {
        let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match self {
            Self::Rsa(pair) => (&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()),
            Self::P256(pair) => (&ECDSA_P256_SHA256_ASN1, pair.public_key().as_ref()),
            Self::P384(pair) => (&ECDSA_P384_SHA384_ASN1, pair.public_key().as_ref()),
        };
        UnparsedPublicKey::new(algorithm, key).verify(signed, signature).is_ok()
    }

    fn hash(&self) -> &'static digest::Algorithm {
        match self {
            Self::Rsa(_) | Self::P256(_) => &digest::SHA256,
            Self::P384(_) => &digest::SHA384,
        }
    }
}

/// The key with the certificate's public key, if they belong together. ring compares an elliptic key with the public one
/// that it is given, and takes no such key without one: the certificate's serves for both.
fn pair(key: &Key, certificate: &Certificate) -> Result<Option<Pair>, SignerError> {
    let Some((algorithm, public)) = certificate.public_key() else { return Ok(None) };
    let unusable = |rejected: error::KeyRejected| SignerError::Unusable { reason: rejected.to_string() };
    match &key.0 {
        Private::Rsa(pkcs1) => {
            let pair = RsaKeyPair::from_der(pkcs1).map_err(unusable)?;
            let same = algorithm == RSA_ENCRYPTION && pair.public_key().as_ref() == public;
            Ok(same.then(|| Pair::Rsa(Box::new(pair))))
        }
        Private::Ec(curve, number) => {
            let (expected, signing) = match curve {
                Curve::P256 => (EC_P256, &ECDSA_P256_SHA256_ASN1_SIGNING),
                Curve::P384 => (EC_P384, &ECDSA_P384_SHA384_ASN1_SIGNING),
            };
            if algorithm != expected {
                return Ok(None);
            }
            if public.first() != Some(&UNCOMPRESSED) {
                return Err(SignerError::CompressedPoint { subject: certificate.subject() });
            }
            match EcdsaKeyPair::from_private_key_and_public_key(signing, number, public, &SystemRandom::new()) {
                Ok(pair) => Ok(Some(match curve {
                    Curve::P256 => Pair::P256(pair),
                    Curve::P384 => Pair::P384(pair),
                })),
                Err(rejected) if rejected.to_string() == OTHER_PUBLIC_KEY => Ok(None),
                Err(rejected) => Err(unusable(rejected)),
            }
        }
    }
}

/// What came with a certificate, sorted by whether it stands above it.
struct Chain {
    intermediates: Vec<Certificate>,
    root: Option<Certificate>,
    unrelated: Vec<Certificate>,
}

impl Chain {
    /// Goes up by names and signatures. An authority may have several certificates, by several others: all belong to it.
    fn of(leaf: &Certificate, mut others: Vec<Certificate>) -> Self {
        let mut intermediates: Vec<Certificate> = Vec::new();
        let mut root = None;
        let mut below = vec![leaf.clone()];
        while let Some(certificate) = below.pop() {
            let (above, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| certificate.is_issued_by(other));
            others = rest;
            for issuer in above {
                if issuer.is_self_issued() {
                    root = Some(issuer);
                } else {
                    below.insert(0, issuer.clone());
                    intermediates.push(issuer);
                }
            }
        }
        Self { intermediates, root, unrelated: others }
    }
}

/// 4096 bits.
const RSA_OCTETS_MAX: usize = 512;
/// Two INTEGERs of one octet in a SEQUENCE.
const ECDSA_OCTETS_MIN: usize = 8;
/// How a point begins that has both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 0x04;
/// ring's word for a private key and a public one that do not belong together: `KeyRejected` has no variants.
const OTHER_PUBLIC_KEY: &str = "InconsistentComponents";
/// rsaEncryption with NULL.
const RSA_ENCRYPTION: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// id-ecPublicKey with secp256r1, and with secp384r1.
const EC_P256: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const EC_P384: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
