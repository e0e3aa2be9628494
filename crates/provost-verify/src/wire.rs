//! Lines on a stream, with a length limit. It knows no protocol.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A line is longer than any server has to say.
#[derive(Debug, thiserror::Error)]
#[error("a line without end")]
pub(crate) struct LineWithoutEnd;

/// Reads a line without its CRLF. The end of the stream is an error: every server says something last.
pub(crate) async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    (&mut *stream).take(LINE_OCTETS_MAX).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => {}
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
        Some(_) if line.len() + 1 >= LINE_OCTETS_LIMIT => return Err(io::Error::other(LineWithoutEnd)),
        Some(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

/// Reads a line as text.
pub(crate) async fn text(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&line(stream).await?).into_owned())
}

/// Writes a line.
pub(crate) async fn send(stream: &mut (impl AsyncWrite + Unpin), line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// Lines of a stream that must be handed on untouched: what was read too far can be told.
#[derive(Debug)]
pub(crate) struct Unbuffered<'a, S> {
    stream: &'a mut S,
    read: Vec<u8>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Unbuffered<'a, S> {
    pub(crate) fn new(stream: &'a mut S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn text(&mut self) -> io::Result<String> {
        let mut chunk = [0; 1024];
        loop {
            if let Some(at) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=at).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.read.len() >= LINE_OCTETS_LIMIT {
                return Err(io::Error::other(LineWithoutEnd));
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                octets => self.read.extend_from_slice(&chunk[..octets]),
            }
        }
    }

    pub(crate) async fn send(&mut self, line: &str) -> io::Result<()> {
        send(self.stream, line).await
    }

    /// Whether the server has said more than was read.
    pub(crate) fn has_more(&self) -> bool {
        !self.read.is_empty()
    }
}

const LINE_OCTETS_LIMIT: usize = 64 * 1024;
const LINE_OCTETS_MAX: u64 = LINE_OCTETS_LIMIT as u64;
