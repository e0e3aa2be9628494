//! Mail providers and what is published about their servers, by themselves and in the provider database: one table for
//! the code that makes settings and the code that judges them. It looks nothing up: domains and hosts are compared by name.
//!
//! A provider's page and the database may contradict each other. Both are kept, each with its source.

mod table;

use crate::{DomainName, Endpoint, LoginTemplate, Protocol};

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The stable name, lower case with hyphens.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// The domains of its addresses, as far as they are known here.
    pub domains: Vec<DomainName>,
    /// What the names of its MX hosts end in.
    pub mx: Vec<DomainName>,
    /// Which password mail programs need.
    pub password: ProviderPassword,
    /// The day since which that is so, if it is known: `2024-09-16`.
    pub since: Option<&'static str>,
    /// What has to be switched on before a mail program can log in.
    pub switch: Option<&'static str>,
    /// Where the password and the switch are known from.
    pub why: Option<&'static str>,
    /// What is not certain.
    pub unsure: Vec<&'static str>,
    /// What is published about its servers: by itself first, then in the provider database.
    pub published: Vec<Published>,
}

/// Which password a provider wants from mail programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProviderPassword {
    /// That of the account.
    Account,
    /// An app password, an authorization code: one that the provider makes for a mail program.
    App,
    /// An app password once two-factor authentication is on, before that the account's.
    AppWithTwoFactor,
    /// One that the person sets for mail alone.
    Separate,
    /// None: only OAuth 2 logs in.
    OAuth2,
}

/// What somebody publishes about a provider's servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Who.
    pub by: Publisher,
    /// The domains that it is about.
    pub domains: Vec<DomainName>,
    /// The user name, if it says one.
    pub login: Option<LoginTemplate>,
    /// The servers, the preferred one first, IMAP before POP3. Those without TLS are left out.
    pub servers: Vec<(Protocol, Endpoint)>,
    /// The page or the file.
    pub source: &'static str,
    /// The month in which it was read: `2026-11`.
    pub read: &'static str,
    /// What is not certain.
    pub unsure: Vec<&'static str>,
}

/// Who publishes servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Publisher {
    /// The provider itself.
    Provider,
    /// Thunderbird's provider database.
    Database,
}

/// What of a server is said differently elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference<'a> {
    /// None of the others has the host.
    Host(Protocol, &'a Endpoint),
    /// None of the others has the port with this way to start TLS.
    Port(Protocol, &'a Endpoint),
}

/// Every provider, by its stable name.
#[must_use]
pub fn providers() -> &'static [Provider] {
    &table::PROVIDERS
}

/// The provider that a domain's addresses belong to.
#[must_use]
pub fn provider_of(domain: &DomainName) -> Option<&'static Provider> {
    providers().iter().find(|provider| provider.domains.contains(domain))
}

/// The provider that takes mail at an MX host. The longest suffix counts: Outlook.com's hosts are below those of
/// Microsoft 365.
#[must_use]
pub fn provider_of_mx(host: &DomainName) -> Option<&'static Provider> {
    let suffixes = providers().iter().flat_map(|provider| provider.mx.iter().map(move |mx| (mx, provider)));
    let fitting = suffixes.filter(|(mx, _)| is_below(host.as_str(), mx.as_str()));
    fitting.max_by_key(|(mx, _)| mx.as_str().len()).map(|(_, provider)| provider)
}

