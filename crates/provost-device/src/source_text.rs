//! The bytes of a file as text, and places in it.

use provost_account::codes::profile as codes;
use provost_account::{Findings, LOOK, NotUtf8, Place, utf_8};

/// The text of a file without a byte order mark, or a finding that says why there is none.
pub(crate) fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    if bytes.len() > OCTETS_MAX {
        let message = format!("{} bytes; at most {OCTETS_MAX} are read", bytes.len());
        findings.add(codes::TOO_LARGE, None, message, LOOK);
        return None;
    }
    match utf_8(bytes) {
        Ok(text) => Some(text),
        Err(NotUtf8 { octet, place }) => {
            let message = format!("the byte 0x{octet:02X} is not UTF-8");
            findings.add(codes::INVALID_UTF_8, Some(place), message, "save the file as UTF-8");
            None
        }
    }
}

/// Where the lines of a text start, so that finding a place needs no second pass.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(octets: &[u8]) -> Self {
        let after = octets.iter().enumerate().filter(|(_, octet)| **octet == b'\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(after).collect())
    }

    /// The place of an offset in these octets.
    pub(crate) fn place(&self, octets: &[u8], offset: usize) -> Place {
        let line = self.0.partition_point(|start| *start <= offset);
        // Continuation bytes are not characters.
        let before = octets[self.0[line - 1]..offset.min(octets.len())].iter().filter(|octet| **octet & 0xc0 != 0x80);
        Place { line, column: before.count() + 1 }
    }
}

/// More than any real file has.
pub(crate) const OCTETS_MAX: usize = 8 * 1024 * 1024;
