//! IMAP as the checks need it, over async-imap. Greeting and CAPABILITY are read here, because async-imap cannot ask
//! before the login.

use async_imap::error::Error;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath, Status};
use async_imap::{Authenticator, Connection};
use tokio::io::AsyncWriteExt;

use super::{Connected, Session, Stream, cram_md5, hand_on, mechanism, response, session};
use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal, Said};
use crate::wire::{self, Lines};

/// A session after the login.
pub(crate) struct LoggedIn {
    pub(crate) imap: async_imap::Session<Stream>,
    /// What was offered before it.
    offers: Vec<String>,
}

/// The words of CAPABILITY, in capitals.
pub(crate) async fn capabilities(attempt: &Attempt<'_>, stream: &mut impl Lines) -> Result<Vec<String>, Cause> {
    wire::send(stream, "a CAPABILITY").await?;
    let mut capabilities = Vec::new();
    loop {
        let line = wire::text(stream).await?;
        match (line.strip_prefix("* CAPABILITY "), line.strip_prefix("a ")) {
            (Some(words), _) => capabilities.extend(words.split(' ').map(str::to_ascii_uppercase)),
            (None, Some(answer)) if answer.starts_with("OK") => return Ok(capabilities),
            (None, Some(answer)) => return Err(attempt.refused("CAPABILITY", answer)),
            (None, None) => {}
        }
    }
}

impl Session for LoggedIn {
    async fn log_in(attempt: &Attempt<'_>, connected: Connected, login: &str, password: &str) -> Result<Self, Stop> {
        let Connected { stream, offers } = connected;
        let client = async_imap::Client::new(stream);
        let session = match mechanism(attempt.server.endpoint.authentication, &offers) {
            // LOGIN the command says the same as LOGIN the mechanism, in one step.
            Some("LOGIN") | None => client.login(login, password).await,
            Some("CRAM-MD5") => {
                let responder = |challenge: &[u8]| cram_md5(login, password, challenge);
                client.authenticate("CRAM-MD5", Responder(responder)).await
            }
            Some(mechanism) => {
                let responder = |_: &[u8]| response(mechanism, login, password);
                client.authenticate(mechanism, Responder(responder)).await
            }
        };
        let session = session.map(|imap| Self { imap, offers });
        session.map_err(|(error, client)| match error {
            Error::No(text) => Stop::Refused(attempt.said(refusal(&client).unwrap_or(&text))),
            other => cause(attempt, other, refusal(&client), |said| Cause::LoginNotDone { said }).into(),
        })
    }

    async fn leave(mut self) {
        let _ = self.imap.run_command_untagged("z LOGOUT").await;
        let _ = self.imap.get_mut().shutdown().await;
    }
}

impl LoggedIn {
    /// Whether the server has UIDPLUS (RFC 4315). Some say so only after the login.
    pub(crate) async fn can_expunge(&mut self) -> Result<bool, Error> {
        Ok(self.offers.iter().any(|it| it == "UIDPLUS") || self.imap.capabilities().await?.has_str("UIDPLUS"))
    }
}

/// Asks something in a session, and hands it on. `what` is refused if the server does.
pub(crate) async fn ask<Answer>(
    attempt: &Attempt<'_>,
    what: Refusal,
    question: impl AsyncFnOnce(&mut LoggedIn) -> Result<Answer, Error>,
) -> Result<Answer, Stop> {
    let mut session: LoggedIn = session(attempt).await?;
    match question(&mut session).await {
        Ok(answer) => {
            hand_on(attempt, session).await;
            Ok(answer)
        }
        Err(error) => {
            let refused = |said| Cause::Refused { what, said };
            Err(cause(attempt, error, refusal(&session.imap), refused).into())
        }
    }
}

/// What FETCH says of one message, as far as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub(crate) octets: Option<u32>,
    pub(crate) whole: Vec<u8>,
    pub(crate) header: Option<Vec<u8>>,
    pub(crate) text: Option<Vec<u8>>,
}