/// How servers differ from those of the same protocol that others name: each host that none of them has, and each port with
/// its security, once. A protocol that the others do not have differs in nothing.
#[must_use]
pub fn differences<'a>(
    servers: impl Iterator<Item = (Protocol, &'a Endpoint)> + Clone,
    others: &[(Protocol, &Endpoint)],
) -> Vec<Difference<'a>> {
    let mut found: Vec<Difference<'a>> = Vec::new();
    let of = |protocol| others.iter().filter(move |(other, _)| *other == protocol).map(|(_, endpoint)| *endpoint);
    let known = servers.filter(|(protocol, _)| of(*protocol).next().is_some());
    for (protocol, server) in known.clone() {
        let is_said =
            |it: &Difference<'_>| matches!(it, Difference::Host(of, it) if *of == protocol && it.host == server.host);
        if !of(protocol).any(|other| other.host == server.host) && !found.iter().any(is_said) {
            found.push(Difference::Host(protocol, server));
        }
    }
    for (protocol, server) in known {
        let port = |it: &Endpoint| (it.port, it.security);
        let is_said =
            |it: &Difference<'_>| matches!(it, Difference::Port(of, it) if *of == protocol && port(it) == port(server));
        if !of(protocol).any(|other| port(other) == port(server)) && !found.iter().any(is_said) {
            found.push(Difference::Port(protocol, server));
        }
    }
    found
}

impl Provider {
    /// What is published about the servers for one of its domains.
    pub fn published_for(&self, domain: &DomainName) -> impl Iterator<Item = &Published> {
        self.published.iter().filter(move |it| it.domains.contains(domain))
    }

    /// What is published about the servers for a domain of somebody else, whose mail this MX host takes: what is about a
    /// domain that the host is below, or the first.
    #[must_use]
    pub fn published_at(&self, mx: &DomainName) -> Option<&Published> {
        let is_about = |it: &&Published| it.domains.iter().any(|domain| is_below(mx.as_str(), domain.as_str()));
        self.published.iter().find(is_about).or(self.published.first())
    }
}

impl ProviderPassword {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::App => "app",
            Self::AppWithTwoFactor => "app-with-two-factor",
            Self::Separate => "separate",
            Self::OAuth2 => "oauth2",
        }
    }

    /// Which one it is, in a sentence: "mail programs log in with …".
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Account => "the password of the account",
            Self::App => "an app password",
            Self::AppWithTwoFactor => {
                "an app password if two-factor authentication is on, else the password of the account"
            }
            Self::Separate => "a password for mail alone",
            Self::OAuth2 => "OAuth 2, no password",
        }
    }

    const ALL: [Self; 5] = [Self::Account, Self::App, Self::AppWithTwoFactor, Self::Separate, Self::OAuth2];
}

