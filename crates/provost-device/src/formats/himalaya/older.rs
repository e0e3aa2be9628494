//! What himalaya read before version 2 (its sources of 0.9.0, 1.0.0 and 1.1.0, 2026-11; not run here): version 0 has a
//! table per account at the top and keys such as `imap-host`; version 1 has `backend.host` below `accounts`, and its
//! previews `imap.host`. Version 2 reads none of them, which is a note: the file is not wrong for its own version.

use provost_account::{
    Account, Authentication, DisplayName, Endpoint, Findings, Incoming, IncomingProtocol, Place, Protocol, Security,
    Server, codes::profile as codes, place, shown,
};
use toml::de::DeValue;

use super::{Table, string, value};
use crate::as_version::AsVersion;
use crate::contradictions::usual_port;
use crate::spelling;
use crate::understood::{Assumption, Ignored, Understood};

/// Whether a line is of a file that has no other mark of himalaya's.
pub(super) fn says(line: &str) -> bool {
    let key = line.split(['=', '.']).next().map_or("", str::trim);
    ["imap-host", "imap-login", "smtp-host", "smtp-login"].contains(&key)
}

/// Whether an account below `accounts` is of version 1.
pub(super) fn is_older(account: &Table<'_>) -> bool {
    let by_host = ["imap", "smtp"].iter().any(|it| value(account, &[*it, "host"]).is_some());
    by_host || ["backend", "sender", "imap-host", "smtp-host"].iter().any(|key| account.contains_key(*key))
}

/// The accounts of version 0: tables at the top.
pub(super) fn at_the_top(
    text: &str,
    table: &Table<'_>,
    version: Option<AsVersion>,
    findings: &mut Findings,
) -> Vec<Understood> {
    let mut profiles = Vec::new();
    for (name, found) in table {
        if let Some(account) = found.get_ref().as_table().filter(|account| is_older(account)) {
            let at = place(text, name.span().start);
            profiles.extend(understood(text, (name.get_ref(), at), account, table, version, findings));
        }
    }
    profiles
}

/// One account.
pub(super) fn understood(
    text: &str,
    (name, at): (&str, Place),
    account: &Table<'_>,
    global: &Table<'_>,
    version: Option<AsVersion>,
    findings: &mut Findings,
) -> Option<Understood> {
    let is_flat = account.keys().any(|key| key.get_ref().starts_with("imap-") || key.get_ref().starts_with("smtp-"));
    let device = if is_flat { "himalaya 0" } else { "himalaya 1" };
    let (since, next) = if is_flat { ("0", "1") } else { ("1", "2") };
    let message = format!("the account {} is as {device} reads it; version {next} has other keys", shown(name));
    match version {
        None => {
            let fix = "write imap.server, imap.sasl and the like for version 2";
            findings.add(codes::OLDER_VERSION, Some(at), message, fix);
        }
        Some(version) if version.is_before(since) || !version.is_before(next) => {
            return findings.refuse(codes::UNSUPPORTED_VERSION, Some(at), message, "write the keys of the version");
        }
        Some(_) => {}
    }
    let Some((written, from)) = string(account, &["email"]) else {
        let fix = "write email";
        return findings.refuse(codes::MISSING_KEY, Some(at), format!("{} has no email", shown(name)), fix);
    };
    let address = spelling::address("email", written, place(text, from), findings)?;
    let mut reader = Reader { text, account, assumed: Vec::new(), ignored: Vec::new(), commands: Vec::new(), findings };
    let incoming = reader.server(Protocol::Imap);
    let outgoing = reader.server(Protocol::Submission);
    let Reader { assumed, ignored, commands, .. } = reader;
    let full_name = ["display-name", "name"].into_iter().find_map(|key| string(account, &[key]));
    let full_name = full_name.or_else(|| ["display-name", "name"].into_iter().find_map(|key| string(global, &[key])));
    let account = Account {
        full_name: full_name.and_then(|(name, _)| DisplayName::try_from(name).ok()),
        incoming: incoming.map(|server| Incoming { protocol: IncomingProtocol::Imap, server }).into_iter().collect(),
        outgoing: outgoing.into_iter().collect(),
        ..Account::of(address)
    };
    let label = Some(name.to_owned());
    let mut understood = Understood { label, assumed, ignored, ..Understood::of(device, account) };
    understood.asks(commands);
    Some(understood)
}

struct Reader<'a, 'f> {
    text: &'a str,
    account: &'a Table<'a>,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
    commands: Vec<String>,
    findings: &'f mut Findings,
}

