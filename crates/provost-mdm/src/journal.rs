//! The journal of a deployment: JSON Lines that say what was intended, sent, and answered. Its records fold to what is known
//! of each profile on each enrollment. It holds no payload and no secret, and reads and writes no file itself.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{Digest, commands};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// It is about to be sent: perhaps it was.
    Intent,
    /// The server has it.
    Sent,
    /// The device has it.
    Acknowledged,
    /// The device, or the server, says no.
    Refused,
    /// The device defers it.
    NotNow,
    /// The device has it no more.
    Removed,
}

impl Event {
    /// As the journal spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::NotNow => "not-now",
            Self::Removed => "removed",
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When, as RFC 3339 has it.
    pub at: String,
    /// Which run wrote it.
    pub run: String,
    /// What happened.
    pub event: Event,
    /// The enrollment, or the group.
    pub enrollment: String,
    /// Whose account.
    pub address: String,
    /// The profile's identifier, or the name of the set of declarations.
    pub identifier: String,
    /// What is delivered; `None`: it is taken away.
    pub sha256: Option<Digest>,
    /// How often something else, or the same again, was sent there under this identifier; from 1.
    pub attempt: u32,
    /// The command.
    pub command: Uuid,
    /// What was answered: `HTTP 200`, or the domains and codes of the device's error chain.
    pub status: Option<String>,
}

/// What the journal knows of one identifier on one enrollment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The identifier.
    pub identifier: String,
    /// Whose account.
    pub address: String,
    /// What was last sent, or was about to be; `None`: its removal.
    pub sha256: Option<Digest>,
    /// Which attempt that was.
    pub attempt: u32,
    /// Its command.
    pub command: Uuid,
    /// How far it has come.
    pub last: Event,
    /// What was answered last.
    pub status: Option<String>,
    /// What the device acknowledged last, as far as that is known.
    pub installed: Option<Digest>,
    /// The attempt that `installed` comes from.
    settled: u32,
}

/// All that a journal says.
#[derive(Debug)]
pub struct Journal {
    /// The random identifier of its first line.
    pub id: Uuid,
    enrollments: HashMap<String, Vec<Known>>,
}

/// Why a line is none of a journal's.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LineError {
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    #[error("version {0} of the journal; this program knows version 1")]
    Version(u32),
    #[error("sha256 {0:?} is not 64 hexadecimal digits")]
    Digest(String),
    #[error("{0:?} is no UUID")]
    Uuid(String),
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head<'a> {
    provost: u32,
    #[serde(borrow)]
    journal: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    at: Cow<'a, str>,
    #[serde(borrow)]
    run: Cow<'a, str>,
    event: Event,
    #[serde(borrow)]
    enrollment: Cow<'a, str>,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    identifier: Cow<'a, str>,
    sha256: Option<String>,
    attempt: u32,
    #[serde(borrow)]
    command: Cow<'a, str>,
    status: Option<String>,
}

/// The first line of a new journal, with its end.
#[must_use]
pub fn head(id: Uuid) -> Vec<u8> {
    let mut line = serde_json::to_vec(&Head { provost: VERSION, journal: commands::text(id).into() })
        .expect("plain strings and a number");
    line.push(b'\n');
    line
}

/// The whole lines of what was read, and the octets that they take; a line without an end was torn by a crash, and is
/// passed over.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    &bytes[..end]
}

impl Record {
    /// Appends the line.
    pub fn write(&self, to: &mut Vec<u8>) {
        let line = Line {
            at: self.at.as_str().into(),
            run: self.run.as_str().into(),
            event: self.event,
            enrollment: self.enrollment.as_str().into(),
            address: self.address.as_str().into(),
            identifier: self.identifier.as_str().into(),
            sha256: self.sha256.map(|digest| digest.to_string()),
            attempt: self.attempt,
            command: commands::text(self.command).into(),
            status: self.status.clone(),
        };
        serde_json::to_writer(&mut *to, &line).expect("plain strings and numbers");
        to.push(b'\n');
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn read(line: &[u8]) -> Result<Self, LineError> {
        let line: Line<'_> = serde_json::from_slice(line)?;
        let digest = |digits: String| Digest::read(&digits).ok_or(LineError::Digest(digits));
        Ok(Self {
            at: line.at.into_owned(),
            run: line.run.into_owned(),
            event: line.event,
            enrollment: line.enrollment.into_owned(),
            address: line.address.into_owned(),
            identifier: line.identifier.into_owned(),
            sha256: line.sha256.map(digest).transpose()?,
            attempt: line.attempt,
            command: uuid(&line.command)?,
            status: line.status,
        })
    }
}

impl Journal {
    /// A journal of which only the first line is known.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self { id, enrollments: HashMap::new() }
    }

