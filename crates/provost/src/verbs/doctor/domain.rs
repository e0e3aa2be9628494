//! The surroundings of the accounts: their network, and what their domains publish today, as `init` asks for it. It judges nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use provost_account::{Certificate, DomainName};
use provost_discover::{Asking, Guesses, Opinion, SourceKind, discover};
use provost_network::Network;
use provost_verify::{Claim, DomainFacts, Options, Sends, Worth, checks};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::discovered::answered;
use super::network::network;
use super::patients::{Patient, Patients};
use crate::arguments::doctor::Doctor;
use crate::failure::Failure;

/// The network as accounts with the same authorities see it, and what their domains publish there.
pub(super) struct Surroundings {
    pub(super) network: Network,
    /// Each is asked once, however many accounts it has. `None`: there was no answer, or none in time.
    published: BTreeMap<DomainName, OnceCell<Option<Vec<Opinion>>>>,
}

/// Those of the accounts, by the certificates that they bring.
pub(super) fn surroundings<'a>(
    patients: &'a Patients,
    options: &Doctor,
) -> Result<BTreeMap<&'a [Certificate], Surroundings>, Failure> {
    let mut all: BTreeMap<&[Certificate], Surroundings> = BTreeMap::new();
    for patient in &patients.accounts {
        let own = match all.entry(&patient.account.trust) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let network = network(&patient.account.trust, options)?;
                new.insert(Surroundings { network, published: BTreeMap::new() })
            }
        };
        let domain = patient.account.address.domain();
        let known = patients.published.as_ref().filter(|(of, _)| of == domain);
        let known = known.map_or_else(OnceCell::new, |(_, opinions)| OnceCell::new_with(Some(opinions.clone())));
        own.published.entry(domain.clone()).or_insert(known);
    }
    Ok(all)
}

impl Surroundings {
    /// What is known of an account's domain.
    pub(super) async fn facts(&self, patient: &Patient, options: &Options) -> DomainFacts {
        let domain = patient.account.address.domain();
        let is_wanted = checks().iter().any(|it| it.sends == Sends::DomainName && options.checks.has(it));
        let opinions = match self.published.get(domain).filter(|_| is_wanted) {
            Some(cell) => cell.get_or_init(|| self.ask(domain, options)).await.clone(),
            None => None,
        };
        let records = patient.records.clone();
        // Records that are held against settings by themselves are not told twice.
        let signed_srv = if records.is_some() { Worth::Hint } else { Worth::Binding };
        let published = opinions.map(|all| all.into_iter().map(|it| claim(it, signed_srv)).collect());
        DomainFacts { published, records }
    }

    async fn ask(&self, domain: &DomainName, options: &Options) -> Option<Vec<Opinion>> {
        let asking = Asking { domain, address: None, database: None, guesses: Guesses::LeftOut };
        let found = timeout(options.step_timeout, discover(&self.network, &asking)).await.ok()?;
        answered(found)
    }
}

/// What a source says of the servers.
fn claim(opinion: Opinion, signed_srv: Worth) -> Claim {
    let kind = opinion.source.kind;
    let worth = match kind {
        SourceKind::LogsIn | SourceKind::Provider | SourceKind::OwnDomain | SourceKind::Database => Worth::Binding,
        SourceKind::SignedSrv => signed_srv,
        SourceKind::Srv | SourceKind::MxDerived | SourceKind::Http => Worth::Hint,
        SourceKind::Guide | SourceKind::Guess => Worth::Hint,
    };
    let source = format!("{}: {}", kind.title(), opinion.source.at);
    Claim { source, servers: opinion.servers.into_iter().map(|said| said.value).collect(), worth }
}
