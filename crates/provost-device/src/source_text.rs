//! The bytes of a file as text, and places in it; its JSON.

use provost_account::codes::profile as codes;
use provost_account::{Findings, LOOK, NotUtf8, Place, utf_8};
use serde_json::Value as Json;

/// The text of a file without a byte order mark, or a finding that says why there is none.
pub(crate) fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    within_limit(bytes, findings)?;
    match utf_8(bytes) {
        Ok(text) => Some(text),
        Err(NotUtf8 { octet, place }) => {
            let message = format!("the byte 0x{octet:02X} is not UTF-8");
            findings.refuse(codes::INVALID_UTF_8, Some(place), message, "save the file as UTF-8")
        }
    }
}

/// `None`: the file has more bytes than are read.
pub(crate) fn within_limit(bytes: &[u8], findings: &mut Findings) -> Option<()> {
    if bytes.len() <= OCTETS_MAX {
        return Some(());
    }
    findings.refuse(codes::TOO_LARGE, None, format!("{} bytes; at most {OCTETS_MAX} are read", bytes.len()), LOOK)
}

/// The JSON of a text.
pub(crate) fn json(text: &str, findings: &mut Findings) -> Option<Json> {
    match serde_json::from_str(text) {
        Ok(json) => Some(json),
        Err(error) => {
            let at = Place { line: error.line().max(1), column: error.column().max(1) };
            findings.refuse(codes::JSON_SYNTAX, Some(at), error.to_string(), "correct the JSON there")
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
