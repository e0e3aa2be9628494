//! What ends a run before its verdict, as it is printed: one line, the chain of causes, and a hint. Not for findings in
//! files: those are all printed where they are found.

use std::fmt;
use std::io;

/// An error and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
}

impl Failure {
    /// A failure with a hint.
    pub(crate) fn hinted(error: impl Into<anyhow::Error>, hint: impl fmt::Display) -> Self {
        Self { error: error.into(), hint: Some(hint.to_string()) }
    }

    /// A failure whose findings were printed before it.
    pub(crate) fn found_above(error: impl Into<anyhow::Error>) -> Self {
        Self::hinted(error, "each line above names the place and the fix")
    }

    /// The same in other words, for whoever may not see all of them.
    pub(crate) fn reworded(self, words: impl Fn(&str) -> String) -> Self {
        if self.is_broken_pipe() {
            return self;
        }
        let mut chain: Vec<String> = self.error.chain().map(|cause| words(&cause.to_string())).collect();
        let first = anyhow::anyhow!(chain.pop().expect("an error has words"));
        let error = chain.into_iter().rev().fold(first, anyhow::Error::context);
        Self { error, hint: self.hint.map(|hint| words(&hint)) }
    }

    /// Whether the reader of our output went away, which is its right.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), hint: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.error)?;
        for cause in self.error.chain().skip(1) {
            writeln!(f, "  because: {cause}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}\n"),
            None => Ok(()),
        }
    }
}
