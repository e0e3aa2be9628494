//! DNS records as a client that looks up mail servers uses them (RFC 6186, RFC 8314 §5.1, RFC 6764): from a zone file
//! or a snippet of one, or from the same as JSON. It sends no DNS queries. Of two records with the same priority the
//! one with more weight comes first, where a client would choose at random (RFC 2782).

mod records;

use std::num::NonZeroU16;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Account, Authentication, Collection, DomainName, EmailAddress, Endpoint, Findings, Host, HttpsUrl, Incoming,
    IncomingProtocol, LOOK, LeftOpen, Login, Place, Protocol, RegisteredService, Security, Server,
    codes::profile as codes, shown,
};

use crate::person::{Person, is_nobody, nobody_in, nobodys_address};
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling::not_followed;
use crate::understood::{Assumption, Ignored, Provider, Understood};
use records::{Data, Record};

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    records::recognize(file)
}

/// Reads the records for a person; without one, for a placeholder in the first domain that has a record.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let understood = zone(bytes, person, &mut findings);
    Reading::of(understood, findings)
}

fn zone(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Understood> {
    let text = text(bytes, findings)?;
    let own = person.address.clone().map(|address| somewhere(address, text));
    let records = records::parse(text, own.as_ref().map(|address| address.domain().as_str()), findings)?;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with("$INCLUDE")) {
        not_followed(&shown(line.trim_end()), "the file is not at hand", Place { line: at + 1, column: 1 }, findings);
    }
    let mut assumed = Vec::new();
    let address = own.or_else(|| stand_in(&records, &mut assumed));
    let is_service = |record: &Record| matches!(record.data, Data::Srv { .. } | Data::Alias(_));
    let is_relative = |record: &Record| is_service(record) && record.name.ends_with("._tcp");
    if address.is_none() && records.iter().any(is_relative) {
        let message = "the names are relative, and there is no $ORIGIN: say for which domain, with --address";
        return findings.refuse(codes::NO_ADDRESS, None, message, "add $ORIGIN, or give the address with --address");
    }
    if !records.iter().any(is_of_mail) {
        if !records::recognize(&SourceFile::nameless(bytes)) {
            return findings.refuse(codes::NOTHING_TO_SET_UP, None, "no zone, and no record of a mail service", LOOK);
        }
        return Some(without_mail(&records, person, address));
    }
    let Some(address) = address else {
        let fix = "add _imaps._tcp and _submissions._tcp";
        return findings.refuse(codes::NOTHING_TO_SET_UP, None, "no domain for the records of a mail service", fix);
    };
    let mut client = Client { records: &records, domain: address.domain(), findings, assumed };
    let login = Login::try_from(address.as_str()).ok();
    let server = |target: &Target| Server {
        endpoint: Endpoint {
            host: target.host.clone(),
            port: target.port,
            security: target.security,
            authentication: Authentication::PasswordCleartext,
        },
        login: login.clone(),
        password: None,
    };
    let mut incoming: Vec<(Target, IncomingProtocol)> = Vec::new();
    for protocol in [IncomingProtocol::Imap, IncomingProtocol::Pop3] {
        incoming.extend(client.targets(protocol.into()).into_iter().map(|target| (target, protocol)));
    }
    // The protocol of the lowest priority wins; IMAP where they are the same (RFC 6186 §3.4 leaves the client free).
    incoming.sort_by_key(|(target, _)| target.priority);
    let outgoing = client.targets(Protocol::Submission);
    if incoming.is_empty() || outgoing.is_empty() {
        let message = format!("no incoming or no outgoing server of {}", client.domain);
        client.findings.add(codes::NOTHING_TO_SET_UP, None, message, "add _imaps._tcp and _submissions._tcp");
    }
    let mut account = Account { full_name: person.full_name.clone(), ..Account::of(address.clone()) };
    account.incoming =
        incoming.iter().map(|(target, protocol)| Incoming { protocol: *protocol, server: server(target) }).collect();
    account.outgoing = outgoing.iter().map(server).collect();
    let collection = |url| Collection { url, login: login.clone() };
    account.groupware.calendar = client.collection("_caldavs", "caldav").map(collection);
    account.groupware.contacts = client.collection("_carddavs", "carddav").map(collection);
    let value = "a password, with a mechanism that the server offers";
    client.assumed.push(Assumption::of("authentication", value, RFC_6186));
    client.assumed.push(Assumption::of("username", "the address; if that is refused, its local part", RFC_6186));
    client.strangers(account.servers().map(|(_, server)| server));
    client.digest();
    let assumed = client.assumed;
    let provider = Provider { name: None, domains: vec![address.domain().clone()] };
    let ignored = ignored(&records);
    let logins = Login::try_from(address.local_part()).into_iter().collect();
    let left_open = LeftOpen { authentication: true, logins, ..LeftOpen::default() };
    Some(Understood { left_open, assumed, ignored, provider, ..Understood::of("a client of RFC 6186", account) })
}

