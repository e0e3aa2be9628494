//! A web server and a name server on loopback that answer from a table and record everything that they are asked. They share
//! no code with the program: requests are read octet by octet, as they come.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use provost_account::{Certificate, Host, Port};
use provost_network::Route;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

/// What is at a URL.
#[derive(Clone)]
pub(crate) enum Page {
    /// A document.
    Document(Vec<u8>),
    /// A document in which each of these words is the address that the request's body names.
    For(String, Vec<u8>),
    /// A redirect, 302.
    Redirect(String),
    /// Something that wants a login, 401.
    Login,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    /// The names in lower case, in their order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A web server for several hosts, by HTTPS and HTTP.
pub(crate) struct Web {
    /// Its authority's certificate.
    pub(crate) authority: Certificate,
    /// Where its hosts are.
    pub(crate) routes: Vec<Route>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Web {
    /// Serves pages by their URLs, and 404 for everything else of their hosts and these.
    pub(crate) async fn start(pages: BTreeMap<String, Page>, more: &[&str]) -> Self {
        let more = more.iter().map(|host| (*host).to_owned());
        let hosts: BTreeSet<String> = pages.keys().map(|url| host_of(url).to_owned()).chain(more).collect();
        let (acceptor, authority) = tls(&hosts);
        let (pages, seen) = (Arc::new(pages), Arc::new(Mutex::new(Vec::new())));
        let mut routes = Vec::new();
        for (scheme, port, acceptor) in [("https", 443, Some(acceptor)), ("http", 80, None)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let socket = Some(listener.local_addr().unwrap());
            routes.extend(hosts.iter().map(|host| Route {
                host: Host::try_from(host.as_str()).unwrap(),
                port: Port::new(port).unwrap(),
                socket,
            }));
            let (pages, seen) = (Arc::clone(&pages), Arc::clone(&seen));
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (pages, seen, acceptor) = (Arc::clone(&pages), Arc::clone(&seen), acceptor.clone());
                    tokio::spawn(async move {
                        match acceptor {
                            None => answer(stream, scheme, &pages, &seen).await,
                            // A client that does not like the certificate hangs up.
                            Some(acceptor) => {
                                if let Ok(stream) = acceptor.accept(stream).await {
                                    answer(stream, scheme, &pages, &seen).await;
                                }
                            }
                        }
                    });
                }
            });
        }
        Self { authority, routes, seen }
    }

    /// What it was asked, in order.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    scheme: &str,
    pages: &BTreeMap<String, Page>,
    seen: &Mutex<Vec<Request>>,
) {
    let mut octets = Vec::new();
    let head = loop {
        if let Some(at) = octets.windows(4).position(|it| it == b"\r\n\r\n") {
            break at;
        }
        match stream.read_buf(&mut octets).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    };
    let text = String::from_utf8(octets[..head].to_vec()).unwrap();
    let (first, rest) = text.split_once("\r\n").unwrap();
    let headers: Vec<(String, String)> = rest
        .split("\r\n")
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let length: usize = header("content-length").map_or(0, |it| it.parse().unwrap());
    while octets.len() < head + 4 + length {
        if stream.read_buf(&mut octets).await.unwrap() == 0 {
            return;
        }
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap());
    let url = format!("{scheme}://{}{path}", header("host").unwrap());
    let body = String::from_utf8(octets[head + 4..].to_vec()).unwrap();
    let page = pages.get(url.split('?').next().unwrap());
    let asked_for = body.split_once("<EMailAddress>").and_then(|(_, rest)| rest.split_once('<')).map(|(it, _)| it);
    let (status, more, document) = match page {
        None => ("404 Not Found", String::new(), b"nothing here".to_vec()),
        Some(Page::Document(document)) => ("200 OK", String::new(), document.clone()),
        Some(Page::For(word, document)) => {
            let text = String::from_utf8(document.clone()).unwrap();
            ("200 OK", String::new(), text.replace(word, asked_for.unwrap_or(word)).into_bytes())
        }
        Some(Page::Login) => ("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n".to_owned(), Vec::new()),
        Some(Page::Redirect(to)) => ("302 Found", format!("Location: {to}\r\n"), Vec::new()),
    };
    seen.lock().unwrap().push(Request { method, url, headers, body });
    let length = document.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nSet-Cookie: who=you\r\n{more}Content-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    // A client that has heard enough hangs up.
    let _ = stream.write_all(&[head.into_bytes(), document].concat()).await;
    let _ = stream.shutdown().await;
}

