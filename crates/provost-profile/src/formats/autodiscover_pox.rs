//! Autodiscover's plain old XML, the answer that classic Outlook reads: one server to receive from, one to send
//! through. As a web server would send it, and as a file on the person's own computer with the registry entries that
//! point to it.
//!
//! Not the services that answer new Outlook: new Outlook takes IMAP settings from Microsoft only. No element says
//! whether POP3 leaves mail on the server, and the registry has one local file per domain.

use crate::identifiers::{self, Kind};
use crate::losses::{aliases, embedded_password, further_servers, groupware, trust, window};
use crate::outlook::asks_for_a_password;
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request, Variant, Write};
use crate::xml::{element, text};
use crate::{servers, xml};
use provost_account::{Account, Incoming, IncomingProtocol, Security, Server};
use quick_xml::Writer;
use quick_xml::events::BytesDecl;

/// The format's description.
pub(super) const SOURCE: &str = "https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxdscli";

/// The answer of a web server, and the file that takes its place.
pub(super) const VARIANTS: &[Variant] = &[
    Variant {
        name: "local",
        devices: "classic Outlook, with the file on the person's own machine",
        write: Write::User(local),
    },
    Variant {
        name: "server",
        devices: "classic Outlook, by https://autodiscover.DOMAIN/autodiscover/autodiscover.xml",
        write: Write::User(server),
    },
];

/// What a web server answers to a request for the person's address.
fn server(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (xml, losses) = document(request)?;
    Ok(Profile { files: vec![File::own("xml", xml)], losses })
}

/// The same as a file on the person's machine, and the registry entries that lead to it.
fn local(request: &Request<'_>) -> Result<Profile, Refusal> {
    let (xml, losses) = document(request)?;
    let address = &request.account.address;
    // The registry holds REG_SZ, in which no variable is replaced, so the place must be the same on every machine; and an
    // address has characters that Windows allows in no file name.
    let name = identifiers::of_account(&request.service.organization.id, address, Kind::AUTODISCOVER_POX);
    let path = format!(r"C:\ProgramData\Provost\{name}.xml");
    let registry = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n\
         [HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Outlook\\AutoDiscover]\r\n\
         \"PreferLocalXML\"=dword:00000001\r\n\
         \"{}\"=\"{}\"\r\n\r\n",
        address.domain(),
        path.replace('\\', r"\\"),
    );
    let own = |extension| FileName::Own { part: None, extension };
    let files = vec![
        File { name: own("reg"), install: None, bytes: utf_16(&registry) },
        File { name: own("xml"), install: Some(path), bytes: xml },
    ];
    Ok(Profile { files, losses })
}

/// UTF-16LE with a byte order mark, as the registry editor itself writes. That it needs them is unconfirmed.
fn utf_16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// The answer, and what it cannot say.
fn document(request: &Request<'_>) -> Result<(Vec<u8>, Vec<Loss>), Refusal> {
    let account = request.account;
    let (incoming, outgoing) = servers::one_of_each(account, "Outlook needs one server of each kind", SOURCE)?;
    let protocols = [Protocol::receiving(incoming)?, Protocol::sending(outgoing, &incoming.server)?];
    let bytes = xml::document(BytesDecl::new("1.0", Some("utf-8"), None), |xml| {
        element(xml, "Autodiscover", &[("xmlns", ANSWER)], |xml| {
            element(xml, "Response", &[("xmlns", OUTLOOK_ANSWER)], |xml| {
                if let Some(name) = &account.full_name {
                    element(xml, "User", &[], |xml| text(xml, "DisplayName", name.as_str()))?;
                }
                element(xml, "Account", &[], |xml| {
                    text(xml, "AccountType", "email")?;
                    text(xml, "Action", "settings")?;
                    protocols.iter().try_for_each(|protocol| protocol.write(xml))
                })
            })
        })
    });
    Ok((bytes, losses(account, request.passwords)))
}

/// A `Protocol` element. Every child is written: without `SPA` Outlook takes it for `on`.
struct Protocol<'a> {
    kind: &'static str,
    server: &'a Server,
    authenticates: bool,
    /// `UsePOPAuth`, of SMTP alone: whether Outlook logs in there as at the incoming server.
    as_incoming: Option<bool>,
}

