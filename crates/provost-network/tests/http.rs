//! HTTP against a web server that records: what is sent, what is taken, and what no redirect can lead to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use provost_account::{Certificate, Host, Port};
use provost_network::{FetchError, Network, NotPublic, Route};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

#[tokio::test]
async fn nothing_is_sent_but_what_a_document_needs() {
    let web = Web::serve(|_| answer("200 OK", "Set-Cookie: a=b\r\nContent-Type: text/xml\r\n", "<a/>")).await;
    for _ in 0..2 {
        let fetched = web.network.get(&url("https://web.example.net/a/b.xml?c=d#e"), PATIENT).await.unwrap();
        assert_eq!((fetched.status, fetched.content_type.as_deref()), (200, Some("text/xml")));
        assert_eq!(fetched.body, b"<a/>");
        assert_eq!((fetched.url.as_str(), fetched.hops.len()), ("https://web.example.net/a/b.xml?c=d", 0));
    }
    let version = env!("CARGO_PKG_VERSION");
    let request = format!(
        "GET /a/b.xml?c=d HTTP/1.1\r\nhost: web.example.net\r\nuser-agent: provost/{version}\r\naccept: */*\r\n\r\n"
    );
    assert_eq!(web.requests(), [request.clone(), request], "the cookie does not come back");
}

#[tokio::test]
async fn a_document_is_posted_again_where_a_redirect_leads() {
    let web = Web::serve(|request| match request.starts_with("POST /first") {
        true => redirect("302 Found", "https://other.example.net/second"),
        false => answer("200 OK", "", "yes"),
    })
    .await;
    let first = url("https://web.example.net/first");
    let fetched = web.network.post(&first, "text/xml", b"<ask/>".to_vec(), PATIENT).await.unwrap();
    assert_eq!((fetched.url.as_str(), fetched.hops), ("https://other.example.net/second", vec![first]));
    let version = env!("CARGO_PKG_VERSION");
    let second = format!(
        "POST /second HTTP/1.1\r\nhost: other.example.net\r\nuser-agent: provost/{version}\r\naccept: */*\r\n\
         content-type: text/xml\r\ncontent-length: 6\r\n\r\n<ask/>"
    );
    assert_eq!(web.requests()[1], second, "without a Referer");
    let in_clear = web.network.post(&url("http://web.example.net/"), "text/xml", Vec::new(), PATIENT).await;
    assert!(matches!(in_clear, Err(FetchError::Url { .. })), "{in_clear:?}");
    assert_eq!(web.requests().len(), 2);
}

#[tokio::test]
async fn chunks_are_put_together() {
    let web = Web::serve(|_| {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: f\r\n\r\n"
            .to_owned()
    })
    .await;
    assert_eq!(web.network.get(&url("http://web.example.net/"), PATIENT).await.unwrap().body, b"abcde");
}

#[tokio::test]
async fn a_status_is_an_answer_and_half_a_body_is_none() {
    let web = Web::serve(|request| match request.starts_with("GET /missing") {
        true => answer("404 Not Found", "", "nothing here"),
        false => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_owned(),
    })
    .await;
    let fetched = web.network.get(&url("http://web.example.net/missing"), PATIENT).await.unwrap();
    assert_eq!((fetched.status, fetched.body.as_slice()), (404, b"nothing here".as_slice()));
    let half = web.network.get(&url("http://web.example.net/half"), PATIENT).await;
    assert!(matches!(half, Err(FetchError::Http { .. })), "{half:?}");
}

#[tokio::test]
async fn what_is_too_large_is_not_taken() {
    let web = Web::serve(|request| match request.starts_with("GET /fits") {
        true => answer("200 OK", "", &"a".repeat(256 * 1024)),
        // Without a length: it says how much there is by going on.
        false => format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(256 * 1024 + 1)),
    })
    .await;
    let fits = web.network.get(&url("http://web.example.net/fits"), PATIENT).await.unwrap();
    assert_eq!(fits.body.len(), 256 * 1024);
    let large = web.network.get(&url("http://web.example.net/large"), PATIENT).await.unwrap_err();
    assert!(matches!(large, FetchError::TooLarge { octets_max: 262_144, .. }), "{large:?}");
    assert_eq!(large.to_string(), "http://web.example.net/large is larger than 262144 octets");
}

