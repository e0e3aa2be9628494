//! The data sources of GNOME Evolution, three files in `~/.config/evolution/sources`: the account, the person, and the
//! outgoing server. Each file is named after its identifier, by which the others refer to it.
//!
//! No password: Evolution keeps passwords in the Secret Service. No folder for sent mail either, because settings name
//! no folders: Evolution keeps it on the computer. Observed with Evolution 3.46.4 (2026-11): IMAP with implicit TLS,
//! and sending. STARTTLS and POP3 are known only from the source of evolution-data-server.

use provost_account::{Account, Authentication, EmailAddress, Incoming, IncomingProtocol, Security, Server};

use crate::identifiers::{self, Kind};
use crate::key_file::KeyFile;
use crate::losses::{
    aliases_with_odd_local_parts, embedded_password, further_servers, groupware, plain_aliases, trust, window,
};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::servers;
use crate::writer::Request;

/// The classes that read each group, one file for each.
pub(super) const SOURCE: &str = "https://gitlab.gnome.org/GNOME/evolution-data-server, src/libedataserver/e-source-*.c";

/// Writes the files of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let (incoming, outgoing) = servers::one_of_each(account, "Evolution needs one server of each kind", SOURCE)?;
    let Incoming { protocol, server } = incoming;
    let uid = identifiers::of_account(&request.service.organization.id, &account.address, Kind::EVOLUTION).to_string();
    let (identity_uid, transport_uid) = (format!("{uid}-identity"), format!("{uid}-transport"));

    let mut mail = source(account, "");
    mail.group("Mail Account");
    let (backend, own) = match protocol {
        IncomingProtocol::Imap => ("imapx", None),
        IncomingProtocol::Pop3 => ("pop", Some("none")),
    };
    mail.text("BackendName", backend);
    mail.text("IdentityUid", &identity_uid);
    mail.text("NeedsInitialSetup", "false");
    connection(&mut mail, server, mechanism("incoming.authentication", server, own)?)?;
    if *protocol == IncomingProtocol::Pop3 {
        mail.group("Pop Backend");
        mail.text("KeepOnServer", "true");
        mail.text("DeleteAfterDays", "0");
        mail.text("DeleteExpunged", "false");
    }

    let mut identity = source(account, &uid);
    identity.group("Mail Identity");
    identity.text("Address", account.address.as_str());
    if let Some(name) = &account.full_name {
        identity.text("Name", name.as_str());
    }
    let aliases: Vec<&str> = plain_aliases(account).map(EmailAddress::as_str).collect();
    if !aliases.is_empty() {
        identity.text("Aliases", &aliases.join(", "));
    }
    identity.group("Mail Submission");
    identity.text("TransportUid", &transport_uid);

    let mut transport = source(account, &uid);
    transport.group("Mail Transport");
    transport.text("BackendName", "smtp");
    let mechanism = if outgoing.endpoint.authentication == Authentication::None {
        "none"
    } else {
        mechanism("outgoing.authentication", outgoing, None)?
    };
    connection(&mut transport, outgoing, mechanism)?;

    let files = [(uid, mail), (identity_uid, identity), (transport_uid, transport)].map(|(uid, source)| {
        let path = format!(".config/evolution/sources/{uid}.source");
        File::below(&path, Some(format!("~/{path}")), source.into_bytes())
    });
    Ok(Profile { files: files.into(), losses: losses(request) })
}

/// A data source that is named for the address.
fn source(account: &Account, parent: &str) -> KeyFile {
    let mut source = KeyFile::default();
    source.group("Data Source");
    source.text("DisplayName", account.address.as_str());
    source.text("Enabled", "true");
    source.text("Parent", parent);
    source
}

fn connection(source: &mut KeyFile, server: &Server, mechanism: &str) -> Result<(), Refusal> {
    let endpoint = &server.endpoint;
    source.group("Authentication");
    source.text("Host", &endpoint.host.to_string());
    source.text("Port", &endpoint.port.to_string());
    if let Some(login) = &server.login {
        if login.as_str().trim() != login.as_str() {
            let reason = "Evolution removes spaces around a name";
            return Err(Refusal::of("username", login.as_str(), reason, SOURCE));
        }
        source.text("User", login.as_str());
    }
    source.text("Method", mechanism);
    source.text("ProxyUid", "system-proxy");
    source.text("RememberPassword", "true");
    source.group("Security");
    // Evolution takes anything else for none, without a word.
    source.text(
        "Method",
        match endpoint.security {
            Security::ImplicitTls => "ssl-on-alternate-port",
            Security::StartTls => "starttls-on-standard-port",
            Security::Cleartext => "none",
        },
    );
    Ok(())
}

/// The SASL mechanism. `cleartext` is what the protocol has instead of one: USER and PASS of POP3, which Evolution's own
/// e-mail-autoconfig.c takes.
fn mechanism(setting: &'static str, server: &Server, cleartext: Option<&'static str>) -> Result<&'static str, Refusal> {
    let method = server.endpoint.authentication;
    match method {
        Authentication::PasswordCleartext => Ok(cleartext.unwrap_or("PLAIN")),
        Authentication::PasswordEncrypted => Ok("CRAM-MD5"),
        Authentication::Gssapi => Ok("GSSAPI"),
        Authentication::Ntlm => Ok("NTLM"),
        Authentication::HttpMd5 => Ok("DIGEST-MD5"),
        Authentication::OAuth2 | Authentication::ClientCertificate | Authentication::None => {
            let reason = "Evolution logs in with a password; other mechanisms need values that settings do not have";
            Err(Refusal::of(setting, method.name(), reason, SOURCE))
        }
    }
}

fn losses(request: &Request<'_>) -> Vec<Loss> {
    let account = request.account;
    let mut losses = further_servers(account, "Evolution uses one server of each kind", SOURCE);
    let reason = "Evolution lists every message and limits only the offline copies";
    losses.extend(window(account.sync, reason, SOURCE));
    let reason = "Evolution reads them as message addresses, which cannot have such a local part";
    losses.extend(aliases_with_odd_local_parts(account, reason, SOURCE));
    losses.extend(trust(account, "Evolution trusts what the system trusts; install it there", SOURCE));
    losses.extend(groupware(account, "calendars and address books are separate sources", SOURCE));
    losses.extend(embedded_password(account, request.passwords, "passwords are in the Secret Service", SOURCE));
    losses
}
