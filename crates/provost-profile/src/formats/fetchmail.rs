//! The configuration of fetchmail, `~/.fetchmailrc`: the preferred server, which keeps its mail. Only one, because
//! fetchmail polls every server in the file and would fetch the mail twice. It only receives.

use crate::losses::{groupware, name_and_aliases, no_receiving, no_sending, trust, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::Request;
use provost_account::{Authentication, IncomingProtocol, Security};

/// The manual, and what fetchmail itself said of these files.
pub(super) const SOURCE: &str = "fetchmail(1), version 6.4.37";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let Some(incoming) = account.incoming.first() else {
        return Err(Refusal::of("incoming", "no server", "fetchmail only receives", SOURCE));
    };
    let (server, endpoint) = (&incoming.server, &incoming.server.endpoint);
    let method = match endpoint.authentication {
        Authentication::PasswordCleartext => "password",
        Authentication::PasswordEncrypted => "cram-md5",
        Authentication::Gssapi => "gssapi",
        Authentication::Ntlm => "ntlm",
        Authentication::OAuth2 | Authentication::ClientCertificate | Authentication::HttpMd5 | Authentication::None => {
            let reason = "fetchmail 6.4 does not support it, or needs a file that settings do not name";
            return Err(Refusal::of("incoming.authentication", endpoint.authentication.name(), reason, SOURCE));
        }
    };
    let protocol = match incoming.protocol {
        IncomingProtocol::Imap => "IMAP",
        IncomingProtocol::Pop3 => "POP3",
    };
    let mut text = format!(
        "poll {} protocol {protocol} service {} auth {method}\n",
        quoted(&endpoint.host.to_string()),
        endpoint.port
    );
    if let Some(login) = &server.login {
        text.push_str(&format!("  username {}\n", quoted(login.as_str())));
        if let Some(password) = request.passwords.carried(server) {
            text.push_str(&format!("  password {}\n", quoted(password.expose())));
        }
    }
    // Without "ssl", "TLS1+" makes STARTTLS a must: with "auto" fetchmail would go on in clear.
    text.push_str(match endpoint.security {
        Security::ImplicitTls => "  ssl sslproto \"TLS1.2+\" sslcertck\n",
        Security::StartTls => "  sslproto \"TLS1.2+\" sslcertck\n",
        Security::Cleartext => "  sslproto \"\"\n",
    });
    // fetchmail removes what it has fetched unless it is told to keep it.
    text.push_str("  keep\n");
    Ok(Profile { files: vec![File::own("fetchmailrc", text.into_bytes())], losses: losses(request) })
}

/// Inside quotation marks, fetchmail takes a backslash for the start of an escape, and has none for the mark itself.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\x5c").replace('"', "\\x22"))
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses: Vec<Loss> =
        no_receiving(account, "fetchmail polls every server in the file and would fetch mail twice", SOURCE)
            .into_iter()
            .skip(1)
            .collect();
    losses.extend(no_sending(account, "fetchmail only receives", SOURCE));
    losses.extend(name_and_aliases(account, "fetchmail has a login name, but no name or address", SOURCE));
    losses.extend(window(account.sync, "fetchmail cannot limit days", SOURCE));
    losses.extend(groupware(account, "fetchmail is for mail only", SOURCE));
    let reason = "fetchmail needs an absolute path, and the person's home folder is unknown";
    losses.extend(trust(account, reason, SOURCE));
    losses.extend(request.service.password_command.as_ref().map(|command| {
        let reason = "fetchmail runs no password command; it reads ~/.netrc, or asks the person";
        Loss::of("password_command", command.as_str(), reason, SOURCE)
    }));
    losses
}
