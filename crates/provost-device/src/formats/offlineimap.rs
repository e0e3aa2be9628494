//! `~/.offlineimaprc`, as offlineimap 8.0.0 reads it (observed, 2026-11): Python's configparser with interpolation,
//! which rejects duplicates. The accounts are those that `[general]` lists, each on its own: what is wrong with one leaves
//! that one out. It only receives, by IMAP, and what is deleted locally is deleted on the server unless the file says
//! otherwise. Python in the file is not executed here, but for texts and numbers that stand alone.

use provost_account::{
    Account, Authentication, Certificate, Code, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login, Place,
    Port, Protocol, Security, Server, Severity, SyncWindow, codes::profile as codes, nearest, shown,
};

use crate::contradictions::usual_port;
use crate::ini::{self, Dialect, Entry, Indented, Section, python_text};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::{Logins, not_followed};
use crate::understood::{Assumption, Ignored, Said, Understood};

/// By the name, or by a section of a repository.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    file.path.ends_with("offlineimaprc") || text.lines().any(|line| line.trim_start().starts_with("[Repository "))
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let dialect = Dialect { comments: &['#', ';'], separators: &['=', ':'], indented: Indented::Continuation };
    let Some(sections) = files.first().and_then(|file| ini::parse(file.bytes, dialect, &mut findings)) else {
        return Reading::of([], findings);
    };
    said_once(&sections, &mut findings);
    let mut profiles = Vec::new();
    if !findings.has_error()
        && let Some(general) = sections.iter().find(|section| section.name == "general")
    {
        let listed = Values::of(general, &sections).get("accounts", &mut findings);
        let names = listed.iter().flat_map(|(names, at)| names.split(',').map(|name| (name.trim_start(), *at)));
        let remote = sections.iter().filter(|it| matches!(it.value("type"), Some("IMAP" | "Gmail")));
        let written = remote.map(|it| (it.value("remoteuser").unwrap_or(""), it.value("remotehost").unwrap_or("")));
        let logins = Logins::of(person, written);
        let mut left_out = Vec::new();
        for (name, at) in names {
            if !sections.iter().any(|it| it.name.strip_prefix("Account ") == Some(name)) {
                let message = format!("no section [Account {name}]: offlineimap does not start");
                findings.add(codes::MISSING_KEY, Some(at), message, "write the section, or correct the name");
                continue;
            }
            let mut of_account = Findings::default();
            let account = account(name, at, &sections, &logins, files, &mut of_account);
            match account.filter(|_| !of_account.has_error()) {
                Some(account) => {
                    profiles.push(account);
                    findings.extend(&of_account);
                }
                None => left_out.push((name, of_account)),
            }
        }
        of_left_out(left_out, profiles.is_empty(), &mut findings);
    }
    let fix = "name an account under accounts in [general], and write its sections";
    Reading::of_some(profiles, findings, "offlineimap would not fetch mail", fix)
}

/// What is wrong with accounts that are left out: errors only if no account is left.
fn of_left_out(left_out: Vec<(&str, Findings)>, alone: bool, findings: &mut Findings) {
    for (name, of_account) in left_out {
        if alone {
            findings.extend(&of_account);
            continue;
        }
        for finding in of_account.finish().into_iter().filter(|finding| finding.severity == Severity::Error) {
            let message = format!("the account {} is left out: {}", shown(name), finding.message);
            findings.add(codes::ACCOUNT_REJECTED, finding.place, message, finding.fix);
        }
    }
}

