//! From bytes to text: what stands in the way of reading a file as UTF-8, with its place; and places in a text from
//! offsets. It knows neither YAML nor CSV.

use provost_account::Place;

use crate::findings::Findings;

/// The text without its byte order mark, or findings that say why there is none.
pub(crate) fn decode<'a>(bytes: &'a [u8], octets_max: usize, findings: &mut Findings) -> Option<&'a str> {
    if bytes.len() > octets_max {
        findings.add(
            "too-large",
            None,
            format!("{} octets, at most {octets_max} are read", bytes.len()),
            "check that this is the right file",
        );
        return None;
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || is_utf_16_without_mark(bytes) {
        findings.add("utf-16", Some(Place { line: 1, column: 1 }), "the file is UTF-16", SAVE_AS_UTF_8);
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).expect("valid up to here");
            let byte = bytes[error.valid_up_to()];
            // The same in both, but for the controls of Latin-1.
            let latin = (byte >= 0xA0).then(|| format!(" (in Windows-1252 and Latin-1 it is {:?})", char::from(byte)));
            findings.add(
                "invalid-utf-8",
                Some(place(valid, valid.len())),
                format!("the byte 0x{byte:02X} is not UTF-8{}", latin.as_deref().unwrap_or("")),
                format!("{SAVE_AS_UTF_8}; an old program may have saved it as Windows-1252 or Latin-1"),
            );
            return None;
        }
    };
    let controls = text.char_indices().filter(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    for (at, control) in controls.take(10) {
        findings.add(
            "control-character",
            Some(place(text, at)),
            format!("the control character U+{:04X}", u32::from(control)),
            "remove it; it cannot be seen in most editors",
        );
    }
    (!findings.has_error()).then_some(text)
}

/// The line and column of an offset. A line ends with LF; the CR before it belongs to the line.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Lines and columns of offsets that only grow, without counting from the start each time.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    text: &'a str,
    at: Place,
    counted: usize,
}

impl<'a> Places<'a> {
    /// Before anything is counted.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: Place { line: 1, column: 1 }, counted: 0 }
    }

    /// As [`place`]; fast for an offset behind the one before.
    pub(crate) fn place(&mut self, offset: usize) -> Place {
        if offset < self.counted {
            return place(self.text, offset);
        }
        let next = &self.text[self.counted..offset];
        self.counted = offset;
        match next.rfind('\n') {
            None => self.at.column += next.chars().count(),
            Some(last) => {
                self.at.line += next.bytes().filter(|byte| *byte == b'\n').count();
                self.at.column = next[last + 1..].chars().count() + 1;
            }
        }
        self.at
    }
}

/// ASCII in UTF-16 has a NUL in every second byte.
fn is_utf_16_without_mark(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    let nuls = start.iter().filter(|byte| **byte == 0).count();
    start.len() >= 8 && nuls * 5 >= start.len() * 2
}

const SAVE_AS_UTF_8: &str = "save the file as UTF-8 (Excel: \"CSV UTF-8\"; PowerShell: -Encoding UTF8)";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], code: &str, line: usize, column: usize) {
        let mut findings = Findings::default();
        assert_eq!(decode(bytes, 1 << 20, &mut findings), None);
        let finding = &findings.finish()[0];
        assert_eq!((finding.code, finding.place), (code, Some(Place { line, column })));
    }

    #[test]
    fn what_stands_in_the_way_is_named_with_its_place() {
        check(b"a: 1\nb: \xc3\xbc\xff", "invalid-utf-8", 2, 5);
        check(b"a: 1\r\nb\0", "control-character", 2, 2);
        check(b"\xff\xfea\0:\0", "utf-16", 1, 1);
        check(b"a\0:\0 \x001\0\n\0", "utf-16", 1, 1);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa", 9, &mut Findings::default()), Some("a"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let mut findings = Findings::default();
        assert_eq!(decode(b"aaaa", 3, &mut findings), None);
        assert_eq!(findings.finish()[0].code, "too-large");
    }

    #[test]
    fn places_are_those_that_counting_from_the_start_gives() {
        let text = "aü\r\n\nb€c\n";
        let mut places = Places::new(text);
        for (offset, _) in text.char_indices() {
            assert_eq!(places.place(offset), place(text, offset), "{offset}");
        }
        assert_eq!(places.place(1), Place { line: 1, column: 2 });
    }
}
