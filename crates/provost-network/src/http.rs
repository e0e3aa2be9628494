//! HTTP as discovery needs it: a document by GET, or by POST where a protocol wants that, with little sent and little taken.
//! No cookie, no Referer, no login from a URL, nothing kept between two requests. Every hop's host is resolved here and
//! its addresses are judged before one of them is connected to, so that a redirect leads to nobody's inner network.

use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use futures::future::{self, Either};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use hyper::{Method, Request, Response, rt};
use hyper_util::rt::TokioIo;
use provost_account::{Host, Port};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Position, Url};

use crate::connection::ConnectError;
use crate::network::{Network, Private, start_tls};
use crate::reach::NotPublic;

/// What a web server gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where, at the end of all redirects.
    pub url: Url,
    /// The URLs that led there, the first one first; the last one is not among them.
    pub hops: Vec<Url>,
    /// The status, of whatever kind: 404 is an answer.
    pub status: u16,
    /// What the body is said to be, as it stands in the header.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a document could not be fetched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL is not one of the web.
    #[error("{url} is not a URL of the web with a host and no login")]
    Url {
        /// The URL, without what stands before an @.
        url: Url,
    },
    /// The host is not on the public Internet.
    #[error("{host} is at {address}, a {kind} address")]
    NotPublic {
        /// The host.
        host: Host,
        /// Its address.
        address: IpAddr,
        /// What that is.
        kind: NotPublic,
    },
    /// There is no connection.
    #[error(transparent)]
    NoConnection(#[from] ConnectError),
    /// TLS fails.
    #[error("no TLS with {host}")]
    Tls {
        /// The host.
        host: Host,
        /// What the TLS library says.
        source: std::io::Error,
    },
    /// The server does not speak HTTP, or hangs up.
    #[error("no answer in HTTP from {host}")]
    Http {
        /// The host.
        host: Host,
        /// What is wrong.
        source: hyper::Error,
    },
    /// The body is larger than any document that is looked for.
    #[error("{url} is larger than {octets_max} octets")]
    TooLarge {
        /// The URL.
        url: Url,
        /// What is taken.
        octets_max: usize,
    },
    /// There are more redirects than are followed.
    #[error("more than {redirects_max} redirects, the last one to {to}")]
    TooManyRedirects {
        /// Where the next one would lead.
        to: Url,
        /// What is followed.
        redirects_max: usize,
    },
    /// A redirect leads out of TLS.
    #[error("a redirect out of TLS, to {to}")]
    OutOfTls {
        /// Where it leads.
        to: Url,
    },
    /// A redirect leads to what is no URL.
    #[error("{from} leads to what is no URL")]
    Location {
        /// Who says so.
        from: Url,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// Time is up.
    #[error("no answer within {within:?}")]
    NoAnswer {
        /// How long it was waited for.
        within: Duration,
    },
}

impl Network {
    /// Fetches a document by GET, and follows redirects. The time is for all of it.
    ///
    /// # Errors
    ///
    /// There is no answer, or one that is not taken.
    pub async fn get(&self, url: &Url, within: Duration) -> Result<Fetched, FetchError> {
        self.fetch(url, None, within).await
    }

    /// Sends a document by POST, again to where a redirect leads, and gives the answer. What is sent may be about a person,
    /// so the URL must be one of TLS.
    ///
    /// # Errors
    ///
    /// The same.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &'static str,
        body: Vec<u8>,
        within: Duration,
    ) -> Result<Fetched, FetchError> {
        if url.scheme() != "https" {
            return Err(FetchError::Url { url: shown(url) });
        }
        self.fetch(url, Some(Posted { content_type, body: body.into() }), within).await
    }

    async fn fetch(&self, url: &Url, posted: Option<Posted>, within: Duration) -> Result<Fetched, FetchError> {
        timeout(within, self.follow(url.clone(), posted)).await.unwrap_or(Err(FetchError::NoAnswer { within }))
    }

    async fn follow(&self, mut url: Url, posted: Option<Posted>) -> Result<Fetched, FetchError> {
        let mut hops = Vec::new();
        loop {
            url.set_fragment(None);
            let Answer { status, content_type, location, body } = self.ask(&url, posted.as_ref()).await?;
            let is_redirect = match status {
                301 | 302 | 307 | 308 => true,
                // RFC 9110 §15.4.4: it leads to something else, for GET.
                303 => posted.is_none(),
                _ => false,
            };
            let Some(location) = location.filter(|_| is_redirect) else {
                return Ok(Fetched { url, hops, status, content_type, body });
            };
            let next = url.join(&location);
            let next = next.map_err(|source| FetchError::Location { from: url.clone(), source })?;
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(FetchError::OutOfTls { to: shown(&next) });
            }
            if hops.len() == REDIRECTS_MAX {
                return Err(FetchError::TooManyRedirects { to: shown(&next), redirects_max: REDIRECTS_MAX });
            }
            hops.push(std::mem::replace(&mut url, next));
        }
    }

    /// Connects to an address that was judged, and not to what a second look-up would give.
    async fn connect_to_public(&self, host: &Host, port: Port) -> Result<TcpStream, FetchError> {
        let is_exempt = self.has_route(host) || self.private() == Private::Allowed;
        let judge = |address: IpAddr| match NotPublic::of(address) {
            Some(kind) if !is_exempt => Err(FetchError::NotPublic { host: host.clone(), address, kind }),
            Some(_) | None => Ok(()),
        };
        if let Host::Address(address) = host {
            judge(*address)?;
        }
        let addresses = self.sockets(host, port).await?;
        addresses.iter().try_for_each(|address| judge(address.ip()))?;
        Ok(self.connect_to_one(&addresses, host, port).await?.stream)
    }

    /// Asks once.
    async fn ask(&self, url: &Url, posted: Option<&Posted>) -> Result<Answer, FetchError> {
        let (host, port) = place(url).ok_or_else(|| FetchError::Url { url: shown(url) })?;
        let stream = self.connect_to_public(&host, port).await?;
        let exchanged = match url.scheme() {
            "https" => match start_tls(self.tls_for_web(), &host, stream).await {
                Ok(stream) => exchange(TokioIo::new(stream), request(url, posted)).await,
                Err(source) => return Err(FetchError::Tls { host, source }),
            },
            _ => exchange(TokioIo::new(stream), request(url, posted)).await,
        };
        match exchanged {
            Ok(answer) => answer.ok_or_else(|| FetchError::TooLarge { url: url.clone(), octets_max: BODY_OCTETS_MAX }),
            Err(source) => Err(FetchError::Http { host, source }),
        }
    }
}

