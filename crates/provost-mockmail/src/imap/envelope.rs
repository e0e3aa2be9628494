//! ENVELOPE and BODYSTRUCTURE (RFC 3501 §7.4.2): a header and a MIME structure in a FETCH response. Text keeps the
//! header's bytes, whatever their character set.

use crate::message::addresses::{Address, addresses, quoted};
use crate::message::mime::{ContentType, Inside, Parameter, Part};
use crate::message::text;
use crate::message::tokens::Tokens;
use crate::message::{fields, named};

/// The ENVELOPE of a message.
pub(super) fn envelope(part: &Part<'_>) -> Vec<u8> {
    // RFC 5322 §3.6 allows each of these fields once. If there are more, all addresses count, and the last text, as in
    // Dovecot.
    let text = |name: &str| header_text(named(part.header, name).last().map(|field| field.octets()).as_deref());
    let people = |name: &str| named(part.header, name).flat_map(|field| addresses(&field.octets())).collect::<Vec<_>>();
    let from = people("From");
    // "If the Sender or Reply-To lines are absent in the [RFC-2822] header, or are present but empty, the server sets the
    // corresponding member of the envelope to be the same value as the from member."
    let or_from = |people: Vec<Address>| list_of(if people.is_empty() { &from } else { &people });
    parenthesized(&[
        text("Date"),
        text("Subject"),
        list_of(&from),
        or_from(people("Sender")),
        or_from(people("Reply-To")),
        list_of(&people("To")),
        list_of(&people("Cc")),
        list_of(&people("Bcc")),
        text("In-Reply-To"),
        text("Message-ID"),
    ])
}

/// How much of a structure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// BODY: without extension data.
    Body,
    /// BODYSTRUCTURE.
    BodyStructure,
}

/// The revision of IMAP in which a structure is written.
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
    let encoding = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n");
    let others =
        fields(part.header).into_iter().filter(|it| !it.name.eq_ignore_ascii_case("Content-Transfer-Encoding"));
    let whole = others.map(|field| field.bytes).chain([encoding.as_bytes(), octets]).collect::<Vec<_>>().concat();
    structure(&Part::read(&whole), Form::BodyStructure, revision)
}

/// The structure of a message or a part.
pub(super) fn structure(part: &Part<'_>, form: Form, revision: Revision) -> Vec<u8> {
    let (kind, subtype) = part.content_type.kind();
    let is_extended = form == Form::BodyStructure;
    let mut items;
    match &part.inside {
        Inside::Parts(parts) => {
            items = vec![parts.iter().flat_map(|part| structure(part, form, revision)).collect(), capitals(subtype)];
            if is_extended {
                items.push(body_parameters(&part.content_type.parameters, revision));
            }
        }
        Inside::Leaf | Inside::Message(_) => {
            items = vec![
                capitals(kind),
                capitals(subtype),
                body_parameters(&with_charset(&part.content_type).parameters, revision),
                header_text(part.field("Content-ID").as_deref()),
                header_text(part.field("Content-Description").as_deref()),
                capitals(&part.transfer_encoding()),
                part.body.len().to_string().into_bytes(),
            ];
            let message = match &part.inside {
                // RFC 3501 §9: `media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE "RFC822" DQUOTE`, and no other.
                Inside::Message(_) if revision == Revision::One && subtype.eq_ignore_ascii_case("global") => None,
                Inside::Message(message) => Some(message),
                Inside::Leaf | Inside::Parts(_) => None,
            };
            if let Some(message) = message {
                items.extend([envelope(message), structure(message, form, revision)]);
            }
            if kind.eq_ignore_ascii_case("text") || message.is_some() {
                let lines = part.body.iter().filter(|byte| **byte == b'\n').count();
                items.push(lines.to_string().into_bytes());
            }
            if is_extended {
                items.push(header_text(part.field("Content-MD5").as_deref()));
            }
        }
    }
    if is_extended {
        items.extend(disposition(part));
    }
    parenthesized(&items)
}

/// Disposition, language and location.
fn disposition(part: &Part<'_>) -> [Vec<u8>; 3] {
    let disposition = part.field("Content-Disposition").and_then(|value| ContentType::disposition(&value));
    let disposition =
        disposition.map_or(Vec::new(), |it| vec![header_text(Some(it.value.as_bytes())), parameters(&it.parameters)]);
    let value = part.field("Content-Language");
    let languages = languages(value.as_deref().unwrap_or(b"")).into_iter().map(|it| header_text(Some(it)));
    [
        or_nil(&disposition),
        or_nil(&languages.collect::<Vec<_>>()),
        header_text(part.field("Content-Location").as_deref()),
    ]
}

/// RFC 3282 §2: languages with commas between them, and comments anywhere.
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

/// RFC 2045 §5.2: text is US-ASCII by default, and servers say so.
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
fn body_parameters(all: &[Parameter], revision: Revision) -> Vec<u8> {
    let decoded = |(name, value): &Parameter| {
        let text = if name.ends_with('*') { text::extended(value) } else { None };
        (name.clone(), text.map_or_else(|| value.clone(), String::into_bytes))
    };
    match revision {
        Revision::One => parameters(all),
        Revision::Two => parameters(&all.iter().map(decoded).collect::<Vec<_>>()),
    }
}

fn parameters(all: &[Parameter]) -> Vec<u8> {
    or_nil(&all.iter().flat_map(|(name, value)| [capitals(name), header_text(Some(value))]).collect::<Vec<_>>())
}

fn list_of(people: &[Address]) -> Vec<u8> {
    let person = |it: &Address| {
        parenthesized(&[&it.name, &it.route, &it.mailbox, &it.host].map(|part| header_text(part.as_deref())))
    };
    // No space between two addresses.
    match people {
        [] => b"NIL".to_vec(),
        people => parenthesized(&[people.iter().flat_map(person).collect()]),
    }
}

/// Values in parentheses, or NIL if there are none.
fn or_nil(values: &[Vec<u8>]) -> Vec<u8> {
    if values.is_empty() { b"NIL".to_vec() } else { parenthesized(values) }
}

fn parenthesized(values: &[Vec<u8>]) -> Vec<u8> {
    [b"(", values.join(&b' ').as_slice(), b")"].concat()
}

/// A word in which letter case means nothing.
fn capitals(word: &str) -> Vec<u8> {
    header_text(Some(word.to_ascii_uppercase().as_bytes()))
}

/// Text of a header, or NIL. No string can hold NUL, and a line break counts as white space.
fn header_text(text: Option<&[u8]>) -> Vec<u8> {
    let Some(text) = text else { return nstring(None) };
    let shown = text.iter().flat_map(|octet| match octet {
        0 => "\u{fffd}".as_bytes(),
        b'\r' | b'\n' => b" ",
        octet => std::slice::from_ref(octet),
    });
    nstring(Some(&shown.copied().collect::<Vec<u8>>()))
}

/// `NIL`, a quoted string, or a literal where a quoted string cannot hold the text (RFC 3501 §4.3).
pub(super) fn nstring(text: Option<&[u8]>) -> Vec<u8> {
    match text {
        None => b"NIL".to_vec(),
        Some(text) if text.iter().all(|byte| (b' '..=b'~').contains(byte)) => quoted(text),
        Some(text) => [format!("{{{}}}\r\n", text.len()).as_bytes(), text].concat(),
    }
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

    /// The message of the example in RFC 3501 §8, with the ENVELOPE and BODY of its answer.
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
            let people = list_of(&addresses(field.as_bytes()));
            assert_eq!(String::from_utf8_lossy(&people), expected, "{field}");
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
