//! The readable text of a message: parts without their transfer encoding and character set, encoded words, the preview.
//! Uses mail-parser's decoders.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::parsers::MessageStream;

use super::mime::{Inside, Part};

/// The decoded octets of a leaf part; `None` if its transfer encoding is unknown.
pub(crate) fn octets(part: &Part<'_>) -> Option<Vec<u8>> {
    match part.transfer_encoding().as_str() {
        "7BIT" | "8BIT" | "BINARY" => Some(part.body.to_vec()),
        "BASE64" => base64_decode(part.body),
        "QUOTED-PRINTABLE" => quoted_printable_decode(part.body),
        _ => None,
    }
}

/// The text of a leaf part in UTF-8. What cannot be decoded is taken as it is.
pub(crate) fn decoded(part: &Part<'_>) -> String {
    let octets = octets(part).unwrap_or_else(|| part.body.to_vec());
    let charset = part.content_type.parameter("charset").map(<[u8]>::to_ascii_lowercase);
    match charset.as_deref() {
        None | Some(b"utf-8" | b"us-ascii" | b"utf8") => None,
        Some(charset) => charset_decoder(charset),
    }
    .map_or_else(|| String::from_utf8_lossy(&octets).into_owned(), |decode| decode(&octets))
}

/// The text of an extended parameter value (RFC 2231 §4); `None` if it is no such value, or in an unknown character
/// set.
///
/// ```abnf
/// extended-initial-value = [charset] "'" [language] "'" extended-other-values
/// ```
pub(crate) fn extended(value: &[u8]) -> Option<String> {
    let mut pieces = value.splitn(3, |octet| *octet == b'\'');
    let (charset, _language, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let octets: Vec<u8> = percent_encoding::percent_decode(text).collect();
    match charset.to_ascii_lowercase().as_slice() {
        b"" | b"utf-8" | b"us-ascii" => String::from_utf8(octets).ok(),
        charset => charset_decoder(charset).map(|decode| decode(&octets)),
    }
}

/// Calls `look` with the text of every text part, and every header if wanted, until one call returns `true`.
pub(crate) fn any_text(part: &Part<'_>, with_headers: bool, look: &mut dyn FnMut(&str) -> bool) -> bool {
    if with_headers && look(&header(part.header)) {
        return true;
    }
    match &part.inside {
        Inside::Leaf => part.content_type.value.to_ascii_lowercase().starts_with("text") && look(&decoded(part)),
        // RFC 3501 §6.4.4 leaves open which parts are searched. The header of an inner message is body of the outer
        // one.
        Inside::Message(message) => any_text(message, true, look),
        Inside::Parts(parts) => parts.iter().any(|part| any_text(part, with_headers, look)),
    }
}

/// A header with its encoded words decoded and its fields unfolded.
pub(crate) fn header(header: &[u8]) -> String {
    words(&String::from_utf8_lossy(header).replace("\r\n ", " ").replace("\r\n\t", " "))
}

/// Text with its encoded words decoded (RFC 2047). White space between two of them goes (§6.2).
pub(crate) fn words(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        let mut stream = MessageStream::new(&from.as_bytes()[1..]);
        // The decoder begins after the "=", and knows where it stopped.
        match stream.decode_rfc2047() {
            Some(word) => {
                if !(after_word && before.chars().all(char::is_whitespace)) {
                    out.push_str(before);
                }
                out.push_str(&word);
                rest = &from[1 + stream.offset()..];
                after_word = true;
            }
            None => {
                out.push_str(before);
                out.push_str("=?");
                rest = &from[2..];
                after_word = false;
            }
        }
    }
    out + rest
}

/// RFC 8970 §3.1: at most 200 characters of the text; "" if there is none to show.
pub(crate) fn preview(message: &Part<'_>) -> String {
    let text = first_text(message);
    let words = text.iter().flat_map(|text| text.split_whitespace());
    words.flat_map(|word| [" ", word]).skip(1).flat_map(str::chars).take(PREVIEW_CHARACTERS_MAX).collect()
}

fn first_text(part: &Part<'_>) -> Option<String> {
    match &part.inside {
        Inside::Leaf => match part.content_type.value.to_ascii_lowercase().as_str() {
            "text/html" => Some(html_to_text(&decoded(part))),
            kind if kind.starts_with("text") => Some(decoded(part)),
            _ => None,
        },
        Inside::Message(message) => first_text(message),
        Inside::Parts(parts) => parts.iter().find_map(first_text),
    }
}

const PREVIEW_CHARACTERS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 2047 §8.
    #[test]
    fn encoded_words_are_decoded_as_rfc_2047_says() {
        for (encoded, decoded) in [
            ("(=?ISO-8859-1?Q?a?=)", "(a)"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
            ("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>"),
            ("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=", "If you can read this yo"),
            ("no =? word", "no =? word"),
        ] {
            assert_eq!(words(encoded), decoded, "{encoded}");
        }
    }
}
