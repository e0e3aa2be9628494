//! The server's greeting, and what a port speaks if the greeting is another one or missing: TLS where the account
//! expects cleartext, cleartext where it expects TLS, another protocol. The expected protocol is tried first, as any
//! client would; only if that fails is the port probed on a separate connection.

use std::io;
use std::pin::pin;
use std::time::Duration;

use provost_account::{Protocol, Security};

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::wire::{self, Unbuffered};

/// Reads the greeting by `read`, one line. In clear, a server that says nothing for a while may be waiting for TLS: it is
/// asked, and goes on to have the whole time.
pub(crate) async fn read(
    attempt: &Attempt<'_>,
    is_in_clear: bool,
    read: impl Future<Output = io::Result<String>>,
) -> Result<String, Cause> {
    let mut read = pin!(read);
    let line = match tokio::time::timeout(SILENCE, &mut read).await {
        Ok(line) => line,
        Err(_) if is_in_clear => tokio::select! {
            line = &mut read => line,
            Some(cause) = wants_tls(attempt) => return Err(cause),
        },
        Err(_) => read.await,
    };
    match line {
        Ok(line) if is_meant(attempt.protocol, &line) => Ok(line),
        Ok(line) => match speaks(&line) {
            Some(server) if server != attempt.protocol => {
                let said = Some(attempt.said(&line));
                Err(Cause::WrongProtocol { account: attempt.protocol, server, said })
            }
            Some(_) => Err(no_greeting(attempt, &line)),
            None => match ask_for_tls(attempt, is_in_clear).await {
                Some(cause) => Err(cause),
                None => Err(no_greeting(attempt, &line)),
            },
        },
        Err(error) => match ask_for_tls(attempt, is_in_clear).await {
            Some(cause) => Err(cause),
            None => Err(error.into()),
        },
    }
}

/// What the port speaks, where a handshake brought no TLS.
pub(super) async fn no_tls(attempt: &Attempt<'_>, error: io::Error) -> Cause {
    let is_tls_error = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    let account = attempt.server.endpoint.security;
    let greeting = match account {
        // The greeting came, and the server agreed to TLS.
        Security::StartTls => None,
        Security::ImplicitTls | Security::Cleartext => greeting_in_clear(attempt).await,
    };
    let Some(greeting) = greeting else {
        return if is_tls_error { Cause::NoTls } else { Cause::broken(error.kind(), error.to_string()) };
    };
    let (protocol, said) = (attempt.protocol, Some(attempt.said(&greeting)));
    match speaks(&greeting).filter(|other| *other != protocol) {
        None => Cause::WrongSecurity { protocol, account, server: Security::StartTls, said },
        Some(server) => Cause::WrongProtocol { account: protocol, server, said },
    }
}

/// What a server says in clear by itself, if it is a greeting.
async fn greeting_in_clear(attempt: &Attempt<'_>) -> Option<String> {
    let endpoint = &attempt.server.endpoint;
    let read = async {
        let mut tcp = attempt.network.connect(&endpoint.host, endpoint.port).await.ok()?;
        Unbuffered::new(&mut tcp).text().await.ok()
    };
    let line = tokio::time::timeout(SILENCE, read).await.ok().flatten()?;
    speaks(&line).map(|_| line)
}

async fn ask_for_tls(attempt: &Attempt<'_>, is_in_clear: bool) -> Option<Cause> {
    match is_in_clear {
        true => tokio::time::timeout(SILENCE, wants_tls(attempt)).await.ok().flatten(),
        false => None,
    }
}

/// Begins TLS on a connection of its own. A certificate that does not hold is TLS all the same.
async fn wants_tls(attempt: &Attempt<'_>) -> Option<Cause> {
    let endpoint = &attempt.server.endpoint;
    if endpoint.security == Security::ImplicitTls {
        return None;
    }
    let tcp = attempt.network.connect(&endpoint.host, endpoint.port).await.ok()?;
    let other = match attempt.network.start_tls(&endpoint.host, tcp).await {
        Ok(stream) => {
            let mut stream = tokio::io::BufReader::new(stream);
            let greeting = tokio::time::timeout(SILENCE, wire::text(&mut stream)).await;
            let greeting = greeting.ok().and_then(Result::ok);
            greeting.and_then(|line| speaks(&line)).filter(|other| *other != attempt.protocol)
        }
        Err(error) => {
            let error = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match error {
                Some(rustls::Error::InvalidMessage(_)) | None => return None,
                Some(_) => None,
            }
        }
    };
    let protocol = attempt.protocol;
    Some(match other {
        None => {
            let (account, server) = (endpoint.security, Security::ImplicitTls);
            Cause::WrongSecurity { protocol, account, server, said: None }
        }
        Some(server) => Cause::WrongProtocol { account: protocol, server, said: None },
    })
}

fn no_greeting(attempt: &Attempt<'_>, line: &str) -> Cause {
    Cause::NoGreeting { protocol: attempt.protocol, said: attempt.said(line) }
}

/// Whether a line is the greeting of a server that goes on.
fn is_meant(protocol: Protocol, line: &str) -> bool {
    match protocol {
        Protocol::Imap => line.starts_with("* OK") || line.starts_with("* PREAUTH"),
        Protocol::Pop3 => line.starts_with("+OK"),
        Protocol::Submission => line.starts_with("220"),
    }
}

/// Whose greeting or refusal a line is (RFC 9051 §7.1, RFC 1939 §4, RFC 5321 §4.2).
fn speaks(line: &str) -> Option<Protocol> {
    let is_reply = |line: &str| {
        let (code, rest) = line.split_at_checked(3)?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_digit()) && code.starts_with(['2', '4', '5']);
        Some(is_code && (rest.is_empty() || rest.starts_with([' ', '-'])))
    };
    match line {
        line if line.starts_with("* ") => Some(Protocol::Imap),
        line if line.starts_with("+OK") || line.starts_with("-ERR") => Some(Protocol::Pop3),
        line if is_reply(line) == Some(true) => Some(Protocol::Submission),
        _ => None,
    }
}

/// Longer than a server takes that has something to say, and short enough to wait for.
const SILENCE: Duration = Duration::from_millis(400);
