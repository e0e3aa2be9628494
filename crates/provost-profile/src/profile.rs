//! What a writer returns: files and their losses, or the reason for a refusal. It decides neither.

use std::fmt::Display;

use thiserror::Error;

/// What a writer gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The files, in their order; the one that the client opens first comes first.
    pub files: Vec<File>,
    /// What they cannot express.
    pub losses: Vec<Loss>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: FileName,
    /// Where it goes on the device, if that is another place than the format's; `~` is the person's home.
    pub install: Option<String>,
    /// The contents.
    pub bytes: Vec<u8>,
}

/// What a file is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// For whom it is, then which part of several it is, then one of the format's extensions.
    Own {
        /// Which part of several.
        part: Option<String>,
        /// One of the format's extensions.
        extension: &'static str,
    },
    /// One of several that belong together: this path in a folder that is named for whom they are, with `/` between its
    /// parts. Where they go on the device is below the person's home, by the same path, unless the file says otherwise.
    Below(String),
}

impl File {
    /// The only file, or the first one, that is named for whom it is.
    pub(crate) fn own(extension: &'static str, bytes: Vec<u8>) -> Self {
        Self { name: FileName::Own { part: None, extension }, install: None, bytes }
    }

    /// One of several that belong together, with where it goes in words, or by the URL that leads to it.
    pub(crate) fn below(path: &str, install: Option<String>, bytes: Vec<u8>) -> Self {
        Self { name: FileName::Below(path.to_owned()), install, bytes }
    }
}

/// A setting that the format cannot express, or not exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The setting's key.
    pub setting: String,
    /// What the account asks for.
    pub asked: String,
    /// What the file contains instead, if anything.
    pub written: Option<String>,
    /// Why.
    pub reason: &'static str,
    /// How that is known.
    pub source: &'static str,
}

impl Loss {
    /// A setting that the file leaves out.
    pub(crate) fn of(setting: impl Display, asked: impl Display, reason: &'static str, source: &'static str) -> Self {
        Self { setting: setting.to_string(), asked: asked.to_string(), written: None, reason, source }
    }

    /// The same setting, for which the file contains something else.
    pub(crate) fn written(self, written: impl Display) -> Self {
        Self { written: Some(written.to_string()), ..self }
    }
}

/// Why a format must not be written for an account.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{setting} {found}: {reason}")]
pub struct Refusal {
    /// The setting's key.
    pub setting: &'static str,
    /// Its value; never a secret.
    pub found: String,
    /// Why.
    pub reason: &'static str,
    /// How that is known: an RFC section, a page, or an observation.
    pub known_from: &'static str,
}

impl Refusal {
    /// A setting and its value that the format must not have.
    pub(crate) fn of(
        setting: &'static str,
        found: impl Display,
        reason: &'static str,
        known_from: &'static str,
    ) -> Self {
        Self { setting, found: found.to_string(), reason, known_from }
    }
}
