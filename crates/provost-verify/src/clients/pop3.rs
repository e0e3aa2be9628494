//! POP3 as the checks need it, as lines on the stream: there is no well-maintained client to use.

use super::{
    Channel, Greeting, LoginError, base64, cram_md5, credentials, greeting, in_clear, mechanisms, open, response,
    start_tls,
};
use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::wire;

/// A connection.
#[derive(Debug)]
pub(crate) struct Connected {
    channel: Channel,
    /// The first words of CAPA's answer, in capitals, and mechanisms as `AUTH=…`.
    pub(crate) offers: Vec<String>,
}

pub(crate) async fn connect(attempt: &Attempt<'_>) -> Result<Connected, Cause> {
    let (mut channel, greeting) = open(attempt).await?;
    if greeting == Greeting::Awaited {
        greeting::read(attempt, in_clear(attempt), wire::text(&mut channel)).await?;
    }
    let mut connected = Connected { channel, offers: Vec::new() };
    let lines = connected.lines(attempt, "CAPA").await?;
    let text = |line: &Vec<u8>| String::from_utf8_lossy(line).into_owned();
    connected.offers = lines.iter().map(text).flat_map(|line| start_tls::words("SASL", &line)).collect();
    Ok(connected)
}

impl Connected {
    pub(crate) fn offers(&self, what: &str) -> bool {
        self.offers.iter().any(|it| it == what)
    }

    /// Logs in as the account says, with a password that may be another one.
    pub(crate) async fn log_in(&mut self, attempt: &Attempt<'_>, password: &str) -> Result<(), LoginError> {
        let (login, _) = credentials(attempt)?;
        let names = mechanisms(attempt.server.endpoint.authentication);
        let mechanism = names.iter().find(|mechanism| self.offers(&format!("AUTH={mechanism}"))).copied();
        let answer = match mechanism {
            Some("CRAM-MD5") => {
                use ::base64::Engine as _;
                let challenge = self.raw("AUTH CRAM-MD5").await?;
                let text = challenge.strip_prefix("+ ").unwrap_or(&challenge).to_owned();
                let Ok(challenge) = ::base64::engine::general_purpose::STANDARD.decode(&text) else {
                    return Err(LoginError::Failed(Cause::ChallengeUnreadable { said: attempt.said(&text) }));
                };
                self.raw(&base64(cram_md5(login.as_str(), password, &challenge))).await?
            }
            Some(mechanism @ ("PLAIN" | "XOAUTH2" | "OAUTHBEARER")) => {
                let response = base64(response(mechanism, login.as_str(), password));
                self.raw(&format!("AUTH {mechanism} {response}")).await?
            }
            Some(_) | None => {
                let answer = self.raw(&format!("USER {login}")).await?;
                match answer.starts_with("+OK") {
                    true => self.raw(&format!("PASS {password}")).await?,
                    false => answer,
                }
            }
        };
        match answer {
            answer if answer.starts_with("+OK") => Ok(()),
            answer if answer.starts_with("-ERR") || answer.starts_with("+ ") => {
                Err(LoginError::Refused(attempt.said(&answer)))
            }
            answer => Err(LoginError::Failed(Cause::LoginNotDone { said: attempt.said(&answer) })),
        }
    }

    /// Sends a command and gives what follows `+OK`.
    pub(crate) async fn command(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<String, Cause> {
        let answer = self.raw(command).await?;
        match answer.strip_prefix("+OK") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(attempt.refused(command, &answer)),
        }
    }

    /// Sends a command and gives the lines of its answer, dots taken off (RFC 1939 §3).
    pub(crate) async fn lines(&mut self, attempt: &Attempt<'_>, command: &str) -> Result<Vec<Vec<u8>>, Cause> {
        self.command(attempt, command).await?;
        let mut lines = Vec::new();
        loop {
            let line = wire::line(&mut self.channel).await?;
            match line.strip_prefix(b".") {
                Some(b"") => return Ok(lines),
                Some(rest) => lines.push(rest.to_vec()),
                None => lines.push(line),
            }
        }
    }

    async fn raw(&mut self, line: &str) -> std::io::Result<String> {
        wire::send(&mut self.channel, line).await?;
        wire::text(&mut self.channel).await
    }
}

/// Connects and logs in with the account's own password.
pub(crate) async fn session(attempt: &Attempt<'_>) -> Result<Connected, LoginError> {
    let (_, password) = credentials(attempt)?;
    let mut connected = connect(attempt).await?;
    connected.log_in(attempt, password).await?;
    Ok(connected)
}
