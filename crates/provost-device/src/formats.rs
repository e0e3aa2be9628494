//! The table of formats, alphabetical, named as they are written.

mod apple_mobileconfig;
mod k9s;
mod thunderbird_autoconfig;
mod thunderbird_qr;

use provost_account::Finding;

use crate::{Person, Reading, SourceFile};

/// A format that devices import.
#[derive(Debug)]
pub struct Format {
    /// The stable name.
    pub name: &'static str,
    /// The device whose rules a file is read by, where the file does not decide.
    pub device: &'static str,
    /// Whether a file is of this format, from its name and a look at its start.
    recognize: fn(&SourceFile<'_>) -> bool,
    read: Read,
}

/// A reader. The error: why the device refuses the file.
#[derive(Debug)]
enum Read {
    /// Of one file.
    File(fn(&[u8], &Person) -> Result<Reading, Vec<Finding>>),
    /// Of a file and the ones that it leads to, in any order.
    #[expect(dead_code, reason = "the first format of several files comes with the next commit")]
    Files(fn(&[SourceFile<'_>], &Person) -> Result<Reading, Vec<Finding>>),
}

impl Format {
    /// Whether a file is of this format.
    #[must_use]
    pub fn recognizes(&self, file: &SourceFile<'_>) -> bool {
        (self.recognize)(file)
    }

    /// Whether several files may be needed to set an account up.
    #[must_use]
    pub fn is_of_several_files(&self) -> bool {
        match self.read {
            Read::File(_) => false,
            Read::Files(_) => true,
        }
    }

    /// What the device makes of the files. Of a format of one file the first one is read.
    ///
    /// # Errors
    ///
    /// Why the device refuses them: at least one finding is an error.
    ///
    /// # Panics
    ///
    /// Without a file.
    pub fn read(&self, files: &[SourceFile<'_>], person: &Person) -> Result<Reading, Vec<Finding>> {
        match self.read {
            Read::File(read) => read(files.first().expect("a file to read").bytes, person),
            Read::Files(read) => read(files, person),
        }
    }
}

/// Every format.
#[must_use]
pub fn formats() -> &'static [Format] {
    FORMATS
}

/// The format of a file.
#[must_use]
pub fn recognize(file: &SourceFile<'_>) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.recognizes(file))
}

const FORMATS: &[Format] = &[
    Format {
        name: "apple-mobileconfig",
        device: "iOS",
        recognize: apple_mobileconfig::recognize,
        read: Read::File(apple_mobileconfig::read),
    },
    Format {
        name: "k9s",
        device: "K-9 Mail and Thunderbird for Android",
        recognize: k9s::recognize,
        read: Read::File(k9s::read),
    },
    Format {
        name: "thunderbird-autoconfig",
        device: "Thunderbird",
        recognize: thunderbird_autoconfig::recognize,
        read: Read::File(thunderbird_autoconfig::read),
    },
    Format {
        name: "thunderbird-qr",
        device: "Thunderbird for Android",
        recognize: thunderbird_qr::recognize,
        read: Read::File(thunderbird_qr::read),
    },
];
