//! HTTP on loopback, for programs on this machine. Web pages cannot reach it: a request that names another host, or
//! comes from a page, is refused. Every refusal has a JSON body that says why.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// A running interface. It ends when it is dropped.
pub(super) struct Interface {
    socket: SocketAddr,
    task: JoinHandle<()>,
}

impl Interface {
    /// Starts it. When this returns, it accepts.
    pub(super) async fn start(port: u16, routes: Router) -> Result<Self, Failure> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.with_context(|| format!("cannot listen on port {port} of loopback"))?;
        let socket = listener.local_addr().context("a listener without an address")?;
        let routes = routes.layer(middleware::from_fn(explained)).layer(middleware::from_fn(loopback_only));
        let served = async move {
            if let Err(error) = axum::serve(listener, routes).await {
                eprintln!("error: the interface on {socket} has ended: {error}");
            }
        };
        Ok(Self { socket, task: tokio::spawn(served) })
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> SocketAddr {
        self.socket
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A page in a browser can send requests to loopback. It cannot do so without an Origin, nor, once the name of its own
/// host leads to loopback, without that name as Host.
async fn loopback_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let host = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host);
    if headers.contains_key(header::ORIGIN) || !matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
        let refused = "requests from web pages, and to hosts other than loopback, are refused";
        return (StatusCode::FORBIDDEN, Json(json!({"error": refused}))).into_response();
    }
    next.run(request).await
}

/// Gives refusals of the framework, which are plain text or empty, the JSON body that all others have.
async fn explained(request: Request, next: Next) -> Response {
    let what = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if status.as_u16() < 400 || kind.starts_with("application/json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // A body that cannot be read is treated as an empty one.
    let said = to_bytes(body, REFUSAL_OCTETS_MAX)
        .await
        .map_or_else(|_| String::new(), |it| String::from_utf8_lossy(&it).into_owned());
    let allowed = parts.headers.get(header::ALLOW).and_then(|allowed| allowed.to_str().ok());
    let text = match (said.as_str(), allowed) {
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => {
            "the body is longer than --message-octets-max allows".to_owned()
        }
        ("", Some(allowed)) => format!("{what}: the methods here are {allowed}"),
        ("", None) => format!("{what}: {}", status.canonical_reason().unwrap_or("refused").to_lowercase()),
        (said, _) => said.to_owned(),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let body = Json(json!({"error": text})).into_response();
    parts.headers.extend(body.headers().clone());
    Response::from_parts(parts, body.into_body())
}

const REFUSAL_OCTETS_MAX: usize = 64 * 1024;