#[tokio::test]
async fn five_redirects_are_followed_and_six_are_not() {
    let web = Web::serve(|request| match request.split(' ').nth(1).unwrap().strip_prefix('/').unwrap().parse::<u8>() {
        Ok(0) => answer("200 OK", "", "here"),
        Ok(more) => redirect("301 Moved Permanently", &format!("/{}", more - 1)),
        Err(_) => answer("404 Not Found", "", ""),
    })
    .await;
    let fetched = web.network.get(&url("https://web.example.net/5"), PATIENT).await.unwrap();
    assert_eq!((fetched.body.as_slice(), fetched.hops.len()), (b"here".as_slice(), 5));
    // In a task of its own, as several sources are asked at once.
    let network = web.network.clone();
    let endless = tokio::spawn(async move { network.get(&url("https://web.example.net/6"), PATIENT).await });
    let endless = endless.await.unwrap().unwrap_err();
    assert!(matches!(endless, FetchError::TooManyRedirects { redirects_max: 5, .. }), "{endless:?}");
}

#[tokio::test]
async fn a_redirect_leads_into_tls_and_never_out_of_it() {
    let web = Web::serve(|request| match request.split(' ').nth(1) {
        Some("/in") => redirect("302 Found", "https://web.example.net/there"),
        Some("/out") => redirect("302 Found", "http://web.example.net/there"),
        _ => answer("200 OK", "", "there"),
    })
    .await;
    let fetched = web.network.get(&url("http://web.example.net/in"), PATIENT).await.unwrap();
    assert_eq!(fetched.url.as_str(), "https://web.example.net/there");
    let out = web.network.get(&url("https://web.example.net/out"), PATIENT).await.unwrap_err();
    assert!(matches!(out, FetchError::OutOfTls { .. }), "{out:?}");
    assert_eq!(web.requests().len(), 3, "nobody went there");
}

/// How http://127.0.0.1 can be written (WHATWG URL §3.5), and IPv6 that leads there.
const INNER: [&str; 9] = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.01",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
];

#[tokio::test]
async fn no_redirect_leads_into_our_own_network() {
    for inner in INNER {
        let to = format!("http://{inner}:PORT/");
        let web = Web::serve(move |request| match request.starts_with("GET /start") {
            true => redirect("302 Found", &to),
            false => answer("200 OK", "", "secret"),
        })
        .await;
        let stopped = web.network.get(&url("http://web.example.net/start"), PATIENT).await.unwrap_err();
        assert!(matches!(stopped, FetchError::NotPublic { kind: NotPublic::Loopback, .. }), "{inner}: {stopped:?}");
        assert_eq!(web.requests().len(), 1, "{inner}");
    }
}

/// The real network's resolver knows this name.
#[tokio::test]
async fn a_name_that_leads_to_our_own_machine_is_refused_unless_it_may() {
    let web = Web::serve(|_| answer("200 OK", "", "inside")).await;
    let live = Network::live(std::slice::from_ref(&web.authority)).unwrap();
    let inside = url(&format!("http://localhost:{}/", web.clear.port()));
    let stopped = live.get(&inside, PATIENT).await.unwrap_err();
    assert!(matches!(stopped, FetchError::NotPublic { kind: NotPublic::Loopback, .. }), "{stopped:?}");
    assert_eq!(web.requests().len(), 0);
    assert_eq!(live.allowing_private().get(&inside, PATIENT).await.unwrap().body, b"inside");
}

