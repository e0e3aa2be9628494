//! The MIME structure of a message (RFC 2045, RFC 2046) as slices of its octets. Nothing is decoded.

use super::tokens::Tokens;
use super::{CarriageReturns, header_octets, named, received, with_crlf};

/// A message or a part of one.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// The header with the empty line at its end.
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a [u8],
    pub(crate) content_type: ContentType,
    pub(crate) inside: Inside<'a>,
}

/// What is inside a part.
#[derive(Debug)]
pub(crate) enum Inside<'a> {
    Leaf,
    Message(Box<Part<'a>>),
    Parts(Vec<Part<'a>>),
}

/// A Content-Type field, or one of the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentType {
    /// `text/plain`, in the letter case of the message.
    pub(crate) value: String,
    /// Continuations are joined (RFC 2231 §3).
    pub(crate) parameters: Vec<Parameter>,
}

/// A name, in the letter case of the message, and the octets of the value.
pub(crate) type Parameter = (String, Vec<u8>);

impl<'a> Part<'a> {
    /// Reads a whole message.
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        read(bytes, "text/plain", 0)
    }

    /// The part of a message with a section's numbers. RFC 3501 §6.4.5: "Every message has at least one part number.
    /// Non-[MIME-IMB] messages, and non-multipart [MIME-IMB] messages with no encapsulated message, only have a part
    /// 1." If a message is only another one, that is part 1.
    pub(crate) fn at(&self, numbers: &[u32]) -> Option<&Part<'a>> {
        match (&self.inside, numbers) {
            (Inside::Message(_) | Inside::Leaf, [1, rest @ ..]) => self.below(rest),
            (Inside::Message(_) | Inside::Leaf, [_, ..]) => None,
            (Inside::Message(_) | Inside::Leaf | Inside::Parts(_), _) => self.below(numbers),
        }
    }

    /// The same, counted inside a part.
    fn below(&self, numbers: &[u32]) -> Option<&Part<'a>> {
        let Some((number, rest)) = numbers.split_first() else { return Some(self) };
        let at = usize::try_from(*number).ok()?.checked_sub(1)?;
        match &self.inside {
            Inside::Parts(parts) => parts.get(at)?.below(rest),
            Inside::Message(message) => message.at(numbers),
            Inside::Leaf => None,
        }
    }

    /// The unfolded octets of the first header field with that name.
    pub(crate) fn field(&self, name: &str) -> Option<Vec<u8>> {
        named(self.header, name).next().map(|field| field.octets())
    }

    /// The Content-Transfer-Encoding without blanks and comments; "7BIT" by default (RFC 2045 §6.1).
    pub(crate) fn transfer_encoding(&self) -> String {
        let said = self.field("Content-Transfer-Encoding");
        let mut tokens = Tokens::new(said.as_deref().unwrap_or(b""));
        match tokens.token() {
            Some(token) if tokens.peek().is_none() && token.is_ascii() => {
                String::from_utf8_lossy(token).to_ascii_uppercase()
            }
            Some(_) | None => "7BIT".to_owned(),
        }
    }
}

impl ContentType {
    /// The value of Content-Type; `None` if it has no type and subtype.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let mut tokens = Tokens::new(value);
        let kind = tokens.token()?;
        if !tokens.take(b'/') {
            return None;
        }
        let value = [kind, b"/", tokens.token()?].concat();
        Some(Self { value: String::from_utf8_lossy(&value).into_owned(), parameters: joined(parameters(&mut tokens)) })
    }

    /// The value of Content-Disposition, whose type is one word.
    pub(crate) fn disposition(value: &[u8]) -> Option<Self> {
        let mut tokens = Tokens::new(value);
        let value = String::from_utf8_lossy(tokens.token()?).into_owned();
        Some(Self { value, parameters: joined(parameters(&mut tokens)) })
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// The first part of `text/plain`, and the second.
    pub(crate) fn kind(&self) -> (&str, &str) {
        self.value.split_once('/').unwrap_or((&self.value, ""))
    }
}

