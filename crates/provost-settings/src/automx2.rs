//! automx2's JSON seed file to a service, as automx2's `populate_with_dict` reads it (rseichter/automx2,
//! automx2/database.py). Values that automx2 fills in are told apart from those in the seed.

use std::num::NonZeroU16;

use provost_account::{
    Authentication, CollectionService, DisplayName, DomainName, Endpoint, Findings, Host, IncomingProtocol,
    LoginTemplate, OrganizationId, Protocol, RegisteredService, Security, UrlTemplate, codes::settings as codes,
};
use provost_account::{Organization, Place, Service};
use serde_json::{Map, Value};

use crate::source_text::Read;

/// Whether a file looks like a seed: a JSON object with `provider`, `domains` and `servers`.
#[must_use]
pub fn is_automx2_seed(bytes: &[u8]) -> bool {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(keys)) => ["provider", "domains", "servers"].iter().all(|key| keys.contains_key(*key)),
        Ok(_) | Err(_) => false,
    }
}

/// Reads a seed. The findings name what automx2 assumes; the organization's identifier is derived from the first domain.
#[must_use]
pub fn read_automx2_seed(bytes: &[u8]) -> Read<Service> {
    let mut findings = Findings::counted();
    let value = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(seed)) => service(&seed, &mut findings),
        Ok(_) => {
            findings.add(codes::WRONG_TYPE, None, "the seed is not a JSON object", SEED);
            None
        }
        Err(error) => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            findings.add(codes::JSON_SYNTAX, Some(place), error.to_string(), "correct it there");
            None
        }
    };
    let value = value.filter(|_| !findings.has_error());
    Read { value, findings: findings.finish() }
}

fn service(seed: &Map<String, Value>, findings: &mut Findings) -> Option<Service> {
    let name = text(seed, "provider", findings).and_then(|it| parsed(it, |it| DisplayName::try_from(it), findings));
    let mut domains: Vec<DomainName> = Vec::new();
    for domain in list(seed, "domains", findings)? {
        // A text, or an object with its name, as in automx2's contrib/seed-example.json.
        let text = domain.as_str().or_else(|| domain.get("name")?.as_str());
        let text = text.or_else(|| wrong(domain, "a domain, or an object with its name", findings));
        domains.extend(text.and_then(|text| parsed(text, |it| DomainName::try_from(it), findings)));
    }
    let mut offered = Offered::default();
    for server in list(seed, "servers", findings)? {
        match server.as_object() {
            Some(server) => offered.add(server, findings),
            None => wrong(server, "a server, which is a JSON object", findings).unwrap_or(()),
        }
    }
    let first = domains.first().or_else(|| {
        findings.add(codes::EMPTY_LIST, None, "no domain", "name one in domains");
        None
    })?;
    let Some(id) = OrganizationId::reversed(first) else {
        findings.add(codes::WRONG_VALUE, None, format!("the domain {first} has one label"), "correct the domain");
        return None;
    };
    let message = format!("organization.id {id} is derived from the domain {first}");
    findings.add(codes::ASSUMED, None, message, "if you distributed profiles before, write their prefix");
    let login = LoginTemplate::try_from("%EMAILADDRESS%").expect("it is a template");
    Some(Service {
        calendar: offered.calendar,
        contacts: offered.contacts,
        ..Service::of(Organization { id, name: name? }, domains, login, offered.incoming, offered.outgoing)
    })
}

#[derive(Default)]
struct Offered {
    incoming: Vec<(IncomingProtocol, Endpoint)>,
    outgoing: Vec<Endpoint>,
    calendar: Option<CollectionService>,
    contacts: Option<CollectionService>,
}

impl Offered {
    fn add(&mut self, server: &Map<String, Value>, findings: &mut Findings) {
        match text(server, "type", findings) {
            Some("imap") => {
                let endpoint = endpoint(server, Protocol::Imap, findings);
                self.incoming.extend(endpoint.map(|it| (IncomingProtocol::Imap, it)));
            }
            Some("pop") => {
                let endpoint = endpoint(server, Protocol::Pop3, findings);
                self.incoming.extend(endpoint.map(|it| (IncomingProtocol::Pop3, it)));
            }
            Some("smtp") => self.outgoing.extend(endpoint(server, Protocol::Submission, findings)),
            Some(kind @ ("caldav" | "carddav")) => {
                let Some(url) = text(server, "url", findings) else { return };
                let url = parsed(url, |it| UrlTemplate::try_from(it), findings);
                let collection = url.map(|url| CollectionService { url, login: None });
                match kind {
                    "caldav" => self.calendar = self.calendar.take().or(collection),
                    _ => self.contacts = self.contacts.take().or(collection),
                }
            }
            Some(other) => {
                let message = format!("a server of the type {other:?}");
                findings.add(codes::WRONG_VALUE, None, message, "imap, pop, smtp, caldav and carddav are known");
            }
            None => {}
        }
    }
}

fn endpoint(server: &Map<String, Value>, protocol: Protocol, findings: &mut Findings) -> Option<Endpoint> {
    let host = parsed(text(server, "name", findings)?, |it| Host::try_from(it), findings)?;
    let port = match server.get("port") {
        None => {
            let usual = protocol.registered(Security::ImplicitTls).port;
            let message = format!("{host} has no port: automx2 uses {usual}");
            findings.add(codes::ASSUMED, None, message, "check whether that is correct");
            usual
        }
        Some(value) => {
            let port = value.as_u64().and_then(|it| u16::try_from(it).ok()).and_then(NonZeroU16::new);
            port.or_else(|| wrong(value, "a port from 1 to 65535", findings))?
        }
    };
    let security = RegisteredService::of_port(port).map_or(Security::StartTls, |it| it.security);
    let message = format!("{}: automx2 uses {} there, with a password", host.authority(port), security.name());
    findings.add(codes::ASSUMED, None, message, "check whether that is correct");
    Some(Endpoint { host, port, security, authentication: Authentication::PasswordCleartext })
}

fn text<'a>(keys: &'a Map<String, Value>, key: &str, findings: &mut Findings) -> Option<&'a str> {
    match keys.get(key) {
        None => {
            findings.add(codes::MISSING_KEY, None, format!("the key {key:?} is missing"), SEED);
            None
        }
        Some(value) => value.as_str().or_else(|| wrong(value, &format!("a text in {key:?}"), findings)),
    }
}

fn list<'a>(seed: &'a Map<String, Value>, key: &str, findings: &mut Findings) -> Option<&'a Vec<Value>> {
    let value = seed.get(key).unwrap_or(&Value::Null);
    value.as_array().or_else(|| wrong(value, &format!("a list in {key:?}"), findings))
}

fn parsed<T, E: std::error::Error>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
    findings: &mut Findings,
) -> Option<T> {
    parse(text)
        .map_err(|error| findings.add(codes::WRONG_VALUE, None, format!("{text:?}: {error}"), "correct the value"))
        .ok()
}

fn wrong<T>(found: &Value, expected: &str, findings: &mut Findings) -> Option<T> {
    let shown: String = found.to_string().chars().take(80).collect();
    findings.add(codes::WRONG_TYPE, None, format!("found {shown}; expected {expected}"), SEED);
    None
}

const SEED: &str = "a seed has provider, domains, and servers with type, name, port and url";
