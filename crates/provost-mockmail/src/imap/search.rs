//! The search keys (RFC 3501 §6.4.4 and extensions), and which messages match each.

use time::{Date, Duration, OffsetDateTime};

use super::capabilities::{Capabilities, Capability};
use super::fetch;
use super::grammar::{Cursor, Malformed, Parsed, SequenceSet};
use super::selected::Selected;
use crate::faults::{Fault, Faults};
use crate::message::mime::Part;
use crate::message::summary::sent_at;
use crate::message::{Message, addresses, fields, named, text};

/// A search key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    /// Text in an address field, as ENVELOPE shows it.
    Addresses(String, String),
    All,
    And(Vec<Key>),
    Body(String),
    /// How a date of the message compares with this one.
    Dated(Dated, Side, Date),
    Flag(String),
    Header(String, String),
    EmailId(String),
    Larger(u64),
    /// RFC 7162 §3.1.5.
    ModSeq(u64),
    New,
    Not(Box<Key>),
    /// RFC 5032: so many seconds ago, or more.
    Older(u32),
    Or(Box<Key>, Box<Key>),
    Recent,
    Sequence(SequenceSet),
    Smaller(u64),
    Text(String),
    Uid(SequenceSet),
    /// UIDs in ascending order.
    Uids(Vec<u32>),
    Younger(u32),
}

/// A date of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    Arrived,
    Sent,
    /// RFC 8514.
    Saved,
}

/// How it compares with another date. RFC 3501 §6.4.4: "disregarding time and timezone".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    On,
    Since,
}

/// The folder and the moment in which a search takes place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Among<'a> {
    pub(super) selected: &'a Selected,
    pub(super) last_number: u32,
    pub(super) last_uid: u32,
    pub(super) now: OffsetDateTime,
    pub(super) faults: &'a Faults,
}

/// The keys up to the end of the command, all of which must hold.
pub(super) fn keys(cursor: &mut Cursor<'_>, capabilities: Capabilities) -> Parsed<Key> {
    let mut keys = vec![key(cursor, 0)?];
    while !cursor.is_at_end() {
        cursor.space()?;
        keys.push(key(cursor, 0)?);
    }
    match keys.iter().all(|key| key.is_known(capabilities)) {
        true => Ok(Key::And(keys)),
        false => Err(Malformed("unknown search key")),
    }
}

/// ```abnf
/// search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer   ; RFC 7162 §7
/// ```
fn mod_sequence(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    cursor.space()?;
    if cursor.peek() == Some(b'"') {
        // A flag's entry and its kind. A message has one mod-sequence here, whatever changed.
        if !cursor.string()?.starts_with(b"/flags/") {
            return Err(Malformed("an entry of MODSEQ is \"/flags/...\""));
        }
        cursor.space()?;
        if !matches!(cursor.atom()?.to_ascii_lowercase().as_str(), "all" | "priv" | "shared") {
            return Err(Malformed("an entry of MODSEQ is all, priv or shared"));
        }
        cursor.space()?;
    }
    cursor.number64()
}

