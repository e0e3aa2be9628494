//! What is wrong with a file, where, and what to do about it: data that settings and device readers share, so that every
//! complaint looks the same. It does not print itself.

/// One thing that is wrong, or worth a look, in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A stable name, lower case with hyphens: `unknown-key`.
    pub code: &'static str,
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// Where; `None` for a finding about the file as a whole.
    pub place: Option<Place>,
    /// What was found and what was expected. Never a password.
    pub message: String,
    /// What to change.
    pub fix: String,
    /// The RFC section, vendor page or observation that the finding rests on; empty where the format is our own.
    pub source: &'static str,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used, or a device would refuse it.
    Error,
    /// The file works, though not as its author would expect, or not safely.
    Warning,
}

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}
