//! PKCS#12 (RFC 7292) with a password: the one key and all certificates, as OpenSSL 3, its `-legacy`, Java's keytool and
//! Windows write them. Bags of other kinds are passed over; which certificate is whose is left to the signer.
//!
//! `p12-keystore` 0.4 reads the same files, but needs a pre-release of `cms` that nothing else here can use.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence, Tag, TagNumber, Tagged};
use pkcs8::AlgorithmIdentifierRef;
use ring::{digest, hmac};
use zeroize::Zeroizing;

use crate::ber;
use crate::certificate::Certificate;
use crate::decryption::{self, Closed, Purpose};
use crate::key::{Key, KeyError};
use crate::password::Password;
use crate::refused::{Refused, name};

/// What a PKCS#12 file holds.
#[derive(Debug)]
pub struct Pkcs12 {
    /// Its private key.
    pub key: Key,
    /// All its certificates, in the file's order.
    pub certificates: Vec<Certificate>,
}

impl Pkcs12 {
    /// Reads the file. Without a password, one that was made without is read too.
    ///
    /// # Errors
    ///
    /// See [`KeyError`].
    pub fn read(file: &[u8], password: Option<&Password>) -> Result<Self, KeyError> {
        match Refused::of_file(file) {
            Some(Refused::Pkcs12) => {}
            Some(other) => return Err(KeyError::Refused(other)),
            None => return Err(damaged(Tag::Sequence.value_error().into())),
        }
        let none = Password::new(String::new());
        let read = Self::read_with(file, password.unwrap_or(&none));
        match (read, password) {
            (Err(KeyError::WrongPassword), None) => Err(KeyError::PasswordNeeded),
            (read, _) => read,
        }
    }

    fn read_with(file: &[u8], password: &Password) -> Result<Self, KeyError> {
        let not_der = || damaged(Tag::Sequence.length_error().into());
        let der = ber::to_der(file).ok_or_else(not_der)?;
        let pfx = Pfx::from_der(&der).map_err(damaged)?;
        let safe = pfx.safe.octets()?;
        if let Some(mac) = &pfx.mac {
            mac.verify(safe, password)?;
        }
        let safe = ber::to_der(safe).ok_or_else(not_der)?;
        let mut found = Found { keys: Vec::new(), certificates: Vec::new() };
        for content in Vec::<Content<'_>>::from_der(&safe).map_err(damaged)? {
            match content.kind {
                DATA => found.bags(content.octets()?, password)?,
                ENCRYPTED_DATA => found.bags(&content.opened(password)?, password)?,
                // Encrypted for a certificate's owner (RFC 7292 §3.1): no password opens it.
                other => return Err(KeyError::Refused(Refused::Pkcs12Encryption { name: name(&other) })),
            }
        }
        let count = found.keys.len();
        match (found.keys.pop(), count) {
            (None, _) => {
                Err(KeyError::NoKey { found: vec!["CERTIFICATE".to_owned(); found.certificates.len().min(1)] })
            }
            (Some(key), 1) => Ok(Self { key, certificates: found.certificates }),
            (Some(_), count) => Err(KeyError::SeveralKeys { count }),
        }
    }
}

struct Found {
    keys: Vec<Key>,
    certificates: Vec<Certificate>,
}

