//! `accounts.conf`, as aerc reads it (0.14 observed, 0.22 by its sources, 2026-11): each section is an account, with a URL
//! to receive from and one to send through. `smtp://` is STARTTLS since 0.15; before, only together with `smtp-starttls`.

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Incoming, IncomingProtocol, Login, Place,
    Protocol, Security, Server, codes::profile as codes, shown,
};

use crate::as_version::AsVersion;
use crate::ini::{self, Dialect, Indented, Section};
use crate::mailbox::mailbox;
use crate::person::Person;
use crate::reading::Reading;
use crate::server_url::ServerUrl;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::understood::{Assumption, Ignored, Understood};

/// By the name, or by a URL to receive from.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let is_source = |line: &str| {
        let value = line.trim_start().strip_prefix("source").and_then(|rest| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim_start().starts_with("imap"))
    };
    file.path.ends_with("accounts.conf") || text.lines().any(is_source)
}

/// Reads the file. Which authorities aerc trusts depends on how it is started, and is unknown here.
pub(super) fn read(files: &[SourceFile<'_>], _: &Person, version: Option<AsVersion>) -> Reading {
    let mut findings = Findings::default();
    let dialect = Dialect { comments: &['#', ';'], separators: &['=', ':'], indented: Indented::Line };
    let sections = files.first().and_then(|file| ini::parse(&in_one_line(file.bytes), dialect, &mut findings));
    let mut profiles = Vec::new();
    for section in sections.iter().flatten().filter(|section| !["", "DEFAULT"].contains(&section.name.as_str())) {
        profiles.extend(
            Reader { section, version, assumed: Vec::new(), commands: Vec::new(), findings: &mut findings }
                .understood(),
        );
    }
    let fix = "add a section with source, outgoing and from";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

/// The text with each value in the line in which it begins: a backslash at its end takes the next line, and what is
/// between `"""` is one value. Lines stay where they are.
fn in_one_line(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let mut joined = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let value = line.split_once(['=', ':']).map(|(_, value)| value.trim());
        let is_key = value.is_some() && !line.trim_start().starts_with(['#', ';', '[']);
        let opens = is_key && value.is_some_and(|value| value.starts_with(MARK) && value.matches(MARK).count() == 1);
        let mut whole = line.to_owned();
        let mut taken = 0;
        while if opens { whole.matches(MARK).count() < 2 } else { is_key && whole.trim_end().ends_with('\\') } {
            let Some(next) = lines.next() else { break };
            let kept = if opens { whole.trim_end() } else { whole.trim_end().trim_end_matches('\\') };
            whole = format!("{kept}{}{}", if opens { " " } else { "" }, next.trim());
            taken += 1;
        }
        joined.push_str(&whole);
        joined.push_str(&"\n".repeat(taken + 1));
    }
    joined.into_bytes()
}

const MARK: &str = "\"\"\"";

struct Reader<'a> {
    section: &'a Section,
    version: Option<AsVersion>,
    assumed: Vec<Assumption>,
    /// The commands that print the passwords.
    commands: Vec<String>,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn understood(mut self) -> Option<Understood> {
        let mut ignored = Vec::new();
        let (source, source_at) = self.required("source")?;
        let (from, from_at) = self.required("from")?;
        let incoming = match ServerUrl::of(&source) {
            Some(url) if url.scheme.starts_with("imap") => Some(self.server("source", &url, source_at)?),
            Some(url) if url.scheme.starts_with("jmap") => {
                let why = "JMAP is another protocol, whose server says the rest";
                spelling::not_followed(&format!("source {}", shown(url.scheme)), why, source_at, self.findings);
                None
            }
            _ => {
                let reason = "mail that another program fetches is not evaluated here".to_owned();
                ignored.push(Ignored::of("source", source_at, reason));
                None
            }
        };
        let outgoing = match self.value("outgoing") {
            Some((text, place)) => match ServerUrl::of(&text) {
                Some(url) if url.scheme.starts_with("smtp") => Some(self.server("outgoing", &url, place)?),
                Some(url) if url.scheme.starts_with("jmap") => {
                    let why = "JMAP is another protocol, whose server says the rest";
                    spelling::not_followed(&format!("outgoing {}", shown(url.scheme)), why, place, self.findings);
                    None
                }
                _ => {
                    let reason = "mail that another program sends is not evaluated here".to_owned();
                    ignored.push(Ignored::of("outgoing", place, reason));
                    None
                }
            },
            None => None,
        };
        if let Some((text, place)) = self.value("outgoing-cred-cmd-cache").filter(|(text, _)| !is_bool(text)) {
            let message = format!("outgoing-cred-cmd-cache is {}: aerc does not start", shown(&text));
            return self.findings.refuse(codes::WRONG_VALUE, Some(place), message, "write true or false");
        }
        let (name, address) = said_by_aerc(&from);
        let address = spelling::address("from", address, from_at, self.findings)?;
        let aliases = match self.value("aliases") {
            Some((text, place)) => self.aliases(&text, place),
            None => Vec::new(),
        };
        let incoming = incoming.map(|server| Incoming { protocol: IncomingProtocol::Imap, server });
        let account = Account {
            full_name: name.as_deref().and_then(|name| DisplayName::try_from(name).ok()),
            aliases,
            incoming: incoming.into_iter().collect(),
            outgoing: outgoing.into_iter().collect(),
            ..Account::of(address)
        };
        let (label, assumed) = (Some(self.section.name.clone()), self.assumed);
        let mut understood = Understood { label, assumed, ignored, ..Understood::of("aerc", account) };
        understood.asks(self.commands);
        Some(understood)
    }

    /// aerc does not start without it.
    fn required(&mut self, key: &str) -> Option<(String, Place)> {
        let found = self.value(key).filter(|(text, _)| !text.is_empty());
        if found.is_none() && !self.findings.has_error() {
            let message = format!("the account {} has no {key}: aerc does not start", shown(&self.section.name));
            self.findings.add(codes::MISSING_KEY, Some(self.section.place), message, format!("write {key}"));
        }
        found
    }

    /// A value without the comment after it and the quotation marks around it.
    fn value(&mut self, key: &str) -> Option<(String, Place)> {
        let entry = self.section.entries.iter().rev().find(|entry| entry.key == key)?;
        let text = entry.value.as_str();
        for mark in ["\"\"\"", "`"] {
            if let Some((inside, _)) = text.strip_prefix(mark).and_then(|inside| inside.rsplit_once(mark)) {
                return Some((inside.to_owned(), entry.place));
            }
        }
        let without = text.find(['#', ';']).map_or(text, |at| text[..at].trim_end());
        if without.len() < text.len() && COMMANDS_AND_URLS.contains(&key) {
            let message = format!("{key} ends before {}, where a comment begins", &text[without.len()..].trim()[..1]);
            let fix = "write the value between \"\"\" and \"\"\"";
            self.findings.add(codes::VALUE_CUT, Some(entry.place), message, fix);
        }
        let inside = ['"', '\''].iter().find_map(|mark| {
            let inside = without.strip_prefix(*mark)?.strip_suffix(*mark)?;
            (!inside.contains(*mark)).then_some(inside)
        });
        Some((inside.unwrap_or(without).to_owned(), entry.place))
    }

    fn server(&mut self, key: &str, url: &ServerUrl<'_>, place: Place) -> Option<Server> {
        let (security, authentication) = self.scheme(key, url, place)?;
        if url.odd_user().is_some() {
            let message = format!("{key}: the user in the URL has characters that a URL does not have");
            let fix = "write them percent-encoded: %40 is @";
            return self.findings.refuse(codes::WRONG_VALUE, Some(place), message, fix);
        }
        let host = spelling::host("the host", url.host, place, self.findings);
        let port = match url.port {
            Some(text) => spelling::port("the port", text, place, self.findings),
            None => {
                let protocol = if key == "source" { Protocol::Imap } else { Protocol::Submission };
                // Without TLS too, submission is on 587.
                let port = match (protocol, security) {
                    (Protocol::Submission, Security::Cleartext) => protocol.registered(Security::StartTls).port,
                    (Protocol::Imap | Protocol::Pop3 | Protocol::Submission, _) => protocol.registered(security).port,
                };
                self.assumed.push(Assumption::of(format_args!("port of {key}"), port, MANUAL));
                Some(port)
            }
        };
        let login: Option<Login> = match url.user().filter(|user| !user.is_empty()) {
            Some(user) => spelling::login(&format!("the user of {key}"), &user, place, self.findings),
            None => {
                if authentication != Authentication::None {
                    let message = format!("no user in {key}");
                    self.findings.add(codes::MISSING_USERNAME, Some(place), message, "write it before the host: USER@");
                }
                None
            }
        };
        let password = url.password().map(|text| {
            let fix = format!("write {key}-cred-cmd");
            spelling::password(&text, place, fix, self.findings)
        });
        let command = self.value(&format!("{key}-cred-cmd"));
        if password.is_none() && login.is_some() && command.is_none() {
            let value = "none: aerc logs in with an empty password";
            self.assumed.push(Assumption::of(format_args!("{key}-cred-cmd"), value, MANUAL));
        }
        self.commands.extend(command.map(|(command, _)| command));
        Some(Server { endpoint: Endpoint { host: host?, port: port?, security, authentication }, login, password })
    }

    /// `imaps`, `smtp+login`, `smtp+insecure+none`: the kind of TLS, and the way to log in (`ParseScheme`).
    fn scheme(&mut self, key: &str, url: &ServerUrl<'_>, place: Place) -> Option<(Security, Authentication)> {
        let mut parts = url.scheme.split('+');
        let protocol = parts.next().expect("a text has a first part");
        let (insecure, ways): (Vec<&str>, Vec<&str>) = parts.partition(|part| *part == "insecure");
        let own = if key == "source" { "imap" } else { "smtp" };
        let ([] | [_]) = ways[..] else { return self.unknown_scheme(key, url, place) };
        let security = match (protocol.strip_prefix(own), insecure.is_empty()) {
            (Some("s"), true) => Security::ImplicitTls,
            (Some("s"), false) => {
                let message = format!("{key}: +insecure accepts any certificate");
                self.findings.add(codes::ANY_CERTIFICATE, Some(place), message, "remove +insecure");
                Security::ImplicitTls
            }
            (Some(""), true) if own == "smtp" && self.sends_in_clear() => {
                let message = "aerc before 0.15 sends without TLS if smtp:// has no smtp-starttls";
                self.findings.add(codes::CLEARTEXT, Some(place), message, "write smtps://, or smtp-starttls = yes");
                Security::Cleartext
            }
            (Some(""), true) => Security::StartTls,
            (Some(""), false) => {
                if !spelling::is_loopback(url.host) {
                    let message = format!("{key} asks for a connection without TLS");
                    self.findings.add(codes::CLEARTEXT, Some(place), message, format!("write {own}s://"));
                }
                Security::Cleartext
            }
            (Some(_) | None, _) => return self.unknown_scheme(key, url, place),
        };
        let authentication = match ways.first().copied() {
            None | Some("plain" | "login") => Authentication::PasswordCleartext,
            Some("oauthbearer" | "xoauth2") => Authentication::OAuth2,
            Some("none") if key == "outgoing" => Authentication::None,
            Some(_) => return self.unknown_scheme(key, url, place),
        };
        Some((security, authentication))
    }

    /// What `smtp://` was before 0.15.
    fn sends_in_clear(&mut self) -> bool {
        let is_on = self.value("smtp-starttls").is_some_and(|(text, _)| text == "yes" || text == "true");
        self.version.is_some_and(|version| version.is_before("0.15")) && !is_on
    }

    fn unknown_scheme<T>(&mut self, key: &str, url: &ServerUrl<'_>, place: Place) -> Option<T> {
        let message = format!("{key} has the scheme {}", shown(url.scheme));
        let fix = if key == "source" { "write imaps:// or imap://" } else { "write smtps:// or smtp://" };
        self.findings.refuse(codes::WRONG_VALUE, Some(place), message, fix)
    }

    fn aliases(&mut self, text: &str, place: Place) -> Vec<EmailAddress> {
        let parts = text.split(',').map(|part| mailbox(part).1).filter(|address| !address.is_empty());
        parts.filter_map(|address| spelling::address("aliases", address, place, self.findings)).collect()
    }
}

/// A name and an address. aerc writes a name without backslashes, and `'` for a quotation mark.
fn said_by_aerc(text: &str) -> (Option<String>, &str) {
    let (name, address) = mailbox(text);
    let name = name.replace('\\', "").replace('"', "'");
    (Some(name).filter(|name| !name.is_empty()), address)
}

/// As Go's `strconv.ParseBool` has it.
fn is_bool(text: &str) -> bool {
    ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"].contains(&text)
}

/// Where a comment begins by accident, something breaks.
const COMMANDS_AND_URLS: &[&str] = &["source", "outgoing", "source-cred-cmd", "outgoing-cred-cmd", "from"];
const MANUAL: &str = "aerc-accounts(5), aerc-imap(5), aerc-smtp(5), aerc 0.22";
