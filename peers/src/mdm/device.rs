//! A simulated device, or the user's channel of a Mac: what an iPhone or a Mac says to its MDM server, by real HTTP and
//! with a certificate of its own. It keeps the bytes that it is given and refuses what a device refuses. It knows nothing
//! of mail, of what was sent, or of why; nothing in it depends on a clock or on chance.
//!
//! Source, where no other is named: Apple's schema, <https://github.com/apple/device-management>.

mod declarations;
mod profile;

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::{Context, bail};
use plist::{Dictionary, Value};

use self::declarations::Declared;
use self::profile::Refusal;
use super::papers::{Passport, TOPIC};

/// One enrollment at the server.
pub(super) struct Device {
    udid: String,
    /// The user, on the user's channel.
    user: Option<User>,
    platform: Platform,
    passport: Passport,
    client: reqwest::Client,
    /// The server's address.
    server: String,
    /// Whether it puts off what needs it to be unlocked.
    pub(super) is_locked: bool,
    /// Whether it refuses every profile, as one whose restrictions forbid it.
    pub(super) refuses: bool,
    /// The profiles that it has, by identifier: the bytes that came.
    pub(super) profiles: BTreeMap<String, Vec<u8>>,
    /// What it has by declarations.
    pub(super) declared: Declared,
    /// What it was told to do and how it answered, in order.
    pub(super) obeyed: Vec<Obeyed>,
}

/// A user of a Mac.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) short_name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Iphone,
    Mac,
}

/// A command and the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Obeyed {
    pub(super) command: String,
    pub(super) request: String,
    pub(super) answer: Answer,
}

/// The `Status` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Acknowledged,
    Error,
    NotNow,
}

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polled {
    /// The server has no more commands.
    Empty,
    /// No server, or one that ended within the conversation.
    Unreachable,
    /// The server answered with this status.
    Refused(u16),
}

impl Device {
    pub(super) fn new(
        platform: Platform,
        udid: &str,
        user: Option<User>,
        passport: Passport,
        client: reqwest::Client,
        server: &str,
    ) -> Self {
        Self {
            udid: udid.to_owned(),
            user,
            platform,
            passport,
            client,
            server: server.to_owned(),
            is_locked: false,
            refuses: false,
            profiles: BTreeMap::new(),
            declared: Declared::default(),
            obeyed: Vec::new(),
        }
    }

    /// What the server calls it.
    pub(super) fn enrollment(&self) -> String {
        match &self.user {
            Some(user) => format!("{}:{}", self.udid, user.id),
            None => self.udid.clone(),
        }
    }

    /// Whether it is a user's channel, which a Mac has beside its own.
    pub(super) fn is_of_a_user(&self) -> bool {
        self.user.is_some()
    }

