//! IMAP4rev1 (RFC 3501) and its extensions as a machine: bytes in, bytes out. The table of capabilities says what is
//! announced, and what is announced works. No sockets, no clock.

mod acl;
mod append;
mod capabilities;
mod commands;
mod contexts;
#[cfg(test)]
mod continuations;
mod copy;
mod enable;
mod envelope;
mod fetch;
mod fetching;
mod folders;
mod framing;
mod grammar;
mod list;
mod login;
mod metadata;
mod names;
mod notify;
mod quota;
mod results;
mod search;
mod select;
mod selected;
mod sets;
mod sort;
mod store;
mod telling;
mod thread;
mod urls;

use std::borrow::Cow;

use provost_account::{AnswerProtocol, AnswerStep, ProviderAnswer};

pub use capabilities::{Capabilities, Capability, CapabilityRow, ChoiceError, Chosen, capabilities};

use crate::faults::{self, Sent};
use crate::sasl::Exchange;
use crate::session::{Channel, Next, Output, Setting};
use crate::store::{AccountId, Served};
use enable::Enabled;
use fetching::Fetching;
use framing::{Frame, Framing, Literals};
use grammar::{Cursor, Malformed};
use notify::{Known, Notify};
use selected::Selected;

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) setting: Setting,
    framing: Framing,
    phase: Phase,
    account: Option<AccountId>,
    selected: Option<Selected>,
    enabled: Enabled,
    compressed: bool,
    /// The events that the client subscribed to (RFC 5465); `None` before its first NOTIFY.
    notify: Option<Notify>,
    /// What the client was last told about the folders that are not selected.
    known: Known,
    /// Whether the client has said what it is (RFC 2971).
    has_sent_id: bool,
}

#[derive(Debug)]
enum Phase {
    Commands,
    /// AUTHENTICATE with that tag waits for the client's response.
    Authenticating(String, Exchange),
    /// IDLE with that tag waits for DONE.
    Idling(String),
    /// FETCH continues once its answer so far has been sent.
    Fetching(Box<Fetching>),
    /// STARTTLS was accepted; what still comes in cleartext is dropped.
    AwaitingTls,
    Closed,
}

/// The answer to a command that was refused.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    No(Cow<'static, str>),
    Bad(Cow<'static, str>),
    /// What a provider answers to that command.
    Provider(&'static ProviderAnswer, String),
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        bad(malformed.0)
    }
}

/// The text of a tagged OK, or `None` while the command goes on; or why it was refused.
type Answer = Result<Option<String>, Refusal>;

fn done(text: &str) -> Answer {
    Ok(Some(text.to_owned()))
}

fn no(text: &'static str) -> Refusal {
    Refusal::No(Cow::Borrowed(text))
}

fn bad(text: &'static str) -> Refusal {
    Refusal::Bad(Cow::Borrowed(text))
}

/// A command as it arrives.
#[derive(Clone, Copy)]
struct Said<'a> {
    tag: &'a str,
    /// What follows the tag, or the command's name once that is known.
    cursor: Cursor<'a>,
}

/// A command of a user who is logged in.
struct Command<'a> {
    tag: &'a str,
    /// In capitals, without UID.
    name: &'a str,
    by_uid: bool,
    cursor: Cursor<'a>,
    account: AccountId,
}

impl Session {
    pub(crate) fn new(setting: Setting) -> Self {
        Self {
            setting,
            framing: Framing::default(),
            phase: Phase::Commands,
            account: None,
            selected: None,
            enabled: Enabled::default(),
            compressed: false,
            notify: None,
            known: Known::default(),
            has_sent_id: false,
        }
    }

