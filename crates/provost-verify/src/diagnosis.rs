//! From steps to causes: what failed for the same reason is told once, and a failure that another check explains is not told
//! beside its explanation. It asks nothing and prints nothing.

use crate::cause::{Cause, CauseRow};
use crate::report::Step;

/// A cause, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis<'a> {
    /// The cause.
    pub row: &'static CauseRow,
    /// The steps that failed by it, in their order; at least one.
    pub steps: Vec<&'a Step>,
}

/// The causes of everything that failed, in the order of the steps.
#[must_use]
pub fn diagnoses(steps: &[Step]) -> Vec<Diagnosis<'_>> {
    let mut found: Vec<Diagnosis<'_>> = Vec::new();
    for (step, cause) in steps.iter().filter_map(|step| Some((step, step.cause()?))) {
        if steps.iter().any(|other| explains(other, step)) {
            continue;
        }
        let row = Cause::row(cause);
        match found.iter_mut().find(|it| it.row == row) {
            Some(known) => known.steps.push(step),
            None => found.push(Diagnosis { row, steps: vec![step] }),
        }
    }
    found
}

/// Whether one failure is the explanation of another at the same server.
fn explains(step: &Step, failed: &Step) -> bool {
    let (Some(cause), Some(of)) = (step.cause(), failed.cause()) else { return false };
    let is_at_the_same = (step.protocol, &step.endpoint) == (failed.protocol, &failed.endpoint);
    is_at_the_same && (step.check.explains.contains(&failed.check.name) || cause.accounts_for(of))
}
