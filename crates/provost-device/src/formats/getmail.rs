//! `getmailrc`, as getmail 6.18.11 reads it (observed, 2026-11; `fixtures/keywords`): Python's configparser without
//! interpolation, one retriever. It only receives, and keeps mail on the server unless `delete` is on. It has no STARTTLS.
//! What Python would evaluate is not followed, nor is `~/.netrc` read.

mod parameters;

use provost_account::{
    Account, Authentication, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login, Port, Security, Server,
    codes::profile as codes, shown,
};

use crate::contradictions::usual_port;
use crate::formats::getmail::parameters::{COMMON, DESTINATIONS, Kind, OPTIONS, Parameter, of_retriever};
use crate::ini::{self, Dialect, Entry, Indented, Section, python_text};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Said, Understood};

/// By the name, or by a section `[retriever]`.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    file.path.ends_with("getmailrc") || text.lines().any(|line| line.trim() == "[retriever]")
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let dialect = Dialect { comments: &['#', ';'], separators: &['=', ':'], indented: Indented::Continuation };
    let sections = files.first().and_then(|file| ini::parse(file.bytes, dialect, &mut findings));
    let file = Configuration { sections: sections.into_iter().flatten().collect() };
    file.check(&mut findings);
    let profiles: Vec<Understood> = match file.section("retriever") {
        Some(retriever) => {
            file.check_destination(retriever, &mut findings);
            let read = understood(retriever, &file, person, files, &mut findings);
            let with_options = |read: Understood| {
                let said = file.section("options").map_or_else(Vec::new, |options| said(options, OPTIONS));
                Understood { said: [read.said, said].concat(), ..read }
            };
            read.map(with_options).into_iter().collect()
        }
        None => Vec::new(),
    };
    if let Some(entry) = file.option("delete").filter(|it| is_true(&it.value)) {
        let message = "delete is on: mail is removed from the server as soon as it is fetched";
        findings.add(codes::REMOVES_MAIL, Some(entry.place), message, "write delete = false");
    }
    let fix = "add a section [retriever] with type, server, port and username";
    Reading::of_some(profiles, findings, "getmail would not fetch mail", fix)
}

/// The sections of a file, of which getmail reads some.
#[derive(Debug)]
struct Configuration {
    sections: Vec<Section>,
}

impl Configuration {
    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// An option, or its default. Without a section of options the defaults are not looked at.
    fn option(&self, key: &str) -> Option<&Entry> {
        let options = self.section("options")?;
        options.get(key).or_else(|| self.section("DEFAULT")?.get(key))
    }

    /// Whether the login name and the password come from `~/.netrc`.
    fn netrc(&self) -> Option<&Entry> {
        self.option("use_netrc").filter(|entry| is_true(&entry.value))
    }

    /// What Python's parser rejects, and what nothing reads.
    fn check(&self, findings: &mut Findings) {
        for (at, section) in self.sections.iter().enumerate() {
            if let Some(first) = section.entries.first().filter(|_| section.name.is_empty()) {
                let message = "a line before the first section: getmail ends with MissingSectionHeaderError";
                findings.add(codes::CONFIG_SYNTAX, Some(first.place), message, "write [retriever] above it");
            }
            let name = shown(&section.name);
            if self.sections[..at].iter().any(|other| other.name == section.name && other.name != "DEFAULT") {
                let message = format!("the section {name} is there twice: getmail ends with DuplicateSectionError");
                findings.add(codes::CONFIG_SYNTAX, Some(section.place), message, "write its lines in one section");
            }
            for (at, entry) in section.entries.iter().enumerate() {
                if section.entries[..at].iter().any(|other| other.key.eq_ignore_ascii_case(&entry.key)) {
                    let key = shown(&entry.key);
                    let message =
                        format!("{key} is there twice in the section {name}: getmail ends with DuplicateOptionError");
                    findings.add(codes::CONFIG_SYNTAX, Some(entry.place), message, "remove one of them");
                }
            }
            if !self.is_read(&section.name) {
                let message = format!("getmail reads no section {name}, so its lines have no effect");
                let fix = spelling::did_you_mean(&section.name, SECTIONS);
                findings.add(codes::UNKNOWN_KEY, Some(section.place), message, fix);
            }
        }
        for section in self.sections.iter().filter(|it| it.name == "options" || it.name == "DEFAULT") {
            // The defaults reach the options, and nothing else.
            check_values(section, &[OPTIONS], "option", findings);
        }
    }

    /// Whether getmail looks at a section: by its name, or since a destination names it as `[name]`.
    fn is_read(&self, name: &str) -> bool {
        let reference = format!("[{name}]");
        name.is_empty()
            || SECTIONS.contains(&name)
            || name.to_lowercase().starts_with("filter")
            || self.sections.iter().flat_map(|it| &it.entries).any(|entry| entry.value.contains(&reference))
    }

