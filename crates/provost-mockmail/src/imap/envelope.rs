//! ENVELOPE and BODYSTRUCTURE (RFC 3501 §7.4.2): what a header and a MIME structure look like in a FETCH response.

use super::mime::{ContentType, Inside, Part};
use crate::message::fields;

/// The ENVELOPE of a message.
pub(super) fn envelope(part: &Part<'_>) -> Vec<u8> {
    let text = |name: &str| part.field(name);
    let people = |name: &str| text(name).map_or(Vec::new(), |text| addresses(&text));
    let from = people("From");
    // "If the Sender or Reply-To lines are absent in the [RFC-2822] header, or are present but empty, the server sets the
    // corresponding member of the envelope to be the same value as the from member."
    let or_from = |people: Vec<Address>| if people.is_empty() { from.clone() } else { people };
    let mut out = vec![b'('];
    nstring(text("Date").as_deref(), &mut out);
    out.push(b' ');
    nstring(text("Subject").as_deref(), &mut out);
    for people in [
        from.clone(),
        or_from(people("Sender")),
        or_from(people("Reply-To")),
        people("To"),
        people("Cc"),
        people("Bcc"),
    ] {
        out.push(b' ');
        write_addresses(&people, &mut out);
    }
    for name in ["In-Reply-To", "Message-ID"] {
        out.push(b' ');
        nstring(text(name).as_deref(), &mut out);
    }
    out.push(b')');
    out
}

/// The BODY of a part that was decoded: RFC 5524 §3.2 has it "show an identity encoding".
pub(super) fn structure_of_decoded(part: &Part<'_>, octets: &[u8]) -> Vec<u8> {
    let encoding = if octets.contains(&0) {
        "BINARY"
    } else if octets.is_ascii() {
        "7BIT"
    } else {
        "8BIT"
    };
    let mut header = Vec::new();
    for field in fields(part.header) {
        if !field.name.eq_ignore_ascii_case("Content-Transfer-Encoding") {
            header.extend_from_slice(field.bytes);
        }
    }
    header.extend(format!("Content-Transfer-Encoding: {encoding}\r\n\r\n").bytes());
    let whole = [header.as_slice(), octets].concat();
    structure(&Part::read(&whole), false)
}

/// The BODY of a message; with `extended`, the BODYSTRUCTURE.
pub(super) fn structure(part: &Part<'_>, extended: bool) -> Vec<u8> {
    let mut out = vec![b'('];
    let (kind, subtype) = part.content_type.value.split_once('/').unwrap_or(("TEXT", "PLAIN"));
    match &part.inside {
        Inside::Parts(parts) => {
            for part in parts {
                out.extend(structure(part, extended));
            }
            out.push(b' ');
            quoted(&subtype.to_ascii_uppercase(), &mut out);
            if extended {
                out.push(b' ');
                write_parameters(&part.content_type, &mut out);
                write_disposition(part, &mut out);
            }
        }
        Inside::Leaf | Inside::Message(_) => {
            quoted(&kind.to_ascii_uppercase(), &mut out);
            out.push(b' ');
            quoted(&subtype.to_ascii_uppercase(), &mut out);
            out.push(b' ');
            write_parameters(&part.content_type, &mut out);
            for name in ["Content-ID", "Content-Description"] {
                out.push(b' ');
                nstring(part.field(name).as_deref(), &mut out);
            }
            out.push(b' ');
            let encoding = part.field("Content-Transfer-Encoding").unwrap_or_else(|| "7BIT".to_owned());
            quoted(&encoding.to_ascii_uppercase(), &mut out);
            out.extend(format!(" {}", part.body.len()).bytes());
            if let Inside::Message(message) = &part.inside {
                out.push(b' ');
                out.extend(envelope(message));
                out.push(b' ');
                out.extend(structure(message, extended));
            }
            if kind.eq_ignore_ascii_case("text") || matches!(part.inside, Inside::Message(_)) {
                let lines = part.body.iter().filter(|byte| **byte == b'\n').count();
                out.extend(format!(" {lines}").bytes());
            }
            if extended {
                out.push(b' ');
                nstring(part.field("Content-MD5").as_deref(), &mut out);
                write_disposition(part, &mut out);
            }
        }
    }
    out.push(b')');
    out
}

/// Disposition, language and location.
fn write_disposition(part: &Part<'_>, out: &mut Vec<u8>) {
    match part.field("Content-Disposition").map(|text| ContentType::parse(&text)) {
        Some(disposition) => {
            out.extend(b" (");
            quoted(&disposition.value, out);
            out.push(b' ');
            write_parameters(&disposition, out);
            out.push(b')');
        }
        None => out.extend(b" NIL"),
    }
    for name in ["Content-Language", "Content-Location"] {
        out.push(b' ');
        nstring(part.field(name).as_deref(), out);
    }
}

fn write_parameters(content_type: &ContentType, out: &mut Vec<u8>) {
    if content_type.parameters.is_empty() {
        out.extend(b"NIL");
        return;
    }
    for (at, (name, value)) in content_type.parameters.iter().enumerate() {
        out.push(if at == 0 { b'(' } else { b' ' });
        quoted(&name.to_ascii_uppercase(), out);
        out.push(b' ');
        nstring(Some(value), out);
    }
    out.push(b')');
}

