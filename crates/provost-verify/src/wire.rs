//! Lines on a stream, with limits. It knows no protocol.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// A stream of lines in both directions.
pub(crate) trait Lines: AsyncBufRead + AsyncWrite + Unpin {}
impl<T: AsyncBufRead + AsyncWrite + Unpin> Lines for T {}

/// Both directions of a connection.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Duplex for T {}

/// A connection that ends where the server has said too much.
#[derive(Debug)]
pub(crate) struct Socket {
    connection: Box<dyn Duplex>,
    /// How many octets may still come, but for what is read at once.
    left: usize,
}

impl Socket {
    pub(crate) fn new(connection: Box<dyn Duplex>, octets_max: usize) -> Self {
        Self { connection, left: octets_max }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(cx, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
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

const LINE_OCTETS_MAX: usize = 64 * 1024;