    /// The journal that this first line begins.
    ///
    /// # Errors
    ///
    /// It begins none.
    pub fn begun(line: &[u8]) -> Result<Self, LineError> {
        let head: Head<'_> = serde_json::from_slice(line)?;
        match head.provost {
            VERSION => Ok(Self::new(uuid(&head.journal)?)),
            version => Err(LineError::Version(version)),
        }
    }

    /// What is known of an identifier on an enrollment.
    #[must_use]
    pub fn known(&self, enrollment: &str, identifier: &str) -> Option<&Known> {
        self.of(enrollment).iter().find(|known| known.identifier == identifier)
    }

    /// What is known of an enrollment.
    #[must_use]
    pub fn of(&self, enrollment: &str) -> &[Known] {
        self.enrollments.get(enrollment).map_or(&[], Vec::as_slice)
    }

    /// Everything, by enrollment, in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Known)> {
        let mut enrollments: Vec<(&String, &Vec<Known>)> = self.enrollments.iter().collect();
        enrollments.sort_unstable_by_key(|(name, _)| name.as_str());
        enrollments.into_iter().flat_map(|(name, known)| known.iter().map(|known| (name.as_str(), known)))
    }

    /// What a command is about, if it is the last one of its identifier.
    #[must_use]
    pub fn commanded(&self, enrollment: &str, command: Uuid) -> Option<&Known> {
        self.of(enrollment).iter().find(|known| known.command == command)
    }

    /// Adds what a record says. Events come in any order, so the answer to an earlier attempt changes nothing of a later one,
    /// and what a command has come to is never undone by what came before.
    pub fn add(&mut self, record: &Record) {
        let Record { event, enrollment, address, identifier, sha256, attempt, command, status, .. } = record;
        if !self.enrollments.contains_key(enrollment) {
            self.enrollments.insert(enrollment.clone(), Vec::new());
        }
        let of_it = self.enrollments.get_mut(enrollment).expect("it was just inserted");
        let at = of_it.iter().position(|known| known.identifier == *identifier);
        let known = match at {
            Some(at) => &mut of_it[at],
            None => {
                of_it.push(Known {
                    identifier: identifier.clone(),
                    address: address.clone(),
                    sha256: *sha256,
                    attempt: *attempt,
                    command: *command,
                    last: *event,
                    status: None,
                    installed: None,
                    settled: 0,
                });
                of_it.last_mut().expect("it was just pushed")
            }
        };
        known.settle(record);
        if *attempt < known.attempt || (*attempt == known.attempt && rank(*event) < rank(known.last)) {
            return;
        }
        *known = Known {
            address: address.clone(),
            sha256: *sha256,
            attempt: *attempt,
            command: *command,
            last: *event,
            status: status.clone(),
            ..known.clone()
        };
    }
}

impl Known {
    /// Whether an event of the command says more than is known: a device that defers says so at each poll.
    #[must_use]
    pub fn is_news(&self, event: Event) -> bool {
        event != self.last && rank(event) >= rank(self.last)
    }

    fn settle(&mut self, record: &Record) {
        let installed = match record.event {
            Event::Acknowledged => record.sha256,
            Event::Removed => None,
            Event::Intent | Event::Sent | Event::Refused | Event::NotNow => return,
        };
        if record.attempt >= self.settled {
            self.installed = installed;
            self.settled = record.attempt;
        }
    }
}

/// How late in a command's life an event is. What is later is not undone by what is earlier; of two that are as late, the one
/// that was written last counts, so that a list of profiles can correct an acknowledgement.
fn rank(event: Event) -> u8 {
    match event {
        Event::Intent => 0,
        Event::Sent => 1,
        Event::NotNow => 2,
        Event::Acknowledged | Event::Refused | Event::Removed => 3,
    }
}

fn uuid(text: &str) -> Result<Uuid, LineError> {
    Uuid::try_parse(text).ok().ok_or_else(|| LineError::Uuid(text.to_owned()))
}

const VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(event: Event, content: Option<&[u8]>, attempt: u32) -> Record {
        Record {
            at: "2026-11-28T12:00:00Z".to_owned(),
            run: "r1".to_owned(),
            event,
            enrollment: "D1".to_owned(),
            address: "jane@example.org".to_owned(),
            identifier: "org.example.mail".to_owned(),
            sha256: content.map(Digest::of),
            attempt,
            command: Uuid::from_u128(attempt.into()),
            status: None,
        }
    }

    #[track_caller]
    fn check(records: &[(Event, Option<&[u8]>, u32)], last: Event, sent: Option<&[u8]>, installed: Option<&[u8]>) {
        let mut journal = Journal::new(Uuid::nil());
        for (event, content, attempt) in records {
            journal.add(&record(*event, *content, *attempt));
        }
        let known = journal.known("D1", "org.example.mail").expect("it is known");
        assert_eq!(
            (known.last, known.sha256, known.installed),
            (last, sent.map(Digest::of), installed.map(Digest::of))
        );
    }

    const A: Option<&[u8]> = Some(b"A");
    const B: Option<&[u8]> = Some(b"B");

    #[test]
    fn events_in_order_fold_to_the_last_one() {
        check(&[(Event::Intent, A, 1)], Event::Intent, A, None);
        check(&[(Event::Intent, A, 1), (Event::Sent, A, 1), (Event::NotNow, A, 1)], Event::NotNow, A, None);
        check(&[(Event::Sent, A, 1), (Event::NotNow, A, 1), (Event::Acknowledged, A, 1)], Event::Acknowledged, A, A);
        check(&[(Event::Acknowledged, A, 1), (Event::Sent, B, 2)], Event::Sent, B, A);
        check(
            &[(Event::Acknowledged, A, 1), (Event::Sent, None, 2), (Event::Removed, None, 2)],
            Event::Removed,
            None,
            None,
        );
    }

    #[test]
    fn events_out_of_order_undo_nothing() {
        // The device is faster than the reply to the request.
        check(&[(Event::Intent, A, 1), (Event::Acknowledged, A, 1), (Event::Sent, A, 1)], Event::Acknowledged, A, A);
        check(&[(Event::Acknowledged, A, 1), (Event::NotNow, A, 1)], Event::Acknowledged, A, A);
        // The answers to two attempts are swapped.
        let swapped =
            [(Event::Sent, A, 1), (Event::Sent, B, 2), (Event::Acknowledged, B, 2), (Event::Acknowledged, A, 1)];
        check(&swapped, Event::Acknowledged, B, B);
        // The answer to an earlier attempt comes while a later one is under way.
        check(&[(Event::Sent, A, 1), (Event::Sent, B, 2), (Event::Acknowledged, A, 1)], Event::Sent, B, A);
    }

    #[test]
    fn a_list_of_profiles_corrects_an_acknowledgement() {
        check(&[(Event::Acknowledged, A, 1), (Event::Removed, A, 1)], Event::Removed, A, None);
    }

    #[test]
    fn lines_have_the_documented_form() {
        let mut line = Vec::new();
        record(Event::NotNow, A, 3).write(&mut line);
        let expected = concat!(
            r#"{"at":"2026-11-28T12:00:00Z","run":"r1","event":"not-now","enrollment":"D1","address":"jane@example.org","#,
            r#""identifier":"org.example.mail","#,
            r#""sha256":"559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd","#,
            r#""attempt":3,"command":"00000000-0000-0000-0000-000000000003","status":null}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(line.clone()).expect("UTF-8"), expected);
        assert_eq!(Record::read(&line).expect("a record"), record(Event::NotNow, A, 3));
        let broken = expected.replace("559aead0", "559aead");
        assert!(matches!(Record::read(broken.as_bytes()), Err(LineError::Digest(_))));
    }

    #[test]
    fn a_journal_begins_with_its_identifier() {
        let head = head(Uuid::from_u128(7));
        assert_eq!(head, b"{\"provost\":1,\"journal\":\"00000000-0000-0000-0000-000000000007\"}\n");
        assert_eq!(Journal::begun(&head).expect("a journal").id, Uuid::from_u128(7));
        assert!(matches!(Journal::begun(br#"{"provost":2,"journal":""}"#), Err(LineError::Version(2))));
        assert!(matches!(Journal::begun(br#"{"provost":1,"journal":"x"}"#), Err(LineError::Uuid(_))));
    }

    #[test]
    fn a_torn_last_line_is_passed_over() {
        assert_eq!(whole_lines(b"one\ntwo\nthr"), b"one\ntwo\n");
        assert_eq!(whole_lines(b"thr"), b"");
        assert_eq!(whole_lines(b"one\n"), b"one\n");
    }
}