/// The parameters of a field, as they are written. What is no parameter is skipped.
///
/// ```abnf
/// parameter = attribute "=" value      ; RFC 2045 §5.1, value = token / quoted-string
/// ```
pub(crate) fn parameters(tokens: &mut Tokens<'_>) -> Vec<Parameter> {
    let mut all = Vec::new();
    while tokens.peek().is_some() {
        if !tokens.take(b';') {
            if tokens.quoted().is_none() {
                tokens.skip_octet();
            }
            continue;
        }
        let mut ahead = tokens.clone();
        let Some(name) = ahead.token() else { continue };
        if !ahead.take(b'=') {
            continue;
        }
        let value = match ahead.peek() {
            Some(b'"') => ahead.quoted(),
            // An unquoted encoded word, as many programs write file names.
            Some(b'=') => ahead.run(|octet| octet != b';' && !octet.is_ascii_whitespace()).map(<[u8]>::to_vec),
            Some(_) | None => ahead.token().map(<[u8]>::to_vec),
        };
        all.push((String::from_utf8_lossy(name).into_owned(), value.into_iter().flatten().collect()));
        *tokens = ahead;
    }
    all
}

/// Joins the parts of values (RFC 2231 §3: "name*0", "name*1*"). If a part is extended (§4.1), so is the result, and a
/// "*" follows its name. Parts with a gap are left as they are.
fn joined(parameters: Vec<Parameter>) -> Vec<Parameter> {
    let mut out = Vec::new();
    let mut parts: Vec<Part2231> = Vec::new();
    for (name, value) in parameters {
        match Part2231::read(&name, &value) {
            Some(part) => parts.push(part),
            None => out.push((name, value)),
        }
    }
    parts.sort_by_key(|part| (part.name.to_ascii_lowercase(), part.number));
    for run in parts.chunk_by(|one, other| one.name.eq_ignore_ascii_case(&other.name)) {
        if (0..).zip(run).any(|(number, part)| part.number != number) {
            out.extend(run.iter().map(|part| (part.written.clone(), part.value.clone())));
            continue;
        }
        let name = run.first().map_or("", |part| &part.name);
        if !run.iter().any(|part| part.is_extended) {
            out.push((name.to_owned(), run.iter().flat_map(|part| part.value.clone()).collect()));
            continue;
        }
        let mut value = if run.first().is_some_and(|part| part.is_extended) { Vec::new() } else { b"''".to_vec() };
        for part in run {
            match part.is_extended {
                true => value.extend(&part.value),
                false => percent_encode(&part.value, &mut value),
            }
        }
        out.push((format!("{name}*"), value));
    }
    out
}

/// A part of a value.
struct Part2231 {
    name: String,
    /// As in the message, with the number.
    written: String,
    number: usize,
    is_extended: bool,
    value: Vec<u8>,
}

impl Part2231 {
    fn read(written: &str, value: &[u8]) -> Option<Self> {
        let (name, number) = written.split_once('*')?;
        let (number, is_extended) = number.strip_suffix('*').map_or((number, false), |number| (number, true));
        let number = number.bytes().all(|octet| octet.is_ascii_digit()).then(|| number.parse().ok())??;
        Some(Self { name: name.to_owned(), written: written.to_owned(), number, is_extended, value: value.to_vec() })
    }
}

/// RFC 2231 §7: an octet that is no `attribute-char` is written as % and two digits.
fn percent_encode(value: &[u8], out: &mut Vec<u8>) {
    for octet in value {
        match octet.is_ascii_graphic() && !b"*'%()<>@,;:\\\"/[]?=".contains(octet) {
            true => out.push(*octet),
            false => out.extend(format!("%{octet:02X}").bytes()),
        }
    }
}

