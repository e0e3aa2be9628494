//! The report of `verify`: a line per profile for people, a line per check for programs.

use std::time::Duration;

use provost_account::{Endpoint, Protocol};
use provost_verify::{Outcome, Words};
use serde_json::json;

use super::proven::{Origin, Proven, Told, Unproven};
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{input, output};

/// Prints proofs as they come and keeps the sums.
pub(crate) struct Printer {
    json: bool,
    against: &'static str,
    subjects: usize,
    subjects_failed: usize,
    /// Accounts of which no check passed or failed.
    subjects_unproven: usize,
    passed: usize,
    failed: usize,
    not_reached: usize,
    not_applicable: usize,
    not_tried: usize,
    /// Accounts of which a part is not tried: a login with a client certificate, say.
    subjects_in_part: usize,
    /// Files for several people that give one of them another login name than theirs.
    subjects_unfit: usize,
}

impl Printer {
    /// A printer with empty sums.
    pub(crate) fn new(json: bool, against: &'static str) -> Self {
        Self {
            json,
            against,
            subjects: 0,
            subjects_failed: 0,
            subjects_unproven: 0,
            passed: 0,
            failed: 0,
            not_reached: 0,
            not_applicable: 0,
            not_tried: 0,
            subjects_in_part: 0,
            subjects_unfit: 0,
        }
    }

    /// Prints one proof.
    pub(crate) fn add(&mut self, subject: &Proven, told: &[Told]) -> Result<(), Failure> {
        let lines: Vec<Line> = told.iter().map(Line::of).collect();
        let count = |outcome: Outcome| lines.iter().filter(|line| line.outcome == outcome).count();
        let failed = count(Outcome::Failed);
        self.subjects += 1;
        self.subjects_failed += usize::from(failed > 0);
        let verdict = Word::of(&lines, told);
        self.subjects_unproven += usize::from(verdict == Word::Nothing);
        self.subjects_in_part += usize::from(verdict == Word::InPart);
        self.subjects_unfit += usize::from(verdict == Word::DoesNotFit);
        self.not_tried += count(Outcome::NotTried);
        self.passed += count(Outcome::Passed);
        self.failed += failed;
        self.not_reached += count(Outcome::NotReached);
        self.not_applicable += count(Outcome::DoesNotApply);
        if self.json {
            return lines.iter().try_for_each(|line| line.json(subject));
        }
        output::line(&format!(
            "{}  {}  {}  {}  {} passed, {failed} failed, {} not reached, {} not applicable{}",
            verdict.text(),
            address(subject),
            format(subject.origin),
            match subject.origin {
                Origin::Settings => servers(&lines),
                Origin::Profile { .. } | Origin::UnknownFormat => subject.files[0].clone(),
            },
            count(Outcome::Passed),
            count(Outcome::NotReached),
            count(Outcome::DoesNotApply),
            not_tried(count(Outcome::NotTried)),
        ))?;
        let mut said: Vec<&str> = Vec::new();
        lines.iter().zip(told).try_for_each(|(line, told)| match (line.outcome, told) {
            (Outcome::Failed, _) => line.text(),
            (_, Told::Unproven(Unproven::Declared(found))) => Ok(output::line(&format!("      not set up: {found}"))?),
            (_, Told::Unproven(Unproven::DoesNotFit(found))) => {
                Ok(output::line(&format!("      does not fit: {found}"))?)
            }
            // The checks that follow at a server are not tried for the same reason.
            (Outcome::NotTried, _) if !said.contains(&line.server.as_str()) => {
                said.push(&line.server);
                Ok(output::line(&format!("      {} {}: not tried: {}", line.check, line.server, line.words.found))?)
            }
            (Outcome::NotTried | Outcome::Passed | Outcome::NotReached | Outcome::DoesNotApply, _) => Ok(()),
        })
    }

    /// Prints the sums and judges them.
    pub(crate) fn finish(self) -> Result<Verdict, Failure> {
        let besides = self.subjects_failed + self.subjects_unproven + self.subjects_in_part + self.subjects_unfit;
        match self.json {
            true => output::json_line(&json!({"summary": {
                "provost": 1, "against": self.against, "proven": self.subjects - besides,
                "failed": self.subjects_failed, "unproven": self.subjects_unproven,
                "in_part": self.subjects_in_part, "unfit": self.subjects_unfit,
                "checks": {"pass": self.passed, "fail": self.failed, "not_reached": self.not_reached,
                    "not_applicable": self.not_applicable, "not_tried": self.not_tried},
            }}))?,
            false => output::line(&format!(
                "{} proven, {} failed{}{}{}, against the {}: {} passed, {} failed, {} not reached, {} not applicable{}",
                self.subjects - besides,
                self.subjects_failed,
                some(self.subjects_unproven, "with nothing to prove"),
                some(self.subjects_in_part, "in part, for what is not tried"),
                some(self.subjects_unfit, "unfit for somebody"),
                self.against,
                input::count(self.passed, "check"),
                self.failed,
                self.not_reached,
                self.not_applicable,
                not_tried(self.not_tried),
            ))?,
        }
        Ok(if self.failed == 0 { Verdict::Good } else { Verdict::NotGood })
    }
}

