//! The names of the services, and fixed ports for them.

use anyhow::Context;
use provost_account::Security;
use provost_mockmail::{FixedPort, Protocol};

use crate::failure::Failure;

/// The service name of RFC 8314 and RFC 6186, as the ready line has it.
pub(super) fn service_name(protocol: Protocol, security: Security) -> &'static str {
    match (protocol, security) {
        (Protocol::Imap, Security::ImplicitTls) => "imaps",
        (Protocol::Imap, Security::StartTls | Security::Cleartext) => "imap",
        (Protocol::Submission, Security::ImplicitTls) => "submissions",
        (Protocol::Submission, Security::StartTls | Security::Cleartext) => "submission",
        (Protocol::Pop3, Security::ImplicitTls) => "pop3s",
        (Protocol::Pop3, Security::StartTls | Security::Cleartext) => "pop3",
    }
}

/// The ports that were asked for.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) mail: Vec<FixedPort>,
    /// Where GreenMail's REST paths are, if anywhere.
    pub(super) greenmail_api: u16,
}

/// A preset's ports, and those that were asked for by name in their place.
pub(super) fn chosen(asked: &[String], preset: Option<&str>) -> Result<Ports, Failure> {
    let mut ports = Vec::new();
    let mut greenmail_api = GREENMAIL_API;
    for text in asked {
        if let Some(port) = text.strip_prefix("greenmail-api=").and_then(|port| port.parse().ok()) {
            greenmail_api = port;
            continue;
        }
        let fixed = text.split_once('=').and_then(|(name, port)| {
            let kind = KINDS.iter().find(|(protocol, security)| service_name(*protocol, *security) == name)?;
            Some(FixedPort { protocol: kind.0, security: kind.1, port: port.parse().ok()? })
        });
        let fixed = fixed.with_context(|| format!("--port {text:?} is no service and port"));
        let names: Vec<&str> = KINDS.iter().map(|(protocol, security)| service_name(*protocol, *security)).collect();
        ports.push(fixed.map_err(|error| {
            Failure::hinted(error, format!("for example imaps=10993; the services are {}", names.join(", ")))
        })?);
    }
    if preset == Some("greenmail") {
        for ((protocol, security), port) in KINDS.iter().zip(GREENMAIL) {
            if !ports.iter().any(|it| it.protocol == *protocol && it.security == *security) {
                ports.push(FixedPort { protocol: *protocol, security: *security, port });
            }
        }
    }
    Ok(Ports { mail: ports, greenmail_api })
}

const KINDS: [(Protocol, Security); 6] = [
    (Protocol::Imap, Security::ImplicitTls),
    (Protocol::Imap, Security::StartTls),
    (Protocol::Submission, Security::ImplicitTls),
    (Protocol::Submission, Security::StartTls),
    (Protocol::Pop3, Security::ImplicitTls),
    (Protocol::Pop3, Security::StartTls),
];
/// GreenMail's default test ports, in the order of the kinds.
const GREENMAIL: [u16; 6] = [3993, 3143, 3465, 3025, 3995, 3110];
/// Where GreenMail's standalone server has its REST interface.
const GREENMAIL_API: u16 = 8080;
