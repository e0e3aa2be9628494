//! The conversation before TLS on a STARTTLS port, as lines on the bare socket: greeting, capabilities, STARTTLS. Bytes
//! after the answer to STARTTLS are an injection and refused (RFC 9051 §11.1, RFC 3207 §4.2).

use tokio::net::TcpStream;

use super::greeting;
use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::wire::Unbuffered;
use provost_account::Protocol;

/// Asks for TLS. Afterwards the socket is the handshake's.
pub(crate) async fn ask(attempt: &Attempt<'_>, tcp: &mut TcpStream) -> Result<(), Cause> {
    let mut wire = Unbuffered::new(tcp);
    let offered = offers(attempt, &mut wire).await?;
    let (word, command, accepted) = match attempt.protocol {
        Protocol::Imap => ("STARTTLS", "b STARTTLS", "b OK"),
        Protocol::Pop3 => ("STLS", "STLS", "+OK"),
        Protocol::Submission => ("STARTTLS", "STARTTLS", "220"),
    };
    if !offered.iter().any(|offer| offer.eq_ignore_ascii_case(word)) {
        return Err(Cause::StartTlsNotOffered { command: word });
    }
    wire.send(command).await?;
    let answer = wire.text().await?;
    if !answer.to_ascii_uppercase().starts_with(&accepted.to_ascii_uppercase()) {
        return Err(attempt.refused(word, &answer));
    }
    if wire.has_more() {
        return Err(Cause::InjectedBeforeTls { command: word });
    }
    Ok(())
}

/// Reads the greeting and asks what is offered: the words of IMAP's CAPABILITY, the first words of POP3's CAPA or SMTP's
/// EHLO, and there those of AUTH and SASL as `AUTH=…`.
pub(crate) async fn offers(attempt: &Attempt<'_>, wire: &mut Unbuffered<'_, TcpStream>) -> Result<Vec<String>, Cause> {
    match attempt.protocol {
        Protocol::Imap => {
            let greeting = greeting::read(attempt, true, wire.text()).await?;
            if greeting.starts_with("* PREAUTH") {
                // RFC 9051 section 7.1.4: no STARTTLS is possible any more.
                return Err(Cause::LoggedInBeforeTls { said: attempt.said(&greeting) });
            }
            wire.send("a CAPABILITY").await?;
            let mut offered = Vec::new();
            loop {
                let line = wire.text().await?;
                match (line.strip_prefix("* CAPABILITY "), line.strip_prefix("a ")) {
                    (Some(words), _) => offered.extend(words.split(' ').map(str::to_ascii_uppercase)),
                    (None, Some(answer)) if answer.starts_with("OK") => return Ok(offered),
                    (None, Some(answer)) => return Err(attempt.refused("CAPABILITY", answer)),
                    (None, None) => {}
                }
            }
        }
        Protocol::Pop3 => {
            greeting::read(attempt, true, wire.text()).await?;
            wire.send("CAPA").await?;
            let answer = wire.text().await?;
            if !answer.starts_with("+OK") {
                // RFC 2449 is younger than POP3: a server without CAPA may have STLS all the same.
                return Err(attempt.refused("CAPA", &answer));
            }
            let mut offered = Vec::new();
            loop {
                match wire.text().await?.as_str() {
                    "." => return Ok(offered),
                    line => offered.extend(words("SASL", line)),
                }
            }
        }
        Protocol::Submission => {
            let mut line = greeting::read(attempt, true, wire.text()).await?;
            let mut lines = 0;
            while line.get(3..4) == Some("-") && lines < LINES_MAX {
                line = wire.text().await?;
                lines += 1;
            }
            wire.send("EHLO [127.0.0.1]").await?;
            let lines = reply(attempt, wire, "250", "EHLO").await?;
            Ok(lines.iter().skip(1).flat_map(|line| words("AUTH", line)).collect())
        }
    }
}

/// The first word of a line; of a line of mechanisms, each as `AUTH=…` besides.
pub(crate) fn words(mechanisms: &str, line: &str) -> Vec<String> {
    let mut words = line.split_whitespace().map(str::to_ascii_uppercase);
    let Some(first) = words.next() else { return Vec::new() };
    match first == mechanisms {
        true => words.map(|word| format!("AUTH={word}")).chain([first]).collect(),
        false => vec![first],
    }
}

/// The texts of a reply's lines, if it has that code.
async fn reply(
    attempt: &Attempt<'_>,
    wire: &mut Unbuffered<'_, TcpStream>,
    code: &str,
    what: &str,
) -> Result<Vec<String>, Cause> {
    let mut lines = Vec::new();
    loop {
        let line = wire.text().await?;
        match (line.get(..3), line.get(3..4), line.get(4..)) {
            (Some(found), Some("-"), Some(text)) if found == code => lines.push(text.to_owned()),
            (Some(found), _, text) if found == code => {
                lines.push(text.unwrap_or("").to_owned());
                return Ok(lines);
            }
            _ => return Err(attempt.refused(what, &line)),
        }
        if lines.len() > LINES_MAX {
            return Err(Cause::ReplyWithoutEnd);
        }
    }
}

const LINES_MAX: usize = 200;
