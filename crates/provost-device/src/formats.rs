//! The table of formats, alphabetical, named as they are written.

mod apple_mobileconfig;
mod k9s;
mod thunderbird_autoconfig;
mod thunderbird_qr;

use provost_account::Finding;

use crate::{Person, Reading};

/// A format that devices import.
#[derive(Debug)]
pub struct Format {
    /// The stable name.
    pub name: &'static str,
    /// The device whose rules a file is read by, where the file does not decide.
    pub device: &'static str,
    /// Whether a file is of this format, from a look at its start.
    pub recognize: fn(&[u8]) -> bool,
    /// The reader. The error: why the device refuses the file.
    pub read: fn(&[u8], &Person) -> Result<Reading, Vec<Finding>>,
}

/// Every format.
#[must_use]
pub fn formats() -> &'static [Format] {
    FORMATS
}

/// The format of a file.
#[must_use]
pub fn recognize(bytes: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognize)(bytes))
}

const FORMATS: &[Format] = &[
    Format {
        name: "apple-mobileconfig",
        device: "iOS",
        recognize: apple_mobileconfig::recognize,
        read: apple_mobileconfig::read,
    },
    Format { name: "k9s", device: "K-9 Mail and Thunderbird for Android", recognize: k9s::recognize, read: k9s::read },
    Format {
        name: "thunderbird-autoconfig",
        device: "Thunderbird",
        recognize: thunderbird_autoconfig::recognize,
        read: thunderbird_autoconfig::read,
    },
    Format {
        name: "thunderbird-qr",
        device: "Thunderbird for Android",
        recognize: thunderbird_qr::recognize,
        read: thunderbird_qr::read,
    },
];
