//! The items of FETCH (RFC 3501 §6.4.5 and extensions), and how each is written for a message.

use std::borrow::Cow;

use time::OffsetDateTime;

use super::capabilities::{Capabilities, Capability};
use super::envelope::{self, Form, Revision};
use super::grammar::{Cursor, MONTHS, Malformed, Parsed};
use crate::faults::{Fault, Faults};
use crate::mailbox::Folder;
use crate::message::mime::{self, Inside};
use crate::message::text;
use crate::message::{Message, lines};

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Body,
    BodyStructure,
    Envelope,
    Flags,
    InternalDate,
    Size,
    Uid,
    Section(Section),
    /// RFC 7162.
    ModSeq,
    /// RFC 8474.
    EmailId,
    /// RFC 8474; always NIL here.
    ThreadId,
    /// RFC 8514.
    SaveDate,
    /// RFC 8970.
    Preview,
    /// RFC 3516: a part without its transfer encoding.
    Binary(Section),
    BinarySize(Section),
}

/// A `BODY[…]`, or one of the older names for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// What the response calls it: the client's own words. Apple Mail shows nothing for others.
    label: String,
    numbers: Vec<u32>,
    what: What,
    /// The first octet and how many.
    partial: Option<(usize, usize)>,
    /// Whether fetching it leaves `\Seen` alone.
    peek: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Whole,
    Header,
    Fields(Vec<String>),
    FieldsNot(Vec<String>),
    Text,
    Mime,
}

/// The items of a FETCH command.
pub(super) fn items(cursor: &mut Cursor<'_>) -> Parsed<Vec<Item>> {
    if cursor.peek() == Some(b'(') {
        let items = cursor.list(item)?;
        return if items.is_empty() { Err(Malformed("no items")) } else { Ok(items) };
    }
    let mut ahead = *cursor;
    let fast = [Item::Flags, Item::InternalDate, Item::Size];
    let items = match ahead.atom()?.to_ascii_uppercase().as_str() {
        "FAST" => fast.to_vec(),
        "ALL" => [fast.as_slice(), &[Item::Envelope]].concat(),
        "FULL" => [fast.as_slice(), &[Item::Envelope, Item::Body]].concat(),
        _ => return Ok(vec![item(cursor)?]),
    };
    *cursor = ahead;
    Ok(items)
}

/// The capability without which an item is unknown.
pub(super) fn is_known(item: &Item, capabilities: Capabilities) -> bool {
    let needed = match item {
        Item::Body
        | Item::BodyStructure
        | Item::Envelope
        | Item::Flags
        | Item::InternalDate
        | Item::Size
        | Item::Uid
        | Item::Section(_) => return true,
        Item::ModSeq => Capability::CondStore,
        Item::EmailId | Item::ThreadId => Capability::ObjectId,
        Item::SaveDate => Capability::SaveDate,
        Item::Preview => Capability::Preview,
        Item::Binary(_) | Item::BinarySize(_) => Capability::Binary,
    };
    capabilities.has(needed)
}

fn item(cursor: &mut Cursor<'_>) -> Parsed<Item> {
    let name = cursor.word(b" ()[]<>{\"")?.to_ascii_uppercase();
    let older = |label: &str, what: What, peek: bool| {
        Item::Section(Section { label: label.to_owned(), numbers: Vec::new(), what, partial: None, peek })
    };
    Ok(match name.as_str() {
        "BODY" | "BODY.PEEK" if cursor.peek() == Some(b'[') => {
            Item::Section(section(cursor, "BODY", name == "BODY.PEEK")?)
        }
        "BODY" => Item::Body,
        "BODYSTRUCTURE" => Item::BodyStructure,
        "ENVELOPE" => Item::Envelope,
        "FLAGS" => Item::Flags,
        "INTERNALDATE" => Item::InternalDate,
        "RFC822.SIZE" => Item::Size,
        "UID" => Item::Uid,
        "RFC822" => older("RFC822", What::Whole, false),
        "RFC822.HEADER" => older("RFC822.HEADER", What::Header, true),
        "RFC822.TEXT" => older("RFC822.TEXT", What::Text, false),
        "MODSEQ" => Item::ModSeq,
        "EMAILID" => Item::EmailId,
        "THREADID" => Item::ThreadId,
        "SAVEDATE" => Item::SaveDate,
        "PREVIEW" => {
            let mut ahead = *cursor;
            if ahead.take(b' ') && ahead.take(b'(') {
                *cursor = ahead;
                if !cursor.atom()?.eq_ignore_ascii_case("LAZY") {
                    return Err(Malformed("unknown modifier of PREVIEW"));
                }
                cursor.expect(b')', "a modifier without end")?;
            }
            Item::Preview
        }
        "BINARY" | "BINARY.PEEK" => Item::Binary(section(cursor, "BINARY", name == "BINARY.PEEK")?),
        "BINARY.SIZE" => Item::BinarySize(section(cursor, "BINARY.SIZE", true)?),
        _ => return Err(Malformed("unknown item")),
    })
}

