//! A mailbox as headers of messages have it, and as some configuration files keep it: a name and an address (RFC 5322
//! §3.4), the name in quotation marks or as encoded words (RFC 2047). It does not check the address.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The name and the address of a mailbox (RFC 5322 §3.4), the name without quotation marks and encoded words.
pub(crate) fn mailbox(text: &str) -> (String, &str) {
    let Some((name, address)) = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return (String::new(), text.trim());
    };
    let name = name.trim();
    let Some(quoted) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return (decoded(name), address);
    };
    let mut inside = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        inside.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    (inside, address)
}

/// A phrase with its encoded words replaced. "any 'linear-white-space' that separates a pair of adjacent 'encoded-word's
/// is ignored" (RFC 2047 §6.2). A word that cannot be decoded stays.
fn decoded(phrase: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in phrase.split_whitespace() {
        let encoded = encoded_word(word);
        let between_encoded = after_encoded && encoded.is_some();
        if !text.is_empty() && !between_encoded {
            text.push(' ');
        }
        after_encoded = encoded.is_some();
        text.push_str(encoded.as_deref().unwrap_or(word));
    }
    text
}

/// An encoded word of UTF-8.
fn encoded_word(word: &str) -> Option<String> {
    let inside = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inside.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let octets = match encoding {
        "B" | "b" => BASE64_STANDARD.decode(text).ok()?,
        "Q" | "q" => {
            let mut octets = Vec::new();
            let mut rest = text.bytes();
            while let Some(octet) = rest.next() {
                octets.push(match octet {
                    b'_' => b' ',
                    b'=' => {
                        let digits = [rest.next()?, rest.next()?];
                        u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                    }
                    octet => octet,
                });
            }
            octets
        }
        _ => return None,
    };
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first three are from RFC 2047 §8, with another character set.
    #[test]
    fn names_are_decoded() {
        let check = |text: &str, name: &str, address: &str| assert_eq!(mailbox(text), (name.to_owned(), address));
        check("=?utf-8?Q?a?= b <x@example.org>", "a b", "x@example.org");
        check("=?utf-8?Q?a?= =?utf-8?Q?b?= <x@example.org>", "ab", "x@example.org");
        check("=?utf-8?q?a_b?= <x@example.org>", "a b", "x@example.org");
        check("=?UTF-8?B?SsO8cmdlbg==?= <x@example.org>", "Jürgen", "x@example.org");
        check("\"Jane \\\"J\\\" <Doe>\" <x@example.org>", "Jane \"J\" <Doe>", "x@example.org");
        check("x@example.org", "", "x@example.org");
    }
}
