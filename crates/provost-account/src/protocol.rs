//! The mail protocols and their registered ports: the only list of either.

use std::num::NonZeroU16;

use crate::{Port, Security};

/// A protocol that a mail client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// RFC 3501, RFC 9051.
    Imap,
    /// RFC 1939.
    Pop3,
    /// RFC 6409.
    Submission,
}

/// The protocol of an incoming server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncomingProtocol {
    /// RFC 3501, RFC 9051.
    Imap,
    /// RFC 1939.
    Pop3,
}

/// A service in IANA's registry of service names and port numbers
/// (<https://www.iana.org/assignments/service-names-port-numbers>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisteredService {
    /// The protocol.
    pub protocol: Protocol,
    /// How TLS starts there. [`Security::Cleartext`] has no service of its own: it uses that of STARTTLS.
    pub security: Security,
    /// The name, without the underscore of SRV labels.
    pub name: &'static str,
    /// The port.
    pub port: Port,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::Imap, Self::Pop3, Self::Submission];

    /// The name in settings files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Submission => "smtp",
        }
    }

    /// The name in sentences.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Submission => "SMTP",
        }
    }

    /// The protocol of an incoming server. `None`: mail is sent through it.
    #[must_use]
    pub fn incoming(self) -> Option<IncomingProtocol> {
        match self {
            Self::Imap => Some(IncomingProtocol::Imap),
            Self::Pop3 => Some(IncomingProtocol::Pop3),
            Self::Submission => None,
        }
    }

    /// The service that is registered for this protocol and this protection.
    #[must_use]
    pub fn registered(self, security: Security) -> &'static RegisteredService {
        let starts = match security {
            Security::ImplicitTls => Security::ImplicitTls,
            Security::StartTls | Security::Cleartext => Security::StartTls,
        };
        let found = REGISTERED_SERVICES.iter().find(|it| it.protocol == self && it.security == starts);
        found.expect("each protocol has a service for both")
    }

    /// Both services of this protocol: with TLS from the first byte, then with STARTTLS.
    #[must_use]
    pub fn services(self) -> [&'static RegisteredService; 2] {
        [Security::ImplicitTls, Security::StartTls].map(|security| self.registered(security))
    }
}

impl IncomingProtocol {
    /// The name in settings files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Protocol::from(self).name()
    }
}

impl From<IncomingProtocol> for Protocol {
    fn from(protocol: IncomingProtocol) -> Self {
        match protocol {
            IncomingProtocol::Imap => Self::Imap,
            IncomingProtocol::Pop3 => Self::Pop3,
        }
    }
}

impl RegisteredService {
    /// The service that a port is registered for.
    #[must_use]
    pub fn of_port(port: Port) -> Option<&'static Self> {
        REGISTERED_SERVICES.iter().find(|it| it.port == port)
    }
}

const fn service(protocol: Protocol, security: Security, name: &'static str, port: u16) -> RegisteredService {
    RegisteredService { protocol, security, name, port: NonZeroU16::new(port).expect("a registered port is not 0") }
}

/// RFC 8314 §7.1 to §7.3 (`pop3s`, `imaps`, `submissions`), RFC 9051 §2.1, RFC 1939 §3 and RFC 6409 §3.1.
pub const REGISTERED_SERVICES: &[RegisteredService] = &[
    service(Protocol::Imap, Security::ImplicitTls, "imaps", 993),
    service(Protocol::Imap, Security::StartTls, "imap", 143),
    service(Protocol::Submission, Security::ImplicitTls, "submissions", 465),
    service(Protocol::Submission, Security::StartTls, "submission", 587),
    service(Protocol::Pop3, Security::ImplicitTls, "pop3s", 995),
    service(Protocol::Pop3, Security::StartTls, "pop3", 110),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// As IANA's registry has them.
    #[test]
    fn each_protocol_has_two_registered_ports() {
        for (protocol, said) in [
            (Protocol::Imap, ["imaps 993 SSL", "imap 143 STARTTLS"]),
            (Protocol::Pop3, ["pop3s 995 SSL", "pop3 110 STARTTLS"]),
            (Protocol::Submission, ["submissions 465 SSL", "submission 587 STARTTLS"]),
        ] {
            let found = protocol.services().map(|it| format!("{} {} {}", it.name, it.port, it.security.name()));
            assert_eq!(found, said);
            assert_eq!(protocol.registered(Security::Cleartext), protocol.registered(Security::StartTls));
            for service in protocol.services() {
                assert_eq!(RegisteredService::of_port(service.port), Some(service));
            }
        }
    }
}
