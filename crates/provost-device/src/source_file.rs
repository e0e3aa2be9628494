//! A file as a reader gets it. It opens none.

use std::borrow::Cow;

/// A file: what it is called, and its contents.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Where it lies on the device, `~` for the person's home, if that is known; otherwise where it was found. With `/`
    /// between its parts.
    pub path: &'a str,
    /// The contents.
    pub bytes: &'a [u8],
}

impl<'a> SourceFile<'a> {
    /// A file of which nothing but the contents is known.
    #[must_use]
    pub fn nameless(bytes: &'a [u8]) -> Self {
        Self { path: "", bytes }
    }

    /// The beginning of the text, by which formats are told apart.
    pub(crate) fn start(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(START_OCTETS)])
    }
}

const START_OCTETS: usize = 64 * 1024;
