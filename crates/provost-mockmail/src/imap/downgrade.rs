//! What a client that knows no UTF-8 sees of a message with UTF-8 in its headers: the surrogate of RFC 6858.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::mime::{ContentType, Inside, Part};
use crate::account::Store;
use crate::capabilities::Capability;
use crate::message::{Message, fields};

/// The surrogate of a message; `None` for one that every client can read, and where nobody announces UTF-8.
pub(crate) fn surrogate(message: &Message, store: &Store) -> Option<Message> {
    let announced = store.capabilities.has(Capability::Utf8Accept) || store.capabilities.has(Capability::Imap4Rev2);
    if !announced || message.header().is_ascii() || std::str::from_utf8(message.header()).is_err() {
        return None;
    }
    let mut out = Vec::new();
    let root = Part::read(&message.bytes);
    rewrite(&root, &message.bytes, &mut out);
    Some(message.in_other_words(out))
}

/// Writes a part anew; `whole` is all of it, what stands around its parts included.
fn rewrite(part: &Part<'_>, whole: &[u8], out: &mut Vec<u8>) {
    for field in fields(part.header) {
        match field.bytes.is_ascii() {
            true => out.extend_from_slice(field.bytes),
            false => out.extend(in_ascii(field.name, &String::from_utf8_lossy(field.bytes)).into_iter().flatten()),
        }
    }
    out.extend_from_slice(b"\r\n");
    let inner: Vec<&Part<'_>> = match &part.inside {
        Inside::Leaf => Vec::new(),
        Inside::Message(message) => vec![message],
        Inside::Parts(parts) => parts.iter().collect(),
    };
    let mut written = part.header.len();
    for part in inner {
        // Parts are slices of the whole: where one begins is where it lies.
        let Some(start) = offset(whole, part.header) else { continue };
        let end = start + part.header.len() + part.body.len();
        out.extend_from_slice(&whole[written..start]);
        rewrite(part, &whole[start..end], out);
        written = end;
    }
    out.extend_from_slice(&whole[written.min(whole.len())..]);
}

fn offset(whole: &[u8], part: &[u8]) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize).filter(|at| *at <= whole.len())
}

/// A field in ASCII; `None` if nothing of it is left.
fn in_ascii(name: &str, field: &str) -> Option<Vec<u8>> {
    let value = field.get(name.len() + 1..)?.replace("\r\n", "");
    let value = value.trim();
    let line = match name.to_ascii_lowercase().as_str() {
        // RFC 6858 §2.1: one of its examples; the name tells what happened.
        "bcc" | "cc" | "from" | "reply-to" | "resent-bcc" | "resent-cc" | "resent-from" | "resent-sender"
        | "resent-to" | "return-path" | "sender" | "to" => {
            format!("{name}: {} <invalid@internationalized-address.invalid>", encoded_word(value))
        }
        // §2.3.
        "subject" => format!("{name}: {}", encoded_word(value)),
        // §2.2: a parameter that cannot be shown is "silently excised".
        "content-type" | "content-disposition" => {
            let parsed = ContentType::parse(value);
            let kept = parsed.parameters.iter().filter(|(_, value)| value.is_ascii());
            let kept: String = kept.map(|(name, value)| format!("; {name}=\"{value}\"")).collect();
            format!("{name}: {}{kept}", parsed.value)
        }
        // §2.4.
        _ => return None,
    };
    line.is_ascii().then(|| format!("{line}\r\n").into_bytes())
}

/// RFC 2047: words of at most 75 characters, none of which splits a character.
fn encoded_word(text: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    for character in text.chars() {
        let last = words.last_mut().expect("there is always a word");
        match last.len() + character.len_utf8() <= WORD_OCTETS_MAX {
            true => last.push(character),
            false => words.push(character.to_string()),
        }
    }
    words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect::<Vec<_>>().join("\r\n ")
}

/// 45 octets are 60 characters of base64, and 72 with what stands around them.
const WORD_OCTETS_MAX: usize = 45;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;

    fn shown(text: &str) -> Option<String> {
        let epoch = OffsetDateTime::UNIX_EPOCH;
        let message = Message::new(1, Vec::new(), epoch, Arc::from(text.as_bytes()), 1, 1, epoch);
        let store = crate::session::tests::store(&[]);
        surrogate(&message, &store).map(|it| String::from_utf8(it.bytes.to_vec()).expect("UTF-8"))
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
        assert_eq!(shown("Subject: plain\r\n\r\nbødy\r\n"), None, "a body is no header");
    }
}
