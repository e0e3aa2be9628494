//! The text of an XML file, decoded by its byte order mark or its declared encoding, with a finding if the two
//! disagree. It does not guess an encoding from the text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use provost_account::{Place, place};

/// Whose rules apply: the names of encodings do not mean the same to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Apple's: `iso-8859-1` and `us-ascii` are the first 256 characters of Unicode, and what windows-1252 leaves open is
    /// refused (observed: swift-corelibs-foundation 6.0.3).
    CoreFoundation,
    /// The browsers': `iso-8859-1` and `us-ascii` are windows-1252 (<https://encoding.spec.whatwg.org/#names-and-labels>).
    Whatwg,
}

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlText<'a> {
    /// Without a byte-order mark.
    pub(crate) text: Cow<'a, str>,
    /// The encoding that it was read in.
    pub(crate) read_as: &'static str,
    /// Whether the file begins with a byte-order mark.
    pub(crate) has_mark: bool,
    /// The encoding that the file names.
    pub(crate) declared: Option<Declared>,
}

/// The encoding that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// As written: `iso-8859-1`.
    pub(crate) label: String,
    /// Where the name is.
    pub(crate) place: Place,
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It names an unknown encoding, or one that is not read here.
    Unknown(Declared),
    /// A byte that is not valid in the encoding.
    Octet { octet: u8, read_as: &'static str, declared: Option<Declared>, place: Place },
}

impl XmlText<'_> {
    /// Whether the file names UTF-16 or UTF-32 but is in an encoding of single bytes, or the other way round.
    pub(crate) fn is_contradicted(&self) -> bool {
        let is_wide = |name: &str| {
            ["utf-16", "utf-32", "ucs-", "iso-10646-ucs-", "unicode"].iter().any(|wide| starts(name, wide))
        };
        self.declared.as_ref().is_some_and(|it| is_wide(&it.label) != is_wide(self.read_as))
    }
}

/// The text of a file.
///
/// A byte-order mark takes precedence over the declaration; without either, the text is UTF-8 (XML 1.0 appendix F.1). A
/// declaration of UTF-16 that can be read byte by byte is wrong: the text is read as UTF-8, and
/// [`XmlText::is_contradicted`] says so.
pub(crate) fn xml_text(bytes: &[u8], rules: Rules) -> Result<XmlText<'_>, Unreadable> {
    for (mark, wide) in WIDE_MARKS {
        if let Some(octets) = bytes.strip_prefix(*mark).filter(|octets| !octets.is_empty()) {
            let text = wide.decode(octets)?;
            let declared = declaration(&text).map(|found| found.declared);
            return Ok(XmlText { text: Cow::Owned(text), read_as: wide.name, has_mark: true, declared });
        }
    }
    let octets = bytes.strip_prefix(UTF_8_MARK).unwrap_or(bytes);
    let has_mark = octets.len() < bytes.len();
    let found = declaration(&start(bytes));
    let followed = found.as_ref().filter(|it| !has_mark && (!it.has_blanks || rules == Rules::Whatwg));
    let encoding = match followed {
        None => UTF_8,
        Some(found) => match known(&found.declared.label, rules) {
            Some(encoding) if encoding.is_ascii_compatible() => encoding,
            Some(_) => UTF_8,
            // Not among the browsers' encodings.
            None if starts(&found.declared.label, "utf-32") => UTF_8,
            None => return Err(Unreadable::Unknown(found.declared.clone())),
        },
    };
    let is_latin_1 = rules == Rules::CoreFoundation
        && encoding == WINDOWS_1252
        && followed.is_some_and(|it| !it.declared.label.contains("1252"));
    let read_as = if is_latin_1 { LATIN_1 } else { encoding.name() };
    let declared = found.map(|found| found.declared);
    let text = match is_latin_1 {
        true => Cow::Owned(octets.iter().map(|octet| char::from(*octet)).collect()),
        false => match encoding.decode_without_bom_handling_and_without_replacement(octets) {
            Some(text) => text,
            None => {
                let (octet, place) = first_wrong(encoding, octets);
                return Err(Unreadable::Octet { octet, read_as, declared, place });
            }
        },
    };
    // Where the code page has no character, the decoder gives these.
    let open = |c: char| matches!(c, '\u{81}' | '\u{8d}' | '\u{8f}' | '\u{90}' | '\u{9d}');
    if rules == Rules::CoreFoundation
        && !is_latin_1
        && encoding == WINDOWS_1252
        && let Some((at, wrong)) = text.char_indices().find(|(_, c)| open(*c))
    {
        let octet = u8::try_from(u32::from(wrong)).expect("one of the five above");
        return Err(Unreadable::Octet { octet, read_as, declared, place: place(&text, at) });
    }
    Ok(XmlText { text, read_as, has_mark, declared })
}

