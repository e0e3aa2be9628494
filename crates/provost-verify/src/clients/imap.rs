//! IMAP as the checks need it, over async-imap. Greeting and CAPABILITY are read here, because async-imap cannot ask
//! before the login.

use async_imap::error::Error;
use async_imap::imap_proto::rfc2087::{QuotaResource, QuotaResourceName};
use async_imap::imap_proto::{
    AttributeValue, MailboxDatum, MailboxListData, MessageSection, NameAttribute, Response, SectionPath, Status,
};
use async_imap::{Authenticator, Connection};
use tokio::io::AsyncWriteExt;

use super::{Connected, Session, Stream, cram_md5, hand_on, mechanism, response, session};
use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal, Said};
use crate::facts::{Counted, Quota, SpecialUse};
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
    /// Whether the server has a capability. Some say so only after the login.
    pub(crate) async fn can(&mut self, capability: &str) -> Result<bool, Error> {
        Ok(self.offers.iter().any(|it| it == capability) || self.imap.capabilities().await?.has_str(capability))
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
    list(session, "", |listed| folders.push(listed.name.to_string())).await?;
    Ok(folders)
}

/// A folder that the server names for something.
#[derive(Debug, Clone)]
pub(crate) struct SpecialFolder {
    pub(crate) name: String,
    pub(crate) special_use: SpecialUse,
}

/// The folders that the server names for what clients save and move (RFC 6154 §2), without those that are not there.
pub(crate) async fn special_folders(session: &mut LoggedIn) -> Result<Vec<SpecialFolder>, Error> {
    let mut folders = Vec::new();
    let keep = |listed: &MailboxListData<'_>| {
        let is_there = !listed.name_attributes.iter().any(is_no_folder);
        let uses = listed.name_attributes.iter().filter_map(special_use).filter(|_| is_there);
        folders.extend(uses.map(|special_use| SpecialFolder { name: listed.name.to_string(), special_use }));
    };
    list_with_uses(session, keep).await?;
    Ok(folders)
}

fn special_use(attribute: &NameAttribute<'_>) -> Option<SpecialUse> {
    match attribute {
        NameAttribute::Sent => Some(SpecialUse::Sent),
        NameAttribute::Drafts => Some(SpecialUse::Drafts),
        NameAttribute::Trash => Some(SpecialUse::Trash),
        NameAttribute::Junk => Some(SpecialUse::Junk),
        _ => None,
    }
}

/// RFC 3501 §7.2.2, RFC 5258 §3.
fn is_no_folder(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    }
}

/// The folder in which the server, or a filter of the account, puts what it takes for spam: as it says, or by the names
/// that are usual: `Junk` as in Dovecot 2.3.19.1's 15-mailboxes.conf, and `Spam` as in Gmail's `[Gmail]/Spam`.
pub(crate) async fn junk(session: &mut LoggedIn) -> Result<Option<String>, Error> {
    let (mut named, mut usual) = (None, None);
    let keep = |listed: &MailboxListData<'_>| {
        let name = listed.name.to_string();
        let last = listed.delimiter.as_deref().and_then(|it| name.rsplit(it).next()).unwrap_or(&name);
        if listed.name_attributes.contains(&NameAttribute::Junk) {
            named.get_or_insert(name);
        } else if ["junk", "spam"].contains(&last.to_ascii_lowercase().as_str()) {
            usual.get_or_insert(name);
        }
    };
    list_with_uses(session, keep).await?;
    Ok(named.or(usual))
}

async fn list_with_uses(session: &mut LoggedIn, keep: impl FnMut(&MailboxListData<'_>)) -> Result<(), Error> {
    // RFC 6154 §2: what the plain LIST says of special uses is up to the server.
    let asks = session.can("LIST-EXTENDED").await? && session.can("SPECIAL-USE").await?;
    list(session, if asks { " RETURN (SPECIAL-USE)" } else { "" }, keep).await
}

async fn list(session: &mut LoggedIn, options: &str, mut keep: impl FnMut(&MailboxListData<'_>)) -> Result<(), Error> {
    let read = |response: &Response<'_>| {
        if let Response::MailboxData(MailboxDatum::List(listed)) = response {
            keep(listed);
        }
    };
    run(session, &format!("LIST \"\" \"*\"{options}"), read).await
}

/// The words with which the server refuses to open a folder, if it does. The folder is opened to read alone.
pub(crate) async fn refuses_to_open(session: &mut LoggedIn, folder: &str) -> Result<Option<String>, Error> {
    match run(session, &format!("EXAMINE {}", quoted(folder)), |_| {}).await {
        Ok(()) => Ok(None),
        Err(Error::No(text)) if !text.starts_with(GOODBYE) => {
            Ok(Some(refusal(&session.imap).map_or(text, str::to_owned)))
        }
        Err(error) => Err(error),
    }
}

/// The limits of INBOX's quota roots that can be reached. None where the server does not say.
pub(crate) async fn quotas(session: &mut LoggedIn) -> Result<Vec<Quota>, Error> {
    let mut quotas = Vec::new();
    let read = |response: &Response<'_>| {
        let Response::Quota(root) = response else { return };
        for QuotaResource { name, usage, limit } in &root.resources {
            let counts = match name {
                QuotaResourceName::Storage => Counted::Kibibytes,
                QuotaResourceName::Message => Counted::Messages,
                QuotaResourceName::Atom(_) => continue,
            };
            // A limit of 0 would allow no message at all: whoever says so means something else (not seen anywhere).
            if *limit > 0 {
                quotas.push(Quota { counts, used: *usage, limit: *limit });
            }
        }
    };
    match run(session, "GETQUOTAROOT INBOX", read).await {
        Ok(()) => Ok(quotas),
        // RFC 9208 §4.1.2: "NO - getquotaroot error: permission denied". A client goes on without.
        Err(Error::No(text)) if !text.starts_with(GOODBYE) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// ```abnf
/// quoted = DQUOTE *QUOTED-CHAR DQUOTE      ; RFC 3501 §9
/// ```
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
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
