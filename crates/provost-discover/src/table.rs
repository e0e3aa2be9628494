//! What the table of providers says about a domain. The table itself is in `provost-account`.

use provost_account::{DisplayName, DomainName, Published, Publisher, provider_of, provider_of_mx};

use crate::opinion::{Note, Opinion, Said};
use crate::source::{Source, SourceKind};

/// What is published about a domain: by its provider, and in the provider database.
#[must_use]
pub fn known(domain: &DomainName) -> Vec<Opinion> {
    let Some(provider) = provider_of(domain) else { return Vec::new() };
    let name = DisplayName::try_from(provider.title).ok();
    provider
        .published_for(domain)
        .map(|published| Opinion { name: name.clone(), ..opinion(published, domain) })
        .collect()
}

/// What is published by the provider at whose host a domain's mail arrives. That the provider also keeps the mail is no more
/// than likely.
pub(crate) fn known_at(mx: &DomainName, domain: &DomainName) -> Option<Opinion> {
    let provider = provider_of_mx(mx)?;
    let mut found = opinion(provider.published_at(mx)?, domain);
    found.source.kind = SourceKind::MxDerived;
    Some(found)
}

fn opinion(published: &Published, domain: &DomainName) -> Opinion {
    let kind = match published.by {
        Publisher::Provider => SourceKind::Provider,
        Publisher::Database => SourceKind::Database,
    };
    let source = Source { kind, at: published.source.to_owned(), read: Some(published.read) };
    let is_about = published.domains.contains(domain);
    let domains = if is_about { published.domains.clone() } else { vec![domain.clone()] };
    Opinion {
        domains: domains.into_iter().map(said).collect(),
        login: published.login.clone().map(said),
        servers: published.servers.iter().cloned().map(said).collect(),
        notes: published.unsure.iter().map(|words| said(Note::Unsure(words))).collect(),
        ..Opinion::of(source)
    }
}

fn said<T>(value: T) -> Said<T> {
    Said { value, by: String::new(), line: None }
}
