//! One server of an account as a check sees it, and why a check stops short of evidence. Server text is escaped, truncated
//! and stripped of passwords here before it reaches a report.

use std::any::Any;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_account::{Endpoint, Protocol, Secret, Server};
use provost_network::{ConnectError, Network, start_tls};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use crate::cause::{Cause, Refusal, Said};
use crate::report::{Reason, Verdict};
use crate::shared::Shared;
use crate::wire::LineWithoutEnd;
use crate::{Options, Subject};

/// A server, with all that a check needs to try it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) options: &'a Options,
    pub(crate) network: &'a Network,
    pub(crate) protocol: Protocol,
    pub(crate) server: &'a Server,
    /// What the file said, before what it leaves to the client was settled in `server`.
    pub(crate) said: &'a Server,
    /// Who took the mail that is looked for here.
    pub(crate) sent_by: Option<&'a Endpoint>,
    /// What failed before, for a check that explains it.
    pub(crate) explained: Option<&'a Cause>,
    pub(crate) link: Link<'a>,
    /// When the check has to end; `None`: whoever asks has the time limit.
    pub(crate) until: Option<Instant>,
}

/// Over which connection a check asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link<'a> {
    /// Each over one of its own, with a full handshake.
    Own,
    /// Over one of its own, which resumes the TLS session of the shared one.
    Beside(&'a Shared<'a>),
    /// Over the one that it takes from the check before, and hands on to the next.
    Shared(&'a Shared<'a>),
}

impl Attempt<'_> {
    /// The same over a connection that is neither taken from another check nor handed on.
    pub(crate) fn beside(&self) -> Self {
        let link = match self.link {
            Link::Own => Link::Own,
            Link::Beside(shared) | Link::Shared(shared) => Link::Beside(shared),
        };
        Self { link, ..*self }
    }

    /// The connection that the check before has handed on, if it is at that stage.
    pub(crate) fn take<Stage: Any>(&self) -> Option<Stage> {
        match self.link {
            Link::Own | Link::Beside(_) => None,
            Link::Shared(shared) => shared.take(),
        }
    }

    /// Hands a connection on to the next check. Gives it back where the next one makes its own.
    pub(crate) fn hand_on<Stage: Any + Send>(&self, connection: Stage) -> Option<Stage> {
        match self.link {
            Link::Own | Link::Beside(_) => Some(connection),
            Link::Shared(shared) => {
                shared.keep(connection);
                None
            }
        }
    }

    /// Connects to the server, without TLS.
    pub(crate) async fn connect(&self) -> Result<TcpStream, ConnectError> {
        let endpoint = &self.server.endpoint;
        Ok(self.network.connect(&endpoint.host, endpoint.port).await?.stream)
    }

    pub(crate) async fn start_tls(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let tls = match self.link {
            Link::Own => self.network.tls(),
            Link::Beside(shared) | Link::Shared(shared) => shared.tls(),
        };
        start_tls(tls, &self.server.endpoint.host, stream).await
    }

    /// Quotes what the server said.
    pub(crate) fn said(&self, text: &str) -> Said {
        let mut text = text.trim().to_owned();
        for secret in self.secrets() {
            text = text.replace(&secret, "(password)");
        }
        let escaped: String = text.chars().take(SAID_CHARACTERS_MAX).flat_map(char::escape_debug).collect();
        let escaped = escaped.replace("\\\"", "\"").replace("\\'", "'");
        let more = if text.chars().count() > SAID_CHARACTERS_MAX { "…" } else { "" };
        Said(format!("{escaped}{more}"))
    }

    /// A command that the server refuses, in its words.
    pub(crate) fn refused(&self, command: impl Into<String>, text: &str) -> Cause {
        Cause::Refused { what: Refusal::Command(command.into()), said: self.said(text) }
    }

    /// The forms in which the password may come back.
    fn secrets(&self) -> Vec<String> {
        let Some(password) = self.subject.password.map(Secret::expose).filter(|password| !password.is_empty()) else {
            return Vec::new();
        };
        let login = self.server.login.as_ref().map_or("", |login| login.as_str());
        let triple = format!("\0{login}\0{password}");
        vec![STANDARD.encode(triple), STANDARD.encode(password), password.to_owned()]
    }
}

/// Why a check has nothing to show.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The server judged name and password, and refused.
    Refused(Said),
    /// It fails, by what the server said of the account or of the message: asked again, it might say something else, and
    /// count a second refused password, or take the mail that it puts off the first time (RFC 6647).
    Judged(Cause),
    /// It fails.
    Failed(Cause),
    /// The question makes no sense here, or cannot be answered with what is at hand.
    DoesNotApply(Reason),
    /// The account wants something that is not tried here.
    NotTried(Reason),
}

impl From<Stop> for Verdict {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(said) => Self::Failed(Cause::LoginRefusedLater { said }),
            Stop::Judged(cause) | Stop::Failed(cause) => Self::Failed(cause),
            Stop::DoesNotApply(reason) => Self::DoesNotApply(reason),
            Stop::NotTried(reason) => Self::NotTried(reason),
        }
    }
}

impl<E: Into<Cause>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::DoesNotApply(reason)
    }
}

impl From<ConnectError> for Cause {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Unreached { port, .. } if error.is_refusal() => Self::PortClosed { port },
            ConnectError::Unreached { tried, .. } => {
                let tried: Vec<String> = tried.iter().map(ToString::to_string).collect();
                Self::HostUnreachable { detail: tried.join(", ") }
            }
            ConnectError::NoAddress { host, source } => Self::NameDoesNotResolve { host, detail: source.to_string() },
        }
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        let inner = error.get_ref();
        if inner.is_some_and(|inner| inner.is::<LineWithoutEnd>()) {
            return Self::LineWithoutEnd;
        }
        // With TLS 1.3 a server refuses a client without a certificate after the handshake.
        let alert = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired)) = alert {
            return Self::ClientCertificateWanted;
        }
        Self::broken(error.kind(), error.to_string())
    }
}

impl Cause {
    /// A connection that broke, in words that are fit for a report.
    pub(crate) fn broken(kind: io::ErrorKind, detail: String) -> Self {
        match kind {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                Self::HungUp
            }
            _ => Self::ConnectionBroken { detail },
        }
    }
}

const SAID_CHARACTERS_MAX: usize = 200;
