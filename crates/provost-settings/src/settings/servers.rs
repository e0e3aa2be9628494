//! The servers in a settings file, and combinations that the author cannot have meant. No login names.

use provost_account::{
    Authentication, Endpoint, Host, IncomingProtocol, Port, Protocol, RegisteredService, Security,
    codes::settings as codes,
};

use super::decode::{At, Entries};
use super::yaml::{Aim, Node};

/// Whether `danger_allow_cleartext` is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cleartext {
    Allowed,
    Refused,
}

/// The list `incoming`.
pub(crate) fn incoming(at: &At<'_, '_>, cleartext: Cleartext) -> Option<Vec<(IncomingProtocol, Endpoint)>> {
    let items = at.list("a server")?;
    let servers: Vec<Option<(IncomingProtocol, Endpoint)>> = items
        .iter()
        .map(|item| {
            let map = item.map(&["protocol", "host", "port", "socket_type", "authentication"])?;
            let protocol = map.required("protocol").and_then(|it| choice(it, PROTOCOLS));
            let endpoint = endpoint(&map, cleartext, protocol.map(Protocol::from));
            Some((protocol?, endpoint?))
        })
        .collect();
    let servers = servers.into_iter().collect::<Option<Vec<_>>>()?;
    let first = |protocol| servers.iter().position(|(found, _)| *found == protocol);
    if let (Some(pop3), Some(imap)) = (first(IncomingProtocol::Pop3), first(IncomingProtocol::Imap))
        && pop3 < imap
    {
        items[pop3].add(
            codes::POP3_BEFORE_IMAP,
            Aim::Value,
            "POP3 is listed before IMAP, so clients choose POP3 and keep devices out of step",
            "list the IMAP server first",
        );
    }
    Some(servers)
}

/// The list `outgoing`.
pub(crate) fn outgoing(at: &At<'_, '_>, cleartext: Cleartext) -> Option<Vec<Endpoint>> {
    let servers: Vec<Option<Endpoint>> = at
        .list("a server")?
        .iter()
        .map(|item| {
            endpoint(
                &item.map(&["host", "port", "socket_type", "authentication"])?,
                cleartext,
                Some(Protocol::Submission),
            )
        })
        .collect();
    servers.into_iter().collect()
}

fn endpoint(map: &Entries<'_, '_>, cleartext: Cleartext, protocol: Option<Protocol>) -> Option<Endpoint> {
    let host = map.required("host").and_then(|it| it.parsed(|text| Host::try_from(text)));
    let port_at = map.required("port");
    let port = port_at.and_then(port);
    let security_at = map.required("socket_type");
    let security = security_at.and_then(|it| choice(it, SOCKET_TYPES));
    let authentication = map.required("authentication").and_then(|it| choice(it, AUTHENTICATIONS));

    if let (Some(at), Some(security)) = (security_at, security)
        && !permitted(at, security, cleartext)
    {
        return None;
    }
    if let (Some(at), Some(port), Some(security)) = (port_at, port, security) {
        contradiction(at, port, security, protocol);
    }
    Some(Endpoint { host: host?, port: port?, security: security?, authentication: authentication? })
}

/// Whether a server may be used so; what is not said in clear always may.
pub(crate) fn permitted(at: &At<'_, '_>, security: Security, cleartext: Cleartext) -> bool {
    match (security, cleartext) {
        (Security::ImplicitTls | Security::StartTls, _) => true,
        (Security::Cleartext, Cleartext::Allowed) => {
            at.add(codes::CLEARTEXT, Aim::Value, "this server is used without TLS", "use SSL or STARTTLS");
            true
        }
        (Security::Cleartext, Cleartext::Refused) => {
            at.add(
                codes::WRONG_VALUE,
                Aim::Value,
                "socket_type plain sends mail and passwords readable by anyone",
                "use SSL or STARTTLS, or add danger_allow_cleartext: true at the top",
            );
            false
        }
    }
}

/// Warns of a port that is registered for the other way to start TLS, as 993 with STARTTLS. It is no error: a firewall
/// may move ports, and only the proof can tell.
fn contradiction(at: &At<'_, '_>, port: Port, security: Security, protocol: Option<Protocol>) {
    if port.get() == 25 {
        at.add(
            codes::SERVER_TO_SERVER_PORT,
            Aim::Value,
            "port 25 is for mail between servers",
            "use 465 with SSL, or 587 with STARTTLS",
        );
        return;
    }
    let registered = RegisteredService::of_port(port).filter(|it| Some(it.protocol) == protocol);
    let Some(registered) = registered else { return };
    let (usual, better) = (registered.security, registered.protocol.registered(security));
    if registered != better {
        let better = (better.security == security).then(|| format!(", or port {}", better.port));
        at.add(
            codes::PORT_CONTRADICTS_SOCKET_TYPE,
            Aim::Value,
            format!("port {port} is registered for {}, the socket type is {}", usual.name(), security.name()),
            format!("use socket_type {}{}", usual.name(), better.as_deref().unwrap_or("")),
        );
    }
}

fn port(at: &At<'_, '_>) -> Option<Port> {
    match at.node {
        Node::Int(number) => {
            let port = u16::try_from(*number).ok().and_then(Port::new);
            if port.is_none() {
                at.add(
                    codes::WRONG_VALUE,
                    Aim::Value,
                    format!("{number} is no port"),
                    "write a number from 1 to 65535",
                );
            }
            port
        }
        Node::Null
        | Node::Bool(_)
        | Node::Float(_)
        | Node::Text(_)
        | Node::List(_)
        | Node::Map(_)
        | Node::Tagged(_) => {
            at.wrong_type("a port number");
            None
        }
    }
}

/// One of a few words, in any letter case.
pub(crate) fn choice<T: Copy>(at: &At<'_, '_>, choices: &[(&str, T)]) -> Option<T> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let text = at.text(&format!("one of {}", names.join(", ")))?;
    let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
    if found.is_none() {
        at.add(
            codes::WRONG_VALUE,
            Aim::Value,
            format!("{text:?} is not possible here"),
            super::decode::did_you_mean(text, &names),
        );
    }
    found
}

const PROTOCOLS: &[(&str, IncomingProtocol)] = &[("imap", IncomingProtocol::Imap), ("pop3", IncomingProtocol::Pop3)];

const SOCKET_TYPES: &[(&str, Security)] = &[
    ("SSL", Security::ImplicitTls),
    ("SSL/TLS", Security::ImplicitTls),
    ("TLS", Security::ImplicitTls),
    ("implicit-tls", Security::ImplicitTls),
    ("STARTTLS", Security::StartTls),
    ("plain", Security::Cleartext),
];

const AUTHENTICATIONS: &[(&str, Authentication)] = &[
    ("password-cleartext", Authentication::PasswordCleartext),
    ("password-encrypted", Authentication::PasswordEncrypted),
    ("OAuth2", Authentication::OAuth2),
    ("TLS-client-cert", Authentication::ClientCertificate),
    ("none", Authentication::None),
];
