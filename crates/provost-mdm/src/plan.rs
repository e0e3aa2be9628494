//! What has to be done: what is wanted, compared with what the journal knows. Nothing is sent here.

use uuid::Uuid;

use crate::Digest;
use crate::commands::{self, Command};
use crate::journal::{Event, Journal, Known};
use crate::target::Work;

/// What becomes of a profile, as a plan says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The device has nothing of it.
    Create,
    /// It takes the place of another one of the same identifier; mail stays where it is.
    Update,
    /// Another one goes and this comes; the device downloads the mail again.
    MakeAnew,
    /// It goes.
    Remove,
    /// The device has it.
    Unchanged,
    /// It was sent, and the device has not answered.
    Waiting,
}

impl Action {
    /// In the words of a plan.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update in place",
            Self::MakeAnew => "make anew",
            Self::Remove => "remove",
            Self::Unchanged => "unchanged",
            Self::Waiting => "sent, not acknowledged",
        }
    }

    /// In reports for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::MakeAnew => "make-anew",
            Self::Remove => "remove",
            Self::Unchanged => "unchanged",
            Self::Waiting => "waiting",
        }
    }

    /// Whether something is sent.
    #[must_use]
    pub fn sends(self) -> bool {
        match self {
            Self::Create | Self::Update | Self::MakeAnew | Self::Remove => true,
            Self::Unchanged | Self::Waiting => false,
        }
    }
}

/// What is to be done, and as which attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub action: Action,
    /// The attempt that sends it; of what is not sent, the one that did.
    pub attempt: u32,
}

/// What is to be done so that an enrollment has this under that identifier.
#[must_use]
pub fn deliver(known: Option<&Known>, wanted: &Digest) -> Decision {
    let Some(known) = known else { return Decision { action: Action::Create, attempt: 1 } };
    let may_have_some = known.installed.is_some() || known.sha256.is_some_and(|it| it != *wanted) && was_sent(known);
    let send = if may_have_some { Action::Update } else { Action::Create };
    let again = Decision { action: send, attempt: known.attempt + 1 };
    if known.sha256 != Some(*wanted) {
        return again;
    }
    match known.last {
        Event::Acknowledged => Decision { action: Action::Unchanged, attempt: known.attempt },
        Event::Sent | Event::NotNow => Decision { action: Action::Waiting, attempt: known.attempt },
        // It was perhaps sent: the same command again is taken once.
        Event::Intent => Decision { action: send, attempt: known.attempt },
        Event::Refused | Event::Removed => again,
    }
}

/// What is to be done so that an enrollment no longer has what is known; `None`: it has not.
#[must_use]
pub fn remove(known: &Known) -> Option<Decision> {
    let again = Some(Decision { action: Action::Remove, attempt: known.attempt + 1 });
    match (known.sha256, known.last) {
        (_, Event::Removed) => None,
        (None, Event::Intent) => Some(Decision { action: Action::Remove, attempt: known.attempt }),
        (None, Event::Sent | Event::NotNow) => Some(Decision { action: Action::Waiting, attempt: known.attempt }),
        // A folder's removal is acknowledged like everything else.
        (None, Event::Acknowledged) => None,
        (None, Event::Refused) | (Some(_), Event::Intent | Event::Sent | Event::NotNow | Event::Acknowledged) => again,
        (Some(_), Event::Refused) => known.installed.and(again),
    }
}

/// The identifier of the command that does a piece of work.
#[must_use]
pub fn command(
    journal: Uuid,
    enrollment: &str,
    identifier: &str,
    work: Work<'_>,
    digest: Option<Digest>,
    attempt: u32,
) -> Uuid {
    let request_type = match work {
        Work::Profile(_) => "InstallProfile",
        Work::RemoveProfile => Command::RemoveProfile(identifier).request_type(),
        Work::Declarations(_) => Command::DeclarativeManagement.request_type(),
        Work::RemoveDeclarations => "DeclarativeManagement without",
        Work::AskProfiles => Command::ProfileList.request_type(),
    };
    // What is delivered contains its identifier; two things that are taken away differ only in theirs.
    let content = digest.unwrap_or_else(|| Digest::of(identifier.as_bytes()));
    commands::uuid(journal, enrollment, request_type, &content, attempt)
}

