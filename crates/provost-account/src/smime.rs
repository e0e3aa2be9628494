//! The identity with which a person signs and reads encrypted mail (S/MIME, RFC 8551). Its key stays locked: the file's
//! password is never needed here.

use thiserror::Error;

use crate::LoginTemplate;

/// An organization's rules for S/MIME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmimeRules {
    /// Where a person's identity is: a file name with the placeholders of login names.
    pub identities: LoginTemplate,
    /// Whether mail is signed.
    pub sign: bool,
    /// Whether mail is encrypted.
    pub encryption: Encryption,
}

/// A person's identity, and its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smime {
    /// The identity.
    pub identity: Identity,
    /// Whether mail is signed.
    pub sign: bool,
    /// Whether mail is encrypted.
    pub encryption: Encryption,
}

/// Whether mail is encrypted. Encrypted mail can be read in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Never.
    Never,
    /// If the person turns it on for a message.
    Offered,
    /// Unless the person turns it off for a message.
    ByDefault,
}

impl Encryption {
    /// The name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Offered => "offered",
            Self::ByDefault => "by-default",
        }
    }
}

/// A certificate with its private key, locked by a password: PKCS #12 (RFC 7292).
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Vec<u8>);

impl Identity {
    /// The file.
    #[must_use]
    pub fn pkcs12(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for Identity {
    type Error = IdentityError;

    /// Only the beginning is looked at: the rest is locked.
    ///
    /// ```abnf
    /// ; RFC 7292 §4
    /// ; PFX ::= SEQUENCE { version INTEGER {v3(3)}(v3,...), authSafe ContentInfo, … }
    /// ```
    fn try_from(bytes: Vec<u8>) -> Result<Self, IdentityError> {
        let (header, announced) = match *bytes.as_slice() {
            [0x30, 0x80, ..] => (2, bytes.len()),
            [0x30, 0x81, length, ..] => (3, usize::from(length) + 3),
            [0x30, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low])) + 4),
            [0x30, 0x83, high, middle, low, ..] => {
                (5, (usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low)) + 5)
            }
            _ => return Err(IdentityError::NoPkcs12),
        };
        if bytes.get(header..header + VERSION_3.len()) != Some(VERSION_3) {
            return Err(IdentityError::NoPkcs12);
        }
        match announced == bytes.len() {
            true => Ok(Self(bytes)),
            false => Err(IdentityError::Length { announced, found: bytes.len() }),
        }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({} octets)", self.0.len())
    }
}

/// Why bytes are no identity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Something else: PEM text, a certificate alone.
    #[error("not a PKCS #12 file (RFC 7292)")]
    NoPkcs12,
    /// Cut short, or with something after it.
    #[error("the PKCS #12 file announces {announced} bytes, but has {found}")]
    Length {
        /// What the outermost length says, header included.
        announced: usize,
        /// What is there.
        found: usize,
    },
}

/// The version as it stands in the file.
const VERSION_3: &[u8] = &[0x02, 0x01, 0x03];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_and_pem_text_are_no_identity() {
        for bytes in [&b"-----BEGIN PRIVATE KEY-----"[..], &[0x30, 0x82, 0, 4, 0x30, 0x82, 0, 0], &[0x30, 0x82, 0], &[]]
        {
            let error = Identity::try_from(bytes.to_vec()).expect_err("a refusal");
            assert_eq!(error.to_string(), "not a PKCS #12 file (RFC 7292)");
        }
    }

    #[test]
    fn an_identity_cut_short_is_refused_and_never_shown() {
        let whole = vec![0x30, 0x82, 0, 5, 2, 1, 3, 0x30, 0];
        let identity = Identity::try_from(whole.clone()).expect("an identity");
        assert_eq!(format!("{identity:?}"), "Identity(9 octets)");
        let error = Identity::try_from(whole[..8].to_vec()).expect_err("a refusal");
        assert_eq!(error.to_string(), "the PKCS #12 file announces 9 bytes, but has 8");
    }
}
