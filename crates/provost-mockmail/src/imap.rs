//! IMAP4rev1 (RFC 3501) as a machine: bytes in, bytes out. What it announces it does: LITERAL+, SASL-IR, ID, NAMESPACE,
//! CHILDREN, SPECIAL-USE, UIDPLUS, UNSELECT. No sockets, no clock; no message is ever `\Recent`.

mod envelope;
mod fetch;
mod folders;
mod framing;
mod grammar;
mod mime;
mod search;
mod selected;

use crate::account::{AccountId, Proof, Store};
use crate::faults::Fault;
use crate::sasl::{self, Exchange, Mechanism, Moment, Step};
use crate::session::{Channel, Next, Output, Setting};
use framing::{Frame, Framing};
use grammar::{Cursor, Malformed};
use selected::Selected;

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    setting: Setting,
    framing: Framing,
    phase: Phase,
    account: Option<AccountId>,
    selected: Option<Selected>,
}

#[derive(Debug)]
enum Phase {
    Commands,
    /// An AUTHENTICATE of that tag waits for the client's response.
    Authenticating(String, Exchange),
    /// STARTTLS was accepted: what still comes in clear is nobody's.
    AwaitingTls,
    Closed,
}

/// What a command that was not done is answered.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    No(&'static str),
    Bad(&'static str),
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::Bad(malformed.0)
    }
}

/// The text of a tagged OK; `None` while an exchange goes on; or why the command was not done.
type Answer = Result<Option<String>, Refusal>;

fn done(text: &str) -> Answer {
    Ok(Some(text.to_owned()))
}

