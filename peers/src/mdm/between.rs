//! Stands between two programs that speak HTTP: it counts what comes by, breaks what it is told to break, and says when a
//! moment has come. What it is told nothing about passes unchanged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// The place; it ends when it is dropped.
pub(super) struct Between {
    /// Its URL, for the one that asks.
    pub(super) url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    /// The URL of the one that answers.
    upstream: String,
    client: reqwest::Client,
    script: Mutex<Script>,
    /// A moment has come.
    came: Notify,
    /// It may go on.
    goes_on: Notify,
}

#[derive(Default)]
struct Script {
    /// The paths of what came by.
    seen: Vec<String>,
    faults: BTreeMap<usize, Fault>,
    /// Two that change places: the first waits for the second.
    held: Option<Request>,
}

/// What happens to a request instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// This status, and it goes no further.
    Refused(u16),
    /// 429, and it goes no further.
    TooMany { retry_after_seconds: u32 },
    /// It goes on, and the answer is this status.
    AnsweredWith(u16),
    /// It goes on, and half of the answer comes back.
    HalfAnswer,
    /// The answer is 200, and it goes no further.
    Lost,
    /// It goes on after the next one.
    AfterTheNext,
    /// A moment: it waits here.
    StopsBefore,
    /// A moment: it goes on, and the answer waits here.
    StopsAfter,
    /// A moment: it goes on meanwhile, and the answer waits here.
    StopsWhile,
}

#[derive(Debug, Clone)]
struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Between {
    pub(super) async fn start(upstream: &str, client: reqwest::Client) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            client,
            script: Mutex::default(),
            came: Notify::new(),
            goes_on: Notify::new(),
        });
        let router = Router::new().fallback(passes).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("what stands between ended: {error}");
            }
        });
        Ok(Self { url, shared, serving })
    }

    /// Forgets what came by, and counts from 0 again: these requests have these faults.
    pub(super) fn begin(&self, faults: &[(usize, Fault)]) {
        *self.shared.script() = Script { faults: faults.iter().copied().collect(), ..Script::default() };
    }

    /// What has come by since.
    pub(super) fn seen(&self) -> Vec<String> {
        self.shared.script().seen.clone()
    }

    /// The next moment.
    pub(super) async fn moment(&self) {
        self.shared.came.notified().await;
    }

    /// What waits goes on.
    pub(super) fn go_on(&self) {
        self.shared.goes_on.notify_one();
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn stop(&self) {
        self.came.notify_one();
        self.goes_on.notified().await;
    }

    /// Asks the one that answers; without an answer, 502 as a gateway says it.
    async fn pass_on(&self, request: Request) -> (StatusCode, HeaderMap, Bytes) {
        let upstream = &self.upstream;
        let mut headers = request.headers;
        for name in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            headers.remove(name);
        }
        let asked = self.client.request(request.method, format!("{upstream}{}", request.uri)).headers(headers);
        let none = (StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::new());
        let Ok(reply) = asked.body(request.body).send().await else { return none };
        let (status, mut headers) = (reply.status(), reply.headers().clone());
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONNECTION);
        match reply.bytes().await {
            Ok(body) => (status, headers, body),
            Err(_) => none,
        }
    }
}

async fn passes(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Request { method, uri, headers, body };
    let (fault, held) = {
        let mut script = shared.script();
        script.seen.push(request.uri.to_string());
        let number = script.seen.len() - 1;
        let fault = script.faults.get(&number).copied();
        if fault == Some(Fault::AfterTheNext) {
            script.held = Some(request.clone());
            (fault, None)
        } else {
            (fault, script.held.take())
        }
    };
    let answer = match fault {
        Some(Fault::Refused(status)) => (status_of(status), HeaderMap::new(), Bytes::new()),
        Some(Fault::TooMany { retry_after_seconds }) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, retry_after_seconds.into());
            (StatusCode::TOO_MANY_REQUESTS, headers, Bytes::new())
        }
        Some(Fault::AnsweredWith(status)) => {
            shared.pass_on(request).await;
            (status_of(status), HeaderMap::new(), Bytes::new())
        }
        Some(Fault::HalfAnswer) => {
            let (status, mut headers, body) = shared.pass_on(request).await;
            headers.remove(header::CONTENT_LENGTH);
            (status, headers, body.slice(..body.len() / 2))
        }
        Some(Fault::Lost | Fault::AfterTheNext) => (StatusCode::OK, HeaderMap::new(), Bytes::new()),
        Some(Fault::StopsBefore) => {
            shared.stop().await;
            shared.pass_on(request).await
        }
        Some(Fault::StopsAfter) => {
            let answer = shared.pass_on(request).await;
            shared.stop().await;
            answer
        }
        Some(Fault::StopsWhile) => tokio::join!(shared.pass_on(request), shared.stop()).0,
        None => shared.pass_on(request).await,
    };
    if let Some(held) = held {
        shared.pass_on(held).await;
    }
    answer.into_response()
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("the scenes name statuses of HTTP")
}
