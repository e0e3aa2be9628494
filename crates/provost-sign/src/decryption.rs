//! Octets that a password opens: PBES2 (RFC 8018), and the two schemes of PKCS#12 (RFC 7292 appendix C) that files are
//! still written with. It encrypts nothing.

use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit, KeyIvInit};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{ErrorKind, Sequence};
use pkcs8::AlgorithmIdentifierRef;
use ring::digest;
use zeroize::Zeroizing;

use crate::password::Password;
use crate::refused::name;

/// Why octets stay closed.
#[derive(Debug)]
pub(crate) enum Closed {
    /// The password does not open them, or they are damaged: the schemes cannot tell.
    WrongPassword,
    /// An algorithm that is not read, by its name.
    Unknown(String),
    /// The parameters are no DER.
    Damaged(der::Error),
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 §3).
#[derive(Sequence)]
pub(crate) struct Encrypted<'a> {
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) octets: &'a OctetStringRef,
}

/// What the password opens.
pub(crate) fn open(
    algorithm: AlgorithmIdentifierRef<'_>,
    octets: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    match algorithm.oid {
        pkcs5::pbes2::PBES2_OID => pbes2(algorithm, octets, password),
        SHA1_3DES | SHA1_RC2_40 => pkcs12(algorithm, octets, password),
        other => Err(Closed::Unknown(name(&other))),
    }
}

fn pbes2(
    algorithm: AlgorithmIdentifierRef<'_>,
    octets: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let scheme = pkcs5::EncryptionScheme::try_from(algorithm).map_err(|error| match error.kind() {
        ErrorKind::OidUnknown { oid } => Closed::Unknown(name(&oid)),
        _ => Closed::Damaged(error),
    })?;
    match scheme.decrypt(password.octets(), octets) {
        Ok(opened) => Ok(Zeroizing::new(opened)),
        Err(pkcs5::Error::UnsupportedAlgorithm { oid } | pkcs5::Error::AlgorithmParametersInvalid { oid }) => {
            Err(Closed::Unknown(name(&oid)))
        }
        Err(_) => Err(Closed::WrongPassword),
    }
}

/// `pkcs-12PbeParams` (RFC 7292 appendix C).
#[derive(Sequence)]
struct Pkcs12Parameters<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
}

fn pkcs12(
    algorithm: AlgorithmIdentifierRef<'_>,
    octets: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, Closed> {
    let parameters = algorithm.parameters.ok_or(Closed::Damaged(ErrorKind::Failed.into()))?;
    let parameters: Pkcs12Parameters<'_> = parameters.decode_as().map_err(Closed::Damaged)?;
    let (salt, iterations) = (parameters.salt.as_bytes(), parameters.iterations);
    let password = password.bmp_octets();
    let derived =
        |purpose, octets| derive(&digest::SHA1_FOR_LEGACY_USE_ONLY, purpose, &password, salt, iterations, octets);
    let iv = derived(Purpose::Iv, 8);
    let opened = if algorithm.oid == SHA1_3DES {
        Decryptor::<des::TdesEde3>::new_from_slices(&derived(Purpose::Key, 24), &iv)
            .expect("both have the cipher's lengths")
            .decrypt_padded_vec::<Pkcs7>(octets)
    } else {
        let cipher = rc2::Rc2::new_with_eff_key_len(&derived(Purpose::Key, 5), 40);
        Decryptor::inner_iv_slice_init(cipher, &iv)
            .expect("the initial vector has the cipher's length")
            .decrypt_padded_vec::<Pkcs7>(octets)
    };
    opened.map(Zeroizing::new).map_err(|_padding_is_wrong| Closed::WrongPassword)
}

/// What derived octets are for: the ID of RFC 7292 appendix B.3.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// The key derivation of PKCS#12 (RFC 7292 appendix B.2, whose letters these are). `password` is as B.1 wants it.
pub(crate) fn derive(
    hash: &'static digest::Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    octets: usize,
) -> Zeroizing<Vec<u8>> {
    let v = hash.block_len();
    let filled = |from: &[u8]| -> Vec<u8> { from.iter().copied().cycle().take(from.len().div_ceil(v) * v).collect() };
    let d = vec![purpose as u8; v];
    let mut i = Zeroizing::new([filled(salt), filled(password)].concat());
    let mut derived = Zeroizing::new(Vec::with_capacity(octets + hash.output_len()));
    loop {
        let mut a = digest::digest(hash, &[d.as_slice(), &i].concat());
        for _ in 1..iterations {
            a = digest::digest(hash, a.as_ref());
        }
        derived.extend_from_slice(a.as_ref());
        if derived.len() >= octets {
            derived.truncate(octets);
            return derived;
        }
        let b: Vec<u8> = a.as_ref().iter().copied().cycle().take(v).collect();
        for block in i.chunks_exact_mut(v) {
            let mut carry = 1;
            for (octet, more) in block.iter_mut().zip(&b).rev() {
                let sum = u16::from(*octet) + u16::from(*more) + carry;
                let [high, low] = sum.to_be_bytes();
                *octet = low;
                carry = u16::from(high);
            }
        }
    }
}

/// pbeWithSHAAnd3-KeyTripleDES-CBC: keys of `openssl pkcs12 -legacy`, and of macOS.
const SHA1_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
/// pbeWithSHAAnd40BitRC2-CBC: certificates of the same.
const SHA1_RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
