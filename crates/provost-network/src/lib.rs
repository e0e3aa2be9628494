//! The one door to the network: host names by the system's resolver, as clients find them; connections to every address of
//! a host; records by a name server; TLS with checked certificates; documents over HTTP. It knows no mail protocol, judges
//! nothing, prints nothing, and retries nothing by itself.
//!
//! A [`Network`] is either the real one, or made up of [`Route`]s to sockets. Whoever uses it cannot tell the two apart, but
//! by [`Network::is_live`]. What is found is data: at which addresses a connection failed and why ([`Connected`],
//! [`ConnectError`]). Only what could not be looked at is an error.

mod connection;
mod dns;
mod http;
mod network;
mod race;
mod reach;

pub use connection::{ConnectError, Connected, Tried, Unreached};
pub use dns::{Absent, Answer, Dns, DnsError, Dnssec, Mx, Srv, Unanswered};
pub use http::{FetchError, Fetched};
pub use network::{Network, NetworkError, Route, start_tls};
pub use reach::NotPublic;