/// Whether a client finds mail, a calendar or an address book by the record.
fn is_of_mail(record: &Record) -> bool {
    let service = record.name.split_once("._tcp").map(|(service, _)| service);
    service.is_some_and(|it| SERVICES.contains(&it)) || record.name.starts_with("_ua-auto-config")
}

/// A zone by which no client finds a server: the records are for others.
fn without_mail(records: &[Record], person: &Person, address: Option<EmailAddress>) -> Understood {
    let reason = "a zone without mail records: no client finds a server by it (RFC 6186)";
    let place = records.first().map(|record| record.place);
    let account = Account::of(address.or(person.address.clone()).unwrap_or_else(nobodys_address));
    let ignored = vec![Ignored::of("records", place, reason)];
    Understood { ignored, ..Understood::of("a client of RFC 6186", account) }
}

/// Nobody in particular is in the zone's own domain, if it names one.
fn somewhere(address: EmailAddress, text: &str) -> EmailAddress {
    if !is_nobody(&address) {
        return address;
    }
    let records = records::parse(text, None, &mut Findings::default());
    records.as_deref().and_then(domain).and_then(nobody_in).unwrap_or(address)
}

/// The domain of the first record of a service.
fn domain(records: &[Record]) -> Option<&str> {
    records.iter().find_map(|record| match record.data {
        Data::Srv { .. } | Data::Alias(_) => record.name.split_once("._tcp.").map(|(_, domain)| domain),
        Data::Txt(_) | Data::Address | Data::Start | Data::Other => None,
    })
}

/// A placeholder in the domain of the first record of a service.
fn stand_in(records: &[Record], assumed: &mut Vec<Assumption>) -> Option<EmailAddress> {
    let domain = domain(records)?;
    let address = EmailAddress::try_from(format!("user@{domain}").as_str()).ok()?;
    let source = "a placeholder, because the records do not say whose account it is";
    assumed.push(Assumption::of("address", &address, source));
    Some(address)
}

/// Where a service is.
struct Target {
    priority: u16,
    weight: u16,
    host: Host,
    port: NonZeroU16,
    security: Security,
}

struct Client<'a> {
    records: &'a [Record],
    domain: &'a DomainName,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
}

impl<'a> Client<'a> {
    /// The records of a service's name, through the aliases that the file follows.
    fn service(&mut self, owner: &str) -> Vec<&'a Record> {
        let (name, records) = followed(self.records, owner);
        if let Some(alias) = self.records.iter().find(|it| it.name == owner && it.data.alias().is_some()) {
            let message = match (records.is_empty(), name == owner) {
                (false, _) => format!("{owner} is an alias for {name}, which some clients do not follow"),
                (true, false) => format!("{owner} is an alias for {name}, which is not in the file"),
                (true, true) => format!("{owner} is an alias in a loop, or with too many steps"),
            };
            let fix = format!("write the SRV record at {owner}.");
            self.findings.add(codes::DNS_OWNER_ALIAS, Some(alias.place), message, fix);
        }
        records
    }

    /// The servers of a protocol's services, the preferred one first.
    fn targets(&mut self, protocol: Protocol) -> Vec<Target> {
        let mut targets = Vec::new();
        for service in protocol.services() {
            let (registered, security) = (service.port, service.security);
            let owner = format!("_{}._tcp.{}", service.name, self.domain);
            let records = self.service(&owner);
            let mut offered = 0;
            for record in &records {
                let Data::Srv { priority, weight, port, target } = &record.data else { continue };
                if target.is_empty() {
                    continue;
                }
                offered += 1;
                let Some(host) = self.host(record, target) else { continue };
                let Some(port) = NonZeroU16::new(*port) else {
                    let message = format!("port 0 of {owner}");
                    self.findings.add(codes::DNS_PORT, Some(record.place), message, format!("write {registered}"));
                    continue;
                };
                if port != registered && RegisteredService::of_port(port).is_some() {
                    let message = format!("{owner} has port {port}, which is registered for another service");
                    let fix = format!("write {registered}, or use the other label");
                    self.findings.add(codes::DNS_PORT, Some(record.place), message, fix);
                }
                targets.push(Target { priority: *priority, weight: *weight, host, port, security });
            }
            let refused =
                records.iter().find(|record| matches!(&record.data, Data::Srv { target, .. } if target.is_empty()));
            if let Some(record) = refused.filter(|_| offered > 0) {
                let message = format!("{owner} declares the service both available and unavailable");
                self.findings.add(codes::DNS_CONTRADICTION, Some(record.place), message, "remove one of the two");
            }
        }
        // A stable sort: TLS from the start stays before STARTTLS.
        targets.sort_by_key(|target| (target.priority, std::cmp::Reverse(target.weight)));
        targets
    }

    /// The target's host. RFC 2782: "the name MUST NOT be an alias".
    fn host(&mut self, record: &Record, target: &str) -> Option<Host> {
        let alias = self.records.iter().any(|it| it.name == target && it.data.alias().is_some());
        if alias {
            let message = format!("{target} is an alias, which the target of an SRV record must not be");
            self.findings.add(codes::DNS_ALIAS, Some(record.place), message, "write the name that it points to");
        }
        match DomainName::try_from(target) {
            Ok(name) if Host::try_from(target).is_ok_and(|host| matches!(host, Host::Name(_))) => {
                Some(Host::Name(name))
            }
            Ok(_) | Err(_) => {
                let message = format!("the target {target:?} is not a host name");
                self.findings.refuse(codes::WRONG_VALUE, Some(record.place), message, "write a name with a final dot")
            }
        }
    }

    /// The first URL of a calendar or an address book: TXT gives the path, otherwise it is the well-known one.
    fn collection(&mut self, label: &str, well_known: &str) -> Option<HttpsUrl> {
        let owner = format!("{label}._tcp.{}", self.domain);
        let records = self.service(&owner);
        let (host, port) = records.iter().find_map(|record| match &record.data {
            Data::Srv { target, port, .. } if !target.is_empty() => Some((target.clone(), *port)),
            Data::Srv { .. } | Data::Txt(_) | Data::Alias(_) | Data::Address | Data::Start | Data::Other => None,
        })?;
        let path = records.iter().find_map(|record| match &record.data {
            Data::Txt(text) => text.strip_prefix("path=").map(str::to_owned),
            Data::Srv { .. } | Data::Alias(_) | Data::Address | Data::Start | Data::Other => None,
        });
        let path = path.unwrap_or_else(|| {
            let path = format!("/.well-known/{well_known}");
            self.assumed.push(Assumption::of(format_args!("{label} path"), &path, "RFC 6764 section 5"));
            path
        });
        HttpsUrl::try_from(format!("https://{host}:{port}{path}").as_str()).ok()
    }

    /// RFC 6186 §6: a client asks the person before it connects to a host outside the domain.
    fn strangers<'b>(&mut self, servers: impl Iterator<Item = &'b Server>) {
        let own = format!(".{}", self.domain);
        let mut hosts: Vec<String> = servers.map(|server| server.endpoint.host.to_string()).collect();
        hosts.retain(|host| !format!(".{host}").ends_with(&own));
        hosts.sort();
        hosts.dedup();
        for host in hosts {
            let value = "the person must agree, because it is outside the domain";
            self.assumed.push(Assumption::of(&host, value, "RFC 6186 section 6"));
        }
    }

    /// The digest of the PACC document.
    fn digest(&mut self) {
        let owner = format!("_ua-auto-config.{}", self.domain);
        for record in followed(self.records, &owner).1 {
            let Data::Txt(text) = &record.data else { continue };
            let parts: Vec<&str> = text.split(';').map(str::trim).collect();
            let digest = parts.iter().find_map(|part| part.strip_prefix("d="));
            let octets = digest.and_then(|digest| BASE64_STANDARD.decode(digest).ok()).map(|octets| octets.len());
            if parts.first() != Some(&"v=UAAC1") || !parts.contains(&"a=sha256") || octets != Some(32) {
                let message = "no digest that a client can compare the document with";
                let fix = "write \"v=UAAC1; a=sha256; d=\" and the SHA-256 in base64";
                self.findings.add(codes::DNS_DIGEST, Some(record.place), message, fix);
            }
        }
    }
}

