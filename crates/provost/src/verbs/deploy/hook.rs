//! The listener for a server's events. What they say, `provost-mdm` reads.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use provost_account::Secret;
use provost_mdm::webhook::{self, Seen};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::failure::Failure;

/// Events, as they come.
pub(super) struct Hook {
    events: UnboundedReceiver<Seen>,
}

struct Shared {
    key: Option<Secret>,
    events: UnboundedSender<Seen>,
}

impl Hook {
    /// Listens. With a key, events without its signature are refused.
    pub(super) async fn listen(listen: std::net::SocketAddr, key: Option<Secret>) -> Result<Self, Failure> {
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            let hint = "a `provost deploy watch` that is running has the port; without --wait, it writes the journal";
            Failure::hinted(anyhow::Error::from(error).context(format!("cannot listen on {listen}")), hint)
        })?;
        let at = listener.local_addr().context("cannot listen")?;
        eprintln!("listening for events on http://{at}");
        let (sender, events) = unbounded_channel();
        let shared = Arc::new(Shared { key, events: sender });
        let router = Router::new()
            .route("/", post(take))
            .route("/{*path}", post(take))
            .layer(DefaultBodyLimit::max(EVENT_OCTETS_MAX))
            .with_state(shared);
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("warning: no more events: {error}");
            }
        });
        Ok(Self { events })
    }

    /// The next event.
    pub(super) async fn next(&mut self) -> Option<Seen> {
        self.events.recv().await
    }

    /// Those that have come.
    pub(super) fn come(&mut self) -> Vec<Seen> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if let Some(key) = &shared.key {
        let signature = headers.get(webhook::SIGNATURE).map(|value| value.as_bytes());
        if webhook::check(key, &body, signature).is_err() {
            eprintln!("warning: an event without the key's signature was refused");
            return StatusCode::UNAUTHORIZED;
        }
    }
    match webhook::read(&body) {
        Ok(seen) => {
            // Whoever listened has gone: the program is about to end.
            let gone = shared.events.send(seen).is_err();
            if gone { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        }
        Err(error) => {
            eprintln!("warning: an event cannot be read: {error}");
            StatusCode::BAD_REQUEST
        }
    }
}

const EVENT_OCTETS_MAX: usize = 16 << 20;
