//! The server's greeting, and what a port speaks if the greeting is another one or missing: TLS where the account
//! expects cleartext, cleartext where it expects TLS, another protocol. The expected protocol is tried first, as any
//! client would; only if that fails is the port probed on a separate connection.

use std::io;
use std::pin::pin;
use std::time::Duration;

use provost_account::{Protocol, Security};
use provost_network::start_tls;
use tokio::io::BufReader;
use tokio::time::timeout;

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::wire::{self, Lines};

/// Reads the greeting and gives its first line.
pub(crate) async fn read(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<String, Cause> {
    let first = first_line(attempt, stream).await?;
    let mut line = first.clone();
    // RFC 5321 §4.2.1: of a reply of several lines, all but the last have a hyphen behind the code.
    while attempt.protocol == Protocol::Submission && line.get(3..4) == Some("-") {
        line = wire::text(stream).await?;
    }
    Ok(first)
}

/// A server that says nothing in cleartext for a while may be waiting for TLS: it is asked, and still has the whole time.
async fn first_line(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<String, Cause> {
    let protocol = attempt.protocol;
    let mut read = pin!(wire::text(stream));
    let line = match timeout(SILENCE, &mut read).await {
        Ok(line) => line,
        Err(_) => tokio::select! {
            line = &mut read => line,
            Some(cause) = wants_tls(attempt) => return Err(cause),
        },
    };
    let cause = match line {
        Ok(line) if is_meant(protocol, &line) => return Ok(line),
        Ok(line) => match (speaks(&line), attempt.said(&line)) {
            (Some(server), said) if server != protocol => {
                return Err(Cause::WrongProtocol { account: protocol, server, said: Some(said) });
            }
            (Some(_), said) => return Err(Cause::ServiceUnavailable { protocol, said }),
            (None, said) => Cause::NoGreeting { protocol, said },
        },
        Err(error) => error.into(),
    };
    Err(timeout(SILENCE, wants_tls(attempt)).await.ok().flatten().unwrap_or(cause))
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
    let read = async { wire::text(&mut BufReader::new(attempt.connect().await.ok()?)).await.ok() };
    timeout(SILENCE, read).await.ok()?.filter(|line| speaks(line).is_some())
}

/// Starts TLS on a connection of its own, where the account starts in cleartext. An invalid certificate is TLS all the
/// same.
async fn wants_tls(attempt: &Attempt<'_>) -> Option<Cause> {
    let endpoint = &attempt.server.endpoint;
    if endpoint.security == Security::ImplicitTls {
        return None;
    }
    let tcp = attempt.connect().await.ok()?;
    let greeting = match start_tls(attempt.network.tls(), &endpoint.host, tcp).await {
        Ok(stream) => timeout(SILENCE, wire::text(&mut BufReader::new(stream))).await.ok().and_then(Result::ok),
        Err(error) => match error.get_ref()?.downcast_ref::<rustls::Error>()? {
            rustls::Error::InvalidMessage(_) => return None,
            _ => None,
        },
    };
    let (protocol, account) = (attempt.protocol, endpoint.security);
    Some(match greeting.and_then(|line| speaks(&line)).filter(|other| *other != protocol) {
        None => Cause::WrongSecurity { protocol, account, server: Security::ImplicitTls, said: None },
        Some(server) => Cause::WrongProtocol { account: protocol, server, said: None },
    })
}

/// Whether a line is the greeting of a server that goes on.
fn is_meant(protocol: Protocol, line: &str) -> bool {
    match protocol {
        Protocol::Imap => line.starts_with("* OK") || line.starts_with("* PREAUTH"),
        Protocol::Pop3 => line.starts_with("+OK"),
        Protocol::Submission => line.starts_with("220"),
    }
}

/// Which protocol's greeting or refusal a line is (RFC 9051 §7.1, RFC 1939 §4, RFC 5321 §4.2).
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

/// Longer than a server with something to say takes, and short enough to wait for.
const SILENCE: Duration = Duration::from_millis(400);
