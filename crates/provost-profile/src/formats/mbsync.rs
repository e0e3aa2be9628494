//! The configuration of mbsync (isync), `~/.mbsyncrc`: one channel from the first IMAP server to `~/Maildir`, which fetches
//! and never removes. It only receives. A blank line ends a section, so there is none inside of one.

use provost_account::{Authentication, Incoming, IncomingProtocol, Security};

use super::{File, Loss, Passwords, Profile, Refusal, Request};
use crate::authorities;
use crate::losses::{besides_the_first_imap, groupware, name_and_aliases, no_sending, window};

/// The manual, and what mbsync itself said of these files. `SSLType` became `TLSType` in 1.5, which is said to take the
/// older name still (unconfirmed).
pub(super) const SOURCE: &str = "mbsync(1), isync 1.4.4";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (service, account) = (request.service, request.account);
    let spoken = |incoming: &&Incoming| incoming.protocol == IncomingProtocol::Imap;
    let Some(server) = account.incoming.iter().find(spoken).map(|incoming| &incoming.server) else {
        let reason = "mbsync speaks IMAP alone";
        return Err(Refusal { setting: "incoming", found: "no IMAP server".to_owned(), reason, known_from: SOURCE });
    };
    let endpoint = &server.endpoint;
    let mechanisms = match endpoint.authentication {
        Authentication::PasswordCleartext => "LOGIN PLAIN",
        Authentication::PasswordEncrypted => "CRAM-MD5",
        Authentication::OAuth2 => "XOAUTH2",
        Authentication::Gssapi => "GSSAPI",
        Authentication::Ntlm => "NTLM",
        Authentication::HttpMd5 => "DIGEST-MD5",
        Authentication::ClientCertificate | Authentication::None => {
            return Err(Refusal {
                setting: "incoming.authentication",
                found: endpoint.authentication.name().to_owned(),
                reason: "mbsync needs a certificate in a file, which settings do not name, or a login",
                known_from: SOURCE,
            });
        }
    };
    let mut text = String::new();
    let mut line = |keyword: &str, value: &str| text.push_str(&format!("{keyword} {value}\n"));
    line("IMAPAccount", "mail");
    line("Host", &endpoint.host.to_string());
    line("Port", &endpoint.port.to_string());
    if let Some(login) = &server.login {
        line("User", &quoted(login.as_str()));
        match (request.passwords, &server.password, &service.password_command) {
            (Passwords::Embed, Some(password), _) => line("Pass", &quoted(password.expose())),
            (Passwords::Embed | Passwords::LeaveOut, _, Some(command)) => {
                line("PassCmd", &quoted(&command.expand(&account.address, Some(login))));
            }
            (Passwords::Embed | Passwords::LeaveOut, _, None) => {}
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
        line("CertificateFile", &format!("~/{}", authorities::path(&service.organization.id)));
    }
    text.push_str(CHANNEL);
    let mut files = vec![File::own("mbsyncrc", text.into_bytes())];
    files.extend(authorities::named_for_the_person(&service.organization.id, &account.trust));
    Ok(Profile { files, losses: losses(request) })
}

/// Inside quotation marks, mbsync takes a backslash for an escape.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = besides_the_first_imap(account, "mbsync fetches from one server, and by IMAP", SOURCE);
    losses.extend(no_sending(account, "mbsync only receives", SOURCE));
    losses.extend(name_and_aliases(account, "mbsync knows a login name, and neither name nor address", SOURCE));
    losses.extend(window(account.sync, "mbsync limits the number of messages and not their age", SOURCE));
    losses.extend(groupware(account, "mbsync is for mail alone", SOURCE));
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
