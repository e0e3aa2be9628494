//! The list that findings are gathered in: ordered by place, and cut where nobody reads on. It decides no severity: that
//! is in the table of codes.

use provost_account::{Finding, Place, Severity};

use crate::codes::code;

/// Findings of one file.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(crate) fn add(&mut self, name: &str, place: Option<Place>, message: impl Into<String>, fix: impl Into<String>) {
        let code = code(name);
        self.0.push(Finding {
            code: code.name,
            severity: code.severity,
            place,
            message: message.into(),
            fix: fix.into(),
            source: code.source,
        });
    }

    /// Whether there are as many as are shown.
    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= FINDINGS_MAX
    }

    /// Whether the file cannot be used.
    pub(crate) fn has_error(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings in the order of their places, at most [`FINDINGS_MAX`] and one that says that there are more. An
    /// error that is cut off leaves its severity behind.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.place);
        if self.0.len() > FINDINGS_MAX {
            let cut = self.0.split_off(FINDINGS_MAX);
            let place = cut.first().and_then(|finding| finding.place);
            self.add(
                "too-many-findings",
                place,
                format!("{} more findings", cut.len()),
                "mend the first ones and look again",
            );
            if cut.iter().any(|finding| finding.severity == Severity::Error) {
                let last = self.0.last_mut().expect("one was just added");
                last.severity = Severity::Error;
            }
        }
        self.0
    }
}

/// The most findings that a file gets.
pub(crate) const FINDINGS_MAX: usize = 100;
