//! From bytes to text: what prevents reading a file as UTF-8, with its place; and the result of reading. It knows neither
//! YAML nor CSV.

use provost_account::{Finding, Findings, LOOK, NotUtf8, Place, codes::settings as codes, place, utf_8};

/// What a file says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The value; `None` if some finding is an error.
    pub value: Option<T>,
    /// At most 101 of them, in the order of the lines.
    pub findings: Vec<Finding>,
}

/// The text without its byte order mark, or findings that say why there is none.
pub(crate) fn decode<'a>(bytes: &'a [u8], octets_max: usize, findings: &mut Findings) -> Option<&'a str> {
    if bytes.len() > octets_max {
        let message = format!("{} bytes; at most {octets_max} are read", bytes.len());
        findings.add(codes::TOO_LARGE, None, message, LOOK);
        return None;
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || is_utf_16_without_mark(bytes) {
        findings.add(codes::UTF_16, Some(Place { line: 1, column: 1 }), "the file is UTF-16", SAVE_AS_UTF_8);
        return None;
    }
    let text = match utf_8(bytes) {
        Ok(text) => text,
        Err(error) => {
            add_not_utf_8(error, "; an old program may have saved it as Windows-1252 or Latin-1", findings);
            return None;
        }
    };
    for (at, control) in controls(text).take(10) {
        add_control(control, place(text, at), findings);
    }
    (!findings.has_error()).then_some(text)
}

/// Adds that an octet is not UTF-8. `more` goes on where the fix says how to save the file.
pub(crate) fn add_not_utf_8(NotUtf8 { octet, place }: NotUtf8, more: &str, findings: &mut Findings) {
    // The same in both, but for the controls of Latin-1.
    let latin = (octet >= 0xA0).then(|| format!(" (in Windows-1252 and Latin-1 it is {:?})", char::from(octet)));
    let message = format!("the byte 0x{octet:02X} is not UTF-8{}", latin.as_deref().unwrap_or(""));
    let fix = format!("{SAVE_AS_UTF_8}{more}");
    findings.add(codes::INVALID_UTF_8, Some(place), message, fix);
}

/// The control characters that no list or settings file has.
pub(crate) fn controls(text: &str) -> impl Iterator<Item = (usize, char)> {
    let is_plain = text.bytes().all(|octet| (b' '..0x7F).contains(&octet) || matches!(octet, b'\n' | b'\r' | b'\t'));
    let text = if is_plain { "" } else { text };
    text.char_indices().filter(|(_, c)| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Adds that there is one.
pub(crate) fn add_control(control: char, place: Place, findings: &mut Findings) {
    let message = format!("the control character U+{:04X}", u32::from(control));
    findings.add(codes::CONTROL_CHARACTER, Some(place), message, "remove it; most editors do not show it");
}

/// ASCII in UTF-16 has a NUL in every second byte.
pub(crate) fn is_utf_16_without_mark(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    let nuls = start.iter().filter(|byte| **byte == 0).count();
    start.len() >= 8 && nuls * 5 >= start.len() * 2
}

const SAVE_AS_UTF_8: &str = "save the file as UTF-8 (Excel: \"CSV UTF-8\"; PowerShell: -Encoding UTF8)";

#[cfg(test)]
mod tests {
    use provost_account::Code;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], code: &'static Code, line: usize, column: usize) {
        let mut findings = Findings::counted();
        assert_eq!(decode(bytes, 1 << 20, &mut findings), None);
        let finding = &findings.finish()[0];
        assert_eq!((finding.code, finding.place), (code, Some(Place { line, column })));
    }

    #[test]
    fn what_stands_in_the_way_is_named_with_its_place() {
        check(b"a: 1\nb: \xc3\xbc\xff", codes::INVALID_UTF_8, 2, 5);
        check(b"a: 1\r\nb\0", codes::CONTROL_CHARACTER, 2, 2);
        check(b"\xff\xfea\0:\0", codes::UTF_16, 1, 1);
        check(b"a\0:\0 \x001\0\n\0", codes::UTF_16, 1, 1);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa", 9, &mut Findings::counted()), Some("a"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_read() {
        let mut findings = Findings::counted();
        assert_eq!(decode(b"aaaa", 3, &mut findings), None);
        assert_eq!(findings.finish()[0].code, codes::TOO_LARGE);
    }
}
