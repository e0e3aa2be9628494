//! `~/.offlineimaprc`, as offlineimap 8.0.0 reads it (observed, 2026-11): Python's configparser with interpolation,
//! which rejects duplicates. The accounts are those that `[general]` lists. It only receives, by IMAP, and what is
//! deleted locally is deleted on the server unless the file says otherwise. Python in the file is not executed here.

use provost_account::{
    Account, Authentication, Certificate, Code, Endpoint, Findings, Host, Incoming, IncomingProtocol, Place, Protocol,
    Security, Server, SyncWindow, codes::profile as codes, nearest, shown,
};

use crate::contradictions::usual_port;
use crate::ini::{self, Dialect, Entry, Indented, Section, python_text};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
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
        for (name, at) in names {
            profiles.extend(account(name, at, &sections, &logins, files, &mut findings));
        }
    }
    let fix = "name an account under accounts in [general], and write its sections";
    Reading::of_some(profiles, findings, "offlineimap would not fetch mail", fix)
}

/// configparser rejects a file with a repeated section or key, or a key outside a section.
fn said_once(sections: &[Section], findings: &mut Findings) {
    for (at, section) in sections.iter().enumerate() {
        if section.name.is_empty() && !section.entries.is_empty() {
            let message = "a key before the first section: offlineimap rejects the file";
            findings.add(codes::CONFIG_SYNTAX, Some(section.entries[0].place), message, "begin with [general]");
        }
        if at > 0 && sections[..at].iter().any(|other| other.name == section.name) {
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
            let message = format!("no section [{kind}{name}]: offlineimap does not start");
            findings.add(codes::MISSING_KEY, Some(named), message, "write the section, or correct the name");
        }
        found.map(|section| Values::of(section, sections))
    };
    let account = section("Account ", name, listed)?;
    let remote = account.entry("remoterepository").map_or("", |entry| entry.value.as_str());
    let remote = section("Repository ", remote, account.place_of("remoterepository"))?;
    let local = account.entry("localrepository").map_or("", |entry| entry.value.as_str());
    let local = section("Repository ", local, account.place_of("localrepository"))?;
    let mut ignored = Vec::new();
    let sync = window(account, &mut ignored, findings)?;
    let mut repository = Repository { values: remote, findings, assumed: Vec::new(), ignored };
    let (server, trust) = repository.server(files)?;
    repository.deletions(local)?;
    let Repository { mut assumed, ignored, .. } = repository;
    let (login, host) = (server.login.as_ref(), remote.section.value("remotehost").unwrap_or(""));
    let address = logins.whose(login, host, remote.section.place, &mut assumed, findings);
    let incoming = vec![Incoming { protocol: IncomingProtocol::Imap, server }];
    let account = Account { incoming, trust, sync, ..Account::of(address) };
    let label = Some(name.to_owned());
    let mut understood = Understood { label, assumed, ignored, ..Understood::of("offlineimap", account) };
    let value = |values: Values<'_>, key: &str| values.entry(key).map(|entry| entry.value.clone());
    understood.said = SAID.split(' ').filter_map(|key| Some(Said::new(key, value(remote, key)?))).collect();
    understood.said.extend(value(local, "sync_deletes").map(|switch| Said::new("sync_deletes", switch)));
    if let Some(expression) = value(remote, "remotepasseval") {
        understood.asks([program(files).unwrap_or(expression)]);
    }
    Some(understood)
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
const SAID: &str = "cert_fingerprint expunge folderfilter maxconnections proxy readonly sslclientcert sslclientkey";

/// The repository that mail comes from.
struct Repository<'a> {
    values: Values<'a>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl Repository<'_> {
    fn server(&mut self, files: &[SourceFile<'_>]) -> Option<(Server, Vec<Certificate>)> {
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
        for key in ["preauthtunnel", "transporttunnel", "remotehosteval", "remoteporteval"] {
            if self.values.entry(key).is_some() {
                let message = format!("{key}: a program provides the server, and no program is run here");
                self.complain(codes::UNPROVEN_MAPPING, key, message, "write remotehost and remoteport");
                return None;
            }
        }
        let host = self.host(usual_host);
        let security = self.security()?;
        let port = match self.text("remoteport") {
            Some(text) => spelling::port("remoteport", &text, self.values.place_of("remoteport"), self.findings),
            None => {
                let port = usual_port(Protocol::Imap, security);
                self.complain(codes::MISSING_PORT, "remoteport", "no remoteport", "write the port");
                self.assumed.push(Assumption::of("remoteport", port, SOURCE));
                Some(port)
            }
        };
        let authentication = self.authentication()?;
        let login = match (self.values.entry("remoteusereval"), self.text("remoteuser")) {
            (Some(entry), _) => {
                let reason = "a Python expression, which is not run here";
                self.ignored.push(Ignored::of("remoteusereval", entry.place, reason));
                None
            }
            (None, Some(text)) => {
                spelling::login("remoteuser", &text, self.values.place_of("remoteuser"), self.findings)
            }
            (None, None) => {
                self.complain(codes::MISSING_USERNAME, "remoteuser", "no remoteuser", "write the login name");
                self.assumed.push(Assumption::of("remoteuser", "that of ~/.netrc", SOURCE));
                None
            }
        };
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
        let endpoint = Endpoint { host: host?, port: port?, security, authentication };
        Some((Server { endpoint, login, password }, trust))
    }

    fn host(&mut self, usual: Option<&str>) -> Option<Host> {
        let place = self.values.place_of("remotehost");
        let text = match (self.text("remotehost"), usual) {
            (Some(text), _) => text,
            (None, Some(usual)) => {
                self.assumed.push(Assumption::of("remotehost", usual, SOURCE));
                usual.to_owned()
            }
            (None, None) => String::new(),
        };
        spelling::host("remotehost", &text, place, self.findings)
    }

    /// `ssl` is TLS from the first byte; `starttls` counts only without it.
    fn security(&mut self) -> Option<Security> {
        for (key, value) in [("ssl", "yes"), ("starttls", "yes")] {
            if self.values.entry(key).is_none() && (key == "ssl" || self.values.entry("ssl").is_some()) {
                self.assumed.push(Assumption::of(key, value, SOURCE));
            }
        }
        let fix = "write ssl = yes, and the port of TLS";
        if self.values.switch("ssl", true, self.findings)? {
            return Some(Security::ImplicitTls);
        }
        if !self.values.switch("starttls", true, self.findings)? {
            self.complain(codes::CLEARTEXT, "ssl", "ssl and starttls are off", fix);
            return Some(Security::Cleartext);
        }
        let message = "STARTTLS: if the server does not offer it, offlineimap logs in without TLS";
        self.complain(codes::CLEARTEXT, "ssl", message, fix);
        let message = "STARTTLS: offlineimap checks no certificate then, whatever sslcacertfile says";
        self.complain(codes::ANY_CERTIFICATE, "ssl", message, fix);
        Some(Security::StartTls)
    }

    /// The first mechanism in the file. Without one, offlineimap uses what the server offers.
    fn authentication(&mut self) -> Option<Authentication> {
        let Some(text) = self.text("auth_mechanisms") else { return Some(Authentication::PasswordCleartext) };
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
                let message = "no sslcacertfile: offlineimap does not connect";
                self.complain(codes::MISSING_KEY, "sslcacertfile", message, "write sslcacertfile = OS-DEFAULT");
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
