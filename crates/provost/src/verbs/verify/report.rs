//! The report of `verify`: a line per profile for people, a line per check for programs.

use provost_verify::{Outcome, Report, Row};
use serde_json::json;

use super::proven::{DECLARED, FITS, Origin, Proven};
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
    pub(crate) fn add(&mut self, subject: &Proven, report: &Report) -> Result<(), Failure> {
        let count = |outcome: Outcome| report.rows.iter().filter(|row| row.outcome == outcome).count();
        let failed = count(Outcome::Failed);
        self.subjects += 1;
        self.subjects_failed += usize::from(failed > 0);
        let verdict = Word::of(report);
        self.subjects_unproven += usize::from(verdict == Word::Nothing);
        self.subjects_in_part += usize::from(verdict == Word::InPart);
        self.subjects_unfit += usize::from(verdict == Word::DoesNotFit);
        self.not_tried += count(Outcome::NotTried);
        self.passed += count(Outcome::Passed);
        self.failed += failed;
        self.not_reached += count(Outcome::NotReached);
        self.not_applicable += count(Outcome::DoesNotApply);
        if self.json {
            return report.rows.iter().try_for_each(|row| json_row(subject, row));
        }
        output::line(&format!(
            "{}  {}  {}  {}  {} passed, {failed} failed, {} not reached, {} not applicable{}",
            verdict.text(),
            address(subject),
            format(subject.origin),
            match subject.origin {
                Origin::Settings => servers(report),
                Origin::Profile { .. } | Origin::UnknownFormat => subject.files[0].clone(),
            },
            count(Outcome::Passed),
            count(Outcome::NotReached),
            count(Outcome::DoesNotApply),
            not_tried(count(Outcome::NotTried)),
        ))?;
        let mut said: Vec<&str> = Vec::new();
        report.rows.iter().try_for_each(|row| match row.outcome {
            Outcome::Failed => text_row(row),
            Outcome::DoesNotApply if row.check == DECLARED => {
                Ok(output::line(&format!("      not set up: {}", row.found))?)
            }
            Outcome::NotTried if row.check == FITS => Ok(output::line(&format!("      does not fit: {}", row.found))?),
            // The checks that follow at a server are not tried for the same reason.
            Outcome::NotTried if !said.contains(&row.server.as_str()) => {
                said.push(&row.server);
                Ok(output::line(&format!("      {} {}: not tried: {}", row.check, row.server, row.found))?)
            }
            Outcome::NotTried | Outcome::Passed | Outcome::NotReached | Outcome::DoesNotApply => Ok(()),
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
    fn of(report: &Report) -> Self {
        let has = |outcome: Outcome| report.rows.iter().any(|row| row.outcome == outcome);
        match report.rows.first() {
            _ if has(Outcome::Failed) => Self::Failed,
            Some(row) if row.check == FITS => Self::DoesNotFit,
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
fn servers(report: &Report) -> String {
    let mut servers: Vec<&str> = Vec::new();
    for row in &report.rows {
        if !servers.contains(&row.server.as_str()) {
            servers.push(&row.server);
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

fn text_row(row: &Row) -> Result<(), Failure> {
    output::line(&format!("      {} {}: found {}, expected {}", row.check, row.server, row.found, row.expected))?;
    if let Some(cause) = &row.cause {
        output::line(&format!("        cause: {cause}"))?;
    }
    if let Some(fix) = &row.fix {
        output::line(&format!("        fix: {fix}"))?;
    }
    Ok(())
}

fn json_row(subject: &Proven, row: &Row) -> Result<(), Failure> {
    output::json_line(&json!({
        "file": subject.files[0], "files": subject.files, "format": format(subject.origin), "address": address(subject),
        "device": device(subject.origin),
        "check": row.check, "server": row.server, "outcome": row.outcome.name(), "found": row.found,
        "expected": row.expected, "cause": row.cause, "fix": row.fix,
        "ms": u64::try_from(row.elapsed.as_millis()).expect("a step ends within its time limit"),
    }))?;
    Ok(())
}
