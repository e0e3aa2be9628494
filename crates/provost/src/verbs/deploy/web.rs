//! Sends the requests of targets: TLS always checked, no redirects, time limits, as many at once and a minute as the settings
//! allow, and again after what may pass. It knows no server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use provost_account::{Certificate, Secret};
use provost_mdm::http::{Authorization, Failed, Method, Reply, Request};
use provost_mdm::target::Talk;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::authorities;
use crate::failure::Failure;

/// What sends requests.
pub(super) struct Web {
    client: reqwest::Client,
    /// When the next request may go, and how long after it the one after that.
    pace: Option<(Mutex<Instant>, Duration)>,
}

/// Why a conversation came to nothing. Two that are equal have the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The server said so.
    Server(Failed),
    /// There was no reply.
    NoReply(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server(failed) => failed.fmt(f),
            Self::NoReply(why) => write!(f, "no reply: {why}"),
        }
    }
}

impl Web {
    /// With the system's authorities and those of the settings.
    pub(super) fn new(trust: &[Certificate], parallel: u16, per_minute: Option<u16>) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        // A system's store may hold certificates that rustls cannot use; they count for nobody then.
        roots.add_parsable_certificates(
            authorities::certificates().iter().map(|der| CertificateDer::from(der.as_slice())),
        );
        for certificate in trust {
            let der = CertificateDer::from(certificate.der().to_vec());
            roots.add(der).context("a certificate of trust cannot be used")?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("cannot set up TLS")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .pool_max_idle_per_host(usize::from(parallel))
            .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("cannot set up the HTTP client")?;
        let pace = per_minute.map(|per_minute| {
            let apart = Duration::from_secs(60) / u32::from(per_minute);
            (Mutex::new(Instant::now()), apart)
        });
        Ok(Self { client, pace })
    }

    /// Holds a conversation to its end.
    pub(super) async fn hold<T>(&self, mut talk: Talk<'_, T>) -> Result<T, Trouble> {
        loop {
            let (request, then) = match talk {
                Talk::Ask(request, then) => (request, then),
                Talk::Over(outcome) => return outcome.map_err(Trouble::Server),
            };
            talk = then(&self.reply(&request).await?);
        }
    }

    /// The reply to a request: the last one, if it was sent again.
    async fn reply(&self, request: &Request) -> Result<Reply, Trouble> {
        let mut wait = WAIT_FIRST;
        for _ in 1..TRIES {
            match self.send(request).await {
                Ok(reply) => match again_after(&reply, request.method) {
                    None => return Ok(reply),
                    Some(asked) => tokio::time::sleep(asked.unwrap_or(wait).min(WAIT_MAX)).await,
                },
                Err(trouble) if request.method == Method::Post => return Err(trouble),
                Err(_) => tokio::time::sleep(wait).await,
            }
            wait *= 2;
        }
        self.send(request).await
    }

    async fn send(&self, request: &Request) -> Result<Reply, Trouble> {
        if let Some((next, apart)) = &self.pace {
            let at = {
                let mut next = next.lock().await;
                let at = (*next).max(Instant::now());
                *next = at + *apart;
                at
            };
            tokio::time::sleep_until(at).await;
        }
        let method = match request.method {
            Method::Delete => reqwest::Method::DELETE,
            Method::Get => reqwest::Method::GET,
            Method::Patch => reqwest::Method::PATCH,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut sent = self.client.request(method, &request.url);
        sent = match &request.authorization {
            Authorization::Basic { user, password } => sent.basic_auth(user, Some(Secret::expose(password))),
            Authorization::Bearer(token) => sent.bearer_auth(token.expose()),
            Authorization::Key(key) => sent.basic_auth(key.expose(), Some("")),
            Authorization::Nobody => sent,
        };
        if let Some(accept) = request.accept {
            sent = sent.header(reqwest::header::ACCEPT, accept);
        }
        if let Some(content_type) = request.content_type {
            sent = sent.header(reqwest::header::CONTENT_TYPE, content_type).body(request.body.clone());
        }
        let mut response = sent.send().await.map_err(no_reply)?;
        let status = response.status().as_u16();
        let headers = HEADERS.iter().filter_map(|name| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.to_owned()))
        });
        let headers = headers.collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(no_reply)? {
            if body.len() + chunk.len() > BODY_OCTETS_MAX {
                return Err(Trouble::NoReply(format!("more than {} MiB", BODY_OCTETS_MAX >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }
}

/// How long to wait before asking again, if that may help; the server says how long, or not.
///
/// "A client SHOULD NOT automatically retry a request with a non-idempotent method" (RFC 9110 section 9.2.2): a POST goes again only
/// where the server says that it has not taken it, or two profiles would come of it.
fn again_after(reply: &Reply, method: Method) -> Option<Option<Duration>> {
    let is_later = match method {
        Method::Post => matches!(reply.status, 425 | 429),
        Method::Delete | Method::Get | Method::Patch | Method::Put => {
            matches!(reply.status, 408 | 425 | 429 | 502..=504)
        }
    };
    is_later.then(|| {
        let said = reply.headers.iter().find(|(name, _)| name == "retry-after");
        said.and_then(|(_, value)| value.trim().parse().ok()).map(Duration::from_secs)
    })
}

/// The innermost cause, without the URL: it may name a person.
fn no_reply(error: reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::NoReply("the time is over".to_owned());
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    Trouble::NoReply(cause.to_string())
}

const CONNECT: Duration = Duration::from_secs(10);
const REQUEST: Duration = Duration::from_secs(60);
const TRIES: u32 = 5;
const WAIT_FIRST: Duration = Duration::from_millis(250);
/// A server that asks for more than this is busy for a run.
const WAIT_MAX: Duration = Duration::from_secs(120);
const BODY_OCTETS_MAX: usize = 16 << 20;
/// Fields that targets look at.
const HEADERS: &[&str] = &["retry-after", "content-type", "location"];
