//! Which accounts are of one service: those that share a domain or a server, directly or through others. Two people of one
//! organization do; one person's accounts at two providers do not.

use provost_account::{DomainName, EmailAddress, Host};

use crate::person::is_nobodys;
use crate::understood::Understood;

/// Those of the accounts that are of the same service as the address; all of them, if none is in its domain.
#[must_use]
pub fn of_service(profiles: Vec<Understood>, address: &EmailAddress) -> Vec<Understood> {
    let services = services(&profiles);
    let Some(own) = services.into_iter().find(|it| it.domains.contains(&address.domain())) else { return profiles };
    let members = own.members;
    let kept = profiles.into_iter().enumerate().filter(|(at, _)| members.contains(at));
    kept.map(|(_, profile)| profile).collect()
}

/// The first domain of each service, in the order of the accounts. Accounts without a domain or without a server are of any.
pub(super) fn first_domains(profiles: &[Understood]) -> Vec<DomainName> {
    let services = services(profiles);
    let with_servers = services.iter().filter(|it| !it.hosts.is_empty());
    with_servers.filter_map(|it| it.domains.first().copied()).cloned().collect()
}

/// Accounts that belong together.
#[derive(Default)]
struct Together<'a> {
    members: Vec<usize>,
    domains: Vec<&'a DomainName>,
    hosts: Vec<&'a Host>,
}

impl<'a> Together<'a> {
    fn of(at: usize, profile: &'a Understood) -> Self {
        let said = match profile.provider.domains.as_slice() {
            [] => std::slice::from_ref(profile.account.address.domain()),
            said => said,
        };
        let domains = said.iter().filter(|domain| !is_nobodys(domain.as_str())).collect();
        let hosts = profile.account.servers().map(|(_, server)| &server.endpoint.host);
        Self { members: vec![at], domains, hosts: hosts.filter(|host| !is_nobodys(&host.to_string())).collect() }
    }

    /// Whether both have a domain or a server in common, or one has a server in the other's domain.
    fn meets(&self, other: &Self) -> bool {
        let is_in = |host: &Host, domain: &DomainName| {
            let host = host.to_string();
            host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let has_a_server_in = |one: &Self, other: &Self| {
            one.hosts.iter().any(|host| other.domains.iter().any(|domain| is_in(host, domain)))
        };
        self.domains.iter().any(|domain| other.domains.contains(domain))
            || self.hosts.iter().any(|host| other.hosts.contains(host))
            || has_a_server_in(self, other)
            || has_a_server_in(other, self)
    }

    fn with(mut self, mut other: Self) -> Self {
        self.members.append(&mut other.members);
        self.domains.append(&mut other.domains);
        self.hosts.append(&mut other.hosts);
        self
    }
}

fn services(profiles: &[Understood]) -> Vec<Together<'_>> {
    let mut services: Vec<Together<'_>> = Vec::new();
    for (at, profile) in profiles.iter().enumerate() {
        let mut own = Together::of(at, profile);
        let mut apart = Vec::new();
        for service in services {
            if service.meets(&own) { own = service.with(own) } else { apart.push(service) }
        }
        apart.push(own);
        services = apart;
    }
    services.sort_by_key(|service| service.members.iter().min().copied());
    services
}