/// What the journal knows that takes the same person's place on the same enrollment under another identifier.
pub fn replaced<'a>(
    journal: &'a Journal,
    enrollment: &str,
    address: &'a str,
    wanted: &'a dyn Fn(&str) -> bool,
) -> impl Iterator<Item = &'a Known> {
    let of_it = journal.of(enrollment).iter();
    of_it.filter(move |known| known.address == address && !wanted(&known.identifier) && remove(known).is_some())
}

/// Whether the device may have it, as far as the journal knows.
fn was_sent(known: &Known) -> bool {
    match known.last {
        Event::Intent | Event::Sent | Event::NotNow | Event::Acknowledged => true,
        Event::Refused | Event::Removed => false,
    }
}

/// What a device's own list of profiles says of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// With this identifier and UUID.
    Same,
    /// With this identifier and another UUID.
    Other,
    /// Not at all.
    Not,
}

/// The event that a device's list adds to what is known, and its status; `None`: nothing that was not known.
///
/// A list has identifiers and UUIDs, and says nothing of contents: an update that was deferred is sent again.
#[must_use]
pub fn by_the_list(known: &Known, listed: Listed) -> Option<(Event, &'static str)> {
    let is_removal = known.sha256.is_none();
    match (known.last, listed) {
        (Event::Removed, Listed::Not) => None,
        (_, Listed::Not) if is_removal || known.installed.is_some() => {
            Some((Event::Removed, "not in the device's list"))
        }
        (Event::Refused, Listed::Not) => None,
        (Event::Intent | Event::Sent | Event::NotNow | Event::Acknowledged, Listed::Not) => {
            Some((Event::Refused, "not in the device's list"))
        }
        (Event::Removed, Listed::Same | Listed::Other) => Some((Event::Refused, "in the device's list")),
        (Event::Acknowledged, Listed::Same) | (Event::Refused, Listed::Same) => None,
        (Event::Acknowledged | Event::Refused, Listed::Other) => {
            Some((Event::Refused, "another one in the device's list"))
        }
        (Event::Intent | Event::Sent | Event::NotNow, Listed::Same) if !is_removal && known.installed.is_none() => {
            Some((Event::Acknowledged, "in the device's list"))
        }
        (Event::Intent | Event::Sent | Event::NotNow, Listed::Same | Listed::Other) => {
            Some((Event::Refused, "never acknowledged"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Record;

    fn known(records: &[(Event, Option<&[u8]>, u32)]) -> Known {
        let mut journal = Journal::new(Uuid::nil());
        for (event, content, attempt) in records {
            journal.add(&Record {
                at: String::new(),
                run: String::new(),
                event: *event,
                enrollment: "D1".to_owned(),
                address: "jane@example.org".to_owned(),
                identifier: "mail".to_owned(),
                sha256: content.map(Digest::of),
                attempt: *attempt,
                command: Uuid::from_u128((*attempt).into()),
                status: None,
            });
        }
        journal.known("D1", "mail").expect("it is known").clone()
    }

    const A: Option<&[u8]> = Some(b"A");
    const B: Option<&[u8]> = Some(b"B");

    #[track_caller]
    fn delivers_a(records: &[(Event, Option<&[u8]>, u32)], action: Action, attempt: u32) {
        assert_eq!(deliver(Some(&known(records)), &Digest::of(b"A")), Decision { action, attempt });
    }

    #[test]
    fn what_is_there_is_not_sent_again() {
        assert_eq!(deliver(None, &Digest::of(b"A")), Decision { action: Action::Create, attempt: 1 });
        delivers_a(&[(Event::Sent, A, 1), (Event::Acknowledged, A, 1)], Action::Unchanged, 1);
        delivers_a(&[(Event::Sent, A, 1)], Action::Waiting, 1);
        delivers_a(&[(Event::Sent, A, 1), (Event::NotNow, A, 1)], Action::Waiting, 1);
    }

    #[test]
    fn a_killed_run_sends_the_same_command_again() {
        delivers_a(&[(Event::Intent, A, 1)], Action::Create, 1);
        delivers_a(&[(Event::Acknowledged, B, 1), (Event::Intent, A, 2)], Action::Update, 2);
    }

    #[test]
    fn a_and_b_and_a_are_three_attempts() {
        delivers_a(&[(Event::Acknowledged, A, 1), (Event::Sent, B, 2)], Action::Update, 3);
        delivers_a(&[(Event::Sent, B, 1)], Action::Update, 2);
        delivers_a(&[(Event::Sent, B, 1), (Event::Refused, B, 1)], Action::Create, 2);
        delivers_a(&[(Event::Sent, A, 1), (Event::Refused, A, 1)], Action::Create, 2);
        delivers_a(&[(Event::Acknowledged, A, 1), (Event::Removed, None, 2)], Action::Create, 3);
    }

    #[track_caller]
    fn removes(records: &[(Event, Option<&[u8]>, u32)], expected: Option<(Action, u32)>) {
        let expected = expected.map(|(action, attempt)| Decision { action, attempt });
        assert_eq!(remove(&known(records)), expected);
    }

    #[test]
    fn what_may_be_there_is_removed_once() {
        removes(&[(Event::Acknowledged, A, 1)], Some((Action::Remove, 2)));
        removes(&[(Event::Sent, A, 1)], Some((Action::Remove, 2)));
        removes(&[(Event::Acknowledged, A, 1), (Event::Intent, None, 2)], Some((Action::Remove, 2)));
        removes(&[(Event::Acknowledged, A, 1), (Event::Sent, None, 2)], Some((Action::Waiting, 2)));
        removes(&[(Event::Acknowledged, A, 1), (Event::Refused, None, 2)], Some((Action::Remove, 3)));
        removes(&[(Event::Acknowledged, A, 1), (Event::Removed, None, 2)], None);
        removes(&[(Event::Refused, A, 1)], None);
        removes(&[(Event::Acknowledged, A, 1), (Event::Refused, B, 2)], Some((Action::Remove, 3)));
    }

    #[track_caller]
    fn lists(records: &[(Event, Option<&[u8]>, u32)], listed: Listed, expected: Option<Event>) {
        assert_eq!(by_the_list(&known(records), listed).map(|(event, _)| event), expected);
    }

    #[test]
    fn a_devices_list_finds_lost_events_and_lost_commands() {
        // The acknowledgement was lost.
        lists(&[(Event::Sent, A, 1)], Listed::Same, Some(Event::Acknowledged));
        // The server lost what the device had deferred.
        lists(&[(Event::Sent, A, 1), (Event::NotNow, A, 1)], Listed::Not, Some(Event::Refused));
        // The old contents have the same UUID.
        lists(&[(Event::Acknowledged, B, 1), (Event::NotNow, A, 2)], Listed::Same, Some(Event::Refused));
        // Somebody took it away.
        lists(&[(Event::Acknowledged, A, 1)], Listed::Not, Some(Event::Removed));
        lists(&[(Event::Acknowledged, A, 1), (Event::Sent, None, 2)], Listed::Not, Some(Event::Removed));
        lists(&[(Event::Acknowledged, A, 1), (Event::Sent, None, 2)], Listed::Same, Some(Event::Refused));
        lists(&[(Event::Acknowledged, A, 1)], Listed::Same, None);
        lists(&[(Event::Acknowledged, A, 1)], Listed::Other, Some(Event::Refused));
    }

    /// Two profiles of one device that are removed at the same attempt are two commands.
    #[test]
    fn removals_differ_by_identifier() {
        let of = |identifier| command(Uuid::nil(), "D1", identifier, Work::RemoveProfile, None, 2);
        assert_ne!(of("one"), of("two"));
    }
}
