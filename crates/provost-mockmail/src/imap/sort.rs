//! SORT (RFC 5256 §3, RFC 5957): the criteria.

use std::cmp::Ordering;

use time::OffsetDateTime;

use super::grammar::{Cursor, Malformed, Parsed};
use super::results::Found;
use crate::message::summary::collated;
use crate::message::{Message, addresses, named, text};

/// A criterion, and whether it is reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Criterion {
    by: By,
    reverse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Arrival,
    Cc,
    Date,
    DisplayFrom,
    DisplayTo,
    From,
    Size,
    Subject,
    To,
}

/// What a message is compared by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(i128),
    Text(String),
}

pub(super) fn criteria(cursor: &mut Cursor<'_>, display: bool) -> Parsed<Vec<Criterion>> {
    let mut reverse = false;
    let words = cursor.list(|cursor| Ok(cursor.atom()?.to_ascii_uppercase()))?;
    let mut criteria = Vec::new();
    for word in words {
        let by = match word.as_str() {
            "REVERSE" if !reverse => {
                reverse = true;
                continue;
            }
            "ARRIVAL" => By::Arrival,
            "CC" => By::Cc,
            "DATE" => By::Date,
            "DISPLAYFROM" if display => By::DisplayFrom,
            "DISPLAYTO" if display => By::DisplayTo,
            "FROM" => By::From,
            "SIZE" => By::Size,
            "SUBJECT" => By::Subject,
            "TO" => By::To,
            _ => return Err(Malformed("unknown sort criterion")),
        };
        criteria.push(Criterion { by, reverse });
        reverse = false;
    }
    match criteria.is_empty() || reverse {
        true => Err(Malformed("a sort criterion is missing")),
        false => Ok(criteria),
    }
}

/// RFC 5256 §3: what is equal stays in the order of the mailbox, reversed or not.
pub(super) fn sort(found: &mut Vec<Found<'_>>, criteria: &[Criterion]) {
    let mut ranked: Vec<(Vec<Rank>, Found<'_>)> = found
        .drain(..)
        .map(|it| (criteria.iter().map(|criterion| rank(it.message, criterion.by)).collect(), it))
        .collect();
    ranked.sort_by(|(one, _), (other, _)| {
        let pairs = criteria.iter().zip(one.iter().zip(other));
        let ordered =
            pairs.map(|(criterion, (one, other))| if criterion.reverse { other.cmp(one) } else { one.cmp(other) });
        ordered.fold(Ordering::Equal, Ordering::then)
    });
    found.extend(ranked.into_iter().map(|(_, it)| it));
}

fn rank(message: &Message, by: By) -> Rank {
    match by {
        By::Arrival => Rank::Number(message.internal_date.unix_timestamp_nanos()),
        By::Date => Rank::Number(sent_date(message).unix_timestamp_nanos()),
        By::Size => Rank::Number(i128::try_from(message.bytes.len()).unwrap_or(i128::MAX)),
        By::Subject => Rank::Text(message.summary().subject.clone()),
        By::Cc => Rank::Text(collated(&mailbox(message, "Cc"))),
        By::From => Rank::Text(collated(&mailbox(message, "From"))),
        By::To => Rank::Text(collated(&mailbox(message, "To"))),
        By::DisplayFrom => Rank::Text(collated(&display(message, "From"))),
        By::DisplayTo => Rank::Text(collated(&display(message, "To"))),
    }
}

/// RFC 5256 §2.2: "If the sent date cannot be determined …, the INTERNALDATE … is used as the sent date."
pub(super) fn sent_date(message: &Message) -> OffsetDateTime {
    message.summary().sent.unwrap_or(message.internal_date)
}

/// RFC 5256 §3: the local part of the first address.
fn mailbox(message: &Message, name: &str) -> String {
    first_address(message, name).map_or_else(String::new, |(_, mailbox, _)| mailbox)
}

/// RFC 5957 §3: the name, or the whole address where there is none.
fn display(message: &Message, name: &str) -> String {
    first_address(message, name).map_or_else(String::new, |(name, mailbox, host)| match name {
        Some(name) => text::words(&name),
        None => format!("{mailbox}@{host}"),
    })
}

fn first_address(message: &Message, name: &str) -> Option<(Option<String>, String, String)> {
    addresses::first_address(&named(message.header(), name).next()?.octets())
}
