//! The configuration of getmail 6, `~/.getmail/getmailrc`: the preferred server whose TLS starts with the first octet,
//! since getmail has no STARTTLS. It only receives, and leaves the mail on the server.

use provost_account::{Authentication, Incoming, IncomingProtocol, Security};

use super::{File, Loss, Passwords, Profile, Refusal, Request};
use crate::authorities;
use crate::losses::{authorities_alone, groupware, name_and_aliases, no_receiving, no_sending, window};
use crate::python::literal;

/// The program's own configuration classes, and what it said of these files.
pub(super) const SOURCE: &str = "getmail6 6.18.11, getmailcore/retrievers.py";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let Some(Incoming { protocol, server }) = account.incoming.first() else {
        let found = "no server".to_owned();
        return Err(Refusal { setting: "incoming", found, reason: "getmail only receives", known_from: SOURCE });
    };
    let endpoint = &server.endpoint;
    let refused =
        |setting, found: &str, reason| Err(Refusal { setting, found: found.to_owned(), reason, known_from: SOURCE });
    let kind = match (protocol, endpoint.security) {
        (IncomingProtocol::Imap, Security::ImplicitTls) => "SimpleIMAPSSLRetriever",
        (IncomingProtocol::Pop3, Security::ImplicitTls) => "SimplePOP3SSLRetriever",
        (IncomingProtocol::Imap, Security::Cleartext) => "SimpleIMAPRetriever",
        (IncomingProtocol::Pop3, Security::Cleartext) => "SimplePOP3Retriever",
        (IncomingProtocol::Imap | IncomingProtocol::Pop3, Security::StartTls) => {
            return refused("incoming.socket_type", "STARTTLS", "getmail has no STARTTLS");
        }
    };
    match endpoint.authentication {
        Authentication::PasswordCleartext => {}
        Authentication::PasswordEncrypted
        | Authentication::OAuth2
        | Authentication::ClientCertificate
        | Authentication::Gssapi
        | Authentication::Ntlm
        | Authentication::HttpMd5
        | Authentication::None => {
            let reason = "getmail logs in with the password itself; the other ways need what settings do not say";
            return refused("incoming.authentication", endpoint.authentication.name(), reason);
        }
    }
    let login = server.login.as_ref().map_or("", |login| login.as_str());
    if login.trim() != login {
        return refused("username", login, "getmail takes the spaces around a value away");
    }
    if *protocol == IncomingProtocol::Imap && !login.bytes().all(is_astring_char) {
        let reason = "getmail sends an IMAP login name without quotation marks, so servers misread one with ( ) { % * \" \\, \
                      spaces or letters beyond ASCII";
        return refused("username", login, reason);
    }
    let embedded = server.password.as_ref().filter(|_| request.passwords == Passwords::Embed);
    if embedded.is_some_and(|password| password.expose().trim() != password.expose()) {
        let reason = "getmail takes the spaces around a value away";
        return refused("password", "one with spaces at an end", reason);
    }
    let mut text = String::new();
    let mut line = |key: &str, value: &str| text.push_str(&format!("{key} = {value}\n"));
    line("[retriever]\ntype", kind);
    line("server", &endpoint.host.to_string());
    line("port", &endpoint.port.to_string());
    if let Some(login) = &server.login {
        line("username", login.as_str());
        match (request.passwords, &server.password, &service.password_command) {
            (Passwords::Embed, Some(password), _) => line("password", password.expose()),
            (Passwords::Embed | Passwords::LeaveOut, _, Some(command)) => {
                // getmail evaluates the value as Python does. Nothing in it is a format.
                let command = literal(&command.expand(&account.address, Some(login)));
                line("password_command", &format!("(\"sh\", \"-c\", {command})"));
            }
            (Passwords::Embed | Passwords::LeaveOut, _, None) => {}
        }
    }
    if endpoint.security == Security::ImplicitTls && !account.trust.is_empty() {
        line("ca_certs", &format!("~/{}", authorities::path(&service.organization.id)));
    }
    text.push_str("\n[destination]\ntype = Maildir\npath = ~/Maildir/\n");
    text.push_str("\n[options]\nread_all = false\ndelete = false\n");
    let mut files = vec![File::own("getmailrc", text.into_bytes())];
    files.extend(authorities::named_for_the_person(&service.organization.id, &account.trust));
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
    losses.extend(name_and_aliases(account, "getmail knows a login name, and neither name nor address", SOURCE));
    losses.extend(window(account.sync, "getmail limits days only by removing mail from the server", SOURCE));
    losses.extend(groupware(account, "getmail is for mail alone", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    let password = account.incoming.first().and_then(|incoming| incoming.server.password.as_ref());
    if password.filter(|_| request.passwords == Passwords::Embed).is_some_and(|password| !password.expose().is_ascii())
    {
        losses.push(Loss {
            setting: "password".to_owned(),
            asked: "letters beyond ASCII".to_owned(),
            written: Some("letters beyond ASCII".to_owned()),
            reason: "getmail before 6.19.09 stops at such a password",
            source: "https://github.com/getmail6/getmail6 issue 244",
        });
    }
    losses
}
