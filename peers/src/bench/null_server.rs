//! The limit: what a server with the same runtime and TLS could do if it had nothing to do. It finds line ends and tags
//! and sends canned replies. No mailbox, no parsing, no checks.

use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::Identity;
use super::messages::{FETCHED, FETCHED_OCTETS, message};

/// Serves until the process is killed; prints a ready line on standard output, as the mock server does.
pub(crate) fn run(ca: &Path) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let identity = Identity::new()?;
        std::fs::write(ca, &identity.ca_pem)?;
        let acceptor = TlsAcceptor::from(identity.server()?);
        let imaps = TcpListener::bind("127.0.0.1:0").await?;
        let submissions = TcpListener::bind("127.0.0.1:0").await?;
        let ready = json!({
            "imaps": imaps.local_addr()?.to_string(), "submissions": submissions.local_addr()?.to_string(),
            "ca": ca.display().to_string(),
        });
        let mut output = std::io::stdout().lock();
        writeln!(output, "{ready}")?;
        output.flush()?;
        drop(output);
        let submission = acceptor.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = submissions.accept().await {
                tokio::spawn(speak_smtp(stream, submission.clone()));
            }
        });
        loop {
            let (stream, _) = imaps.accept().await?;
            tokio::spawn(speak_imap(stream, acceptor.clone()));
        }
    })
}

/// A client that leaves ends its own connection and nothing else.
async fn speak_imap(tcp: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut tls = acceptor.accept(tcp).await?;
    say(&mut tls, b"* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] ready\r\n").await?;
    let (mut chunk, mut pending) = ([0; CHUNK_OCTETS], Vec::new());
    loop {
        let octets = tls.read(&mut chunk).await?;
        if octets == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&chunk[..octets]);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            let mut words = line.split(|byte| *byte == b' ' || *byte == b'\r');
            let tag = String::from_utf8_lossy(words.next().unwrap_or(b"*")).into_owned();
            match words.next().unwrap_or(b"") {
                b"SELECT" => say(&mut tls, format!("{SELECTED}{tag} OK [READ-WRITE] selected\r\n").as_bytes()).await?,
                b"UID" => {
                    say(&mut tls, &ALL_MESSAGES).await?;
                    say(&mut tls, format!("{tag} OK fetched\r\n").as_bytes()).await?;
                }
                b"LOGOUT" => {
                    say(&mut tls, format!("* BYE goodbye\r\n{tag} OK logged out\r\n").as_bytes()).await?;
                    return tls.shutdown().await;
                }
                _ => say(&mut tls, format!("{tag} OK done\r\n").as_bytes()).await?,
            }
        }
    }
}

async fn speak_smtp(tcp: TcpStream, acceptor: TlsAcceptor) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut tls = acceptor.accept(tcp).await?;
    say(&mut tls, b"220 null ESMTP\r\n").await?;
    let (mut chunk, mut pending, mut content) = ([0; CHUNK_OCTETS], Vec::new(), false);
    loop {
        let octets = tls.read(&mut chunk).await?;
        if octets == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&chunk[..octets]);
        let (mut replies, mut start) = (Vec::new(), 0);
        while let Some(end) = pending[start..].iter().position(|byte| *byte == b'\n') {
            let line = &pending[start..=start + end];
            start += end + 1;
            if content {
                if line == b".\r\n" {
                    content = false;
                    replies.extend_from_slice(b"250 taken\r\n");
                }
                continue;
            }
            match line.get(..4) {
                Some(b"EHLO") => replies.extend_from_slice(b"250-null\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n"),
                Some(b"AUTH") => replies.extend_from_slice(b"235 logged in\r\n"),
                Some(b"DATA") => {
                    content = true;
                    replies.extend_from_slice(b"354 go on\r\n");
                }
                Some(b"QUIT") => {
                    replies.extend_from_slice(b"221 goodbye\r\n");
                    say(&mut tls, &replies).await?;
                    return tls.shutdown().await;
                }
                _ => replies.extend_from_slice(b"250 done\r\n"),
            }
        }
        pending.drain(..start);
        if !replies.is_empty() {
            say(&mut tls, &replies).await?;
        }
    }
}

async fn say(tls: &mut TlsStream<TcpStream>, bytes: &[u8]) -> std::io::Result<()> {
    tls.write_all(bytes).await?;
    tls.flush().await
}

/// The answer to the one FETCH that is measured, made at its first use.
static ALL_MESSAGES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let one = |number| {
        let head = format!("* {number} FETCH (UID {number} FLAGS () BODY[] {{{FETCHED_OCTETS}}}\r\n");
        [head.into_bytes(), message(number, FETCHED_OCTETS), b")\r\n".to_vec()].concat()
    };
    (1..=FETCHED).flat_map(one).collect()
});

const SELECTED: &str = "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* 1000 EXISTS\r\n* 0 RECENT\r\n\
     * OK [UNSEEN 1] the first\r\n* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] kept\r\n\
     * OK [UIDVALIDITY 1] of this\r\n* OK [UIDNEXT 1001] next\r\n";
/// As large as the mock server's.
const CHUNK_OCTETS: usize = 4096;
