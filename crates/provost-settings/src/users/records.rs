//! What is found in search of a record, whatever the format, and places in a text. It knows no format.

use std::ops::Range;

use provost_account::Place;

/// What is found in search of the next record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A whole record.
    Record(Range<usize>),
    /// Nothing but blank lines.
    Nothing,
    /// The start of a record at most. `quote` is where a quotation mark opens that is not closed.
    Start { quote: Option<usize> },
    /// Something that is no record, after which none can be found.
    Broken { at: usize, found: &'static str },
}

/// The place that follows this text, which begins at `place`. Columns count characters.
pub(crate) fn after(place: Place, text: &[u8]) -> Place {
    let characters = |text: &[u8]| text.iter().filter(|octet| **octet & 0xC0 != 0x80).count();
    match memchr::memrchr(b'\n', text) {
        None => Place { line: place.line, column: place.column + characters(text) },
        Some(last) => Place {
            line: place.line + memchr::memchr_iter(b'\n', text).count(),
            column: characters(&text[last + 1..]) + 1,
        },
    }
}
