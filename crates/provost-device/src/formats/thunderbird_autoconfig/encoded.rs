//! The text of an autoconfig file as Thunderbird's account setup decodes it when a web server sends it: by a byte order
//! mark, by the declared encoding, as browsers understand the name, or as UTF-8. From its own folder on disk,
//! Thunderbird reads UTF-8 only; other clients were not tried.

use provost_account::{Findings, codes::profile as codes, shown};
use std::borrow::Cow;

use crate::encoding::{self, Rules, Unreadable};
use crate::source_text;

/// The text, or a finding that says why there is none. An encoding other than UTF-8 is a warning.
pub(super) fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<Cow<'a, str>> {
    source_text::within_limit(bytes, findings)?;
    let read = match encoding::xml_text(bytes, Rules::Whatwg) {
        Ok(read) if read.read_as.starts_with("UTF-32") => {
            return findings.refuse(codes::ENCODING, None, "the file is UTF-32, which Thunderbird does not read", FIX);
        }
        Ok(read) => read,
        // A name that no browser knows counts as none.
        Err(Unreadable::Unknown(declared)) => {
            let text = source_text::text(bytes, findings)?;
            let message = format!("{} is not an encoding: Thunderbird reads the file as UTF-8", shown(&declared.label));
            findings.add(codes::FAILS_ELSEWHERE, Some(declared.place), message, FIX);
            return Some(Cow::Borrowed(text));
        }
        Err(Unreadable::Octet { octet, read_as, declared: _, place }) => {
            let message = format!("the byte 0x{octet:02X} is not {read_as}");
            return findings.refuse(codes::INVALID_UTF_8, Some(place), message, FIX);
        }
    };
    let place = read.declared.as_ref().map(|declared| declared.place);
    if read.is_contradicted() && !read.has_mark {
        let label = read.declared.as_ref().map_or("", |declared| declared.label.as_str());
        let message = format!("the file declares {}: Thunderbird reads it as {}", shown(label), read.read_as);
        findings.add(codes::FAILS_ELSEWHERE, place, message, FIX);
    } else if read.read_as != "UTF-8" && !read.text.is_ascii() || read.read_as.starts_with("UTF-16") {
        let message = format!("the file is in {}: Thunderbird reads it, but other clients may not", read.read_as);
        findings.add(codes::FAILS_ELSEWHERE, place, message, FIX);
    }
    Some(read.text)
}

const FIX: &str = "save the file as UTF-8, and write encoding=\"UTF-8\"";
