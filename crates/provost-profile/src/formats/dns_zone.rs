//! The records by which clients find a domain's servers, as a zone file snippet and as JSON: SRV for mail (RFC 6186,
//! RFC 8314), calendar and address book (RFC 6764), the names of the web host that serves autoconfig and Autodiscover,
//! and the digest of the PACC document. Every name is absolute, so that no origin is appended.
//!
//! Not the records that mail itself needs (MX, SPF, DKIM), and not the zone's own.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Authentication, CollectionService, DomainName, Endpoint, Host, HttpsUrl, Port, Protocol, RegisteredService,
    Security, Service, UrlTemplate,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::pacc;
use crate::json;
use crate::losses::{authorities, ldap, server_loss, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers::numbered;
use crate::writer::DomainRequest;

/// The first of the RFCs.
pub(super) const SOURCE: &str = "RFC 6186, RFC 8314 section 5.1, RFC 6764";

/// A record that a domain publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// Its owner, in lower case, without the last dot.
    pub name: String,
    /// What it says.
    pub data: DnsData,
}

/// What a record says. Its `Display` is that of a zone file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsData {
    /// RFC 2782.
    Srv {
        /// The lowest is asked first.
        priority: u16,
        /// Among those of one priority.
        weight: u16,
        /// The port; 0 without a target.
        port: u16,
        /// The host, without the last dot. `None`: the service is not offered.
        target: Option<String>,
    },
    /// One character string (RFC 1035 §3.3.14).
    Txt(String),
    /// The name that this one stands for, without the last dot.
    Cname(String),
}

impl DnsRecord {
    /// The record as a line of a zone file, for which nothing is relative. The time to live is in seconds.
    #[must_use]
    pub fn line(&self, ttl: Option<u32>) -> String {
        let ttl = ttl.map_or_else(String::new, |ttl| format!("{ttl} "));
        format!("{}. {ttl}IN {} {}", self.name, self.data.kind(), self.data)
    }
}

impl DnsData {
    /// The type's name, as in a zone file.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Srv { .. } => "SRV",
            Self::Txt(_) => "TXT",
            Self::Cname(_) => "CNAME",
        }
    }
}

impl fmt::Display for DnsData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Srv { priority, weight, port, target } => {
                write!(f, "{priority} {weight} {port} {}.", target.as_deref().unwrap_or(""))
            }
            // A character string of a zone file (RFC 1035 §5.1).
            Self::Txt(text) => write!(f, "\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")),
            Self::Cname(target) => write!(f, "{target}."),
        }
    }
}

/// Writes the records of one domain.
pub(super) fn write(request: &DomainRequest<'_>) -> Result<Profile, Refusal> {
    let (service, domain) = (request.service, request.domain);
    let (records, losses) = dns_records(service, domain)?;
    let ttl = service.publication.dns_ttl.map(|ttl| ttl.seconds());
    let files = vec![File::own("zone", zone(domain, ttl, &records)), File::own("json", as_json(domain, ttl, &records))];
    Ok(Profile { files, losses })
}

/// The records of one domain, and what they cannot express.
///
/// # Errors
///
/// No records can lead a client to the service's servers.
pub fn dns_records(service: &Service, domain: &DomainName) -> Result<(Vec<DnsRecord>, Vec<Loss>), Refusal> {
    let login = service.login.as_str();
    if !matches!(login, "%EMAILADDRESS%" | "%EMAILLOCALPART%" | "%EMAILLOCALPART%@%EMAILDOMAIN%") {
        let reason = "a client that finds its servers by SRV tries the address, then its local part, then asks";
        return Err(Refusal::of("username", login, reason, "RFC 6186 section 4"));
    }
    let mut losses = Vec::new();
    let mut records = mail(service, domain, &mut losses)?;
    for (label, setting, found) in
        [("_caldavs", "calendar", &service.calendar), ("_carddavs", "contacts", &service.contacts)]
    {
        if let Some(found) = found {
            collection(&owner(label, domain), setting, &found.url, &mut records, &mut losses);
            losses.extend(unsaid_login(setting, found, service));
        }
    }
    records.extend(web(service, domain));
    losses.extend(unsaid(service));
    Ok((records, losses))
}

