//! What proves accounts, one after the other or many at once: the servers, and the ways to them. It prints nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use provost_account::{Account, Certificate, Endpoint, Protocol, Service};
use provost_mockmail::{Config, Mailbox, MockMail};
use provost_network::{Network, Route};
use provost_verify::{Chosen, Connections, Options, Outcome, Step, Subject};

use super::against::Against;
use super::proven::{Origin, Proven, Told, same_place};
use super::subjects;
use crate::arguments::Verify;
use crate::failure::Failure;

/// What proves accounts.
pub(crate) struct Prover<'a> {
    against: &'a Against,
    steps: Options,
    servers: Servers,
}

enum Servers {
    /// The mock has the mailboxes of the proofs in flight and no others: each takes some 10 KB.
    Mock { mock: Box<MockMail>, network: Network },
    /// The networks by the certificates that accounts bring.
    Live { networks: RefCell<BTreeMap<Vec<Certificate>, Network>> },
}

impl<'a> Prover<'a> {
    /// Starts the mock server, if it is the one to prove against.
    pub(crate) async fn start(options: &Verify, against: &'a Against) -> Result<Self, Failure> {
        let steps = Options {
            now: SystemTime::now(),
            step_timeout: Duration::from_secs(options.timeout),
            connections: if options.thorough { Connections::EachCheck } else { Connections::Shared },
            checks: Chosen::of_verify(),
        };
        let servers = match against {
            Against::Mock { known } => {
                let config = Config::of(known.service.clone(), Vec::new(), steps.now);
                let config = Config { faults: options.fault.clone(), ..config };
                let mock = MockMail::start(config).await.context("cannot start the mock server")?;
                let routes = mock.listeners().iter().filter(|listener| listener.named && listener.resolves);
                let routes = routes.map(|it| Route { host: it.host.clone(), port: it.port, socket: it.socket });
                let network = Network::mapped(routes.collect(), &[mock.ca()])?;
                Servers::Mock { mock: Box::new(mock), network }
            }
            Against::Live { .. } => Servers::Live { networks: RefCell::default() },
        };
        Ok(Self { against, steps, servers })
    }

    /// Whose mailbox a proof uses.
    pub(crate) fn mailbox(&self, subject: &Proven) -> Option<String> {
        let address = subject.address.as_ref()?;
        Some(self.against.known().map_or(address, |known| known.mailbox_address(address)).key())
    }

    /// Proves accounts with the same mailbox one after the other: each puts a message into it and takes it out again.
    pub(crate) async fn prove(&self, subjects: Vec<Proven>) -> Result<Vec<(Proven, Vec<Told>)>, Failure> {
        let in_flight = match &self.servers {
            Servers::Mock { mock, .. } => self.mailbox_of(&subjects)?.map(|mailbox| (mock, mailbox)),
            Servers::Live { .. } => None,
        };
        if let Some((mock, mailbox)) = &in_flight {
            mock.add_account_as_at_start(mailbox.clone()).context("cannot add a mailbox to the mock server")?;
        }
        let mut proofs = Vec::new();
        for subject in subjects {
            let told = match &subject.account {
                Ok(account) => self.tells(&subject, account).await?,
                Err(unproven) => vec![Told::Unproven(unproven.clone())],
            };
            proofs.push((subject, told));
        }
        if let Some((mock, mailbox)) = &in_flight {
            mock.remove_account(&mailbox.address).context("cannot remove a mailbox of the mock server")?;
        }
        Ok(proofs)
    }

    /// The mailbox that these accounts, which have the same one, are proven with; `None`: nobody has their address.
    fn mailbox_of(&self, subjects: &[Proven]) -> Result<Option<Mailbox>, Failure> {
        let address = subjects.first().and_then(|subject| subject.address.as_ref());
        let known = self.against.known().zip(address);
        known.map_or(Ok(None), |(known, address)| known.mailbox(address))
    }

    /// Stops the mock server.
    pub(crate) async fn stop(self) {
        match self.servers {
            Servers::Mock { mock, .. } => mock.stop().await,
            Servers::Live { .. } => {}
        }
    }

    async fn tells(&self, subject: &Proven, account: &Account) -> Result<Vec<Told>, Failure> {
        let network = self.network(&account.trust)?;
        let password = self.against.password(account);
        let label = format!("{} {}", subject.files[0], subject.place);
        let (tried, untried) = subjects::without_tls(account, &subject.left_open, self.against.known());
        let (left_open, steps) = (subject.left_open.clone(), self.steps);
        // A task, so that the proofs in flight use all processors.
        let report = tokio::spawn(async move {
            let proven = Subject { account: &tried, password: password.as_ref(), left_open: &left_open, label: &label };
            provost_verify::verify(&proven, &network, &steps).await
        });
        let report = report.await.context("a proof ended early")?;
        let known = self.against.known().filter(|_| !matches!(subject.origin, Origin::Settings));
        let steps = report.into_iter().map(|step| told(step, known.map(|known| &known.service)));
        let mut all: Vec<Told> = steps.chain(untried.into_iter().map(Told::TlsUnsaid)).collect();
        if all.is_empty() {
            all.push(Told::NothingToProve);
        }
        Ok(all)
    }

    /// The mock's own network, or the real one with the certificates that the profile brings.
    fn network(&self, trust: &[Certificate]) -> Result<Network, Failure> {
        match &self.servers {
            Servers::Mock { network, .. } => Ok(network.clone()),
            Servers::Live { networks } => {
                let mut networks = networks.borrow_mut();
                if let Some(network) = networks.get(trust) {
                    return Ok(network.clone());
                }
                let network = Network::live(trust)?;
                networks.insert(trust.to_vec(), network.clone());
                Ok(network)
            }
        }
    }
}

/// A step, or where it failed at a server that the settings do not have, those of this protocol that they have.
fn told(step: Step, service: Option<&Service>) -> Told {
    let Some((protocol, asked)) = step.place.server() else { return Told::Step(step) };
    let servers = service.into_iter().flat_map(Service::servers).filter(|(its, _)| *its == protocol);
    let servers: Vec<(Protocol, Endpoint)> = servers.map(|(its, endpoint)| (its, endpoint.clone())).collect();
    let is_one = servers.iter().any(|(_, endpoint)| same_place(endpoint, asked));
    match step.outcome() == Outcome::Failed && step.check.finds_server && !servers.is_empty() && !is_one {
        true => Told::Misled { step, servers },
        false => Told::Step(step),
    }
}
