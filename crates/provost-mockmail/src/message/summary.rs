//! What SORT and THREAD need from a message's header, read once.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use unicode_normalization::UnicodeNormalization as _;

use super::{Message, text};

/// The facts in a header by which messages are sorted and threaded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The sent date, if the header has one.
    pub(crate) sent: Option<OffsetDateTime>,
    /// The base subject, collated (RFC 5256 §2.1).
    pub(crate) subject: String,
    /// Whether the subject is that of a reply or a forward.
    pub(crate) is_reply: bool,
    pub(crate) id: Option<String>,
    /// The ids of its ancestors, the parent last (RFC 5256 §3).
    pub(crate) references: Vec<String>,
}

impl Summary {
    pub(crate) fn of(message: &Message) -> Self {
        let first = |name: &str| message.field(name).into_iter().next();
        let (base, is_reply) = base_subject(&text::words(first("Subject").as_deref().unwrap_or("")));
        let mut references = message_ids(&message.field("References").join(" "));
        if references.is_empty() {
            // "If a message does not contain a References header line … then use the first valid Message ID in the
            // In-Reply-To header line".
            references = message_ids(&message.field("In-Reply-To").join(" "));
            references.truncate(1);
        }
        Self {
            sent: sent_at(message),
            subject: collated(&base),
            is_reply,
            id: message_ids(&message.field("Message-ID").join(" ")).into_iter().next(),
            references,
        }
    }
}

/// The message ids in a field, `<…@…>`, without comments and other words.
fn message_ids(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((id, behind)) = after.split_once('>') else { break };
        let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
        if id.contains('@') {
            ids.push(id);
        }
        rest = behind;
    }
    ids
}

pub(crate) fn sent_at(message: &Message) -> Option<OffsetDateTime> {
    let value = message.field("Date").into_iter().next()?;
    // RFC 5322 allows a comment with the name of the time zone.
    let value = value.split('(').next()?.trim();
    OffsetDateTime::parse(value, &Rfc2822).ok()
}

/// i;unicode-casemap (RFC 5051 §2): titlecase, then decomposed. Upper case will do: it differs for a few digraphs, but
/// in no comparison.
pub(crate) fn collated(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).nfkd().collect()
}

/// RFC 5256 §2.1: the subject without what replies and forwards add, and whether anything was removed.
fn base_subject(subject: &str) -> (String, bool) {
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
