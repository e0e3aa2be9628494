//! SORT (RFC 5256 §3, RFC 5957): the criteria, and the base subject that threads need too.

use std::cmp::Ordering;

use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization as _;

use super::grammar::{Cursor, Malformed, Parsed};
use super::mime::Part;
use super::results::Found;
use super::{addresses, text};
use crate::message::Message;

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
    let value = Part { header: message.header(), ..Part::read(b"\r\n") }.field(name)?;
    addresses::first_address(&value)
}

/// i;unicode-casemap (RFC 5051 §2): titlecase, then decomposed. Case by case: titlecase and upper case differ for a few
/// digraphs, which no two texts are told apart by.
pub(super) fn collated(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).nfkd().collect()
}

/// RFC 5256 §2.1: the subject without what replies and forwards add, and whether there was such.
pub(super) fn base_subject(subject: &str) -> (String, bool) {
    let mut is_reply = false;
    let mut base = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    loop {
        // (2): "(fwd)" at the end.
        while let Some(rest) = strip_suffix(&base, "(fwd)") {
            base = rest.trim_end().to_owned();
            is_reply = true;
        }
        // (3) to (5): "Re:", "Fwd:" and blobs at the start.
        loop {
            if let Some(rest) = without_leader(&base) {
                base = rest;
                is_reply = true;
            } else if let Some(rest) = without_blob(&base).filter(|rest| !rest.is_empty()) {
                base = rest;
            } else {
                break;
            }
        }
        // (6): "[fwd: … ]" around it all.
        let inside = strip_prefix(&base, "[fwd:").and_then(|rest| rest.strip_suffix(']'));
        let Some(inside) = inside.map(|inside| inside.trim().to_owned()) else { break };
        base = inside;
        is_reply = true;
    }
    (base, is_reply)
}

/// ```abnf
/// subj-leader = (*subj-blob subj-refwd) / WSP
/// subj-refwd  = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
/// ```
fn without_leader(text: &str) -> Option<String> {
    let mut rest = text.trim_start().to_owned();
    while let Some(after) = without_blob(&rest) {
        rest = after;
    }
    let after = ["fwd", "fw", "re"].iter().find_map(|word| strip_prefix(&rest, word))?;
    let mut after = after.trim_start().to_owned();
    if let Some(behind) = without_blob(&after) {
        after = behind;
    }
    after.strip_prefix(':').map(|rest| rest.trim_start().to_owned())
}

/// ```abnf
/// subj-blob = "[" *BLOBCHAR "]" *WSP
/// ```
fn without_blob(text: &str) -> Option<String> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    (!inside.contains('[')).then(|| rest.trim_start().to_owned())
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    text.get(at..)?.eq_ignore_ascii_case(suffix).then(|| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made from the grammar of RFC 5256 §5.
    #[test]
    fn base_subjects_are_those_of_rfc_5256() {
        for (subject, base, is_reply) in [
            ("Re: [list] Fwd: a   b (fwd)", "a b", true),
            ("[blob] a", "a", false),
            ("[blob]", "[blob]", false),
            ("[fwd: Re: a]", "a", true),
            ("re[2]: a", "a", true),
            ("reality: a", "reality: a", false),
            ("FW : a", "a", true),
            ("", "", false),
        ] {
            assert_eq!(base_subject(subject), (base.to_owned(), is_reply), "{subject}");
        }
    }

    #[test]
    fn letter_case_and_composition_make_no_difference() {
        assert_eq!(collated("Straße é"), collated("STRASSE e\u{301}"));
        assert_ne!(collated("a"), collated("b"));
    }
}
