//! The accounts that an MDM gave Windows' own Mail app: SyncML commands for the EMAIL2 provider, as Microsoft describes
//! it. The app ended on 2024-12-31, so Provost writes no such file, and none was tried.

use std::collections::BTreeMap;

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login,
    Place, Port, Protocol, Secret, Security, Server, SyncWindow, codes::profile as codes,
};

use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling::{self, did_you_mean};
use crate::understood::{Assumption, Identifier, Ignored, Understood};
use crate::xml::{self, Element};

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let start = &file.bytes[..file.bytes.len().min(START_OCTETS)];
    let names_it = start.windows(PROVIDER.len()).any(|window| window == PROVIDER.as_bytes());
    names_it && ["SyncML", "SyncBody", "Atomic", "Add", "Replace"].iter().any(|root| xml::has_root(file.bytes, root))
}

/// Reads the commands, which say whom they are for.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let mut profiles = Vec::new();
    if let Some(root) = xml::parse(bytes, &mut findings) {
        let message = "the Mail app for these accounts ended on 2024-12-31, and new Outlook does not accept them";
        let fix = "set up new Outlook by hand, or use another client";
        findings.add(codes::EMAIL2_ENDED, Some(root.place), message, fix);
        let mut commands = Commands { accounts: BTreeMap::new(), findings: &mut findings };
        commands.gather(&root, Wrapped::No);
        for (guid, nodes) in std::mem::take(&mut commands.accounts) {
            let mut reader = AccountReader { nodes, findings: &mut findings, assumed: Vec::new(), ignored: Vec::new() };
            profiles.extend(reader.read(&guid, person));
        }
    }
    let message = "no mail account would be set up";
    Reading::of_some(profiles, findings, message, "add ACCOUNTTYPE Email and the other nodes")
}

/// Whether a command is inside of `Atomic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapped {
    Yes,
    No,
}

/// The nodes of each account, by the account's GUID.
struct Commands<'a> {
    accounts: BTreeMap<String, BTreeMap<String, Node>>,
    findings: &'a mut Findings,
}

/// A node's value.
struct Node {
    value: String,
    place: Place,
}

impl Commands<'_> {
    /// The tree is as deep as the XML reader allows, and no deeper.
    fn gather(&mut self, element: &Element, wrapped: Wrapped) {
        match element.name.as_str() {
            "Add" | "Replace" => self.command(element, wrapped),
            "Atomic" => element.children.iter().for_each(|child| self.gather(child, Wrapped::Yes)),
            _ => element.children.iter().for_each(|child| self.gather(child, wrapped)),
        }
    }

    fn command(&mut self, command: &Element, wrapped: Wrapped) {
        for item in command.all("Item") {
            let target = item.child("Target").and_then(|target| target.child("LocURI"));
            let Some((uri, place)) = target.map(|uri| (uri.text.trim(), uri.place)) else { continue };
            let Some((root, path)) = uri.split_once(PROVIDER) else { continue };
            let (guid, node) = path.split_once('/').unwrap_or((path, ""));
            let nodes = self.accounts.entry(guid.to_owned()).or_default();
            // Each of these once for an account.
            if nodes.is_empty() && wrapped == Wrapped::No {
                let message = format!("{} of {uri} outside Atomic: Windows rejects it", command.name);
                let fix = "put the commands into <Atomic>";
                self.findings.add(codes::EMAIL2_NOT_ATOMIC, Some(command.place), message, fix);
            }
            if nodes.is_empty() && root != "./User" {
                let message = format!("{uri}: a desktop has such accounts only per user");
                self.findings.add(codes::EMAIL2_NOT_PER_USER, Some(place), message, "write ./User/Vendor/MSFT/EMAIL2");
            }
            if nodes.is_empty() && !is_guid(guid) {
                let message = format!("{guid:?} is not a GUID between 0x7B and 0x7D, which stand for the braces");
                let fix = "write 0x7B, the 36 characters, 0x7D";
                self.findings.add(codes::EMAIL2_GUID, Some(place), message, fix);
            }
            let value = item.child("Data").map_or_else(String::new, |data| data.text.trim().to_owned());
            nodes.insert(node.to_owned(), Node { value, place });
        }
    }
}

/// `0x7BC556E16F-56C4-4EDB-9C64-D9469EE1FBE00x7D`.
fn is_guid(text: &str) -> bool {
    let inside = text.strip_prefix("0x7B").or(text.strip_prefix("0x7b"));
    let inside = inside.and_then(|rest| rest.strip_suffix("0x7D").or(rest.strip_suffix("0x7d")));
    inside.is_some_and(spelling::is_uuid)
}

