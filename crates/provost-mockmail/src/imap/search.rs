//! SEARCH (RFC 3501 §6.4.4): every key of it, and what each finds.

use time::Date;

use super::grammar::{Cursor, Malformed, Parsed, SequenceSet};
use crate::faults::{Fault, Faults};
use crate::message::Message;

/// A search key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    All,
    And(Vec<Key>),
    Before(Date),
    Body(String),
    Flag(String),
    Header(String, String),
    Larger(u32),
    Not(Box<Key>),
    On(Date),
    Or(Box<Key>, Box<Key>),
    Sequence(SequenceSet),
    SentBefore(Date),
    SentOn(Date),
    SentSince(Date),
    Since(Date),
    Smaller(u32),
    Text(String),
    Uid(SequenceSet),
}

/// A message among the others, as SEARCH needs to know it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) message: &'a Message,
    pub(super) number: u32,
    pub(super) last_number: u32,
    pub(super) last_uid: u32,
}

/// The keys up to the end of the command, all of which must hold.
pub(super) fn keys(cursor: &mut Cursor<'_>) -> Parsed<Key> {
    let mut keys = vec![key(cursor, 0)?];
    while !cursor.is_at_end() {
        cursor.space()?;
        keys.push(key(cursor, 0)?);
    }
    Ok(Key::And(keys))
}

fn key(cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Key> {
    if depth > DEPTH_MAX {
        return Err(Malformed("keys nested too deeply"));
    }
    match cursor.peek() {
        Some(b'(') => return Ok(Key::And(cursor.list(|cursor| key(cursor, depth + 1))?)),
        Some(b'0'..=b'9' | b'*') => return Ok(Key::Sequence(cursor.sequence_set()?)),
        _ => {}
    }
    let name = cursor.atom()?.to_ascii_uppercase();
    let flag = |name: &str| Key::Flag(format!("\\{name}"));
    let not = |key: Key| Key::Not(Box::new(key));
    Ok(match name.as_str() {
        "ALL" => Key::All,
        "ANSWERED" | "DELETED" | "DRAFT" | "FLAGGED" | "SEEN" => flag(&name),
        "UNANSWERED" | "UNDELETED" | "UNDRAFT" | "UNFLAGGED" | "UNSEEN" => not(flag(&name[2..])),
        // No message is recent here: see the session.
        "NEW" | "RECENT" => not(Key::All),
        "OLD" => Key::All,
        "KEYWORD" => Key::Flag(argument(cursor, Cursor::flag)?),
        "UNKEYWORD" => not(Key::Flag(argument(cursor, Cursor::flag)?)),
        "BCC" | "CC" | "FROM" | "SUBJECT" | "TO" => Key::Header(name, argument(cursor, lower_text)?),
        "HEADER" => {
            let field = argument(cursor, Cursor::text)?;
            Key::Header(field, argument(cursor, lower_text)?)
        }
        "BODY" => Key::Body(argument(cursor, lower_text)?),
        "TEXT" => Key::Text(argument(cursor, lower_text)?),
        "BEFORE" => Key::Before(argument(cursor, Cursor::date)?),
        "ON" => Key::On(argument(cursor, Cursor::date)?),
        "SINCE" => Key::Since(argument(cursor, Cursor::date)?),
        "SENTBEFORE" => Key::SentBefore(argument(cursor, Cursor::date)?),
        "SENTON" => Key::SentOn(argument(cursor, Cursor::date)?),
        "SENTSINCE" => Key::SentSince(argument(cursor, Cursor::date)?),
        "LARGER" => Key::Larger(argument(cursor, Cursor::number)?),
        "SMALLER" => Key::Smaller(argument(cursor, Cursor::number)?),
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

fn lower_text(cursor: &mut Cursor<'_>) -> Parsed<String> {
    Ok(cursor.text()?.to_lowercase())
}

impl Key {
    pub(super) fn holds(&self, candidate: &Candidate<'_>, faults: &Faults) -> bool {
        let message = candidate.message;
        // RFC 3501 §6.4.4: dates are compared "disregarding time and timezone".
        let arrived = message.internal_date.date();
        let octets = u32::try_from(message.bytes.len()).unwrap_or(u32::MAX);
        match self {
            Self::All => true,
            Self::And(keys) => keys.iter().all(|key| key.holds(candidate, faults)),
            Self::Or(one, other) => one.holds(candidate, faults) || other.holds(candidate, faults),
            Self::Not(key) => !key.holds(candidate, faults),
            Self::Before(date) => arrived < *date,
            Self::On(date) => arrived == *date,
            Self::Since(date) => faults.has(Fault::SinceIgnored) || arrived >= *date,
            Self::SentBefore(date) => sent(message).is_some_and(|sent| sent < *date),
            Self::SentOn(date) => sent(message) == Some(*date),
            Self::SentSince(date) => sent(message).is_some_and(|sent| sent >= *date),
            Self::Body(text) => contains(message.text(), text),
            Self::Text(text) => contains(&message.bytes, text),
            Self::Header(name, text) => message.field(name).iter().any(|value| value.to_lowercase().contains(text)),
            Self::Flag(flag) => message.has_flag(flag),
            Self::Larger(limit) => octets > *limit,
            Self::Smaller(limit) => octets < *limit,
            Self::Sequence(set) => set.contains(candidate.number, candidate.last_number),
            Self::Uid(set) => set.contains(message.uid, candidate.last_uid),
        }
    }
}

fn contains(bytes: &[u8], lower_text: &str) -> bool {
    String::from_utf8_lossy(bytes).to_lowercase().contains(lower_text)
}

/// The date of the Date field.
fn sent(message: &Message) -> Option<Date> {
    let value = message.field("Date").into_iter().next()?;
    let format = &time::format_description::well_known::Rfc2822;
    time::OffsetDateTime::parse(&value, format).ok().map(time::OffsetDateTime::date)
}

const DEPTH_MAX: usize = 32;
