//! Private keys in every container in which they come: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915) and encrypted
//! PKCS#8, as PEM or DER. It signs nothing; whether the key belongs to a certificate is the signer's question.

use std::fmt;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use crate::armour::{self, Block};
use crate::certificate::{CertificateError, found_instead};
use crate::decryption::{self, Closed, Encrypted};
use crate::password::Password;
use crate::refused::{Refused, name};

/// A private key of a kind that can be signed with.
pub struct Key(pub(crate) Private);

pub(crate) enum Private {
    /// RSAPrivateKey, DER.
    Rsa(Zeroizing<Vec<u8>>),
    /// The private number, as long as the curve's.
    Ec(Curve, Zeroizing<Vec<u8>>),
}

/// The curves that are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

/// Why a file gives no key. No variant carries anything of the key or the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file of other things.
    #[error("the file holds no private key{}", found_instead(.found))]
    NoKey {
        /// The labels of what it holds instead.
        found: Vec<String>,
    },
    /// More than one, and nothing says which.
    #[error("the file holds {count} private keys; one is expected")]
    SeveralKeys {
        /// How many.
        count: usize,
    },
    /// The key is encrypted, and there is no password.
    #[error("the key is encrypted, and no password is given")]
    PasswordNeeded,
    /// The password is another one.
    #[error("the password does not open the key")]
    WrongPassword,
    /// A block that begins and does not end, or is not base64.
    #[error("the PEM text is damaged")]
    DamagedPem,
    /// Not what its container says.
    #[error("the {what} is damaged")]
    Damaged {
        /// Which structure.
        what: &'static str,
        /// What is wrong, and at which octet.
        #[source]
        source: der::Error,
    },
    /// A kind that is not signed with.
    #[error("{0}")]
    Refused(Refused),
    /// A certificate of a PKCS#12 file.
    #[error(transparent)]
    Certificate(CertificateError),
}

impl Key {
    /// The one private key of a file, PEM or DER. Certificates beside it are not read. The password is for encrypted keys;
    /// one that is not needed is not looked at.
    ///
    /// # Errors
    ///
    /// See [`KeyError`].
    pub fn read(file: &[u8], password: Option<&Password>) -> Result<Self, KeyError> {
        let Some(blocks) = armour::blocks(file).map_err(|armour::Damaged| KeyError::DamagedPem)? else {
            return Self::from_der(file, password);
        };
        let keys: Vec<&Block> = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY")).collect();
        match keys.as_slice() {
            [] => Err(KeyError::NoKey { found: blocks.into_iter().map(|block| block.label).collect() }),
            [key] => Self::from_block(key, password),
            several => Err(KeyError::SeveralKeys { count: several.len() }),
        }
    }

    fn from_block(block: &Block, password: Option<&Password>) -> Result<Self, KeyError> {
        if block.is_encrypted {
            return Err(KeyError::Refused(Refused::ProcType));
        }
        match block.label.as_str() {
            "PRIVATE KEY" => Self::from_pkcs8(&block.octets),
            "ENCRYPTED PRIVATE KEY" => Self::from_encrypted(&block.octets, password),
            "RSA PRIVATE KEY" => Self::from_pkcs1(block.octets.to_vec()),
            "EC PRIVATE KEY" => Self::from_sec1(&block.octets, None),
            "OPENSSH PRIVATE KEY" => Err(KeyError::Refused(Refused::OpenSsh)),
            label => {
                let name = label.trim_end_matches("PRIVATE KEY").trim_end().to_owned();
                Err(KeyError::Refused(Refused::Algorithm { name }))
            }
        }
    }

    /// The containers differ in the first two elements.
    fn from_der(file: &[u8], password: Option<&Password>) -> Result<Self, KeyError> {
        if let Some(refused) = Refused::of_file(file) {
            return Err(KeyError::Refused(refused));
        }
        let damaged = |source| KeyError::Damaged { what: "private key", source };
        let mut reader = SliceReader::new(file).map_err(damaged)?;
        let (tags, elements) = reader
            .sequence(|inside| {
                let first = Tag::peek(inside)?;
                inside.tlv_bytes()?;
                let second = Tag::peek(inside)?;
                let mut elements = 1;
                while !inside.is_finished() {
                    inside.tlv_bytes()?;
                    elements += 1;
                }
                Ok::<_, der::Error>(((first, second), elements))
            })
            .map_err(damaged)?;
        match tags {
            (Tag::Integer, Tag::Sequence) => Self::from_pkcs8(file),
            (Tag::Integer, Tag::OctetString) => Self::from_sec1(file, None),
            (Tag::Integer, Tag::Integer) if elements == DSA_ELEMENTS => {
                Err(KeyError::Refused(Refused::Algorithm { name: "DSA".to_owned() }))
            }
            (Tag::Integer, Tag::Integer) => Self::from_pkcs1(file.to_vec()),
            (Tag::Sequence, Tag::OctetString) => Self::from_encrypted(file, password),
            _ => Err(KeyError::NoKey { found: Vec::new() }),
        }
    }

