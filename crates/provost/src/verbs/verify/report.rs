//! The report of `verify`: a line per profile for people, a line per check for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use provost_account::{Endpoint, Protocol};
use provost_verify::{Outcome, Words};
use serde_json::json;

use super::proven::{Origin, Proven, Told, Unproven};
use crate::failure::Failure;
use crate::groups::groups;
use crate::road::sample::Sample;
use crate::verdict::Verdict;
use crate::{input, output};

/// Prints proofs as they come and keeps the sums.
pub(crate) struct Printer {
    json: bool,
    against: &'static str,
    sample: Option<Sample>,
    subjects: BTreeMap<Word, usize>,
    checks: BTreeMap<Outcome, usize>,
}

impl Printer {
    /// A printer with empty sums.
    pub(crate) fn new(json: bool, against: &'static str, sample: Option<Sample>) -> Self {
        Self { json, against, sample, subjects: BTreeMap::new(), checks: BTreeMap::new() }
    }

    /// Prints one proof.
    pub(crate) fn add(&mut self, subject: &Proven, told: &[Told]) -> Result<(), Failure> {
        let lines: Vec<Line> = told.iter().map(Line::of).collect();
        let mut checks = BTreeMap::new();
        for line in &lines {
            *checks.entry(line.outcome).or_default() += 1;
            *self.checks.entry(line.outcome).or_default() += 1;
        }
        let verdict = Word::of(&checks, told);
        *self.subjects.entry(verdict).or_default() += 1;
        if self.json {
            return lines.iter().try_for_each(|line| line.json(subject));
        }
        let what = match subject.origin {
            Origin::Settings => servers(&lines),
            Origin::Profile { .. } | Origin::UnknownFormat => subject.files[0].clone(),
        };
        let (format, _) = format_and_device(subject.origin);
        let (passed, others) = (sum(&checks, Outcome::Passed), not_passed(&checks));
        output::line(&format!(
            "{}  {}  {format}  {what}  {passed} passed, {others}",
            verdict.text(),
            address(subject)
        ))?;
        let mut untried: Vec<&str> = Vec::new();
        for (line, told) in lines.iter().zip(told) {
            match (line.outcome, told) {
                (Outcome::Failed, _) => line.text()?,
                (_, Told::Unproven(Unproven::Declared(found))) => output::line(&format!("      not set up: {found}"))?,
                (_, Told::Unproven(Unproven::DoesNotFit(found))) => {
                    output::line(&format!("      does not fit: {found}"))?;
                }
                // The checks that follow at a server are not tried for the same reason.
                (Outcome::NotTried, _) if !untried.contains(&line.server.as_str()) => {
                    untried.push(&line.server);
                    output::line(&format!("      {} {}: not tried: {}", line.check, line.server, line.words.found))?;
                }
                (Outcome::NotTried | Outcome::Passed | Outcome::NotReached | Outcome::DoesNotApply, _) => {}
            }
        }
        Ok(())
    }

    /// Prints the sums and judges them.
    pub(crate) fn finish(self) -> Result<Verdict, Failure> {
        let (subjects, checks) = (|word| sum(&self.subjects, word), |outcome| sum(&self.checks, outcome));
        match self.json {
            true => output::json_line(&json!({"summary": {
                "provost": 1, "against": self.against,
                "sample": self.sample.map(|it| json!({"people": it.people, "of": it.of, "left_out": it.left_out()})), "proven": subjects(Word::Proven),
                "failed": subjects(Word::Failed), "unproven": subjects(Word::Nothing),
                "in_part": subjects(Word::InPart), "unfit": subjects(Word::DoesNotFit),
                "checks": {"pass": checks(Outcome::Passed), "fail": checks(Outcome::Failed),
                    "not_reached": checks(Outcome::NotReached), "not_applicable": checks(Outcome::DoesNotApply),
                    "not_tried": checks(Outcome::NotTried)},
            }}))?,
            false => output::line(&format!(
                "{}{} proven, {} failed{}{}{}, against the {}: {} passed, {}",
                self.sample.map_or_else(String::new, |sample| format!("{sample}\n")),
                subjects(Word::Proven),
                subjects(Word::Failed),
                some(subjects(Word::Nothing), "with nothing to prove"),
                some(subjects(Word::InPart), "in part, for what is not tried"),
                some(subjects(Word::DoesNotFit), "unfit for somebody"),
                self.against,
                input::count(checks(Outcome::Passed), "check"),
                not_passed(&self.checks),
            ))?,
        }
        Ok(if checks(Outcome::Failed) == 0 { Verdict::Good } else { Verdict::NotGood })
    }
}

/// What a proof came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
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

    fn text(self) -> &'static str {
        match self {
            Self::Proven => "ok  ",
            Self::Failed => "FAIL",
            Self::Nothing | Self::DoesNotFit => "none",
            Self::InPart => "part",
        }
    }
}

fn sum<K: Copy + Ord>(sums: &BTreeMap<K, usize>, of: K) -> usize {
    sums.get(&of).copied().unwrap_or(0)
}

/// `1 failed, 2 not reached, 3 not applicable, 4 not tried`.
fn not_passed(checks: &BTreeMap<Outcome, usize>) -> String {
    format!(
        "{} failed, {} not reached, {} not applicable{}",
        sum(checks, Outcome::Failed),
        sum(checks, Outcome::NotReached),
        sum(checks, Outcome::DoesNotApply),
        some(sum(checks, Outcome::NotTried), "not tried"),
    )
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
    let servers = groups(lines.iter().map(|line| (line.server.as_str(), ())));
    servers.into_iter().map(|(server, _)| server).collect::<Vec<_>>().join(" + ")
}

fn address(subject: &Proven) -> String {
    subject.address.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

fn format_and_device(origin: Origin) -> (&'static str, &'static str) {
    match origin {
        Origin::Settings => ("service", "none"),
        Origin::Profile { format, device } => (format.name, device),
        Origin::UnknownFormat => ("unknown", "none"),
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
        let own = |check, outcome, found: &str, expected: &str, fix: Option<&String>| {
            let words =
                Words { found: found.to_owned(), expected: expected.to_owned(), cause: None, fix: fix.cloned() };
            Self { check, server: String::new(), outcome, words, elapsed: Duration::ZERO }
        };
        let accepted = "a file that the device accepts";
        match told {
            Told::Step(step) => Self {
                check: step.check.name,
                server: step.endpoint.authority(),
                outcome: step.outcome(),
                words: step.words(),
                elapsed: step.elapsed,
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

    fn text(&self) -> Result<(), Failure> {
        let Words { found, expected, cause, fix } = &self.words;
        output::line(&format!("      {} {}: found: {found}; expected: {expected}", self.check, self.server))?;
        for (what, text) in [("cause", cause), ("fix", fix)] {
            text.iter().try_for_each(|text| output::line(&format!("        {what}: {text}")))?;
        }
        Ok(())
    }

    fn json(&self, subject: &Proven) -> Result<(), Failure> {
        let Words { found, expected, cause, fix } = &self.words;
        let (format, device) = format_and_device(subject.origin);
        output::json_line(&json!({
            "file": subject.files[0], "files": subject.files, "format": format, "address": address(subject),
            "device": device, "check": self.check, "server": self.server, "outcome": self.outcome.name(),
            "found": found, "expected": expected, "cause": cause, "fix": fix,
            "ms": u64::try_from(self.elapsed.as_millis()).expect("a step ends within its time limit"),
        }))?;
        Ok(())
    }
}
