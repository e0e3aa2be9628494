//! Usual host names, each proven by a certificate for it and a greeting in the protocol. Nobody logs in. What has no TLS
//! counts for nothing.

use std::io;
use std::time::Duration;

use futures::future::join_all;
use provost_account::{Authentication, DomainName, Endpoint, Host, Protocol, RegisteredService, Security};
use provost_network::{ConnectError, Network, start_tls};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::read::said;
use super::{Nothing, Tried, source};
use crate::opinion::Opinion;
use crate::source::SourceKind;

/// What nothing else has said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) incoming: bool,
    pub(super) outgoing: bool,
}

/// Tries all names at once. Of each protocol the first is taken that answers: TLS from the start before STARTTLS, then the
/// more special name. POP3 counts only where IMAP does not answer.
pub(super) async fn ask(network: &Network, domain: &DomainName, wanted: Wanted) -> Vec<Tried> {
    let mut guesses: Vec<(Host, &'static RegisteredService)> = Vec::new();
    for (protocol, labels) in NAMES {
        let is_wanted = if protocol.incoming().is_some() { wanted.incoming } else { wanted.outgoing };
        for service in protocol.services().into_iter().filter(|_| is_wanted) {
            let hosts = labels.iter().filter_map(|label| Host::try_from(format!("{label}{domain}").as_str()).ok());
            guesses.extend(hosts.map(|host| (host, service)));
        }
    }
    let prove = async |guess: &(Host, &'static RegisteredService)| {
        let (host, service) = guess;
        timeout(PATIENCE, greeting(network, host, service))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    };
    let proofs = join_all(guesses.iter().map(prove)).await;
    let mut tried: Vec<Tried> = Vec::new();
    let mut found: Vec<Protocol> = Vec::new();
    for ((host, service), proof) in guesses.into_iter().zip(proofs) {
        let at = format!("{} {}", service.protocol.title(), host.authority(service.port));
        let is_better = |known: &Protocol| {
            *known == service.protocol || (*known == Protocol::Imap && service.protocol == Protocol::Pop3)
        };
        let outcome = match proof {
            Ok(()) if found.iter().any(is_better) => continue,
            Ok(()) => {
                found.push(service.protocol);
                Ok(opinion(&at, domain, host, service))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Nothing::NotThere),
            Err(error) => Err(Nothing::Unasked { detail: error.to_string() }),
        };
        tried.push(Tried { kind: SourceKind::Guess, at, outcome });
    }
    tried
}

/// A server of which nothing is known but that it is there.
fn opinion(at: &str, domain: &DomainName, host: Host, service: &RegisteredService) -> Opinion {
    let (port, security) = (service.port, service.security);
    let endpoint = Endpoint { host, port, security, authentication: Authentication::PasswordCleartext };
    let servers = vec![said((service.protocol, endpoint))];
    Opinion { domains: vec![said(domain.clone())], servers, ..Opinion::of(source(SourceKind::Guess, at)) }
}

/// Whether a server of the protocol is there, and TLS starts with a certificate for the host.
async fn greeting(network: &Network, host: &Host, service: &RegisteredService) -> io::Result<()> {
    let stream = match network.connect(host, service.port).await {
        Ok(connected) => connected.stream,
        Err(ConnectError::NoAddress { .. }) => return Err(io::ErrorKind::NotFound.into()),
        Err(error) => return Err(io::Error::other(error)),
    };
    match service.security {
        Security::ImplicitTls => {
            let mut stream = BufReader::new(start_tls(network.tls(), host, stream).await?);
            greeted(&mut stream, service.protocol).await
        }
        Security::StartTls | Security::Cleartext => {
            let local = stream.local_addr()?.ip();
            let mut stream = BufReader::new(stream);
            greeted(&mut stream, service.protocol).await?;
            let literal = match local {
                std::net::IpAddr::V4(address) => format!("[{address}]"),
                std::net::IpAddr::V6(address) => format!("[IPv6:{address}]"),
            };
            begin_tls(&mut stream, service.protocol, &literal).await?;
            start_tls(network.tls(), host, into_stream(stream)?).await.map(drop)
        }
    }
}

/// The server's first line is one of the protocol: RFC 9051 §7.1 (`* OK`, `* PREAUTH`), RFC 1939 §4 (`+OK`), RFC 5321 §4.2
/// (`220`).
async fn greeted<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, protocol: Protocol) -> io::Result<()> {
    let line = line(stream).await?;
    let expected = match protocol {
        Protocol::Imap => "* OK",
        Protocol::Pop3 => "+OK",
        Protocol::Submission => "220",
    };
    match line.get(..expected.len()).is_some_and(|start| start.eq_ignore_ascii_case(expected)) {
        true => Ok(()),
        false => Err(io::Error::other(format!("no greeting in {}", protocol.title()))),
    }
}

/// Asks for TLS, as RFC 9051 §6.2.1, RFC 2595 §4 and RFC 3207 §4 have it. `literal` says who asks (RFC 5321 §4.1.1.1).
async fn begin_tls(stream: &mut BufReader<TcpStream>, protocol: Protocol, literal: &str) -> io::Result<()> {
    let (command, agreed) = match protocol {
        Protocol::Imap => ("a STARTTLS\r\n", "a OK"),
        Protocol::Pop3 => ("STLS\r\n", "+OK"),
        Protocol::Submission => {
            say(stream, &format!("EHLO {literal}\r\n")).await?;
            while line(stream).await?.starts_with("250-") {}
            ("STARTTLS\r\n", "220")
        }
    };
    say(stream, command).await?;
    let mut answer = line(stream).await?;
    while answer.starts_with("* ") {
        answer = line(stream).await?;
    }
    match answer.get(..agreed.len()).is_some_and(|start| start.eq_ignore_ascii_case(agreed)) {
        true => Ok(()),
        false => Err(io::Error::other("the server does not start TLS")),
    }
}

/// The connection without its buffer, in which nothing may be: it came before TLS.
fn into_stream(stream: BufReader<TcpStream>) -> io::Result<TcpStream> {
    match stream.buffer().is_empty() {
        true => Ok(stream.into_inner()),
        false => Err(io::Error::other("the server sends more before TLS starts")),
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await
}

/// A line of the server, without what ends it.
async fn line<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.take(LINE_OCTETS_MAX).read_until(b'\n', &mut bytes).await?;
    match bytes.strip_suffix(b"\n") {
        Some(line) => Ok(String::from_utf8_lossy(line).trim_end().to_owned()),
        None if bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        None => Err(io::Error::other("a line without end")),
    }
}

/// What Thunderbird 153 tries (GuessConfig), in its order.
const NAMES: [(Protocol, &[&str]); 3] = [
    (Protocol::Imap, &["imap.", "mail.", ""]),
    (Protocol::Pop3, &["pop3.", "pop.", "mail.", ""]),
    (Protocol::Submission, &["smtp.", "mail.", ""]),
];
/// A name without a server often leads to a firewall.
const PATIENCE: Duration = Duration::from_secs(5);
const LINE_OCTETS_MAX: u64 = 2048;
