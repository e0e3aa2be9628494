//! Contradictions in an account, whatever its format: ports of another service or another kind of TLS, a password that
//! belongs to another login name. It does not judge the file's syntax.

use provost_account::{Finding, Findings, Port, Protocol, RegisteredService, Security, Server, codes::fleet as codes};

use crate::understood::Understood;

/// The findings of an account.
#[must_use]
pub fn contradictions(understood: &Understood) -> Vec<Finding> {
    let mut findings = Findings::default();
    let account = &understood.account;
    for (protocol, server) in account.servers() {
        port(protocol, server, &mut findings);
    }
    if let (Some(incoming), Some(outgoing)) = (account.incoming.first(), account.outgoing.first()) {
        let incoming = &incoming.server;
        let logins = incoming.login.as_ref().zip(outgoing.login.as_ref());
        let other = logins.is_some_and(|(one, other)| !is_same(one.as_str(), other.as_str()));
        if other && incoming.password.is_some() && incoming.password == outgoing.password {
            let message = "the outgoing server has another login name but the incoming server's password";
            let fix = "leave passwords out, or write the outgoing server's own";
            findings.add(codes::PASSWORD_OF_ANOTHER_LOGIN, None, message, fix);
        }
    }
    findings.finish()
}

/// Whether two login names are one person's: many servers take the address and its local part.
fn is_same(one: &str, other: &str) -> bool {
    let is_local_part = |short: &str, long: &str| long.rsplit_once('@').is_some_and(|(local, _)| local == short);
    one == other || is_local_part(one, other) || is_local_part(other, one)
}

/// The port that a client takes where the file says none: the registered one, or without TLS at all that of mail between
/// servers for submission.
pub(crate) fn usual_port(protocol: Protocol, security: Security) -> Port {
    match (protocol, security) {
        (Protocol::Submission, Security::Cleartext) => RELAY,
        (Protocol::Imap | Protocol::Pop3 | Protocol::Submission, _) => protocol.registered(security).port,
    }
}

fn port(protocol: Protocol, server: &Server, findings: &mut Findings) {
    let endpoint = &server.endpoint;
    // What listens there was chosen by whoever started it.
    if endpoint.host.is_loopback() {
        return;
    }
    let (port, security) = (endpoint.port, endpoint.security);
    let place = format!("{} {}", protocol.name(), endpoint.authority());
    if port == RELAY && !endpoint.host.is_loopback() {
        let message = format!("{place}: port 25 is for mail between servers");
        return findings.add(codes::SERVER_TO_SERVER_PORT, None, message, "use 465 with SSL, or 587 with STARTTLS");
    }
    let Some(registered) = RegisteredService::of_port(port) else { return };
    let fix = format!("use {}", usual_ports(protocol).join(", or "));
    let (other, usual) = (registered.protocol, registered.security);
    if other != protocol {
        let message = format!("{place}: port {port} is registered for {} with {}", other.name(), usual.name());
        findings.add(codes::PORT_OF_ANOTHER_SERVICE, None, message, fix);
    } else if registered != protocol.registered(security) {
        let message =
            format!("{place}: port {port} is registered for {}, the file says {}", usual.name(), security.name());
        findings.add(codes::PORT_CONTRADICTS_SOCKET_TYPE, None, message, fix);
    }
}

/// How TLS starts on a port, by what it is registered for; at once on one that is registered for nothing.
pub(crate) fn usual_security(port: Port) -> Security {
    match port {
        RELAY => Security::StartTls,
        _ => RegisteredService::of_port(port).map_or(Security::ImplicitTls, |it| it.security),
    }
}

/// `993 with SSL` and `143 with STARTTLS`.
pub(crate) fn usual_ports(protocol: Protocol) -> [String; 2] {
    protocol.services().map(|it| format!("{} with {}", it.port, it.security.name()))
}

/// Mail between servers (RFC 5321 §4.5.4.2).
pub(crate) const RELAY: Port = Port::new(25).expect("not 0");
