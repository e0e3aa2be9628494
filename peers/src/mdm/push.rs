//! A push service on loopback: the CONNECT proxy that the MDM servers ask, and HTTP/2 over TLS as api.push.apple.com, with
//! a certificate of the test's authority. It tells who was pushed, and pushes nobody.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::papers::Authority;
use super::tls::Secured;

/// The service; it ends when it is dropped.
pub(super) struct PushService {
    /// The proxy, as `HTTPS_PROXY` names it.
    pub(super) proxy: String,
    /// The token of each push, in hexadecimal digits, in the order in which they came.
    pub(super) pushes: UnboundedReceiver<String>,
    serving: JoinHandle<()>,
}

impl PushService {
    pub(super) async fn start(authority: &Authority) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = format!("http://{}", listener.local_addr()?);
        let tls = TlsAcceptor::from(authority.server(&["api.push.apple.com"], &[b"h2"])?);
        let (told, pushes) = unbounded_channel();
        // https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
        let router = Router::new().route("/3/device/{token}", post(push)).with_state(told);
        let serving = tokio::spawn(async move {
            if let Err(error) =
                axum::serve(Secured { listener, tls, tunnels_to: Some("api.push.apple.com:443") }, router).await
            {
                eprintln!("the push service ended: {error}");
            }
        });
        Ok(Self { proxy, pushes, serving })
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn push(State(told): State<UnboundedSender<String>>, Path(token): Path<String>) -> [(&'static str, String); 1] {
    let id = format!("for-{token}");
    // Nobody listens any more when the run is over.
    let _ = told.send(token);
    [("apns-id", id)]
}
