//! `~/.fetchmailrc`, as fetchmail 6.4.37 reads it (observed, 2026-11): every server that is polled, with each of its
//! users. It only receives, and removes what it fetched unless told to keep it. Commands in the file are not run here.

mod grammar;
mod scanner;

use std::net::{IpAddr, Ipv4Addr};

use provost_account::{
    Account, Authentication, Endpoint, Findings, Host, Incoming, IncomingProtocol, Login, Port, Security, Server,
    codes::profile as codes, shown,
};

use crate::contradictions::usual_port;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::{Logins, not_followed};
use crate::understood::{Assumption, Ignored, Said, Understood};
use grammar::User;

/// By the name, or by a poll with a protocol.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let polls = text.lines().any(|line| matches!(line.split_whitespace().next(), Some("poll" | "server" | "skip")));
    let protocol = text.split_whitespace().any(|word| matches!(word, "proto" | "protocol"));
    file.path.ends_with("fetchmailrc") || polls && protocol
}

/// Reads the configuration.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let mut profiles = Vec::new();
    let mut users = grammar::users(bytes, &mut findings).into_iter().flatten().collect::<Vec<User>>();
    for user in users.iter().filter(|user| !user.polled) {
        let message = format!("skip: fetchmail polls {} only if its command line names it", shown(&user.server));
        findings.add(codes::NOT_ACTIVATED, Some(user.place), message, "");
    }
    // Where every server is skipped, the file is for use by their names.
    if users.iter().any(|user| user.polled) {
        users.retain(|user| user.polled);
    }
    idle_with_others(&users, &mut findings);
    let logins = Logins::of(person, users.iter().map(|user| (login_name(user), user.host().0)));
    for user in &users {
        profiles.extend(understood(user, &logins, &mut findings));
    }
    Reading::of_some(profiles, findings, "no server is polled", "write poll and the server")
}

fn login_name(user: &User) -> &str {
    user.value("username").map_or("", |(name, _)| name)
}

/// fetchmail does not start if it is to wait in one mailbox while there is another one.
fn idle_with_others(users: &[User], findings: &mut Findings) {
    let mailboxes: usize = users.iter().map(|user| user.values("folder").len().max(1)).sum();
    if let Some(idle) = users.iter().find(|user| user.switch("idle")).filter(|_| mailboxes > 1) {
        let message = "idle does not work for several folders or accounts: fetchmail does not start";
        let place = idle.value("idle").map(|(_, place)| place);
        findings.add(codes::WRONG_VALUE, place, message, "remove idle, or the other folders and accounts");
    }
}

fn understood(user: &User, logins: &Logins<'_>, findings: &mut Findings) -> Option<Understood> {
    let mut assumed = Vec::new();
    for (name, place) in user.not_utf_8() {
        let why = "it is not UTF-8, and shown as Latin-1";
        not_followed(&format!("the encoding of {name}"), why, place, findings);
    }
    local_delivery(user, findings);
    interface(user, findings);
    let protocol = protocol(user, &mut assumed, findings)?;
    let security = security(user, &mut assumed, findings);
    let port = port(user, protocol, security, &mut assumed, findings);
    let authentication = authentication(user, findings)?;
    let login = login(user, &mut assumed, findings);
    let password =
        user.value("password").map(|(text, at)| spelling::password(text, at, "put it into ~/.netrc", findings));
    if !user.switch("keep") {
        let message = "keep is off: mail is removed from the server as soon as it is fetched";
        findings.add(codes::REMOVES_MAIL, Some(user.place), message, "write keep");
    }
    let (host, at) = user.host();
    let address = logins.whose(login.as_ref(), host, user.place, &mut assumed, findings);
    let named = Host::try_from(host);
    if let Err(error) = &named {
        not_followed(&format!("the server {}", shown(host)), &error.to_string(), at, findings);
    }
    for (name, why) in COMMANDS {
        let Some((command, at)) = user.value(name) else { continue };
        not_followed(&format!("{name} {}", shown(command)), why, at, findings);
    }
    let endpoint = Endpoint { host: named.ok()?, port: port?, security, authentication };
    let incoming = vec![Incoming { protocol, server: Server { endpoint, login, password } }];
    let ignored = ["sslcertfile", "sslcertpath"].into_iter().filter_map(|name| {
        let (path, at) = user.value(name)?;
        Some(Ignored::of(name, at, format_args!("{path} is not available, so its certificates are unknown")))
    });
    let ignored = ignored.collect();
    let said = SAID.iter().filter_map(|name| {
        let values = user.values(name);
        Some(Said::new(*name, if *name == "folder" { values.join(", ") } else { (*values.last()?).to_owned() }))
    });
    let said = said.filter(|said| !said.value.is_empty()).collect();
    let label = user.value("via").map(|_| user.server.clone());
    let account = Account { incoming, ..Account::of(address) };
    Some(Understood { label, assumed, ignored, said, ..Understood::of("fetchmail", account) })
}

