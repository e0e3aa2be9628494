//! A small service, and a TLS client for it with full certificate checks.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use provost_account::{
    Authentication, DisplayName, DomainName, EmailAddress, Endpoint, Host, IncomingProtocol, Login, LoginTemplate,
    Organization, OrganizationId, Protocol, Secret, Security, Service,
};
use provost_mockmail::{ClientCertificate, Config, Mailbox, MockMail};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One account on localhost, at a moment that is always the same.
pub fn config() -> Config {
    let endpoint = |port: u16| Endpoint {
        host: Host::try_from("localhost").unwrap(),
        port: port.try_into().unwrap(),
        security: Security::ImplicitTls,
        authentication: Authentication::PasswordCleartext,
    };
    let service = Service::of(
        Organization {
            id: OrganizationId::try_from("org.example").unwrap(),
            name: DisplayName::try_from("Example").unwrap(),
        },
        vec![DomainName::try_from("example.org").unwrap()],
        LoginTemplate::try_from("%EMAILADDRESS%").unwrap(),
        vec![(IncomingProtocol::Imap, endpoint(993))],
        vec![endpoint(465)],
    );
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_521_600);
    Config { transcript: true, ..Config::of(service, vec![mailbox("jane@example.org")], now) }
}

pub async fn start() -> MockMail {
    MockMail::start(config()).await.unwrap()
}

pub fn mailbox(name: &str) -> Mailbox {
    Mailbox {
        address: address(name),
        aliases: Vec::new(),
        login: Login::try_from(name).unwrap(),
        password: Secret::new("correct horse".to_owned()),
    }
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::try_from(text).unwrap()
}

/// A client's side of TLS that trusts the server's authority, and no other.
pub fn client(mock: &MockMail, certificate: Option<&ClientCertificate>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(mock.ca().der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    match certificate {
        None => builder.with_no_client_auth(),
        Some(shown) => {
            let chain = vec![CertificateDer::from_pem_slice(shown.certificate_pem.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(shown.key_pem.expose().as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    }
}

/// Where a protocol is spoken inside TLS.
pub fn socket(mock: &MockMail, protocol: Protocol) -> std::net::SocketAddr {
    let found = mock.listeners().iter().find(|it| it.protocol == protocol && it.security == Security::ImplicitTls);
    found.unwrap().socket.unwrap()
}

/// A connection inside TLS, its greeting read.
pub async fn connect(mock: &MockMail, protocol: Protocol, client: &Arc<ClientConfig>, host: &str) -> Spoken {
    let tcp = TcpStream::connect(socket(mock, protocol)).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut spoken = Spoken(TlsConnector::from(Arc::clone(client)).connect(name, tcp).await.unwrap());
    spoken.until("\r\n").await;
    spoken
}

/// The same with a client of its own, which has no certificate.
pub async fn speak(mock: &MockMail, protocol: Protocol) -> Spoken {
    connect(mock, protocol, &Arc::new(client(mock, None)), "localhost").await
}

/// IMAP in the mailbox of jane or john.
pub async fn logged_in(mock: &MockMail, name: &str) -> Spoken {
    let mut spoken = speak(mock, Protocol::Imap).await;
    spoken.say(&LOGIN.replace("jane", name), "a OK").await;
    spoken
}

/// A connection on which lines are said and heard.
pub struct Spoken<S = TlsStream<TcpStream>>(pub S);

impl<S: AsyncRead + AsyncWrite + Unpin> Spoken<S> {
    /// Says something, and hears everything up to a text.
    pub async fn say(&mut self, text: &str, end: &str) -> String {
        self.0.write_all(text.as_bytes()).await.unwrap();
        self.until(end).await
    }

    /// Hears everything up to a text, or to the end of the connection.
    pub async fn until(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        let mut chunk = [0; 4096];
        while !String::from_utf8_lossy(&heard).contains(end) {
            match self.0.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(octets) => heard.extend_from_slice(&chunk[..octets]),
            }
        }
        String::from_utf8_lossy(&heard).into_owned()
    }
}

pub const LOGIN: &str = "a login jane@example.org \"correct horse\"\r\n";
pub const AUTH: &str = "EHLO c\r\nAUTH PLAIN AGphbmVAZXhhbXBsZS5vcmcAY29ycmVjdCBob3JzZQ==\r\n";