struct AccountReader<'a> {
    nodes: BTreeMap<String, Node>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl AccountReader<'_> {
    fn read(&mut self, guid: &str, person: &Person) -> Option<Understood> {
        self.unused();
        if self.nodes.get("ACCOUNTTYPE").is_some_and(|node| node.value == "VVM") {
            self.ignored.clear();
            return None;
        }
        let missing: Vec<&str> = REQUIRED.split(' ').filter(|name| !self.nodes.contains_key(*name)).collect();
        if !missing.is_empty() {
            let place = self.nodes.values().map(|node| node.place).min();
            let message = format!("the account has no {}", missing.join(", "));
            return self.findings.refuse(codes::MISSING_KEY, place, message, "add what is missing");
        }
        let content = self.number("SYNCINGCONTENTTYPES")?;
        if content & MAIL == 0 {
            let message = "SYNCINGCONTENTTYPES does not include mail";
            self.wrong("SYNCINGCONTENTTYPES", message.to_owned(), "write 2");
            return None;
        }
        let address = EmailAddress::try_from(self.value("REPLYADDR")).ok().or(person.address.clone());
        let Some(address) = address else {
            self.wrong("REPLYADDR", format!("{:?} is not an address", self.value("REPLYADDR")), "write the address");
            return None;
        };
        self.limit("SERVICENAME", 32);
        let incoming = self.receiving()?;
        let outgoing = self.sending(incoming.server.login.as_ref())?;
        if let Some(node) = self.nodes.get("AUTHSECRET") {
            let fix = "remove it; Windows asks for it";
            self.findings.add(codes::PASSWORD_IN_FILE, Some(node.place), "a password", fix);
        }
        let account = Account {
            full_name: DisplayName::try_from(self.value("NAME")).ok(),
            incoming: vec![incoming],
            outgoing: vec![outgoing],
            sync: self.window()?,
            ..Account::of(address)
        };
        Some(Understood {
            label: Some(self.value("SERVICENAME").to_owned()),
            assumed: std::mem::take(&mut self.assumed),
            ignored: std::mem::take(&mut self.ignored),
            identifiers: vec![Identifier { key: "EMAIL2 GUID", value: guid.to_owned() }],
            ..Understood::of("Windows Mail, which ended on 2024-12-31", account)
        })
    }

    fn receiving(&mut self) -> Option<Incoming> {
        let protocol = match self.value("SERVICETYPE").to_uppercase().as_str() {
            "IMAP4" => IncomingProtocol::Imap,
            "POP3" => IncomingProtocol::Pop3,
            other => {
                let message = format!("SERVICETYPE is {other:?}");
                self.wrong("SERVICETYPE", message, "write IMAP4 or POP3");
                return None;
            }
        };
        let endpoint = self.endpoint("INSERVER", "TAGPROPS/8128000B", protocol.into())?;
        let login = Login::try_from(self.value("AUTHNAME")).ok();
        Some(Incoming { protocol, server: Server { endpoint, login, password: self.secret("AUTHSECRET") } })
    }

    /// "If some but not all of the outgoing server credentials parameters are present then the EMAIL2 Configuration Service
    /// Provider will be considered in error."
    fn sending(&mut self, incoming: Option<&Login>) -> Option<Server> {
        let mut endpoint = self.endpoint("OUTSERVER", "TAGPROPS/812C000B", Protocol::Submission)?;
        let alternative = ["SMTPALTAUTHNAME", "SMTPALTDOMAIN", "SMTPALTENABLED", "SMTPALTPASSWORD"];
        let said: Vec<&str> = alternative.into_iter().filter(|name| self.nodes.contains_key(*name)).collect();
        if !said.is_empty() && said.len() < alternative.len() {
            let message = format!("{} without the other SMTPALT nodes", said.join(", "));
            let fix = "give all four, or none";
            return self.findings.refuse(codes::EMAIL2_SMTPALT, Some(self.nodes[said[0]].place), message, fix);
        }
        let (login, password) = match self.value("SMTPALTENABLED").eq_ignore_ascii_case("TRUE") {
            true => (Login::try_from(self.value("SMTPALTAUTHNAME")).ok(), self.secret("SMTPALTPASSWORD")),
            false => (incoming.cloned(), self.secret("AUTHSECRET")),
        };
        if !self.nodes.contains_key("AUTHREQUIRED") {
            self.assumed.push(Assumption::of("AUTHREQUIRED", "0: mail is submitted without a login", SOURCE));
        }
        if self.value("AUTHREQUIRED") != "1" {
            endpoint.authentication = Authentication::None;
            return Some(Server { endpoint, login: None, password: None });
        }
        Some(Server { endpoint, login, password })
    }

    /// `host:port`, and whether TLS is required. Windows tries implicit TLS, then STARTTLS, then no TLS.
    fn endpoint(&mut self, name: &str, required: &str, protocol: Protocol) -> Option<Endpoint> {
        self.limit(name, 62);
        let [implicit, starttls] = protocol.services().map(|it| it.port);
        let said = self.value(name).to_owned();
        let (host, port) = match said.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<Port>().ok()),
            None => {
                self.assumed.push(Assumption::of(format_args!("{name} port"), implicit, SOURCE));
                (said.as_str(), Some(implicit))
            }
        };
        let (Ok(host), Some(port)) = (Host::try_from(host), port) else {
            self.wrong(name, format!("{name} is {said:?}"), "write HOST:PORT");
            return None;
        };
        let security = match port == starttls {
            true => Security::StartTls,
            false => Security::ImplicitTls,
        };
        let value = "implicit or STARTTLS: decided by the port here";
        self.assumed.push(Assumption::of(format_args!("{name} TLS"), value, SOURCE));
        if self.value(required) != "1" {
            let place = self.nodes.get(required).or(self.nodes.get(name)).map(|node| node.place);
            let message = format!("{required} is not 1: if TLS fails, Windows continues without it");
            self.findings.add(codes::CLEARTEXT, place, message, format!("write 1 to {required}"));
        }
        Some(Endpoint { host, port, security, authentication: Authentication::PasswordCleartext })
    }

    fn window(&mut self) -> Option<SyncWindow> {
        let Some(node) = self.nodes.get("DWNDAY") else { return Some(SyncWindow::Unlimited) };
        match node.value.as_str() {
            "-1" => Some(SyncWindow::Unlimited),
            "7" => Some(SyncWindow::Days(WEEK)),
            "14" => Some(SyncWindow::Days(FORTNIGHT)),
            "30" => Some(SyncWindow::Days(MONTH)),
            other => {
                let message = format!("DWNDAY is {other:?}");
                self.wrong("DWNDAY", message, "write -1, 7, 14 or 30");
                None
            }
        }
    }

    /// Nodes that Windows does not have, and those that set up no mail.
    fn unused(&mut self) {
        for (name, node) in &self.nodes {
            if USED.contains(&name.as_str()) {
                continue;
            }
            if OTHERS.split(' ').any(|other| other == name) {
                let reason = "it affects the app's behaviour, not the connection".to_owned();
                self.ignored.push(Ignored::of(name, node.place, reason));
                continue;
            }
            let fix = did_you_mean(name, USED);
            self.findings.add(codes::UNKNOWN_KEY, Some(node.place), format!("EMAIL2 has no node {name}"), fix);
        }
    }

    fn limit(&mut self, name: &str, characters_max: usize) {
        let length = self.value(name).chars().count();
        if length > characters_max {
            let place = self.nodes.get(name).map(|node| node.place);
            let message = format!("{name} has {length} characters; at most {characters_max} are allowed");
            self.findings.add(codes::EMAIL2_TOO_LONG, place, message, "shorten it");
        }
    }

    fn number(&mut self, name: &str) -> Option<u32> {
        let said = self.value(name);
        let number = match said.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => said.parse().ok(),
        };
        if number.is_none() {
            let message = format!("{name} is {said:?}");
            self.wrong(name, message, "write a number");
        }
        number
    }

    /// The value of a node; empty if there is none.
    fn value(&self, name: &str) -> &str {
        self.nodes.get(name).map_or("", |node| node.value.as_str())
    }

    fn secret(&self, name: &str) -> Option<Secret> {
        self.nodes.get(name).filter(|node| !node.value.is_empty()).map(|node| Secret::new(node.value.clone()))
    }

    fn wrong(&mut self, name: &str, message: String, fix: &str) {
        let place = self.nodes.get(name).map(|node| node.place);
        self.findings.add(codes::WRONG_VALUE, place, message, fix);
    }
}

