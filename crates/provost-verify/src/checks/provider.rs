//! Are the account's servers those that its provider publishes, or the provider database for it, in the table of providers?
//! Nobody is asked. The login name is compared too, and no failure: many providers take more forms than they publish.

use provost_account::{Difference, Endpoint, Protocol, Published, differences, provider_of};

use crate::attempt::Stop;
use crate::cause::{Cause, Contradiction, DomainFlaw};
use crate::domain::Domain;
use crate::report::{Evidence, Reason};

pub(super) async fn run(domain: &Domain<'_>) -> Result<Evidence, Stop> {
    let account = domain.account;
    let own = account.address.domain();
    let Some(provider) = provider_of(own) else { return Err(Reason::ProviderUnknown.into()) };
    let published: Vec<&Published> = provider.published_for(own).collect();
    let theirs: Vec<(Protocol, &Endpoint)> =
        published.iter().flat_map(|it| &it.servers).map(|(protocol, server)| (*protocol, server)).collect();
    let mut contradictions: Vec<Contradiction> = Vec::new();
    for difference in differences(account.servers().map(|(protocol, server)| (protocol, &server.endpoint)), &theirs) {
        let (Difference::Host(protocol, server) | Difference::Port(protocol, server)) = difference;
        let of_protocol = |it: &Published| -> Vec<Endpoint> {
            it.servers.iter().filter(|(of, _)| *of == protocol).map(|(_, server)| server.clone()).collect()
        };
        let first = published.iter().find(|it| !of_protocol(it).is_empty());
        let first = first.expect("a difference is from somebody who has the protocol");
        let source = format!("{}: {}, read {}", first.by.title(), first.source, first.read);
        let (ours, theirs) = (vec![server.clone()], of_protocol(first));
        let contradiction = Contradiction { protocol, ours, theirs, source };
        // A server may differ by its host and by its port.
        if !contradictions.contains(&contradiction) {
            contradictions.push(contradiction);
        }
    }
    if !contradictions.is_empty() {
        return Err(Stop::Failed(Cause::OfDomain(DomainFlaw::HostContradictsProvider { contradictions })));
    }
    let logins: Vec<_> =
        published.iter().filter_map(|it| it.login.as_ref()).map(|it| it.expand(&account.address)).collect();
    let is_known = account.login().is_none_or(|login| logins.contains(login));
    Ok(Evidence::AsProviderSays {
        provider: provider.title,
        other_login: logins.into_iter().next().filter(|_| !is_known),
    })
}