/// ```abnf
/// section        = "[" [section-spec] "]" ["<" number "." nz-number ">"]
/// section-binary = "[" [section-part] "]"      ; RFC 3516 §7
/// ```
fn section(cursor: &mut Cursor<'_>, item: &str, peek: bool) -> Parsed<Section> {
    cursor.expect(b'[', "a section is missing")?;
    let mut label = format!("{item}[");
    let numbers = part_numbers(cursor, &mut label)?;
    let what = match cursor.peek() {
        Some(b']') => What::Whole,
        _ if item != "BODY" => return Err(Malformed("a section without end")),
        _ => {
            let name = cursor.word(b" ]")?;
            label.push_str(name);
            match name.to_ascii_uppercase().as_str() {
                "HEADER" => What::Header,
                "TEXT" => What::Text,
                "MIME" if !numbers.is_empty() => What::Mime,
                fields @ ("HEADER.FIELDS" | "HEADER.FIELDS.NOT") => {
                    cursor.space()?;
                    let names = cursor.list(Cursor::text)?;
                    label.push_str(&format!(" ({})", names.join(" ")));
                    if fields == "HEADER.FIELDS" { What::Fields(names) } else { What::FieldsNot(names) }
                }
                _ => return Err(Malformed("unknown section")),
            }
        }
    };
    cursor.expect(b']', "a section without end")?;
    label.push(']');
    let partial = partial(cursor, &mut label)?;
    Ok(Section { label, numbers, what, partial, peek })
}

fn part_numbers(cursor: &mut Cursor<'_>, label: &mut String) -> Parsed<Vec<u32>> {
    let mut numbers = Vec::new();
    while matches!(cursor.peek(), Some(b'0'..=b'9')) {
        let number = cursor.number()?;
        numbers.push(number);
        label.push_str(&number.to_string());
        if cursor.take(b'.') {
            label.push('.');
        }
    }
    Ok(numbers)
}

/// The first octet and how many.
fn partial(cursor: &mut Cursor<'_>, label: &mut String) -> Parsed<Option<(usize, usize)>> {
    let mut partial = None;
    if cursor.take(b'<') {
        let first = cursor.number()?;
        cursor.expect(b'.', "a partial fetch without its length")?;
        let octets = cursor.number()?;
        cursor.expect(b'>', "a partial fetch without end")?;
        label.push_str(&format!("<{first}>"));
        let number = |number: u32| usize::try_from(number).ok().ok_or(Malformed("a number of that size"));
        partial = Some((number(first)?, number(octets)?));
    }
    Ok(partial)
}

impl Item {
    /// Whether fetching it sets `\Seen`.
    pub(super) fn marks_as_seen(&self) -> bool {
        matches!(self, Self::Section(section) | Self::Binary(section) if !section.peek)
    }

    /// Whether it is the whole message.
    pub(super) fn is_whole_message(&self) -> bool {
        matches!(self, Self::Section(section) if section.is_whole_message())
    }

