//! POP3 as the checks need it, as lines on the stream: there is no well-maintained client to use.

use super::{Connected, Session, base64, cram_md5_line, mechanism, response, words};
use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::wire::{self, Lines};

/// A session after the login.
pub(crate) struct LoggedIn(Connected);

/// The first words of CAPA's answer, in capitals, and mechanisms as `AUTH=…`.
pub(crate) async fn capabilities(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    let lines = lines(attempt, stream, "CAPA").await?;
    Ok(lines.iter().flat_map(|line| words("SASL", &String::from_utf8_lossy(line))).collect())
}

impl Session for LoggedIn {
    async fn log_in(
        attempt: &Attempt<'_>,
        mut connected: Connected,
        login: &str,
        password: &str,
    ) -> Result<Self, Stop> {
        let Connected { stream, offers } = &mut connected;
        let answer = match mechanism(attempt.server.endpoint.authentication, offers) {
            Some("CRAM-MD5") => {
                let challenge = wire::ask(stream, "AUTH CRAM-MD5").await?;
                let challenge = challenge.strip_prefix("+ ").unwrap_or(&challenge);
                wire::ask(stream, &cram_md5_line(attempt, login, password, challenge)?).await?
            }
            Some(mechanism @ ("PLAIN" | "XOAUTH2" | "OAUTHBEARER")) => {
                let response = base64(response(mechanism, login, password));
                wire::ask(stream, &format!("AUTH {mechanism} {response}")).await?
            }
            Some(_) | None => match wire::ask(stream, &format!("USER {login}")).await? {
                answer if answer.starts_with("+OK") => wire::ask(stream, &format!("PASS {password}")).await?,
                answer => answer,
            },
        };
        match answer {
            answer if answer.starts_with("+OK") => Ok(Self(connected)),
            answer if answer.starts_with("-ERR") || answer.starts_with("+ ") => {
                Err(Stop::Refused(attempt.said(&answer)))
            }
            answer => Err(Cause::LoginNotDone { said: attempt.said(&answer) }.into()),
        }
    }

    async fn leave(self) {}
}

impl LoggedIn {
    pub(crate) fn offers(&self, what: &str) -> bool {
        self.0.offers.iter().any(|it| it == what)
    }

    /// Sends a command and gives what follows `+OK`.
    pub(crate) async fn command(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<String, Cause> {
        ok(attempt, &mut self.0.stream, command).await
    }

    /// Sends a command and gives the lines of its answer.
    pub(crate) async fn lines(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<Vec<Vec<u8>>, Cause> {
        lines(attempt, &mut self.0.stream, command).await
    }
}

async fn ok(attempt: &Attempt<'_>, stream: &mut impl Lines, command: &str) -> Result<String, Cause> {
    let answer = wire::ask(stream, command).await?;
    match answer.strip_prefix("+OK") {
        Some(rest) => Ok(rest.trim().to_owned()),
        None => Err(attempt.refused(command, &answer)),
    }
}

/// The lines of an answer without the dots that were added (RFC 1939 §3).
async fn lines(attempt: &Attempt<'_>, stream: &mut impl Lines, command: &str) -> Result<Vec<Vec<u8>>, Cause> {
    ok(attempt, stream, command).await?;
    let mut lines = Vec::new();
    loop {
        let line = wire::line(stream).await?;
        match line.strip_prefix(b".") {
            Some(b"") => return Ok(lines),
            Some(rest) => lines.push(rest.to_vec()),
            None => lines.push(line),
        }
    }
}