/// The name that aliases lead to, and its records (RFC 1034 §3.6.2): none where they lead out of the file; the first name
/// and none where they never end.
fn followed<'a>(records: &'a [Record], owner: &str) -> (String, Vec<&'a Record>) {
    let mut seen = vec![owner.to_owned()];
    while seen.len() <= ALIASES_MAX {
        let name = seen.last().expect("the owner is the first");
        let here: Vec<&'a Record> = records.iter().filter(|record| record.name == *name).collect();
        let target = here.iter().find_map(|record| record.data.alias());
        match target {
            None => return (name.clone(), here),
            Some(target) => seen.push(target.to_owned()),
        }
    }
    (owner.to_owned(), Vec::new())
}

/// What such a client does not query.
fn ignored(records: &[Record]) -> Vec<Ignored> {
    let reason = |record: &Record| match &record.data {
        Data::Alias(_) if record.name.contains("._tcp.") => None,
        Data::Alias(target) => Some(format!("a name for {target}, which other clients use")),
        Data::Srv { .. } if record.name.starts_with("_autodiscover.") => Some("Outlook queries it".to_owned()),
        Data::Txt(_) if record.name.starts_with("_ua-auto-config.") => Some("PACC clients query it".to_owned()),
        Data::Srv { .. } | Data::Txt(_) => None,
        Data::Address | Data::Start | Data::Other => Some("it is not for mail clients".to_owned()),
    };
    let ignored = |record: &Record| Some(Ignored::of(&record.name, record.place, reason(record)?));
    records.iter().filter_map(ignored).collect()
}

const RFC_6186: &str = "RFC 6186 section 4";
/// More than any real zone chains.
const ALIASES_MAX: usize = 16;
/// The services that a client of mail looks up, RFC 6186, RFC 8314 §5.1 and RFC 6764.
const SERVICES: [&str; 10] = [
    "_imap",
    "_imaps",
    "_pop3",
    "_pop3s",
    "_submission",
    "_submissions",
    "_caldav",
    "_caldavs",
    "_carddav",
    "_carddavs",
];
