//! The client side: one connection with as much IMAP and SMTP as the workloads need. An unexpected answer ends the
//! benchmark, because a wrong server can be arbitrarily fast.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificates::{IMAP_HOST, SUBMISSION_HOST};
use super::messages::{internal_date, message};

/// Where a server listens, and whom to trust there.
#[derive(Clone)]
pub(crate) struct Target {
    /// `None` if it has no mailboxes.
    pub(crate) imaps: Option<SocketAddr>,
    /// The port with STARTTLS; `None` if it has none.
    pub(crate) imap: Option<SocketAddr>,
    /// `None` if it takes no submissions.
    pub(crate) submissions: Option<SocketAddr>,
    /// Whether it has logins.
    pub(crate) has_logins: bool,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) password: String,
}

/// A TLS connection.
pub(crate) struct Connection(TlsStream<TcpStream>);

impl Connection {
    /// Connects to the IMAP server and reads its greeting.
    pub(crate) async fn imap(target: &Target) -> anyhow::Result<Self> {
        let imaps = target.imaps.context("it has no mailboxes")?;
        let mut connection = Self::open(imaps, IMAP_HOST, target).await?;
        let greeting = connection.until(|bytes| bytes.ends_with(b"\r\n")).await?;
        ensure!(greeting.starts_with(b"* OK"), "no greeting: {}", String::from_utf8_lossy(&greeting));
        Ok(connection)
    }

    /// The same, logged in.
    pub(crate) async fn imap_logged_in(target: &Target, user: &str) -> anyhow::Result<Self> {
        let mut connection = Self::imap(target).await?;
        connection.command(&format!("LOGIN {user} {}", target.password)).await?;
        Ok(connection)
    }

    /// Connects to the submission server, says EHLO and logs in, where there are logins.
    pub(crate) async fn smtp_logged_in(target: &Target, credentials: &str) -> anyhow::Result<Self> {
        let submissions = target.submissions.context("it takes no submissions")?;
        let mut connection = Self::open(submissions, SUBMISSION_HOST, target).await?;
        connection.replies(1).await?;
        connection.smtp(b"EHLO bench.example\r\n", 1).await?;
        if target.has_logins {
            connection.smtp(format!("AUTH PLAIN {credentials}\r\n").as_bytes(), 1).await?;
        }
        Ok(connection)
    }

    /// Connects without TLS and reads the greeting.
    pub(crate) async fn in_clear(target: &Target) -> anyhow::Result<TcpStream> {
        let mut tcp = TcpStream::connect(target.imap.context("it has no port for STARTTLS")?).await?;
        let mut greeting = Vec::with_capacity(ANSWER_OCTETS);
        while !greeting.ends_with(b"\r\n") {
            ensure!(tcp.read_buf(&mut greeting).await? > 0, "the server hung up");
        }
        Ok(tcp)
    }

    async fn open(socket: SocketAddr, host: &'static str, target: &Target) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(socket).await?;
        tcp.set_nodelay(true)?;
        let connector = TlsConnector::from(Arc::clone(&target.tls));
        Ok(Self(connector.connect(ServerName::try_from(host)?, tcp).await?))
    }

    /// Sends an IMAP command and returns the whole answer, which must end in OK.
    pub(crate) async fn command(&mut self, command: &str) -> anyhow::Result<Vec<u8>> {
        self.write(format!("{TAG}{command}\r\n").as_bytes()).await?;
        let answer = self.until(is_tagged).await?;
        ensure!(is_done(&answer), "{}: {}", words(command), String::from_utf8_lossy(last_line(&answer)));
        Ok(answer)
    }

    /// Starts IDLE (RFC 2177).
    pub(crate) async fn idle(&mut self) -> anyhow::Result<()> {
        self.write(format!("{TAG}IDLE\r\n").as_bytes()).await?;
        self.until(|bytes| bytes.starts_with(b"+ ") && bytes.ends_with(b"\r\n")).await?;
        Ok(())
    }

    /// Ends IDLE.
    pub(crate) async fn end_idle(&mut self) -> anyhow::Result<()> {
        self.write(b"DONE\r\n").await?;
        let answer = self.until(is_tagged).await?;
        ensure!(is_done(&answer), "IDLE: {}", String::from_utf8_lossy(last_line(&answer)));
        Ok(())
    }

    /// Like `command`, for an answer too long to keep: returns its size in octets.
    pub(crate) async fn command_counted(&mut self, command: &str) -> anyhow::Result<usize> {
        self.write(format!("{TAG}{command}\r\n").as_bytes()).await?;
        let (mut chunk, mut octets) = (vec![0; CHUNK_OCTETS], 0);
        // The end of what was read, long enough for a tagged line.
        let mut end: Vec<u8> = Vec::new();
        loop {
            let read = self.0.read(&mut chunk).await?;
            ensure!(read > 0, "{}: the server hung up", words(command));
            octets += read;
            end.extend_from_slice(&chunk[read.saturating_sub(LAST_LINE_OCTETS)..read]);
            end.drain(..end.len().saturating_sub(LAST_LINE_OCTETS));
            if is_tagged(&end) {
                ensure!(is_done(&end), "{}: {}", words(command), String::from_utf8_lossy(last_line(&end)));
                return Ok(octets);
            }
        }
    }

