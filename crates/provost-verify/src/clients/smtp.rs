//! Mail submission as the checks need it, over async-smtp. Its `try_login` is never used: it succeeds if the server
//! offers no login (async-smtp 0.10.2). It does not support CRAM-MD5 and OAUTHBEARER; their lines are written here.

use async_smtp::authentication::{Credentials, Mechanism};
use async_smtp::error::Error;
use async_smtp::extension::ClientId;
use async_smtp::response::Response;
use async_smtp::{SmtpClient, SmtpTransport};
use provost_account::Authentication;

use super::{Stream, base64, cram_md5_line, credentials, greeted, mechanism, refused, response, words};
use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Said};
use crate::wire::{self, Lines};

/// A connection.
pub(crate) struct Connected {
    pub(crate) transport: SmtpTransport<Stream>,
    /// The first words of EHLO's answer, in capitals, and mechanisms as `AUTH=…`.
    pub(crate) offers: Vec<String>,
}

pub(crate) async fn connect(attempt: &Attempt<'_>) -> Result<Connected, Cause> {
    if let Some(connected) = attempt.take() {
        return Ok(connected);
    }
    let hello = || ClientId::new(OWN_NAME.to_owned());
    let client = SmtpClient::new().pipelining(false).hello_name(hello()).without_greeting();
    let failed = |error: Error| cause(attempt, refused("EHLO"))(error);
    let mut transport = SmtpTransport::new(client, greeted(attempt).await?).await.map_err(failed)?;
    // Once more, since the transport does not tell what it was offered.
    let again = transport.get_mut().ehlo(hello()).await.map_err(failed)?;
    Ok(Connected { transport, offers: offers(&again.message) })
}

/// Connects, and logs in with the account's own password if its server wants one.
pub(crate) async fn session(attempt: &Attempt<'_>) -> Result<Connected, Stop> {
    if attempt.server.endpoint.authentication == Authentication::None {
        return Ok(connect(attempt).await?);
    }
    let (_, password) = credentials(attempt)?;
    if let Some(LoggedIn(session)) = attempt.take() {
        return Ok(session);
    }
    let mut session = connect(attempt).await?;
    session.log_in(attempt, password).await?;
    Ok(session)
}

/// Hands a session on, or ends it.
pub(crate) async fn hand_on(attempt: &Attempt<'_>, session: Connected) {
    if let Some(LoggedIn(session)) = attempt.hand_on(LoggedIn(session)) {
        session.leave().await;
    }
}

/// Ends the session that was handed on, if there is one.
pub(crate) async fn end(attempt: &Attempt<'_>) {
    if let Some(LoggedIn(session)) = attempt.take() {
        session.leave().await;
    }
}

/// The stage of a session in which messages are taken.
struct LoggedIn(Connected);

/// What EHLO announces before TLS, while there is no client yet.
pub(crate) async fn capabilities(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    wire::send(stream, &format!("EHLO {OWN_NAME}")).await?;
    let mut texts = Vec::new();
    while texts.len() <= LINES_MAX {
        let line = wire::text(stream).await?;
        let Some(text) = line.strip_prefix("250") else { return Err(attempt.refused("EHLO", &line)) };
        texts.push(text.get(1..).unwrap_or("").to_owned());
        if !text.starts_with('-') {
            return Ok(offers(&texts));
        }
    }
    Err(Cause::ReplyWithoutEnd)
}

/// The first words of the lines behind the first, in capitals, and mechanisms as `AUTH=…`.
fn offers(lines: &[String]) -> Vec<String> {
    lines.iter().skip(1).flat_map(|line| words("AUTH", line)).collect()
}

impl Connected {
    /// Logs in as the account says, with a password that may be another one.
    pub(crate) async fn log_in(&mut self, attempt: &Attempt<'_>, password: &str) -> Result<(), Stop> {
        let (login, _) = credentials(attempt)?;
        let wanted = attempt.server.endpoint.authentication;
        let answer = match mechanism(wanted, &self.offers) {
            Some(name @ ("PLAIN" | "LOGIN")) => {
                let mechanism = if name == "PLAIN" { Mechanism::Plain } else { Mechanism::Login };
                let credentials = Credentials::new(login.to_string(), password.to_owned());
                self.transport.auth(mechanism, &credentials).await
            }
            Some("CRAM-MD5") => match self.command("AUTH CRAM-MD5").await {
                Ok(challenge) => {
                    let challenge = challenge.first_line().unwrap_or("");
                    self.command(&cram_md5_line(attempt, login.as_str(), password, challenge)?).await
                }
                refused => refused,
            },
            Some(mechanism) => {
                let response = base64(response(mechanism, login.as_str(), password));
                self.command(&format!("AUTH {mechanism} {response}")).await
            }
            None => {
                let offered: Vec<&str> = self.offers.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
                let offered = (!offered.is_empty()).then(|| attempt.said(&offered.join(" ")));
                return Err(Cause::LoginMethodNotOffered { wanted, offered }.into());
            }
        };
        match answer {
            Ok(answer) if answer.has_code(235) => Ok(()),
            // RFC 7628 §3.2.3: a token is refused with a challenge that explains; the client answers with nothing.
            Ok(answer) if answer.has_code(334) => Err(Stop::Refused(said(attempt, &answer))),
            Ok(answer) => Err(Cause::LoginNotDone { said: said(attempt, &answer) }.into()),
            Err(Error::Permanent(answer)) if answer.has_code(535) || answer.has_code(534) => {
                Err(Stop::Refused(said(attempt, &answer)))
            }
            Err(error) => Err(cause(attempt, |said| Cause::LoginNotDone { said })(error).into()),
        }
    }

    async fn command(&mut self, line: &str) -> Result<Response, Error> {
        self.transport.get_mut().command(format!("{line}\r\n")).await
    }

    /// Ends the session without caring for the answer: the verdict is given.
    pub(crate) async fn leave(mut self) {
        let _ = self.transport.quit().await;
    }
}

/// What an error of the client says, in the words of the server where it has some.
pub(crate) fn cause(attempt: &Attempt<'_>, refused: impl FnOnce(Said) -> Cause) -> impl FnOnce(Error) -> Cause {
    move |error| match error {
        Error::Transient(answer) | Error::Permanent(answer) => refused(said(attempt, &answer)),
        Error::Io(error) if error.to_string() == "incomplete" => Cause::HungUp,
        Error::Io(error) => Cause::broken(error.kind(), attempt.said(&error.to_string()).to_string()),
        other => refused(attempt.said(&other.to_string())),
    }
}

fn said(attempt: &Attempt<'_>, answer: &Response) -> Said {
    let code = &answer.code;
    let code = format!("{}{}{}", code.severity as u8, code.category as u8, code.detail as u8);
    attempt.said(&format!("{code} {}", answer.message.join(" ")))
}

/// RFC 5321 §4.1.4: a client without a name of its own says its address. Every client behind a router does.
const OWN_NAME: &str = "[127.0.0.1]";
const LINES_MAX: usize = 200;
