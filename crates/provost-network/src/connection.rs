//! What became of the connections to a host, address by address. It connects nowhere.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use provost_account::{Host, Port};
use thiserror::Error;
use tokio::net::TcpStream;

use crate::race::Race;

/// A connection to a host, and what became of the addresses that were tried before and beside it.
#[derive(Debug)]
pub struct Connected {
    /// The connection.
    pub stream: TcpStream,
    /// Where it leads.
    pub address: SocketAddr,
    /// The addresses without one. Those whose turn did not come are not among them.
    pub others: Vec<Tried>,
}

/// An address to which there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub why: Unreached,
}

/// Why there is no connection to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreached {
    /// Nothing listens on the port, and the host says so.
    Refused,
    /// It had not answered when another address did, or when time was up.
    Silent,
    /// Otherwise, in the system's words.
    Failed {
        /// Those.
        detail: String,
    },
}

/// Why there is no connection to a host.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The host has no address.
    #[error("no address for {host}")]
    NoAddress {
        /// The host.
        host: Host,
        /// What the resolver says.
        source: io::Error,
    },
    /// None of its addresses can be connected to.
    #[error("no connection to {}{}", host.authority(*port), in_words(tried))]
    Unreached {
        /// The host.
        host: Host,
        /// The port.
        port: Port,
        /// Each address. There is none where a mapped network knows the host and not the port.
        tried: Vec<Tried>,
    },
}

impl Connected {
    pub(crate) fn of(race: Race<TcpStream, Unreached>, host: &Host, port: Port) -> Result<Self, ConnectError> {
        let failed = race.failed.into_iter().map(|(address, why)| Tried { address, why });
        let overtaken = race.overtaken.into_iter().map(|address| Tried { address, why: Unreached::Silent });
        let others: Vec<Tried> = failed.chain(overtaken).collect();
        match race.won {
            Some((address, stream)) => Ok(Self { stream, address, others }),
            None => Err(ConnectError::Unreached { host: host.clone(), port, tried: others }),
        }
    }
}

impl ConnectError {
    /// Whether the host answers at each of its addresses that nothing listens on the port.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NoAddress { .. } => false,
            Self::Unreached { tried, .. } => tried.iter().all(|tried| tried.why == Unreached::Refused),
        }
    }
}

impl From<io::Error> for Unreached {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::Failed { detail: error.to_string() },
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Unreached::Refused => write!(f, "{} refuses", self.address.ip()),
            Unreached::Silent => write!(f, "{} does not answer", self.address.ip()),
            Unreached::Failed { detail } => write!(f, "{}: {detail}", self.address.ip()),
        }
    }
}

fn in_words(tried: &[Tried]) -> String {
    let tried: Vec<String> = tried.iter().map(ToString::to_string).collect();
    if tried.is_empty() { String::new() } else { format!(": {}", tried.join(", ")) }
}
