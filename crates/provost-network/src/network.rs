//! A network: where hosts are, and whose certificates count. Loopback and the live service differ only in this value.
//! Certificates are always checked.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::join_all;
use provost_account::{Certificate, Host, Port};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::connection::{ConnectError, Connected, Unreached};
use crate::dns::{Answer, Dns, Mx, Srv};
use crate::race::race;

/// A network. A copy of it costs nothing.
#[derive(Clone)]
pub struct Network {
    names: Names,
    /// It resumes no TLS session.
    tls: Arc<ClientConfig>,
    private: Private,
    dns: Option<Arc<Dns>>,
}

#[derive(Debug, Clone)]
enum Names {
    /// These and no others.
    Mapped(Arc<[Route]>),
    /// The system's resolver.
    Live,
}

/// Whether HTTP goes to hosts that are not on the public Internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Private {
    Refused,
    Allowed,
}

/// A server's place in a network that is made up of routes. A server with several addresses has a route for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The host, as accounts call it.
    pub host: Host,
    /// The port, as accounts call it.
    pub port: Port,
    /// Where it really is; `None`: the name is known and nothing listens.
    pub socket: Option<SocketAddr>,
}

impl Network {
    /// A network in which only these servers exist, and only certificates of these authorities count. Another host has
    /// no address; another port of a known host, nothing that listens.
    ///
    /// # Errors
    ///
    /// An authority's certificate is none that the TLS library can use.
    pub fn mapped(routes: Vec<Route>, roots: &[Certificate]) -> Result<Self, NetworkError> {
        Self::new(Names::Mapped(routes.into()), RootCertStore::empty(), roots)
    }

    /// The real network, with the system's certificate authorities and `more` besides. The system's are read once a run:
    /// that takes milliseconds.
    ///
    /// # Errors
    ///
    /// There is no usable authority, or one of `more` is none.
    pub fn live(more: &[Certificate]) -> Result<Self, NetworkError> {
        Self::new(Names::Live, SYSTEM_AUTHORITIES.clone(), more)
    }

