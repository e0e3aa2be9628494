//! The configuration of mbsync (isync), `~/.mbsyncrc`: one channel from the first IMAP server to `~/Maildir`, which
//! fetches and never removes. It only receives. A blank line ends a section, so no section contains one.

use crate::losses::{besides_the_first_imap, groupware, name_and_aliases, no_sending, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Password, Request};
use crate::{authorities, servers};
use provost_account::{Authentication, Security};

/// The manual, and what mbsync itself said of these files. `SSLType` became `TLSType` in 1.5, which is said to take the
/// older name still (unconfirmed).
pub(super) const SOURCE: &str = "mbsync(1), isync 1.4.4";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let server = servers::imap(account, "mbsync supports IMAP only", SOURCE)?;
    let endpoint = &server.endpoint;
    let mechanisms = match endpoint.authentication {
        Authentication::PasswordCleartext => "LOGIN PLAIN",
        Authentication::PasswordEncrypted => "CRAM-MD5",
        Authentication::OAuth2 => "XOAUTH2",
        Authentication::Gssapi => "GSSAPI",
        Authentication::Ntlm => "NTLM",
        Authentication::HttpMd5 => "DIGEST-MD5",
        Authentication::ClientCertificate | Authentication::None => {
            let reason = "mbsync needs a login, or a certificate file, which settings do not name";
            return Err(Refusal::of("incoming.authentication", endpoint.authentication.name(), reason, SOURCE));
        }
    };
    let mut text = String::new();
    let mut line = |keyword: &str, value: &str| text.push_str(&format!("{keyword} {value}\n"));
    line("IMAPAccount", "mail");
    line("Host", &endpoint.host.to_string());
    line("Port", &endpoint.port.to_string());
    if let Some(login) = &server.login {
        line("User", &quoted(login.as_str()));
        match request.password(server) {
            Password::Carried(password) => line("Pass", &quoted(password.expose())),
            Password::Printed(command) => line("PassCmd", &quoted(&command)),
            Password::Typed => {}
        }
    }
    line(
        "SSLType",
        match endpoint.security {
            Security::ImplicitTls => "IMAPS",
            Security::StartTls => "STARTTLS",
            Security::Cleartext => "None",
        },
    );
    line("AuthMechs", mechanisms);
    if !account.trust.is_empty() {
        // "additional" to the system's: mbsync(1), CertificateFile.
        line("CertificateFile", &authorities::path(&service.organization.id));
    }
    text.push_str(CHANNEL);
    let files = authorities::beside(request, vec![File::own("mbsyncrc", text.into_bytes())]);
    Ok(Profile { files, losses: losses(request) })
}

/// Inside quotation marks, mbsync takes a backslash for an escape.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = besides_the_first_imap(account, "mbsync fetches from one server, by IMAP", SOURCE);
    losses.extend(no_sending(account, "mbsync only receives", SOURCE));
    losses.extend(name_and_aliases(account, "mbsync has a login name, but no name or address", SOURCE));
    losses.extend(window(account.sync, "mbsync limits the number of messages, not their age", SOURCE));
    losses.extend(groupware(account, "mbsync is for mail only", SOURCE));
    losses
}

const CHANNEL: &str = "
IMAPStore far
Account mail

MaildirStore near
Path ~/Maildir/
Inbox ~/Maildir/INBOX
SubFolders Verbatim

Channel mail
Far :far:
Near :near:
Patterns *
Sync Pull
Create Near
Remove None
Expunge None
SyncState *
";