struct Posted {
    content_type: &'static str,
    body: Bytes,
}

struct Answer {
    status: u16,
    content_type: Option<String>,
    location: Option<String>,
    body: Vec<u8>,
}

/// Where a URL of the web leads; `None`: it is another one, or has a login.
fn place(url: &Url) -> Option<(Host, Port)> {
    let is_web = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let port = url.port_or_known_default().and_then(Port::new).filter(|_| is_web)?;
    let host = match url.host()? {
        url::Host::Domain(name) => Host::try_from(name).ok()?,
        // The URL's parser knows every spelling of an address.
        url::Host::Ipv4(address) => Host::Address(address.into()),
        url::Host::Ipv6(address) => Host::Address(address.into()),
    };
    Some((host, port))
}

/// A URL without its login, which nobody needs to see.
fn shown(url: &Url) -> Url {
    let mut url = url.clone();
    // They fail where there is no host, and so no login.
    let _ = (url.set_username(""), url.set_password(None));
    url
}

fn request(url: &Url, posted: Option<&Posted>) -> Request<Full<Bytes>> {
    let method = if posted.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(USER_AGENT, concat!("provost/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*");
    let (request, body) = match posted {
        Some(posted) => (request.header(CONTENT_TYPE, posted.content_type), posted.body.clone()),
        None => (request, Bytes::new()),
    };
    request.body(Full::new(body)).expect("a URL's own path and host are a request's")
}

/// Sends the request and reads the answer; `None`: it is too large.
async fn exchange(
    stream: impl rt::Read + rt::Write + Unpin,
    request: Request<Full<Bytes>>,
) -> Result<Option<Answer>, hyper::Error> {
    let (mut sender, connection) = http1::Builder::new().max_buf_size(HEAD_OCTETS_MAX).handshake(stream).await?;
    let answer = pin!(async { read(sender.send_request(request).await?).await });
    match future::select(answer, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        // The server has hung up: what it has said before counts.
        Either::Right((_, answer)) => answer.await,
    }
}

async fn read(response: Response<hyper::body::Incoming>) -> Result<Option<Answer>, hyper::Error> {
    let (head, mut incoming) = response.into_parts();
    let header = |name: HeaderName| head.headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(octets) = frame?.into_data() else { continue };
        if body.len() + octets.len() > BODY_OCTETS_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&octets);
    }
    let (content_type, location) = (header(CONTENT_TYPE), header(LOCATION));
    Ok(Some(Answer { status: head.status.as_u16(), content_type, location, body }))
}

/// A provider's document has some KiB.
const BODY_OCTETS_MAX: usize = 256 * 1024;
const HEAD_OCTETS_MAX: usize = 64 * 1024;
const REDIRECTS_MAX: usize = 5;
