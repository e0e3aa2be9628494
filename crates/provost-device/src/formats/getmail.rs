//! `getmailrc`, as getmail 6.18.11 reads it (observed, 2026-11): Python's configparser without interpolation, one retriever.
//! It only receives, and keeps mail on the server unless `delete` is on. It has no STARTTLS.

use provost_account::{
    Account, Authentication, Endpoint, Findings, Incoming, IncomingProtocol, Secret, Security, Server,
    codes::profile as codes,
};

use crate::contradictions::usual_port;
use crate::ini::{self, Dialect, Indented, Section, python_text};
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
    let section = |name: &str| sections.iter().flatten().find(|section| section.name == name);
    let profiles: Vec<Understood> = match section("retriever") {
        Some(retriever) => {
            let read = understood(retriever, person, files, &mut findings);
            let with_options = |read: Understood| {
                let said = section("options").map_or_else(Vec::new, |options| said(options, OPTIONS));
                Understood { said: [read.said, said].concat(), ..read }
            };
            read.map(with_options).into_iter().collect()
        }
        None => Vec::new(),
    };
    if let Some(entry) = section("options").and_then(|options| options.get("delete")).filter(|it| is_true(&it.value)) {
        let message = "delete is on: mail is removed from the server as soon as it is fetched";
        findings.add(codes::REMOVES_MAIL, Some(entry.place), message, "write delete = false");
    }
    let fix = "add a section [retriever] with type, server, port and username";
    Reading::of_some(profiles, findings, "getmail would not fetch mail", fix)
}

fn understood(
    retriever: &Section,
    person: &Person,
    files: &[SourceFile<'_>],
    findings: &mut Findings,
) -> Option<Understood> {
    let mut assumed = Vec::new();
    let at = |key: &str| retriever.place_of(key);
    let kind = retriever.value("type").unwrap_or("");
    let (protocol, security) = match kind {
        "SimpleIMAPSSLRetriever" | "MultidropIMAPSSLRetriever" => (IncomingProtocol::Imap, Security::ImplicitTls),
        "SimplePOP3SSLRetriever" | "BrokenUIDLPOP3SSLRetriever" | "MultidropPOP3SSLRetriever" => {
            (IncomingProtocol::Pop3, Security::ImplicitTls)
        }
        "SimpleIMAPRetriever" | "MultidropIMAPRetriever" => (IncomingProtocol::Imap, Security::Cleartext),
        "SimplePOP3Retriever" | "BrokenUIDLPOP3Retriever" | "MultidropPOP3Retriever" => {
            (IncomingProtocol::Pop3, Security::Cleartext)
        }
        _ => return spelling::wrong("type", kind, at("type"), "write SimpleIMAPSSLRetriever", findings),
    };
    if security == Security::Cleartext {
        let message = format!("{kind} has no TLS");
        let fix = "write SimpleIMAPSSLRetriever or SimplePOP3SSLRetriever";
        findings.add(codes::CLEARTEXT, Some(at("type")), message, fix);
    }
    let host = spelling::host("server", retriever.value("server").unwrap_or(""), at("server"), findings);
    let port = match retriever.value("port") {
        Some(text) => spelling::port("port", text, at("port"), findings),
        None => {
            let port = usual_port(protocol.into(), security);
            findings.add(codes::MISSING_PORT, Some(retriever.place), "no port", "write the port");
            assumed.push(Assumption::of("port", port, SOURCE));
            Some(port)
        }
    };
    let login = match retriever.value("username") {
        Some(text) => spelling::login("username", text, at("username"), findings),
        None => {
            findings.refuse(codes::MISSING_KEY, Some(retriever.place), "username is missing", "write the login name")
        }
    };
    let password = retriever.value("password").map(|text| {
        let fix = "use password_command";
        findings.add(codes::PASSWORD_IN_FILE, Some(at("password")), "the password is in the file", fix);
        Secret::new(text.to_owned())
    });
    let authentication = match retriever.value("use_xoauth2").is_some_and(is_true) {
        true => Authentication::OAuth2,
        false => Authentication::PasswordCleartext,
    };
    // They replace the system's.
    let named = retriever.get("ca_certs").map(|entry| (entry.value.as_str(), entry.place));
    let (trust, ignored) = pem::of_named_file("ca_certs", named, files);
    let address = Logins::only(person).whose(login.as_ref(), "", retriever.place, &mut assumed, findings);
    let endpoint = Endpoint { host: host?, port: port?, security, authentication };
    let incoming = vec![Incoming { protocol, server: Server { endpoint, login, password } }];
    let account = Account { incoming, trust, ..Account::of(address) };
    let said = said(retriever, RETRIEVER);
    let mut understood = Understood { assumed, ignored, said, ..Understood::of("getmail", account) };
    understood.asks(retriever.value("password_command").map(|command| {
        // A shell command is shown by itself; any other program as the tuple that is written.
        let shell = command.strip_prefix("(\"sh\", \"-c\", ").and_then(|rest| rest.strip_suffix(')'));
        shell.and_then(python_text).unwrap_or_else(|| command.to_owned())
    }));
    Some(understood)
}

/// Keys that affect the connection, or what stays on the server.
fn said(section: &Section, keys: &[&str]) -> Vec<Said> {
    keys.iter().filter_map(|key| Some(Said::new(*key, section.value(key)?))).collect()
}

const RETRIEVER: &[&str] = &["certfile", "keyfile", "mailboxes", "ssl_cert_hostname", "ssl_fingerprints"];
const OPTIONS: &[&str] = &["delete", "delete_after", "delete_bigger_than", "read_all"];

/// What getmail accepts as true.
fn is_true(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "true" | "yes" | "on" | "1")
}

const SOURCE: &str = "getmail6 6.18.11, getmailcore/retrievers.py";
