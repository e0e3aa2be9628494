//! Does this account work on this network? Each step of a mail client is a check with a verdict.
//!
//! It does not know which network it is on, or where the account came from.

mod attempt;
mod cause;
mod checks;
mod clients;
mod network;
mod report;
mod settle;
mod wire;
mod words;

use std::time::{Duration, Instant, SystemTime};

use provost_account::{Account, LeftOpen, Protocol, Secret, Server};

use attempt::Attempt;
pub use cause::{Cause, CertificateFlaw, LoginForm, Said, Suspect};
use checks::Scope;
pub use checks::{Check, checks};
pub use network::{Network, NetworkError, Route};
pub use report::{Evidence, Outcome, Reason, Report, Row, Verdict};
pub use words::Words;

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
                let row = row(check, side, &report, options.step_timeout).await;
                report.rows.push(row);
            }
        }
    }
    if let (Some(incoming), Some(outgoing)) = (&incoming, &outgoing) {
        for check in checks().iter().filter(|check| check.scope == Scope::BothServers) {
            // Whether mail arrives depends on what was found at either server.
            let of_outgoing = report.rows.iter().filter(|row| row.protocol == outgoing.protocol);
            let mut before = of_outgoing.filter(|row| check.depends_on.contains(&row.check.name));
            let stopped = match before.next().map(|row| (row.check, row.outcome())) {
                Some((_, Outcome::Passed)) | None => None,
                Some((_, Outcome::DoesNotApply)) => Some(Verdict::DoesNotApply(Reason::NothingSubmitted)),
                Some((_, Outcome::NotTried)) => Some(Verdict::NotTried(Reason::NothingSubmitted)),
                Some((before, Outcome::Failed | Outcome::NotReached)) => Some(Verdict::NotReached(before)),
            };
            let row = match stopped {
                Some(verdict) => settled_row(check, incoming, verdict),
                None => row(check, incoming, &report, options.step_timeout).await,
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

async fn row(check: &'static Check, side: &Attempt<'_>, report: &Report, limit: Duration) -> Row {
    let of_side = report.rows.iter().filter(|row| row.protocol == side.protocol);
    let before: Vec<&Row> = of_side.filter(|row| check.depends_on.contains(&row.check.name)).collect();
    let found = |outcomes: &[Outcome]| before.iter().find(|row| outcomes.contains(&row.outcome())).map(|row| row.check);
    if let Some(stopped_by) = found(&[Outcome::Failed, Outcome::NotReached]) {
        return settled_row(check, side, Verdict::NotReached(stopped_by));
    }
    if let Some(untried) = found(&[Outcome::NotTried]) {
        return settled_row(check, side, Verdict::NotTried(Reason::CheckNotTried(untried)));
    }
    let started = Instant::now();
    let verdict = match tokio::time::timeout(limit, (check.run)(side)).await {
        Ok(verdict) => verdict,
        Err(_) => Verdict::Failed(Cause::NoAnswer { within: limit }),
    };
    Row { elapsed: started.elapsed(), ..settled_row(check, side, verdict) }
}

fn settled_row(check: &'static Check, side: &Attempt<'_>, verdict: Verdict) -> Row {
    let (protocol, endpoint) = (side.protocol, side.server.endpoint.clone());
    Row { check, protocol, endpoint, verdict, elapsed: Duration::ZERO }
}
