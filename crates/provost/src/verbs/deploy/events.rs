//! What an event adds to the journal.

use provost_mdm::journal::Event;
use provost_mdm::webhook::{Answer, Cause, Seen};
use uuid::Uuid;

use super::journal_file::{About, JournalFile};

/// What a device answered to one of our commands.
pub(super) struct Answered {
    pub(super) command: Uuid,
    pub(super) event: Event,
    /// Why not, in the device's words.
    pub(super) why: Option<String>,
}

/// Adds it, if it is the answer to a command of the journal that says something new.
pub(super) fn add(seen: &Seen, journal: &mut JournalFile, lines: &mut Vec<u8>) -> Option<Answered> {
    let Seen::Answer { enrollment, command: Some(command), answer } = seen else { return None };
    let known = journal.journal.commanded(enrollment, *command)?.clone();
    let (event, status, why) = match answer {
        Answer::Idle => return None,
        Answer::Acknowledged(_) => {
            let event = if known.sha256.is_some() { Event::Acknowledged } else { Event::Removed };
            (event, "Acknowledged".to_owned(), None)
        }
        Answer::NotNow => (Event::NotNow, "NotNow".to_owned(), None),
        Answer::Error(causes) => (Event::Refused, codes(causes), Some(words(causes))),
    };
    if known.is_news(event) {
        journal.note(event, About::known(enrollment, &known), Some(status), lines);
    }
    Some(Answered { command: *command, event, why })
}

/// The domains and codes of an error chain: what a journal may hold of it.
fn codes(causes: &[Cause]) -> String {
    match causes {
        [] => "Error".to_owned(),
        causes => causes.iter().map(|it| format!("{} {}", it.domain, it.code)).collect::<Vec<_>>().join(", "),
    }
}

fn words(causes: &[Cause]) -> String {
    let word = |cause: &Cause| match &cause.description {
        Some(description) => format!("{} {}: {description}", cause.domain, cause.code),
        None => format!("{} {}", cause.domain, cause.code),
    };
    match causes {
        [] => "the device gives no reason".to_owned(),
        causes => causes.iter().map(word).collect::<Vec<_>>().join("; "),
    }
}
