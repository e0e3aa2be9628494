//! The conversation before TLS on a STARTTLS port, as lines on the bare socket: greeting, capabilities, STARTTLS. Bytes
//! after the answer to STARTTLS are an injection and refused (RFC 9051 §11.1, RFC 3207 §4.2).

use provost_account::Protocol;
use tokio::io::BufReader;
use tokio::net::TcpStream;

use super::{greeting, offered};
use crate::attempt::Attempt;
use crate::cause::{Cause, Refusal};
use crate::wire::{self, Lines};

/// Asks for TLS. Afterwards the socket is the handshake's.
pub(crate) async fn ask(attempt: &Attempt<'_>, tcp: &mut TcpStream) -> Result<(), Cause> {
    let mut stream = BufReader::new(tcp);
    let offered = offers(attempt, &mut stream).await?;
    let (word, command, accepted) = match attempt.protocol {
        Protocol::Imap => ("STARTTLS", "b STARTTLS", "B OK"),
        Protocol::Pop3 => ("STLS", "STLS", "+OK"),
        Protocol::Submission => ("STARTTLS", "STARTTLS", "220"),
    };
    if !offered.iter().any(|offer| offer == word) {
        return Err(Cause::StartTlsNotOffered { command: word });
    }
    let answer = wire::ask(&mut stream, command).await?;
    if !answer.to_ascii_uppercase().starts_with(accepted) {
        return Err(Cause::Refused { what: Refusal::StartTls(word), said: attempt.said(&answer) });
    }
    match stream.buffer() {
        [] => Ok(()),
        _ => Err(Cause::InjectedBeforeTls { command: word }),
    }
}

/// Reads the greeting and asks what is offered.
pub(crate) async fn offers(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    let greeting = greeting::read(attempt, stream).await?;
    match attempt.protocol {
        // RFC 9051 §7.1.4: no STARTTLS is possible any more.
        Protocol::Imap if greeting.starts_with("* PREAUTH") => {
            Err(Cause::LoggedInBeforeTls { said: attempt.said(&greeting) })
        }
        Protocol::Imap | Protocol::Pop3 | Protocol::Submission => offered(attempt, stream).await,
    }
}
