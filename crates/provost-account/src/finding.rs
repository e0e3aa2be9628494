//! What is wrong with a file, where, and how to fix it, and the list that collects findings. Settings and device
//! readers share this data, so that all findings look the same. It does not print itself.

use crate::codes::{profile, settings};
use crate::{Code, Place};

/// One thing that is wrong, or worth a look, in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: &'static Code,
    /// The code's severity, but for [`settings::TOO_MANY_FINDINGS`] in the place of an error.
    pub severity: Severity,
    /// Where; `None` for a finding about the file as a whole.
    pub place: Option<Place>,
    /// What was found and what was expected. Never a password.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// What the rule is based on for the program that reads the file; empty where the format is our own.
    pub source: &'static str,
    /// What the file lacks, if that may be because its format cannot express it.
    pub lack: Option<Lack>,
}

impl Finding {
    fn of(code: &'static Code, place: Option<Place>, message: String, fix: String) -> Self {
        Self { code, severity: code.severity, place, message, fix, source: code.source, lack: None }
    }
}

/// What a file lacks where its format may have no way to express it; the writer then reports a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// A server to receive from.
    IncomingServer,
    /// A way to log in to a server to receive from.
    IncomingAuthentication,
    /// A server to send through.
    OutgoingServer,
    /// A way to log in to a server to send through.
    OutgoingAuthentication,
    /// A login name for sending.
    OutgoingLogin,
    /// A login name for either.
    Username,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used, or a device would refuse it.
    Error,
    /// The file works, but not as its author would expect, or not safely.
    Warning,
    /// Nothing is wrong with the file: what its reader should know, such as a part that is not followed here.
    Note,
}

/// Findings of one file.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    beyond: Beyond,
    /// Those that were only counted.
    left_out: LeftOut,
}

/// Findings that were only counted.
#[derive(Debug, Default, Clone, Copy)]
struct LeftOut {
    count: usize,
    has_error: bool,
}

impl LeftOut {
    fn add(&mut self, severity: Severity) {
        self.count += 1;
        self.has_error |= severity == Severity::Error;
    }
}

/// What becomes of findings beyond [`FINDINGS_MAX`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    /// Warnings are forgotten: a hostile file has millions of them.
    #[default]
    Forgotten,
    /// The last finding says how many there are.
    Counted,
}

impl Findings {
    /// A list that says how many findings were cut off.
    #[must_use]
    pub fn counted() -> Self {
        Self { beyond: Beyond::Counted, ..Self::default() }
    }

    /// Adds one.
    pub fn add(
        &mut self,
        code: &'static Code,
        place: Option<Place>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.is_full() && self.beyond == Beyond::Forgotten && code.severity != Severity::Error {
            return;
        }
        self.list.push(Finding::of(code, place, message.into(), fix.into()));
    }

    /// Adds one where nothing can be made of what the file says: `None`, whatever the reader was about to make of it.
    pub fn refuse<T>(
        &mut self,
        code: &'static Code,
        place: Option<Place>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Option<T> {
        self.add(code, place, message, fix);
        None
    }

    /// A value, as [`Result::ok`] has it; an error becomes a finding.
    pub fn ok<T, E>(
        &mut self,
        value: Result<T, E>,
        code: &'static Code,
        place: Option<Place>,
        message: impl FnOnce(E) -> String,
        fix: impl Into<String>,
    ) -> Option<T> {
        value.map_or_else(|error| self.refuse(code, place, message(error), fix), Some)
    }

    /// Adds one about what the file lacks.
    pub fn add_lack(
        &mut self,
        lack: Lack,
        code: &'static Code,
        place: Option<Place>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let at = self.list.len();
        self.add(code, place, message, fix);
        if let Some(added) = self.list.get_mut(at) {
            added.lack = Some(lack);
        }
    }

    /// Adds one, unless it is there: a hundred files of one service say the same.
    pub fn add_once(
        &mut self,
        code: &'static Code,
        place: Option<Place>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let finding = Finding::of(code, place, message.into(), fix.into());
        if !self.list.contains(&finding) {
            self.add(code, place, finding.message, finding.fix);
        }
    }

    /// Counts one instead of adding it. `false`: there are too few to leave it out.
    #[must_use]
    pub fn leave_out(&mut self, code: &'static Code) -> bool {
        // One more than is shown: its place is that of the finding that says how many there are.
        let is_beyond = self.beyond == Beyond::Counted && self.list.len() > FINDINGS_MAX;
        if is_beyond {
            self.left_out.add(code.severity);
        }
        is_beyond
    }

    /// Adds those of the next part of the same file. Of a million bad rows it keeps as many as are shown.
    pub fn extend(&mut self, next: &Self) {
        for finding in &next.list {
            if !self.leave_out(finding.code) {
                self.list.push(finding.clone());
            }
        }
        self.left_out.count += next.left_out.count;
        self.left_out.has_error |= next.left_out.has_error;
    }

    /// Whether there is one of a kind.
    #[must_use]
    pub fn has(&self, code: &Code) -> bool {
        self.list.iter().any(|finding| finding.code == code)
    }

    /// Whether the file cannot be used. Of a key that is there twice a device takes the last value.
    #[must_use]
    pub fn has_error(&self) -> bool {
        let mut shown = self.list.iter().filter(|finding| finding.code != profile::DUPLICATE_KEY);
        shown.any(|finding| finding.severity == Severity::Error) || self.left_out.has_error
    }

    fn is_full(&self) -> bool {
        self.list.len() >= FINDINGS_MAX
    }

    /// The findings in the order of their places. Where they are counted, at most 100 and one that says that
    /// there are more; an error that is cut off leaves its severity behind.
    #[must_use]
    pub fn finish(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.place);
        if self.is_full() && self.beyond == Beyond::Counted {
            self.cut();
        }
        self.list
    }

    fn cut(&mut self) {
        let cut = self.list.split_off(FINDINGS_MAX);
        let Some(first) = cut.first() else { return };
        let mut left_out = self.left_out;
        cut.iter().for_each(|it| left_out.add(it.severity));
        let fix = "fix the first ones and run it again";
        self.add(settings::TOO_MANY_FINDINGS, first.place, format!("{} more findings", left_out.count), fix);
        if left_out.has_error {
            self.list.last_mut().expect("one was just added").severity = Severity::Error;
        }
    }
}

/// The most findings that a file gets, errors of a profile aside.
const FINDINGS_MAX: usize = 100;

/// The fix where the file is probably another one.
pub const LOOK: &str = "check that this is the right file";
