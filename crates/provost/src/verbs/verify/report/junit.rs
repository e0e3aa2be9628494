//! The report as JUnit XML, as Jenkins, GitLab and GitHub's actions read it: a suite for each format, and in it a case for
//! each proof.
//!
//! There is no standard; what these programs do decides. A case is a proof and not a check: GitLab takes 30 MB a file and
//! 500,000 cases (<https://docs.gitlab.com/ci/testing/unit_test_reports>), Jenkins shows one failure of a case, so all that
//! failed is in one. GitLab shows the name alone, and of two cases with the same name the first. Jenkins makes a package
//! and a class of what is before and after the last dot of `classname`, so an address is no part of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;
use std::time::Duration;

use super::Sums;
use super::markup::Markup;
use super::proof::{Line, Proof, Word};
use crate::failure::Failure;
use crate::named_file::{Draft, Readers};

/// The file. Each suite grows in a temporary file of its own: its counts, which come first, are known at the end.
pub(super) struct Junit {
    draft: Draft,
    suites: BTreeMap<&'static str, Suite>,
}

struct Suite {
    cases: Markup<BufWriter<File>>,
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    cases: usize,
    failed: usize,
    skipped: usize,
    elapsed: Duration,
}

impl Junit {
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        Ok(Self { draft: Draft::begin(path, Readers::Others)?, suites: BTreeMap::new() })
    }

    pub(super) fn add(&mut self, proof: &Proof<'_>) -> Result<(), Failure> {
        if !self.suites.contains_key(proof.format) {
            let suite = Suite { cases: Markup::new(self.draft.beside()?), counts: Counts::default() };
            self.suites.insert(proof.format, suite);
        }
        let suite = self.suites.get_mut(proof.format).expect("it is there, or was just inserted");
        Ok(suite.add(proof)?)
    }

    pub(super) fn finish(self, sums: &Sums) -> Result<(), Failure> {
        let Self { draft, suites } = self;
        let total = suites.values().fold(Counts::default(), |total, suite| total.and(suite.counts));
        let written = draft.finish(|file| {
            let mut markup = Markup::new(file);
            markup.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
            total.element(&mut markup, "testsuites", "provost verify")?;
            for (format, suite) in suites {
                suite.counts.element(&mut markup, "testsuite", format)?;
                markup.open("properties", &[])?;
                let left_out = sums.sample.map(|sample| sample.to_string());
                for (name, value) in [("against", Some(sums.against)), ("sample", left_out.as_deref())] {
                    let Some(value) = value else { continue };
                    markup.empty("property", &[("name", name), ("value", value)])?;
                }
                markup.close("properties")?;
                let mut cases = suite.cases.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
                cases.rewind()?;
                let mut file = markup.into_inner();
                io::copy(&mut cases, &mut file)?;
                markup = Markup::new(file);
                markup.close("testsuite")?;
            }
            markup.close("testsuites")
        });
        Ok(written?)
    }
}

impl Suite {
    fn add(&mut self, proof: &Proof<'_>) -> io::Result<()> {
        let cases = &mut self.cases;
        let elapsed = proof.lines.iter().map(|line| line.elapsed).sum();
        let counts = Counts { cases: 1, elapsed, ..Counts::default() };
        let name = match proof.subject.place {
            place if place > 0 && proof.what == proof.subject.files[0] => {
                format!("{} {}, account {}", proof.address, proof.what, place + 1)
            }
            _ => format!("{} {}", proof.address, proof.what),
        };
        let class = format!("provost.{}", proof.format);
        let case = [("classname", class.as_str()), ("name", &name), ("time", &seconds(elapsed))];
        let counts = match proof.verdict {
            Word::Proven => {
                cases.empty("testcase", &case)?;
                counts
            }
            Word::Failed => {
                cases.open("testcase", &case)?;
                failure(cases, proof)?;
                cases.close("testcase")?;
                Counts { failed: 1, ..counts }
            }
            Word::InPart => {
                cases.open("testcase", &case)?;
                let untried = proof.untried().map(|line| (line, format!("not tried: {}", line.words.found)));
                cases.open("system-out", &[])?;
                untried.into_iter().try_for_each(|(line, found)| says(cases, &[&place(line), ": ", &found]))?;
                cases.close("system-out")?;
                cases.close("testcase")?;
                counts
            }
            Word::Nothing | Word::DoesNotFit => {
                cases.open("testcase", &case)?;
                let reason = proof.lines.first().map_or("nothing to prove", |line| line.words.found.as_str());
                cases.empty("skipped", &[("message", reason)])?;
                cases.close("testcase")?;
                Counts { skipped: 1, ..counts }
            }
        };
        self.counts = self.counts.and(counts);
        Ok(())
    }
}

/// All that failed of a proof.
fn failure(cases: &mut Markup<impl Write>, proof: &Proof<'_>) -> io::Result<()> {
    let failures: Vec<&Line> = proof.failures().collect();
    let Some(first) = failures.first() else { return Ok(()) };
    let more = match failures.len() - 1 {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let message = format!("{}: {}{more}", place(first), first.words.found);
    cases.open("failure", &[("type", first.check), ("message", &message)])?;
    for line in failures {
        let words = &line.words;
        says(cases, &[&place(line), ": found: ", &words.found, "; expected: ", &words.expected])?;
        for (what, text) in [("  cause: ", &words.cause), ("  fix: ", &words.fix)] {
            text.iter().try_for_each(|text| says(cases, &[what, text]))?;
        }
    }
    cases.close("failure")
}

fn says(cases: &mut Markup<impl Write>, words: &[&str]) -> io::Result<()> {
    words.iter().try_for_each(|text| cases.text(text))?;
    cases.raw("\n")
}

/// The check, and the server if one was asked.
fn place(line: &Line) -> String {
    format!("{} {}", line.check, line.server).trim_end().to_owned()
}

impl Counts {
    fn and(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            elapsed: self.elapsed + other.elapsed,
        }
    }

    fn element(self, markup: &mut Markup<impl Write>, element: &str, name: &str) -> io::Result<()> {
        let [cases, failed, skipped] = [self.cases, self.failed, self.skipped].map(|count| count.to_string());
        let attributes = [
            ("name", name),
            ("tests", cases.as_str()),
            ("failures", &failed),
            ("errors", "0"),
            ("skipped", &skipped),
            ("time", &seconds(self.elapsed)),
        ];
        markup.open(element, &attributes)?;
        markup.raw("\n")
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.3}", elapsed.as_secs_f64())
}
