//! From settings and a user list to files for every person, in a folder or an archive, with their manifest.
//!
//! It prints nothing, and knows neither the environment nor the command line.

mod batch;
mod error;
mod kind;
mod ledger;
mod maker;
pub mod manifest;
mod names;
mod ordered;
mod person;
mod population;
mod run;
mod signing;
mod sink;
mod strangers;
mod tally;
mod whole;
mod work;

pub use error::RunError;
pub use kind::{Kind, is_a_profiles_name, is_of_a_signed_format, is_signed, with_variant};
pub use maker::ReadNamed;
pub use names::{Holders, Stems};
pub use person::{OfPerson, PersonFile};
pub use population::{Population, Source};
pub use run::{
    Clashes, Ended, Event, Fate, Job, MoreLosses, Over, Report, Watch, check_folder, write_archive, write_folder,
    write_pipe,
};
pub use signing::Signing;
pub use sink::{ArchiveFormat, Target};
pub use strangers::Stranger;
pub use tally::{Alike, Lost, Refused, Sum, Tally};
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
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