/// What a proof came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Proven,
    Failed,
    /// No check passed or failed.
    Nothing,
    /// Something is not tried here; the rest is proven.
    InPart,
    DoesNotFit,
}

impl Word {
    fn of(lines: &[Line], told: &[Told]) -> Self {
        let has = |outcome: Outcome| lines.iter().any(|line| line.outcome == outcome);
        match told.first() {
            _ if has(Outcome::Failed) => Self::Failed,
            Some(Told::Unproven(Unproven::DoesNotFit(_))) => Self::DoesNotFit,
            _ if has(Outcome::NotTried) && has(Outcome::Passed) => Self::InPart,
            _ if has(Outcome::Passed) => Self::Proven,
            _ => Self::Nothing,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Proven => "ok  ",
            Self::Failed => "FAIL",
            Self::Nothing | Self::DoesNotFit => "none",
            Self::InPart => "part",
        }
    }
}

fn not_tried(count: usize) -> String {
    some(count, "not tried")
}

/// `, 3 not tried`, or nothing.
fn some(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    }
}

/// The servers that were asked, in their order.
fn servers(lines: &[Line]) -> String {
    let mut servers: Vec<&str> = Vec::new();
    for line in lines {
        if !servers.contains(&line.server.as_str()) {
            servers.push(&line.server);
        }
    }
    servers.join(" + ")
}

fn address(subject: &Proven) -> String {
    subject.address.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

fn format(origin: Origin) -> &'static str {
    match origin {
        Origin::Settings => "service",
        Origin::Profile { format, .. } => format.name,
        Origin::UnknownFormat => "unknown",
    }
}

fn device(origin: Origin) -> &'static str {
    match origin {
        Origin::Profile { device, .. } => device,
        Origin::Settings | Origin::UnknownFormat => "none",
    }
}

/// A row of the report, in words.
struct Line {
    check: &'static str,
    server: String,
    outcome: Outcome,
    words: Words,
    elapsed: Duration,
}

impl Line {
    fn of(told: &Told) -> Self {
        let own = |check, outcome, found: &str, expected: &str| {
            let words = Words { found: found.to_owned(), expected: expected.to_owned(), cause: None, fix: None };
            Self { check, server: String::new(), outcome, words, elapsed: Duration::ZERO }
        };
        let accepted = "a file that the device accepts";
        match told {
            Told::Step(row) => Self {
                check: row.check.name,
                server: row.endpoint.authority(),
                outcome: row.outcome(),
                words: row.words(),
                elapsed: row.elapsed,
            },
            Told::Misled { row, servers } => {
                let server = |(its, at): &(Protocol, Endpoint)| {
                    format!("{} {} {}", its.name(), at.authority(), at.security.name())
                };
                let servers: Vec<String> = servers.iter().map(server).collect();
                let fix = Some(format!("the settings say {}; correct the profile", servers.join(" or ")));
                let line = Self::of(&Told::Step(row.clone()));
                Self { words: Words { fix, ..line.words }, ..line }
            }
            Told::TlsUnsaid(endpoint) => {
                let found = "the settings want no TLS there, and the file says nothing of it: whether the device goes on \
                             without is unconfirmed";
                let line = own("tls", Outcome::NotTried, found, "a file that says whether there is TLS");
                Self { server: endpoint.authority(), ..line }
            }
            Told::NothingToProve => {
                let found = "an account without a server over IMAP, POP3 or SMTP, so nothing of it is proven";
                own("read", Outcome::DoesNotApply, found, "a server to prove")
            }
            Told::Unproven(Unproven::Refused(refused)) => {
                let line = own("read", Outcome::Failed, &refused.found, accepted);
                Self { words: Words { fix: refused.fix.clone(), ..line.words }, ..line }
            }
            Told::Unproven(Unproven::Declared(found)) => own("declared", Outcome::DoesNotApply, found, accepted),
            Told::Unproven(Unproven::DoesNotFit(found)) => {
                own("fits", Outcome::NotTried, found, "a file that gives everybody their own login name")
            }
        }
    }

    fn text(&self) -> Result<(), Failure> {
        let Words { found, expected, cause, fix } = &self.words;
        output::line(&format!("      {} {}: found: {found}; expected: {expected}", self.check, self.server))?;
        if let Some(cause) = cause {
            output::line(&format!("        cause: {cause}"))?;
        }
        if let Some(fix) = fix {
            output::line(&format!("        fix: {fix}"))?;
        }
        Ok(())
    }

    fn json(&self, subject: &Proven) -> Result<(), Failure> {
        let Words { found, expected, cause, fix } = &self.words;
        output::json_line(&json!({
            "file": subject.files[0], "files": subject.files, "format": format(subject.origin), "address": address(subject),
            "device": device(subject.origin), "check": self.check, "server": self.server, "outcome": self.outcome.name(),
            "found": found, "expected": expected, "cause": cause, "fix": fix,
            "ms": u64::try_from(self.elapsed.as_millis()).expect("a step ends within its time limit"),
        }))?;
        Ok(())
    }
}
