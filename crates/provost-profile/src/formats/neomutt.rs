//! The configuration of neomutt, `~/.config/neomutt/neomuttrc`: the first IMAP server and the preferred outgoing one.
//! Values are in single quotation marks, in which neomutt expands nothing. The password command runs each time neomutt
//! starts, in the only kind of quotation marks whose output is not evaluated again.

use provost_account::{Authentication, Security, Server};

use crate::losses::{aliases, authorities_alone, besides_the_first_imap, groupware, no_sending, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::server_url::server_url;
use crate::writer::{Password, Request};
use crate::{authorities, servers};

/// The manual, and what neomutt itself said of these files (2026-11, Debian's build with GnuTLS and GNU SASL).
pub(super) const SOURCE: &str = "neomuttrc(5), NeoMutt 20220429";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let incoming = servers::imap(account, "the file is for IMAP only", SOURCE)?;
    let outgoing = account.outgoing.first();
    if account.address.local_part().starts_with('"') {
        let reason = "neomutt removes the spaces from a quoted local part and sends from another address";
        return Err(Refusal::of("address", account.address.as_str(), reason, SOURCE));
    }
    let uses = |security| [Some(incoming), outgoing].into_iter().flatten().any(|it| it.endpoint.security == security);
    if uses(Security::Cleartext) && uses(Security::StartTls) {
        let reason = "neomutt has one STARTTLS switch for both servers";
        return Err(Refusal::of("outgoing.socket_type", "STARTTLS beside a server without TLS", reason, SOURCE));
    }
    let mut lines = Lines(String::new());
    if let Some(name) = &account.full_name {
        lines.set("real_name", name.as_str());
    }
    lines.set("from", account.address.as_str());
    lines.set("use_from", "yes");
    let url = |server: &Server, plain: &str, tls: &str| {
        let scheme = if server.endpoint.security == Security::ImplicitTls { tls } else { plain };
        format!("{}/", server_url(scheme, None, &server.endpoint))
    };
    lines.set("folder", &url(incoming, "imap", "imaps"));
    lines.set("spool_file", "+INBOX");
    lines.login(request, "imap", incoming, "incoming.authentication")?;
    if let Some(outgoing) = outgoing {
        lines.set("smtp_url", &url(outgoing, "smtp", "smtps"));
        if outgoing.endpoint.authentication != Authentication::None {
            lines.login(request, "smtp", outgoing, "outgoing.authentication")?;
        }
    }
    let upgrade = if uses(Security::Cleartext) { "no" } else { "yes" };
    lines.set("ssl_starttls", upgrade);
    lines.set("ssl_force_tls", upgrade);
    if !account.trust.is_empty() {
        lines.set("ssl_ca_certificates_file", &authorities::path(&service.organization.id));
    }
    let files = authorities::beside(request, vec![File::own("neomuttrc", lines.0.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

struct Lines(String);

impl Lines {
    fn set(&mut self, name: &str, value: &str) {
        // Outside of the marks a backslash takes the next character as it is: the only way to a single one.
        let quoted = value.replace('\'', "'\\''");
        self.0.push_str(&format!("set {name} = '{quoted}'\n"));
    }

    /// The login settings of a server, `imap` or `smtp`.
    fn login(
        &mut self,
        request: &Request<'_>,
        kind: &str,
        server: &Server,
        setting: &'static str,
    ) -> Result<(), Refusal> {
        let method = server.endpoint.authentication;
        let refused = |reason| Err(Refusal::of(setting, method.name(), reason, SOURCE));
        if let Some(login) = &server.login {
            self.set(&format!("{kind}_user"), login.as_str());
        }
        match method {
            Authentication::PasswordCleartext => {
                self.set(&format!("{kind}_authenticators"), "plain:login");
                match request.password(server) {
                    Password::Carried(password) => self.set(&format!("{kind}_pass"), password.expose()),
                    Password::Printed(command) => {
                        self.0.push_str(&format!("set {kind}_pass = \"`{}`\"\n", in_backticks(&command)));
                    }
                    Password::Typed => {}
                }
            }
            Authentication::OAuth2 => {
                let Some(command) = request.password_command(server) else {
                    return refused("neomutt gets tokens from a command, and password_command is not set");
                };
                self.set(&format!("{kind}_authenticators"), "oauthbearer:xoauth2");
                self.set(&format!("{kind}_oauth_refresh_command"), &command);
            }
            Authentication::PasswordEncrypted
            | Authentication::Gssapi
            | Authentication::Ntlm
            | Authentication::HttpMd5
            | Authentication::ClientCertificate
            | Authentication::None => {
                let reason = "Debian's neomutt supports only the mechanisms plain, login, oauthbearer and xoauth2";
                return refused(reason);
            }
        }
        Ok(())
    }
}

/// Between backticks neomutt takes a backslash for an escape, and replaces `$name`, before a shell sees the command.
fn in_backticks(command: &str) -> String {
    command.replace('\\', "\\\\").replace('`', "\\`").replace('$', "\\$")
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let reason = "a file has one server of each kind and receives by IMAP";
    let mut losses = besides_the_first_imap(account, reason, SOURCE);
    losses.extend(no_sending(account, reason, SOURCE).into_iter().skip(1));
    losses.extend(aliases(account, "neomutt knows additional addresses only by patterns", SOURCE));
    losses.extend(window(account.sync, "neomutt shows all mail in a folder", SOURCE));
    losses.extend(groupware(account, "neomutt is for mail only", SOURCE));
    losses.extend(authorities_alone(account, SOURCE));
    losses
}
