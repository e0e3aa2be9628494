//! FETCH (RFC 3501 §6.4.5): the items that a client asks for, and the response for one message.

use super::envelope;
use super::grammar::{Cursor, MONTHS, Malformed, Parsed};
use super::mime::Part;
use crate::faults::{Fault, Faults};
use crate::message::{Message, fields};

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
}

/// A `BODY[…]`, or one of the older names for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// What the response calls it: the client's own words, since Apple Mail shows nothing for others.
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
        return cursor.list(item);
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

fn item(cursor: &mut Cursor<'_>) -> Parsed<Item> {
    let name = cursor.word(b" ()[]<>{\"")?.to_ascii_uppercase();
    let older = |label: &str, what: What, peek: bool| {
        Item::Section(Section { label: label.to_owned(), numbers: Vec::new(), what, partial: None, peek })
    };
    Ok(match name.as_str() {
        "BODY" | "BODY.PEEK" if cursor.peek() == Some(b'[') => Item::Section(section(cursor, name == "BODY.PEEK")?),
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
        _ => return Err(Malformed("unknown item")),
    })
}

/// ```abnf
/// section = "[" [section-spec] "]" ["<" number "." nz-number ">"]
/// ```
fn section(cursor: &mut Cursor<'_>, peek: bool) -> Parsed<Section> {
    cursor.expect(b'[', "a section is missing")?;
    let mut numbers = Vec::new();
    let mut label = String::from("BODY[");
    while matches!(cursor.peek(), Some(b'0'..=b'9')) {
        let number = cursor.number()?;
        numbers.push(number);
        label.push_str(&number.to_string());
        if cursor.take(b'.') {
            label.push('.');
        }
    }
    let what = match cursor.peek() {
        Some(b']') => What::Whole,
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
    Ok(Section { label, numbers, what, partial, peek })
}

impl Item {
    /// Whether fetching it sets `\Seen`.
    pub(super) fn marks_as_seen(&self) -> bool {
        matches!(self, Self::Section(section) if !section.peek)
    }

    /// Whether it hands out all of a message at once.
    pub(super) fn is_whole_message(&self) -> bool {
        matches!(self, Self::Section(section) if section.numbers.is_empty() && section.what == What::Whole)
    }

    /// Writes its name and value.
    pub(super) fn write(&self, message: &Message, faults: &Faults, out: &mut Vec<u8>) {
        match self {
            Self::Body => {
                out.extend(b"BODY ");
                out.extend(envelope::structure(&Part::read(&message.bytes), false));
            }
            Self::BodyStructure => {
                out.extend(b"BODYSTRUCTURE ");
                out.extend(envelope::structure(&Part::read(&message.bytes), true));
            }
            Self::Envelope => {
                out.extend(b"ENVELOPE ");
                out.extend(envelope::envelope(&Part::read(&message.bytes)));
            }
            Self::Flags => out.extend(format!("FLAGS ({})", message.flags.join(" ")).bytes()),
            Self::InternalDate => out.extend(format!("INTERNALDATE \"{}\"", date_time(message)).bytes()),
            Self::Size => out.extend(format!("RFC822.SIZE {}", message.bytes.len()).bytes()),
            Self::Uid => out.extend(format!("UID {}", message.uid).bytes()),
            Self::Section(section) => section.write(self.is_whole_message(), message, faults, out),
        }
    }
}

impl Section {
    fn write(&self, whole: bool, message: &Message, faults: &Faults, out: &mut Vec<u8>) {
        out.extend(self.label.bytes());
        let Some(mut bytes) = self.octets(message) else {
            out.extend(b" NIL");
            return;
        };
        if whole && faults.has(Fault::FetchOtherBytes) {
            bytes = [message.header(), &message.text().to_ascii_uppercase()].concat();
        }
        let bytes = match self.partial {
            // RFC 3501 §6.4.5: "Any partial fetch that attempts to read beyond the end of the text is truncated as
            // appropriate."
            Some((first, octets)) => {
                let first = first.min(bytes.len());
                &bytes[first..first.saturating_add(octets).min(bytes.len())]
            }
            None => bytes.as_slice(),
        };
        out.extend(format!(" {{{}}}\r\n", bytes.len()).bytes());
        out.extend_from_slice(bytes);
    }

    fn octets(&self, message: &Message) -> Option<Vec<u8>> {
        if self.numbers.is_empty() && self.what == What::Whole {
            return Some(message.bytes.clone());
        }
        let root = Part::read(&message.bytes);
        let part = root.at(&self.numbers)?;
        // HEADER and TEXT of a part are those of the message that it holds.
        let inner = match (&part.inside, self.numbers.is_empty()) {
            (_, true) => part,
            (super::mime::Inside::Message(message), false) => message.as_ref(),
            (super::mime::Inside::Leaf | super::mime::Inside::Parts(_), false) => {
                return match self.what {
                    What::Whole => Some(part.body.to_vec()),
                    What::Mime => Some(part.header.to_vec()),
                    What::Header | What::Fields(_) | What::FieldsNot(_) | What::Text => None,
                };
            }
        };
        let named = |names: &[String], name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
        let chosen = |choose: &dyn Fn(&str) -> bool| {
            let fields = fields(inner.header).into_iter().filter(|field| choose(field.name));
            let mut bytes = fields.fold(Vec::new(), |mut bytes, field| {
                bytes.extend_from_slice(field.bytes);
                bytes
            });
            bytes.extend(b"\r\n");
            bytes
        };
        Some(match &self.what {
            What::Whole => part.body.to_vec(),
            What::Mime => part.header.to_vec(),
            What::Header => inner.header.to_vec(),
            What::Text => inner.body.to_vec(),
            What::Fields(names) => chosen(&|name| named(names, name)),
            What::FieldsNot(names) => chosen(&|name| !named(names, name)),
        })
    }
}

/// ```abnf
/// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
/// ```
fn date_time(message: &Message) -> String {
    let at = message.internal_date;
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