impl<'a> Protocol<'a> {
    fn receiving(incoming: &'a Incoming) -> Result<Self, Refusal> {
        let kind = match incoming.protocol {
            IncomingProtocol::Imap => "IMAP",
            IncomingProtocol::Pop3 => "POP3",
        };
        let server = &incoming.server;
        let authenticates = asks_for_a_password("incoming.authentication", server.endpoint.authentication, SOURCE)?;
        if !authenticates {
            let reason = "Outlook logs in to every incoming server";
            return Err(Refusal::of("incoming.authentication", "none", reason, SOURCE));
        }
        Ok(Self { kind, server, authenticates, as_incoming: None })
    }

    fn sending(outgoing: &'a Server, incoming: &Server) -> Result<Self, Refusal> {
        let authenticates = asks_for_a_password("outgoing.authentication", outgoing.endpoint.authentication, SOURCE)?;
        let as_incoming = Some(authenticates && outgoing.login == incoming.login);
        Ok(Self { kind: "SMTP", server: outgoing, authenticates, as_incoming })
    }

    fn write(&self, xml: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let endpoint = &self.server.endpoint;
        let (ssl, encryption) = encryption(endpoint.security);
        element(xml, "Protocol", &[], |xml| {
            text(xml, "Type", self.kind)?;
            text(xml, "Server", &endpoint.host.to_string())?;
            text(xml, "Port", &endpoint.port.to_string())?;
            text(xml, "DomainRequired", "off")?;
            self.server.login.as_ref().map_or(Ok(()), |login| text(xml, "LoginName", login.as_str()))?;
            text(xml, "SPA", "off")?;
            text(xml, "SSL", ssl)?;
            text(xml, "Encryption", encryption)?;
            text(xml, "AuthRequired", on_off(self.authenticates))?;
            match self.as_incoming {
                None => Ok(()),
                Some(as_incoming) => {
                    text(xml, "UsePOPAuth", on_off(as_incoming))?;
                    text(xml, "SMTPLast", "off")
                }
            }
        })
    }
}

/// `SSL` and `Encryption`, of which the second one wins where a client knows it (MS-OXDSCLI §2.2.4.1.1.2.6.22; reported,
/// not observed). `SSL` says `on` for STARTTLS too: a client that looks at nothing else then fails, while `off` would
/// have it send the password readable by anyone, as Delta Chat's reading of `off` would.
fn encryption(security: Security) -> (&'static str, &'static str) {
    match security {
        Security::ImplicitTls => ("on", "SSL"),
        Security::StartTls => ("on", "TLS"),
        Security::Cleartext => ("off", "None"),
    }
}

fn losses(account: &Account, passwords: Passwords) -> Vec<Loss> {
    let mut losses = further_servers(account, "Outlook uses one server of each kind", SOURCE);
    losses.extend(window(account.sync, "the format has no element for it", SOURCE));
    let reason = "the file describes servers, not a person's additional addresses";
    losses.extend(aliases(account, reason, SOURCE));
    losses.extend(trust(account, "Outlook trusts what Windows trusts; install it there", SOURCE));
    losses.extend(groupware(account, "the answer is for mail only", SOURCE));
    losses.extend(embedded_password(account, passwords, "the format has no place for it", SOURCE));
    losses
}

fn on_off(on: bool) -> &'static str {
    match on {
        true => "on",
        false => "off",
    }
}

const ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const OUTLOOK_ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

#[cfg(test)]
mod tests {
    use super::*;

    /// No client that looks at `SSL` alone may take a protected server for one without TLS.
    #[test]
    fn ssl_is_off_only_where_there_is_no_tls() {
        assert_eq!(encryption(Security::ImplicitTls), ("on", "SSL"));
        assert_eq!(encryption(Security::StartTls), ("on", "TLS"));
        assert_eq!(encryption(Security::Cleartext), ("off", "None"));
    }

    #[test]
    fn the_registry_file_begins_with_the_byte_order_mark() {
        assert_eq!(utf_16("Wé"), [0xff, 0xfe, b'W', 0, 0xe9, 0]);
    }
}
