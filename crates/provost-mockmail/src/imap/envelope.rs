//! ENVELOPE and BODYSTRUCTURE (RFC 3501 §7.4.2): a header and a MIME structure in a FETCH response. Text keeps the
//! header's bytes, whatever its character set.

use crate::message::addresses::{Address, addresses};
use crate::message::fields;
use crate::message::mime::{ContentType, Inside, Parameter, Part};
use crate::message::text;
use crate::message::tokens::Tokens;

/// The ENVELOPE of a message.
pub(super) fn envelope(part: &Part<'_>) -> Vec<u8> {
    // RFC 5322 §3.6 allows each of these fields once. Of more, all addresses count, and the last text, as in Dovecot.
    let text = |name: &str| part.values(name).pop();
    let people = |name: &str| part.values(name).iter().flat_map(|value| addresses(value)).collect::<Vec<_>>();
    let from = people("From");
    // "If the Sender or Reply-To lines are absent in the [RFC-2822] header, or are present but empty, the server sets the
    // corresponding member of the envelope to be the same value as the from member."
    let or_from = |people: Vec<Address>| if people.is_empty() { from.clone() } else { people };
    let mut out = vec![b'('];
    header_text(text("Date").as_deref(), &mut out);
    out.push(b' ');
    header_text(text("Subject").as_deref(), &mut out);
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
        header_text(text(name).as_deref(), &mut out);
    }
    out.push(b')');
    out
}

/// How much of a structure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// BODY: without extension data.
    Body,
    /// BODYSTRUCTURE.
    BodyStructure,
}

/// Whose words a structure is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revision {
    One,
    /// RFC 9051: a message/global is shown as the message that it is, and parameters in UTF-8.
    Two,
}

/// The structure of a part that was decoded: RFC 5524 §3.2 has it "show an identity encoding".
pub(super) fn structure_of_decoded(part: &Part<'_>, octets: &[u8], revision: Revision) -> Vec<u8> {
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
    structure(&Part::read(&whole), Form::BodyStructure, revision)
}

/// The structure of a message or a part.
pub(super) fn structure(part: &Part<'_>, form: Form, revision: Revision) -> Vec<u8> {
    let mut out = vec![b'('];
    let (kind, subtype) = part.content_type.kind();
    match &part.inside {
        Inside::Parts(parts) => {
            for part in parts {
                out.extend(structure(part, form, revision));
            }
            out.push(b' ');
            capitals(subtype, &mut out);
            if form == Form::BodyStructure {
                out.push(b' ');
                write_body_parameters(&part.content_type.parameters, revision, &mut out);
                write_disposition(part, &mut out);
            }
        }
        Inside::Leaf | Inside::Message(_) => {
            capitals(kind, &mut out);
            out.push(b' ');
            capitals(subtype, &mut out);
            out.push(b' ');
            write_body_parameters(&with_charset(&part.content_type).parameters, revision, &mut out);
            for name in ["Content-ID", "Content-Description"] {
                out.push(b' ');
                header_text(part.field(name).as_deref(), &mut out);
            }
            out.push(b' ');
            capitals(&part.transfer_encoding(), &mut out);
            out.extend(format!(" {}", part.body.len()).bytes());
            let message = match &part.inside {
                // RFC 3501 §9: `media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE "RFC822" DQUOTE`, and no other.
                Inside::Message(_) if revision == Revision::One && subtype.eq_ignore_ascii_case("global") => None,
                Inside::Message(message) => Some(message),
                Inside::Leaf | Inside::Parts(_) => None,
            };
            if let Some(message) = message {
                out.push(b' ');
                out.extend(envelope(message));
                out.push(b' ');
                out.extend(structure(message, form, revision));
            }
            if kind.eq_ignore_ascii_case("text") || message.is_some() {
                let lines = part.body.iter().filter(|byte| **byte == b'\n').count();
                out.extend(format!(" {lines}").bytes());
            }
            if form == Form::BodyStructure {
                out.push(b' ');
                header_text(part.field("Content-MD5").as_deref(), &mut out);
                write_disposition(part, &mut out);
            }
        }
    }
    out.push(b')');
    out
}

/// Disposition, language and location.
fn write_disposition(part: &Part<'_>, out: &mut Vec<u8>) {
    match part.field("Content-Disposition").and_then(|value| ContentType::disposition(&value)) {
        Some(disposition) => {
            out.extend(b" (");
            header_text(Some(disposition.value.as_bytes()), out);
            out.push(b' ');
            write_parameters(&disposition.parameters, out);
            out.push(b')');
        }
        None => out.extend(b" NIL"),
    }
    let value = part.field("Content-Language");
    let languages = languages(value.as_deref().unwrap_or(b""));
    match languages.is_empty() {
        true => out.extend(b" NIL"),
        false => {
            out.extend(b" (");
            for (at, language) in languages.into_iter().enumerate() {
                if at > 0 {
                    out.push(b' ');
                }
                header_text(Some(language), out);
            }
            out.push(b')');
        }
    }
    out.push(b' ');
    header_text(part.field("Content-Location").as_deref(), out);
}