/// fetchmail does not start if mail for LMTP would go to the port of SMTP.
fn local_delivery(user: &User, findings: &mut Findings) {
    let Some((_, at)) = user.value("lmtp") else { return };
    let is_of_smtp = |host: &&str| {
        !host.starts_with('/') && host.rsplit_once('/').is_none_or(|(_, port)| matches!(port, "smtp" | "25"))
    };
    let hosts = user.values("smtphost");
    if hosts.is_empty() || hosts.iter().any(is_of_smtp) {
        let message = "lmtp with the port of SMTP: fetchmail does not start";
        findings.add(codes::WRONG_VALUE, Some(at), message, "write smtphost with a port or a socket: localhost/24");
    }
}

/// `interface` is the name of one, an address, and perhaps a mask.
fn interface(user: &User, findings: &mut Findings) {
    let Some((text, at)) = user.value("interface") else { return };
    let mut addresses = text.split('/').skip(1).peekable();
    if addresses.peek().is_none() || addresses.any(|address| address.parse::<Ipv4Addr>().is_err()) {
        let message = format!("interface is {}, without an address: fetchmail rejects the file", shown(text));
        findings.add(codes::WRONG_VALUE, Some(at), message, "write the interface, / and its address");
    }
}

/// `None`: none that is read here, which is a finding.
fn protocol(user: &User, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> Option<IncomingProtocol> {
    match user.value("protocol") {
        Some(("imap", _)) => Some(IncomingProtocol::Imap),
        Some(("pop3" | "apop" | "rpop", _)) => Some(IncomingProtocol::Pop3),
        None | Some(("auto", _)) => {
            assumed.push(Assumption::of("protocol", "auto, which tries IMAP first, then POP3", MANUAL));
            Some(IncomingProtocol::Imap)
        }
        Some((name @ ("etrn" | "odmr"), at)) => {
            let why = "it fetches no mailbox: the server is asked to deliver by SMTP";
            not_followed(&format!("{} from {}", name.to_uppercase(), user.host().0), why, at, findings);
            None
        }
        Some((name, at)) => {
            let why = "POP2 is before every protocol that is proven here";
            not_followed(&format!("{} from {}", name.to_uppercase(), user.host().0), why, at, findings);
            None
        }
    }
}

/// `ssl` is TLS from the first byte. Without it, an empty `sslproto` is no TLS, any other one STARTTLS, and so is none,
/// because certificates are checked by default since 6.4.0. Only without those checks fetchmail goes on unencrypted where
/// STARTTLS is not offered. Observed: fetchmail 6.4.37 with a server that offers nothing, 2026-11.
fn security(user: &User, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> Security {
    let unchecked = user.switched_off("sslcertck").filter(|_| user.value("sslfingerprint").is_none());
    let sslproto = user.value("sslproto");
    let security = match sslproto {
        _ if user.switch("ssl") => Security::ImplicitTls,
        Some(("", at)) => {
            if !stays_here(user) {
                let fix = "write ssl, or sslproto \"auto\"";
                findings.add(codes::CLEARTEXT, Some(at), "sslproto is empty: no TLS", fix);
            }
            return Security::Cleartext;
        }
        Some(_) => Security::StartTls,
        None => {
            let value = match unchecked {
                Some(_) => "auto: STARTTLS if it is offered",
                None => "auto: STARTTLS, as a must since 6.4.0, because sslcertck is on",
            };
            assumed.push(Assumption::of("sslproto", value, MANUAL));
            Security::StartTls
        }
    };
    if let Some(at) = unchecked {
        findings.add(codes::ANY_CERTIFICATE, Some(at), "no sslcertck: any certificate is accepted", "write sslcertck");
        if security == Security::StartTls && sslproto.is_none() && !stays_here(user) {
            let message = "no sslcertck, and neither ssl nor sslproto: if TLS is not offered, fetchmail continues \
                 unencrypted";
            findings.add(codes::CLEARTEXT, Some(at), message, "write ssl, or sslproto \"auto\"");
        }
    }
    security
}

/// Whether nothing of the connection crosses a network in clear by fetchmail itself: a command makes it, or it ends on
/// this machine, as a tunnel begins there.
fn stays_here(user: &User) -> bool {
    let (host, _) = user.host();
    user.value("plugin").is_some() || host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// The port, by its number or its name. Names are looked up on the person's machine.
fn port(
    user: &User,
    protocol: IncomingProtocol,
    security: Security,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<Port> {
    let usual = usual_port(protocol.into(), security);
    let Some((text, at)) = user.value("service") else {
        assumed.push(Assumption::of("service", usual, MANUAL));
        return Some(usual);
    };
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'-') && !text.is_empty();
    if is_number {
        return spelling::port("service", text, at, findings);
    }
    let known = SERVICES.iter().find(|(names, _)| names.split(' ').any(|name| name == text));
    if let Some(port) = known.and_then(|(_, port)| Port::new(*port)) {
        return Some(port);
    }
    not_followed(&format!("service {}", shown(text)), "its port is in /etc/services", at, findings);
    assumed.push(Assumption::of("service", usual, "assumed here: the name is not known"));
    Some(usual)
}

/// How fetchmail logs in; `None`: this one does not start with it.
fn authentication(user: &User, findings: &mut Findings) -> Option<Authentication> {
    let (method, at) = user.value("auth").unwrap_or(("any", user.place));
    let is_apop = user.value("protocol").is_some_and(|(name, _)| name == "apop");
    Some(match method {
        "any" | "password" if is_apop => Authentication::PasswordEncrypted,
        "any" | "password" => Authentication::PasswordCleartext,
        "cram-md5" => Authentication::PasswordEncrypted,
        "gssapi" | "kerberos_v5" => Authentication::Gssapi,
        "ntlm" => Authentication::Ntlm,
        "external" => Authentication::ClientCertificate,
        "ssh" => Authentication::None,
        "kerberos_v4" => {
            let message = "Kerberos 4 is not compiled into fetchmail: it does not start";
            return findings.refuse(codes::WRONG_VALUE, Some(at), message, "write kerberos_v5, or gssapi");
        }
        other => {
            let why = "a way to log in that is not proven here; shown as a password";
            not_followed(&format!("auth {other}"), why, at, findings);
            Authentication::PasswordCleartext
        }
    })
}

fn login(user: &User, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> Option<Login> {
    let Some((text, at)) = user.value("username") else {
        findings.add(codes::MISSING_USERNAME, Some(user.place), "no user", "write user and the login name");
        assumed.push(Assumption::of("user", "the name on this machine", MANUAL));
        return None;
    };
    match Login::try_from(text) {
        Ok(login) => Some(login),
        Err(error) => {
            not_followed("the login name", &error.to_string(), at, findings);
            None
        }
    }
}

/// Commands that stand between fetchmail and the server.
const COMMANDS: &[(&str, &str)] = &[
    ("plugin", "the command makes the connection, perhaps to another server"),
    ("preconnect", "a command that runs before, and may make a tunnel"),
];

/// Ports as `/etc/services` of Debian has them (netbase 6.4).
const SERVICES: &[(&str, u16)] =
    &[("imap imap2", 143), ("imaps", 993), ("kpop", 1109), ("pop3 pop-3", 110), ("pop3s", 995)];

/// Options that affect the connection, or what stays on the server.
const SAID: &[&str] = &[
    "fetchall",
    "flush",
    "folder",
    "interface",
    "interval",
    "keep",
    "limit",
    "limitflush",
    "monitor",
    "plugin",
    "preconnect",
    "sslcert",
    "sslcertck",
    "sslcommonname",
    "sslfingerprint",
    "sslkey",
];
const MANUAL: &str = "fetchmail(1), version 6.4.37";
