//! A web server for files that clients fetch themselves: HTTPS on loopback, one answer per connection.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::bench::Identity;

/// Serves files until it is dropped.
pub(crate) struct Web {
    /// Its certificate authority, PEM.
    pub(crate) authority: String,
    is_over: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Web {
    /// Serves `pages`, by their URLs without query, on the port of HTTPS.
    pub(crate) fn serve(hosts: &[&str], pages: BTreeMap<String, Vec<u8>>) -> anyhow::Result<Self> {
        let identity = Identity::of(hosts)?;
        let listener = TcpListener::bind(HTTPS).context("port 443 is taken")?;
        let tls = identity.server()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&is_over);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                // A client may hang up in the middle.
                let _ = answer(stream, Arc::clone(&tls), &pages);
            }
        });
        Ok(Self { authority: identity.ca_pem, is_over, server: Some(server) })
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // The loop checks at the next connection.
        drop(TcpStream::connect(HTTPS));
        let _ = self.server.take().map(JoinHandle::join);
    }
}

fn answer(stream: TcpStream, tls: Arc<ServerConfig>, pages: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(StreamOwned::new(ServerConnection::new(tls)?, stream));
    let (mut request, mut host) = (String::new(), String::new());
    reader.read_line(&mut request)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => value.trim().clone_into(&mut host),
            Some(_) | None => {}
        }
    }
    let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
    let (status, page) = match pages.get(&format!("https://{host}{path}")) {
        Some(page) if request.starts_with("GET ") => ("200 OK", page.as_slice()),
        Some(_) | None => ("404 Not Found", &b""[..]),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes())?;
    stream.write_all(page)?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}

const HTTPS: (&str, u16) = ("127.0.0.1", 443);
/// How long to wait for a silent client.
const PATIENCE: Duration = Duration::from_secs(5);
