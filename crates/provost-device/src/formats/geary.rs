//! Geary's `geary.ini`, version 1, as its source reads it: the sender, one IMAP server, one outgoing server. If a
//! required value is missing, Geary leaves the account out. Files of Geary before 0.13 and accounts of GNOME Online
//! Accounts are not read.

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Incoming, IncomingProtocol, Login, Port,
    Protocol, Security, Server, SyncWindow, codes::profile as codes, shown,
};

use crate::contradictions::usual_port;
use crate::key_file::{Group, KeyFile};
use crate::mailbox::mailbox;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::understood::{Assumption, Identifier, Understood};

/// By the name, or by the groups of an account.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let holds = |group: &str| text.lines().any(|line| line.trim() == group);
    file.path.ends_with("geary.ini") || holds("[Metadata]") && holds("[Account]") && holds("[Incoming]")
}

/// Reads an account.
pub(super) fn read(source: &SourceFile<'_>, _: &Person) -> Reading {
    let mut findings = Findings::default();
    let file = KeyFile::parse(source.bytes, &mut findings);
    let understood = file.and_then(|file| Reader { findings: &mut findings, assumed: Vec::new() }.account(&file));
    let understood =
        understood.map(|read| Understood { identifiers: folder(source.path).into_iter().collect(), ..read });
    let fix = "write the groups [Metadata], [Account], [Incoming] and [Outgoing]";
    Reading::of_some(understood, findings, "Geary would not set up an account", fix)
}

/// Geary's name for the account: the folder inside Geary's own (`~/.config/geary`, or
/// `~/.var/app/org.gnome.Geary/config/geary`). A file elsewhere has no name yet.
fn folder(path: &str) -> Option<Identifier> {
    let [.., config, "geary", folder, "geary.ini"] = path.split('/').collect::<Vec<_>>()[..] else { return None };
    let named = Identifier { key: "folder", value: folder.to_owned() };
    matches!(config, ".config" | "config").then_some(named)
}

struct Reader<'a> {
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
}