    /// The token by which it is pushed: no two are alike.
    pub(super) fn token(&self) -> String {
        self.enrollment().bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Enrolls, as a new device does: it has nothing yet, or no longer.
    pub(super) async fn enroll(&mut self) -> anyhow::Result<()> {
        self.profiles.clear();
        self.declared = Declared::default();
        match &self.user {
            // The user's channel belongs to the enrolled Mac. An empty challenge means that nothing more is asked.
            Some(_) => {
                let reply = self.check_in(self.message("UserAuthenticate", [])).await?;
                let challenge =
                    reply.as_dictionary().and_then(|it| it.get("DigestChallenge")).and_then(Value::as_string);
                anyhow::ensure!(challenge == Some(""), "UserAuthenticate: {reply:?}");
            }
            None => {
                self.check_in(self.message("Authenticate", [("Topic", TOPIC.into())])).await?;
            }
        }
        let token = Value::Data(self.enrollment().into_bytes());
        let magic = format!("magic of {}", self.enrollment());
        let keys = [("Topic", TOPIC.into()), ("PushMagic", magic.into()), ("Token", token)];
        let mut update = self.message("TokenUpdate", keys);
        if let Some(user) = &self.user {
            update.insert("UserShortName".to_owned(), user.short_name.as_str().into());
        }
        self.check_in(update).await?;
        Ok(())
    }

    /// Asks the server for commands until there are no more, and obeys.
    pub(super) async fn poll(&mut self) -> anyhow::Result<Polled> {
        let mut answer = self.dictionary([("Status", "Idle".into())]);
        loop {
            let body = match self.put("application/x-apple-aspen-mdm", answer).await? {
                Reply::Body(body) if body.is_empty() => return Ok(Polled::Empty),
                Reply::Body(body) => body,
                Reply::Status(status, _) => return Ok(Polled::Refused(status)),
                Reply::None => return Ok(Polled::Unreachable),
            };
            let command = Value::from_reader(Cursor::new(body)).context("the command is no property list")?;
            let Some(answered) = self.obey(&command).await? else { return Ok(Polled::Unreachable) };
            answer = answered;
        }
    }

    /// The answer to a command; `None` if the server went away while it was obeyed.
    async fn obey(&mut self, command: &Value) -> anyhow::Result<Option<Dictionary>> {
        let command = command.as_dictionary().context("the command is no dictionary")?;
        let uuid = string(command, "CommandUUID")?;
        let inner = command.get("Command").and_then(Value::as_dictionary).context("no Command")?;
        let request = string(inner, "RequestType")?;
        let mut more: Vec<(&str, Value)> = Vec::new();
        let done = match request.as_str() {
            // "The device is locked": https://developer.apple.com/documentation/devicemanagement/handling-notnow-status-responses
            "InstallProfile" if self.is_locked => Ok(Answer::NotNow),
            "InstallProfile" if self.refuses => Err(Refusal::Forbidden),
            "InstallProfile" => self.install(inner.get("Payload").and_then(Value::as_data).context("no Payload")?),
            "RemoveProfile" => match self.profiles.remove(&string(inner, "Identifier")?) {
                Some(_) => Ok(Answer::Acknowledged),
                None => Err(Refusal::NotInstalled),
            },
            "ProfileList" => {
                let list = self.profiles.values().map(|bytes| profile::listed(bytes)).collect::<anyhow::Result<_>>()?;
                more.push(("ProfileList", Value::Array(list)));
                Ok(Answer::Acknowledged)
            }
            "DeclarativeManagement" => match self.synchronize().await? {
                Polled::Empty => Ok(Answer::Acknowledged),
                Polled::Unreachable => return Ok(None),
                Polled::Refused(status) => bail!("{status} for declarations of {}", self.enrollment()),
            },
            _ => Err(Refusal::UnknownCommand),
        };
        let status = match done {
            Ok(answer) => answer,
            Err(refusal) => {
                more.push(("ErrorChain", refusal.chain()));
                Answer::Error
            }
        };
        let word = match status {
            Answer::Acknowledged => "Acknowledged",
            Answer::Error => "Error",
            Answer::NotNow => "NotNow",
        };
        let mut answer = self.dictionary([("Status", word.into()), ("CommandUUID", uuid.clone().into())]);
        answer.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        self.obeyed.push(Obeyed { command: uuid, request, answer: status });
        Ok(Some(answer))
    }

    /// "An installation of a profile with the same PayloadIdentifier replaces the installed one": TopLevel, CommonPayloadKeys.
    fn install(&mut self, bytes: &[u8]) -> Result<Answer, Refusal> {
        let identifier = profile::accepted(bytes, self.platform, self.user.is_some())?;
        self.profiles.insert(identifier, bytes.to_vec());
        Ok(Answer::Acknowledged)
    }

    /// A check-in, and what the server answers to it.
    async fn check_in(&self, message: Dictionary) -> anyhow::Result<Value> {
        match self.put("application/x-apple-aspen-mdm-checkin", message).await? {
            Reply::Body(body) if body.is_empty() => Ok(Value::Dictionary(Dictionary::new())),
            Reply::Body(body) => Value::from_reader(Cursor::new(body)).context("the reply is no property list"),
            Reply::Status(status, said) => bail!("{status} for the check-in of {}: {said}", self.enrollment()),
            Reply::None => bail!("no server for the check-in of {}", self.enrollment()),
        }
    }

    fn message<const N: usize>(&self, kind: &str, more: [(&str, Value); N]) -> Dictionary {
        let mut message = self.dictionary([("MessageType", kind.into())]);
        message.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        message
    }

    fn dictionary<const N: usize>(&self, more: [(&str, Value); N]) -> Dictionary {
        let mut dictionary = Dictionary::new();
        dictionary.insert("UDID".to_owned(), self.udid.as_str().into());
        if let Some(user) = &self.user {
            dictionary.insert("UserID".to_owned(), user.id.as_str().into());
        }
        dictionary.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        dictionary
    }

    async fn put(&self, kind: &str, body: Dictionary) -> anyhow::Result<Reply> {
        let mut octets = Vec::new();
        Value::Dictionary(body).to_writer_xml(&mut octets)?;
        let (header, passport) = self.passport.shown(&octets).await?;
        let request = self.client.put(format!("{}/mdm", self.server)).header(header, passport);
        // A connection that breaks is the server's end; which error tells it, depends on the moment.
        let Ok(reply) = request.header("Content-Type", kind).body(octets).send().await else { return Ok(Reply::None) };
        let status = reply.status();
        let Ok(body) = reply.bytes().await else { return Ok(Reply::None) };
        Ok(match status.is_success() {
            true => Reply::Body(body.to_vec()),
            false => Reply::Status(status.as_u16(), String::from_utf8_lossy(&body).trim().to_owned()),
        })
    }
}

enum Reply {
    Body(Vec<u8>),
    Status(u16, String),
    /// No server, or one that ended before it had answered.
    None,
}

fn string(dictionary: &Dictionary, key: &str) -> anyhow::Result<String> {
    Ok(dictionary.get(key).and_then(Value::as_string).with_context(|| format!("no {key}"))?.to_owned())
}