/// SRV for every server that TLS protects, and for every service that is not offered. In order of preference: the first
/// server has the lowest priority, over both protocols of receiving (RFC 6186 §3.4).
fn mail(service: &Service, domain: &DomainName, losses: &mut Vec<Loss>) -> Result<Vec<DnsRecord>, Refusal> {
    let mut offered: Vec<(&RegisteredService, usize, &Endpoint, &DomainName)> = Vec::new();
    for (side, at, protocol, endpoint) in numbered(service) {
        let setting = format!("{side}[{at}]");
        match (endpoint.security, &endpoint.host) {
            (Security::ImplicitTls | Security::StartTls, Host::Name(host)) => {
                losses.extend(unsaid_of(&setting, endpoint, service));
                offered.push((protocol.registered(endpoint.security), at, endpoint, host));
            }
            (Security::Cleartext, _) => {
                let reason = "a client uses no server from DNS without TLS";
                losses.push(server_loss(setting, protocol, endpoint, reason, "RFC 8314 section 5.1"));
            }
            (_, Host::Address(_)) => {
                let reason = "the target of an SRV record is a name";
                losses.push(server_loss(setting, protocol, endpoint, reason, "RFC 2782"));
            }
        }
    }
    for (side, is_incoming) in [("incoming", true), ("outgoing", false)] {
        if !offered.iter().any(|(service, ..)| service.protocol.incoming().is_some() == is_incoming) {
            let lost = losses.iter().find(|loss| loss.setting.starts_with(side));
            let (found, reason) =
                lost.map_or((String::new(), "a server is needed"), |it| (it.asked.clone(), it.reason));
            return Err(Refusal::of(side, &found, reason, SOURCE));
        }
    }
    let mut records = Vec::new();
    for service in Protocol::ALL.into_iter().flat_map(Protocol::services) {
        let label = format!("_{}", service.name);
        let mut servers = offered.iter().filter(|(it, ..)| *it == service).peekable();
        if servers.peek().is_none() {
            let data = DnsData::Srv { priority: 0, weight: 0, port: 0, target: None };
            records.push(DnsRecord { name: owner(&label, domain), data });
        }
        for (_, at, endpoint, host) in servers {
            let priority = u16::try_from(at * PRIORITY_STEP).unwrap_or(u16::MAX);
            records.push(DnsRecord { name: owner(&label, domain), data: srv(priority, endpoint.port, host) });
        }
    }
    Ok(records)
}

/// What SRV cannot express: the login method, and a login name other than the address.
fn unsaid_of(setting: &str, endpoint: &Endpoint, service: &Service) -> Vec<Loss> {
    let mut losses = Vec::new();
    if endpoint.authentication != Authentication::PasswordCleartext {
        let reason = "SRV does not say it; the client uses what the server offers";
        let (setting, asked) = (format!("{setting}.authentication"), endpoint.authentication.name());
        losses.push(Loss::of(setting, asked, reason, "RFC 6186 section 4"));
    }
    if service.login.as_str() == "%EMAILLOCALPART%" && endpoint.authentication != Authentication::None {
        let reason = "a client tries the address first, and the local part only if the server refuses the address";
        let loss = Loss::of(format_args!("{setting}.username"), service.login.as_str(), reason, "RFC 6186 section 4");
        losses.push(loss.written("%EMAILADDRESS%"));
    }
    losses
}

/// SRV and, where the path is the same for everybody, TXT.
fn collection(owner: &str, setting: &str, url: &UrlTemplate, records: &mut Vec<DnsRecord>, losses: &mut Vec<Loss>) {
    let template = url.as_str();
    let lost = |written: Option<&str>, reason: &'static str| Loss {
        written: written.map(str::to_owned),
        ..Loss::of(setting, template, reason, "RFC 6764 section 4")
    };
    // A placeholder stands in the path only, so without its path the template is a URL.
    let base: String = template.split_inclusive('/').take(3).collect();
    let same_for_all = !template.contains("%EMAIL") && !template.contains("%USERNAME%");
    let Ok(url) = HttpsUrl::try_from(if same_for_all { template } else { &base }) else {
        losses.push(lost(None, "no URL is in the template"));
        return;
    };
    let Host::Name(host) = url.host() else {
        losses.push(lost(None, "the target of an SRV record is a name"));
        return;
    };
    records.push(DnsRecord { name: owner.to_owned(), data: srv(0, url.port(), host) });
    let path = format!("path={}", url.path());
    match (same_for_all, path.len() <= CHARACTER_STRING_OCTETS_MAX) {
        (true, true) => records.push(DnsRecord { name: owner.to_owned(), data: DnsData::Txt(path) }),
        (false, _) => losses.push(lost(Some(&base), "a path is the same for everyone; clients request /.well-known")),
        (true, false) => losses.push(lost(Some(&base), "a string in a TXT record has at most 255 bytes")),
    }
}