    /// How many messages the selected folder has.
    pub(crate) async fn select(&mut self) -> anyhow::Result<u32> {
        let answer = String::from_utf8(self.command("SELECT INBOX").await?)?;
        let exists = answer.lines().find_map(|line| line.strip_prefix("* ")?.strip_suffix(" EXISTS"));
        Ok(exists.context("SELECT without EXISTS")?.parse()?)
    }

    /// Removes every message of INBOX and returns how many there were.
    pub(crate) async fn empty(&mut self) -> anyhow::Result<u32> {
        let count = self.select().await?;
        if count > 0 {
            self.command("UID STORE 1:* +FLAGS.SILENT (\\Deleted)").await?;
            self.command("CLOSE").await?;
        }
        Ok(count)
    }

    /// Appends messages 1 to `count`, pipelined as LITERAL+ (RFC 7888) allows.
    pub(crate) async fn fill(&mut self, count: u32, octets: usize) -> anyhow::Result<()> {
        let (mut reader, mut writer) = tokio::io::split(&mut self.0);
        let write = async {
            let mut batch = Vec::new();
            for number in 1..=count {
                let line = format!("f{number} APPEND INBOX \"{}\" {{{octets}+}}\r\n", internal_date(number));
                batch.extend_from_slice(line.as_bytes());
                batch.extend(message(number, octets));
                batch.extend_from_slice(b"\r\n");
                if batch.len() > BATCH_OCTETS || number == count {
                    writer.write_all(&batch).await?;
                    batch.clear();
                }
            }
            writer.flush().await?;
            Ok::<_, anyhow::Error>(())
        };
        let read = async {
            let (mut chunk, mut pending, mut done) = (vec![0; CHUNK_OCTETS], Vec::new(), 0);
            while done < count {
                let octets = reader.read(&mut chunk).await?;
                ensure!(octets > 0, "APPEND: the server hung up after {done} messages");
                pending.extend_from_slice(&chunk[..octets]);
                while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = pending.drain(..=end).collect();
                    let line = String::from_utf8_lossy(&line).into_owned();
                    match line.split_once(' ') {
                        Some((tag, rest)) if tag.starts_with('f') => {
                            ensure!(rest.starts_with("OK"), "APPEND: {line}");
                            done += 1;
                        }
                        Some(_) | None => {}
                    }
                }
            }
            Ok(())
        };
        tokio::try_join!(write, read)?;
        Ok(())
    }

    /// Sends SMTP commands or content, and waits for that many replies, none of them an error.
    pub(crate) async fn smtp(&mut self, bytes: &[u8], replies: usize) -> anyhow::Result<()> {
        self.write(bytes).await?;
        self.replies(replies).await
    }

    async fn replies(&mut self, count: usize) -> anyhow::Result<()> {
        let last_lines = |bytes: &[u8]| {
            let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
            lines.filter(|line| line.get(3) == Some(&b' ')).count()
        };
        let answer = self.until(|bytes| last_lines(bytes) >= count).await?;
        match answer.split(|byte| *byte == b'\n').find(|line| matches!(line.first(), Some(b'4' | b'5'))) {
            Some(refusal) => bail!("SMTP: {}", String::from_utf8_lossy(refusal)),
            None => Ok(()),
        }
    }

    async fn until(&mut self, is_whole: impl Fn(&[u8]) -> bool) -> anyhow::Result<Vec<u8>> {
        let mut answer = Vec::with_capacity(ANSWER_OCTETS);
        while !is_whole(&answer) {
            let read = self.0.read_buf(&mut answer).await?;
            ensure!(read > 0, "the server hung up after {:?}", String::from_utf8_lossy(last_line(&answer)));
        }
        Ok(answer)
    }

    async fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.0.write_all(bytes).await?;
        Ok(self.0.flush().await?)
    }
}

/// A message as DATA carries it, the line with the dot included. No line of ours starts with a dot.
pub(crate) fn content(octets: usize) -> Vec<u8> {
    let mut content = message(1, octets);
    content.truncate(content.len() - 3);
    content.extend_from_slice(b"\r\n.\r\n");
    content
}

fn is_tagged(answer: &[u8]) -> bool {
    answer.ends_with(b"\r\n") && last_line(answer).starts_with(TAG.as_bytes())
}

fn is_done(answer: &[u8]) -> bool {
    last_line(answer).strip_prefix(TAG.as_bytes()).is_some_and(|rest| rest.starts_with(b"OK"))
}

fn last_line(answer: &[u8]) -> &[u8] {
    let answer = answer.strip_suffix(b"\r\n").unwrap_or(answer);
    let start = answer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    &answer[start..]
}

/// A command without its arguments: LOGIN has a password among them.
fn words(command: &str) -> &str {
    command.split(' ').next().unwrap_or(command)
}

/// It is in no message and no response text, so the tail of an answer shows whether it has ended.
const TAG: &str = "TAG7 ";
const ANSWER_OCTETS: usize = 1024;
const LAST_LINE_OCTETS: usize = 512;
const CHUNK_OCTETS: usize = 64 * 1024;
const BATCH_OCTETS: usize = 64 * 1024;