impl<'a> Reader<'a, '_> {
    /// A key of a server in one of the three spellings.
    fn found(&self, protocol: Protocol, key: &str) -> Option<(&'a DeValue<'a>, Place)> {
        let short = if protocol == Protocol::Imap { "imap" } else { "smtp" };
        let (backend, keys): (&[&str], Vec<&str>) = match protocol {
            Protocol::Imap => (&["backend"], key.split('.').collect()),
            Protocol::Pop3 | Protocol::Submission => (&["message", "send", "backend"], key.split('.').collect()),
        };
        let flat = format!("{short}-{}", keys[0]);
        let found = value(self.account, &[backend, &keys].concat())
            .or_else(|| value(self.account, &[&[short][..], &keys].concat()))
            .or_else(|| value(self.account, &[&[flat.as_str()][..], &keys[1..]].concat()))?;
        Some((found.get_ref(), place(self.text, found.span().start)))
    }

    fn string(&self, protocol: Protocol, key: &str) -> Option<(&'a str, Place)> {
        let (found, at) = self.found(protocol, key)?;
        Some((found.as_str()?, at))
    }

    fn is(&self, protocol: Protocol, key: &str) -> Option<bool> {
        self.found(protocol, key)?.0.as_bool()
    }

    /// What takes the place of a server: `maildir`, `notmuch`, `sendmail`.
    fn kind(&self, protocol: Protocol) -> Option<(&'a str, Place)> {
        let names: [&[&str]; 3] = match protocol {
            Protocol::Imap => [&["backend", "type"], &["backend"], &["backend"]],
            Protocol::Pop3 | Protocol::Submission => {
                [&["message", "send", "backend", "type"], &["message", "send", "backend"], &["sender"]]
            }
        };
        let (kind, at) = names.into_iter().find_map(|path| string(self.account, path))?;
        Some((kind, place(self.text, at)))
    }

    /// A server, unless another program has the mail or nothing is said of one.
    fn server(&mut self, protocol: Protocol) -> Option<Server> {
        let name = if protocol == Protocol::Imap { "imap" } else { "smtp" };
        // Before 0.6 the sender by SMTP was called internal (himalaya-lib, EmailSender::Internal).
        let is_own = |kind: &str| kind == name || (name == "smtp" && kind == "internal");
        if let Some((kind, at)) = self.kind(protocol).filter(|(kind, _)| !is_own(kind)) {
            let reason = "mail that another program fetches or sends is not evaluated here";
            self.ignored.push(Ignored::of(format_args!("{kind} instead of {name}"), at, reason));
            return None;
        }
        let (written, at) = self.string(protocol, "host")?;
        let host = spelling::host("the host", written, at, self.findings)?;
        let security = self.security(protocol, written, at)?;
        if self.is(protocol, "insecure") == Some(true) {
            let message = format!("{name}: insecure accepts any certificate");
            self.findings.add(codes::ANY_CERTIFICATE, Some(at), message, "remove it");
        }
        let port = match self.found(protocol, "port") {
            Some((number, place)) => {
                let text = number.as_integer().map_or_else(String::new, ToString::to_string);
                spelling::port("the port", &text, place, self.findings)?
            }
            None => {
                let port = usual_port(protocol, security);
                self.assumed.push(Assumption::of(format_args!("port of {name}"), port, SAMPLE));
                port
            }
        };
        let login = match self.string(protocol, "login") {
            Some((text, at)) => spelling::login("login", text, at, self.findings),
            None => None,
        };
        let authentication = self.authentication(protocol);
        let password = self
            .password(protocol)
            .map(|(text, at)| spelling::password(text, at, "write a command that prints it", self.findings));
        Some(Server { endpoint: Endpoint { host, port, security, authentication }, login, password })
    }

    /// TLS from the start, if nothing else is said.
    fn security(&mut self, protocol: Protocol, host: &str, at: Place) -> Option<Security> {
        let written = self.string(protocol, "encryption.type").or(self.string(protocol, "encryption"));
        let starttls = self.is(protocol, "starttls") == Some(true);
        let security = match written.map(|(text, at)| (text.to_lowercase(), at)) {
            Some((text, _)) if text == "tls" => Security::ImplicitTls,
            Some((text, _)) if text == "start-tls" || text == "starttls" => Security::StartTls,
            Some((text, _)) if text == "none" => Security::Cleartext,
            Some((text, at)) => {
                return spelling::wrong("encryption", &text, at, "write tls, start-tls or none", self.findings);
            }
            None if starttls => Security::StartTls,
            None if self.is(protocol, "ssl") == Some(false) => Security::Cleartext,
            None => Security::ImplicitTls,
        };
        if security == Security::Cleartext && !spelling::is_loopback(host) {
            let message = format!("{} without TLS is asked for", protocol.name());
            self.findings.add(codes::CLEARTEXT, Some(at), message, "write tls, or start-tls");
        }
        Some(security)
    }

    fn authentication(&self, protocol: Protocol) -> Authentication {
        let way = self.string(protocol, "auth.type").or(self.string(protocol, "auth"));
        match way.map(|(way, _)| way) {
            Some("oauth2") => Authentication::OAuth2,
            Some("none") => Authentication::None,
            Some(_) | None => Authentication::PasswordCleartext,
        }
    }

    /// The password if it is in the file; a command that prints it is kept.
    fn password(&mut self, protocol: Protocol) -> Option<(&'a str, Place)> {
        let commands = ["auth.cmd", "auth.command", "passwd.cmd", "passwd.command", "passwd-cmd", "password.cmd"];
        for key in commands.into_iter().chain(["auth.access-token.cmd", "oauth2-access-token.cmd"]) {
            if let Some((command, _)) = self.string(protocol, key) {
                self.commands.push(command.to_owned());
            }
        }
        ["auth.raw", "passwd.raw", "password.raw", "auth.passwd.raw"]
            .into_iter()
            .find_map(|key| self.string(protocol, key))
    }
}

const SAMPLE: &str = "https://github.com/pimalaya/himalaya, config.sample.toml, 1.1.0";