/// A message as it is stored: with CRLF line ends, except in binary parts, where every octet is kept (RFC 3030 §3, RFC
/// 3516 §4.4).
pub(crate) fn received_binary(message: Vec<u8>) -> Result<Vec<u8>, CarriageReturns> {
    let mut parts = Vec::new();
    binary_bodies(&Part::read(&message), &mut parts);
    let Some(first) = parts.first() else { return received(message) };
    let mut out = received(message[..offset(&message, first)].to_vec())?;
    for (at, part) in parts.iter().enumerate() {
        let end = offset(&message, part) + part.len();
        let next = parts.get(at + 1).map_or(message.len(), |next| offset(&message, next));
        out.extend_from_slice(part);
        out.extend(with_crlf(&message[end..next.max(end)]));
    }
    Ok(out)
}

fn binary_bodies<'a>(part: &Part<'a>, out: &mut Vec<&'a [u8]>) {
    match &part.inside {
        Inside::Leaf if part.transfer_encoding() == "BINARY" => out.push(part.body),
        Inside::Leaf => {}
        Inside::Message(message) => binary_bodies(message, out),
        Inside::Parts(parts) => parts.iter().for_each(|part| binary_bodies(part, out)),
    }
}

/// Where a part begins; parts are slices of the whole.
pub(crate) fn offset(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize).filter(|at| *at <= whole.len()).unwrap_or(0)
}

fn read<'a>(bytes: &'a [u8], default: &str, depth: usize) -> Part<'a> {
    let (header, body) = bytes.split_at(header_octets(bytes));
    let mut part = Part { header, body, content_type: plain(default), inside: Inside::Leaf };
    if let Some(value) = part.field("Content-Type") {
        // RFC 2045 §5.2: an unreadable type is plain text.
        part.content_type = ContentType::parse(&value).unwrap_or_else(|| plain("text/plain"));
    }
    let kind = part.content_type.value.to_ascii_lowercase();
    if depth >= DEPTH_MAX {
        // At this depth, nothing claims to have parts.
        if kind.starts_with("message/") || kind.starts_with("multipart/") {
            part.content_type = plain("application/octet-stream");
        }
        return part;
    }
    if kind == "message/rfc822" || kind == "message/global" {
        part.inside = Inside::Message(Box::new(read(body, "text/plain", depth + 1)));
    } else if kind.starts_with("multipart/") {
        // RFC 2046 §5.1.5: in a digest a part without a type is a message.
        let default = if kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        let parts = part.content_type.parameter("boundary").map_or_else(Vec::new, |boundary| split(body, boundary));
        let mut parts: Vec<Part<'a>> = parts.into_iter().map(|bytes| read(bytes, default, depth + 1)).collect();
        // RFC 3501 has no form for a multipart without parts, so it gets an empty one.
        if parts.is_empty() {
            parts.push(read(&body[body.len()..], "text/plain", depth + 1));
        }
        part.inside = Inside::Parts(parts);
    }
    part
}

/// A type without parameters.
fn plain(value: &str) -> ContentType {
    ContentType { value: value.to_owned(), parameters: Vec::new() }
}

/// The octets between boundary lines. The line break before a boundary belongs to the boundary (RFC 2046 §5.1.1).
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let delimiter = [b"--", boundary].concat();
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(after) = line.strip_prefix(delimiter.as_slice()) {
            let closing = after.starts_with(b"--");
            let after = after.strip_prefix(b"--").unwrap_or(after);
            // §5.1.1: "An exact match of the entire candidate line is not required; it is sufficient that the boundary
            // appear in its entirety following the CRLF." Without a blank after it, it may be the boundary of an inner
            // part.
            if closing || after.first().is_none_or(u8::is_ascii_whitespace) {
                if let Some(start) = start {
                    let part: &[u8] = &body[start..at.max(start)];
                    let part = part.strip_suffix(b"\n").unwrap_or(part);
                    parts.push(part.strip_suffix(b"\r").unwrap_or(part));
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
