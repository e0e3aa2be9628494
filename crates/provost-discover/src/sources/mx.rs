//! What is published for the domain of the host that receives the mail, as Thunderbird finds the provider behind a domain of
//! one's own: the host's name without its first label, then its registrable domain (fetchConfigForMX of Thunderbird 153;
//! draft-ietf-mailmaint-autoconfig-06, section 4.3).

use futures::future::join_all;
use provost_account::{DomainName, EmailAddress};
use provost_network::Network;
use psl::Psl as _;

use super::{Asking, Nothing, Tried, autoconfig, database, names};
use crate::source::SourceKind;
use crate::table;

pub(super) async fn ask(network: &Network, asking: &Asking<'_>, person: &EmailAddress) -> Vec<Tried> {
    let domain = asking.domain;
    let at = format!("MX {domain}");
    let host = match first(network, domain).await {
        Ok(host) => host,
        Err(nothing) => return vec![Tried { kind: SourceKind::MxDerived, at, outcome: Err(nothing) }],
    };
    let known = table::known_at(&host, domain).map(|opinion| {
        let at = format!("{at} {host}, {}", opinion.source.at);
        Tried { kind: SourceKind::MxDerived, at, outcome: Ok(opinion) }
    });
    let each = domains(host.as_str(), domain).into_iter().map(async |of_host| {
        let url = autoconfig::of_host("https", &of_host);
        let mut tried = vec![autoconfig::fetch(network, person, url, SourceKind::MxDerived).await];
        tried.extend(database::ask(network, asking, person, &of_host, SourceKind::MxDerived).await);
        tried
    });
    known.into_iter().chain(join_all(each).await.into_iter().flatten()).collect()
}

/// The host that receives the domain's mail first.
async fn first(network: &Network, domain: &DomainName) -> Result<DomainName, Nothing> {
    let (mut records, _) = names::records(network.mx(domain.as_str()).await)?;
    records.sort_by_key(|record| record.preference);
    let host = records.into_iter().find_map(|record| record.exchange).ok_or(Nothing::NotOffered)?;
    DomainName::try_from(host.as_str()).map_err(|error| Nothing::Unasked { detail: error.to_string() })
}

/// The domains to ask for a host that receives mail: none if it is in the person's own domain, where all has been asked.
fn domains(host: &str, own: &DomainName) -> Vec<DomainName> {
    let registrable = psl::List.domain(host.as_bytes()).and_then(|it| std::str::from_utf8(it.as_bytes()).ok());
    let Some(registrable) = registrable.filter(|it| *it != own.as_str()) else { return Vec::new() };
    let parent = host.split_once('.').map(|(_, parent)| parent).filter(|_| host != registrable);
    let parent = parent.filter(|parent| *parent != registrable);
    let names = parent.into_iter().chain([registrable]);
    names.filter_map(|name| DomainName::try_from(name).ok()).filter(|domain| domain != own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, own: &str, expected: &[&str]) {
        let own = DomainName::try_from(own).expect("a domain");
        let found = domains(host, &own);
        assert_eq!(found.iter().map(DomainName::as_str).collect::<Vec<_>>(), expected, "{host}");
    }

    /// The examples of the comment above fetchConfigForMX, and of the draft.
    #[test]
    fn the_domain_of_a_host_ends_at_a_public_suffix() {
        check("mx1.incoming.servers.hoster.com", "example.org", &["incoming.servers.hoster.com", "hoster.com"]);
        check("mx.bbc.co.uk", "example.org", &["bbc.co.uk"]);
        check("bbc.co.uk", "example.org", &["bbc.co.uk"]);
        check("co.uk", "example.org", &[]);
        check("mx.example.org", "example.org", &[]);
        check("a.mx.example.org", "example.org", &[]);
        check(
            "example-org.mail.protection.outlook.com",
            "example.org",
            &["mail.protection.outlook.com", "outlook.com"],
        );
    }
}
