//! The list that findings are gathered in, and the text of a file as far as there is one. Severity is not decided here:
//! that is in the table of codes.

use provost_account::{Finding, Place, Severity};

use crate::codes::code;

/// Findings of one file.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(crate) fn add(&mut self, name: &str, place: Option<Place>, message: impl Into<String>, fix: impl Into<String>) {
        if self.0.len() >= FINDINGS_MAX && code(name).severity == Severity::Warning {
            return;
        }
        let code = code(name);
        self.0.push(Finding {
            code: code.name,
            severity: code.severity,
            place,
            message: message.into(),
            fix: fix.into(),
            source: code.source,
        });
    }

    /// Whether there is one with this message.
    pub(crate) fn says(&self, message: &str) -> bool {
        self.0.iter().any(|finding| finding.message == message)
    }

    /// Whether the device refuses the file. Of a key that is there twice it takes the last value.
    pub(crate) fn has_error(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error && finding.code != "duplicate-key")
    }

    /// The findings in the order of their places.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.place);
        self.0
    }
}

/// The text of a file, without a byte order mark; or what stands in the way.
pub(crate) fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    if bytes.len() > OCTETS_MAX {
        findings.add("too-large", None, format!("{} octets, at most {OCTETS_MAX} are read", bytes.len()), LOOK);
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("valid up to here");
            let message = format!("the byte 0x{:02X} is not UTF-8", bytes[error.valid_up_to()]);
            findings.add("invalid-utf-8", Some(place(valid, valid.len())), message, "save the file as UTF-8");
            None
        }
    }
}

/// The line and column of an offset.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The key that is spelt most like `found`, for a fix.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    // No key is this long, and the comparison takes time in proportion to both.
    if found.len() > WORD_OCTETS_MAX {
        return None;
    }
    let distance = |key: &&str| strsim::damerau_levenshtein(&key.to_lowercase(), &found.to_lowercase());
    known.iter().copied().min_by_key(distance).filter(|key| distance(key) <= (found.chars().count() / 3).max(1))
}

/// A word of somebody's file as a message shows it: in quotation marks, and cut where it is longer than any honest one.
pub(crate) fn shown(word: &str) -> String {
    match word.char_indices().nth(WORD_OCTETS_MAX) {
        Some((end, _)) => format!("{:?}…", &word[..end]),
        None => format!("{word:?}"),
    }
}

pub(crate) const LOOK: &str = "check that this is the right file";
pub(crate) const OCTETS_MAX: usize = 8 * 1024 * 1024;
/// Longer than any key of any format.
const WORD_OCTETS_MAX: usize = 80;
const FINDINGS_MAX: usize = 100;