    pub(crate) fn greet(&self, store: &Served<'_>) -> Output {
        let mut output = Output::default();
        if let Some(answer) = store.answer(AnswerProtocol::Imap, AnswerStep::Greeting, None) {
            faults::say(answer, Sent::default(), &mut output);
            return output;
        }
        output.line(&format!("* OK [CAPABILITY {}] {} mock server ready", self.capabilities(store), self.setting.host));
        output
    }

    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.framing.clear();
        self.phase = Phase::Commands;
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The owner of the selected folder, and its UIDVALIDITY.
    pub(crate) fn selected_folder(&self) -> Option<(AccountId, u32)> {
        self.selected.as_ref().map(|selected| (selected.owner, selected.uid_validity))
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        if matches!(self.phase, Phase::AwaitingTls | Phase::Closed) {
            return output;
        }
        self.framing.push(bytes);
        self.go_on_fetching(store, &mut output);
        while output.next == Next::Read {
            if output.bytes.len() > OUTPUT_OCTETS_ENOUGH {
                output.next = Next::GoOn;
                break;
            }
            match self.framing.next(self.literals(store)) {
                Frame::Incomplete => break,
                Frame::Continue => output.line(store.faults.continuation("go on").as_str()),
                Frame::Command(command) => self.command(&command, store, &mut output),
                Frame::LiteralTooLong(command) => {
                    refuse_literal(&command, self.literals(store).octets_max, &mut output)
                }
                Frame::TooLong => {
                    // RFC 7888 §5.
                    output.line("* BYE [TOOBIG] a line or a literal longer than any here");
                    output.next = Next::Close;
                }
            }
        }
        match output.next {
            Next::Read | Next::GoOn => {}
            Next::Compress => self.compressed = true,
            Next::Decompress => self.compressed = false,
            Next::StartTls => {
                // RFC 9051 §11.1 forbids executing what was sent after STARTTLS, RFC 3501 §6.2.1 sending it.
                self.framing.clear();
                self.phase = Phase::AwaitingTls;
            }
            Next::Close => self.phase = Phase::Closed,
        }
        output
    }

    /// Nothing is long before the login.
    fn literals(&self, store: &Served<'_>) -> Literals {
        let octets_max = match self.account {
            Some(_) => store.limits.message_octets,
            None => LITERAL_OCTETS_BEFORE_LOGIN.min(store.limits.message_octets),
        };
        Literals { octets_max, are_minus: store.capabilities.has(Capability::LiteralMinus) }
    }

    fn command(&mut self, command: &[u8], store: &mut Served<'_>, output: &mut Output) {
        self.setting.commands += 1;
        store.go_on(&self.setting, self.account);
        let was_there = !self.selected_is_gone(store);
        let (tag, answer) = match std::mem::replace(&mut self.phase, Phase::Commands) {
            Phase::Authenticating(tag, mut exchange) => {
                let step = exchange.line(&String::from_utf8_lossy(command), store);
                let answer = self.step(&tag, exchange, step, store, output);
                (tag, answer)
            }
            Phase::Idling(tag) => {
                self.announce(true, store, output);
                if self.selected_is_gone(store) {
                    return self.leave_gone_folder(output);
                }
                let is_done = command.eq_ignore_ascii_case(b"DONE");
                (tag, if is_done { done("as you were") } else { Err(bad("IDLE ends with DONE")) })
            }
            Phase::Commands | Phase::Fetching(_) | Phase::AwaitingTls | Phase::Closed => {
                let mut cursor = Cursor::new(command).with_utf8_names(self.enabled.utf8_is_understood());
                match cursor.atom() {
                    Ok(tag) if tag != "+" => (tag.to_owned(), self.dispatch(Said { tag, cursor }, store, output)),
                    Ok(_) | Err(_) => {
                        output.line("* BAD a tag is missing");
                        return;
                    }
                }
            }
        };
        finish(&tag, answer, output);
        // As in Dovecot: a client that deletes its selected folder is disconnected after the answer.
        if output.next == Next::Read && was_there && self.selected_is_gone(store) {
            self.leave_gone_folder(output);
        }
    }

    fn selected(&mut self) -> Result<&mut Selected, Refusal> {
        self.selected.as_mut().ok_or(bad("no folder is selected"))
    }
}

fn finish(tag: &str, answer: Answer, output: &mut Output) {
    match answer {
        Ok(None) => {}
        Ok(Some(text)) => output.line(&format!("{tag} OK {text}")),
        Err(Refusal::No(text)) => output.line(&format!("{tag} NO {text}")),
        Err(Refusal::Bad(text)) => output.line(&format!("{tag} BAD {text}")),
        Err(Refusal::Provider(answer, command)) => {
            faults::say(answer, Sent { tag, command: &command, ..Sent::default() }, output);
        }
    }
}

/// RFC 7889 §2: TOOBIG for a message beyond the limit. The literal was not asked for, so the command is over.
fn refuse_literal(command: &[u8], octets_max: usize, output: &mut Output) {
    let tag = Cursor::new(command).atom().unwrap_or("*").to_owned();
    output.line(&format!("{tag} NO [TOOBIG] at most {octets_max} octets"));
}

/// Once this much is waiting, it is sent before more is produced: a slow client holds no more memory than that.
const OUTPUT_OCTETS_ENOUGH: usize = 256 * 1024;
/// Room for a name, a password, or an OAuth 2 token.
const LITERAL_OCTETS_BEFORE_LOGIN: usize = 16 * 1024;
