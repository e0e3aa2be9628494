//! Keys and certificates in, signed files out: CMS SignedData (RFC 5652) as Apple's devices read it around a profile.
//!
//! No I/O, no clock, and no randomness but what ECDSA needs. It reads no signature but to
//! recognize its own: `provost-device` does, and neither can borrow the other's assumptions.

mod armour;
mod ber;
mod certificate;
mod decryption;
mod judge;
mod key;
mod password;
mod pattern;
mod pkcs12;
mod refused;
mod signer;

pub use certificate::{Certificate, CertificateError};
pub use judge::{Judgement, Refusal, Roots, SelfSigned};
pub use key::{Key, KeyError};
pub use password::Password;
pub use pkcs12::Pkcs12;
pub use refused::Refused;
pub use signer::{Signer, SignerError, SigningFailed};
