//! The text of a file, as far as there is one.

use provost_account::codes::profile as codes;
use provost_account::{Findings, LOOK, NotUtf8, utf_8};

/// The text of a file, without a byte order mark; or what stands in the way.
pub(crate) fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<&'a str> {
    if bytes.len() > OCTETS_MAX {
        let message = format!("{} octets, at most {OCTETS_MAX} are read", bytes.len());
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

/// More than any honest file has.
pub(crate) const OCTETS_MAX: usize = 8 * 1024 * 1024;
