//! SRV records of mail, calendar and address book (RFC 6186, RFC 8314 section 5.1, RFC 6764), read as a client of those
//! reads a zone. What DNSSEC proves is a source of its own.

use std::cmp::Reverse;
use std::fmt;

use futures::future::join_all;
use provost_account::{DomainName, EmailAddress, Protocol};
use provost_network::{Network, Srv};
use serde_json::json;

use super::{Nothing, Tried, names, read};
use crate::opinion::{Note, Said};
use crate::source::SourceKind;

pub(super) async fn ask(network: &Network, person: &EmailAddress) -> Vec<Tried> {
    let domain = person.domain();
    let mail = Protocol::ALL.into_iter().flat_map(Protocol::services).map(|service| service.name);
    let owners = mail.chain(COLLECTIONS).map(|label| format!("_{label}._tcp.{domain}"));
    let services = join_all(owners.map(|owner| service(network, owner))).await;
    let mut tried = Vec::new();
    for kind in [SourceKind::SignedSrv, SourceKind::Srv] {
        let found = services.iter().filter_map(|(_, it)| it.as_ref().ok()).filter(|(_, own)| *own == kind);
        let records: Vec<Record> = found.flat_map(|(records, _)| records.iter().cloned()).collect();
        if !records.is_empty() {
            tried.push(opinion(kind, &records, person));
        }
    }
    let nothing = services.into_iter().filter_map(|(owner, it)| Some((owner, it.err()?)));
    tried.extend(nothing.map(|(owner, why)| Tried {
        kind: SourceKind::Srv,
        at: format!("SRV {owner}"),
        outcome: Err(why),
    }));
    tried
}

/// The authority of the first target of a service, and the kind of source that the record is.
pub(super) async fn first(network: &Network, owner: &str) -> Result<(String, SourceKind), Nothing> {
    let (mut records, kind) = names::records(network.srv(owner).await)?;
    records.sort_by_key(|record| (record.priority, Reverse(record.weight)));
    let target = records.into_iter().find_map(|record| Some(format!("{}:{}", record.target?, record.port)));
    target.map(|target| (target, kind)).ok_or(Nothing::NotOffered)
}

/// What the records of all services say.
fn opinion(kind: SourceKind, records: &[Record], person: &EmailAddress) -> Tried {
    let domain = person.domain();
    let as_json = |it: &Record| json!({ "name": format!("{}.", it.owner), "type": it.kind, "data": it.data });
    let zone = json!({ "domain": domain.as_str(), "records": records.iter().map(as_json).collect::<Vec<_>>() });
    let at = format!("SRV records below _tcp.{domain}");
    let outcome = read::opinion("dns-zone", kind, &at, zone.to_string().as_bytes(), person);
    let outcome = outcome.map(|mut opinion| {
        for said in &mut opinion.servers {
            let end = format!(" {} {}.", said.value.1.port, said.value.1.host);
            let record = records.iter().find(|it| it.data.ends_with(&end));
            said.by = record.map_or_else(String::new, Record::to_string);
        }
        if kind == SourceKind::Srv {
            opinion.notes.extend(outside(records, domain));
        }
        opinion
    });
    Tried { kind, at, outcome }
}

/// "If the target FQDN is not in the queried domain, MUAs SHOULD verify with the user that the SRV target FQDN is suitable"
/// (RFC 6186 §6).
fn outside(records: &[Record], domain: &DomainName) -> Vec<Said<Note>> {
    let mut notes: Vec<Said<Note>> = Vec::new();
    for record in records.iter().filter(|record| record.kind == "SRV") {
        let host = record.data.rsplit(' ').next().unwrap_or("").trim_end_matches('.');
        let value = Note::Outside { host: host.to_owned(), domain: domain.clone() };
        if !host.is_empty() && is_outside(host, domain) && notes.iter().all(|it| it.value != value) {
            notes.push(Said { value, by: record.to_string(), line: None });
        }
    }
    notes
}

/// Whether a host is neither the domain nor below it.
#[must_use]
pub fn is_outside(host: &str, domain: &DomainName) -> bool {
    host.strip_suffix(domain.as_str()).is_none_or(|below| !below.is_empty() && !below.ends_with('.'))
}

/// The records of a service: those that say where it is, and the path of a calendar or an address book (RFC 6764 section 4).
async fn service(network: &Network, owner: String) -> (String, Result<(Vec<Record>, SourceKind), Nothing>) {
    let found = names::records(network.srv(&owner).await);
    let found = found.and_then(|(found, kind)| match found.iter().all(|record| record.target.is_none()) {
        true => Err(Nothing::NotOffered),
        false => Ok((found, kind)),
    });
    let (found, kind) = match found {
        Ok(found) => found,
        Err(nothing) => return (owner, Err(nothing)),
    };
    let mut records: Vec<Record> = found.iter().map(|it| Record::of(&owner, it)).collect();
    if COLLECTIONS.iter().any(|label| owner.starts_with(&format!("_{label}."))) {
        match names::records(network.txt(&owner).await) {
            Ok((texts, own)) if own == kind => records.extend(texts.iter().map(|it| Record::of_text(&owner, it))),
            // A path that is worth less than its host would make the host's worth less.
            Ok(_) | Err(_) => {}
        }
    }
    (owner, Ok((records, kind)))
}

/// A record as zone files have it.
#[derive(Debug, Clone)]
struct Record {
    owner: String,
    kind: &'static str,
    data: String,
}

impl Record {
    fn of(owner: &str, Srv { priority, weight, port, target }: &Srv) -> Self {
        let target = target.as_deref().unwrap_or("");
        Self { owner: owner.to_owned(), kind: "SRV", data: format!("{priority} {weight} {port} {target}.") }
    }

    /// RFC 1035 §5.1: a text stands in quotation marks, where a backslash takes the meaning of what follows.
    fn of_text(owner: &str, text: &str) -> Self {
        let data = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        Self { owner: owner.to_owned(), kind: "TXT", data }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, kind, data } = self;
        write!(f, "{owner}. {kind} {data}")
    }
}

/// RFC 6764 section 3, with TLS.
const COLLECTIONS: [&str; 2] = ["caldavs", "carddavs"];
