//! What SORT and THREAD need from a message's header, read once.

use time::OffsetDateTime;

use super::sort::{base_subject, collated};
use super::{search, text};
use crate::message::Message;

/// What of a header says how a message stands to others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// When it was sent, if the header says it.
    pub(super) sent: Option<OffsetDateTime>,
    /// The base subject, collated (RFC 5256 §2.1).
    pub(super) subject: String,
    /// Whether the subject is that of a reply or a forward.
    pub(super) is_reply: bool,
    pub(super) id: Option<String>,
    /// The ids of what it replies to, the nearest one last (RFC 5256 §3).
    pub(super) references: Vec<String>,
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
            sent: search::sent_at(message),
            subject: collated(&base),
            is_reply,
            id: message_ids(&message.field("Message-ID").join(" ")).into_iter().next(),
            references,
        }
    }
}

/// The message ids in a field: `<…@…>`, comments and other words left out.
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
