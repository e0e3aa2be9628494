//! A proof in words: what it came to, and a line for each check. It prints nothing.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use provost_account::{Endpoint, Protocol};
use provost_verify::{Cause, CauseRow, Outcome, Words};

use super::super::proven::{Origin, Proven, Told, Unproven};
use crate::groups::groups;

/// A proof, as reports show it.
pub(super) struct Proof<'a> {
    pub(super) subject: &'a Proven,
    pub(super) told: &'a [Told],
    pub(super) verdict: Word,
    pub(super) checks: BTreeMap<Outcome, usize>,
    pub(super) lines: Vec<Line>,
    /// The file; of the settings, the servers.
    pub(super) what: String,
    pub(super) format: &'static str,
    pub(super) device: &'static str,
    pub(super) address: String,
}

impl<'a> Proof<'a> {
    pub(super) fn of(subject: &'a Proven, told: &'a [Told]) -> Self {
        let lines: Vec<Line> = told.iter().map(Line::of).collect();
        let mut checks = BTreeMap::new();
        lines.iter().for_each(|line| *checks.entry(line.outcome).or_default() += 1);
        let what = match subject.origin {
            Origin::Settings => servers(&lines),
            Origin::Profile { .. } | Origin::UnknownFormat => subject.files[0].clone(),
        };
        let (format, device) = match subject.origin {
            Origin::Settings => ("service", "none"),
            Origin::Profile { format, device } => (format.name, device),
            Origin::UnknownFormat => ("unknown", "none"),
        };
        let address = subject.address.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        Self { subject, told, verdict: Word::of(&checks, told), checks, lines, what, format, device, address }
    }

    /// The checks that failed.
    pub(super) fn failures(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.outcome == Outcome::Failed)
    }

    /// What is not tried.
    pub(super) fn untried(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.outcome == Outcome::NotTried)
    }
}

/// What a proof came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    Proven,
    Failed,
    /// No check passed or failed.
    Nothing,
    /// Something is not tried here, such as a login with a client certificate; the rest is proven.
    InPart,
    /// A file for several people that gives one of them another login name than theirs.
    DoesNotFit,
}

impl Word {
    fn of(checks: &BTreeMap<Outcome, usize>, told: &[Told]) -> Self {
        let has = |outcome| checks.contains_key(&outcome);
        match told.first() {
            _ if has(Outcome::Failed) => Self::Failed,
            Some(Told::Unproven(Unproven::DoesNotFit(_))) => Self::DoesNotFit,
            _ if has(Outcome::NotTried) && has(Outcome::Passed) => Self::InPart,
            _ if has(Outcome::Passed) => Self::Proven,
            _ => Self::Nothing,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Proven => "ok  ",
            Self::Failed => "FAIL",
            Self::Nothing | Self::DoesNotFit => "none",
            Self::InPart => "part",
        }
    }
}

/// The servers that were asked, in their order.
fn servers(lines: &[Line]) -> String {
    let servers = groups(lines.iter().map(|line| (line.server.as_str(), ())));
    servers.into_iter().map(|(server, _)| server).collect::<Vec<_>>().join(" + ")
}

/// A row of the report, in words.
pub(super) struct Line {
    pub(super) check: &'static str,
    pub(super) server: String,
    pub(super) outcome: Outcome,
    pub(super) words: Words,
    pub(super) elapsed: Duration,
    /// Its row in the table of causes.
    pub(super) row: Option<&'static CauseRow>,
    /// Which cause it is, whatever its words say of this account.
    pub(super) cause: Option<Discriminant<Cause>>,
}

impl Line {
    fn of(told: &Told) -> Self {
        let own = |check, outcome, found: &str, expected: &str, fix: Option<&String>| {
            let words =
                Words { found: found.to_owned(), expected: expected.to_owned(), cause: None, fix: fix.cloned() };
            Self { check, server: String::new(), outcome, words, elapsed: Duration::ZERO, row: None, cause: None }
        };
        let accepted = "a file that the device accepts";
        match told {
            Told::Step(step) => Self {
                check: step.check.name,
                server: step.place.name(),
                outcome: step.outcome(),
                words: step.words(),
                elapsed: step.elapsed,
                row: step.cause().map(Cause::row),
                cause: step.cause().map(discriminant),
            },
            Told::Misled { step, servers } => {
                let server = |(its, at): &(Protocol, Endpoint)| {
                    format!("{} {} {}", its.name(), at.authority(), at.security.name())
                };
                let servers: Vec<String> = servers.iter().map(server).collect();
                let fix = Some(format!("the settings say {}; correct the profile", servers.join(" or ")));
                let line = Self::of(&Told::Step(step.clone()));
                Self { words: Words { fix, ..line.words }, ..line }
            }
            Told::TlsUnsaid(endpoint) => {
                let found = "the settings want no TLS there, and the file does not mention it: whether the device goes on \
                             without TLS is unconfirmed";
                let line = own("tls", Outcome::NotTried, found, "a file that says whether there is TLS", None);
                Self { server: endpoint.authority(), ..line }
            }
            Told::NothingToProve => {
                let found = "an account without a server over IMAP, POP3 or SMTP, so nothing can be proven";
                own("read", Outcome::DoesNotApply, found, "a server to prove", None)
            }
            Told::Unproven(Unproven::Refused { found, fix }) => {
                own("read", Outcome::Failed, found, accepted, fix.as_ref())
            }
            Told::Unproven(Unproven::Declared(found)) => own("declared", Outcome::DoesNotApply, found, accepted, None),
            Told::Unproven(Unproven::DoesNotFit(found)) => {
                own("fits", Outcome::NotTried, found, "a file that gives everybody their own login name", None)
            }
        }
    }
}
