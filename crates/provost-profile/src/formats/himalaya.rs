//! The configuration of himalaya 2, `~/.config/himalaya/config.toml`: one account with the first IMAP server and the
//! preferred outgoing one. Version 1 has other keys, which are not written. himalaya never asks for a password, and
//! accepts no login without one.

use provost_account::{Authentication, Host, Login, Security, Server};

use crate::losses::{aliases, besides_the_first_imap, groupware, no_sending, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::server_url::server_url;
use crate::writer::{Password, Request};
use crate::{authorities, servers};

/// Its commented sample, and the program's sources.
pub(super) const SOURCE: &str = "https://github.com/pimalaya/himalaya, config.sample.toml and src/config.rs, 2.2.1";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let incoming = servers::imap(account, "himalaya receives by IMAP only", SOURCE)?;
    let mut lines = Lines("[accounts.mail]\ndefault = true\n".to_owned());
    lines.text("email", account.address.as_str());
    if let Some(name) = &account.full_name {
        lines.text("display-name", name.as_str());
    }
    lines.server(request, "imap", incoming, "incoming.authentication")?;
    if let Some(outgoing) = account.outgoing.first() {
        lines.server(request, "smtp", outgoing, "outgoing.authentication")?;
    }
    let files = authorities::beside(request, vec![File::own("toml", lines.0.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

struct Lines(String);

impl Lines {
    /// A basic string (TOML 1.0): a backslash escapes itself and the quotation mark, and control characters have numbers.
    fn text(&mut self, key: &str, value: &str) {
        self.0.push_str(&format!("{key} = \""));
        for character in value.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                _ if character.is_control() => self.0.push_str(&format!("\\u{:04X}", u32::from(character))),
                _ => self.0.push(character),
            }
        }
        self.0.push_str("\"\n");
    }

    fn server(
        &mut self,
        request: &Request<'_>,
        protocol: &str,
        server: &Server,
        setting: &'static str,
    ) -> Result<(), Refusal> {
        let endpoint = &server.endpoint;
        let scheme =
            if endpoint.security == Security::ImplicitTls { format!("{protocol}s") } else { protocol.to_owned() };
        self.text(&format!("{protocol}.server"), &server_url(&scheme, None, endpoint));
        if endpoint.security == Security::StartTls {
            self.0.push_str(&format!("{protocol}.starttls = true\n"));
        }
        if protocol == "imap" && is_netease(&endpoint.host) {
            // himalaya 2.1 and later: the servers announce SASL-IR and refuse it, and open no folder without ID.
            self.0.push_str("imap.sasl-ir = false\nimap.id.auto = true\n");
        }
        let trust = &request.account.trust;
        if endpoint.security != Security::Cleartext && !trust.is_empty() {
            // "extra root": besides the system's.
            self.text(&format!("{protocol}.tls.cert"), &authorities::path(&request.service.organization.id));
        }
        let (mechanism, secret) = match endpoint.authentication {
            Authentication::PasswordCleartext => ("plain", "password"),
            Authentication::OAuth2 => ("oauthbearer", "token"),
            // Without a mechanism nobody logs in.
            Authentication::None if protocol == "smtp" => return Ok(()),
            Authentication::PasswordEncrypted
            | Authentication::ClientCertificate
            | Authentication::Gssapi
            | Authentication::Ntlm
            | Authentication::HttpMd5
            | Authentication::None => {
                let reason = "himalaya supports PLAIN, LOGIN, SCRAM-SHA-256, OAUTHBEARER and XOAUTH2";
                return Err(Refusal::of(setting, endpoint.authentication.name(), reason, SOURCE));
            }
        };
        let sasl = format!("{protocol}.sasl.{mechanism}");
        let Some(login) = &server.login else {
            return Err(Refusal::of("username", "none", "himalaya needs the login name in its file", SOURCE));
        };
        self.text(&format!("{sasl}.username"), &expanded_to(login)?);
        match request.password(server) {
            Password::Carried(password) => self.text(&format!("{sasl}.{secret}.raw"), password.expose()),
            // A string is for /bin/sh, which sees it as it is.
            Password::Printed(command) => self.text(&format!("{sasl}.{secret}.command"), &command),
            Password::Typed => {
                let reason = "himalaya never asks for a password, and rejects a file without one";
                return Err(Refusal::of("password_command", "none", reason, SOURCE));
            }
        }
        Ok(())
    }
}

/// 163.com, 126.com and yeah.net, with the hosts below them.
fn is_netease(host: &Host) -> bool {
    let host = host.to_string();
    ["163.com", "126.com", "yeah.net"].iter().any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
}

/// What himalaya expands to this name: it replaces `$NAME`, and takes `$$` for the sign itself; for a tilde at the start,
/// where a home folder could follow, it has nothing.
fn expanded_to(login: &Login) -> Result<String, Refusal> {
    match login.as_str() {
        "~" => Err(Refusal::of("username", "~", TILDE, SOURCE)),
        name if name.starts_with("~/") => Err(Refusal::of("username", name, TILDE, SOURCE)),
        name => Ok(name.replace('$', "$$")),
    }
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let reason = "an account has one server of each kind and receives by IMAP";
    let mut losses = besides_the_first_imap(account, reason, SOURCE);
    losses.extend(no_sending(account, reason, SOURCE).into_iter().skip(1));
    losses.extend(aliases(account, "an account has one address", SOURCE));
    losses.extend(window(account.sync, "himalaya stores no mail", SOURCE));
    losses.extend(groupware(account, "himalaya is for mail only", SOURCE));
    losses
}

const TILDE: &str = "himalaya replaces the tilde with the home folder";