fn key(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Key> {
    if depth > DEPTH_MAX {
        return Err(Malformed("keys nested too deeply"));
    }
    match cursor.peek() {
        Some(b'(') => {
            let keys = cursor.list(|cursor| key(cursor, depth + 1))?;
            return if keys.is_empty() { Err(Malformed("no keys between parentheses")) } else { Ok(Key::And(keys)) };
        }
        Some(b'0'..=b'9' | b'*' | b'$') => return Ok(Key::Sequence(cursor.sequence_set()?)),
        _ => {}
    }
    let name = cursor.atom()?.to_ascii_uppercase();
    let flag = |name: &str| Key::Flag(format!("\\{name}"));
    let not = |key: Key| Key::Not(Box::new(key));
    Ok(match name.as_str() {
        "ALL" => Key::All,
        "ANSWERED" | "DELETED" | "DRAFT" | "FLAGGED" | "SEEN" => flag(&name),
        "UNANSWERED" | "UNDELETED" | "UNDRAFT" | "UNFLAGGED" | "UNSEEN" => not(flag(&name[2..])),
        "NEW" => Key::New,
        "RECENT" => Key::Recent,
        "OLD" => not(Key::Recent),
        "OLDER" => Key::Older(argument(cursor, seconds)?),
        "YOUNGER" => Key::Younger(argument(cursor, seconds)?),
        "SAVEDBEFORE" => Key::Dated(Dated::Saved, Side::Before, argument(cursor, Cursor::date)?),
        "SAVEDON" => Key::Dated(Dated::Saved, Side::On, argument(cursor, Cursor::date)?),
        "SAVEDSINCE" => Key::Dated(Dated::Saved, Side::Since, argument(cursor, Cursor::date)?),
        // RFC 8514 §4.3: every folder supports it.
        "SAVEDATESUPPORTED" => Key::All,
        "EMAILID" => Key::EmailId(argument(cursor, Cursor::text)?),
        "THREADID" => {
            argument(cursor, Cursor::text)?;
            not(Key::All)
        }
        "MODSEQ" => Key::ModSeq(mod_sequence(cursor)?),
        "KEYWORD" => Key::Flag(argument(cursor, keyword)?),
        "UNKEYWORD" => not(Key::Flag(argument(cursor, keyword)?)),
        "BCC" | "CC" | "FROM" | "TO" => Key::Addresses(name, argument(cursor, lower_text)?),
        "SUBJECT" => Key::Header(name, argument(cursor, lower_text)?),
        "HEADER" => {
            let field = argument(cursor, Cursor::text)?;
            Key::Header(field, argument(cursor, lower_text)?)
        }
        "BODY" => Key::Body(argument(cursor, lower_text)?),
        "TEXT" => Key::Text(argument(cursor, lower_text)?),
        "BEFORE" => Key::Dated(Dated::Arrived, Side::Before, argument(cursor, Cursor::date)?),
        "ON" => Key::Dated(Dated::Arrived, Side::On, argument(cursor, Cursor::date)?),
        "SINCE" => Key::Dated(Dated::Arrived, Side::Since, argument(cursor, Cursor::date)?),
        "SENTBEFORE" => Key::Dated(Dated::Sent, Side::Before, argument(cursor, Cursor::date)?),
        "SENTON" => Key::Dated(Dated::Sent, Side::On, argument(cursor, Cursor::date)?),
        "SENTSINCE" => Key::Dated(Dated::Sent, Side::Since, argument(cursor, Cursor::date)?),
        "LARGER" => Key::Larger(argument(cursor, Cursor::number64)?),
        "SMALLER" => Key::Smaller(argument(cursor, Cursor::number64)?),
        "UID" => Key::Uid(argument(cursor, Cursor::sequence_set)?),
        "NOT" => not(argument(cursor, |cursor| key(cursor, depth + 1))?),
        "OR" => {
            let one = argument(cursor, |cursor| key(cursor, depth + 1))?;
            Key::Or(Box::new(one), Box::new(argument(cursor, |cursor| key(cursor, depth + 1))?))
        }
        _ => return Err(Malformed("unknown search key")),
    })
}

fn argument<'a, T>(cursor: &mut Cursor<'a>, parse: impl FnOnce(&mut Cursor<'a>) -> Parsed<T>) -> Parsed<T> {
    cursor.space()?;
    parse(cursor)
}

/// RFC 5032 §5: `nz-number`.
fn seconds(cursor: &mut Cursor<'_>) -> Parsed<u32> {
    let seconds = cursor.number()?;
    if seconds == 0 { Err(Malformed("an interval has a second at least")) } else { Ok(seconds) }
}

/// ```abnf
/// flag-keyword = atom
/// ```
fn keyword(cursor: &mut Cursor<'_>) -> Parsed<String> {
    match cursor.peek() {
        Some(b'\\') => Err(Malformed("a keyword has no backslash; SEEN and the like ask for system flags")),
        Some(_) | None => cursor.atom().map(str::to_owned),
    }
}

fn lower_text(cursor: &mut Cursor<'_>) -> Parsed<String> {
    Ok(cursor.text()?.to_lowercase())
}

impl Key {
    fn is_known(&self, capabilities: Capabilities) -> bool {
        !self.any(&|key| key.brought_by().is_some_and(|by| !capabilities.has(by)))
    }

    /// The capability that adds a key; `None`: it is always there.
    fn brought_by(&self) -> Option<Capability> {
        let brought = [
            (Capability::Within, matches!(self, Self::Older(_) | Self::Younger(_))),
            (Capability::SaveDate, matches!(self, Self::Dated(Dated::Saved, ..))),
            (Capability::ObjectId, matches!(self, Self::EmailId(_))),
            (Capability::CondStore, matches!(self, Self::ModSeq(_))),
            (Capability::SearchRes, matches!(self, Self::Sequence(set) | Self::Uid(set) if set.is_saved())),
        ];
        brought.into_iter().find_map(|(by, is_it)| is_it.then_some(by))
    }

    /// Whether `is_so` holds for any key that has no others inside.
    fn any(&self, is_so: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::And(keys) => keys.iter().any(|key| key.any(is_so)),
            Self::Or(one, other) => one.any(is_so) || other.any(is_so),
            Self::Not(key) => key.any(is_so),
            key => is_so(key),
        }
    }

    /// RFC 5267 §4.3: "any message sequence numbers used in the search program are evaluated at the time the command is
    /// received".
    pub(super) fn with_numbers_of(self, selected: &Selected) -> Self {
        let uids = |set: &SequenceSet, by_uid: bool| {
            Self::Uids(selected.among(set, by_uid).into_iter().map(|(_, uid)| uid).collect())
        };
        match self {
            Self::Sequence(set) => uids(&set, false),
            Self::Uid(set) if set.is_saved() => uids(&set, true),
            Self::And(keys) => Self::And(keys.into_iter().map(|key| key.with_numbers_of(selected)).collect()),
            Self::Or(one, other) => {
                Self::Or(Box::new(one.with_numbers_of(selected)), Box::new(other.with_numbers_of(selected)))
            }
            Self::Not(key) => Self::Not(Box::new(key.with_numbers_of(selected))),
            other => other,
        }
    }

    /// Whether it asks for mod-sequences.
    pub(super) fn asks_modseq(&self) -> bool {
        self.any(&|key| matches!(key, Self::ModSeq(_)))
    }

    /// Whether the message matches; `number` is its sequence number.
    pub(super) fn holds(&self, number: u32, message: &Message, among: &Among<'_>) -> bool {
        let octets = u64::try_from(message.bytes.len()).unwrap_or(u64::MAX);
        let recent = || among.selected.recent.contains(&message.uid);
        let age = || among.now - message.internal_date;
        let saved = || among.selected.saved.binary_search(&message.uid).is_ok();
        match self {
            Self::All => true,
            Self::And(keys) => keys.iter().all(|key| key.holds(number, message, among)),
            Self::Or(one, other) => one.holds(number, message, among) || other.holds(number, message, among),
            Self::Not(key) => !key.holds(number, message, among),
            Self::Dated(Dated::Arrived, Side::Since, _) if among.faults.has(Fault::SinceIgnored) => true,
            Self::Dated(dated, side, date) => dated.of(message).is_some_and(|found| match side {
                Side::Before => found < *date,
                Side::On => found == *date,
                Side::Since => found >= *date,
            }),
            Self::Older(seconds) => age() >= Duration::seconds(i64::from(*seconds)),
            Self::Younger(seconds) => age() <= Duration::seconds(i64::from(*seconds)),
            Self::Body(needle) => in_text(message, needle, false),
            Self::Text(needle) => in_text(message, needle, true),
            Self::Header(name, needle) => in_field(message, name, needle),
            Self::Addresses(name, needle) => in_addresses(message, name, needle),
            Self::Flag(flag) => message.has_flag(flag),
            Self::EmailId(id) => fetch::email_id(message) == *id,
            Self::ModSeq(modseq) => message.modseq >= *modseq,
            Self::Recent => recent(),
            Self::New => recent() && !message.has_flag("\\Seen"),
            Self::Larger(limit) => octets > *limit,
            Self::Smaller(limit) => octets < *limit,
            Self::Sequence(set) | Self::Uid(set) if set.is_saved() => saved(),
            Self::Sequence(set) => set.contains(number, among.last_number),
            Self::Uid(set) => set.contains(message.uid, among.last_uid),
            Self::Uids(uids) => uids.binary_search(&message.uid).is_ok(),
        }
    }
}