    /// Whether it includes the text that a person reads, of a message or a part.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Section(section) | Self::Binary(section) if matches!(section.what, What::Whole | What::Text))
    }

    /// Writes its name and value; `flags` are the message's as the session sees them.
    ///
    /// # Errors
    ///
    /// The part has an unknown transfer encoding.
    pub(super) fn write(
        &self,
        message: &Message,
        flags: &str,
        revision: Revision,
        faults: &Faults,
        out: &mut Vec<u8>,
    ) -> Result<(), UnknownEncoding> {
        match self {
            Self::Body => {
                out.extend(b"BODY ");
                out.extend(envelope::structure(&mime::Part::read(&message.bytes), Form::Body, revision));
            }
            Self::BodyStructure => {
                out.extend(b"BODYSTRUCTURE ");
                out.extend(envelope::structure(&mime::Part::read(&message.bytes), Form::BodyStructure, revision));
            }
            Self::Envelope => {
                out.extend(b"ENVELOPE ");
                out.extend(envelope::envelope(&mime::Part::read(&message.bytes)));
            }
            Self::Flags => out.extend(format!("FLAGS ({flags})").bytes()),
            Self::InternalDate => {
                out.extend(format!("INTERNALDATE \"{}\"", date_time(message.internal_date)).bytes());
            }
            Self::ModSeq => out.extend(format!("MODSEQ ({})", message.modseq).bytes()),
            Self::EmailId => out.extend(format!("EMAILID ({})", email_id(message)).bytes()),
            Self::ThreadId => out.extend(b"THREADID NIL"),
            Self::SaveDate => out.extend(format!("SAVEDATE \"{}\"", date_time(message.saved)).bytes()),
            Self::Preview => {
                out.extend(b"PREVIEW ");
                out.extend(envelope::nstring(Some(text::preview(&mime::Part::read(&message.bytes)).as_bytes())));
            }
            Self::Binary(section) => {
                out.extend(section.label.bytes());
                match section.decoded(message)? {
                    Some(bytes) => literal(section.cut(&bytes), out),
                    None => out.extend(b" NIL"),
                }
            }
            Self::BinarySize(section) => {
                let octets = section.decoded(message)?.map_or(0, |bytes| bytes.len());
                out.extend(format!("{} {octets}", section.label).bytes());
            }
            Self::Size => out.extend(format!("RFC822.SIZE {}", message.bytes.len()).bytes()),
            Self::Uid => out.extend(format!("UID {}", message.uid).bytes()),
            Self::Section(section) => {
                out.extend(section.label.bytes());
                match section.is_whole_message() && faults.has(Fault::FetchOtherBytes) {
                    true => {
                        let other = [message.header(), &message.text().to_ascii_uppercase()].concat();
                        literal_octets(section.cut(&other), out);
                    }
                    false => section.write_value(message, Part::AsItIs, out),
                }
            }
        }
        Ok(())
    }
}

/// An unknown Content-Transfer-Encoding.
#[derive(Debug)]
pub(super) struct UnknownEncoding;

/// RFC 3516 §4.2: octets with NUL among them are sent as a literal8.
fn literal(bytes: &[u8], out: &mut Vec<u8>) {
    let tilde = if bytes.contains(&0) { "~" } else { "" };
    out.extend(format!(" {tilde}{{{}}}\r\n", bytes.len()).bytes());
    out.extend_from_slice(bytes);
}

/// RFC 8474 §4: at most 255 characters.
pub(super) fn mailbox_id(folder: &Folder) -> String {
    format!("F{}", folder.uid_validity)
}

pub(super) fn email_id(message: &Message) -> String {
    // The upper half is the account's first UIDVALIDITY; mail that is older than this rule keeps its identifiers.
    match (message.email_id >> u32::BITS, message.email_id & u64::from(u32::MAX)) {
        (0, number) => format!("M{number}"),
        (account, number) => format!("M{account}-{number}"),
    }
}

/// How the octets of a part are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    AsItIs,
    Decoded,
}

impl Section {
    /// The section of a URL (RFC 5092 §5), with the first octet and how many.
    pub(super) fn of_url(section: &str, partial: Option<(usize, Option<usize>)>) -> Option<Self> {
        let text = format!("[{section}]");
        let mut cursor = Cursor::new(text.as_bytes());
        let parsed = self::section(&mut cursor, "BODY", true).ok().filter(|_| cursor.is_at_end())?;
        Some(Self { partial: partial.map(|(first, octets)| (first, octets.unwrap_or(usize::MAX))), ..parsed })
    }

    /// Whether the message has such a part.
    pub(super) fn exists_in(&self, message: &Message) -> bool {
        self.whole(message).is_some()
    }

    /// The octets; `None` if there is no such part.
    pub(super) fn octets(&self, message: &Message) -> Option<Vec<u8>> {
        self.whole(message).map(|octets| self.cut(&octets).to_vec())
    }

    /// Writes a space and the octets, or NIL.
    pub(super) fn write_value(&self, message: &Message, part: Part, out: &mut Vec<u8>) {
        let octets = match part {
            Part::AsItIs => self.whole(message),
            Part::Decoded => self.decoded(message).unwrap_or(None).map(Cow::Owned),
        };
        match (octets, part) {
            (None, _) => out.extend(b" NIL"),
            (Some(octets), Part::AsItIs) => literal_octets(self.cut(&octets), out),
            (Some(octets), Part::Decoded) => literal(self.cut(&octets), out),
        }
    }

