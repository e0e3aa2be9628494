//! The report of `verify`: a line per profile for people or a line per check for programs, and the files that are asked for.

use std::collections::BTreeMap;

use provost_verify::{Outcome, Words};
use serde_json::json;

use super::proven::{Proven, Told, Unproven};
use crate::arguments::Verify;
use crate::failure::Failure;
use crate::road::sample::Sample;
use crate::verdict::Verdict;
use crate::{input, output};

mod junit;
mod markup;
mod page;
mod proof;

use junit::Junit;
use page::Page;
use proof::{Line, Proof, Word};

/// Prints proofs as they come, writes them to files, and keeps the sums.
pub(crate) struct Report {
    json: bool,
    sums: Sums,
    junit: Option<Junit>,
    page: Option<Page>,
}

/// What all proofs came to.
struct Sums {
    against: &'static str,
    sample: Option<Sample>,
    subjects: BTreeMap<Word, usize>,
    checks: BTreeMap<Outcome, usize>,
}

impl Report {
    /// A report with empty sums. Its files are begun: whether they can be written shows before anything is proven.
    pub(crate) fn begin(options: &Verify, against: &'static str, sample: Option<Sample>) -> Result<Self, Failure> {
        let sums = Sums { against, sample, subjects: BTreeMap::new(), checks: BTreeMap::new() };
        let junit = options.junit.as_deref().map(Junit::begin).transpose()?;
        let page = options.html.as_deref().map(Page::begin).transpose()?;
        Ok(Self { json: options.json, sums, junit, page })
    }

    /// Reports one proof.
    pub(crate) fn add(&mut self, subject: &Proven, told: &[Told]) -> Result<(), Failure> {
        let proof = Proof::of(subject, told);
        self.sums.add(&proof);
        match self.json {
            true => proof.lines.iter().try_for_each(|line| json_line(&proof, line))?,
            false => text(&proof)?,
        }
        if let Some(junit) = &mut self.junit {
            junit.add(&proof)?;
        }
        if let Some(page) = &mut self.page {
            page.add(&proof);
        }
        Ok(())
    }

    /// Completes the files, prints the sums and judges them.
    pub(crate) fn finish(self) -> Result<Verdict, Failure> {
        let Self { json, sums, junit, page } = self;
        if let Some(junit) = junit {
            junit.finish(&sums)?;
        }
        if let Some(page) = page {
            page.finish(&sums)?;
        }
        match json {
            true => output::json_line(&sums.json())?,
            false => {
                if let Some(sample) = sums.sample {
                    output::line(&sample.to_string())?;
                }
                output::line(&sums.text())?;
            }
        }
        Ok(if sums.are_good() { Verdict::Good } else { Verdict::NotGood })
    }
}

impl Sums {
    fn add(&mut self, proof: &Proof<'_>) {
        *self.subjects.entry(proof.verdict).or_default() += 1;
        for (outcome, count) in &proof.checks {
            *self.checks.entry(*outcome).or_default() += count;
        }
    }

    fn are_good(&self) -> bool {
        sum(&self.checks, Outcome::Failed) == 0
    }

    fn json(&self) -> serde_json::Value {
        let (subjects, checks) = (|word| sum(&self.subjects, word), |outcome| sum(&self.checks, outcome));
        json!({"summary": {
            "provost": 1, "against": self.against, "proven": subjects(Word::Proven),
            "failed": subjects(Word::Failed), "unproven": subjects(Word::Nothing),
            "in_part": subjects(Word::InPart), "unfit": subjects(Word::DoesNotFit),
            "checks": {"pass": checks(Outcome::Passed), "fail": checks(Outcome::Failed),
                "not_reached": checks(Outcome::NotReached), "not_applicable": checks(Outcome::DoesNotApply),
                "not_tried": checks(Outcome::NotTried)},
            "sample": self.sample.map(|it| json!({"people": it.people, "of": it.of, "left_out": it.left_out()})),
        }})
    }

    fn text(&self) -> String {
        let subjects = |word| sum(&self.subjects, word);
        format!(
            "{} proven, {} failed{}{}{}, against the {}: {} passed, {}",
            subjects(Word::Proven),
            subjects(Word::Failed),
            some(subjects(Word::Nothing), "with nothing to prove"),
            some(subjects(Word::InPart), "in part, for what is not tried"),
            some(subjects(Word::DoesNotFit), "unfit for somebody"),
            self.against,
            input::count(sum(&self.checks, Outcome::Passed), "check"),
            not_passed(&self.checks),
        )
    }
}

fn text(proof: &Proof<'_>) -> Result<(), Failure> {
    let Proof { verdict, checks, what, format, address, .. } = proof;
    let (passed, others) = (sum(checks, Outcome::Passed), not_passed(checks));
    output::line(&format!("{}  {address}  {format}  {what}  {passed} passed, {others}", verdict.text()))?;
    let mut untried: Vec<&str> = Vec::new();
    for (line, told) in proof.lines.iter().zip(proof.told) {
        match (line.outcome, told) {
            (Outcome::Failed, _) => failure(line)?,
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

fn failure(line: &Line) -> Result<(), Failure> {
    let Line { check, server, words: Words { found, expected, cause, fix }, row, .. } = line;
    output::line(&format!("      {check} {server}: found: {found}; expected: {expected}"))?;
    match (row, cause) {
        (Some(row), cause) => {
            let why = cause.as_deref().unwrap_or(row.what);
            output::line(&format!("        cause[{}]: {why}", row.name))?;
        }
        (None, Some(cause)) => output::line(&format!("        cause: {cause}"))?,
        (None, None) => {}
    }
    fix.iter().try_for_each(|fix| output::line(&format!("        fix: {fix}")))?;
    Ok(())
}

fn json_line(proof: &Proof<'_>, line: &Line) -> Result<(), Failure> {
    let Words { found, expected, cause, fix } = &line.words;
    let files = &proof.subject.files;
    output::json_line(&json!({
        "file": files[0], "files": files, "format": proof.format, "address": proof.address,
        "device": proof.device, "check": line.check, "server": line.server, "outcome": line.outcome.name(),
        "found": found, "expected": expected, "cause": cause, "fix": fix,
        "name": line.row.map(|row| row.name),
        "whose": line.row.map(|row| row.whose.iter().map(|it| it.name()).collect::<Vec<_>>()),
        "ms": u64::try_from(line.elapsed.as_millis()).expect("a step ends within its time limit"),
    }))?;
    Ok(())
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