impl Dated {
    fn of(self, message: &Message) -> Option<Date> {
        match self {
            Self::Arrived => Some(message.internal_date),
            Self::Sent => sent_at(message),
            Self::Saved => Some(message.saved),
        }
        .map(OffsetDateTime::date)
    }
}

/// RFC 3501 §6.4.4: letter case makes no difference; RFC 9051 §6.4.4: text is decoded first.
fn in_text(message: &Message, lower_needle: &str, with_header: bool) -> bool {
    if lower_needle.is_empty() {
        return true;
    }
    if is_plain(message) && lower_needle.is_ascii() {
        let octets = if with_header { &message.bytes[..] } else { message.text() };
        return contains_ascii(octets, lower_needle.as_bytes());
    }
    text::any_text(&Part::read(&message.bytes), with_header, &mut |text| text.to_lowercase().contains(lower_needle))
}

/// Whether its octets are its text: nothing is encoded, and there are no parts.
fn is_plain(message: &Message) -> bool {
    fields(message.header()).iter().all(|field| {
        let plain_value = |plain: &[&[u8]]| plain.iter().any(|it| contains_ascii(field.bytes, it));
        match field.name.len() {
            12 if field.name.eq_ignore_ascii_case("Content-Type") => plain_value(&[b"text/plain"]),
            25 if field.name.eq_ignore_ascii_case("Content-Transfer-Encoding") => plain_value(&[b"7bit", b"8bit"]),
            _ => !field.bytes.windows(2).any(|two| two == b"=?"),
        }
    })
}

