//! `~/.fetchmailrc`, as fetchmail 6.4.37 reads it (observed, 2026-11): every server that is polled, with each of its
//! users. It only receives, and removes what it fetched unless told to keep it.

mod options;

use provost_account::{
    Account, Authentication, Endpoint, Finding, Findings, Incoming, IncomingProtocol, Security, Server,
    codes::profile as codes,
};

use crate::contradictions::usual_port;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Said, Understood};
use options::User;

/// By the name, or by a poll with a protocol.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let polls = text.lines().any(|line| matches!(line.split_whitespace().next(), Some("poll" | "server")));
    let protocol = text.split_whitespace().any(|word| matches!(word, "proto" | "protocol"));
    file.path.ends_with("fetchmailrc") || polls && protocol
}

/// Reads the configuration.
pub(super) fn read(bytes: &[u8], person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let users = options::users(bytes, &mut findings);
    let mut profiles = Vec::new();
    let all = users.iter().flatten();
    let logins = Logins::of(person, all.map(|user| (user.value("username").map_or("", |(text, _)| text), user.host())));
    for user in users.iter().flatten() {
        profiles.extend(understood(user, &logins, &mut findings));
    }
    Reading::of_some(profiles, findings, "no server is polled for any user", "add poll and username")
}

fn understood(user: &User, logins: &Logins<'_>, findings: &mut Findings) -> Option<Understood> {
    let mut assumed = Vec::new();
    let (host, at) = user.value("via").unwrap_or((user.polled.as_str(), user.place));
    let host = spelling::host("the server", host, at, findings);
    let protocol = match user.value("protocol").map(|(text, at)| (text.to_lowercase(), at)) {
        Some((text, _)) if text == "imap" => IncomingProtocol::Imap,
        Some((text, _)) if text == "pop3" => IncomingProtocol::Pop3,
        None => {
            assumed.push(Assumption::of("protocol", "auto, which tries IMAP first", MANUAL));
            IncomingProtocol::Imap
        }
        Some((text, at)) => return spelling::wrong("protocol", &text, at, "write IMAP or POP3", findings),
    };
    let security = security(user, findings, &mut assumed);
    let port = match user.value("service") {
        Some((text, at)) => spelling::port("service", text, at, findings),
        None => {
            let port = usual_port(protocol.into(), security);
            findings.add(codes::MISSING_PORT, Some(user.place), "no service", "write service and the port");
            assumed.push(Assumption::of("service", port, MANUAL));
            Some(port)
        }
    };
    let authentication = authentication(user, findings)?;
    let login = match user.value("username") {
        Some((text, at)) => spelling::login("username", text, at, findings),
        None => {
            findings.add(codes::MISSING_USERNAME, Some(user.place), "no username", "write the login name");
            assumed.push(Assumption::of("username", "the name on this machine", MANUAL));
            None
        }
    };
    let password =
        user.value("password").map(|(text, at)| spelling::password(text, at, "put it into ~/.netrc", findings));
    if !user.switch("keep") {
        let message = "keep is off: mail is removed from the server as soon as it is fetched";
        findings.add(codes::REMOVES_MAIL, Some(user.place), message, "write keep");
    }
    let address = logins.whose(login.as_ref(), user.host(), user.place, &mut assumed, findings);
    let endpoint = Endpoint { host: host?, port: port?, security, authentication };
    let incoming = vec![Incoming { protocol, server: Server { endpoint, login, password } }];
    let ignored = user.value("sslcertfile").map(|(path, at)| {
        Ignored::of("sslcertfile", at, format_args!("{path} is not available, so its certificates are unknown"))
    });
    let account = Account { incoming, ..Account::of(address) };
    let ignored = ignored.into_iter().collect();
    let said = SAID.iter().filter_map(|name| Some(Said::new(*name, user.value(name)?.0))).collect();
    Some(Understood { assumed, ignored, said, ..Understood::of("fetchmail", account) })
}

/// `ssl` is TLS from the first byte. Without it, a version in `sslproto` requires STARTTLS; without that, fetchmail uses
/// STARTTLS if it is offered and continues unencrypted if not.
fn security(user: &User, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Security {
    if let Some(("off", at)) = user.value("sslcertck") {
        findings.add(codes::ANY_CERTIFICATE, Some(at), "no sslcertck: any certificate is accepted", "write sslcertck");
    }
    if user.switch("ssl") {
        return Security::ImplicitTls;
    }
    match user.value("sslproto") {
        Some((text, _)) if text.to_uppercase().starts_with("TLS") => Security::StartTls,
        Some(("", at)) => {
            findings.add(codes::CLEARTEXT, Some(at), "sslproto is empty: no TLS", "write ssl, or sslproto \"TLS1.2+\"");
            Security::Cleartext
        }
        Some((_, at)) => {
            let message = "sslproto does not require TLS: if it is not offered, fetchmail continues unencrypted";
            findings.add(codes::CLEARTEXT, Some(at), message, "write ssl, or sslproto \"TLS1.2+\"");
            Security::StartTls
        }
        None => {
            let message = "neither ssl nor sslproto: if TLS is not offered, fetchmail continues unencrypted";
            findings.add(codes::CLEARTEXT, Some(user.place), message, "write ssl, or sslproto \"TLS1.2+\"");
            assumed.push(Assumption::of("sslproto", "auto: STARTTLS if it is offered", MANUAL));
            Security::StartTls
        }
    }
}

fn authentication(user: &User, findings: &mut Findings) -> Option<Authentication> {
    let Some((text, at)) = user.value("auth") else { return Some(Authentication::PasswordCleartext) };
    Some(match text.to_lowercase().as_str() {
        "any" | "password" => Authentication::PasswordCleartext,
        "cram-md5" => Authentication::PasswordEncrypted,
        "gssapi" | "kerberos" | "kerberos_v5" => Authentication::Gssapi,
        "ntlm" => Authentication::Ntlm,
        "external" => Authentication::ClientCertificate,
        _ => return spelling::wrong("auth", text, at, "write password, or the name of a method", findings),
    })
}

/// Options that affect the connection, or what stays on the server.
const SAID: &[&str] =
    &["fetchall", "flush", "keep", "limitflush", "sslcert", "sslcertck", "sslcommonname", "sslfingerprint", "sslkey"];
const MANUAL: &str = "fetchmail(1), version 6.4.37";
