//! From what a device is to have to the requests of its management server (MDM), and from the server's replies to what is
//! known of the device.
//!
//! No I/O, no clock, no randomness: all of them are arguments. Profiles are bytes here.

pub mod commands;
pub mod devices;
pub mod http;
pub mod journal;
pub mod plan;
pub mod refusals;
pub mod target;
mod targets;
pub mod webhook;

use std::fmt;

use sha2::{Digest as _, Sha256};

/// SHA-256 of what is delivered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From 64 hexadecimal digits.
    #[must_use]
    pub fn read(digits: &str) -> Option<Self> {
        let mut octets = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (octet, at) in octets.iter_mut().zip((0..).step_by(2)) {
            *octet = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(Self(octets))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