impl Found {
    fn bags(&mut self, contents: &[u8], password: &Password) -> Result<(), KeyError> {
        let der = ber::to_der(contents).ok_or_else(|| damaged(Tag::Sequence.length_error().into()))?;
        for bag in Vec::<Bag<'_>>::from_der(&der).map_err(damaged)? {
            let value = Zeroizing::new(bag.value.to_der().map_err(damaged)?);
            match bag.kind {
                KEY_BAG => self.keys.push(Key::from_pkcs8(&value)?),
                SHROUDED_KEY_BAG => {
                    let key = Key::from_encrypted(&value, Some(password)).map_err(|error| match error {
                        KeyError::Refused(Refused::KeyEncryption { name }) => {
                            KeyError::Refused(Refused::Pkcs12Encryption { name })
                        }
                        other => other,
                    })?;
                    self.keys.push(key);
                }
                CERTIFICATE_BAG => {
                    let bag = CertificateBag::from_der(&value).map_err(damaged)?;
                    if bag.kind == X509 {
                        let number = self.certificates.len() + 1;
                        let certificate = Certificate::from_der(bag.value.as_bytes().to_vec(), number);
                        self.certificates.push(certificate.map_err(KeyError::Certificate)?);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// `PFX`.
#[derive(Sequence)]
struct Pfx<'a> {
    version: u8,
    safe: Content<'a>,
    #[asn1(optional = "true")]
    mac: Option<Mac<'a>>,
}

/// `ContentInfo` (RFC 5652 §3).
#[derive(Sequence)]
struct Content<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: AnyRef<'a>,
}

impl<'a> Content<'a> {
    fn octets(&self) -> Result<&'a [u8], KeyError> {
        if self.kind != DATA {
            return Err(KeyError::Refused(Refused::Pkcs12Mac { name: name(&self.kind) }));
        }
        Ok(self.value.decode_as::<&OctetStringRef>().map_err(damaged)?.as_bytes())
    }

    fn opened(&self, password: &Password) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let encrypted: EncryptedData<'_> = self.value.decode_as().map_err(damaged)?;
        let EncryptedContent { algorithm, octets, .. } = encrypted.content;
        let whole = match octets.tag() {
            Tag::ContextSpecific { constructed: false, number: TagNumber(0) } => {
                Zeroizing::new(octets.value().to_vec())
            }
            tag @ Tag::ContextSpecific { constructed: true, number: TagNumber(0) } => {
                ber::joined(octets.value()).ok_or_else(|| damaged(tag.value_error().into()))?
            }
            tag => return Err(damaged(tag.value_error().into())),
        };
        decryption::open(algorithm, &whole, password).map_err(|closed| match closed {
            Closed::WrongPassword => KeyError::WrongPassword,
            Closed::Unknown(name) => KeyError::Refused(Refused::Pkcs12Encryption { name }),
            Closed::Damaged(source) => damaged(source),
        })
    }
}

/// `EncryptedData` (RFC 5652 §8), as far as PKCS#12 uses it.
#[derive(Sequence)]
struct EncryptedData<'a> {
    version: u8,
    content: EncryptedContent<'a>,
}

/// `EncryptedContentInfo` (RFC 5652 §6.1). `octets` is `[0] IMPLICIT OCTET STRING`, whole or in pieces.
#[derive(Sequence)]
struct EncryptedContent<'a> {
    kind: ObjectIdentifier,
    algorithm: AlgorithmIdentifierRef<'a>,
    octets: AnyRef<'a>,
}

/// `MacData`.
#[derive(Sequence)]
struct Mac<'a> {
    value: MacValue<'a>,
    salt: &'a OctetStringRef,
    #[asn1(default = "once")]
    iterations: u32,
}

/// `DigestInfo`.
#[derive(Sequence)]
struct MacValue<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    octets: &'a OctetStringRef,
}

impl Mac<'_> {
    /// The MAC guards against another password and against damage, and cannot tell which it met.
    fn verify(&self, safe: &[u8], password: &Password) -> Result<(), KeyError> {
        let (hash, algorithm) = match self.value.algorithm.oid {
            SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            SHA256 => (&digest::SHA256, hmac::HMAC_SHA256),
            SHA384 => (&digest::SHA384, hmac::HMAC_SHA384),
            SHA512 => (&digest::SHA512, hmac::HMAC_SHA512),
            other => return Err(KeyError::Refused(Refused::Pkcs12Mac { name: name(&other) })),
        };
        let (salt, octets) = (self.salt.as_bytes(), hash.output_len());
        let key = decryption::derive(hash, Purpose::Mac, &password.bmp_octets(), salt, self.iterations, octets);
        hmac::verify(&hmac::Key::new(algorithm, &key), safe, self.value.octets.as_bytes())
            .map_err(|_they_differ| KeyError::WrongPassword)
    }
}

/// `SafeBag`.
#[derive(Sequence)]
struct Bag<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: AnyRef<'a>,
    #[asn1(optional = "true")]
    attributes: Option<AnyRef<'a>>,
}

/// `CertBag`.
#[derive(Sequence)]
struct CertificateBag<'a> {
    kind: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: &'a OctetStringRef,
}

fn once() -> u32 {
    1
}

fn damaged(source: der::Error) -> KeyError {
    KeyError::Damaged { what: "PKCS#12 file", source }
}

/// id-data and id-encryptedData (RFC 5652 §4, §8).
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
/// keyBag, pkcs8ShroudedKeyBag and certBag (RFC 7292 §4.2).
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
/// x509Certificate (RFC 7292 §4.2.3).
const X509: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
