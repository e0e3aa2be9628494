//! The keys of a server, and combinations that the author cannot have meant. No login names.

use provost_account::{
    Authentication, Endpoint, Host, IncomingProtocol, Port, Protocol, RegisteredService, Security,
    codes::settings as codes,
};

use super::at::{At, Entries, all};
use super::kinds::{self, kind};
use super::row::Set::Required;
use super::row::{Key, Keys, Kind, Row, key, read, read_keys, write};
use super::tree::Aim;
use super::write::{Layout, Value};

/// A server of either list; those of `outgoing` have no protocol.
pub(crate) struct Server {
    protocol: Option<IncomingProtocol>,
    endpoint: Endpoint,
}

#[derive(Default)]
pub(crate) struct ServerDraft {
    incoming: Option<IncomingProtocol>,
    protocol: Option<Protocol>,
    host: Option<Host>,
    port: Option<Port>,
    security: Option<Security>,
    authentication: Option<Authentication>,
}

impl Keys for Server {
    type Draft = ServerDraft;
    const LAYOUT: Layout = Layout::Line;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        &Key {
            name: "protocol",
            kind: kinds::PROTOCOL,
            meaning: "incoming servers only",
            get: |it: &Self| it.protocol,
            set: Required(|it: &mut Self::Draft, protocol| {
                (it.incoming, it.protocol) = (Some(protocol), Some(protocol.into()));
            }),
        },
        key!(required "host": kinds::HOST, endpoint.host => host, "the server"),
        key!(required "port": kinds::PORT, endpoint.port => port, "required, because clients guess different defaults"),
        key!(required "socket_type": kinds::SOCKET_TYPE, endpoint.security => security, "how TLS starts"),
        key!(required "authentication": kinds::AUTHENTICATION, endpoint.authentication => authentication,
            "how clients log in"),
    ];

    fn finish(map: &Entries<'_, '_>, it: ServerDraft) -> Option<Self> {
        if let (Some(at), Some(port), Some(security)) = (map.optional("port"), it.port, it.security) {
            contradiction(at, port, security, it.protocol);
        }
        let endpoint =
            Endpoint { host: it.host?, port: it.port?, security: it.security?, authentication: it.authentication? };
        Some(Self { protocol: it.incoming, endpoint })
    }
}

/// Every key of a server but its protocol.
const OF_OUTGOING: &[&dyn Row<Server>] = match Server::KEYS {
    [_protocol, others @ ..] => others,
    [] => &[],
};

pub(crate) const INCOMING: Kind<Vec<(IncomingProtocol, Endpoint)>> = kind("list of servers", incoming, |servers| {
    let server = |(protocol, endpoint): &(IncomingProtocol, Endpoint)| {
        write(&Server { protocol: Some(*protocol), endpoint: endpoint.clone() })
    };
    Value::List(servers.iter().map(server).collect())
});

pub(crate) const OUTGOING: Kind<Vec<Endpoint>> = kind(
    "list of servers",
    |at| {
        let draft = || ServerDraft { protocol: Some(Protocol::Submission), ..ServerDraft::default() };
        all(&at.list("a server")?, |item| Some(read_keys(OF_OUTGOING, draft(), item)?.endpoint))
    },
    |servers| {
        let server = |endpoint: &Endpoint| write(&Server { protocol: None, endpoint: endpoint.clone() });
        Value::List(servers.iter().map(server).collect())
    },
);

fn incoming(at: &At<'_, '_>) -> Option<Vec<(IncomingProtocol, Endpoint)>> {
    let items = at.list("a server")?;
    let servers = all(&items, |item| {
        let server: Server = read(item)?;
        Some((server.protocol?, server.endpoint))
    })?;
    let first = |protocol| servers.iter().position(|(found, _)| *found == protocol);
    if let (Some(pop3), Some(imap)) = (first(IncomingProtocol::Pop3), first(IncomingProtocol::Imap))
        && pop3 < imap
    {
        let message = "POP3 is listed before IMAP, so clients choose POP3 and devices do not stay in sync";
        items[pop3].add(codes::POP3_BEFORE_IMAP, Aim::Value, message, "list the IMAP server first");
    }
    Some(servers)
}

/// Warns of a port that is registered for the other way to start TLS, as 993 with STARTTLS. It is no error: a firewall
/// may move ports, and only the proof can tell.
fn contradiction(at: &At<'_, '_>, port: Port, security: Security, protocol: Option<Protocol>) {
    if port.get() == 25 {
        let (message, fix) = ("port 25 is for mail between servers", "use 465 with SSL, or 587 with STARTTLS");
        return at.add(codes::SERVER_TO_SERVER_PORT, Aim::Value, message, fix);
    }
    let registered = RegisteredService::of_port(port).filter(|it| Some(it.protocol) == protocol);
    let Some(registered) = registered else { return };
    let (usual, better) = (registered.security, registered.protocol.registered(security));
    if registered != better {
        let better = (better.security == security).then(|| format!(", or port {}", better.port));
        let message = format!("port {port} is registered for {}, the socket type is {}", usual.name(), security.name());
        let fix = format!("use socket_type {}{}", usual.name(), better.as_deref().unwrap_or(""));
        at.add(codes::PORT_CONTRADICTS_SOCKET_TYPE, Aim::Value, message, fix);
    }
}