    pub(crate) fn from_encrypted(der: &[u8], password: Option<&Password>) -> Result<Self, KeyError> {
        let encrypted =
            Encrypted::from_der(der).map_err(|source| KeyError::Damaged { what: "encrypted private key", source })?;
        let password = password.ok_or(KeyError::PasswordNeeded)?;
        let opened = decryption::open(encrypted.algorithm, encrypted.octets.as_bytes(), password).map_err(
            |closed| match closed {
                Closed::WrongPassword => KeyError::WrongPassword,
                Closed::Unknown(name) => KeyError::Refused(Refused::KeyEncryption { name }),
                Closed::Damaged(source) => KeyError::Damaged { what: "encrypted private key", source },
            },
        )?;
        // One wrong password in 256 leaves what looks like padding; what it opens is no key.
        if PrivateKeyInfoRef::from_der(&opened).is_err() {
            return Err(KeyError::WrongPassword);
        }
        Self::from_pkcs8(&opened)
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let damaged = |source| KeyError::Damaged { what: "PKCS#8 key", source };
        let info = PrivateKeyInfoRef::from_der(der).map_err(damaged)?;
        let key = info.private_key.as_bytes();
        match info.algorithm.oid {
            RSA => Self::from_pkcs1(key.to_vec()),
            EC => Self::from_sec1(key, Some(named(info.algorithm.parameters)?)),
            other => Err(KeyError::Refused(Refused::Algorithm { name: name(&other) })),
        }
    }

    fn from_pkcs1(der: Vec<u8>) -> Result<Self, KeyError> {
        let der = Zeroizing::new(der);
        // A key of many primes is version 1, and no library here reads the rest of it (RFC 8017 appendix A.1.2).
        if matches!(first_number(&der), Ok(1)) {
            return Err(KeyError::Refused(Refused::RsaPrimes));
        }
        let key =
            RsaPrivateKeyRef::from_der(&der).map_err(|source| KeyError::Damaged { what: "PKCS#1 key", source })?;
        let bits = bits(key.modulus.as_bytes());
        if !RSA_BITS.contains(&bits) {
            return Err(KeyError::Refused(Refused::RsaLength { bits }));
        }
        if !(17..=32).contains(&self::bits(key.public_exponent.as_bytes())) {
            return Err(KeyError::Refused(Refused::RsaExponent));
        }
        Ok(Self(Private::Rsa(der)))
    }

    /// The curve stands in the key itself, or in the PKCS#8 around it.
    fn from_sec1(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<Self, KeyError> {
        let key = match EcPrivateKey::from_der(der) {
            Ok(key) => key,
            Err(_) if has_described_curve(der) => return Err(KeyError::Refused(Refused::ExplicitCurve)),
            Err(source) => return Err(KeyError::Damaged { what: "SEC1 key", source }),
        };
        let curve = match curve.or(key.parameters.and_then(EcParameters::named_curve)) {
            Some(P256) => Curve::P256,
            Some(P384) => Curve::P384,
            Some(other) => return Err(KeyError::Refused(Refused::Curve { name: name(&other) })),
            None => return Err(KeyError::Refused(Refused::Curve { name: "of no name".to_owned() })),
        };
        // Some programs write the number without its leading zeros, some with one more.
        let significant = key.private_key.iter().position(|octet| *octet != 0).unwrap_or(key.private_key.len());
        let number = &key.private_key[significant..];
        let Some(zeros) = curve.octets().checked_sub(number.len()) else {
            return Err(KeyError::Damaged { what: "SEC1 key", source: Tag::OctetString.length_error().into() });
        };
        let mut whole = Zeroizing::new(vec![0; zeros]);
        whole.extend_from_slice(number);
        Ok(Self(Private::Ec(curve, whole)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Private::Rsa(_) => "Key(RSA, …)",
            Private::Ec(Curve::P256, _) => "Key(P-256, …)",
            Private::Ec(Curve::P384, _) => "Key(P-384, …)",
        })
    }
}

impl Curve {
    pub(crate) fn octets(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

/// The curve's name in an AlgorithmIdentifier (RFC 5480 §2.1.1).
fn named(parameters: Option<AnyRef<'_>>) -> Result<ObjectIdentifier, KeyError> {
    let damaged = |source| KeyError::Damaged { what: "PKCS#8 key", source };
    let parameters = parameters.ok_or_else(|| damaged(Tag::ObjectIdentifier.value_error().into()))?;
    if parameters.value().is_empty() || parameters.tag() == Tag::Sequence {
        return Err(KeyError::Refused(Refused::ExplicitCurve));
    }
    parameters.decode_as().map_err(damaged)
}

/// Whether a SEC1 key's parameters are a SEQUENCE: a description.
fn has_described_curve(der: &[u8]) -> bool {
    let described = |der| -> der::Result<bool> {
        SliceReader::new(der)?.sequence(|key| {
            key.tlv_bytes()?;
            key.tlv_bytes()?;
            let parameters = key.tlv_bytes()?;
            Ok(parameters.first() == Some(&PARAMETERS)
                && AnyRef::from_der(parameters)?.value().first() == Some(&SEQUENCE))
        })
    };
    described(der).unwrap_or(false)
}

/// The version of a SEQUENCE that begins with one.
fn first_number(der: &[u8]) -> der::Result<u8> {
    SliceReader::new(der)?.sequence(|inside| {
        let number = inside.decode()?;
        inside.drain(inside.remaining_len())?;
        Ok(number)
    })
}

fn bits(number: &[u8]) -> usize {
    let significant = &number[number.iter().take_while(|octet| **octet == 0).count()..];
    significant.len() * 8 - significant.first().map_or(0, |octet| octet.leading_zeros() as usize)
}

/// ring signs with primes of a multiple of 512 bits, and with 4096 bits at most.
const RSA_BITS: [usize; 3] = [2048, 3072, 4096];
/// The version and five numbers, as OpenSSL writes them; RSA has nine.
const DSA_ELEMENTS: usize = 6;
/// `parameters [0]` of ECPrivateKey (RFC 5915 §3).
const PARAMETERS: u8 = 0xa0;
const SEQUENCE: u8 = 0x30;
/// rsaEncryption.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1.
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// secp384r1.
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