/// SRV cannot express a login name other than the address.
fn unsaid_login(setting: &str, collection: &CollectionService, service: &Service) -> Option<Loss> {
    let login = collection.login_of_everybody(&service.login);
    let reason = match login.as_str() {
        "%EMAILADDRESS%" | "%EMAILLOCALPART%@%EMAILDOMAIN%" => return None,
        "%EMAILLOCALPART%" => {
            "a client tries the address first, and the local part only if the server refuses the address"
        }
        _ => "a client tries the address, then its local part, then asks",
    };
    let loss = Loss::of(format_args!("{setting}.username"), login.as_str(), reason, "RFC 6764 section 6");
    Some(loss.written("%EMAILADDRESS%"))
}

/// The names under which clients ask for settings, and the digest of the PACC document.
fn web(service: &Service, domain: &DomainName) -> Vec<DnsRecord> {
    let document = pacc::document(service).ok().map(|(bytes, _)| bytes);
    let mut records = Vec::new();
    if let Some(host) = &service.publication.web_host {
        let names = ["autoconfig", "autodiscover"].into_iter().chain(document.is_some().then_some("ua-auto-config"));
        // A host that bears the name itself has addresses there, and beside a CNAME nothing else may stand (RFC 1034 §3.6.2).
        let names = names.map(|name| format!("{name}.{domain}")).filter(|name| name != host.as_str());
        records.extend(names.map(|name| DnsRecord { name, data: DnsData::Cname(host.to_string()) }));
        records.push(DnsRecord { name: owner("_autodiscover", domain), data: srv(0, HTTPS, host) });
    }
    if let Some(bytes) = document {
        let digest = BASE64_STANDARD.encode(Sha256::digest(&bytes));
        let data = DnsData::Txt(format!("v=UAAC1; a=sha256; d={digest}"));
        records.push(DnsRecord { name: format!("_ua-auto-config.{domain}"), data });
    }
    records
}

fn unsaid(service: &Service) -> Vec<Loss> {
    let reason = "DNS records name servers only";
    let searches = "no record has a search base for a directory";
    let ldap = ldap(service.ldap.as_ref().map(|ldap| &ldap.host), searches, SOURCE);
    let window = window(service.sync, reason, SOURCE);
    window.into_iter().chain(ldap).chain(authorities(&service.trust, reason, SOURCE)).collect()
}

fn zone(domain: &DomainName, ttl: Option<u32>, records: &[DnsRecord]) -> Vec<u8> {
    let mut text = format!("; How clients find the servers of {domain}: to be included in its zone.\n");
    for record in records {
        text.push_str(&record.line(ttl));
        text.push('\n');
    }
    text.into_bytes()
}

fn as_json(domain: &DomainName, ttl: Option<u32>, records: &[DnsRecord]) -> Vec<u8> {
    let record = |DnsRecord { name, data }: &DnsRecord| -> Value {
        let name = format!("{name}.");
        match ttl {
            Some(ttl) => json!({ "name": name, "ttl": ttl, "type": data.kind(), "data": data.to_string() }),
            None => json!({ "name": name, "type": data.kind(), "data": data.to_string() }),
        }
    };
    let document = json!({
        "provost": 1,
        "domain": domain.as_str(),
        "records": records.iter().map(record).collect::<Vec<_>>(),
    });
    json::file(&document)
}

fn owner(label: &str, domain: &DomainName) -> String {
    format!("{label}._tcp.{domain}")
}

fn srv(priority: u16, port: Port, target: &DomainName) -> DnsData {
    DnsData::Srv { priority, weight: 1, port: port.get(), target: Some(target.to_string()) }
}

const HTTPS: Port = Port::new(443).expect("it is not 0");
/// Room for a record in between.
const PRIORITY_STEP: usize = 10;
/// RFC 1035 §3.3.
const CHARACTER_STRING_OCTETS_MAX: usize = 255;
