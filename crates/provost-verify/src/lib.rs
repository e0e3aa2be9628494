//! Does this account work on this network? Each step of a mail client is a check with a verdict.
//!
//! It does not know which network it is on, or where the account came from.

mod attempt;
mod cause;
mod checks;
mod clients;
mod diagnosis;
mod domain;
mod facts;
mod report;
mod said;
mod settle;
mod shared;
mod wire;
mod words;

use std::time::{Duration, Instant, SystemTime};

use futures::future::join_all;
use provost_account::{Account, LeftOpen, Protocol, Secret, Server};
use provost_network::Network;
use tokio::time::timeout;

use attempt::{Attempt, Link, Stop};
pub use cause::{
    Cause, CauseRow, CertificateFlaw, Contradiction, DomainFlaw, LoginForm, RecordFlaw, Refusal, Said, Whose, causes,
};
use checks::{AtServer, When};
pub use checks::{Check, Chosen, SUBJECT, Sends, checks};
pub use diagnosis::{Diagnosis, diagnoses};
use domain::Domain;
pub use domain::{Claim, DomainFacts, RecordSays, WantedRecord, Worth};
pub use facts::{Counted, Limit, Quota, Removed, SpecialUse};
pub use report::{Evidence, Outcome, Place, Reason, Step, Verdict};
pub use said::{Candidate, Heard, Likeness, Recorded, recorded, said};
use shared::Shared;
pub use words::Words;

// Named so that the cap on its level, which is a feature of the crate, is in effect wherever this one is used.
use log as _;

/// What is proven.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The account.
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
    /// Which checks are made.
    pub checks: Chosen,
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

/// Takes every step that a client with this account would take, at its first incoming and its first outgoing server: one for
/// each check and server, in the order of a client. Never fails: what cannot be done is a step that says so.
pub async fn verify(subject: &Subject<'_>, network: &Network, options: &Options) -> Vec<Step> {
    // One after the other, so that what is found at one server does not depend on how fast the other one is.
    let mut sides = Vec::new();
    for (protocol, server) in subject.account.first_servers() {
        sides.push(side(attempt(subject, network, options, protocol, server)).await);
    }
    finish(sides).await
}

/// The same at every server of the account, side by side. What each submission server takes is looked for at the first
/// incoming server.
pub async fn examine(subject: &Subject<'_>, network: &Network, options: &Options) -> Vec<Step> {
    let servers = subject.account.servers();
    let sides = servers.map(|(protocol, server)| side(attempt(subject, network, options, protocol, server)));
    finish(join_all(sides).await).await
}

/// Holds what is known of the domain of the account's address against the account. What the name server does not answer in
/// time is not judged: that of a host, its own checks tell.
pub async fn examine_domain(account: &Account, facts: &DomainFacts, network: &Network, options: &Options) -> Vec<Step> {
    let domain = &Domain { account, facts, network };
    let steps =
        chosen(options.checks).filter_map(|check| Some((check, check.of_domain()?))).map(async |(check, run)| {
            let started = Instant::now();
            let found = timeout(options.step_timeout, run(domain)).await;
            let found = found.unwrap_or_else(|_| Err(Reason::NameServerSilent.into()));
            let verdict = found.map_or_else(Verdict::from, Verdict::Passed);
            Step { check, place: Place::Domain(account.address.domain().clone()), verdict, elapsed: started.elapsed() }
        });
    join_all(steps).await
}

fn attempt<'a>(
    subject: &'a Subject<'a>,
    network: &'a Network,
    options: &'a Options,
    protocol: Protocol,
    server: &'a Server,
) -> Attempt<'a> {
    let (said, sent_by, explained, link, until) = (server, None, None, Link::Own, None);
    Attempt { subject, options, network, protocol, server, said, sent_by, explained, link, until }
}

/// What is left when every server was asked by itself.
async fn finish(sides: Vec<Side<'_>>) -> Vec<Step> {
    let (sending, receiving): (Vec<&Side<'_>>, Vec<&Side<'_>>) =
        sides.iter().partition(|side| side.attempt.protocol == Protocol::Submission);
    let between = receiving.first().into_iter().flat_map(|to| sending.iter().map(move |from| between(from, to)));
    let arrivals = join_all(between).await;
    // What delays the logins that follow comes last.
    let at_last = join_all(sides.iter().map(at_last)).await;
    sides.into_iter().map(|side| side.steps).chain(arrivals).chain(at_last).flatten().collect()
}

/// A server, settled, and what was found there.
struct Side<'a> {
    attempt: Attempt<'a>,
    server: Server,
    steps: Vec<Step>,
}

impl Side<'_> {
    /// Another look at the server, over connections of its own.
    fn attempt(&self) -> Attempt<'_> {
        Attempt { server: &self.server, ..self.attempt }
    }
}

