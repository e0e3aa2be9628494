//! Geary's `geary.ini`, as its source reads it (43 and 46): the sender, one IMAP server, one outgoing server. If a required
//! value is missing, Geary leaves the account out. The servers of Gmail and Outlook are built in; those of an account of
//! GNOME Online Accounts are not in the file. Files of Geary before 0.13 go to `geary/legacy.rs`.

mod legacy;

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login,
    Port, Protocol, Security, Server, SyncWindow, codes::profile as codes,
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
    let is_legacy = holds("[AccountInformation]") && text.contains("primary_email");
    is_legacy || file.path.ends_with("geary.ini") || holds("[Metadata]") && holds("[Account]") && holds("[Incoming]")
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

/// Whose servers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Gmail,
    Outlook,
    OnlineAccounts,
    Other,
}

impl Provider {
    /// The server that is built into Geary.
    fn built_in(self, protocol: Protocol) -> Option<Endpoint> {
        let (host, security) = match (self, protocol) {
            (Self::Gmail, Protocol::Imap) => ("imap.gmail.com", Security::ImplicitTls),
            (Self::Gmail, Protocol::Submission) => ("smtp.gmail.com", Security::ImplicitTls),
            (Self::Outlook, Protocol::Imap) => ("imap-mail.outlook.com", Security::ImplicitTls),
            (Self::Outlook, Protocol::Submission) => ("smtp-mail.outlook.com", Security::StartTls),
            (Self::Gmail | Self::Outlook, Protocol::Pop3) | (Self::OnlineAccounts | Self::Other, _) => return None,
        };
        Some(Endpoint {
            host: Host::try_from(host).expect("a host name"),
            port: protocol.registered(security).port,
            security,
            authentication: Authentication::PasswordCleartext,
        })
    }
}

struct Reader<'a> {
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
}

impl Reader<'_> {
    fn account(mut self, file: &KeyFile) -> Option<Understood> {
        let metadata = file.group("Metadata");
        let version = metadata.and_then(|group| group.number("version")).unwrap_or(0);
        match version {
            1 => {}
            0 => return self.legacy(file),
            _ => {
                let place = metadata.map(|group| group.place_of("version"));
                let fix = "write version=1";
                return self.findings.refuse(codes::UNSUPPORTED_VERSION, place, format!("version {version}"), fix);
            }
        }
        let metadata = metadata?;
        if metadata.text("status", self.findings).is_some_and(|status| status.eq_ignore_ascii_case("removed")) {
            let message = "status is removed: Geary deletes the account and its mail";
            let place = Some(metadata.place_of("status"));
            self.findings.add(codes::ACCOUNT_DISABLED, place, message, "write status=enabled");
        }
        let group = self.group(file, "Account")?;
        let online = metadata.text("goa_id", self.findings);
        let provider = match &online {
            Some(_) => Provider::OnlineAccounts,
            None => self.provider(group)?,
        };
        let mut senders = self.senders(group)?.into_iter();
        let (full_name, address) = senders.next()?;
        let sync = self.sync(group, "prefetch_days");
        let label = group.text("label", self.findings).filter(|label| !label.is_empty());
        let (incoming, outgoing) = match provider {
            Provider::OnlineAccounts => {
                self.online(metadata, online);
                (None, None)
            }
            Provider::Gmail | Provider::Outlook | Provider::Other => {
                let (receiving, sending) = (self.group(file, "Incoming")?, self.group(file, "Outgoing")?);
                let incoming = self.server(receiving, Protocol::Imap, provider, None);
                let login = incoming.as_ref().and_then(|it| it.login.as_ref());
                let outgoing = self.server(sending, Protocol::Submission, provider, login);
                (incoming.map(|server| Incoming { protocol: IncomingProtocol::Imap, server }), outgoing)
            }
        };
        let account = Account {
            full_name,
            aliases: senders.map(|(_, alias)| alias).collect(),
            incoming: incoming.into_iter().collect(),
            outgoing: outgoing.into_iter().collect(),
            sync,
            ..Account::of(address)
        };
        Some(Understood { label, assumed: self.assumed, ..Understood::of("Geary", account) })
    }

    fn sync(&mut self, group: &Group, key: &str) -> SyncWindow {
        let days = group.number(key).unwrap_or_else(|| {
            self.assumed.push(Assumption::of(key, "14", SOURCE));
            14
        });
        match u16::try_from(days).ok().and_then(|days| days.try_into().ok()) {
            Some(days) => SyncWindow::Days(days),
            None => SyncWindow::Unlimited,
        }
    }

    fn provider(&mut self, group: &Group) -> Option<Provider> {
        let written = self.required(group, "service_provider")?;
        match written.to_ascii_lowercase().as_str() {
            "gmail" => Some(Provider::Gmail),
            "outlook" => Some(Provider::Outlook),
            "other" => Some(Provider::Other),
            _ => self.wrong(group, "service_provider", &written, "write other, and the servers"),
        }
    }

    /// An account whose servers and login names GNOME keeps.
    fn online(&mut self, metadata: &Group, id: Option<String>) {
        let place = metadata.place_of("goa_id");
        let id = id.unwrap_or_else(|| "goa_id".to_owned());
        spelling::not_followed("goa_id", "GNOME's Online Accounts says the servers and logs in", place, self.findings);
        let value = format!("those that Online Accounts says for {id}");
        self.assumed.push(Assumption::of("servers", value, SOURCE));
    }

    fn server(
        &mut self,
        group: &Group,
        protocol: Protocol,
        provider: Provider,
        incoming: Option<&Login>,
    ) -> Option<Server> {
        let Some(endpoint) = provider.built_in(protocol) else { return self.written(group, protocol, incoming) };
        let key = format!("servers of service_provider, {}", protocol.name());
        self.assumed.push(Assumption::of(key, endpoint.authority(), BUILT_IN));
        let own = group.text("login", self.findings);
        let own = own.and_then(|login| spelling::login("login", &login, group.place_of("login"), self.findings));
        Some(Server { endpoint, login: own.or_else(|| incoming.cloned()), password: None })
    }

    fn written(&mut self, group: &Group, protocol: Protocol, incoming: Option<&Login>) -> Option<Server> {
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
        let port = self.port(group, "port", protocol, security);
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

    /// A number that is none is 0, and 0 is Geary's default.
    fn port(&mut self, group: &Group, key: &str, protocol: Protocol, security: Security) -> Port {
        let written = group.number(key).and_then(|port| u16::try_from(port).ok()).and_then(Port::new);
        written.unwrap_or_else(|| {
            let port = usual_port(protocol, security);
            self.assumed.push(Assumption::of(key, port, SOURCE));
            port
        })
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
const BUILT_IN: &str = "https://gitlab.gnome.org/GNOME/geary, src/engine/imap-engine";
