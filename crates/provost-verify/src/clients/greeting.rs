//! The server's greeting, and what a port speaks if the greeting is another one or missing: TLS where the account
//! expects cleartext, cleartext where it expects TLS, another protocol. The expected protocol is tried first, as any
//! client would; only if that fails is the port probed on a separate connection.

use std::io;
use std::pin::pin;
use std::time::Duration;

use provost_account::{Protocol, Security};

use super::wire::{self, Unbuffered};
use crate::attempt::{Attempt, Problem};

/// Reads the greeting by `read`, one line. In clear, a server that says nothing for a while may be waiting for TLS: it is
/// asked, and goes on to have the whole time.
pub(crate) async fn read(
    attempt: &Attempt<'_>,
    is_in_clear: bool,
    read: impl Future<Output = io::Result<String>>,
) -> Result<String, Problem> {
    let mut read = pin!(read);
    let line = match tokio::time::timeout(SILENCE, &mut read).await {
        Ok(line) => line,
        Err(_) if is_in_clear => tokio::select! {
            line = &mut read => line,
            Some(problem) = wants_tls(attempt) => return Err(problem),
        },
        Err(_) => read.await,
    };
    match line {
        Ok(line) if is_meant(attempt.protocol, &line) => Ok(line),
        Ok(line) => match speaks(&line) {
            Some(other) if other != attempt.protocol => Err(another_protocol(attempt, other, &line)),
            Some(_) => Err(attempt.refused(&no_greeting(attempt), &line)),
            None => match ask_for_tls(attempt, is_in_clear).await {
                Some(problem) => Err(problem),
                None => Err(attempt.refused(&no_greeting(attempt), &line)),
            },
        },
        Err(error) => match ask_for_tls(attempt, is_in_clear).await {
            Some(problem) => Err(problem),
            None => Err(error.into()),
        },
    }
}

/// What the port speaks, where a handshake brought no TLS.
pub(super) async fn no_tls(attempt: &Attempt<'_>, error: io::Error) -> Problem {
    let is_tls_error = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    let starts_tls = attempt.server.endpoint.security == Security::StartTls;
    let greeting = match starts_tls {
        // The greeting came, and the server agreed to TLS.
        true => None,
        false => greeting_in_clear(attempt).await,
    };
    let Some(greeting) = greeting else {
        return match is_tls_error {
            true => Problem::new("an answer that is no TLS")
                .because("the server speaks cleartext on this port")
                .mended_by("the port may want STARTTLS instead of TLS from the first byte"),
            false => Problem::from(io::Error::new(error.kind(), error.to_string())),
        };
    };
    let other = speaks(&greeting).filter(|other| *other != attempt.protocol);
    let problem = Problem::new(format!("an answer that is no TLS: {}", attempt.said(&greeting)))
        .because(match other {
            None => "the server speaks cleartext on this port".to_owned(),
            Some(other) => {
                format!("the server speaks cleartext {} on this port, and the account {}", other.title(), attempt.protocol.title())
            }
        })
        .mended_by(match other {
            None => format!(
                "the port may want STARTTLS instead of TLS from the first byte: write `socket_type: STARTTLS`, or port {}",
                attempt.protocol.registered(Security::ImplicitTls).port
            ),
            Some(_) => ports_of(attempt.protocol),
        });
    match other {
        None => problem.starts(Security::StartTls),
        Some(_) => problem,
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

async fn ask_for_tls(attempt: &Attempt<'_>, is_in_clear: bool) -> Option<Problem> {
    match is_in_clear {
        true => tokio::time::timeout(SILENCE, wants_tls(attempt)).await.ok().flatten(),
        false => None,
    }
}

/// Begins TLS on a connection of its own. A certificate that does not hold is TLS all the same.
async fn wants_tls(attempt: &Attempt<'_>) -> Option<Problem> {
    let endpoint = &attempt.server.endpoint;
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
    let begins = match endpoint.security {
        Security::StartTls => "begins in clear, for STARTTLS",
        Security::Cleartext => "wants no TLS",
        Security::ImplicitTls => return None,
    };
    let problem = Problem::new("silence, and TLS as soon as a client begins it");
    Some(match other {
        None => problem
            .because(format!("the port wants TLS from the first byte, and the account {begins}"))
            .mended_by(match endpoint.security {
                Security::Cleartext => "write `socket_type: SSL`".to_owned(),
                Security::StartTls | Security::ImplicitTls => format!(
                    "write `socket_type: SSL`, or the port of STARTTLS: {}",
                    attempt.protocol.registered(Security::StartTls).port
                ),
            })
            .starts(Security::ImplicitTls),
        Some(other) => problem
            .because(format!(
                "the port wants TLS from the first byte, and speaks {} then; the account wants {}, and {begins}",
                other.title(),
                attempt.protocol.title()
            ))
            .mended_by(ports_of(attempt.protocol)),
    })
}

fn another_protocol(attempt: &Attempt<'_>, other: Protocol, line: &str) -> Problem {
    let (own, other) = (attempt.protocol.title(), other.title());
    attempt
        .refused(&format!("a greeting of {other} in the place of {own}"), line)
        .because(format!(
            "the port is that of another service: the account wants {own} there, and the server speaks {other}"
        ))
        .mended_by(ports_of(attempt.protocol))
}

fn ports_of(protocol: Protocol) -> String {
    format!(
        "write a port of {}: {} for TLS from the first byte, {} for STARTTLS; or set the protocol that the port has",
        protocol.title(),
        protocol.registered(Security::ImplicitTls).port,
        protocol.registered(Security::StartTls).port
    )
}

fn no_greeting(attempt: &Attempt<'_>) -> String {
    format!("no greeting of {}", attempt.protocol.title())
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
