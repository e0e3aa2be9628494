//! The configuration of offlineimap, `~/.offlineimaprc`: one account, from the first IMAP server to `~/Maildir`, which
//! fetches and reports no local change to the server. It only receives. The password command is run by a Python file
//! next to it.
//!
//! No STARTTLS: offlineimap continues without TLS if the server does not offer it, and checks no certificate if it
//! does.

use provost_account::{Authentication, Security, SyncWindow};

use crate::losses::{authorities_alone, besides_the_first_imap, groupware, name_and_aliases, no_sending};
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::python::literal;
use crate::writer::{Password, Request};
use crate::{authorities, servers};

/// The program's sample configuration and source, and what it said of these files.
pub(super) const SOURCE: &str = "offlineimap.conf of offlineimap 8.0.0";

/// Writes the files of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let organization = &service.organization.id;
    let server = servers::imap(account, "offlineimap supports IMAP only", SOURCE)?;
    let endpoint = &server.endpoint;
    let ssl = match endpoint.security {
        Security::ImplicitTls => "yes",
        Security::Cleartext => "no",
        Security::StartTls => return Err(Refusal::of("incoming.socket_type", "STARTTLS", STARTTLS, SOURCE)),
    };
    let Some(mechanisms) = mechanisms(endpoint.authentication) else {
        let reason = "offlineimap does not support this login, or needs values that settings do not have";
        return Err(Refusal::of("incoming.authentication", endpoint.authentication.name(), reason, SOURCE));
    };
    let login = server.login.as_ref();
    if login.is_some_and(|login| login.as_str().trim() != login.as_str()) {
        return Err(Refusal::of("username", login.map_or("", |login| login.as_str()), SPACES, SOURCE));
    }
    if request.passwords.carried(server).is_some_and(|password| password.expose().trim() != password.expose()) {
        return Err(Refusal::of("password", "one with spaces at an end", SPACES, SOURCE));
    }
    let password = request.password(server);
    let python = format!(".config/provost/offlineimap_{organization}.py");

    let mut text = String::new();
    let mut line = |key: &str, value: &str| text.push_str(&format!("{key} = {}\n", value.replace('%', "%%")));
    line("[general]\naccounts", "mail");
    if matches!(password, Password::Printed(_)) {
        line("pythonfile", &format!("~/{python}"));
    }
    line("\n[Account mail]\nlocalrepository", "near");
    line("remoterepository", "far");
    if let SyncWindow::Days(days) = account.sync {
        line("maxage", &days.to_string());
    }
    line("\n[Repository near]\ntype", "Maildir");
    line("localfolders", "~/Maildir");
    line("\n[Repository far]\ntype", "IMAP");
    line("remotehost", &endpoint.host.to_string());
    line("remoteport", &endpoint.port.to_string());
    if let Some(login) = login {
        line("remoteuser", login.as_str());
    }
    match &password {
        Password::Carried(password) => line("remotepass", password.expose()),
        Password::Printed(_) => line("remotepasseval", "password()"),
        Password::Typed => {}
    }
    line("auth_mechanisms", mechanisms);
    line("ssl", ssl);
    line("starttls", "no");
    if endpoint.security == Security::ImplicitTls {
        // Without the one or the other offlineimap would check nothing, and so refuses to start.
        let own = authorities::path(organization);
        line("sslcacertfile", if account.trust.is_empty() { "OS-DEFAULT" } else { &own });
    }
    line("readonly", "yes");

    let mut files = vec![File::own("offlineimaprc", text.into_bytes())];
    if let Password::Printed(command) = &password {
        let name = FileName::Own { part: Some("password".to_owned()), extension: "py" };
        files.push(File { name, install: Some(format!("~/{python}")), bytes: program(command).into_bytes() });
    }
    Ok(Profile { files: authorities::beside(request, files), losses: losses(request) })
}

/// `auth_mechanisms`, of which each is tried if the server offers it.
fn mechanisms(authentication: Authentication) -> Option<&'static str> {
    match authentication {
        Authentication::PasswordCleartext => Some("PLAIN, LOGIN"),
        Authentication::PasswordEncrypted => Some("CRAM-MD5"),
        Authentication::Gssapi => Some("GSSAPI"),
        Authentication::OAuth2
        | Authentication::ClientCertificate
        | Authentication::Ntlm
        | Authentication::HttpMd5
        | Authentication::None => None,
    }
}

/// The module whose function gives the password: the first line that the command prints. Both sides use
/// bytes, so that no locale changes it.
fn program(command: &str) -> String {
    format!(
        "import subprocess\n\n\ndef password():\n    command = {}.encode()\n    \
         printed = subprocess.run([\"/bin/sh\", \"-c\", command], check=True, stdout=subprocess.PIPE).stdout\n    \
         return printed.decode().split(\"\\n\")[0]\n",
        literal(command)
    )
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = besides_the_first_imap(account, "an account has one server, IMAP", SOURCE);
    losses.extend(no_sending(account, "offlineimap only receives", SOURCE));
    losses.extend(name_and_aliases(account, "offlineimap has a login name, but no name or address", SOURCE));
    losses.extend(groupware(account, "offlineimap is for mail only", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    losses
}

/// Both observed: offlineimap 8.0.0 with imaplib2, 2026-11; `__start_tls` of offlineimap/imapserver.py.
const STARTTLS: &str =
    "offlineimap logs in without TLS if the server does not offer STARTTLS, and checks no certificate if it does";
const SPACES: &str = "offlineimap removes spaces around a value";
