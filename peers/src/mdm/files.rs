//! The folder in which an organization publishes what its declarations refer to, over HTTPS.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path as InUrl, State};
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::papers::Authority;
use super::tls::Secured;

/// The folder; it ends when it is dropped.
pub(super) struct Published {
    /// The URL of the folder.
    pub(super) url: String,
    files: Files,
    serving: JoinHandle<()>,
}

type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

impl Published {
    pub(super) async fn start(authority: &Authority) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://localhost:{}/mail", listener.local_addr()?.port());
        let tls = TlsAcceptor::from(authority.server(&["localhost"], &[])?);
        let files = Files::default();
        let router = Router::new().route("/mail/{name}", get(file)).with_state(Arc::clone(&files));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(Secured { listener, tls, tunnels_to: None }, router).await {
                eprintln!("the published files ended: {error}");
            }
        });
        Ok(Self { url, files, serving })
    }

    /// Publishes the files of a folder.
    pub(super) fn publish(&self, folder: &Path) -> anyhow::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
        }
        Ok(())
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn file(State(files): State<Files>, InUrl(name): InUrl<String>) -> Result<Vec<u8>, StatusCode> {
    files.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned().ok_or(StatusCode::NOT_FOUND)
}