impl Reader<'_> {
    fn account(mut self, file: &KeyFile) -> Option<Understood> {
        let metadata = file.group("Metadata");
        let version = metadata.and_then(|group| group.number("version")).unwrap_or(0);
        if version != 1 {
            let place = metadata.map(|group| group.place_of("version"));
            let fix = "write version=1";
            return self.findings.refuse(codes::UNSUPPORTED_VERSION, place, format!("version {version}"), fix);
        }
        let metadata = metadata?;
        if metadata.text("status", self.findings).is_some_and(|status| status.eq_ignore_ascii_case("removed")) {
            let message = "status is removed: Geary deletes the account and its mail";
            let place = Some(metadata.place_of("status"));
            self.findings.add(codes::ACCOUNT_DISABLED, place, message, "write status=enabled");
        }
        let group = self.group(file, "Account")?;
        let provider = self.required(group, "service_provider")?;
        if provider != "other" {
            let message = format!("service_provider is {}, whose servers are built into Geary", shown(&provider));
            let place = Some(group.place_of("service_provider"));
            return self.findings.refuse(codes::UNPROVEN_MAPPING, place, message, "write other, and the servers");
        }
        let mut senders = self.senders(group)?.into_iter();
        let (full_name, address) = senders.next()?;
        let days = group.number("prefetch_days").unwrap_or_else(|| {
            self.assumed.push(Assumption::of("prefetch_days", "14", SOURCE));
            14
        });
        let sync = match u16::try_from(days).ok().and_then(|days| days.try_into().ok()) {
            Some(days) => SyncWindow::Days(days),
            None => SyncWindow::Unlimited,
        };
        let label = group.text("label", self.findings);
        let (receiving, sending) = (self.group(file, "Incoming")?, self.group(file, "Outgoing")?);
        let incoming = self.server(receiving, Protocol::Imap, None);
        let outgoing =
            self.server(sending, Protocol::Submission, incoming.as_ref().and_then(|server| server.login.as_ref()))?;
        let account = Account {
            full_name,
            aliases: senders.map(|(_, alias)| alias).collect(),
            incoming: vec![Incoming { protocol: IncomingProtocol::Imap, server: incoming? }],
            outgoing: vec![outgoing],
            sync,
            ..Account::of(address)
        };
        Some(Understood { label, assumed: self.assumed, ..Understood::of("Geary", account) })
    }

    fn server(&mut self, group: &Group, protocol: Protocol, incoming: Option<&Login>) -> Option<Server> {
        let host = self.required(group, "host")?;
        let host = spelling::host("host", &host, group.place_of("host"), self.findings)?;
        let security = match self.required(group, "transport_security")?.to_ascii_lowercase().as_str() {
            "transport" => Security::ImplicitTls,
            "start-tls" => Security::StartTls,
            "none" => {
                let place = Some(group.place_of("transport_security"));
                let fix = "write transport or start-tls";
                self.findings.add(codes::CLEARTEXT, place, "transport_security is none", fix);
                Security::Cleartext
            }
            other => return self.wrong(group, "transport_security", other, "write transport or start-tls"),
        };
        let written = group.number("port").and_then(|port| u16::try_from(port).ok()).and_then(Port::new);
        let port = written.unwrap_or_else(|| {
            let port = usual_port(protocol, security);
            let fix = "write the port";
            self.findings.add(codes::MISSING_PORT, Some(group.place_of("port")), "port is not a port number", fix);
            self.assumed.push(Assumption::of("port", port, SOURCE));
            port
        });
        let own = group.text("login", self.findings);
        let own = own.and_then(|login| spelling::login("login", &login, group.place_of("login"), self.findings));
        let (authentication, login) = match self.required(group, "credentials")?.to_ascii_lowercase().as_str() {
            "none" => (Authentication::None, None),
            "use-incoming" => (Authentication::PasswordCleartext, incoming.cloned()),
            "custom" => {
                if own.is_none() {
                    self.findings.add(codes::MISSING_USERNAME, Some(group.place), "no login", "write the login name");
                }
                (Authentication::PasswordCleartext, own)
            }
            other => return self.wrong(group, "credentials", other, "write custom, use-incoming or none"),
        };
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password: None })
    }

    /// The names and addresses; the first one is the account's.
    fn senders(&mut self, group: &Group) -> Option<Vec<(Option<DisplayName>, EmailAddress)>> {
        let place = group.place_of("sender_mailboxes");
        let Some(senders) = group.list("sender_mailboxes", self.findings).filter(|senders| !senders.is_empty()) else {
            let message = "sender_mailboxes is missing or empty: Geary skips the account";
            return self.findings.refuse(codes::MISSING_KEY, Some(place), message, "write the address");
        };
        let mut read = Vec::new();
        for sender in &senders {
            let (name, address) = mailbox(sender);
            let address = spelling::address("sender_mailboxes", address, place, self.findings)?;
            read.push((DisplayName::try_from(name.as_str()).ok(), address));
        }
        Some(read)
    }

    fn group<'a>(&mut self, file: &'a KeyFile, name: &str) -> Option<&'a Group> {
        let group = file.group(name);
        if group.is_none() {
            self.findings.add(codes::MISSING_KEY, None, format!("no group [{name}]"), "write the group");
        }
        group
    }

    fn required(&mut self, group: &Group, key: &str) -> Option<String> {
        let value = group.text(key, self.findings);
        if value.is_none() && !self.findings.has_error() {
            let message = format!("{key} is missing: Geary skips the account");
            self.findings.add(codes::MISSING_KEY, Some(group.place_of(key)), message, format!("write {key}"));
        }
        value
    }

    fn wrong<T>(&mut self, group: &Group, key: &str, found: &str, fix: &str) -> Option<T> {
        spelling::wrong(key, found, group.place_of(key), fix, self.findings)
    }
}

const SOURCE: &str = "https://gitlab.gnome.org/GNOME/geary, src/client/accounts/accounts-manager.vala";
