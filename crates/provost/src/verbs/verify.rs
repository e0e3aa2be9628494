//! `provost verify`: profiles read as their devices read them, and each account proven against the mock server that the
//! settings describe, or live.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use futures::StreamExt;
use provost_account::{Account, EmailAddress, Endpoint, Login, Secret, Service};
use provost_mockmail::{Config, Mailbox, MockMail};
use provost_verify::{Network, Options, Outcome, Report, Route, Subject};
use sha2::{Digest, Sha256};

use crate::arguments::Verify;
use crate::failure::Failure;
use crate::{Verdict, input, profiles, progress};

mod against;
mod report;
mod subjects;

use against::Against;
use subjects::Proven;

/// Proves every file and reports each check.
pub(crate) fn run(options: &Verify) -> Result<Verdict, Failure> {
    let files = profiles::find(&options.paths)?;
    let against = Against::find(options, &files)?;
    let subjects = subjects::all(&files, &against, input::address(options.address.as_deref())?.as_ref())?;
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
        let proofs = futures::stream::iter(by_mailbox(subjects))
            .map(|mine| prove_one_by_one(mine, mock.as_ref(), against, &steps));
        let mut proofs = std::pin::pin!(proofs.buffered(AT_ONCE));
        while let Some(proofs) = proofs.next().await {
            for (subject, report) in proofs? {
                bar.suspend(|| printer.add(&subject, &report))?;
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
fn by_mailbox(subjects: Vec<Proven>) -> Vec<Vec<Proven>> {
    let mut mailboxes: Vec<Vec<Proven>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for subject in subjects {
        let at = *places.entry(subject.address.to_lowercase()).or_insert(mailboxes.len());
        match mailboxes.get_mut(at) {
            Some(mailbox) => mailbox.push(subject),
            None => mailboxes.push(vec![subject]),
        }
    }
    mailboxes
}

async fn prove_one_by_one(
    subjects: Vec<Proven>,
    mock: Option<&MockMail>,
    against: &Against,
    steps: &Options,
) -> Result<Vec<(Proven, Report)>, Failure> {
    let mut proofs = Vec::new();
    for (at, subject) in subjects.into_iter().enumerate() {
        let report = match &subject.account {
            Ok(account) => {
                let network = network(mock, account)?;
                let password = against.password(account);
                let label = format!("{} {at}", subject.files[0]);
                let proven = Subject { account, password: password.as_ref(), label: &label };
                let mut report = match account.incoming.is_empty() && account.outgoing.is_empty() {
                    true => Report { rows: vec![subjects::nothing_to_prove()] },
                    false => provost_verify::verify(&proven, &network, steps).await,
                };
                if let Some(known) = against.known().filter(|_| subject.format != subjects::SERVICE) {
                    name_the_settings_servers(&mut report, account, &known.service);
                }
                report
            }
            Err(refused) => Report { rows: vec![refused.row()] },
        };
        proofs.push((subject, report));
    }
    Ok(proofs)
}

/// Where a profile leads to a server that the settings do not have, the fix is to write one that they have.
fn name_the_settings_servers(report: &mut Report, account: &Account, service: &Service) {
    let place = |endpoint: &Endpoint| format!("{}:{}", endpoint.host, endpoint.port);
    for row in &mut report.rows {
        if row.outcome != Outcome::Failed || !["resolve", "connect", "tls"].contains(&row.check) {
            continue;
        }
        let incoming = account.incoming.iter().find(|it| place(&it.server.endpoint) == row.server);
        let known: Vec<(&str, &Endpoint)> = match incoming.map(|it| it.protocol) {
            Some(protocol) => {
                let servers = service.incoming.iter().filter(|(its, _)| *its == protocol);
                servers.map(|(its, endpoint)| (its.name(), endpoint)).collect()
            }
            None => service.outgoing.iter().map(|endpoint| ("smtp", endpoint)).collect(),
        };
        if known.is_empty() || known.iter().any(|(_, endpoint)| place(endpoint) == row.server) {
            continue;
        }
        let servers: Vec<String> = known
            .iter()
            .map(|(protocol, endpoint)| format!("{protocol} {} {}", place(endpoint), endpoint.security.name()))
            .collect();
        row.fix = Some(format!("the settings say {}; correct the profile", servers.join(" or ")));
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

/// The mailbox that the mock serves to the holder of `account`.
pub(crate) fn mailbox(account: &Account, password: Secret) -> Mailbox {
    Mailbox { address: account.address.clone(), aliases: account.aliases.clone(), login: login(account), password }
}

/// The password of an account of the mock server that nobody gave one: its own, and the same in every run.
pub(crate) fn made_up_password(address: &EmailAddress) -> Secret {
    let digest = Sha256::digest(format!("provost mock password of {}", address.key()));
    Secret::new(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
}

/// The login name of the account, or its address where no server asks for one.
fn login(account: &Account) -> Login {
    let login = account.login().cloned();
    login.unwrap_or_else(|| Login::try_from(account.address.as_str()).expect("an address is a text without controls"))
}

const AT_ONCE: usize = 16;
