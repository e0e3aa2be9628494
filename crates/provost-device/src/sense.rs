//! What an account says that its author can hardly have meant, whatever the format: ports of another service or another
//! kind of TLS, a password that belongs to another login name. It judges no file's syntax.

use provost_account::{Finding, Findings, IncomingProtocol, Port, Security, Server, codes::fleet as codes};

use crate::Understood;

/// The findings of an account.
#[must_use]
pub fn sense(understood: &Understood) -> Vec<Finding> {
    let mut findings = Findings::default();
    let account = &understood.account;
    let incoming = account.incoming.iter().map(|it| (Some(it.protocol), &it.server));
    for (protocol, server) in incoming.chain(account.outgoing.iter().map(|it| (None, it))) {
        port(protocol, server, &mut findings);
    }
    if let (Some(incoming), Some(outgoing)) = (account.incoming.first(), account.outgoing.first()) {
        let incoming = &incoming.server;
        let other = incoming.login.is_some() && outgoing.login.is_some() && incoming.login != outgoing.login;
        if other && incoming.password.is_some() && incoming.password == outgoing.password {
            let message = "the outgoing server has another login name, and the incoming server's password";
            let fix = "leave passwords out, or write the outgoing server's own";
            findings.add(codes::PASSWORD_OF_ANOTHER_LOGIN, None, message, fix);
        }
    }
    findings.finish()
}

/// The ports that are registered for a protocol, with the kind of TLS that they are for; `None` is submission. RFC 8314 §7
/// and RFC 6409 §3.1.
#[must_use]
pub fn registered_ports(protocol: Option<IncomingProtocol>) -> &'static [(u16, Security)] {
    match protocol {
        Some(IncomingProtocol::Imap) => &[(993, Security::ImplicitTls), (143, Security::StartTls)],
        Some(IncomingProtocol::Pop3) => &[(995, Security::ImplicitTls), (110, Security::StartTls)],
        None => &[(465, Security::ImplicitTls), (587, Security::StartTls)],
    }
}

/// The port that a client takes where the file says none: that of TLS from the first octet, or the one where a connection
/// begins in clear.
pub(crate) fn usual_port(protocol: IncomingProtocol, security: Security) -> Port {
    let begins = match security {
        Security::ImplicitTls => Security::ImplicitTls,
        Security::StartTls | Security::Cleartext => Security::StartTls,
    };
    let found = registered_ports(Some(protocol)).iter().find(|(_, its)| *its == begins);
    found.and_then(|(number, _)| Port::new(*number)).expect("each protocol has a port for both")
}

/// The same of submission, which begins in clear on the port of servers where there is no TLS at all.
pub(crate) fn usual_submission_port(security: Security) -> Port {
    let found = registered_ports(None).iter().find(|(_, its)| *its == security);
    Port::new(found.map_or(25, |(number, _)| *number)).expect("no registered port is 0")
}

fn port(protocol: Option<IncomingProtocol>, server: &Server, findings: &mut Findings) {
    let endpoint = &server.endpoint;
    let (port, security) = (endpoint.port.get(), endpoint.security);
    let place = format!("{} {}:{port}", name(protocol), endpoint.host);
    if port == 25 {
        let message = format!("{place}: port 25 is for mail between servers");
        return findings.add(codes::SERVER_TO_SERVER_PORT, None, message, "use 465 with SSL, or 587 with STARTTLS");
    }
    let own = registered_ports(protocol);
    let Some((_, usual)) = own.iter().find(|(number, _)| *number == port) else {
        let other = PROTOCOLS.iter().filter(|other| **other != protocol).find_map(|other| {
            let (_, security) = registered_ports(*other).iter().find(|(number, _)| *number == port)?;
            Some((name(*other), security.name()))
        });
        if let Some((other, its)) = other {
            let message = format!("{place}: port {port} is registered for {other} with {its}");
            findings.add(codes::PORT_OF_ANOTHER_SERVICE, None, message, format!("use {}", choices(own)));
        }
        return;
    };
    // A server without any TLS listens on the port of STARTTLS.
    if *usual != security && !(*usual == Security::StartTls && security == Security::Cleartext) {
        let message =
            format!("{place}: port {port} is registered for {}, the file says {}", usual.name(), security.name());
        findings.add(codes::PORT_CONTRADICTS_SOCKET_TYPE, None, message, format!("use {}", choices(own)));
    }
}

fn choices(ports: &[(u16, Security)]) -> String {
    ports.iter().map(|(port, security)| format!("{port} with {}", security.name())).collect::<Vec<_>>().join(", or ")
}

fn name(protocol: Option<IncomingProtocol>) -> &'static str {
    protocol.map_or("smtp", IncomingProtocol::name)
}

const PROTOCOLS: &[Option<IncomingProtocol>] = &[Some(IncomingProtocol::Imap), Some(IncomingProtocol::Pop3), None];
