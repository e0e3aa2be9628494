//! The account file of Geary, `geary.ini` in its own folder in `~/.config/geary`: one IMAP server, one outgoing server,
//! and the person's sender addresses. The folder's name is Geary's name for the account. Geary finds every folder
//! there, and a folder named after the account replaces no other.
//!
//! No password: Geary keeps passwords in the Secret Service. Not proven: Geary 43 loaded such an account (2026-11), but
//! no login was observed. The keys are known from its source.

use provost_account::{Authentication, DisplayName, EmailAddress, Login, Security, Server, SyncWindow};

use crate::encoded_words::encoded_words;
use crate::identifiers::{self, Kind};
use crate::key_file::KeyFile;
use crate::losses::{besides_the_first_imap, embedded_password, groupware, no_sending, trust};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers::{first_imap, password_alone};
use crate::writer::Request;

/// The class that loads the file.
pub(super) const SOURCE: &str = "https://gitlab.gnome.org/GNOME/geary, src/client/accounts/accounts-manager.vala";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let (Some((_, incoming)), Some(outgoing)) = (first_imap(account), account.outgoing.first()) else {
        let reason = "Geary needs an IMAP server and an outgoing server";
        return Err(Refusal::of("incoming, outgoing", "no server of one of the kinds", reason, SOURCE));
    };

    let mut file = KeyFile::default();
    file.group("Metadata");
    file.text("version", "1");
    file.text("status", "enabled");
    file.group("Account");
    file.text("ordinal", "1");
    file.text("label", account.address.as_str());
    // Fewer than none are all: CheckFolderSync of Geary's engine.
    let days = match account.sync {
        SyncWindow::Days(days) => days.to_string(),
        SyncWindow::Unlimited => "-1".to_owned(),
    };
    file.text("prefetch_days", &days);
    let name = account.full_name.as_ref();
    let addresses = std::iter::once(&account.address).chain(&account.aliases);
    file.list("sender_mailboxes", &addresses.map(|address| mailbox(name, address)).collect::<Vec<_>>());
    file.text("service_provider", "other");

    let login = |server: &Server, setting| {
        password_alone(&server.endpoint, setting, "the file can only ask for a password", SOURCE)?;
        let refusal = || Refusal::of("username", "no login name", "Geary needs a password to log in", SOURCE);
        server.login.clone().ok_or_else(refusal)
    };
    let receiving = login(incoming, "incoming.authentication")?;
    service(&mut file, "Incoming", incoming, Some(&receiving), "custom");
    if outgoing.endpoint.authentication == Authentication::None {
        service(&mut file, "Outgoing", outgoing, None, "none");
    } else {
        let sending = login(outgoing, "outgoing.authentication")?;
        match sending == receiving {
            true => service(&mut file, "Outgoing", outgoing, None, "use-incoming"),
            false => service(&mut file, "Outgoing", outgoing, Some(&sending), "custom"),
        }
    }

    let folder = identifiers::of_account(&request.service.organization.id, &account.address, Kind::GEARY);
    let install = Some(format!("~/.config/geary/{folder}/geary.ini"));
    let files = vec![File { install, ..File::own("ini", file.into_bytes()) }];
    Ok(Profile { files, losses: losses(request) })
}

fn service(file: &mut KeyFile, group: &str, server: &Server, login: Option<&Login>, credentials: &str) {
    file.group(group);
    if let Some(login) = login {
        file.text("login", login.as_str());
        file.text("remember_password", "true");
    }
    file.text("host", &server.endpoint.host.to_string());
    file.text("port", &server.endpoint.port.to_string());
    file.text(
        "transport_security",
        match server.endpoint.security {
            Security::ImplicitTls => "transport",
            Security::StartTls => "start-tls",
            Security::Cleartext => "none",
        },
    );
    file.text("credentials", credentials);
}

/// A mailbox as a message's header has it (RFC 5322 §3.4): the name in quotation marks, or as RFC 2047 has other characters.
fn mailbox(name: Option<&DisplayName>, address: &EmailAddress) -> String {
    let Some(name) = name.map(DisplayName::as_str) else { return address.to_string() };
    if name.is_ascii() {
        return format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\""));
    }
    format!("{} <{address}>", encoded_words(name, 'B'))
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = besides_the_first_imap(account, "an account has one incoming server, IMAP", SOURCE);
    losses.extend(no_sending(account, "an account has one outgoing server", SOURCE).into_iter().skip(1));
    losses.extend(trust(account, "Geary trusts what the system trusts; install it there", SOURCE));
    losses.extend(groupware(account, "Geary is for mail only", SOURCE));
    losses.extend(embedded_password(account, request.passwords, "passwords are in the Secret Service", SOURCE));
    losses
}
