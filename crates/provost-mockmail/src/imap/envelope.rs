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
            write_parameters(&with_charset(&part.content_type), &mut out);
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
    // RFC 3282 §2 separates several languages by commas.
    let languages = part.field("Content-Language");
    let languages = languages.iter().flat_map(|languages| languages.split(','));
    let languages: Vec<&str> = languages.map(str::trim).filter(|it| !it.is_empty()).collect();
    match languages.is_empty() {
        true => out.extend(b" NIL"),
        false => {
            out.extend(b" (");
            for (at, language) in languages.into_iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                nstring(Some(language), out);
            }
            out.push(b')');
        }
    }
    out.push(b' ');
    nstring(part.field("Content-Location").as_deref(), out);
}

/// RFC 2045 §5.2: text of which nothing is said is US-ASCII, and servers say so.
fn with_charset(content_type: &ContentType) -> ContentType {
    let mut content_type = content_type.clone();
    let is_text = content_type.value.split('/').next().is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
    if is_text && content_type.parameter("charset").is_none() {
        content_type.parameters.insert(0, ("charset".to_owned(), "us-ascii".to_owned()));
    }
    content_type
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Address {
    name: Option<String>,
    /// The way that it was to take (RFC 3501 §7.4.2, `addr-adl`).
    route: Option<String>,
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
        for part in [&person.route, &person.mailbox, &person.host] {
            out.push(b' ');
            nstring(part.as_deref(), out);
        }
        out.push(b')');
    }
    out.push(b')');
}

/// The addresses of a header field: names, angle brackets, groups, comments.
fn addresses(text: &str) -> Vec<Address> {
    let pieces = pieces(text).into_iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::GroupStart(name) => Some(Address { mailbox: Some(name), ..Address::default() }),
            Piece::GroupEnd => Some(Address::default()),
            Piece::Address { text, remark } => address(&text, &remark),
        })
        .collect()
}

/// The first address of a field's value: name, and local part, or the name of a group, and domain.
pub(super) fn first_address(text: &str) -> Option<(Option<String>, String, String)> {
    let first = addresses(text).into_iter().find(|it| it.mailbox.is_some())?;
    Some((first.name, first.mailbox?, first.host.unwrap_or(String::new())))
}

enum Piece {
    Address { text: String, remark: String },
    GroupStart(String),
    GroupEnd,
}

/// A field's value on its way to pieces.
#[derive(Default)]
struct Splitter {
    pieces: Vec<Piece>,
    text: String,
    remark: String,
}

impl Splitter {
    fn flush(&mut self) {
        let (text, remark) = (std::mem::take(&mut self.text), std::mem::take(&mut self.remark));
        if !text.trim().is_empty() {
            self.pieces.push(Piece::Address { text: text.trim().to_owned(), remark: remark.trim().to_owned() });
        }
    }
}

/// Splits at the commas, colons and semicolons outside quotes, comments and brackets; comments stand beside.
fn pieces(text: &str) -> Vec<Piece> {
    let mut split = Splitter::default();
    let (mut quoted, mut escaped, mut bracket, mut comment) = (false, false, false, 0_usize);
    for character in text.chars() {
        let plain = !quoted && !escaped && comment == 0;
        match character {
            '(' if !quoted && !escaped => {
                comment += 1;
                if comment == 1 {
                    split.remark.clear();
                }
            }
            ')' if comment > 0 && !escaped => comment -= 1,
            ',' if plain && !bracket => split.flush(),
            ':' if plain && !bracket => {
                let name = std::mem::take(&mut split.text).trim().to_owned();
                split.pieces.push(Piece::GroupStart(unquoted(&name)));
            }
            ';' if plain && !bracket => {
                split.flush();
                split.pieces.push(Piece::GroupEnd);
            }
            character if comment == 0 => {
                match character {
                    '"' if !escaped => quoted = !quoted,
                    // The colons in an address literal and in a route start no group.
                    '<' | '[' if plain => bracket = true,
                    '>' | ']' if plain => bracket = false,
                    _ => {}
                }
                split.text.push(character);
            }
            '\\' if !escaped => {}
            character => split.remark.push(character),
        }
        escaped = character == '\\' && !escaped;
    }
    split.flush();
    split.pieces
}

fn address(text: &str, remark: &str) -> Option<Address> {
    let (name, addr_spec) = match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end().trim_end_matches('>')),
        None => ("", text),
    };
    // RFC 5322 §4.4: `obs-route = obs-domain-list ":"`.
    let (route, addr_spec) = match addr_spec.strip_prefix('@').and_then(|_| addr_spec.split_once(':')) {
        Some((route, rest)) => (Some(route.to_owned()), rest),
        None => (None, addr_spec),
    };
    let addr_spec = addr_spec.trim();
    if addr_spec.is_empty() {
        return None;
    }
    // A local part alone is somebody all the same; what Dovecot 2.3 calls the host keeps it from looking like a group.
    let (mailbox, host) = addr_spec.rsplit_once('@').unwrap_or((addr_spec, "MISSING_DOMAIN"));
    let name = if name.is_empty() { remark.to_owned() } else { unquoted(name) };
    Some(Address {
        name: (!name.is_empty()).then_some(name),
        route,
        // RFC 3501 §9: "local-part after removing [RFC-2822] quoting".
        mailbox: Some(unquoted(mailbox.trim())),
        host: Some(host.trim().to_owned()),
    })
}

/// A phrase or a local part without the quotation marks of RFC 5322 §3.2.4.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for character in text.chars() {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => {}
            character => {
                escaped = false;
                out.push(character);
            }
        }
    }
    out
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
            "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 1 0) \"MIXED\")",
        );
    }

    /// As Dovecot 2.3.19 answers for the same fields (observed on 2026-11-24).
    #[test]
    fn odd_addresses_are_somebody_all_the_same() {
        for (field, expected) in [
            (
                "\"A, \\\"B\\\"\" <a@b>, c@d (the (other) one)",
                "((\"A, \\\"B\\\"\" NIL \"a\" \"b\")(\"the other one\" NIL \"c\" \"d\"))",
            ),
            ("<@route:a@b>", "((NIL \"@route\" \"a\" \"b\"))"),
            ("\"quoted local\"@dom", "((NIL NIL \"quoted local\" \"dom\"))"),
            ("user@[IPv6:::1]", "((NIL NIL \"user\" \"[IPv6:::1]\"))"),
            ("nobody", "((NIL NIL \"nobody\" \"MISSING_DOMAIN\"))"),
            (
                "a@b, group: x@y, z@w;, q@r",
                "((NIL NIL \"a\" \"b\")(NIL NIL \"group\" NIL)(NIL NIL \"x\" \"y\")(NIL NIL \"z\" \"w\")(NIL NIL NIL NIL)(NIL NIL \"q\" \"r\"))",
            ),
            (", ,<>", "NIL"),
        ] {
            let mut out = Vec::new();
            write_addresses(&addresses(field), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{field}");
        }
    }

    #[test]
    fn languages_are_a_list_and_a_multipart_without_parts_has_an_empty_one() {
        let part = Part::read(b"Content-Type: multipart/mixed; boundary=x\r\nContent-Language: en, de\r\n\r\nnone\r\n");
        assert_eq!(
            String::from_utf8_lossy(&structure(&part, true)),
            "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL) \"MIXED\" \
             (\"BOUNDARY\" \"x\") NIL (\"en\" \"de\") NIL)",
        );
    }
}
