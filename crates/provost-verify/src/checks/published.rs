//! Does what the domain publishes today lead to the account's servers? A source that anybody on the way may have made proves
//! nothing: what it says otherwise is told only beside a server that does not work.

use provost_account::{Endpoint, Protocol, RegisteredService};

use crate::attempt::Stop;
use crate::cause::{Cause, Contradiction, DomainFlaw};
use crate::domain::{Claim, Domain, Worth};
use crate::report::{Evidence, Reason};

pub(super) async fn run(domain: &Domain<'_>) -> Result<Evidence, Stop> {
    let Some(claims) = &domain.facts.published else { return Err(Reason::NameServerSilent.into()) };
    if claims.iter().all(|claim| claim.servers.is_empty()) {
        return Err(Reason::NothingPublished.into());
    }
    let own: Vec<(Protocol, &Endpoint)> =
        domain.account.servers().map(|(protocol, server)| (protocol, &server.endpoint)).collect();
    let (mut by, mut contradictions, mut otherwise) = (Vec::new(), Vec::new(), Vec::new());
    for claim in claims {
        let found: Vec<Contradiction> =
            Protocol::ALL.into_iter().filter_map(|it| contradiction(it, &own, claim)).collect();
        if found.is_empty() {
            by.push(claim.source.clone());
        }
        match claim.worth {
            Worth::Binding => contradictions.extend(found),
            Worth::Hint => otherwise.extend(found),
        }
    }
    match contradictions.is_empty() {
        true => Ok(Evidence::AsPublished { by, otherwise }),
        false => Err(Stop::Failed(Cause::OfDomain(DomainFlaw::PublishedDiffers { contradictions }))),
    }
}

/// Where none of the account's servers of a protocol is one that the source names. A source may leave out servers, as PACC's
/// document does, which has one of each protocol.
fn contradiction(protocol: Protocol, own: &[(Protocol, &Endpoint)], claim: &Claim) -> Option<Contradiction> {
    let ours: Vec<Endpoint> = own.iter().filter(|(it, _)| *it == protocol).map(|(_, it)| (*it).clone()).collect();
    let theirs: Vec<Endpoint> =
        claim.servers.iter().filter(|(it, _)| *it == protocol).map(|(_, it)| it.clone()).collect();
    let is_one = ours.iter().any(|own| theirs.iter().any(|other| is_same(protocol, own, other)));
    let differs = !ours.is_empty() && !theirs.is_empty() && !is_one;
    differs.then(|| Contradiction { protocol, ours, theirs, source: claim.source.clone() })
}

/// Whether both are one server. Its two registered ports are alternatives of each other (RFC 8314 section 3.3).
fn is_same(protocol: Protocol, one: &Endpoint, other: &Endpoint) -> bool {
    let is_registered = |it: &Endpoint| {
        RegisteredService::of_port(it.port)
            .is_some_and(|service| service.protocol == protocol && service.security == it.security)
    };
    one.host == other.host
        && ((one.port, one.security) == (other.port, other.security) || is_registered(one) && is_registered(other))
}