/// Asks for items of the first message.
pub(crate) async fn fetch_first(session: &mut LoggedIn, items: &str) -> Result<Fetched, Error> {
    let mut fetched = Fetched::default();
    let read = |response: &Response<'_>| {
        let Response::Fetch(_, attributes) = response else { return };
        for attribute in attributes {
            match attribute {
                AttributeValue::Rfc822Size(octets) => fetched.octets = Some(*octets),
                AttributeValue::BodySection { section, data: Some(data), .. } => match section {
                    None => fetched.whole = data.to_vec(),
                    Some(SectionPath::Full(MessageSection::Header)) => fetched.header = Some(data.to_vec()),
                    Some(SectionPath::Full(MessageSection::Text)) => fetched.text = Some(data.to_vec()),
                    Some(_) => {}
                },
                _ => {}
            }
        }
    };
    run(session, &format!("FETCH 1 {items}"), read).await?;
    Ok(fetched)
}

/// The names of all folders.
pub(crate) async fn folders(session: &mut LoggedIn) -> Result<Vec<String>, Error> {
    let mut folders = Vec::new();
    let read = |response: &Response<'_>| {
        if let Response::MailboxData(MailboxDatum::List(listed)) = response {
            folders.push(listed.name.to_string());
        }
    };
    run(session, "LIST \"\" \"*\"", read).await?;
    Ok(folders)
}

/// Opens INBOX, and gives the number of its messages.
pub(crate) async fn select_inbox(session: &mut LoggedIn) -> Result<u32, Error> {
    let mut messages = 0;
    let read = |response: &Response<'_>| {
        if let Response::MailboxData(MailboxDatum::Exists(count)) = response {
            messages = *count;
        }
    };
    run(session, "SELECT INBOX", read).await?;
    Ok(messages)
}

/// Sends a command and reads up to its end. async-imap's own commands take a server that refuses, or says goodbye, for one
/// that has nothing.
async fn run(session: &mut LoggedIn, command: &str, mut read: impl FnMut(&Response<'_>)) -> Result<(), Error> {
    let id = session.imap.run_command(command).await?;
    loop {
        let Some(response) = session.imap.read_response().await? else { return Err(Error::ConnectionLost) };
        match response.parsed() {
            Response::Done { tag, status, outcome } if *tag == id => {
                let text = outcome.information.as_deref().unwrap_or("").to_owned();
                return match status {
                    Status::Ok => Ok(()),
                    Status::Bad => Err(Error::Bad(text)),
                    Status::No | Status::PreAuth | Status::Bye => Err(Error::No(text)),
                };
            }
            Response::Data { status: Status::Bye, outcome } => {
                return Err(Error::No(format!("{GOODBYE}{}", outcome.information.as_deref().unwrap_or(""))));
            }
            other => read(other),
        }
    }
}

/// What an error of the client says, in the words of the server where it has some.
fn cause(attempt: &Attempt<'_>, error: Error, refusal: Option<&str>, refused: impl FnOnce(Said) -> Cause) -> Cause {
    match error {
        // RFC 9051 §7.1.5: the server is about to close the connection.
        Error::No(text) if text.starts_with(GOODBYE) => {
            Cause::ServiceUnavailable { protocol: attempt.protocol, said: attempt.said(&text) }
        }
        // RFC 5530 §3: "the server encountered a bug in itself"; RFC 9208 §4.3.1.
        Error::No(text) if refusal.unwrap_or(&text).contains("[SERVERBUG]") => {
            Cause::ServerError { said: attempt.said(refusal.unwrap_or(&text)) }
        }
        Error::No(text) if refusal.unwrap_or(&text).contains("[OVERQUOTA]") => {
            Cause::MailboxFull { said: attempt.said(refusal.unwrap_or(&text)) }
        }
        Error::No(text) | Error::Bad(text) => refused(attempt.said(refusal.unwrap_or(&text))),
        Error::ConnectionLost => Cause::HungUp,
        Error::Io(error) => Cause::broken(error.kind(), attempt.said(&error.to_string()).to_string()),
        other => refused(attempt.said(refusal.unwrap_or(&other.to_string()))),
    }
}

/// The server's own line. async-imap 0.12.0 has it as `code: …, info: Some("…")` or `Outcome { code: …`, without the codes
/// that it knows.
fn refusal(connection: &Connection<Stream>) -> Option<&str> {
    connection.get_ref().get_ref().refusal()
}

struct Responder<F>(F);

impl<F: FnMut(&[u8]) -> String> Authenticator for Responder<F> {
    type Response = String;

    fn process(&mut self, challenge: &[u8]) -> String {
        (self.0)(challenge)
    }
}

const GOODBYE: &str = "* BYE ";