    /// getmail refuses a file that does not say where mail goes.
    fn check_destination(&self, retriever: &Section, findings: &mut Findings) {
        let fix = "add a section [destination] with type and path";
        let Some(destination) = self.section("destination") else {
            return findings.add(
                codes::MISSING_KEY,
                Some(retriever.place),
                "the section [destination] is missing",
                fix,
            );
        };
        match destination.get("type") {
            None => findings.add(codes::MISSING_KEY, Some(destination.place), "type is missing", fix),
            Some(kind) if !DESTINATIONS.contains(&kind.value.as_str()) => {
                let fix = spelling::did_you_mean(&kind.value, DESTINATIONS);
                findings.add(codes::WRONG_VALUE, Some(kind.place), format!("type is {}", shown(&kind.value)), fix);
            }
            Some(_) => {}
        }
    }
}

fn understood(
    retriever: &Section,
    file: &Configuration,
    person: &Person,
    files: &[SourceFile<'_>],
    findings: &mut Findings,
) -> Option<Understood> {
    let mut assumed = Vec::new();
    let at = |key: &str| retriever.place_of(key);
    let (protocol, security) = kind(retriever, findings)?;
    check_values(retriever, &[COMMON, of_retriever(protocol, security)], "parameter", findings);
    let server = required(retriever, "server", "write the server's name", findings)?;
    let host = spelling::host("server", server, at("server"), findings);
    if security == Security::Cleartext && !host.as_ref().is_some_and(Host::is_loopback) {
        let message = format!("{} has no TLS", retriever.value("type").expect("it has a kind"));
        let fix = "write SimpleIMAPSSLRetriever or SimplePOP3SSLRetriever";
        findings.add(codes::CLEARTEXT, Some(at("type")), message, fix);
    }
    let port = port(retriever, (protocol, security), &mut assumed, findings);
    let login = login(retriever, file, findings)?;
    let fix = "use password_command";
    let password = retriever.get("password").map(|entry| spelling::password(&entry.value, entry.place, fix, findings));
    // They replace the system's.
    let named = retriever.get("ca_certs").map(|entry| (entry.value.as_str(), entry.place));
    let (trust, ignored) = pem::of_named_file("ca_certs", named, files);
    let address = Logins::only(person).whose(login.as_ref(), "", retriever.place, &mut assumed, findings);
    let authentication = authentication(retriever, protocol);
    let endpoint = Endpoint { host: host?, port: port?, security, authentication };
    let incoming = vec![Incoming { protocol, server: Server { endpoint, login, password } }];
    let account = Account { incoming, trust, ..Account::of(address) };
    let said = [said(retriever, COMMON), said(retriever, of_retriever(protocol, security))].concat();
    let mut understood = Understood { assumed, ignored, said, ..Understood::of("getmail", account) };
    understood.asks(retriever.value("password_command").map(|command| {
        // A shell command is shown by itself; any other program as the tuple that is written.
        let shell = command.strip_prefix("(\"sh\", \"-c\", ").and_then(|rest| rest.strip_suffix(')'));
        shell.and_then(python_text).unwrap_or_else(|| command.to_owned())
    }));
    Some(understood)
}

/// The protocol, and whether there is TLS.
fn kind(retriever: &Section, findings: &mut Findings) -> Option<(IncomingProtocol, Security)> {
    let kind = required(retriever, "type", "write SimpleIMAPSSLRetriever", findings)?;
    let protocol = match kind {
        "SimpleIMAPSSLRetriever" | "MultidropIMAPSSLRetriever" | "SimpleIMAPRetriever" | "MultidropIMAPRetriever" => {
            IncomingProtocol::Imap
        }
        "SimplePOP3SSLRetriever"
        | "BrokenUIDLPOP3SSLRetriever"
        | "MultidropPOP3SSLRetriever"
        | "SimplePOP3Retriever"
        | "BrokenUIDLPOP3Retriever"
        | "MultidropPOP3Retriever"
        | "MultidropSDPSRetriever" => IncomingProtocol::Pop3,
        _ => {
            return spelling::wrong("type", kind, retriever.place_of("type"), "write SimpleIMAPSSLRetriever", findings);
        }
    };
    if kind.starts_with("Multidrop") && kind != "MultidropSDPSRetriever" {
        required(
            retriever,
            "envelope_recipient",
            "write the header field with the recipient, such as X-Envelope-To:1",
            findings,
        );
    }
    Some((protocol, if kind.contains("SSL") { Security::ImplicitTls } else { Security::Cleartext }))
}

fn required<'s>(section: &'s Section, key: &str, fix: &str, findings: &mut Findings) -> Option<&'s str> {
    let missing = || format!("{key} is missing");
    section.value(key).or_else(|| findings.refuse(codes::MISSING_KEY, Some(section.place), missing(), fix))
}

