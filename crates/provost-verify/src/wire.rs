//! Lines on a stream, with limits. It knows no protocol.

use std::borrow::Borrow;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufStream, ReadBuf,
};
use tokio::net::TcpStream;

/// A stream of lines in both directions.
pub(crate) trait Lines: AsyncBufRead + AsyncWrite + Unpin {
    /// The client's own address on it.
    fn own_address(&self) -> io::Result<IpAddr>;
}

impl<T: Borrow<TcpStream> + AsyncRead + AsyncWrite + Unpin> Lines for BufReader<T> {
    fn own_address(&self) -> io::Result<IpAddr> {
        Ok(self.get_ref().borrow().local_addr()?.ip())
    }
}

impl Lines for BufStream<Socket> {
    fn own_address(&self) -> io::Result<IpAddr> {
        Ok(self.get_ref().own)
    }
}

/// Both directions of a connection.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Duplex for T {}

/// A connection that ends where the server has said too much.
#[derive(Debug)]
pub(crate) struct Socket {
    connection: Box<dyn Duplex>,
    own: IpAddr,
    heard: Heard,
    /// How many octets may still come, but for what is read at once.
    left: usize,
}

impl Socket {
    /// `own`: the client's address on it.
    pub(crate) fn new(connection: Box<dyn Duplex>, own: IpAddr, octets_max: usize) -> Self {
        Self { connection, own, heard: Heard::default(), left: octets_max }
    }

    /// The last line by which an IMAP server refused something, without its tag and status.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.heard.refusal.as_deref()
    }
}

/// What an IMAP server said, for which its client's library has other words.
#[derive(Default)]
struct Heard {
    /// The line that has begun, as far as it is kept.
    line: Vec<u8>,
    refusal: Option<String>,
}

impl Heard {
    fn hear(&mut self, octets: &[u8]) {
        for part in octets.split_inclusive(|octet| *octet == b'\n') {
            let room = HEARD_OCTETS_MAX.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&self.line);
                let mut words = line.splitn(3, ' ');
                let (_, status, text) = (words.next(), words.next(), words.next());
                let text = text.map(|text| text.trim_end().to_owned());
                match status {
                    Some("NO" | "BAD") => self.refusal = text,
                    // A goodbye behind a refusal does not say why.
                    Some("BYE") if self.refusal.is_none() => self.refusal = text,
                    _ => {}
                }
                self.line.clear();
            }
        }
    }
}

impl fmt::Debug for Heard {
    /// Without the lines: a server may repeat a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").finish_non_exhaustive()
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(cx, buffer);
        let (socket, new) = (&mut *self, &buffer.filled()[before..]);
        socket.left = socket.left.saturating_sub(new.len());
        socket.heard.hear(new);
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

/// A line longer than any server has to say.
#[derive(Debug, thiserror::Error)]
#[error("a line without end")]
pub(crate) struct LineWithoutEnd;

/// Reads a line without its CRLF. The end of the stream is an error: every server says something last.
pub(crate) async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    (&mut *stream).take(LINE_OCTETS_MAX as u64).read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\n") {
        Some(text) => Ok(text.strip_suffix(b"\r").unwrap_or(text).to_vec()),
        None if line.len() >= LINE_OCTETS_MAX => Err(io::Error::other(LineWithoutEnd)),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Reads a line as text.
pub(crate) async fn text(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<String> {
    let line = String::from_utf8(line(stream).await?);
    Ok(line.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Writes a line.
pub(crate) async fn send(stream: &mut (impl AsyncWrite + Unpin), line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// Writes a line, and reads one.
pub(crate) async fn ask(stream: &mut impl Lines, line: &str) -> io::Result<String> {
    send(stream, line).await?;
    text(stream).await
}

/// More than is shown of any line.
const HEARD_OCTETS_MAX: usize = 1024;
const LINE_OCTETS_MAX: usize = 64 * 1024;