impl Publisher {
    /// Who it is, in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Provider => "the provider",
            Self::Database => "the provider database",
        }
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Host, Security, provider_answers};

    fn name(text: &str) -> DomainName {
        DomainName::try_from(text).expect("a name")
    }

    fn shown(endpoint: &Endpoint) -> String {
        format!("{} {}", endpoint.authority(), endpoint.security.name())
    }

    #[test]
    fn no_domain_and_no_mx_leads_to_two_providers() {
        let (mut domains, mut suffixes, mut names) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        for provider in providers() {
            names.push(provider.name);
            for domain in &provider.domains {
                assert!(domains.insert(domain), "{domain} belongs to two providers");
            }
            for mx in &provider.mx {
                assert!(suffixes.insert(mx), "{mx} leads to two providers");
            }
            assert!(!provider.domains.is_empty() || !provider.mx.is_empty(), "nothing leads to {}", provider.name);
            assert!(!provider.published.is_empty(), "nothing is published about {}", provider.name);
        }
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn each_row_is_whole() {
        for provider in providers() {
            let name = provider.name;
            assert!(name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-'), "{name}");
            let says_something = provider.password != ProviderPassword::Account || provider.switch.is_some();
            assert!(!says_something || provider.why.is_some(), "{name} has no source for its password");
            for published in &provider.published {
                assert!(published.domains.iter().all(|it| provider.domains.contains(it)), "{name}: a foreign domain");
                assert!(published.servers.iter().all(|(_, it)| it.security != Security::Cleartext), "{name}");
                assert!(published.servers.iter().any(|(it, _)| *it == Protocol::Submission), "{name} cannot send");
                assert!(published.servers.is_sorted_by_key(|(protocol, _)| *protocol), "{name}: IMAP, POP3, SMTP");
            }
            assert!(provider.published.is_sorted_by_key(|it| it.by), "{name}: its own page first");
            for domain in &provider.domains {
                assert!(provider.published_for(domain).next().is_some(), "{name}: nothing for {domain}");
            }
        }
    }

    #[test]
    fn the_page_of_centurylink_and_the_database_name_other_hosts_for_q_com() {
        let provider = provider_of(&name("q.com")).expect("CenturyLink");
        let imap = |it: &Published| it.servers.iter().find(|(it, _)| *it == Protocol::Imap).map(|(_, it)| shown(it));
        let said: Vec<_> = provider.published_for(&name("q.com")).map(|it| (it.by, imap(it))).collect();
        let expected = [
            (Publisher::Provider, Some("mail.centurylink.net:993 SSL".to_owned())),
            (Publisher::Database, Some("mail.q.com:993 SSL".to_owned())),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn an_mx_leads_to_the_provider_with_the_longest_suffix() {
        let at = |mx: &str| provider_of_mx(&name(mx)).map(|it| it.name);
        assert_eq!(at("acme-org.mail.protection.outlook.com"), Some("microsoft-365"));
        assert_eq!(at("hotmail-com.olc.protection.outlook.com"), Some("outlook-com"));
        assert_eq!(at("mta5.am0.yahoodns.net"), Some("yahoo"));
        assert_eq!(at("mx-aol.mail.gm0.yahoodns.net"), Some("aol"));
        assert_eq!(at("notgoogle.com"), None);
        let zoho = provider_of_mx(&name("mx.zoho.in")).and_then(|it| it.published_at(&name("mx.zoho.in")));
        assert_eq!(zoho.map(|it| shown(&it.servers[0].1)).as_deref(), Some("imap.zoho.in:993 SSL"));
    }

    #[test]
    fn every_provider_whose_words_are_known_has_a_row_with_a_server_that_says_them() {
        let hosts: Vec<&str> = providers()
            .iter()
            .flat_map(|it| &it.published)
            .flat_map(|it| &it.servers)
            .filter_map(|(_, it)| match &it.host {
                Host::Name(name) => Some(name.as_str()),
                Host::Address(_) => None,
            })
            .collect();
        let patterns: BTreeSet<_> = provider_answers().iter().map(|answer| &answer.hosts).collect();
        for patterns in patterns.into_iter().filter(|it| it.as_slice() != ["*"]) {
            let mut domains = patterns.iter().map(|it| it.trim_start_matches("*."));
            let is_said = domains.any(|domain| hosts.iter().any(|host| is_below(host, domain)));
            assert!(is_said, "no provider has a host like {patterns:?}");
        }
    }

    #[test]
    fn the_guides_servers_differ_from_those_of_the_provider_in_two_hosts_and_a_port() {
        let domain = name("centurylink.net");
        let provider = provider_of(&domain).expect("CenturyLink");
        let published: Vec<_> =
            provider.published_for(&domain).flat_map(|it| &it.servers).map(|(it, server)| (*it, server)).collect();
        let server = |host: &str, port, security| Endpoint {
            host: Host::try_from(host).expect("a host"),
            port: crate::Port::new(port).expect("a port"),
            security,
            authentication: crate::Authentication::PasswordCleartext,
        };
        let guide = [
            (Protocol::Imap, server("imap.centurylink.com", 993, Security::ImplicitTls)),
            (Protocol::Submission, server("smtp.centurylink.com", 465, Security::ImplicitTls)),
            (Protocol::Submission, server("smtp.centurylink.com", 587, Security::StartTls)),
        ];
        let found: Vec<String> = differences(guide.iter().map(|(it, server)| (*it, server)), &published)
            .iter()
            .map(|it| match it {
                Difference::Host(protocol, server) => format!("{} host {}", protocol.name(), server.host),
                Difference::Port(protocol, server) => format!("{} port {}", protocol.name(), server.port),
            })
            .collect();
        assert_eq!(found, ["imap host imap.centurylink.com", "smtp host smtp.centurylink.com", "smtp port 465"]);
    }
}
