//! The only access to the outside: name resolution, connections, and the trusted certificates. Loopback and the live
//! service differ only in this value. Certificates are always checked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use provost_account::{Certificate, Host, Port};
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A network. A copy of it costs nothing.
#[derive(Clone)]
pub struct Network {
    names: Names,
    /// It resumes no TLS session.
    tls: Arc<ClientConfig>,
}

#[derive(Debug, Clone)]
enum Names {
    /// These and no others.
    Mapped(Arc<[Route]>),
    /// The system's resolver.
    Live,
}

/// A server's place in a network that is made up of routes.
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

    /// The real network, with the system's certificate authorities and `more` besides.
    ///
    /// # Errors
    ///
    /// There is no usable authority, or one of `more` is none.
    pub fn live(more: &[Certificate]) -> Result<Self, NetworkError> {
        let mut roots = RootCertStore::empty();
        // A system's store may hold certificates that rustls cannot use; they count for nobody then.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::new(Names::Live, roots, more)
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
        Ok(Self { names, tls: Arc::new(config) })
    }

    /// What starts TLS with a full handshake, each time.
    pub(crate) fn tls(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.tls))
    }

    /// What starts TLS with a full handshake the first time, and resumes the session that it began from then on. A session
    /// that is resumed shows no certificate: none is resumed that something else has begun.
    pub(crate) fn resuming(&self) -> TlsConnector {
        let mut config = ClientConfig::clone(&self.tls);
        config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
        TlsConnector::from(Arc::new(config))
    }

    /// The addresses of a host; on a mapped network, only that there are some.
    pub(crate) async fn resolve(&self, host: &Host, port: Port) -> io::Result<Vec<IpAddr>> {
        match &self.names {
            Names::Mapped(routes) if routes.iter().any(|route| route.host == *host) => Ok(Vec::new()),
            Names::Mapped(_) => Err(io::Error::new(io::ErrorKind::NotFound, "no server of that name is known here")),
            Names::Live => {
                let found: Vec<IpAddr> =
                    tokio::net::lookup_host((host.to_string(), port.get())).await?.map(|socket| socket.ip()).collect();
                match found.is_empty() {
                    true => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
                    false => Ok(found),
                }
            }
        }
    }

    /// Whether the servers are the real ones.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.names, Names::Live)
    }

    /// Whether a connection is one of a machine with itself, as far as that means anything: everything of a mapped network
    /// is on loopback, whatever it stands for.
    pub(crate) fn is_with_itself(&self, stream: &TcpStream) -> bool {
        let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
        self.is_live() && ends.is_some_and(|(own, other)| own.ip() == other.ip())
    }

    pub(crate) async fn connect(&self, host: &Host, port: Port) -> io::Result<TcpStream> {
        let stream = match &self.names {
            Names::Mapped(routes) => {
                let route = routes.iter().find(|route| route.host == *host && route.port == port);
                match route.and_then(|route| route.socket) {
                    Some(socket) => TcpStream::connect(socket).await?,
                    None => return Err(io::ErrorKind::ConnectionRefused.into()),
                }
            }
            Names::Live => TcpStream::connect((host.to_string(), port.get())).await?,
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Starts TLS with a server.
pub(crate) async fn start_tls(tls: TlsConnector, host: &Host, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
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

/// Those of one server.
const SESSIONS_MAX: usize = 8;