/// The encoding of a name. CoreFoundation ignores hyphens and the like (`UTF_8`, `windows_1252`), and does not know
/// `macintosh`.
fn known(label: &str, rules: Rules) -> Option<&'static Encoding> {
    if rules == Rules::Whatwg {
        return Encoding::for_label(label.as_bytes());
    }
    let bare: String = label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if UNKNOWN_TO_CORE_FOUNDATION.contains(&bare.as_str()) {
        return None;
    }
    let with_hyphen = bare.strip_prefix("windows").map(|page| format!("windows-{page}"));
    [Some(label.trim()), Some(&bare), with_hyphen.as_deref()]
        .into_iter()
        .flatten()
        .find_map(|name| Encoding::for_label(name.as_bytes()))
}

/// A declaration's encoding.
struct Found {
    declared: Declared,
    /// Whether there are blanks around the equals sign, behind which CoreFoundation sees no encoding.
    has_blanks: bool,
}

/// ```abnf
/// XMLDecl      = "<?xml" VersionInfo [EncodingDecl] [SDDecl] [S] "?>"   ; XML 1.0 section 2.8
/// EncodingDecl = S "encoding" [S] "=" [S] (DQUOTE EncName DQUOTE / "'" EncName "'")
/// ```
fn declaration(text: &str) -> Option<Found> {
    let (inside, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, after) = inside.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (label, _) = value[1..].split_once(quote)?;
    let at = label.as_ptr().addr() - text.as_ptr().addr();
    let declared = Declared { label: label.to_owned(), place: place(text, at) };
    Some(Found { declared, has_blanks: after.len() - value.len() != 1 })
}

/// The first byte that is not valid in an encoding, and its place.
fn first_wrong(encoding: &'static Encoding, octets: &[u8]) -> (u8, Place) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let length = decoder.max_utf8_buffer_length_without_replacement(octets.len()).unwrap_or(octets.len());
    let mut text = String::with_capacity(length);
    let (_, read) = decoder.decode_to_string_without_replacement(octets, &mut text, true);
    // An invalid sequence starts before the byte at which the decoder stopped.
    let at = match encoding == UTF_8 {
        true => text.len(),
        false => read.saturating_sub(1),
    };
    (octets.get(at).copied().unwrap_or(0), place(&text, text.len()))
}

/// An encoding of two or four bytes per character.
struct Wide {
    name: &'static str,
    octets: usize,
    is_little: bool,
}

impl Wide {
    fn decode(&self, octets: &[u8]) -> Result<String, Unreadable> {
        let encoding = if self.is_little { UTF_16LE } else { UTF_16BE };
        if self.octets == 2 {
            // A byte at the end that is not part of a pair is ignored.
            let octets = &octets[..octets.len() / 2 * 2];
            return match encoding.decode_without_bom_handling_and_without_replacement(octets) {
                Some(text) => Ok(text.into_owned()),
                None => {
                    let (octet, place) = first_wrong(encoding, octets);
                    Err(Unreadable::Octet { octet, read_as: self.name, declared: None, place })
                }
            };
        }
        let mut text = String::new();
        for unit in octets.chunks(4) {
            let code = match (<[u8; 4]>::try_from(unit), self.is_little) {
                (Ok(unit), true) => u32::from_le_bytes(unit),
                (Ok(unit), false) => u32::from_be_bytes(unit),
                (Err(_), _) => u32::MAX,
            };
            let Some(character) = char::from_u32(code) else {
                let place = place(&text, text.len());
                return Err(Unreadable::Octet { octet: unit[0], read_as: self.name, declared: None, place });
            };
            text.push(character);
        }
        Ok(text)
    }
}

