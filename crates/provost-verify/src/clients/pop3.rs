//! POP3 as the checks need it, as lines on the stream: there is no well-maintained client to use.

use super::{Stream, base64, cram_md5_line, credentials, greeted, mechanism, response, words};
use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::wire::{self, Lines};

/// A connection.
#[derive(Debug)]
pub(crate) struct Session<S> {
    stream: S,
    /// The first words of CAPA's answer, in capitals, and mechanisms as `AUTH=…`.
    pub(crate) offers: Vec<String>,
}

pub(crate) async fn connect(attempt: &Attempt<'_>) -> Result<Session<Stream>, Cause> {
    if let Some(connected) = attempt.take() {
        return Ok(connected);
    }
    Session::new(attempt, greeted(attempt).await?).await
}

/// Connects and logs in with the account's own password.
pub(crate) async fn session(attempt: &Attempt<'_>) -> Result<Session<Stream>, Stop> {
    let (_, password) = credentials(attempt)?;
    if let Some(LoggedIn(session)) = attempt.take() {
        return Ok(session);
    }
    let mut session = connect(attempt).await?;
    session.log_in(attempt, password).await?;
    Ok(session)
}

/// Hands a session on after the login.
pub(crate) fn hand_on(attempt: &Attempt<'_>, session: Session<Stream>) {
    attempt.hand_on(LoggedIn(session));
}

/// The stage of a session after the login.
struct LoggedIn(Session<Stream>);

impl<S: Lines> Session<S> {
    /// Asks what is offered on a stream whose greeting was read.
    pub(crate) async fn new(attempt: &Attempt<'_>, stream: S) -> Result<Self, Cause> {
        let mut session = Self { stream, offers: Vec::new() };
        let lines = session.lines(attempt, "CAPA").await?;
        session.offers = lines.iter().flat_map(|line| words("SASL", &String::from_utf8_lossy(line))).collect();
        Ok(session)
    }

    pub(crate) fn offers(&self, what: &str) -> bool {
        self.offers.iter().any(|it| it == what)
    }

    /// Logs in as the account says, with a password that may be another one.
    pub(crate) async fn log_in(&mut self, attempt: &Attempt<'_>, password: &str) -> Result<(), Stop> {
        let (login, _) = credentials(attempt)?;
        let answer = match mechanism(attempt.server.endpoint.authentication, &self.offers) {
            Some("CRAM-MD5") => {
                let challenge = self.ask("AUTH CRAM-MD5").await?;
                let challenge = challenge.strip_prefix("+ ").unwrap_or(&challenge);
                self.ask(&cram_md5_line(attempt, login.as_str(), password, challenge)?).await?
            }
            Some(mechanism @ ("PLAIN" | "XOAUTH2" | "OAUTHBEARER")) => {
                let response = base64(response(mechanism, login.as_str(), password));
                self.ask(&format!("AUTH {mechanism} {response}")).await?
            }
            Some(_) | None => match self.ask(&format!("USER {login}")).await? {
                answer if answer.starts_with("+OK") => self.ask(&format!("PASS {password}")).await?,
                answer => answer,
            },
        };
        match answer {
            answer if answer.starts_with("+OK") => Ok(()),
            answer if answer.starts_with("-ERR") || answer.starts_with("+ ") => {
                Err(Stop::Refused(attempt.said(&answer)))
            }
            answer => Err(Cause::LoginNotDone { said: attempt.said(&answer) }.into()),
        }
    }

    /// Sends a command and gives what follows `+OK`.
    pub(crate) async fn command(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<String, Cause> {
        let answer = self.ask(command).await?;
        match answer.strip_prefix("+OK") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(attempt.refused(command, &answer)),
        }
    }

    /// Sends a command and gives the lines of its answer without the dots that were added (RFC 1939 §3).
    pub(crate) async fn lines(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<Vec<Vec<u8>>, Cause> {
        self.command(attempt, command).await?;
        let mut lines = Vec::new();
        loop {
            let line = wire::line(&mut self.stream).await?;
            match line.strip_prefix(b".") {
                Some(b"") => return Ok(lines),
                Some(rest) => lines.push(rest.to_vec()),
                None => lines.push(line),
            }
        }
    }

    async fn ask(&mut self, line: &str) -> std::io::Result<String> {
        wire::send(&mut self.stream, line).await?;
        wire::text(&mut self.stream).await
    }
}