#[tokio::test]
async fn no_login_of_a_url_is_sent_or_shown() {
    let web = Web::serve(|request| match request.starts_with("GET /start") {
        true => redirect("302 Found", "http://jane:hunter2@web.example.net/"),
        false => answer("200 OK", "", ""),
    })
    .await;
    let asked = web.network.get(&url("http://jane:hunter2@web.example.net/"), PATIENT).await.unwrap_err();
    let led = web.network.get(&url("http://web.example.net/start"), PATIENT).await.unwrap_err();
    for refused in [asked, led] {
        assert!(matches!(refused, FetchError::Url { .. }), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hunter2"));
    }
    assert_eq!(web.requests().len(), 1);
}

#[tokio::test]
async fn another_hosts_certificate_is_refused() {
    let web = Web::serve(|_| answer("200 OK", "", "")).await;
    let error = web.network.get(&url("https://stranger.example.net/"), PATIENT).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    assert_eq!(web.requests().len(), 0);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    let web = Web::serve(|_| String::new()).await;
    let within = Duration::from_millis(200);
    let error = web.network.get(&url("https://web.example.net/"), within).await.unwrap_err();
    assert!(matches!(error, FetchError::NoAnswer { .. }), "{error:?}");
    assert_eq!(error.to_string(), "no answer within 200ms");
}

/// A web server on loopback that records, in clear and with TLS.
struct Web {
    /// In which it is web.example.net, other.example.net and, with a certificate for neither, stranger.example.net.
    network: Network,
    authority: Certificate,
    clear: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// PORT in an answer is the server's own port in clear. An empty answer is none.
    async fn serve(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let (acceptor, authority) = certificate();
        let [clear, tls] = [("127.0.0.1", 0); 2].map(|it| std::net::TcpListener::bind(it).unwrap());
        let [at, at_tls] = [&clear, &tls].map(|it| it.local_addr().unwrap());
        let route = |name: &str, port, socket| Route {
            host: Host::try_from(name).unwrap(),
            port: Port::new(port).unwrap(),
            socket: Some(socket),
        };
        let names = ["web.example.net", "other.example.net", "stranger.example.net"];
        let routes = names.into_iter().flat_map(|name| [route(name, 80, at), route(name, 443, at_tls)]);
        let network = Network::mapped(routes.collect(), std::slice::from_ref(&authority)).unwrap();
        let requests = Arc::new(Mutex::default());
        let answer = Arc::new(move |request: &str| answer(request).replace("PORT", &at.port().to_string()));
        for (listener, acceptor) in [(clear, None), (tls, Some(acceptor))] {
            listener.set_nonblocking(true).unwrap();
            let listener = TcpListener::from_std(listener).unwrap();
            let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
            // It ends with the test's runtime.
            tokio::spawn(async move {
                while let Ok((tcp, _)) = listener.accept().await {
                    let (requests, answer, acceptor) = (Arc::clone(&requests), Arc::clone(&answer), acceptor.clone());
                    tokio::spawn(async move {
                        match acceptor {
                            Some(acceptor) => exchange(acceptor.accept(tcp).await.ok()?, &requests, &*answer).await,
                            None => exchange(tcp, &requests, &*answer).await,
                        }
                    });
                }
            });
        }
        Self { network, authority, clear: at, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Plays one connection; `None` when the client is gone.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: &Mutex<Vec<String>>,
    answer: &(impl Fn(&str) -> String + ?Sized),
) -> Option<()> {
    let mut stream = BufStream::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let length = request.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    request.push_str(std::str::from_utf8(&body).unwrap());
    let answer = answer(&request);
    requests.lock().unwrap().push(request);
    if answer.is_empty() {
        stream.read_u8().await.ok()?;
    }
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    stream.shutdown().await.ok()
}

fn answer(status: &str, header: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{header}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn redirect(status: &str, to: &str) -> String {
    answer(status, &format!("Location: {to}\r\n"), "")
}

fn certificate() -> (TlsAcceptor, Certificate) {
    let names = ["web.example.net", "other.example.net"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), Certificate::try_from(made.cert.der().to_vec()).unwrap())
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// No fetch takes this long unless something hangs.
const PATIENT: Duration = Duration::from_secs(20);