/// configparser rejects a file with a repeated section or key, or a key outside a section.
fn said_once(sections: &[Section], findings: &mut Findings) {
    for (at, section) in sections.iter().enumerate() {
        if section.name.is_empty() && !section.entries.is_empty() {
            let message = "a key before the first section: offlineimap rejects the file";
            findings.add(codes::CONFIG_SYNTAX, Some(section.entries[0].place), message, "begin with [general]");
        }
        if at > 0 && section.name != "DEFAULT" && sections[..at].iter().any(|other| other.name == section.name) {
            let message = format!("a second section {}: offlineimap rejects the file", shown(&section.name));
            findings.add(codes::CONFIG_SYNTAX, Some(section.place), message, "make one section of them");
        }
        for (at, entry) in section.entries.iter().enumerate() {
            if section.entries[..at].iter().any(|other| other.key.eq_ignore_ascii_case(&entry.key)) {
                let message = format!("{} a second time: offlineimap rejects the file", entry.key);
                findings.add(codes::CONFIG_SYNTAX, Some(entry.place), message, "remove one of them");
            }
        }
    }
}

/// The values of a section, which fall back to those of `[DEFAULT]`.
#[derive(Clone, Copy)]
struct Values<'a> {
    section: &'a Section,
    defaults: Option<&'a Section>,
}

impl<'a> Values<'a> {
    fn of(section: &'a Section, sections: &'a [Section]) -> Self {
        Self { section, defaults: sections.iter().find(|section| section.name == "DEFAULT") }
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.section.get(key).or_else(|| self.defaults?.get(key))
    }

    /// A value with its references to other values replaced.
    fn get(&self, key: &str, findings: &mut Findings) -> Option<(String, Place)> {
        let entry = self.entry(key)?;
        let value = self.interpolated(&entry.value, &mut { REPLACEMENTS_MAX });
        if value.is_none() {
            let message = format!("{key}: a % that is neither %% nor the name of another key, as in %(name)s");
            findings.add(codes::CONFIG_SYNTAX, Some(entry.place), message, "write %% for a percent sign");
        }
        Some((value?, entry.place))
    }

    /// `%%` is a percent sign, `%(key)s` another value of the section, in which the same holds.
    fn interpolated(&self, text: &str, left: &mut u32) -> Option<String> {
        let mut value = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            value.push_str(before);
            if let Some(after) = after.strip_prefix('%') {
                value.push('%');
                rest = after;
                continue;
            }
            *left = left.checked_sub(1)?;
            let (key, after) = after.strip_prefix('(')?.split_once(')')?;
            value.push_str(&self.interpolated(&self.entry(key)?.value, left)?);
            rest = after.strip_prefix('s')?;
        }
        value.push_str(rest);
        Some(value)
    }

    /// What configparser accepts as yes and no. `None`: neither.
    fn switch(&self, key: &str, otherwise: bool, findings: &mut Findings) -> Option<bool> {
        let Some((text, place)) = self.get(key, findings) else { return Some(otherwise) };
        match text.to_lowercase().as_str() {
            "1" | "yes" | "true" | "on" => Some(true),
            "0" | "no" | "false" | "off" => Some(false),
            _ => spelling::wrong(key, &text, place, "write yes or no", findings),
        }
    }

    fn place_of(&self, key: &str) -> Place {
        self.entry(key).map_or(self.section.place, |entry| entry.place)
    }
}