/// The checks of one server.
async fn side(attempt: Attempt<'_>) -> Side<'_> {
    let server = settle::settled(&attempt).await;
    let shared = Shared::new(attempt.network);
    let link = match attempt.options.connections {
        Connections::Shared => Link::Shared(&shared),
        Connections::EachCheck => Link::Own,
    };
    let at_server = Attempt { server: &server, link, ..attempt };
    let mut steps = Vec::new();
    for (check, run) in of_server(&attempt, When::InOrder) {
        let step = step(check, run, &at_server, &steps).await;
        steps.push(step);
    }
    // The verdicts are given, however long a goodbye takes.
    timeout(attempt.options.step_timeout, clients::end(&at_server)).await.ok();
    Side { attempt, server, steps }
}

/// The checks of one server that are made when everything else is done.
async fn at_last(side: &Side<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let attempt = side.attempt();
    for (check, run) in of_server(&attempt, When::AtLast) {
        steps.push(step(check, run, &attempt, &side.steps).await);
    }
    steps
}

/// The checks of two servers: whether mail arrives depends on what was found at either.
async fn between(from: &Side<'_>, to: &Side<'_>) -> Vec<Step> {
    let attempt = Attempt { sent_by: Some(&from.server.endpoint), ..to.attempt() };
    let mut steps = Vec::new();
    for (check, run) in chosen(attempt.options.checks).filter_map(|check| Some((check, check.between()?))) {
        let settled = |verdict| settled(check, &attempt, verdict);
        let step = match before(check, &from.steps).next().map(|step| (step.check, step.outcome())) {
            Some((_, Outcome::Passed)) => step(check, run, &attempt, &to.steps).await,
            Some((_, Outcome::DoesNotApply)) => settled(Verdict::DoesNotApply(Reason::NothingSubmitted)),
            None | Some((_, Outcome::NotTried)) => settled(Verdict::NotTried(Reason::NothingSubmitted)),
            Some((before, Outcome::Failed | Outcome::NotReached)) => settled(Verdict::NotReached(before)),
        };
        steps.push(step);
    }
    steps
}

fn chosen(chosen: Chosen) -> impl Iterator<Item = &'static Check> {
    checks().iter().filter(move |check| chosen.has(check))
}

/// The checks of one server that are made then.
fn of_server(attempt: &Attempt<'_>, when: When) -> impl Iterator<Item = (&'static Check, AtServer)> + use<> {
    let protocol = attempt.protocol;
    let chosen = chosen(attempt.options.checks).filter(move |check| check.when == when);
    chosen.filter_map(move |check| Some((check, check.at(protocol)?)))
}

/// The steps that a check depends on.
fn before<'a>(check: &Check, steps: &'a [Step]) -> impl Iterator<Item = &'a Step> {
    steps.iter().filter(move |step| check.depends_on.contains(&step.check.name))
}

async fn step(check: &'static Check, run: AtServer, side: &Attempt<'_>, steps: &[Step]) -> Step {
    let first = |outcomes: &[Outcome]| before(check, steps).find(|step| outcomes.contains(&step.outcome()));
    if let Some(stopped_by) = first(&[Outcome::Failed, Outcome::NotReached]) {
        return settled(check, side, Verdict::NotReached(stopped_by.check));
    }
    if let Some(untried) = first(&[Outcome::NotTried]) {
        return settled(check, side, Verdict::NotTried(Reason::CheckNotTried(untried.check)));
    }
    let failed = steps.iter().filter(|step| check.explains.contains(&step.check.name));
    let explained = failed.filter_map(Step::cause).next();
    if !check.explains.is_empty() && explained.is_none() {
        return settled(check, side, Verdict::DoesNotApply(Reason::NothingToExplain));
    }
    let side = &Attempt { explained, ..*side };
    let started = Instant::now();
    let verdict = match ask(run, side).await.map_or_else(Verdict::from, Verdict::Passed) {
        Verdict::Failed(cause) => Verdict::Failed(cause.at(&side.server.endpoint.host, side.protocol)),
        verdict => verdict,
    };
    Step { elapsed: started.elapsed(), ..settled(check, side, verdict) }
}

/// Runs a check. What fails over a shared connection may fail because of what else went over it: it is asked again alone,
/// and that counts. In either case the connection has had its day.
async fn ask(run: AtServer, side: &Attempt<'_>) -> Result<Evidence, Stop> {
    let Link::Shared(shared) = side.link else { return ask_once(run, side).await };
    let is_alone = !shared.is_used();
    let found = ask_once(run, side).await;
    match found {
        Ok(_) | Err(Stop::DoesNotApply(_) | Stop::NotTried(_)) => return found,
        Err(Stop::Failed(_) | Stop::Judged(_) | Stop::Refused(_)) => shared.forget(),
    }
    match found {
        Err(Stop::Failed(_)) if !is_alone => ask_once(run, &Attempt { link: Link::Own, ..*side }).await,
        found => found,
    }
}

async fn ask_once(run: AtServer, side: &Attempt<'_>) -> Result<Evidence, Stop> {
    let limit = side.options.step_timeout;
    let until = Some(tokio::time::Instant::now() + limit);
    // A little longer than the time that a login has, which knows better what it is that does not come.
    let found = timeout(limit + GRACE, run(&Attempt { until, ..*side })).await;
    found.unwrap_or_else(|_| Err(Cause::NoAnswer { within: limit }.into()))
}

fn settled(check: &'static Check, side: &Attempt<'_>, verdict: Verdict) -> Step {
    let place = Place::Server(side.protocol, side.server.endpoint.clone());
    Step { check, place, verdict, elapsed: Duration::ZERO }
}

const GRACE: Duration = Duration::from_millis(20);
