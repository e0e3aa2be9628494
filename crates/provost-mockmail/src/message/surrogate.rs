//! What a client without UTF-8 support sees of a message with UTF-8 in its headers: the surrogate of RFC 6858.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::addresses::{Address, addresses, quoted};
use super::mime::{Inside, Part, offset, parameters};
use super::tokens::Tokens;
use super::{Message, lines};

/// The surrogate of a message; `None` if every client can read the message itself.
pub(crate) fn surrogate(message: &Message) -> Option<Message> {
    if message.header().is_ascii() || std::str::from_utf8(message.header()).is_err() {
        return None;
    }
    let mut out = Vec::new();
    let root = Part::read(&message.bytes);
    rewrite(&root, &message.bytes, &mut out);
    Some(message.in_other_words(out))
}

/// Writes the surrogate of a part; `whole` is all of it, with everything around its parts.
fn rewrite(part: &Part<'_>, whole: &[u8], out: &mut Vec<u8>) {
    for field in lines(part.header) {
        match field.bytes.is_ascii() {
            true => out.extend_from_slice(field.bytes),
            false => out.extend(in_ascii(field.name, &field.octets()).into_iter().flatten()),
        }
    }
    if !part.header.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
    let inner: Vec<&Part<'_>> = match &part.inside {
        Inside::Leaf => Vec::new(),
        Inside::Message(message) => vec![message],
        Inside::Parts(parts) => parts.iter().collect(),
    };
    let mut written = part.header.len();
    for part in inner {
        let start = offset(whole, part.header);
        let end = start + part.header.len() + part.body.len();
        out.extend_from_slice(&whole[written..start]);
        rewrite(part, &whole[start..end], out);
        written = end;
    }
    out.extend_from_slice(&whole[written.min(whole.len())..]);
}

/// A field in ASCII; `None` if nothing of it is left.
fn in_ascii(name: &str, value: &[u8]) -> Option<Vec<u8>> {
    let line = match name.to_ascii_lowercase().as_str() {
        // RFC 6858 §2.1.
        "bcc" | "cc" | "from" | "reply-to" | "resent-bcc" | "resent-cc" | "resent-from" | "resent-sender"
        | "resent-to" | "return-path" | "sender" | "to" => format!("{name}: {}", people(value)),
        // §2.3.
        "subject" => format!("{name}: {}", encoded_word(value)),
        // §2.2: a parameter that cannot be shown is "silently excised".
        "content-type" | "content-disposition" => {
            let behind = value.iter().position(|octet| *octet == b';').unwrap_or(value.len());
            let kept = parameters(&mut Tokens::new(&value[behind..])).into_iter().filter(|(_, it)| it.is_ascii());
            let kept: String = kept.map(|(name, value)| parameter(&name, &value)).collect();
            format!("{name}: {}{kept}", text(&value[..behind]))
        }
        // §2.4.
        _ => return None,
    };
    line.is_ascii().then(|| format!("{line}\r\n").into_bytes())
}

fn parameter(name: &str, value: &[u8]) -> String {
    // RFC 2231 §7: an extended value is not quoted.
    match name.ends_with('*') {
        true => format!("; {name}={}", text(value)),
        false => format!("; {name}={}", in_quotes(value)),
    }
}

/// The addresses of a field. §2.1 replaces only "each internationalized email address": a name beyond ASCII is encoded,
/// and what is in ASCII stays.
fn people(value: &[u8]) -> String {
    let mut out = String::new();
    // No comma after the start of a group, and none before its end.
    let mut between = "";
    for address in addresses(value) {
        let written = text(value.get(address.place.clone()).unwrap_or(b"").trim_ascii());
        let (is_end, is_begin) = (address.mailbox.is_none(), address.host.is_none());
        out.push_str(match (is_end, between) {
            (true, _) => "",
            (false, between) => between,
        });
        between = match (is_end, is_begin) {
            (false, true) => " ",
            _ => ",\r\n ",
        };
        out.push_str(&match (is_end, is_begin) {
            (true, _) => ";".to_owned(),
            _ if written.is_ascii() => written,
            (false, true) => format!("{}:", encoded_word(address.mailbox.as_deref().unwrap_or(b""))),
            (false, false) => person(&address, &written),
        });
    }
    out
}

