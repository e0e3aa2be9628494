//! One server of an account as a check sees it, and the check's verdict. Server text is escaped, truncated and stripped
//! of passwords here before it reaches a report.

use std::io;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{Account, LeftOpen, Protocol, Secret, Security, Server};

use crate::Network;

/// A server, with all that a check needs to try it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) account: &'a Account,
    pub(crate) password: Option<&'a Secret>,
    pub(crate) label: &'a str,
    pub(crate) network: &'a Network,
    pub(crate) now: SystemTime,
    pub(crate) step_timeout: Duration,
    pub(crate) protocol: Protocol,
    pub(crate) server: &'a Server,
    /// What the file left to the client, which is settled in `server`.
    pub(crate) left_open: &'a LeftOpen,
    /// What the file said, before that was settled.
    pub(crate) said: &'a Server,
}

/// What a check finds.
#[derive(Debug)]
pub(crate) enum Verdict {
    Passed { found: String },
    Failed(Problem),
    DoesNotApply { reason: String },
    NotTried { reason: String },
}

/// Something that does not work.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) found: String,
    pub(crate) cause: Option<String>,
    pub(crate) fix: Option<String>,
    /// How TLS starts on the port, where that is what the account has otherwise.
    pub(crate) starts: Option<Security>,
}

impl Attempt<'_> {
    /// `host:port`, IPv6 addresses in brackets.
    pub(crate) fn server_name(&self) -> String {
        self.server.endpoint.authority()
    }

    /// Quotes what the server said.
    pub(crate) fn said(&self, text: &str) -> String {
        let mut text = text.trim().to_owned();
        for secret in self.secrets() {
            text = text.replace(&secret, "(password)");
        }
        let escaped: String = text.chars().take(SAID_CHARACTERS_MAX).flat_map(char::escape_debug).collect();
        let escaped = escaped.replace("\\\"", "\"").replace("\\'", "'");
        let more = if text.chars().count() > SAID_CHARACTERS_MAX { "…" } else { "" };
        format!("{escaped}{more}")
    }

    /// A problem that the server put into words.
    pub(crate) fn refused(&self, what: &str, text: &str) -> Problem {
        Problem::new(format!("{what}: {}", self.said(text)))
    }

    /// The forms in which the password may come back.
    fn secrets(&self) -> Vec<String> {
        let Some(password) = self.password.map(Secret::expose).filter(|password| !password.is_empty()) else {
            return Vec::new();
        };
        let login = self.server.login.as_ref().map_or("", |login| login.as_str());
        let triple = format!("\0{login}\0{password}");
        vec![STANDARD.encode(triple), STANDARD.encode(password), password.to_owned()]
    }
}

impl Verdict {
    pub(crate) fn passed(found: impl Into<String>) -> Self {
        Self::Passed { found: found.into() }
    }

    pub(crate) fn does_not_apply(reason: impl Into<String>) -> Self {
        Self::DoesNotApply { reason: reason.into() }
    }

    pub(crate) fn not_tried(reason: impl Into<String>) -> Self {
        Self::NotTried { reason: reason.into() }
    }

    pub(crate) fn timed_out(limit: Duration) -> Self {
        Self::Failed(Problem {
            found: format!("no answer within {:?}", limit),
            cause: Some("the server, or a firewall on the way, keeps silent".to_owned()),
            fix: Some("check that the port is open and that the service behind it runs".to_owned()),
            starts: None,
        })
    }
}

impl Problem {
    pub(crate) fn new(found: impl Into<String>) -> Self {
        Self { found: found.into(), cause: None, fix: None, starts: None }
    }

    pub(crate) fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    pub(crate) fn mended_by(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    /// The port would work if TLS started that way.
    pub(crate) fn starts(self, security: Security) -> Self {
        Self { starts: Some(security), ..self }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        // With TLS 1.3 a server refuses a client without a certificate after the handshake.
        let alert = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired)) = alert {
            return Self::new(WANTS_A_CERTIFICATE).because("without one it lets nobody in");
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                Self::new("the connection ended too early").because("the server, or something on the way, hung up")
            }
            _ => Self::new(error.to_string()),
        }
    }
}

/// What is found where a server lets in nobody without a certificate.
pub(crate) const WANTS_A_CERTIFICATE: &str = "the server wants a client certificate";
const SAID_CHARACTERS_MAX: usize = 200;