/// RFC 3282 §2: several languages have commas between them, and comments anywhere.
fn languages(value: &[u8]) -> Vec<&[u8]> {
    let mut tokens = Tokens::new(value);
    let mut languages = Vec::new();
    while tokens.peek().is_some() {
        match tokens.token() {
            Some(language) => languages.push(language),
            None => tokens.skip_octet(),
        }
    }
    languages
}

/// RFC 2045 §5.2: text of which nothing is said is US-ASCII, and servers say so.
fn with_charset(content_type: &ContentType) -> ContentType {
    let mut content_type = content_type.clone();
    if content_type.kind().0.eq_ignore_ascii_case("text") && content_type.parameter("charset").is_none() {
        content_type.parameters.push(("charset".to_owned(), b"us-ascii".to_vec()));
    }
    content_type
}

/// RFC 9051 §7.5.2: "Servers SHOULD decode parameter-value continuations and parameter-value character sets as described in
/// \[RFC2231\] …, convert to UTF-8, concatenate, and return the resulting value as a parameter "foo*"." RFC 3501 says nothing
/// of character sets.
fn write_body_parameters(parameters: &[Parameter], revision: Revision, out: &mut Vec<u8>) {
    let decoded = |(name, value): &Parameter| {
        let text = if name.ends_with('*') { text::extended(value) } else { None };
        (name.clone(), text.map_or_else(|| value.clone(), String::into_bytes))
    };
    match revision {
        Revision::One => write_parameters(parameters, out),
        Revision::Two => write_parameters(&parameters.iter().map(decoded).collect::<Vec<_>>(), out),
    }
}

fn write_parameters(parameters: &[Parameter], out: &mut Vec<u8>) {
    if parameters.is_empty() {
        out.extend(b"NIL");
        return;
    }
    for (at, (name, value)) in parameters.iter().enumerate() {
        out.push(if at == 0 { b'(' } else { b' ' });
        capitals(name, out);
        out.push(b' ');
        header_text(Some(value), out);
    }
    out.push(b')');
}

fn write_addresses(people: &[Address], out: &mut Vec<u8>) {
    if people.is_empty() {
        out.extend(b"NIL");
        return;
    }
    out.push(b'(');
    for person in people {
        out.push(b'(');
        header_text(person.name.as_deref(), out);
        for part in [&person.route, &person.mailbox, &person.host] {
            out.push(b' ');
            header_text(part.as_deref(), out);
        }
        out.push(b')');
    }
    out.push(b')');
}

/// A word whose letter case means nothing.
fn capitals(word: &str, out: &mut Vec<u8>) {
    header_text(Some(word.to_ascii_uppercase().as_bytes()), out);
}

/// Text of a header, or NIL. No string can hold NUL, and a line break is white space there.
fn header_text(text: Option<&[u8]>, out: &mut Vec<u8>) {
    let is_plain = text.is_none_or(|text| !text.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')));
    if is_plain {
        nstring(text, out);
        return;
    }
    let shown = text.unwrap_or(b"").iter().flat_map(|octet| match octet {
        0 => "\u{fffd}".as_bytes(),
        b'\r' | b'\n' => b" ",
        octet => std::slice::from_ref(octet),
    });
    nstring(Some(&shown.copied().collect::<Vec<u8>>()), out);
}

/// `NIL`, a quoted string, or a literal where a quoted string cannot hold the text (RFC 3501 §4.3).
pub(super) fn nstring(text: Option<&[u8]>, out: &mut Vec<u8>) {
    match text {
        None => out.extend(b"NIL"),
        Some(text) if text.iter().all(|byte| (b' '..=b'~').contains(byte)) => quoted(text, out),
        Some(text) => {
            out.extend(format!("{{{}}}\r\n", text.len()).bytes());
            out.extend_from_slice(text);
        }
    }
}

/// A quoted string, without a look at its characters.
pub(super) fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
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
        assert_eq!(String::from_utf8_lossy(&structure(&part, Form::Body, Revision::One)), expected_structure);
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
                "((\"A, \\\"B\\\"\" NIL \"a\" \"b\")(\"the (other) one\" NIL \"c\" \"d\"))",
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
            write_addresses(&addresses(field.as_bytes()), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{field}");
        }
    }

    #[test]
    fn languages_are_a_list_and_a_multipart_without_parts_has_an_empty_one() {
        let part = Part::read(b"Content-Type: multipart/mixed; boundary=x\r\nContent-Language: en, de\r\n\r\nnone\r\n");
        assert_eq!(
            String::from_utf8_lossy(&structure(&part, Form::BodyStructure, Revision::One)),
            "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL) \"MIXED\" \
             (\"BOUNDARY\" \"x\") NIL (\"en\" \"de\") NIL)",
        );
    }
}
