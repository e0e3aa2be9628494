//! The report of `verify`: a line per profile for people, a line per check for programs.

use provost_verify::{Outcome, Report, Row};
use serde_json::json;

use super::subjects::{Proven, SERVICE};
use crate::failure::Failure;
use crate::{Verdict, input, output};

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
        }
    }

    /// Prints one proof.
    pub(crate) fn add(&mut self, subject: &Proven, report: &Report) -> Result<(), Failure> {
        let count = |outcome: Outcome| report.rows.iter().filter(|row| row.outcome == outcome).count();
        let failed = count(Outcome::Failed);
        self.subjects += 1;
        self.subjects_failed += usize::from(failed > 0);
        let unproven = failed == 0 && count(Outcome::Passed) == 0;
        self.subjects_unproven += usize::from(unproven);
        self.passed += count(Outcome::Passed);
        self.failed += failed;
        self.not_reached += count(Outcome::NotReached);
        self.not_applicable += count(Outcome::DoesNotApply);
        if self.json {
            return report.rows.iter().try_for_each(|row| json_row(subject, row));
        }
        let verdict = match (failed > 0, unproven) {
            (true, _) => "FAIL",
            (false, true) => "none",
            (false, false) => "ok  ",
        };
        output::line(&format!(
            "{verdict}  {}  {}  {}  {} passed, {failed} failed, {} not reached, {} not applicable",
            subject.address,
            subject.format,
            match subject.format.as_str() {
                SERVICE => servers(report),
                _ => subject.files[0].clone(),
            },
            count(Outcome::Passed),
            count(Outcome::NotReached),
            count(Outcome::DoesNotApply),
        ))?;
        report.rows.iter().filter(|row| row.outcome == Outcome::Failed).try_for_each(text_row)
    }

    /// Prints the sums and judges them.
    pub(crate) fn finish(self) -> Result<Verdict, Failure> {
        match self.json {
            true => output::json_line(&json!({"summary": {
                "provost": 1, "against": self.against, "proven": self.subjects - self.subjects_failed - self.subjects_unproven,
                "failed": self.subjects_failed, "unproven": self.subjects_unproven,
                "checks": {"pass": self.passed, "fail": self.failed, "not_reached": self.not_reached,
                    "not_applicable": self.not_applicable},
            }}))?,
            false => output::line(&format!(
                "{} proven, {} failed{}, against the {}: {} passed, {} failed, {} not reached, {} not applicable",
                self.subjects - self.subjects_failed - self.subjects_unproven,
                self.subjects_failed,
                match self.subjects_unproven {
                    0 => String::new(),
                    count => format!(", {count} with nothing to prove"),
                },
                self.against,
                input::count(self.passed, "check"),
                self.failed,
                self.not_reached,
                self.not_applicable,
            ))?,
        }
        Ok(if self.failed == 0 { Verdict::Good } else { Verdict::NotGood })
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
        "file": subject.files[0], "files": subject.files, "format": subject.format, "address": subject.address, "device": subject.device,
        "check": row.check, "server": row.server, "outcome": row.outcome.name(), "found": row.found,
        "expected": row.expected, "cause": row.cause, "fix": row.fix,
        "ms": u64::try_from(row.elapsed.as_millis()).expect("a step ends within its time limit"),
    }))?;
    Ok(())
}
