//! What this crate does not sign with though it knows what it is, and the command that makes something of it that can be
//! used. It runs nothing.

use der::asn1::ObjectIdentifier;

/// A key or a container of a kind that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Ed25519, DSA, RSA-PSS and others.
    #[error("a key for {name}; signed with are RSA of 2048, 3072 or 4096 bits, P-256 and P-384")]
    Algorithm {
        /// Its registered name, or its object identifier.
        name: String,
    },
    /// An RSA key of another length.
    #[error("an RSA key of {bits} bits; signed with are 2048, 3072 and 4096")]
    RsaLength {
        /// Of the modulus.
        bits: usize,
    },
    /// An RSA key whose public exponent is not in common use: less than 65537, or more than 32 bits.
    #[error("an RSA key with an unusual public exponent; 65537 is usual")]
    RsaExponent,
    /// An RSA key of more than two primes (RFC 8017 §3.2).
    #[error("an RSA key of more than two primes")]
    RsaPrimes,
    /// An elliptic curve other than P-256 and P-384.
    #[error("a key on the curve {name}; signed with are P-256 and P-384")]
    Curve {
        /// Its registered name, or its object identifier.
        name: String,
    },
    /// A curve that is described instead of named.
    #[error("a key whose curve is described by its parameters instead of named")]
    ExplicitCurve,
    /// `Proc-Type: 4,ENCRYPTED`: the key is guarded by one round of MD5.
    #[error("a key encrypted as OpenSSL did before PKCS#8 (Proc-Type: 4,ENCRYPTED)")]
    ProcType,
    /// A PKCS#8 key encrypted by something that is not read.
    #[error("a key encrypted with {name}")]
    KeyEncryption {
        /// Its registered name, or its object identifier.
        name: String,
    },
    /// The same inside of PKCS#12.
    #[error("a PKCS#12 file encrypted with {name}")]
    Pkcs12Encryption {
        /// Its registered name, or its object identifier.
        name: String,
    },
    /// A PKCS#12 file whose integrity is guarded by something that is not read.
    #[error("a PKCS#12 file authenticated with {name}")]
    Pkcs12Mac {
        /// Its registered name, or its object identifier.
        name: String,
    },
    /// A PKCS#12 file in place of a key or a certificate.
    #[error("a PKCS#12 file, which holds a key and certificates")]
    Pkcs12,
    /// A PKCS#7 bundle of certificates.
    #[error("a PKCS#7 bundle of certificates")]
    Pkcs7,
    /// Java's own key store: JKS or JCEKS.
    #[error("a Java key store in a format older than PKCS#12")]
    JavaKeystore,
    /// OpenSSH's own private key.
    #[error("a private key in OpenSSH's own format")]
    OpenSsh,
}

impl Refused {
    /// The command that makes a usable file of it. `FILE` is the file at hand, `NEW` what is written; the program asks for
    /// passwords. Where a key cannot be used at all, the command makes a new key and asks for a certificate for it.
    #[must_use]
    pub fn conversion(&self) -> &'static str {
        match self {
            Self::Algorithm { .. }
            | Self::RsaLength { .. }
            | Self::RsaExponent
            | Self::RsaPrimes
            | Self::Curve { .. } => {
                "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=NAME -keyout NEW.key -out NEW.csr"
            }
            Self::ExplicitCurve => "openssl pkey -in FILE -ec_param_enc named_curve -out NEW",
            Self::ProcType => "openssl pkey -in FILE -aes256 -out NEW",
            Self::KeyEncryption { .. } => "openssl pkey -provider legacy -provider default -in FILE -aes256 -out NEW",
            Self::Pkcs12Encryption { .. } => "openssl pkcs12 -legacy -in FILE -out NEW",
            Self::Pkcs12Mac { .. } | Self::Pkcs12 => "openssl pkcs12 -in FILE -out NEW",
            Self::Pkcs7 => "openssl pkcs7 -in FILE -print_certs -out NEW",
            Self::JavaKeystore => "keytool -importkeystore -srckeystore FILE -destkeystore NEW -deststoretype pkcs12",
            Self::OpenSsh => "ssh-keygen -p -m PKCS8 -f FILE",
        }
    }

    /// What a file in DER, or in a form of its own, is, if it is neither a key nor a certificate.
    pub(crate) fn of_file(file: &[u8]) -> Option<Self> {
        // Where the first element stands: after the outermost tag and length.
        let inside = match *file {
            [SEQUENCE, ..=0x80, ..] => &file[2..],
            [SEQUENCE, length, ..] => file.get(2 + usize::from(length & 0x7f)..).unwrap_or(&[]),
            _ => &[],
        };
        if JAVA_KEYSTORES.iter().any(|magic| file.starts_with(magic)) {
            Some(Self::JavaKeystore)
        } else if inside.starts_with(PFX_VERSION) {
            Some(Self::Pkcs12)
        } else if inside.starts_with(SIGNED_DATA) {
            Some(Self::Pkcs7)
        } else {
            None
        }
    }
}

/// The registered name of an algorithm or a curve, or the numbers.
pub(crate) fn name(oid: &ObjectIdentifier) -> String {
    let named = NAMES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name);
    named.or_else(|| der::oid::db::DB.by_oid(oid)).map_or_else(|| oid.to_string(), str::to_owned)
}

/// What `const-oid` does not know and OpenSSL makes, under OpenSSL's names; PBMAC1 is RFC 9579's.
const NAMES: &[(ObjectIdentifier, &str)] = &[
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "secp256k1"),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.2"), "camellia-128-cbc"),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.3"), "camellia-192-cbc"),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.4"), "camellia-256-cbc"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14"), "PBMAC1"),
];
const SEQUENCE: u8 = 0x30;
/// JKS and JCEKS (`sun.security.provider.JavaKeyStore`, `com.sun.crypto.provider.JceKeyStore` of OpenJDK).
const JAVA_KEYSTORES: [&[u8]; 2] = [b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"];
/// `version INTEGER {v3(3)}`, and then a SEQUENCE (RFC 7292 §4).
const PFX_VERSION: &[u8] = b"\x02\x01\x03\x30";
/// id-signedData, 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
