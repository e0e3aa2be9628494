//! The password of a key file. It is never shown, and its memory is overwritten when it is dropped.

use std::fmt;

use zeroize::Zeroizing;

/// What opens an encrypted key.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text as the person wrote it.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// As PKCS#5 and OpenSSL take it: the octets of UTF-8.
    pub(crate) fn octets(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// As PKCS#12 takes it: UTF-16, big-endian, and two octets of zero at the end.
    ///
    /// > the string is converted to a `BMPString`, and two bytes of NULL are appended
    ///
    /// RFC 7292, appendix B.1. Characters outside of the BMP are written as surrogates (observed: OpenSSL 3.0).
    pub(crate) fn bmp_octets(&self) -> Zeroizing<Vec<u8>> {
        let units = self.0.encode_utf16().chain([0]);
        Zeroizing::new(units.flat_map(u16::to_be_bytes).collect())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