fn account(
    name: &str,
    listed: Place,
    sections: &[Section],
    logins: &Logins<'_>,
    files: &[SourceFile<'_>],
    findings: &mut Findings,
) -> Option<Understood> {
    let mut section = |kind: &str, name: &str, named: Place| {
        let found = sections.iter().find(|it| it.name.strip_prefix(kind).is_some_and(|rest| rest == name));
        if found.is_none() {
            let message = format!("no section [{kind}{name}]: offlineimap skips the account");
            findings.add(codes::MISSING_KEY, Some(named), message, "write the section, or correct the name");
        }
        found.map(|section| Values::of(section, sections))
    };
    let account = section("Account ", name, listed)?;
    let remote = account.entry("remoterepository").map_or("", |entry| entry.value.as_str());
    let remote = section("Repository ", remote, account.place_of("remoterepository"))?;
    let local = account.entry("localrepository").map_or("", |entry| entry.value.as_str());
    let local = section("Repository ", local, account.place_of("localrepository"))?;
    let local_type = local.entry("type").map(|entry| entry.value.as_str());
    if !matches!(local_type, Some("Maildir" | "GmailMaildir" | "IMAP")) {
        let found = local_type.map_or("missing".to_owned(), shown);
        let message = format!("type is {found}: offlineimap has no such local repository");
        return findings.refuse(codes::WRONG_VALUE, Some(local.place_of("type")), message, "write Maildir");
    }
    let mut ignored = Vec::new();
    let sync = window(account, &mut ignored, findings)?;
    local_server(local, findings);
    let mut repository = Repository { values: remote, findings, assumed: Vec::new(), ignored };
    let receives = repository.receives(files)?;
    repository.deletions(local)?;
    let Repository { mut assumed, ignored, findings, .. } = repository;
    let (login, trust, server) = match receives {
        Receives::From(server, trust) => (server.login.clone(), trust, Some(server)),
        Receives::Unknown(login) => (login, Vec::new(), None),
    };
    let host = remote.section.value("remotehost").unwrap_or("");
    let address = logins.whose(login.as_ref(), host, remote.section.place, &mut assumed, findings);
    let incoming = server.map(|server| Incoming { protocol: IncomingProtocol::Imap, server }).into_iter().collect();
    let account = Account { incoming, trust, sync, ..Account::of(address) };
    let label = Some(name.to_owned());
    let mut understood = Understood { label, assumed, ignored, ..Understood::of("offlineimap", account) };
    let value = |values: Values<'_>, key: &str| values.entry(key).map(|entry| entry.value.replace('\n', " "));
    understood.said = SAID.split(' ').filter_map(|key| Some(Said::new(key, value(remote, key)?))).collect();
    understood.said.extend(value(local, "sync_deletes").map(|switch| Said::new("sync_deletes", switch)));
    if let Some(expression) = value(remote, "remotepasseval") {
        understood.asks([program(files).unwrap_or(expression)]);
    }
    Some(understood)
}

/// The local side may be a server, too, which no account here has a place for.
fn local_server(local: Values<'_>, findings: &mut Findings) {
    if local.entry("type").is_some_and(|entry| entry.value == "IMAP") {
        let host = local.entry("remotehost").map_or("its server", |entry| entry.value.as_str());
        let why = "mail is copied to this server, which is not shown";
        not_followed(&format!("the local repository at {}", shown(host)), why, local.place_of("remotehost"), findings);
    }
}

/// Where mail comes from.
enum Receives {
    /// A server, and the authorities that it is checked by.
    From(Server, Vec<Certificate>),
    /// A command, or a server that only Python knows; the login name there.
    Unknown(Option<Login>),
}

/// The command in the Python file next to the configuration: a line `command = "..."`, which a shell runs.
fn program(files: &[SourceFile<'_>]) -> Option<String> {
    let python = files.iter().skip(1).find(|file| file.path.ends_with(".py"))?;
    let line =
        std::str::from_utf8(python.bytes).ok()?.lines().find_map(|line| line.trim().strip_prefix("command = "))?;
    python_text(line.strip_suffix(".encode()").unwrap_or(line))
}

/// `maxage`: a number of days, or the day on which the window begins, which is no length.
fn window(account: Values<'_>, ignored: &mut Vec<Ignored>, findings: &mut Findings) -> Option<SyncWindow> {
    let Some((text, place)) = account.get("maxage", findings) else { return Some(SyncWindow::Unlimited) };
    if let Ok(days) = text.parse() {
        return Some(SyncWindow::Days(days));
    }
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00" {
        let reason = format!("a window that begins on {text} has no fixed number of days");
        ignored.push(Ignored::of("maxage", place, reason));
        return Some(SyncWindow::Unlimited);
    }
    let message = format!("maxage is {}, which is neither a number of days nor a date", shown(&text));
    findings.refuse(codes::WRONG_VALUE, Some(place), message, "write a number of days")
}

/// Keys that affect the connection, or what stays on the server.
const SAID: &str = "cert_fingerprint expunge folderfilter maxconnections oauth2_request_url preauthtunnel proxy readonly \
     sslclientcert sslclientkey transporttunnel";
/// Where a token comes from.
const TOKENS: &str = "oauth2_access_token oauth2_access_token_eval oauth2_refresh_token oauth2_refresh_token_eval";

/// The repository that mail comes from.
struct Repository<'a> {
    values: Values<'a>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl Repository<'_> {
    /// Where mail comes from, and how the person logs in there.
    fn receives(&mut self, files: &[SourceFile<'_>]) -> Option<Receives> {
        let usual_host = match self.text("type").as_deref() {
            Some("IMAP") => None,
            Some("Gmail") => Some("imap.gmail.com"),
            other => {
                let found = other.map_or("missing".to_owned(), shown);
                let message = format!("type is {found}: offlineimap fetches by IMAP only");
                self.complain(codes::WRONG_VALUE, "type", message, "write IMAP");
                return None;
            }
        };
        self.misspelt();
        if let Some(text) = self.text("maxconnections").filter(|text| text.parse::<i64>().is_err()) {
            let place = self.values.place_of("maxconnections");
            return spelling::wrong("maxconnections", &text, place, "write a number", self.findings);
        }
        let tunnel = ["preauthtunnel", "transporttunnel"].into_iter().find(|key| self.values.entry(key).is_some());
        // Gmail's repository knows no preauthtunnel.
        if let Some(key) = tunnel.filter(|key| usual_host.is_none() || *key == "transporttunnel") {
            let why = "a command in the place of the server, which remotehost does not name then";
            not_followed(key, why, self.values.place_of(key), self.findings);
            return Some(Receives::Unknown(if key == "preauthtunnel" { None } else { self.login() }));
        }
        let host = self.host(usual_host)?;
        let security = self.security()?;
        let port = self.port(security);
        let authentication = self.authentication()?;
        let login = self.login();
        let written = match self.values.entry("remotepasseval") {
            Some(_) => None,
            None => self.text("remotepass"),
        };
        let at = self.values.place_of("remotepass");
        let password = written.map(|text| spelling::password(&text, at, "use remotepasseval", self.findings));
        let trust = match security {
            Security::ImplicitTls => self.trust(files),
            Security::StartTls | Security::Cleartext => Vec::new(),
        };
        let Some(host) = host else { return Some(Receives::Unknown(login)) };
        let endpoint = Endpoint { host, port: port?, security, authentication };
        Some(Receives::From(Server { endpoint, login, password }, trust))
    }

    /// A value that Python gives, if it is a literal. Everything else is not followed.
    fn python(&mut self, key: &str) -> Option<String> {
        let (text, place) = self.values.get(key, self.findings)?;
        let is_number = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
        let literal = if is_number { Some(text.clone()) } else { python_text(&text) };
        if literal.is_none() {
            not_followed(&format!("{key} = {}", shown(&text)), "Python, which is not run", place, self.findings);
        }
        literal
    }

    fn port(&mut self, security: Security) -> Option<Port> {
        let text = match self.values.entry("remoteporteval") {
            Some(_) => self.python("remoteporteval"),
            None => self.text("remoteport"),
        };
        if let Some(text) = text {
            return spelling::port("remoteport", &text, self.values.place_of("remoteport"), self.findings);
        }
        let port = usual_port(Protocol::Imap, security);
        self.assumed.push(Assumption::of("remoteport", port, SOURCE));
        Some(port)
    }

    fn login(&mut self) -> Option<Login> {
        let is_python = self.values.entry("remoteusereval").is_some();
        let text = if is_python { self.python("remoteusereval") } else { self.text("remoteuser") };
        match text {
            Some(text) => spelling::login("remoteuser", &text, self.values.place_of("remoteuser"), self.findings),
            None if is_python => None,
            None => {
                self.complain(codes::MISSING_USERNAME, "remoteuser", "no remoteuser", "write the login name");
                self.assumed.push(Assumption::of("remoteuser", "that of ~/.netrc", SOURCE));
                None
            }
        }
    }

    /// The host; `Some(None)`: one that is not known here.
    fn host(&mut self, usual: Option<&str>) -> Option<Option<Host>> {
        if self.values.entry("remotehosteval").is_some() {
            let Some(text) = self.python("remotehosteval") else { return Some(None) };
            return spelling::host("remotehosteval", &text, self.values.place_of("remotehosteval"), self.findings)
                .map(Some);
        }
        let place = self.values.place_of("remotehost");
        let text = match (self.text("remotehost"), usual) {
            (Some(text), _) => text,
            (None, Some(usual)) => {
                self.assumed.push(Assumption::of("remotehost", usual, SOURCE));
                usual.to_owned()
            }
            (None, None) => {
                self.complain(codes::MISSING_KEY, "remotehost", "no remotehost", "write the server");
                return None;
            }
        };
        match Host::try_from(text.as_str()) {
            Ok(host) => Some(Some(host)),
            Err(error) => {
                let what = format!("remotehost = {}", shown(&text));
                not_followed(&what, &error.to_string(), place, self.findings);
                Some(None)
            }
        }
    }

    /// `ssl` is TLS from the first byte; `starttls` counts only without it.
    fn security(&mut self) -> Option<Security> {
        for (key, value) in [("ssl", "yes"), ("starttls", "yes")] {
            if self.values.entry(key).is_none() && (key == "ssl" || self.values.entry("ssl").is_some()) {
                self.assumed.push(Assumption::of(key, value, SOURCE));
            }
        }
        let fix = "write ssl = yes, and the port of TLS";
        let ssl = self.values.switch("ssl", true, self.findings)?;
        let starttls = self.values.switch("starttls", true, self.findings)?;
        if ssl {
            let level = self.text("tls_level").filter(|level| level != "tls_compat");
            if level.is_some() && self.values.entry("ssl_version").is_none() {
                let message = "tls_level without ssl_version: offlineimap does not connect";
                self.complain(codes::WRONG_VALUE, "tls_level", message, "write ssl_version, or remove tls_level");
            }
            return Some(Security::ImplicitTls);
        }
        if !starttls {
            self.complain(codes::CLEARTEXT, "ssl", "ssl and starttls are off", fix);
            return Some(Security::Cleartext);
        }
        let message = "STARTTLS: if the server does not offer it, offlineimap logs in without TLS";
        self.complain(codes::CLEARTEXT, "ssl", message, fix);
        let message = "STARTTLS: offlineimap checks no certificate then, whatever sslcacertfile says";
        self.complain(codes::ANY_CERTIFICATE, "ssl", message, fix);
        Some(Security::StartTls)
    }

    /// The first mechanism in the file. Without one, offlineimap uses what the server offers, and tokens before a password.
    fn authentication(&mut self) -> Option<Authentication> {
        let Some(text) = self.text("auth_mechanisms") else {
            let has_token = TOKENS.split(' ').any(|key| self.values.entry(key).is_some());
            return Some(if has_token { Authentication::OAuth2 } else { Authentication::PasswordCleartext });
        };
        let mut methods = Vec::new();
        for mechanism in text.split(',').map(str::trim_start) {
            methods.push(match mechanism {
                "PLAIN" | "LOGIN" => Authentication::PasswordCleartext,
                "CRAM-MD5" => Authentication::PasswordEncrypted,
                "GSSAPI" => Authentication::Gssapi,
                "XOAUTH2" => Authentication::OAuth2,
                other => {
                    let message = format!("auth_mechanisms has {}: offlineimap does not start", shown(other));
                    self.complain(codes::WRONG_VALUE, "auth_mechanisms", message, "write PLAIN, LOGIN");
                    return None;
                }
            });
        }
        methods.first().copied()
    }

    /// The file's authorities replace the system's, which `OS-DEFAULT` selects.
    fn trust(&mut self, files: &[SourceFile<'_>]) -> Vec<Certificate> {
        let place = self.values.place_of("sslcacertfile");
        let named = match (self.text("sslcacertfile"), self.values.entry("cert_fingerprint")) {
            (Some(named), _) => named,
            (None, Some(entry)) => {
                let reason = "it identifies the server's certificate instead of an authority";
                self.ignored.push(Ignored::of("cert_fingerprint", entry.place, reason));
                return Vec::new();
            }
            (None, None) => {
                let message = "neither sslcacertfile nor cert_fingerprint: offlineimap does not connect";
                self.complain(codes::INCOMPLETE, "sslcacertfile", message, "write sslcacertfile = OS-DEFAULT");
                return Vec::new();
            }
        };
        if named == "OS-DEFAULT" {
            return Vec::new();
        }
        let (trust, ignored) = pem::of_named_file("sslcacertfile", Some((&named, place)), files);
        self.ignored.extend(ignored);
        trust
    }

    /// Local deletions reach the server unless one of two keys prevents it.
    fn deletions(&mut self, local: Values<'_>) -> Option<()> {
        let keeps = self.values.switch("readonly", false, self.findings)?
            || !local.switch("sync_deletes", true, self.findings)?;
        if !keeps && self.values.entry("readonly").is_none() && local.entry("sync_deletes").is_none() {
            let value = "no: a message that is deleted locally is deleted on the server";
            self.assumed.push(Assumption::of("readonly", value, SOURCE));
        }
        Some(())
    }

    /// offlineimap ignores unknown keys. `[DEFAULT]` may hold some that the person defined.
    fn misspelt(&mut self) {
        let known: Vec<&str> = KEYS.split(' ').collect();
        for entry in &self.values.section.entries {
            let key = entry.key.to_lowercase();
            let Some(near) = nearest(&key, &known).filter(|near| *near != key) else { continue };
            let message = format!("{} is ignored", shown(&entry.key));
            self.findings.add(codes::UNKNOWN_KEY, Some(entry.place), message, format!("did you mean {near}?"));
        }
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.values.get(key, self.findings).map(|(text, _)| text)
    }

    fn complain(&mut self, code: &'static Code, key: &str, message: impl Into<String>, fix: &str) {
        self.findings.add(code, Some(self.values.place_of(key)), message, fix);
    }
}

const SOURCE: &str = "offlineimap.conf of offlineimap 8.0.0";
/// More than any real value has. configparser stops at ten nested values.
const REPLACEMENTS_MAX: u32 = 100;

/// The keys of a repository that mail comes from, as the sample configuration has them.
const KEYS: &str = "auth_mechanisms cert_fingerprint copy_ignore_eval createfolders decodefoldernames \
     dynamic_folderfilter expunge folderfilter folderincludes foldersort holdconnectionopen idlefolders ipv6 \
     keepalive maxconnections nametrans newmail_hook oauth2_access_token oauth2_access_token_eval oauth2_client_id \
     oauth2_client_id_eval oauth2_client_secret oauth2_client_secret_eval oauth2_refresh_token \
     oauth2_refresh_token_eval oauth2_request_url preauthtunnel readonly reference remote_identity remotehost \
     remotehosteval remotepass remotepasseval remotepassfile remoteport remoteporteval remoteuser remoteusereval \
     retrycount sep singlethreadperfolder spamfolder ssl ssl_version sslcacertfile sslclientcert sslclientkey \
     startdate starttls subscribedonly sync_deletes tls_level transporttunnel trashfolder type usecompression";
