//! The verdict of a run. What could not be checked has none: it is a `Failure`.

/// What was found of the thing that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Good,
    NotGood,
}
