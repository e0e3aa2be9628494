//! Do the signatures of the domain's SRV and MX records, and of its hosts' addresses, hold? A zone that is not signed is not
//! ill. Where the name server validates by itself, it gives no bogus answer: then `resolve` tells that there is none.

use futures::future::{join_all, join3};
use provost_account::{Host, Protocol};
use provost_network::{Absent, Answer, Dnssec};

use crate::attempt::Stop;
use crate::cause::{Cause, DomainFlaw};
use crate::domain::Domain;
use crate::report::{Evidence, Reason};

pub(super) async fn run(domain: &Domain<'_>) -> Result<Evidence, Stop> {
    let own = domain.account.address.domain();
    let (mut protocols, mut hosts): (Vec<Protocol>, Vec<&str>) = (Vec::new(), Vec::new());
    for (protocol, server) in domain.account.servers() {
        protocols.push(protocol);
        hosts.extend(match &server.endpoint.host {
            Host::Name(name) => Some(name.as_str()),
            Host::Address(_) => None,
        });
    }
    protocols.sort_unstable();
    protocols.dedup();
    hosts.sort_unstable();
    hosts.dedup();
    let services = protocols.into_iter().flat_map(Protocol::services).map(|it| format!("_{}._tcp.{own}", it.name));
    let services = services.map(async |name| (judged(&domain.network.srv(&name).await), format!("SRV {name}")));
    let hosts = hosts.into_iter().map(async |host| {
        let answer = domain.network.address_records(host).await;
        (judged(&answer), format!("A or AAAA {host}"))
    });
    let mx = domain.network.mx(own.as_str());
    let (services, hosts, mx) = join3(join_all(services), join_all(hosts), mx).await;
    let mx = (judged(&mx), format!("MX {own}"));
    if services.iter().chain(&hosts).chain([&mx]).all(|(judged, _)| *judged == Judged::Unknown) {
        return Err(Reason::NameServerSilent.into());
    }
    let found: Vec<(Dnssec, String)> = services
        .into_iter()
        .chain([mx])
        .chain(hosts)
        .filter_map(|(judged, name)| Some((judged.dnssec()?, name)))
        .collect();
    let names = |wanted: Dnssec| -> Vec<String> {
        found.iter().filter(|(dnssec, _)| *dnssec == wanted).map(|(_, name)| name.clone()).collect()
    };
    let (bogus, insecure, secure) = (names(Dnssec::Bogus), names(Dnssec::Insecure), names(Dnssec::Secure));
    if !bogus.is_empty() {
        return Err(Stop::Failed(Cause::OfDomain(DomainFlaw::DnssecBogus { names: bogus })));
    }
    match (insecure.is_empty(), secure.is_empty()) {
        (true, true) => Err(Reason::NoSignatures.into()),
        (true, false) => Ok(Evidence::Signed(secure.len())),
        (false, _) => Ok(Evidence::NotSigned { names: insecure }),
    }
}

/// What is known of some records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Records(Dnssec),
    Nothing,
    /// The name server does not say.
    Unknown,
}

impl Judged {
    fn dnssec(self) -> Option<Dnssec> {
        match self {
            Self::Records(dnssec) => Some(dnssec),
            Self::Nothing | Self::Unknown => None,
        }
    }
}

fn judged<T>(answer: &Answer<T>) -> Judged {
    match &answer.records {
        Ok(_) => Judged::Records(answer.dnssec),
        Err(Absent::NoSuchName | Absent::NoData) => Judged::Nothing,
        Err(Absent::NotAsked | Absent::Failed(_)) => Judged::Unknown,
    }
}
