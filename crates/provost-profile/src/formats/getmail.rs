//! The configuration of getmail 6, `~/.getmail/getmailrc`: the preferred server with implicit TLS, because getmail has
//! no STARTTLS. It only receives, and leaves the mail on the server.

use provost_account::{Incoming, IncomingProtocol, Security};

use crate::authorities;
use crate::losses::{authorities_alone, groupware, name_and_aliases, no_receiving, no_sending, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::python::literal;
use crate::servers::password_alone;
use crate::writer::{Password, Request};

/// The program's own configuration classes, and what it said of these files.
pub(super) const SOURCE: &str = "getmail6 6.18.11, getmailcore/retrievers.py";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let Some(Incoming { protocol, server }) = account.incoming.first() else {
        return Err(Refusal::of("incoming", "no server", "getmail only receives", SOURCE));
    };
    let endpoint = &server.endpoint;
    let kind = match (protocol, endpoint.security) {
        (IncomingProtocol::Imap, Security::ImplicitTls) => "SimpleIMAPSSLRetriever",
        (IncomingProtocol::Pop3, Security::ImplicitTls) => "SimplePOP3SSLRetriever",
        (IncomingProtocol::Imap, Security::Cleartext) => "SimpleIMAPRetriever",
        (IncomingProtocol::Pop3, Security::Cleartext) => "SimplePOP3Retriever",
        (IncomingProtocol::Imap | IncomingProtocol::Pop3, Security::StartTls) => {
            return Err(Refusal::of("incoming.socket_type", "STARTTLS", "getmail has no STARTTLS", SOURCE));
        }
    };
    let reason = "getmail logs in with the plain password; other mechanisms need values that settings do not have";
    password_alone(endpoint, "incoming.authentication", reason, SOURCE)?;
    let login = server.login.as_ref().map_or("", |login| login.as_str());
    if login.trim() != login {
        return Err(Refusal::of("username", login, "getmail removes spaces around a value", SOURCE));
    }
    if *protocol == IncomingProtocol::Imap && !login.bytes().all(is_astring_char) {
        let reason = "getmail sends the IMAP login name unquoted, so servers misread ( ) { % * \" \\, spaces and non-ASCII letters in it";
        return Err(Refusal::of("username", login, reason, SOURCE));
    }
    if request.passwords.carried(server).is_some_and(|password| password.expose().trim() != password.expose()) {
        let reason = "getmail removes spaces around a value";
        return Err(Refusal::of("password", "one with spaces at an end", reason, SOURCE));
    }
    let mut text = String::new();
    let mut line = |key: &str, value: &str| text.push_str(&format!("{key} = {value}\n"));
    line("[retriever]\ntype", kind);
    line("server", &endpoint.host.to_string());
    line("port", &endpoint.port.to_string());
    if let Some(login) = &server.login {
        line("username", login.as_str());
        match request.password(server) {
            Password::Carried(password) => line("password", password.expose()),
            Password::Printed(command) => {
                // getmail evaluates the value as Python does. Nothing in it is a format.
                line("password_command", &format!("(\"sh\", \"-c\", {})", literal(&command)));
            }
            Password::Typed => {}
        }
    }
    if endpoint.security == Security::ImplicitTls && !account.trust.is_empty() {
        line("ca_certs", &authorities::path(&service.organization.id));
    }
    text.push_str("\n[destination]\ntype = Maildir\npath = ~/Maildir/\n");
    text.push_str("\n[options]\nread_all = false\ndelete = false\n");
    let files = authorities::beside(request, vec![File::own("getmailrc", text.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

/// `ASTRING-CHAR` (RFC 9051 §9): what needs no quotation marks.
fn is_astring_char(octet: u8) -> bool {
    octet.is_ascii_graphic() && !b"(){%*\"\\".contains(&octet)
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses: Vec<Loss> = no_receiving(account, "a file has one server", SOURCE).into_iter().skip(1).collect();
    losses.extend(no_sending(account, "getmail only receives", SOURCE));
    losses.extend(name_and_aliases(account, "getmail has a login name, but no name or address", SOURCE));
    losses.extend(window(account.sync, "getmail can limit days only by removing mail from the server", SOURCE));
    losses.extend(groupware(account, "getmail is for mail only", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    let password = account.incoming.first().and_then(|incoming| request.passwords.carried(&incoming.server));
    if password.is_some_and(|password| !password.expose().is_ascii()) {
        let reason = "getmail before 6.19.09 fails with such a password";
        losses.push(
            Loss::of("password", "letters beyond ASCII", reason, "https://github.com/getmail6/getmail6 issue 244")
                .written("letters beyond ASCII"),
        );
    }
    losses
}