/// A mailbox whose name or address is beyond ASCII.
fn person(address: &Address, written: &str) -> String {
    let (mailbox, host) = (address.mailbox.as_deref().unwrap_or(b""), address.host.as_deref().unwrap_or(b""));
    if !mailbox.is_ascii() || !host.is_ascii() {
        // As in the RFC's examples; the name shows the original.
        return format!("{} <invalid@internationalized-address.invalid>", encoded_word(written.as_bytes()));
    }
    let name = match address.name.as_deref() {
        None => String::new(),
        Some(name) if name.is_ascii() => format!("{} ", in_quotes(name)),
        Some(name) => format!("{} ", encoded_word(name)),
    };
    let is_dot_atom = Tokens::new(mailbox).dot_atom().as_deref() == Some(mailbox);
    let mailbox = if is_dot_atom { text(mailbox) } else { in_quotes(mailbox) };
    format!("{name}<{mailbox}@{}>", text(host))
}

/// The header is UTF-8.
fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn in_quotes(value: &[u8]) -> String {
    text(&quoted(value))
}

/// RFC 2047: words of at most 75 characters; no character is split between two.
fn encoded_word(octets: &[u8]) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for character in text(octets).chars() {
        let last = words.last_mut().expect("there is always a word");
        match last.len() + character.len_utf8() <= WORD_OCTETS_MAX {
            true => last.push(character),
            false => words.push(character.to_string()),
        }
    }
    words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect::<Vec<_>>().join("\r\n ")
}

/// 45 octets are 60 characters in base64, and 72 in an encoded word.
const WORD_OCTETS_MAX: usize = 45;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;

    fn shown(text: &str) -> Option<String> {
        let epoch = OffsetDateTime::UNIX_EPOCH;
        let message = Message::new(1, Vec::new(), epoch, Arc::from(text.as_bytes()), 1, 1, epoch);
        surrogate(&message).map(|it| String::from_utf8(it.bytes.to_vec()).expect("UTF-8"))
    }

    #[test]
    fn what_ascii_can_say_stays_and_the_rest_goes() {
        assert_eq!(
            shown(
                "From: Jøran <jøran@example.org>\r\nTo: a@example.org\r\nSubject: blåbær\r\nX-Ø: a\r\nX-A: ø\r\n\
                 Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
                 Content-Disposition: attachment; filename=FOØ; size=\"3\"\r\n\r\nbødy\r\n--b--\r\n"
            )
            .as_deref(),
            Some(
                "From: =?utf-8?B?SsO4cmFuIDxqw7hyYW5AZXhhbXBsZS5vcmc+?= <invalid@internationalized-address.invalid>\r\n\
                 To: a@example.org\r\nSubject: =?utf-8?B?YmzDpWLDpnI=?=\r\n\
                 Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
                 Content-Disposition: attachment; size=\"3\"\r\n\r\nbødy\r\n--b--\r\n"
            ),
        );
        // RFC 6858 §2.1 replaces "each internationalized email address", and no other.
        for (field, expected) in [
            ("Jürgen <j@a.example>", "=?utf-8?B?SsO8cmdlbg==?= <j@a.example>"),
            (
                "a@b.example, \"Größe, J.\" <j@c.example>,\r\n d@e.example (D)",
                "a@b.example,\r\n =?utf-8?B?R3LDtsOfZSwgSi4=?= <j@c.example>,\r\n d@e.example (D)",
            ),
            ("j@a.example (Jürgen)", "=?utf-8?B?SsO8cmdlbg==?= <j@a.example>"),
            (
                "Größe: a@b.example, \"odd one\"@c.example, x@müller.example;, z@y.example",
                "=?utf-8?B?R3LDtsOfZQ==?=: a@b.example,\r\n \"odd one\"@c.example,\r\n \
              =?utf-8?B?eEBtw7xsbGVyLmV4YW1wbGU=?= <invalid@internationalized-address.invalid>;,\r\n z@y.example",
            ),
            (
                "Ü \"a b\"@c.example <\"a b\"@c.example>, Ö <\"q\\\"\"@d.example>",
                "=?utf-8?B?w5wgImEgYiJAYy5leGFtcGxl?= <\"a b\"@c.example>,\r\n =?utf-8?B?w5Y=?= <\"q\\\"\"@d.example>",
            ),
            ("Ü", "=?utf-8?B?w5w=?= <invalid@internationalized-address.invalid>"),
        ] {
            let expected = format!("To: {expected}\r\n\r\n");
            assert_eq!(shown(&format!("To: {field}\r\n\r\n")).as_deref(), Some(expected.as_str()), "{field}");
        }
        assert_eq!(shown("Subject: plain\r\n\r\nbødy\r\n"), None, "a body is no header");
    }
}