/// Whether `octets` contain the needle, in any letter case.
fn contains_ascii(octets: &[u8], lower_needle: &[u8]) -> bool {
    let Some((first, rest)) = lower_needle.split_first() else { return true };
    let (small, capital) = (*first, first.to_ascii_uppercase());
    let mut from = 0;
    while let Some(at) = memchr::memchr2(small, capital, &octets[from..]) {
        let after = from + at + 1;
        match octets.get(after..after + rest.len()) {
            Some(found) if found.eq_ignore_ascii_case(rest) => return true,
            Some(_) => from = after,
            None => return false,
        }
    }
    false
}

fn in_field(message: &Message, name: &str, lower_needle: &str) -> bool {
    let values = message.field(name);
    values.iter().any(|value| text::words(value).to_lowercase().contains(lower_needle))
}

/// RFC 3501 §6.4.4 searches "in the envelope structure's FROM field": without comments, and without blanks inside the
/// address.
fn in_addresses(message: &Message, name: &str, lower_needle: &str) -> bool {
    named(message.header(), name).any(|field| {
        let written = addresses::written(&addresses::addresses(&field.octets()));
        text::words(&String::from_utf8_lossy(&written)).to_lowercase().contains(lower_needle)
    })
}

const DEPTH_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_either_case() {
        for (octets, needle, expected) in [
            ("a Needle here", "needle", true),
            ("NEEDL", "needle", false),
            ("nneedle", "needle", true),
            ("", "", true),
            ("x[Y", "[y", true),
        ] {
            assert_eq!(contains_ascii(octets.as_bytes(), needle.as_bytes()), expected, "{octets} {needle}");
        }
    }
}
