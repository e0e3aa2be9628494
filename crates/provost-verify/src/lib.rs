//! Does this account work on this network? Each step of a mail client is a check with a verdict.
//!
//! It does not know which network it is on, or where the account came from.

mod attempt;
mod checks;
mod clients;
mod network;
mod report;
mod settle;

use std::time::{Duration, Instant, SystemTime};

use provost_account::{Account, LeftOpen, Protocol, Secret, Server};

use attempt::{Attempt, Verdict};
use checks::Scope;
pub use checks::{Check, checks};
pub use network::{Network, NetworkError, Route};
pub use report::{Outcome, Report, Row};

// Named so that the cap on its level, which is a feature of the crate, is in effect wherever this one is used.
use log as _;

/// What is proven.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The account. Its first incoming and its first outgoing server are proven: those are the ones a client uses.
    pub account: &'a Account,
    /// The password, or with OAuth 2 the token. Without one, nothing behind the login is proven.
    pub password: Option<&'a Secret>,
    /// What the file says nothing of: the client finds it out from the server, and so does the proof.
    pub left_open: &'a LeftOpen,
    /// What makes this proof's test message differ from another proof's of the same account: a file's path, say.
    pub label: &'a str,
}

/// How it is proven.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The time: the window of days ends here, and the test message is dated.
    pub now: SystemTime,
    /// The longest that a check may take.
    pub step_timeout: Duration,
}

/// Takes every step that a client with this account would take. Fails never: what cannot be done is a row that says so.
pub async fn verify(subject: &Subject<'_>, network: &Network, options: &Options) -> Report {
    let account = subject.account;
    let incoming = account.incoming.first().map(|incoming| Attempt {
        protocol: incoming.protocol.into(),
        ..attempt(subject, network, options, &incoming.server)
    });
    let outgoing = account.outgoing.first().map(|server| attempt(subject, network, options, server));
    let settled = [settle::settled(incoming.as_ref()).await, settle::settled(outgoing.as_ref()).await];
    let [receiving, sending] = &settled;
    let incoming = incoming.zip(receiving.as_ref()).map(|(attempt, server)| Attempt { server, ..attempt });
    let outgoing = outgoing.zip(sending.as_ref()).map(|(attempt, server)| Attempt { server, ..attempt });
    let mut report = Report::default();
    for side in [incoming.as_ref(), outgoing.as_ref()].into_iter().flatten() {
        for check in checks() {
            let asked = match check.scope {
                Scope::EachServer => true,
                Scope::Incoming => side.protocol != Protocol::Submission,
                Scope::Outgoing => side.protocol == Protocol::Submission,
                Scope::BothServers => false,
            };
            if asked {
                let row = row(check, side, &report, &side.server_name(), options.step_timeout).await;
                report.rows.push(row);
            }
        }
    }
    if let (Some(incoming), Some(outgoing)) = (&incoming, &outgoing) {
        for check in checks().iter().filter(|check| check.scope == Scope::BothServers) {
            // Whether mail arrives depends on what was found at either server.
            let submitted = report.outcome("submit", &outgoing.server_name());
            let prior = Report { rows: report.rows.clone() };
            let row = match submitted {
                Some(Outcome::Passed) | None => {
                    row(check, incoming, &prior, &incoming.server_name(), options.step_timeout).await
                }
                Some(Outcome::DoesNotApply) => {
                    let reason = "nothing was submitted that could arrive".to_owned();
                    settled_row(check, &incoming.server_name(), Verdict::DoesNotApply { reason })
                }
                Some(Outcome::NotTried) => {
                    let reason = "nothing was submitted that could arrive".to_owned();
                    settled_row(check, &incoming.server_name(), Verdict::NotTried { reason })
                }
                Some(Outcome::Failed | Outcome::NotReached) => not_reached(check, &incoming.server_name(), "submit"),
            };
            report.rows.push(row);
        }
    }
    report
}

fn attempt<'a>(subject: &Subject<'a>, network: &'a Network, options: &Options, server: &'a Server) -> Attempt<'a> {
    Attempt {
        account: subject.account,
        password: subject.password,
        label: subject.label,
        network,
        now: options.now,
        step_timeout: options.step_timeout,
        protocol: Protocol::Submission,
        server,
        left_open: subject.left_open,
        said: server,
    }
}

async fn row(check: &Check, side: &Attempt<'_>, report: &Report, server: &str, limit: Duration) -> Row {
    let stopped = check
        .depends_on
        .iter()
        .find(|name| matches!(report.outcome(name, server), Some(Outcome::Failed | Outcome::NotReached)));
    if let Some(name) = stopped {
        return not_reached(check, server, name);
    }
    if let Some(name) = check.depends_on.iter().find(|name| report.outcome(name, server) == Some(Outcome::NotTried)) {
        return settled_row(check, server, Verdict::NotTried { reason: format!("{name} is not tried") });
    }
    let started = Instant::now();
    let verdict = match tokio::time::timeout(limit, (check.run)(side)).await {
        Ok(verdict) => verdict,
        Err(_) => Verdict::timed_out(limit),
    };
    Row { elapsed: started.elapsed(), ..settled_row(check, server, verdict) }
}

fn not_reached(check: &Check, server: &str, stopped_by: &str) -> Row {
    Row {
        outcome: Outcome::NotReached,
        found: format!("{stopped_by} did not pass"),
        ..settled_row(check, server, Verdict::Passed { found: String::new() })
    }
}

fn settled_row(check: &Check, server: &str, verdict: Verdict) -> Row {
    let row = Row {
        check: check.name,
        server: server.to_owned(),
        outcome: Outcome::Passed,
        found: String::new(),
        expected: check.expected.to_owned(),
        cause: None,
        fix: None,
        elapsed: Duration::ZERO,
    };
    match verdict {
        Verdict::Passed { found } => Row { found, ..row },
        Verdict::NotTried { reason } => Row { outcome: Outcome::NotTried, found: reason, ..row },
        Verdict::DoesNotApply { reason } => Row { outcome: Outcome::DoesNotApply, found: reason, ..row },
        Verdict::Failed(problem) => {
            Row { outcome: Outcome::Failed, found: problem.found, cause: problem.cause, fix: problem.fix, ..row }
        }
    }
}