    /// The structure of a part with its extension data (RFC 5524 §3.2), as it is sent.
    pub(super) fn structure(&self, message: &Message, part: Part, revision: Revision) -> Option<Vec<u8>> {
        let root = mime::Part::read(&message.bytes);
        let found = root.at(&self.numbers)?;
        let octets = match part {
            Part::AsItIs => None,
            Part::Decoded => self.decoded(message).unwrap_or(None),
        };
        Some(match octets.filter(|_| matches!(found.inside, Inside::Leaf)) {
            Some(octets) => envelope::structure_of_decoded(found, &octets, revision),
            None => envelope::structure(found, Form::BodyStructure, revision),
        })
    }

    fn is_whole_message(&self) -> bool {
        self.numbers.is_empty() && self.what == What::Whole
    }

    /// RFC 3501 §6.4.5: "Any partial fetch that attempts to read beyond the end of the text is truncated as
    /// appropriate."
    fn cut<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match self.partial {
            Some((first, octets)) => {
                let first = first.min(bytes.len());
                &bytes[first..first.saturating_add(octets).min(bytes.len())]
            }
            None => bytes,
        }
    }

    /// A part without its transfer encoding (RFC 3516 §4.2).
    fn decoded(&self, message: &Message) -> Result<Option<Vec<u8>>, UnknownEncoding> {
        let root = mime::Part::read(&message.bytes);
        let Some(part) = root.at(&self.numbers) else { return Ok(None) };
        match &part.inside {
            _ if self.numbers.is_empty() => Ok(Some(message.bytes.to_vec())),
            Inside::Leaf => text::octets(part).map(Some).ok_or(UnknownEncoding),
            Inside::Message(_) | Inside::Parts(_) => Ok(Some(part.body.to_vec())),
        }
    }

    fn whole<'a>(&self, message: &'a Message) -> Option<Cow<'a, [u8]>> {
        if self.is_whole_message() {
            return Some(Cow::Borrowed(&message.bytes));
        }
        let root = mime::Part::read(&message.bytes);
        let part = root.at(&self.numbers)?;
        // HEADER and TEXT of a part are those of the message inside it.
        let inner = match (&part.inside, self.numbers.is_empty()) {
            (_, true) => part,
            (Inside::Message(message), false) => message.as_ref(),
            (Inside::Leaf | Inside::Parts(_), false) => {
                return match self.what {
                    What::Whole => Some(Cow::Borrowed(part.body)),
                    What::Mime => Some(Cow::Borrowed(part.header)),
                    What::Header | What::Fields(_) | What::FieldsNot(_) | What::Text => None,
                };
            }
        };
        let named = |names: &[String], name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
        let chosen = |choose: &dyn Fn(&str) -> bool| {
            let fields = lines(inner.header).into_iter().filter(|field| choose(field.name)).map(|field| field.bytes);
            Cow::Owned(fields.chain([&b"\r\n"[..]]).collect::<Vec<_>>().concat())
        };
        Some(match &self.what {
            What::Whole => Cow::Borrowed(part.body),
            What::Mime => Cow::Borrowed(part.header),
            What::Header => Cow::Borrowed(inner.header),
            What::Text => Cow::Borrowed(inner.body),
            What::Fields(names) => chosen(&|name| !name.is_empty() && named(names, name)),
            What::FieldsNot(names) => chosen(&|name| !named(names, name)),
        })
    }
}

/// RFC 9051 §9: `literal = … *CHAR8`, `CHAR8 = %x01-ff`: a literal holds no NUL; clients use BINARY for that. As in
/// Dovecot, NUL is sent as 0x80, so that every octet keeps its place.
fn literal_octets(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(format!(" {{{}}}\r\n", bytes.len()).bytes());
    match memchr::memchr(0, bytes) {
        None => out.extend_from_slice(bytes),
        Some(_) => out.extend(bytes.iter().map(|octet| if *octet == 0 { 0x80 } else { *octet })),
    }
}

/// ```abnf
/// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
/// ```
fn date_time(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    format!(
        "{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}",
        at.day(),
        MONTHS[usize::from(u8::from(at.month())) - 1],
        at.year(),
        at.hour(),
        at.minute(),
        at.second(),
        if at.offset().is_negative() { '-' } else { '+' },
        hours.abs(),
        minutes.abs(),
    )
}