/// The message about a file that is not UTF-8, for clients that are not known to read anything else, and its place.
pub(crate) fn of_what_is_not_utf_8(bytes: &[u8]) -> Option<(String, Option<Place>)> {
    if bytes.len() > crate::source_text::OCTETS_MAX {
        return None;
    }
    let read = xml_text(bytes, Rules::Whatwg).ok().filter(|read| read.read_as != "UTF-8")?;
    let declared = read.declared.as_ref();
    let as_written = declared.filter(|_| !read.has_mark).map_or(read.read_as, |declared| declared.label.as_str());
    let message = format!("the file is in {as_written}, but known clients read this format only in UTF-8");
    Some((message, declared.map(|declared| declared.place)))
}

/// The start of a file as text, to recognize its format; what cannot be decoded is replaced.
pub(crate) fn start(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(START_OCTETS)];
    for (mark, wide) in WIDE_MARKS {
        if let Some(octets) = start.strip_prefix(*mark) {
            let zeros_left_out = octets.iter().filter(|octet| **octet != 0).copied().collect::<Vec<u8>>();
            let encoding = if wide.is_little { UTF_16LE } else { UTF_16BE };
            return match wide.octets {
                2 => encoding.decode_without_bom_handling(octets).0.into_owned(),
                _ => String::from_utf8_lossy(&zeros_left_out).into_owned(),
            };
        }
    }
    let start = start.strip_prefix(UTF_8_MARK).unwrap_or(start);
    // Most files are valid: to find that out takes a tenth of the time that it takes to look for what is to be replaced.
    str::from_utf8(start).map_or_else(|_| String::from_utf8_lossy(start).into_owned(), str::to_owned)
}