impl Session {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { setting, framing: Framing::default(), phase: Phase::Commands, account: None, selected: None }
    }

    pub(crate) fn greet(&self, store: &Store) -> Output {
        let mut output = Output::default();
        output.line(&format!("* OK [CAPABILITY {}] {} mock server ready", self.capabilities(store), self.setting.host));
        output
    }

    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.framing.clear();
        self.phase = Phase::Commands;
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Store) -> Output {
        let mut output = Output::default();
        if matches!(self.phase, Phase::AwaitingTls | Phase::Closed) {
            return output;
        }
        self.framing.push(bytes);
        while output.next == Next::Read {
            match self.framing.next() {
                Frame::Incomplete => break,
                Frame::Continue => output.line("+ go on"),
                Frame::Command(command) => self.command(&command, store, &mut output),
                Frame::TooLong => {
                    output.line("* BYE a line or a literal longer than any here");
                    output.next = Next::Close;
                }
            }
        }
        match output.next {
            Next::Read => {}
            Next::StartTls => {
                // RFC 9051 §11.1: "a server MUST NOT … process … commands received before the TLS negotiation" that
                // were sent behind STARTTLS; RFC 3501 §6.2.1: the client must not send any.
                self.framing.clear();
                self.phase = Phase::AwaitingTls;
            }
            Next::Close => self.phase = Phase::Closed,
        }
        output
    }

    fn command(&mut self, command: &[u8], store: &mut Store, output: &mut Output) {
        let (tag, answer) = match std::mem::replace(&mut self.phase, Phase::Commands) {
            Phase::Authenticating(tag, mut exchange) => {
                let step = exchange.line(&String::from_utf8_lossy(command), store);
                let answer = self.step(&tag, exchange, step, store, output);
                (tag, answer)
            }
            Phase::Commands | Phase::AwaitingTls | Phase::Closed => {
                let mut cursor = Cursor::new(command);
                match cursor.atom() {
                    Ok(tag) if tag != "+" => (tag.to_owned(), self.dispatch(tag, cursor, store, output)),
                    Ok(_) | Err(_) => {
                        output.line("* BAD a tag is missing");
                        return;
                    }
                }
            }
        };
        match answer {
            Ok(None) => {}
            Ok(Some(text)) => output.line(&format!("{tag} OK {text}")),
            Err(Refusal::No(text)) => output.line(&format!("{tag} NO {text}")),
            Err(Refusal::Bad(text)) => output.line(&format!("{tag} BAD {text}")),
        }
    }

    fn dispatch(&mut self, tag: &str, mut cursor: Cursor<'_>, store: &mut Store, output: &mut Output) -> Answer {
        cursor.space()?;
        let mut name = cursor.atom()?.to_ascii_uppercase();
        let by_uid = name == "UID";
        if by_uid {
            cursor.space()?;
            name = cursor.atom()?.to_ascii_uppercase();
        }
        match (name.as_str(), self.account) {
            ("CAPABILITY", _) => {
                output.line(&format!("* CAPABILITY {}", self.capabilities(store)));
                done("that is all")
            }
            ("NOOP", _) => {
                if let Some((selected, account)) = self.selected.as_mut().zip(self.account) {
                    selected.announce(store.folders(account), true, output);
                }
                done("still here")
            }
            ("LOGOUT", _) => {
                output.line("* BYE goodbye");
                output.next = Next::Close;
                done("logged out")
            }
            ("ID", _) => {
                output.line("* ID (\"name\" \"Provost mock server\")");
                done("pleased to meet you")
            }
            ("STARTTLS" | "LOGIN" | "AUTHENTICATE", None) => self.log_in(&name, tag, cursor, store, output),
            ("STARTTLS" | "LOGIN" | "AUTHENTICATE", Some(_)) => Err(Refusal::Bad("already logged in")),
            (_, None) => Err(Refusal::Bad("unknown command, or not before logging in")),
            ("SELECT" | "EXAMINE", Some(account)) => {
                self.selected = None;
                cursor.space()?;
                let folder = cursor.text()?;
                cursor.end()?;
                if store.faults.has(Fault::SelectRefused) {
                    return Err(Refusal::No("[NOPERM] this folder cannot be opened"));
                }
                let selected = Selected::open(store.folders(account), &folder, name == "EXAMINE", output)?;
                let access = if selected.is_read_only() { "[READ-ONLY]" } else { "[READ-WRITE]" };
                self.selected = Some(selected);
                done(&format!("{access} selected"))
            }
            (name, Some(account)) if !by_uid && folders::is_command(name) => {
                folders::command(name, &mut cursor, account, store, output)
            }
            ("CLOSE" | "UNSELECT", Some(account)) => {
                let Some(selected) = self.selected.take() else { return Err(Refusal::Bad("no folder is selected")) };
                if name == "CLOSE" {
                    selected.remove_deleted(store.folders_mut(account), None);
                }
                done("closed")
            }
            (name, Some(account)) => match &mut self.selected {
                Some(selected) => selected.command(name, by_uid, &mut cursor, account, store, output),
                None => Err(Refusal::Bad("unknown command, or no folder is selected")),
            },
        }
    }

    fn log_in(
        &mut self,
        command: &str,
        tag: &str,
        mut cursor: Cursor<'_>,
        store: &Store,
        output: &mut Output,
    ) -> Answer {
        if command == "STARTTLS" {
            cursor.end()?;
            if !self.may_start_tls(store) {
                return Err(Refusal::Bad("no TLS to start"));
            }
            output.next = Next::StartTls;
            return done("begin TLS");
        }
        cursor.space()?;
        let mechanisms = self.mechanisms(store);
        // RFC 3501 §6.2.3: "A server implementation MUST implement a configuration in which it does NOT permit any
        // plaintext password mechanisms, unless … the STARTTLS command has been negotiated".
        let closed = match self.setting.channel {
            Channel::BeforeStartTls => Refusal::No("[PRIVACYREQUIRED] TLS first"),
            Channel::Cleartext | Channel::Tls => Refusal::No("[CANNOT] not this way"),
        };
        if command == "LOGIN" {
            let login = cursor.text()?;
            cursor.space()?;
            let password = cursor.text()?;
            cursor.end()?;
            if !takes_passwords(&mechanisms) {
                return Err(closed);
            }
            self.account = store.log_in(&login, Proof::Password(&password));
            return match self.account {
                Some(_) => done(&format!("[CAPABILITY {}] logged in", self.capabilities(store))),
                None => Err(Refusal::No(WRONG_PASSWORD)),
            };
        }
        let name = cursor.atom()?;
        let initial = match cursor.is_at_end() {
            true => None,
            false => {
                cursor.space()?;
                Some(cursor.word(b" ")?)
            }
        };
        let mechanism = mechanisms.into_iter().find(|it| it.name.eq_ignore_ascii_case(name)).ok_or(closed)?;
        let moment =
            Moment { host: &self.setting.host, number: self.setting.number, timestamp: store.now.unix_timestamp() };
        let (exchange, step) = Exchange::start(mechanism, initial, &moment, store);
        self.step(tag, exchange, step, store, output)
    }

    /// Answers a step of AUTHENTICATE.
    fn step(&mut self, tag: &str, exchange: Exchange, step: Step, store: &Store, output: &mut Output) -> Answer {
        match step {
            Step::Challenge(challenge) => {
                output.line(&format!("+ {challenge}"));
                self.phase = Phase::Authenticating(tag.to_owned(), exchange);
                Ok(None)
            }
            Step::Accepted(account) => {
                self.account = Some(account);
                done(&format!("[CAPABILITY {}] logged in", self.capabilities(store)))
            }
            Step::Refused => Err(Refusal::No(WRONG_PASSWORD)),
            Step::Malformed => Err(Refusal::Bad("no such response")),
            Step::Cancelled => Err(Refusal::Bad("cancelled")),
        }
    }

    fn may_start_tls(&self, store: &Store) -> bool {
        self.setting.channel == Channel::BeforeStartTls && !store.faults.has(Fault::NoStarttls)
    }

    fn mechanisms(&self, store: &Store) -> Vec<&'static Mechanism> {
        let open = match self.setting.channel {
            Channel::BeforeStartTls => store.faults.has(Fault::CleartextLoginAccepted),
            Channel::Cleartext | Channel::Tls => !store.faults.has(Fault::AuthNotOffered),
        };
        if open { sasl::offered(&self.setting.authentications) } else { Vec::new() }
    }

    fn capabilities(&self, store: &Store) -> String {
        let mut capabilities = ANNOUNCED.map(str::to_owned).to_vec();
        if self.account.is_none() {
            let mechanisms = self.mechanisms(store);
            if self.may_start_tls(store) {
                capabilities.push("STARTTLS".to_owned());
            }
            if !takes_passwords(&mechanisms) {
                capabilities.push("LOGINDISABLED".to_owned());
            }
            capabilities.extend(mechanisms.iter().map(|mechanism| format!("AUTH={}", mechanism.name)));
        }
        capabilities.join(" ")
    }
}

/// LOGIN is as good or bad as PLAIN.
fn takes_passwords(mechanisms: &[&Mechanism]) -> bool {
    mechanisms.iter().any(|mechanism| mechanism.name == "PLAIN")
}

const ANNOUNCED: [&str; 9] =
    ["IMAP4rev1", "LITERAL+", "SASL-IR", "ID", "NAMESPACE", "CHILDREN", "SPECIAL-USE", "UIDPLUS", "UNSELECT"];
const WRONG_PASSWORD: &str = "[AUTHENTICATIONFAILED] wrong name or password";