/// Where a mail server is that greets and agrees to TLS, with a certificate for a name, and the certificate's authority.
pub(crate) async fn mail_server(name: &str, starts: Starts) -> (SocketAddr, Certificate) {
    let (acceptor, authority) = tls(&BTreeSet::from([name.to_owned()]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                match starts {
                    Starts::WithTls(greeting) => {
                        let Ok(mut stream) = acceptor.accept(stream).await else { return };
                        stream.write_all(greeting.as_bytes()).await.unwrap();
                    }
                    Starts::WithStartTls(lines) => {
                        let (last, lines) = lines.split_last().unwrap();
                        for line in lines {
                            stream.write_all(line.as_bytes()).await.unwrap();
                            assert_ne!(stream.read(&mut [0; 512]).await.unwrap(), 0);
                        }
                        stream.write_all(last.as_bytes()).await.unwrap();
                        let _ = acceptor.accept(stream).await;
                    }
                }
            });
        }
    });
    (address, authority)
}

fn host_of(url: &str) -> &str {
    url.split_once("://").unwrap().1.split(['/', ':']).next().unwrap()
}

/// A certificate for these hosts, and its authority's.
fn tls(hosts: &BTreeSet<String>) -> (TlsAcceptor, Certificate) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::new(authority.clone(), KeyPair::generate().unwrap());
    let root = authority.self_signed(issuer.key()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(hosts.iter().cloned().collect::<Vec<_>>()).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), Certificate::try_from(root.der().to_vec()).unwrap())
}

/// How a mail server begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Starts {
    /// TLS, then this line.
    WithTls(&'static str),
    /// These lines, one after each command, and TLS after the last.
    WithStartTls(&'static [&'static str]),
}

/// A record: its owner without a final dot, its type, and its data as a zone file has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) owner: String,
    pub(crate) kind: String,
    pub(crate) data: String,
}

impl Record {
    pub(crate) fn new(owner: &str, kind: &str, data: &str) -> Self {
        let owner = owner.trim_end_matches('.').to_lowercase();
        Self { owner, kind: kind.to_owned(), data: data.to_owned() }
    }
}

/// An authoritative name server for some records.
pub(crate) struct Names {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Names {
    pub(crate) async fn start(records: Vec<Record>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut query = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut query).await {
                let (answer, question) = reply(&query[..length], &records);
                log.lock().unwrap().insert(question);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self { address, seen }
    }

    /// What it was asked, each once: name and type.
    pub(crate) fn seen(&self) -> BTreeSet<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

/// RFC 1035 §4.1: header, question, answers. The question is repeated as it came.
fn reply(query: &[u8], records: &[Record]) -> (Vec<u8>, (String, String)) {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let label = &query[at + 1..at + 1 + usize::from(query[at])];
        labels.push(String::from_utf8(label.to_vec()).unwrap().to_lowercase());
        at += 1 + label.len();
    }
    let name = labels.join(".");
    let number = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let kind =
        TYPES.iter().find(|(own, _)| *own == number).map_or_else(|| number.to_string(), |(_, it)| (*it).to_owned());
    let of_name = records.iter().filter(|record| record.owner == name);
    let found: Vec<&Record> = of_name.clone().filter(|record| record.kind == kind || record.kind == "CNAME").collect();
    let code = if of_name.count() == 0 { 3 } else { 0 };
    let mut answer = [&query[..2], &[0x85, 0x80 | code, 0, 1]].concat();
    answer.extend(u16::try_from(found.len()).unwrap().to_be_bytes());
    answer.extend([0, 0, 0, 0]);
    answer.extend(&query[12..at + 5]);
    for record in found {
        let data = data(record);
        let number = TYPES.iter().find(|(_, it)| *it == record.kind).unwrap().0;
        answer.extend([0xc0, 12]);
        answer.extend(number.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        answer.extend(data);
    }
    (answer, (name, kind))
}

/// The data on the wire: RFC 1035 §3.3, RFC 2782.
fn data(record: &Record) -> Vec<u8> {
    let words: Vec<&str> = record.data.split(' ').collect();
    let number = |at: usize| words[at].parse::<u16>().unwrap().to_be_bytes().to_vec();
    match record.kind.as_str() {
        "SRV" => [number(0), number(1), number(2), wire(words[3])].concat(),
        "MX" => [number(0), wire(words[1])].concat(),
        "CNAME" => wire(words[0]),
        "TXT" => {
            let text = record.data.trim_matches('"');
            [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
        }
        other => panic!("no record of type {other}"),
    }
}

fn wire(name: &str) -> Vec<u8> {
    let labels = name.trim_end_matches('.').split('.').filter(|label| !label.is_empty());
    let mut octets: Vec<u8> =
        labels.flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat()).collect();
    octets.push(0);
    octets
}

const TYPES: [(u16, &str); 10] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (43, "DS"),
    (48, "DNSKEY"),
];