    fn new(names: Names, mut roots: RootCertStore, more: &[Certificate]) -> Result<Self, NetworkError> {
        for certificate in more {
            roots.add(CertificateDer::from(certificate.der().to_vec())).map_err(NetworkError::Authority)?;
        }
        if roots.is_empty() {
            return Err(NetworkError::NoAuthority);
        }
        let mut provider = rustls::crypto::ring::default_provider();
        // Stable, so the others keep their order. It costs least where processors have AES, and is what browsers offer first.
        provider.cipher_suites.sort_by_key(|offered| offered.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(NetworkError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Self { names, tls: Arc::new(config), private: Private::Refused, dns: None })
    }

    /// What starts TLS with a full handshake, each time.
    #[must_use]
    pub fn tls(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.tls))
    }

    /// What starts TLS with a full handshake the first time, and resumes the session that it began from then on. A session
    /// that is resumed shows no certificate: none is resumed that something else has begun.
    #[must_use]
    pub fn resuming(&self) -> TlsConnector {
        let mut config = ClientConfig::clone(&self.tls);
        config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
        TlsConnector::from(Arc::new(config))
    }

    /// What starts TLS with a full handshake in which the server is not told which host is meant (RFC 6066 §3). The
    /// certificate has to be valid for that host all the same.
    #[must_use]
    pub fn tls_without_server_name(&self) -> TlsConnector {
        let mut config = ClientConfig::clone(&self.tls);
        config.enable_sni = false;
        TlsConnector::from(Arc::new(config))
    }

    /// The same network, in which HTTP also goes to loopback, private, link-local and carrier addresses. To the hosts of
    /// routes it always does.
    #[must_use]
    pub fn allowing_private(self) -> Self {
        Self { private: Private::Allowed, ..self }
    }

    /// The same network, in which these name servers are asked for records. Until then a network knows none. The addresses
    /// of hosts are not asked for there.
    #[must_use]
    pub fn with_names(self, dns: Dns) -> Self {
        Self { dns: Some(Arc::new(dns)), ..self }
    }

    /// Where a service is; see [`Dns::srv`].
    pub async fn srv(&self, name: &str) -> Answer<Srv> {
        match &self.dns {
            Some(dns) => dns.srv(name).await,
            None => Answer::not_asked(),
        }
    }

    /// Who takes a domain's mail; see [`Dns::mx`].
    pub async fn mx(&self, name: &str) -> Answer<Mx> {
        match &self.dns {
            Some(dns) => dns.mx(name).await,
            None => Answer::not_asked(),
        }
    }

    /// The texts of a name; see [`Dns::txt`].
    pub async fn txt(&self, name: &str) -> Answer<String> {
        match &self.dns {
            Some(dns) => dns.txt(name).await,
            None => Answer::not_asked(),
        }
    }

    /// The name that this one stands for; see [`Dns::cname`].
    pub async fn cname(&self, name: &str) -> Answer<String> {
        match &self.dns {
            Some(dns) => dns.cname(name).await,
            None => Answer::not_asked(),
        }
    }

    /// The addresses of a host by its records; see [`Dns::address_records`]. Those that are connected to are [`Self::addresses`].
    pub async fn address_records(&self, name: &str) -> Answer<IpAddr> {
        match &self.dns {
            Some(dns) => dns.address_records(name).await,
            None => Answer::not_asked(),
        }
    }

    /// Whether the servers are the real ones.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.names, Names::Live)
    }

    /// Whether a connection is one of a machine with itself, as far as that means anything: everything of a mapped network
    /// is on loopback, whatever it stands for.
    #[must_use]
    pub fn is_with_itself(&self, stream: &TcpStream) -> bool {
        let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
        self.is_live() && ends.is_some_and(|(own, other)| own.ip() == other.ip())
    }

    /// The addresses of a host, in the order in which the system's resolver would have them tried; on a mapped network, only
    /// that there are some.
    ///
    /// # Errors
    ///
    /// There is none, or the resolver does not say.
    pub async fn addresses(&self, host: &Host, port: Port) -> io::Result<Vec<IpAddr>> {
        let sockets = self.look_up(host, port).await?;
        Ok(if self.is_live() { sockets.iter().map(SocketAddr::ip).collect() } else { Vec::new() })
    }

    /// Connects to a host: its addresses race each other (RFC 8305).
    ///
    /// # Errors
    ///
    /// The host has no address, or none that answers. It may take as long as the system waits for an answer, which is
    /// minutes: the caller has the time limit.
    pub async fn connect(&self, host: &Host, port: Port) -> Result<Connected, ConnectError> {
        let addresses = self.sockets(host, port).await?;
        self.connect_to_one(&addresses, host, port).await
    }

    /// Connects to every address of a host by itself, all at once, and waits this long for an answer.
    ///
    /// # Errors
    ///
    /// The host has no address.
    pub async fn connect_each(
        &self,
        host: &Host,
        port: Port,
        within: Duration,
    ) -> Result<Vec<(SocketAddr, Result<TcpStream, Unreached>)>, ConnectError> {
        let addresses = self.sockets(host, port).await?;
        let attempts = addresses.into_iter().map(|address| {
            timeout(within, connected(address)).map(move |outcome| (address, outcome.unwrap_or(Err(Unreached::Silent))))
        });
        Ok(join_all(attempts).await)
    }

    /// Connects to this address.
    ///
    /// # Errors
    ///
    /// There is no connection.
    pub async fn connect_to(&self, address: SocketAddr) -> io::Result<TcpStream> {
        connected_to(address).await
    }

    /// Whether this machine has a way to an address at all: a machine without IPv6 has none to any address of that family.
    /// Nothing is sent: to connect a socket of datagrams is to look the way up.
    pub async fn has_way_to(&self, address: SocketAddr) -> bool {
        let own = match address {
            SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        };
        match UdpSocket::bind(own).await {
            Ok(socket) => socket.connect(address).await.is_ok(),
            Err(_) => false,
        }
    }

    /// What starts TLS with a web server that speaks HTTP/1.1.
    pub(crate) fn tls_for_web(&self) -> TlsConnector {
        let mut config = ClientConfig::clone(&self.tls);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsConnector::from(Arc::new(config))
    }

    pub(crate) fn private(&self) -> Private {
        self.private
    }

    pub(crate) fn has_route(&self, host: &Host) -> bool {
        match &self.names {
            Names::Mapped(routes) => routes.iter().any(|route| route.host == *host),
            Names::Live => false,
        }
    }

    /// Connects to one of a host's addresses.
    pub(crate) async fn connect_to_one(
        &self,
        addresses: &[SocketAddr],
        host: &Host,
        port: Port,
    ) -> Result<Connected, ConnectError> {
        Connected::of(race(addresses, connected).await, host, port)
    }

    /// Where a host's port is. On a mapped network there may be no place.
    pub(crate) async fn sockets(&self, host: &Host, port: Port) -> Result<Vec<SocketAddr>, ConnectError> {
        let found = self.look_up(host, port).await;
        found.map_err(|source| ConnectError::NoAddress { host: host.clone(), source })
    }

    async fn look_up(&self, host: &Host, port: Port) -> io::Result<Vec<SocketAddr>> {
        match &self.names {
            Names::Mapped(routes) => {
                let mut of_host = routes.iter().filter(|route| route.host == *host).peekable();
                // Nothing listens at an address that has no route.
                if of_host.peek().is_none() && matches!(host, Host::Name(_)) {
                    return Err(io::Error::new(io::ErrorKind::NotFound, "no server of that name is known here"));
                }
                Ok(of_host.filter(|route| route.port == port).filter_map(|route| route.socket).collect())
            }
            Names::Live => {
                let found: Vec<SocketAddr> = tokio::net::lookup_host((host.to_string(), port.get())).await?.collect();
                match found.is_empty() {
                    true => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
                    false => Ok(found),
                }
            }
        }
    }
}

async fn connected(address: SocketAddr) -> Result<TcpStream, Unreached> {
    connected_to(address).await.map_err(Unreached::from)
}

async fn connected_to(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Starts TLS with a server.
///
/// # Errors
///
/// The handshake fails, for what the server shows or does: then there is a `rustls::Error` inside. Or the connection breaks.
pub async fn start_tls(tls: TlsConnector, host: &Host, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let name = match host {
        Host::Name(name) => ServerName::try_from(name.as_str().to_owned()).map_err(io::Error::other)?,
        Host::Address(address) => ServerName::from(*address),
    };
    tls.connect(name, stream).await
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Why there is no network.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A certificate is no authority's.
    #[error("a certificate to trust cannot be used")]
    Authority(#[source] rustls::Error),
    /// Nobody's certificates would count.
    #[error("there is no certificate authority to trust")]
    NoAuthority,
    /// The TLS library cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// Those of the system that rustls can use; the others count for nobody.
static SYSTEM_AUTHORITIES: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
});

/// Those of one server.
const SESSIONS_MAX: usize = 8;
