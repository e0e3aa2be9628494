//! A reader's result: the accounts in a file, or the findings for which the device rejects it. Each format's reader
//! decides which.

use provost_account::codes::profile as codes;
use provost_account::{Finding, Findings};

use crate::understood::Understood;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The accounts that the device would set up.
    pub profiles: Vec<Understood>,
    /// What is wrong with the file, or worth a look, in the order of the lines.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// The accounts, or the findings for which the device refuses the file.
    pub(crate) fn of(profiles: impl IntoIterator<Item = Understood>, findings: Findings) -> Result<Self, Vec<Finding>> {
        match findings.has_error() {
            true => Err(findings.finish()),
            false => Ok(Self { profiles: profiles.into_iter().collect(), findings: findings.finish() }),
        }
    }

    /// The same, with a finding where there is no account, and no error that says why.
    pub(crate) fn of_some(
        profiles: impl IntoIterator<Item = Understood>,
        mut findings: Findings,
        nothing: &str,
        fix: &str,
    ) -> Result<Self, Vec<Finding>> {
        let profiles: Vec<Understood> = profiles.into_iter().collect();
        if profiles.is_empty() && !findings.has_error() {
            findings.add(codes::NOTHING_TO_SET_UP, None, nothing, fix);
        }
        Self::of(profiles, findings)
    }
}
