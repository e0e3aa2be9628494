//! `provost verify`: reads profiles as their devices do, and proves each account against the mock server that the
//! settings describe, or live.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use futures::StreamExt;
use provost_account::{Account, Endpoint, Protocol, Service};
use provost_mockmail::{Config, MockMail};
use provost_verify::{Network, Options, Outcome, Route, Step, Subject};

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::groups::groups;
use crate::road::find::profiles;
use crate::verdict::Verdict;
use crate::{input, progress};

mod against;
mod proven;
mod report;
mod subjects;

use against::Against;
use proven::{Origin, Proven, Told};

/// Proves every file and reports each check.
pub(crate) fn run(options: &Verify) -> Result<Verdict, Failure> {
    let mut profiles = profiles(&options.paths)?;
    let first = profiles.next().context("no profile")??;
    let against = Against::find(options, &first)?;
    let given = input::address(options.address.as_deref())?;
    let mut subjects = against.servers();
    for profile in std::iter::once(Ok(first)).chain(profiles) {
        let profile = profile?;
        against.admit(&profile)?;
        subjects.extend(subjects::of(&profile, &against, given.as_ref()));
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(prove(options, subjects, &against))
}

async fn prove(options: &Verify, subjects: Vec<Proven>, against: &Against) -> Result<Verdict, Failure> {
    let steps = Options { now: SystemTime::now(), step_timeout: Duration::from_secs(options.timeout) };
    let mock = match against {
        Against::Mock { known } => {
            let service = known.service.clone();
            let config =
                Config { faults: options.fault.clone(), ..Config::of(service, against.mailboxes(), steps.now) };
            Some(MockMail::start(config).await.context("cannot start the mock server")?)
        }
        Against::Live { .. } => None,
    };
    let bar = progress::bar(subjects.len(), "proving");
    let mut printer = report::Printer::new(options.json, against.name());
    {
        let proofs = futures::stream::iter(by_mailbox(subjects, against))
            .map(|mine| prove_one_by_one(mine, mock.as_ref(), against, &steps));
        let mut proofs = std::pin::pin!(proofs.buffered(AT_ONCE));
        while let Some(proofs) = proofs.next().await {
            for (subject, told) in proofs? {
                bar.suspend(|| printer.add(&subject, &told))?;
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    if let Some(mock) = mock {
        mock.stop().await;
    }
    printer.finish()
}

/// Proofs of one mailbox follow each other: each puts a message into it and takes it out again.
fn by_mailbox(subjects: Vec<Proven>, against: &Against) -> Vec<Vec<Proven>> {
    let key = |subject: &Proven| {
        let address = subject.address.as_ref()?;
        Some(against.known().map_or(address, |known| known.mailbox(address)).key())
    };
    groups(subjects.into_iter().map(|subject| (key(&subject), subject))).into_iter().map(|(_, mine)| mine).collect()
}

async fn prove_one_by_one(
    subjects: Vec<Proven>,
    mock: Option<&MockMail>,
    against: &Against,
    steps: &Options,
) -> Result<Vec<(Proven, Vec<Told>)>, Failure> {
    let mut proofs = Vec::new();
    for (at, subject) in subjects.into_iter().enumerate() {
        let told = match &subject.account {
            Ok(account) => {
                let network = network(mock, account)?;
                let password = against.password(account);
                let label = format!("{} {at}", subject.files[0]);
                let (tried, untried) = subjects::without_tls(account, &subject.left_open, against.known());
                let proven = Subject {
                    account: &tried,
                    password: password.as_ref(),
                    left_open: &subject.left_open,
                    label: &label,
                };
                let known = against.known().filter(|_| !matches!(subject.origin, Origin::Settings));
                let report = provost_verify::verify(&proven, &network, steps).await;
                let steps = report.into_iter().map(|step| told(step, known.map(|known| &known.service)));
                let mut all: Vec<Told> = steps.chain(untried.into_iter().map(Told::TlsUnsaid)).collect();
                if all.is_empty() {
                    all.push(Told::NothingToProve);
                }
                all
            }
            Err(unproven) => vec![Told::Unproven(unproven.clone())],
        };
        proofs.push((subject, told));
    }
    Ok(proofs)
}

/// A step, or where it failed at a server that the settings do not have, those of this protocol that they have.
fn told(step: Step, service: Option<&Service>) -> Told {
    let servers = service.into_iter().flat_map(Service::servers).filter(|(its, _)| *its == step.protocol);
    let servers: Vec<(Protocol, Endpoint)> = servers.map(|(its, endpoint)| (its, endpoint.clone())).collect();
    let is_one = servers.iter().any(|(_, endpoint)| proven::same_place(endpoint, &step.endpoint));
    match step.outcome() == Outcome::Failed && step.check.finds_server && !servers.is_empty() && !is_one {
        true => Told::Misled { step, servers },
        false => Told::Step(step),
    }
}

/// The network that an account is proven on: the mock's own, or the real one with the certificates that the profile
/// brings.
fn network(mock: Option<&MockMail>, account: &Account) -> Result<Network, Failure> {
    let Some(mock) = mock else {
        return Ok(Network::live(&account.trust)?);
    };
    let routes = mock.listeners().iter().filter(|listener| listener.named && listener.resolves);
    let routes = routes.map(|it| Route { host: it.host.clone(), port: it.port, socket: it.socket });
    Ok(Network::mapped(routes.collect(), &[mock.ca()])?)
}

const AT_ONCE: usize = 16;