const SOURCE: &str = "https://learn.microsoft.com/windows/client-management/mdm/email2-csp";
const PROVIDER: &str = "/Vendor/MSFT/EMAIL2/";
const MAIL: u32 = 2;
const WEEK: std::num::NonZeroU16 = std::num::NonZeroU16::new(7).expect("7 is not 0");
const FORTNIGHT: std::num::NonZeroU16 = std::num::NonZeroU16::new(14).expect("14 is not 0");
const MONTH: std::num::NonZeroU16 = std::num::NonZeroU16::new(30).expect("30 is not 0");
const START_OCTETS: usize = 64 * 1024;

const REQUIRED: &str = "ACCOUNTTYPE AUTHNAME INSERVER OUTSERVER REPLYADDR SERVICENAME SERVICETYPE \
     SYNCINGCONTENTTYPES";

/// The nodes that are looked at here; an empty one is the account itself.
const USED: &[&str] = &[
    "",
    "ACCOUNTTYPE",
    "AUTHNAME",
    "AUTHREQUIRED",
    "AUTHSECRET",
    "DWNDAY",
    "INSERVER",
    "NAME",
    "OUTSERVER",
    "REPLYADDR",
    "SERVICENAME",
    "SERVICETYPE",
    "SMTPALTAUTHNAME",
    "SMTPALTDOMAIN",
    "SMTPALTENABLED",
    "SMTPALTPASSWORD",
    "SYNCINGCONTENTTYPES",
    "TAGPROPS",
    "TAGPROPS/8128000B",
    "TAGPROPS/812C000B",
];

/// The other nodes of the provider.
const OTHERS: &str = "ACCOUNTICON CALENDARSERVER CALENDARSERVERREQUIRESSL CALENDARSYNCSCHEDULE CELLULARONLY \
     CONTACTSSERVER CONTACTSSERVERREQUIRESSL CONTACTSSYNCSCHEDULE DOMAIN KEEPMAX LINGER RETRIEVE SERVERDELETEACTION";
