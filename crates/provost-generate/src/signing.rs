//! A signer that may be used, and what the manifest says of what it signs. Whether it may be used was judged before.

use provost_account::ProfileDate;
use provost_sign::{Signer, SigningFailed};

use crate::manifest::Signature;
use crate::sha256;

/// A signer that may be used now.
#[derive(Debug)]
pub struct Signing {
    signer: Signer,
    signature: Signature,
    /// The day on which it ends, as the manifest says it.
    until: String,
}

impl Signing {
    /// The signer, and the last day on which what it signs is valid.
    #[must_use]
    pub fn new(signer: Signer, signed_until: ProfileDate) -> Self {
        let signature = Signature { signer: sha256(signer.certificate().der()), signed_until };
        Self { signer, until: signature.signed_until.to_string(), signature }
    }

    /// The signed file around this content, in memory that an earlier one had.
    ///
    /// # Errors
    ///
    /// The key does not sign.
    pub fn around(&self, content: &[u8], memory: Vec<u8>) -> Result<Vec<u8>, SigningFailed> {
        self.signer.sign_in(content, memory)
    }

    /// Whether a file is this content with this signer's signature.
    #[must_use]
    pub fn has_signed(&self, content: &[u8], file: &[u8]) -> bool {
        self.signer.has_signed(content, file)
    }

    /// What the manifest says of a file that it signed.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The last day on which a signature is valid, as the manifest says it.
    pub(crate) fn until(&self) -> &str {
        &self.until
    }

    /// Every certificate that a signed file carries.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.signer.certificate()).chain(self.signer.intermediates()).map(|it| it.der())
    }
}