/// The port, which Python evaluates: `"993"` is one as well.
fn port(
    retriever: &Section,
    (protocol, security): (IncomingProtocol, Security),
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<Port> {
    let Some(entry) = retriever.get("port") else {
        let port = usual_port(protocol.into(), security);
        assumed.push(Assumption::of("port", port, SOURCE));
        return Some(port);
    };
    let text = python_text(&entry.value).unwrap_or_else(|| entry.value.clone());
    if !text.bytes().all(|it| it.is_ascii_digit()) {
        // Said by the check of the values.
        return None;
    }
    spelling::port("port", &text, entry.place, findings)
}

/// The login name. `Some(None)`: `~/.netrc` may have it.
fn login(retriever: &Section, file: &Configuration, findings: &mut Findings) -> Option<Option<Login>> {
    if let Some(entry) = file.netrc() {
        let why = "~/.netrc may have another login name, and the password";
        spelling::not_followed("use_netrc", why, entry.place, findings);
        if retriever.get("username").is_none() {
            return Some(None);
        }
    }
    let text = required(retriever, "username", "write the login name", findings)?;
    spelling::login("username", text, retriever.place_of("username"), findings).map(Some)
}

/// The first that is on, in the order in which getmail asks.
fn authentication(retriever: &Section, protocol: IncomingProtocol) -> Authentication {
    let is_on = |key: &str| retriever.value(key).is_some_and(is_true);
    match protocol {
        IncomingProtocol::Imap if is_on("use_kerberos") => Authentication::Gssapi,
        IncomingProtocol::Imap if is_on("use_cram_md5") => Authentication::PasswordEncrypted,
        IncomingProtocol::Imap if is_on("use_xoauth2") => Authentication::OAuth2,
        IncomingProtocol::Pop3 if is_on("use_apop") => Authentication::PasswordEncrypted,
        IncomingProtocol::Imap | IncomingProtocol::Pop3 => Authentication::PasswordCleartext,
    }
}

/// Values that getmail does not take, and keys that it does not know.
fn check_values(section: &Section, known: &[&[Parameter]], what: &str, findings: &mut Findings) {
    for entry in &section.entries {
        let parameter = known.iter().copied().flatten().find(|it| it.name.eq_ignore_ascii_case(&entry.key));
        let Some(parameter) = parameter else {
            let names: Vec<&str> = known.iter().copied().flatten().map(|it| it.name).collect();
            let message = format!("getmail knows no {what} {} here", shown(&entry.key));
            let fix = spelling::did_you_mean(&entry.key, &names);
            findings.add(codes::UNKNOWN_KEY, Some(entry.place), message, fix);
            continue;
        };
        let instead = match parameter.kind {
            Kind::Text => None,
            Kind::Switch if is_true(&entry.value) || is_false(&entry.value) => None,
            Kind::Switch => Some("write true or false"),
            Kind::Integer if entry.value.trim().parse::<i64>().is_ok() => None,
            Kind::Integer => Some("write a number"),
            Kind::Evaluated(instead) => match parameters::evaluated(parameter.name, &entry.value) {
                parameters::Evaluated::Taken => None,
                parameters::Evaluated::Rejected => Some(instead),
                parameters::Evaluated::Unknown => {
                    let what = format!("{} = {}", parameter.name, shown(&entry.value));
                    spelling::not_followed(&what, "Python evaluates it", entry.place, findings);
                    None
                }
            },
        };
        if let Some(fix) = instead {
            findings.add(
                codes::WRONG_VALUE,
                Some(entry.place),
                format!("{} is {}", parameter.name, shown(&entry.value)),
                fix,
            );
        }
    }
}

/// Keys that affect the connection, or what stays on the server.
fn said(section: &Section, parameters: &[Parameter]) -> Vec<Said> {
    let shown = parameters.iter().filter(|it| it.is_shown);
    shown.filter_map(|it| Some(Said::new(it.name, section.value(it.name)?))).collect()
}

/// What getmail accepts as true.
fn is_true(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "true" | "yes" | "on" | "1")
}

fn is_false(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "false" | "no" | "off" | "0")
}

/// What getmail reads, besides filters and what destinations name.
const SECTIONS: &[&str] = &["DEFAULT", "destination", "options", "retriever"];

const SOURCE: &str = "getmail6 6.18.11, getmailcore/retrievers.py";
