//! The result: a row for each check and server. It prints nothing.

use std::time::Duration;

/// The rows, in the order in which a client would get there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// A row for each check and server.
    pub rows: Vec<Row>,
}

/// One check of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The check's name.
    pub check: &'static str,
    /// `host:port`.
    pub server: String,
    /// The verdict.
    pub outcome: Outcome,
    /// What was found. What the server said is quoted, its control characters escaped, passwords taken out.
    pub found: String,
    /// What a working account gives.
    pub expected: String,
    /// Why, in plain words, where that is known.
    pub cause: Option<String>,
    /// What to change, where that is known.
    pub fix: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// A check that it depends on did not pass.
    NotReached,
    /// The question makes no sense here, or cannot be answered with what is at hand.
    DoesNotApply,
    /// The account wants something that is not tried here: a login with a client certificate, say.
    NotTried,
}

impl Outcome {
    /// The name in reports that programs read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "fail",
            Self::NotReached => "not_reached",
            Self::DoesNotApply => "not_applicable",
            Self::NotTried => "not_tried",
        }
    }
}

impl Report {
    pub(crate) fn outcome(&self, check: &str, server: &str) -> Option<Outcome> {
        self.rows.iter().find(|row| row.check == check && row.server == server).map(|row| row.outcome)
    }
}
