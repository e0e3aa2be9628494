//! From settings and a user list to files for every person, in a folder or an archive, with their manifest.
//!
//! It prints nothing, and knows neither the environment nor the command line.

pub mod manifest;
mod names;
mod whole;

pub use names::{Holders, Stems};
pub use whole::{Written, write_whole};

use sha2::{Digest, Sha256};

/// The service that the profiles were made for, without secrets.
pub const SERVICE_FILE: &str = "service.json";
/// One JSON line per file.
pub const MANIFEST_FILE: &str = "manifest.jsonl";

/// SHA-256, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
