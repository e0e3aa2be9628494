//! Connections under TLS on loopback, for the push service and for the files of assets.

use std::net::SocketAddr;

use axum::serve::Listener;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Where they arrive.
pub(super) struct Secured {
    pub(super) listener: TcpListener,
    pub(super) tls: TlsAcceptor,
    /// The `host:port` for which this is a proxy; without it, it is the server itself.
    pub(super) tunnels_to: Option<&'static str>,
}

impl Secured {
    async fn connection(&self) -> std::io::Result<(TlsStream<TcpStream>, SocketAddr)> {
        let (mut stream, peer) = self.listener.accept().await?;
        if let Some(target) = self.tunnels_to {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            // RFC 9110 §9.3.6
            if !head.starts_with(format!("CONNECT {target} ").as_bytes()) {
                return Err(std::io::Error::other(format!("a tunnel to {}", String::from_utf8_lossy(&head))));
            }
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        }
        Ok((self.tls.accept(stream).await?, peer))
    }
}

impl Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Clients give connections up that they turn out not to need; a broken one fails at the other end.
            if let Ok(connection) = self.connection().await {
                return connection;
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
