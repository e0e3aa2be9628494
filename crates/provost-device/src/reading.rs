//! A reader's result: the accounts in a file, what is wrong with it, and whether the device refuses it. Each format's
//! reader decides which.

use provost_account::codes::profile as codes;
use provost_account::{Endpoint, Finding, Findings, Groupware, Security, Server};

use crate::understood::Understood;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The accounts that the device would set up; of a file that it refuses, those that can be read all the same.
    pub profiles: Vec<Understood>,
    /// What is wrong with the file, or worth a look, in the order of the lines.
    pub findings: Vec<Finding>,
    /// Whether the device takes the file.
    pub verdict: Verdict,
}

/// Whether a device takes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Taken,
    /// It does not: at least one finding is an error.
    Refused,
}

impl Reading {
    /// The accounts, and the findings, for which the device may refuse the file.
    pub(crate) fn of(profiles: impl IntoIterator<Item = Understood>, findings: Findings) -> Self {
        let verdict = if findings.has_error() { Verdict::Refused } else { Verdict::Taken };
        Self { profiles: profiles.into_iter().collect(), findings: findings.finish(), verdict }
    }

    /// Without the finding that mail crosses the network unencrypted, if nothing but a program on the same machine can be
    /// meant: a bridge, such as Proton's, or a tunnel.
    pub(crate) fn without_loopback(mut self) -> Self {
        let is_elsewhere =
            |endpoint: &Endpoint| endpoint.security != Security::ImplicitTls && !endpoint.host.is_loopback();
        let mut accounts = self.profiles.iter().map(|it| &it.account);
        let is_local = accounts.all(|account| {
            account.groupware == Groupware::default() && !account.servers().any(|(_, it)| is_elsewhere(&it.endpoint))
        });
        let is_on_this_machine = |(_, server): (_, &Server)| server.endpoint.host.is_loopback();
        let has_local = self.profiles.iter().any(|it| it.account.servers().any(is_on_this_machine));
        if is_local && has_local {
            self.findings.retain(|finding| finding.code != codes::CLEARTEXT);
        }
        self
    }

    /// The same, with a finding where there is no account, and nothing that says why: neither an error, nor a line that the
    /// client follows and this reader does not.
    pub(crate) fn of_some(
        profiles: impl IntoIterator<Item = Understood>,
        mut findings: Findings,
        nothing: &str,
        fix: &str,
    ) -> Self {
        let profiles: Vec<Understood> = profiles.into_iter().collect();
        if profiles.is_empty() && !findings.has_error() && !findings.has(codes::NOT_FOLLOWED) {
            findings.add(codes::NOTHING_TO_SET_UP, None, nothing, fix);
        }
        Self::of(profiles, findings)
    }
}