fn starts(name: &str, with: &str) -> bool {
    name.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
/// Four octets before two: the mark of UTF-32 begins with that of UTF-16.
const WIDE_MARKS: &[(&[u8], Wide)] = &[
    (b"\x00\x00\xfe\xff", Wide { name: "UTF-32BE", octets: 4, is_little: false }),
    (b"\xff\xfe\x00\x00", Wide { name: "UTF-32LE", octets: 4, is_little: true }),
    (b"\xff\xfe", Wide { name: "UTF-16LE", octets: 2, is_little: true }),
    (b"\xfe\xff", Wide { name: "UTF-16BE", octets: 2, is_little: false }),
];
/// Names that browsers know.
const UNKNOWN_TO_CORE_FOUNDATION: &[&str] =
    &["csmacintosh", "mac", "macintosh", "xcp1250", "xcp1251", "xcp1252", "xmacroman", "xuserdefined"];
const LATIN_1: &str = "ISO-8859-1";
/// Longer than any XML declaration, and than what real files have before their first element.
const START_OCTETS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(label: &str, content: &[u8]) -> Vec<u8> {
        [format!("<?xml version=\"1.0\" encoding=\"{label}\"?>").as_bytes(), content].concat()
    }

    #[track_caller]
    fn check(bytes: &[u8], rules: Rules, read_as: &str, ends_with: &str) {
        let read = xml_text(bytes, rules).expect("a text");
        assert_eq!(read.read_as, read_as);
        assert!(read.text.ends_with(ends_with), "{:?}", read.text);
        assert!(read.text.starts_with('<'), "{:?}", read.text);
    }

    fn utf_16(text: &str, little: bool) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    /// Observed: CoreFoundation of swift-corelibs-foundation 6.0.3.
    #[test]
    fn core_foundation_reads_what_is_declared() {
        let check = |bytes: &[u8], read_as: &str, text: &str| check(bytes, Rules::CoreFoundation, read_as, text);
        check(b"<a>J\xc3\xb6", "UTF-8", "Jö");
        check(b"\xef\xbb\xbf<a>J\xc3\xb6", "UTF-8", "Jö");
        check(&encoded("iso-8859-1", b"J\xf6\x80"), "ISO-8859-1", "Jö\u{80}");
        check(&encoded("us-ascii", b"J\xc3\xb6"), "ISO-8859-1", "JÃ¶");
        check(&encoded("windows-1252", b"J\xf6\x80"), "windows-1252", "Jö€");
        check(&encoded("UTF_8", b"J\xc3\xb6"), "UTF-8", "Jö");
        check(&encoded("windows_1252", b"J\xf6\x80"), "windows-1252", "Jö€");
        check(&encoded("KOI8-R", b"\xc3\xb6"), "KOI8-R", "ц╤");
        check(&encoded("Shift_JIS", b"\xc3\xb6"), "Shift_JIS", "ﾃｶ");
        check(&utf_16("<a>Jö😀", true), "UTF-16LE", "Jö😀");
        check(&utf_16("<a>Jö😀", false), "UTF-16BE", "Jö😀");
        check(b"\xff\xfe\0\0<\0\0\0\xf6\0\0\0", "UTF-32LE", "<ö");
        check(b"\0\0\xfe\xff\0\0\0<\0\0\0\xf6", "UTF-32BE", "<ö");
        // A mark comes first, and behind blanks no encoding is seen.
        check(&[UTF_8_MARK, &encoded("iso-8859-1", b"J\xc3\xb6")].concat(), "UTF-8", "Jö");
        check(b"<?xml version='1.0' encoding = 'iso-8859-1'?>J\xc3\xb6", "UTF-8", "Jö");
    }

    /// <https://encoding.spec.whatwg.org/#names-and-labels>
    #[test]
    fn browsers_read_latin_1_as_windows_1252() {
        check(&encoded("iso-8859-1", b"\x80"), Rules::Whatwg, "windows-1252", "€");
        check(b"<?xml version='1.0' encoding = 'iso-8859-1'?>J\xf6", Rules::Whatwg, "windows-1252", "Jö");
    }

    #[test]
    fn a_declaration_of_utf_16_over_single_octets_is_a_contradiction() {
        let is_contradicted = |bytes: &[u8]| xml_text(bytes, Rules::CoreFoundation).expect("a text").is_contradicted();
        assert!(is_contradicted(&encoded("utf-16", b"")));
        assert!(is_contradicted(&encoded("UTF-16LE", b"")));
        assert!(is_contradicted(&encoded("utf-32", b"")));
        assert!(is_contradicted(&utf_16("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", true)));
        assert!(!is_contradicted(&utf_16("<?xml version=\"1.0\" encoding=\"utf-16\"?>", true)));
        assert!(!is_contradicted(&encoded("utf-8", b"")));
        assert!(!is_contradicted(b"<a>"));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_its_place() {
        let unreadable = |bytes: &[u8]| xml_text(bytes, Rules::CoreFoundation).expect_err("no text");
        let declared = |label: &str| Declared { label: label.to_owned(), place: Place { line: 1, column: 31 } };
        assert_eq!(unreadable(&encoded("bogus", b"")), Unreadable::Unknown(declared("bogus")));
        assert_eq!(unreadable(&encoded("macintosh", b"")), Unreadable::Unknown(declared("macintosh")));
        let octet = |octet, read_as, declared, line, column| Unreadable::Octet {
            octet,
            read_as,
            declared,
            place: Place { line, column },
        };
        assert_eq!(unreadable(b"<a>\nJ\xf6rg"), octet(0xf6, "UTF-8", None, 2, 2));
        let wrong = encoded("windows-1252", b"\n\xc3\x81");
        assert_eq!(unreadable(&wrong), octet(0x81, "windows-1252", Some(declared("windows-1252")), 2, 2));
        assert_eq!(unreadable(b"\xff\xfe<\0\0\xd8<\0"), octet(0xd8, "UTF-16LE", None, 1, 2));
    }
}
