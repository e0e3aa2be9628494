//! The MIME structure of a message (RFC 2045, RFC 2046) as slices of its octets. It decodes nothing.

use crate::message::fields;

/// A message or a part of one.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// The header, with the empty line that ends it.
    pub(super) header: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) content_type: ContentType,
    pub(super) inside: Inside<'a>,
}

/// What a part holds.
#[derive(Debug)]
pub(super) enum Inside<'a> {
    Leaf,
    Message(Box<Part<'a>>),
    Parts(Vec<Part<'a>>),
}

/// A Content-Type field, or a field of the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentType {
    /// `text/plain`, in the letter case of the message.
    pub(super) value: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl<'a> Part<'a> {
    /// Reads a whole message.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        read(bytes, "text/plain", 0)
    }

    /// The part that a section's numbers lead to, in a message. RFC 3501 §6.4.5: "Every message has at least one part
    /// number. Non-[MIME-IMB] messages, and non-multipart [MIME-IMB] messages with no encapsulated message, only have a
    /// part 1." A message that is nothing but another one has that as part 1.
    pub(super) fn at(&self, numbers: &[u32]) -> Option<&Part<'a>> {
        match (&self.inside, numbers) {
            (Inside::Message(_) | Inside::Leaf, [1, rest @ ..]) => self.below(rest),
            (Inside::Message(_) | Inside::Leaf, [_, ..]) => None,
            (Inside::Message(_) | Inside::Leaf | Inside::Parts(_), _) => self.below(numbers),
        }
    }

    /// The same from a part on.
    fn below(&self, numbers: &[u32]) -> Option<&Part<'a>> {
        let Some((number, rest)) = numbers.split_first() else { return Some(self) };
        let at = usize::try_from(*number).ok()?.checked_sub(1)?;
        match &self.inside {
            Inside::Parts(parts) => parts.get(at)?.below(rest),
            Inside::Message(message) => message.at(numbers),
            Inside::Leaf => None,
        }
    }

    /// The first value of a header field, unfolded.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let field = fields(self.header).into_iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        let text = String::from_utf8_lossy(field.bytes.splitn(2, |byte| *byte == b':').nth(1)?).into_owned();
        Some(text.replace("\r\n", "").trim().to_owned())
    }
}

impl ContentType {
    pub(super) fn parse(text: &str) -> Self {
        let (value, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut parameters = Vec::new();
        while let Some((name, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => unquote(quoted),
                None => {
                    let (value, after) = after.split_once(';').unwrap_or((after, ""));
                    (value.trim().to_owned(), after)
                }
            };
            parameters.push((name.trim_matches([' ', '\t', ';']).to_owned(), value));
            rest = after;
        }
        Self { value: value.trim().to_owned(), parameters }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn read<'a>(bytes: &'a [u8], default: &str, depth: usize) -> Part<'a> {
    let header_octets = match bytes.starts_with(b"\r\n") {
        true => 2,
        false => bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4),
    };
    let (header, body) = bytes.split_at(header_octets);
    let mut part = Part { header, body, content_type: ContentType::parse(default), inside: Inside::Leaf };
    if let Some(text) = part.field("Content-Type") {
        part.content_type = ContentType::parse(&text);
    }
    let kind = part.content_type.value.to_ascii_lowercase();
    if depth >= DEPTH_MAX {
        return part;
    }
    if kind == "message/rfc822" {
        part.inside = Inside::Message(Box::new(read(body, "text/plain", depth + 1)));
    } else if kind.starts_with("multipart/") {
        // RFC 2046 §5.1.5: in a digest a part without a type is a message.
        let default = if kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        let parts = part.content_type.parameter("boundary").map_or_else(Vec::new, |boundary| split(body, boundary));
        let mut parts: Vec<Part<'a>> = parts.into_iter().map(|bytes| read(bytes, default, depth + 1)).collect();
        // RFC 3501 has no form for a multipart without parts, so it has an empty one.
        if parts.is_empty() {
            parts.push(read(&[], "text/plain", depth + 1));
        }
        part.inside = Inside::Parts(parts);
    }
    part
}

/// What stands between the boundary lines. The line break before a boundary belongs to the boundary (RFC 2046 §5.1.1).
fn split<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(after) = line.strip_prefix(delimiter.as_bytes()) {
            let closing = after.starts_with(b"--");
            let after = after.strip_prefix(b"--").unwrap_or(after);
            if after.iter().all(u8::is_ascii_whitespace) {
                if let Some(start) = start {
                    let part: &[u8] = &body[start..at.max(start)];
                    parts.push(part.strip_suffix(b"\r\n").unwrap_or(part));
                }
                start = (!closing).then_some(at + line.len());
                if closing {
                    return parts;
                }
            }
        }
        at += line.len();
    }
    parts.extend(start.map(|start| &body[start..]));
    parts
}

/// The text up to the closing quotation mark, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            character => value.push(character),
        }
    }
    (value, characters.as_str())
}

const DEPTH_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_message_are_found_by_their_numbers() {
        let message =
            b"Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\n\r\none\r\n--a b\r\n\
            Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--a b--\r\nepilogue";
        let part = Part::read(message);
        assert_eq!(part.at(&[1]).expect("a part").body, b"one");
        assert_eq!(part.at(&[2]).expect("a part").body, b"Subject: inner\r\n\r\ninside");
        assert_eq!(part.at(&[2, 1]).expect("a part").body, b"inside");
        assert!(part.at(&[3]).is_none() && part.at(&[0]).is_none() && part.at(&[1, 2]).is_none());
    }

    /// RFC 3501 §6.4.5, and Dovecot 2.3.19 (observed on 2026-11-24).
    #[test]
    fn a_message_that_is_another_one_has_it_as_part_1() {
        let message =
            b"Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ndeep";
        let part = Part::read(message);
        assert_eq!(part.at(&[1]).expect("a part").body, &message[32..]);
        assert_eq!(part.at(&[1, 1]).expect("a part").body, b"Subject: inner\r\n\r\ndeep");
        assert_eq!(part.at(&[1, 1, 1]).expect("a part").body, b"deep");
        assert!(part.at(&[2]).is_none());
        let part = Part::read(b"Subject: plain\r\n\r\nbody");
        assert_eq!(part.at(&[1]).expect("a part").body, b"body");
        assert!(part.at(&[1, 1]).is_none());
    }

    #[test]
    fn ten_thousand_nested_parts_end_at_the_limit() {
        let message = "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n".repeat(10_000);
        let mut depth = 0;
        let mut part = &Part::read(message.as_bytes());
        while let Some(inner) = part.at(&[1]).filter(|_| matches!(part.inside, Inside::Parts(_))) {
            part = inner;
            depth += 1;
        }
        assert!(depth <= DEPTH_MAX, "{depth} levels");
    }
}
