//! What a run made, refused and lost, counted as it comes: of what is alike, three examples are kept. Two counts can be
//! added up, so that each thread has its own.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use provost_profile::Refusal;

use crate::Written;
use crate::manifest::Loss;

/// The counts.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By format and variant.
    pub sums: BTreeMap<(&'static str, Option<&'static str>), Sum>,
    /// People whom a format refuses, by format and reason, in the order in which they came.
    pub refusals: IndexMap<(&'static str, &'static str), Alike<Refused>>,
    /// How often somebody was refused a format and variant.
    pub refused: u64,
    /// By format, setting and reason, in the order in which they came.
    pub losses: IndexMap<(&'static str, String, String), Alike<Lost>>,
}

/// How many files of a format and variant are new, changed and unchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Sum {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// Things with the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike<T> {
    /// How many people there are who are refused, or files that lose something.
    pub count: u64,
    /// The first ones that differ, with how many of each; one more than is shown, to know whether there are others.
    pub examples: Vec<(T, u64)>,
}

/// That somebody gets no file of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Who, in words.
    pub whom: String,
    /// Why.
    pub refusal: Refusal,
}

/// The value that a format cannot express, and what it says instead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `Loss`")]
pub struct Lost {
    pub asked: String,
    pub written: Option<String>,
}

impl Sum {
    /// All files.
    #[must_use]
    pub fn all(self) -> u64 {
        self.new + self.changed + self.unchanged
    }

    /// Counts files.
    pub(crate) fn count(&mut self, written: Written, files: u64) {
        match written {
            Written::New => self.new += files,
            Written::Changed => self.changed += files,
            Written::Unchanged => self.unchanged += files,
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
    }
}

impl<T> Default for Alike<T> {
    fn default() -> Self {
        Self { count: 0, examples: Vec::new() }
    }
}

impl<T: PartialEq> Alike<T> {
    fn show(&mut self, what: T, times: u64) {
        let is_full = self.examples.len() == EXAMPLES_MAX;
        match self.examples.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += times,
            None if is_full => {}
            None => self.examples.push((what, times)),
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        other.examples.into_iter().for_each(|(what, times)| self.show(what, times));
    }

    /// The examples, if they are all there are.
    #[must_use]
    pub fn few(&self) -> Option<&[(T, u64)]> {
        (self.examples.len() < EXAMPLES_MAX).then_some(&self.examples)
    }
}

impl Tally {
    /// Counts one that was refused.
    pub(crate) fn refuse(&mut self, format: &'static str, refused: Refused) {
        let alike = self.refusals.entry((format, refused.refusal.reason)).or_default();
        alike.count += 1;
        alike.show(refused, 1);
    }

    /// Counts what each of several files loses.
    pub(crate) fn lose(&mut self, format: &'static str, losses: &[Loss], files: u64) {
        for (at, loss) in losses.iter().enumerate() {
            let key = (format, loss.setting.clone(), loss.reason.clone());
            let alike = self.losses.entry(key).or_default();
            // Several aliases, say, are several losses of one file.
            let is_alike = |other: &Loss| (&other.setting, &other.reason) == (&loss.setting, &loss.reason);
            if !losses[..at].iter().any(is_alike) {
                alike.count += files;
            }
            alike.show(Lost { asked: loss.asked.clone(), written: loss.written.clone() }, files);
        }
    }

    /// Adds what comes after it.
    pub(crate) fn add(&mut self, other: Self) {
        other.sums.into_iter().for_each(|(kind, sum)| self.sums.entry(kind).or_default().add(sum));
        other.refusals.into_iter().for_each(|(key, alike)| self.refusals.entry(key).or_default().add(alike));
        other.losses.into_iter().for_each(|(key, alike)| self.losses.entry(key).or_default().add(alike));
        self.refused += other.refused;
    }
}

/// Three that are shown, and one that shows that there are more.
const EXAMPLES_MAX: usize = 4;
