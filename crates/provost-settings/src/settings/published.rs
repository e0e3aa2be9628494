//! Settings held against what the providers of their domains publish. A rule of its own, for `lint` and the doctor: who made
//! the settings knows that they differ, and each run would say so again.

use provost_account::{
    Difference, DomainName, Endpoint, Finding, Findings, Provider, Published, Publisher, Service,
    codes::settings as codes, differences, provider_of,
};

use super::SETTINGS_OCTETS_MAX;
use super::tree::{self, Aim, Node};
use crate::source_text;

/// Each host, and each port with its way to start TLS, that no provider of the domains publishes. `bytes` are those that the
/// service was read from, for the places.
#[must_use]
pub fn against_published(bytes: &[u8], service: &Service) -> Vec<Finding> {
    let known: Vec<(&DomainName, &Provider)> =
        service.domains.iter().filter_map(|domain| Some((domain, provider_of(domain)?))).collect();
    let published: Vec<&Published> =
        known.iter().flat_map(|(domain, provider)| provider.published_for(domain)).collect();
    let theirs: Vec<_> = published.iter().flat_map(|it| &it.servers).map(|(it, server)| (*it, server)).collect();
    let text = source_text::decode(bytes, SETTINGS_OCTETS_MAX, &mut Findings::counted()).unwrap_or("");
    let mut found = Vec::new();
    for difference in differences(service.servers(), &theirs) {
        let (protocol, server, key, ours) = match difference {
            Difference::Host(protocol, server) => (protocol, server, "host", server.host.to_string()),
            Difference::Port(protocol, server) => {
                (protocol, server, "port", format!("port {} with {}", server.port, server.security.name()))
            }
        };
        let says = |it: &&&Published| it.servers.iter().any(|(of, _)| *of == protocol);
        let first = published.iter().find(says).expect("a difference is from somebody who has the protocol");
        let of = known.iter().find(|(domain, _)| first.domains.contains(domain));
        let (domain, provider) = of.expect("what is published is some provider's");
        let who = match first.by {
            Publisher::Provider => provider.title,
            Publisher::Database => first.by.title(),
        };
        let servers: Vec<String> = first
            .servers
            .iter()
            .filter(|(of, _)| *of == protocol)
            .map(|(_, it)| format!("{} with {}", it.authority(), it.security.name()))
            .collect();
        let servers = servers.join(" or ");
        let message = format!("{ours} for {}: for {domain} {who} has {servers}", protocol.title());
        let mut findings = Findings::default();
        let fix = format!("use {servers}, unless you know that yours works");
        findings.add(codes::HOST_CONTRADICTS_PROVIDER, place(text, service, server, key), message, fix);
        found.extend(findings.finish().into_iter().map(|finding| Finding { source: first.source, ..finding }));
    }
    found
}

/// Where a key of one of the service's servers is.
fn place(text: &str, service: &Service, server: &Endpoint, key: &str) -> Option<provost_account::Place> {
    let is_it = |other: &Endpoint| std::ptr::eq(other, server);
    let incoming = service.incoming.iter().position(|(_, it)| is_it(it)).map(|at| ("incoming", at));
    let (list, at) = incoming.or_else(|| service.outgoing.iter().position(is_it).map(|at| ("outgoing", at)))?;
    let root = tree::parse(text).ok()?;
    let (list_at, list) = child(&root, list)?;
    let Node::List(servers) = list else { return None };
    let (key_at, _) = child(servers.get(at)?, key)?;
    tree::place(text, &[list_at, at, key_at], Aim::Value)
}

/// A key's value, and its position.
fn child<'a>(node: &'a Node, key: &str) -> Option<(usize, &'a Node)> {
    let Node::Map(entries) = node else { return None };
    entries.iter().position(|(name, _)| name == key).map(|at| (at, &entries[at].1))
}
