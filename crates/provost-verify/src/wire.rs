//! Lines on a stream, with a length limit. It knows no protocol.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A stream of lines in both directions.
pub(crate) trait Lines: AsyncBufRead + AsyncWrite + Unpin {}
impl<T: AsyncBufRead + AsyncWrite + Unpin> Lines for T {}

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
    Ok(String::from_utf8_lossy(&line(stream).await?).into_owned())
}

/// Writes a line.
pub(crate) async fn send(stream: &mut (impl AsyncWrite + Unpin), line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

const LINE_OCTETS_MAX: usize = 64 * 1024;
