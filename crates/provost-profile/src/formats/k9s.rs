//! The settings file of K-9 Mail and Thunderbird for Android, format 1, version 99: one account, its identities, and
//! how far back mail is loaded. No global settings, so that an import changes no other account.

use crate::identifiers::{self, Kind};
use crate::losses::{
    aliases_with_odd_local_parts, further_servers, groupware, nearest_window, oauth2, plain_aliases, trust,
};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request};
use crate::xml::{element, text, text_with};
use crate::{servers, xml};
use provost_account::{Account, Authentication, Endpoint, IncomingProtocol, Secret, Security, Server};
use quick_xml::Writer;
use quick_xml::events::BytesDecl;

/// The reader of these files in the app.
pub(super) const SOURCE: &str = "https://github.com/thunderbird/thunderbird-android, feature/settings/import";

/// Writes the file of one account.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let (incoming, outgoing) = servers::one_of_each(account, "an account needs one server of each kind", SOURCE)?;
    if !account.address.is_ascii_dot_string() {
        let reason = "the app accepts only addresses with an unquoted ASCII local part, and rejects the account";
        return Err(Refusal::of("address", account.address.as_str(), reason, SOURCE));
    }
    let protocol = match incoming.protocol {
        IncomingProtocol::Imap => "IMAP",
        IncomingProtocol::Pop3 => "POP3",
    };
    let incoming = ServerElement::new("incoming-server", protocol, &incoming.server, request.passwords)?;
    let outgoing = ServerElement::new("outgoing-server", "SMTP", outgoing, request.passwords)?;
    let uuid = identifiers::of_account(&request.service.organization.id, &account.address, Kind::K9S).to_string();
    let mut losses = losses(account);
    let reason = "the app allows 1, 2, 7, 14, 21, 28, 56, 84, 168 or 365 days";
    let (days, loss) = nearest_window(account.sync, &DAYS, reason, SOURCE).unzip();
    losses.extend(loss.flatten());

    let bytes = xml::document(BytesDecl::new("1.0", Some("UTF-8"), Some("yes")), |xml| {
        element(xml, "k9settings", &[("version", "99"), ("format", "1")], |xml| {
            element(xml, "accounts", &[], |xml| {
                element(xml, "account", &[("uuid", &uuid)], |xml| {
                    text(xml, "name", account.address.as_str())?;
                    // FairEmail takes the servers in this order only.
                    incoming.write(xml)?;
                    outgoing.write(xml)?;
                    if let Some(days) = days {
                        element(xml, "settings", &[], |xml| {
                            text_with(xml, "value", &[("key", "maximumPolledMessageAge")], &days.to_string())
                        })?;
                    }
                    identities(xml, account)
                })
            })
        })
    });
    Ok(Profile { files: vec![File::own("k9s", bytes)], losses })
}

struct ServerElement<'a> {
    name: &'static str,
    protocol: &'static str,
    endpoint: &'a Endpoint,
    authentication: &'static str,
    login: &'a str,
    password: Option<&'a Secret>,
}

impl<'a> ServerElement<'a> {
    fn new(
        name: &'static str,
        protocol: &'static str,
        server: &'a Server,
        passwords: Passwords,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            name,
            protocol,
            endpoint: &server.endpoint,
            authentication: authentication(name, server.endpoint.authentication)?,
            login: server.login.as_ref().map_or("", |login| login.as_str()),
            password: passwords.carried(server),
        })
    }

    fn write(&self, xml: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        element(xml, self.name, &[("type", self.protocol)], |xml| {
            text(xml, "host", &self.endpoint.host.to_string())?;
            text(xml, "port", &self.endpoint.port.to_string())?;
            text(xml, "connection-security", connection_security(self.endpoint.security))?;
            text(xml, "authentication-type", self.authentication)?;
            text(xml, "username", self.login)?;
            self.password.map_or(Ok(()), |password| text(xml, "password", password.expose()))
        })
    }
}

fn identities(xml: &mut Writer<Vec<u8>>, account: &Account) -> std::io::Result<()> {
    element(xml, "identities", &[], |xml| {
        let mut addresses = std::iter::once(&account.address).chain(plain_aliases(account));
        addresses.try_for_each(|address| {
            element(xml, "identity", &[], |xml| {
                if let Some(name) = &account.full_name {
                    text(xml, "name", name.as_str())?;
                }
                text(xml, "email", address.as_str())
            })
        })
    })
}

/// The names since version 92.
fn connection_security(security: Security) -> &'static str {
    match security {
        Security::ImplicitTls => "SSL_TLS_REQUIRED",
        Security::StartTls => "STARTTLS_REQUIRED",
        Security::Cleartext => "NONE",
    }
}

/// The names since version 95.
fn authentication(element: &str, method: Authentication) -> Result<&'static str, Refusal> {
    let setting = if element == "incoming-server" { "incoming.authentication" } else { "outgoing.authentication" };
    match method {
        Authentication::PasswordCleartext => Ok("PLAIN"),
        Authentication::PasswordEncrypted => Ok("CRAM_MD5"),
        Authentication::OAuth2 => Ok("XOAUTH2"),
        Authentication::None => Ok("NONE"),
        Authentication::ClientCertificate => {
            let reason = "the file refers to a certificate by its alias on the device, which is unknown";
            Err(Refusal::of(setting, method.name(), reason, SOURCE))
        }
        Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => {
            Err(Refusal::of(setting, method.name(), "the app does not support it", SOURCE))
        }
    }
}

fn losses(account: &Account) -> Vec<Loss> {
    let mut losses = further_servers(account, "an account in the file has one server of each kind", SOURCE);
    let reason = "the file has no place for it; the app trusts what the device trusts, install it there";
    losses.extend(trust(account, reason, SOURCE));
    losses.extend(groupware(account, "the app is for mail only", SOURCE));
    let reason = "the app accepts only addresses with an unquoted ASCII local part";
    losses.extend(aliases_with_odd_local_parts(account, reason, SOURCE));
    let reason = "the app gets tokens only for hosts that it has built in";
    losses.extend(oauth2(account, "XOAUTH2", reason, SOURCE));
    losses
}

/// `AccountSettingsDescriptions`, without 0 and -1, which are no windows of days.
const DAYS: [u16; 10] = [1, 2, 7, 14, 21, 28, 56, 84, 168, 365];
