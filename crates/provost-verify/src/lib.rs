//! Does this account work on this network? Each step of a mail client is a check with a verdict.
//!
//! It does not know which network it is on, or where the account came from.

mod attempt;
mod cause;
mod checks;
mod clients;
mod report;
mod settle;
mod shared;
mod wire;
mod words;

use std::time::{Duration, Instant, SystemTime};

use provost_account::{Account, LeftOpen, Protocol, Secret};
use provost_network::Network;
use tokio::time::timeout;

use attempt::{Attempt, Link, Stop};
pub use cause::{Cause, CertificateFlaw, LoginForm, Said, Suspect};
use checks::Scope;
pub use checks::{Check, checks};
pub use report::{Evidence, Outcome, Reason, Step, Verdict};
use shared::Shared;
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
    /// How many connections there are.
    pub connections: Connections,
}

/// Over which connections the checks of a server ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// One after the other over one connection, each with all its own commands; those about the password, about what
    /// precedes TLS, and about mail that arrives have one of their own. What fails is asked again over one of its own, and
    /// that verdict counts.
    Shared,
    /// Each over one of its own, with a full TLS handshake.
    EachCheck,
}

/// Takes every step that a client with this account would take: one for each check and server, in the order of a client.
/// Never fails: what cannot be done is a step that says so.
pub async fn verify(subject: &Subject<'_>, network: &Network, options: &Options) -> Vec<Step> {
    let attempt =
        |server, protocol| Attempt { subject, options, network, protocol, server, said: server, link: Link::Own };
    let incoming = subject.account.incoming.first().map(|it| attempt(&it.server, it.protocol.into()));
    let outgoing = subject.account.outgoing.first().map(|server| attempt(server, Protocol::Submission));
    let receiving = settle::settled(incoming.as_ref()).await;
    let sending = settle::settled(outgoing.as_ref()).await;
    let shared = [Shared::new(network), Shared::new(network)];
    let [receives, sends] = shared.each_ref().map(|shared| match options.connections {
        Connections::Shared => Link::Shared(shared),
        Connections::EachCheck => Link::Own,
    });
    let incoming = incoming.zip(receiving.as_ref()).map(|(it, server)| Attempt { server, link: receives, ..it });
    let outgoing = outgoing.zip(sending.as_ref()).map(|(it, server)| Attempt { server, link: sends, ..it });
    let mut steps = Vec::new();
    for side in [&incoming, &outgoing].into_iter().flatten() {
        let is_asked = |check: &&Check| match check.scope {
            Scope::EachServer => true,
            Scope::Incoming => side.protocol != Protocol::Submission,
            Scope::Outgoing => side.protocol == Protocol::Submission,
            Scope::BothServers => false,
        };
        for check in checks().iter().filter(is_asked) {
            let step = step(check, side, &steps).await;
            steps.push(step);
        }
        // The verdicts are given, however long a goodbye takes.
        timeout(options.step_timeout, clients::end(side)).await.ok();
    }
    if let (Some(incoming), Some(outgoing)) = (&incoming, &outgoing) {
        for check in checks().iter().filter(|check| check.scope == Scope::BothServers) {
            // Whether mail arrives depends on what was found at either server.
            let settled = |verdict| settled(check, incoming, verdict);
            let step = match before(check, outgoing, &steps).next().map(|step| (step.check, step.outcome())) {
                Some((_, Outcome::Passed)) | None => step(check, incoming, &steps).await,
                Some((_, Outcome::DoesNotApply)) => settled(Verdict::DoesNotApply(Reason::NothingSubmitted)),
                Some((_, Outcome::NotTried)) => settled(Verdict::NotTried(Reason::NothingSubmitted)),
                Some((before, Outcome::Failed | Outcome::NotReached)) => settled(Verdict::NotReached(before)),
            };
            steps.push(step);
        }
    }
    steps
}

/// The steps at a server that a check depends on.
fn before<'a>(check: &Check, side: &Attempt<'_>, steps: &'a [Step]) -> impl Iterator<Item = &'a Step> {
    let protocol = side.protocol;
    steps.iter().filter(move |step| step.protocol == protocol && check.depends_on.contains(&step.check.name))
}

async fn step(check: &'static Check, side: &Attempt<'_>, steps: &[Step]) -> Step {
    let first = |outcomes: &[Outcome]| before(check, side, steps).find(|step| outcomes.contains(&step.outcome()));
    if let Some(stopped_by) = first(&[Outcome::Failed, Outcome::NotReached]) {
        return settled(check, side, Verdict::NotReached(stopped_by.check));
    }
    if let Some(untried) = first(&[Outcome::NotTried]) {
        return settled(check, side, Verdict::NotTried(Reason::CheckNotTried(untried.check)));
    }
    let started = Instant::now();
    let verdict = ask(check, side).await.map_or_else(Verdict::from, Verdict::Passed);
    Step { elapsed: started.elapsed(), ..settled(check, side, verdict) }
}

/// Runs a check. What fails over a shared connection may fail because of what else went over it: it is asked again alone,
/// and that counts. In either case the connection has had its day.
async fn ask(check: &Check, side: &Attempt<'_>) -> Result<Evidence, Stop> {
    let Link::Shared(shared) = side.link else { return ask_once(check, side).await };
    let is_alone = !shared.is_used();
    let found = ask_once(check, side).await;
    match found {
        Ok(_) | Err(Stop::DoesNotApply(_) | Stop::NotTried(_)) => return found,
        Err(Stop::Failed(_) | Stop::Judged(_) | Stop::Refused(_)) => shared.forget(),
    }
    match found {
        Err(Stop::Failed(_)) if !is_alone => ask_once(check, &Attempt { link: Link::Own, ..*side }).await,
        found => found,
    }
}

async fn ask_once(check: &Check, side: &Attempt<'_>) -> Result<Evidence, Stop> {
    let limit = side.options.step_timeout;
    let found = timeout(limit, (check.run)(side)).await;
    found.unwrap_or_else(|_| Err(Cause::NoAnswer { within: limit }.into()))
}

fn settled(check: &'static Check, side: &Attempt<'_>, verdict: Verdict) -> Step {
    let (protocol, endpoint) = (side.protocol, side.server.endpoint.clone());
    Step { check, protocol, endpoint, verdict, elapsed: Duration::ZERO }
}