/// An address of RFC 5322, or the begin or the end of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    name: Option<String>,
    mailbox: Option<String>,
    host: Option<String>,
}

fn write_addresses(people: &[Address], out: &mut Vec<u8>) {
    if people.is_empty() {
        out.extend(b"NIL");
        return;
    }
    out.push(b'(');
    for person in people {
        out.push(b'(');
        nstring(person.name.as_deref(), out);
        out.extend(b" NIL ");
        nstring(person.mailbox.as_deref(), out);
        out.push(b' ');
        nstring(person.host.as_deref(), out);
        out.push(b')');
    }
    out.push(b')');
}

/// The addresses of a header field: names, angle brackets, groups, comments.
fn addresses(text: &str) -> Vec<Address> {
    let mut people = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::GroupStart(name) => people.push(Address { name: None, mailbox: Some(name), host: None }),
            Piece::GroupEnd => people.push(Address { name: None, mailbox: None, host: None }),
            Piece::Address(text) => people.extend(address(&text)),
        }
    }
    people
}

/// The first address of a field's value that is no group: name, local part, domain.
pub(super) fn first_address(text: &str) -> Option<(Option<String>, String, String)> {
    addresses(text).into_iter().find_map(|it| Some((it.name, it.mailbox?, it.host?)))
}

enum Piece {
    Address(String),
    GroupStart(String),
    GroupEnd,
}

/// Splits at the commas, colons and semicolons outside quotes, comments and angle brackets; leaves comments out.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut current = String::new();
    let (mut quoted, mut escaped, mut angle, mut comment) = (false, false, false, 0_usize);
    let flush = |current: &mut String, pieces: &mut Vec<Piece>| {
        let text = std::mem::take(current).trim().to_owned();
        if !text.is_empty() {
            pieces.push(Piece::Address(text));
        }
    };
    for character in text.chars() {
        let plain = !quoted && !escaped && comment == 0;
        match character {
            '(' if !quoted && !escaped => comment += 1,
            ')' if comment > 0 && !escaped => comment -= 1,
            ',' if plain && !angle => flush(&mut current, &mut pieces),
            ':' if plain && !angle => pieces.push(Piece::GroupStart(std::mem::take(&mut current).trim().to_owned())),
            ';' if plain && !angle => {
                flush(&mut current, &mut pieces);
                pieces.push(Piece::GroupEnd);
            }
            character if comment == 0 => {
                match character {
                    '"' if !escaped => quoted = !quoted,
                    '<' if plain => angle = true,
                    '>' if plain => angle = false,
                    _ => {}
                }
                current.push(character);
            }
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    flush(&mut current, &mut pieces);
    pieces
}

fn address(text: &str) -> Option<Address> {
    let (name, addr_spec) = match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end_matches('>')),
        None => ("", text),
    };
    let (mailbox, host) = addr_spec.trim().rsplit_once('@')?;
    let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => name.to_owned(),
    };
    Some(Address {
        name: (!name.is_empty()).then_some(name),
        mailbox: Some(mailbox.to_owned()),
        host: Some(host.to_owned()),
    })
}

/// `NIL`, a quoted string, or a literal where a quoted string cannot hold the text (RFC 3501 §4.3).
pub(super) fn nstring(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        None => out.extend(b"NIL"),
        Some(text) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => quoted(text, out),
        Some(text) => {
            out.extend(format!("{{{}}}\r\n", text.len()).bytes());
            out.extend(text.bytes());
        }
    }
}

/// A quoted string, without a look at its characters.
pub(super) fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], expected_envelope: &str, expected_structure: &str) {
        let part = Part::read(message);
        assert_eq!(String::from_utf8_lossy(&envelope(&part)), expected_envelope);
        assert_eq!(String::from_utf8_lossy(&structure(&part, false)), expected_structure);
    }

    /// The message of RFC 3501 §8, and the ENVELOPE and BODY that the example there answers with.
    #[test]
    fn the_example_of_rfc_3501_comes_out_as_it_says() {
        let message = b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n\
            From: Terry Gray <gray@cac.washington.edu>\r\n\
            Subject: IMAP4rev1 WG mtg summary and minutes\r\n\
            To: imap@cac.washington.edu\r\n\
            cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n\
            Message-Id: <B27397-0100000@cac.washington.edu>\r\n\
            MIME-Version: 1.0\r\n\
            Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\nhello\r\n";
        check(
            message,
            "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" \
             ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
             ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
             ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
             ((NIL NIL \"imap\" \"cac.washington.edu\")) \
             ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) \
             NIL NIL \"<B27397-0100000@cac.washington.edu>\")",
            "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 7 1)",
        );
    }

    /// RFC 3501 §7.4.2: a group "is indicated by a special form of address structure in which the host name field is
    /// NIL. If the mailbox name field is also NIL, this is an end of group marker".
    #[test]
    fn groups_and_multiparts_have_their_own_forms() {
        check(
            b"To: undisclosed-recipients:;\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n",
            "(NIL NIL NIL NIL NIL ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)",
            "((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 0) \"MIXED\")",
        );
    }
}
