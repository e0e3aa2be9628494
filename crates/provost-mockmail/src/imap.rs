//! IMAP4rev1 (RFC 3501) and its extensions as a machine: bytes in, bytes out. What is announced is in the table of
//! capabilities, and what is announced is done. No sockets, no clock.

mod acl;
mod addresses;
mod append;
mod contexts;
#[cfg(test)]
mod continuations;
mod copy;
mod downgrade;
mod envelope;
mod fetch;
mod fetching;
mod folders;
mod framing;
mod grammar;
mod list;
mod login;
mod metadata;
mod mime;
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
mod summary;
mod text;
mod thread;
mod tokens;
#[cfg(test)]
mod transcripts;
mod urls;

use std::borrow::Cow;

use provost_account::{AnswerProtocol, AnswerStep, ProviderAnswer};

pub(crate) use downgrade::surrogate;
pub(crate) use mime::received_binary;
pub(crate) use summary::Summary;
pub(crate) use text::words as decoded_words;

use crate::capabilities::Capability;
use crate::faults::{self, Fault, Sent};
use crate::sasl::Exchange;
use crate::session::{Channel, Next, Output, Setting};
use crate::store::{AccountId, OTHER_USERS, Served};
use fetching::Fetching;
use framing::{Frame, Framing, Literals};
use grammar::{Cursor, Malformed};
use notify::{Known, Notify};
use selected::{Selected, Telling};

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
    /// What the client listens to all the time (RFC 5465); `None` before it says so.
    notify: Option<Notify>,
    /// What the client was last told of folders that are not selected.
    known: Known,
    /// Whether the client has said what it is (RFC 2971).
    has_sent_id: bool,
}

#[derive(Debug)]
enum Phase {
    Commands,
    /// An AUTHENTICATE of that tag waits for the client's response.
    Authenticating(String, Exchange),
    /// An IDLE of that tag waits for DONE.
    Idling(String),
    /// A FETCH goes on when its answer so far has been sent.
    Fetching(Box<Fetching>),
    /// STARTTLS was accepted: what still comes in clear is nobody's.
    AwaitingTls,
    Closed,
}

/// What the client has said that it understands (RFC 5161), or shown (RFC 7162 §3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Enabled {
    condstore: bool,
    qresync: bool,
    /// RFC 6855, RFC 9755.
    utf8: bool,
    /// RFC 9051.
    rev2: bool,
    /// RFC 5464 §4.1: annotations that others change are told.
    metadata: bool,
}

impl Enabled {
    /// Whether names, quoted strings and headers may be UTF-8.
    fn utf8_is_understood(self) -> bool {
        self.utf8 || self.rev2
    }

    /// In whose words structures are written.
    fn revision(self) -> envelope::Revision {
        if self.rev2 { envelope::Revision::Two } else { envelope::Revision::One }
    }
}

/// What a command that was not done is answered.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    No(Cow<'static, str>),
    Bad(Cow<'static, str>),
    /// What a provider says to that command.
    Provider(&'static ProviderAnswer, String),
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        bad(malformed.0)
    }
}

/// The text of a tagged OK; `None` while the command goes on; or why it was not done.
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

/// A command and what it acts on.
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
        if store.faults.has(Fault::GreetingRefused) || self.setting.is_too_many {
            output.line("* BYE [UNAVAILABLE] no service at the moment");
            output.next = Next::Close;
            return output;
        }
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

    /// Whose changes the client waits for.
    pub(crate) fn listens_to(&self) -> Option<AccountId> {
        let listens = match self.phase {
            Phase::Idling(_) => true,
            // A client that is in the middle of a command, or waits for leave to send a literal, hears that first.
            Phase::Commands => self.notify.is_some() && self.framing.is_empty(),
            Phase::Authenticating(..) | Phase::Fetching(_) | Phase::AwaitingTls | Phase::Closed => false,
        };
        let account = self.account.filter(|_| listens)?;
        Some(self.selected.as_ref().map_or(account, |selected| selected.owner))
    }

    /// Tells a client that waits what has changed.
    pub(crate) fn changed(&mut self, store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        // RFC 5465 §4: "while processing any IDLE command, the server MUST send exactly the same events as instructed by
        // the client using the NOTIFY command".
        match self.phase {
            Phase::Idling(_) => self.announce(true, store, &mut output),
            Phase::Commands if self.notify.is_some() => self.announce(false, store, &mut output),
            Phase::Commands | Phase::Authenticating(..) | Phase::Fetching(_) | Phase::AwaitingTls | Phase::Closed => {}
        }
        if self.listens_to().is_some() && self.selected_is_gone(store) {
            self.leave_gone_folder(&mut output);
        }
        output
    }

    fn selected_is_gone(&self, store: &Served<'_>) -> bool {
        self.selected.as_ref().is_some_and(|selected| selected.folder(store).is_err())
    }

    /// RFC 9051 §7.1.5 has BYE for the end of a session that cannot go on. In the words of Dovecot 2.3.19, observed.
    fn leave_gone_folder(&mut self, output: &mut Output) {
        output.line("* BYE Selected mailbox was deleted, have to disconnect.");
        output.next = Next::Close;
        self.phase = Phase::Closed;
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
                // RFC 9051 §11.1 forbids to execute what was sent behind STARTTLS; RFC 3501 §6.2.1 forbids to send any.
                self.framing.clear();
                self.phase = Phase::AwaitingTls;
            }
            Next::Close => self.phase = Phase::Closed,
        }
        output
    }

    /// Somebody who is not logged in has nothing to say that is long.
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
                    Ok(tag) if tag != "+" => (tag.to_owned(), self.dispatch(tag, cursor, store, output)),
                    Ok(_) | Err(_) => {
                        output.line("* BAD a tag is missing");
                        return;
                    }
                }
            }
        };
        finish(&tag, answer, output);
        // As Dovecot has it, who deletes the folder that it has open is sent away behind the answer.
        if output.next == Next::Read && was_there && self.selected_is_gone(store) {
            self.leave_gone_folder(output);
        }
    }

    fn dispatch(&mut self, tag: &str, mut cursor: Cursor<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        cursor.space()?;
        let mut name = cursor.atom()?.to_ascii_uppercase();
        let by_uid = name == "UID";
        if by_uid {
            cursor.space()?;
            name = cursor.atom()?.to_ascii_uppercase();
        }
        if needed(&name).is_some_and(|any| !any.iter().any(|it| store.capabilities.has(*it))) {
            return Err(bad("unknown command"));
        }
        if needs_selected(&name) && self.selected_is_gone(store) {
            self.leave_gone_folder(output);
            return Ok(None);
        }
        match (name.as_str(), self.account) {
            _ if by_uid && !BY_UID.contains(&name.as_str()) => Err(bad("no command by UID")),
            ("CAPABILITY", _) => {
                cursor.end()?;
                output.line(&format!("* CAPABILITY {}", self.capabilities(store)));
                done("that is all")
            }
            ("NOOP" | "CHECK", _) => {
                cursor.end()?;
                if name == "CHECK" {
                    self.selected()?;
                }
                self.storm(store)?;
                self.announce(true, store, output);
                done("still here")
            }
            ("LOGOUT", _) => {
                cursor.end()?;
                output.line("* BYE goodbye");
                output.next = Next::Close;
                done("logged out")
            }
            ("ID", _) => {
                self.has_sent_id = true;
                output.line("* ID (\"name\" \"Provost mock server\")");
                done("pleased to meet you")
            }
            ("STARTTLS" | "LOGIN" | "AUTHENTICATE", None) => self.log_in(&name, tag, cursor, store, output),
            ("STARTTLS" | "LOGIN" | "AUTHENTICATE", Some(_)) => Err(bad("already logged in")),
            ("UNAUTHENTICATE", Some(_)) => self.unauthenticate(&cursor, output),
            (_, None) => Err(bad("unknown command, or not before logging in")),
            (_, Some(account)) => {
                if store.faults.has(Fault::SessionEnded) {
                    output.line("* BYE [UNAVAILABLE] the server shuts down");
                    output.next = Next::Close;
                    return Ok(None);
                }
                if let Some(answer) = answer_to(&name, store) {
                    return Err(Refusal::Provider(answer, name));
                }
                let by_number = !by_uid && takes_numbers(&name);
                if by_number && store.faults.has(Fault::UidRequired) {
                    return Err(bad("[UIDREQUIRED] message numbers are not allowed here"));
                }
                let mut command = Command { tag, name: &name, by_uid, cursor, account };
                // New messages get their numbers before a command can mean them. Before IDLE nothing is told: clients
                // take the first line that they hear for the continuation (RFC 2177 §3).
                if name != "IDLE" {
                    self.announce(false, store, output);
                }
                let answer = self.authenticated(&mut command, store, output)?;
                // RFC 3501 §7.4.1: no EXPUNGE "while responding to a FETCH, STORE, or SEARCH command", where a number
                // in the next command could be meant otherwise; with UIDs none can.
                let numbers = matches!(name.as_str(), "FETCH" | "STORE" | "SEARCH" | "SORT" | "THREAD") && !by_uid;
                if answer.is_some() && output.next == Next::Read {
                    self.announce_own(!numbers, store, output);
                }
                Ok(answer)
            }
        }
    }

    fn authenticated(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        match (command.name, command.by_uid) {
            ("ENABLE", false) => self.enable(command, store, output),
            ("IDLE", false) => {
                command.cursor.end()?;
                self.storm(store)?;
                output.line(&store.faults.continuation("idling"));
                if store.faults.has(Fault::IdleEnded) {
                    output.line("* BYE [UNAVAILABLE] idle for too long");
                    output.next = Next::Close;
                }
                self.phase = Phase::Idling(command.tag.to_owned());
                // What has changed before is told in a write of its own, as to everybody who begins to listen: imapclient
                // waits for the socket, and never looks into what it has read together with the continuation.
                Ok(None)
            }
            ("COMPRESS", false) => self.compress(command, output),
            ("NAMESPACE", false) => {
                command.cursor.end()?;
                let others = store.capabilities.has(Capability::Acl);
                let others = if others { format!("((\"{OTHER_USERS}\" \"/\"))") } else { "NIL".to_owned() };
                output.line(&format!("* NAMESPACE ((\"\" \"/\")) {others} NIL"));
                done("that is all")
            }
            ("SELECT" | "EXAMINE", false) => self.select(command, store, output),
            ("CLOSE" | "UNSELECT", false) => self.close(command, store),
            ("NOTIFY", false) => self.notify(command, store, output),
            ("CANCELUPDATE", false) => self.cancel_update(command),
            ("GETACL" | "SETACL" | "DELETEACL" | "LISTRIGHTS" | "MYRIGHTS", false) => {
                acl::command(command, self.enabled, store, output)
            }
            ("GETMETADATA" | "SETMETADATA", false) => metadata::command(command, self.enabled, store, output),
            ("GENURLAUTH" | "RESETKEY" | "URLFETCH", false) => self.urls(command, store, output),
            ("LIST" | "LSUB", false) => {
                if store.faults.has(Fault::ListRefused) {
                    return Err(no("[NOPERM] the folders are nobody's business"));
                }
                list::command(command, &mut self.enabled, store, output)
            }
            ("STATUS", false) => list::status(command, &mut self.enabled, store, output),
            ("CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE", false) => {
                folders::command(command, self.enabled, store)
            }
            ("APPEND", false) => self.append(command, store),
            ("GETQUOTA" | "GETQUOTAROOT" | "SETQUOTA", false) => quota::command(command, self.enabled, store, output),
            ("SEARCH" | "SORT" | "THREAD", _) => self.results(command, store, output),
            ("FETCH", _) => self.fetch(command, store, output),
            ("STORE", _) => self.store(command, store, output),
            ("COPY" | "MOVE", _) => self.copy(command, store, output),
            ("REPLACE", _) => self.replace(command, store, output),
            ("EXPUNGE", _) => self.expunge(command, store, output),
            _ => Err(bad("unknown command")),
        }
    }

    /// The fault `expunge-storm`: somebody else has removed the first half of what is here.
    fn storm(&mut self, store: &mut Served<'_>) -> Result<(), Refusal> {
        if let Some(selected) = self.selected.as_ref().filter(|_| store.faults.has(Fault::ExpungeStorm)) {
            let folder = selected.folder_mut(store)?;
            let gone = &folder.messages[..folder.messages.len() / 2];
            let gone: Vec<u32> = gone.iter().map(|message| message.uid).collect();
            folder.remove(&gone);
        }
        Ok(())
    }

    /// RFC 5161 §3.1: only what the server newly enabled is told.
    fn enable(&mut self, command: &mut Command<'_>, store: &Served<'_>, output: &mut Output) -> Answer {
        let mut enabled = String::new();
        command.cursor.space()?;
        loop {
            let name = command.cursor.atom()?.to_ascii_uppercase();
            let known = match name.as_str() {
                "CONDSTORE" if store.capabilities.has(Capability::CondStore) => {
                    self.enable_condstore(store, output);
                    true
                }
                "QRESYNC" if store.capabilities.has(Capability::QResync) => {
                    self.enable_condstore(store, output);
                    self.enabled.qresync = true;
                    true
                }
                "UTF8=ACCEPT" if store.capabilities.has(Capability::Utf8Accept) => {
                    self.enabled.utf8 = true;
                    true
                }
                "IMAP4REV2" if store.capabilities.has(Capability::Imap4Rev2) => {
                    self.enabled.rev2 = true;
                    true
                }
                "METADATA" if store.capabilities.has(Capability::Metadata) => {
                    self.enabled.metadata = true;
                    self.known = Known::now(command.account, store);
                    true
                }
                _ => false,
            };
            if known {
                enabled.push_str(&format!(" {name}"));
            }
            if command.cursor.is_at_end() {
                break;
            }
            command.cursor.space()?;
        }
        output.line(&format!("* ENABLED{enabled}"));
        done("so be it")
    }

    /// From here on the client is told the numbers of changes. RFC 7162 §3.1.2.1: a client that says so in the middle of
    /// a mailbox learns where it stands.
    fn enable_condstore(&mut self, store: &Served<'_>, output: &mut Output) {
        if self.enabled.condstore || !store.capabilities.has(Capability::CondStore) {
            return;
        }
        self.enabled.condstore = true;
        if let Some(selected) = &self.selected
            && let Ok(folder) = selected.folder(store)
        {
            output.line(&format!("* OK [HIGHESTMODSEQ {}] the last change", folder.highest_modseq));
        }
    }

    /// RFC 4978 §3.
    fn compress(&mut self, command: &mut Command<'_>, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let algorithm = command.cursor.atom()?;
        command.cursor.end()?;
        if !algorithm.eq_ignore_ascii_case("DEFLATE") {
            return Err(bad("DEFLATE only"));
        }
        if self.compressed {
            return Err(no("[COMPRESSIONACTIVE] already"));
        }
        output.next = Next::Compress;
        done("compressed from here on")
    }

    /// Tells what others have changed since the client was last told; removals only where the numbers in the client's
    /// commands cannot be meant otherwise.
    fn announce(&mut self, removals: bool, store: &mut Served<'_>, output: &mut Output) {
        self.tell_selected(removals, false, store, output);
        self.tell_elsewhere(true, store, output);
    }

    /// Tells what the client's own command has changed, as far as the client does not know it.
    fn announce_own(&mut self, removals: bool, store: &mut Served<'_>, output: &mut Output) {
        self.tell_selected(removals, true, store, output);
        self.tell_elsewhere(false, store, output);
    }

    fn tell_selected(&mut self, removals: bool, own: bool, store: &mut Served<'_>, output: &mut Output) {
        let Some(selected) = &mut self.selected else { return };
        let enabled = self.enabled;
        let told = match &self.notify {
            None => Some((removals, true, &[][..])),
            Some(notify) => notify.selected.as_ref().map(|it| (removals || !it.delayed, it.flags, it.items.as_slice())),
        };
        // What a command did is its answer, whoever listens to what.
        let told = told.or_else(|| own.then_some((removals, true, &[][..])));
        if let Some((removals, flags, items)) = told {
            if let Some(account) = self.account {
                selected.tell_keywords(account, store, output);
            }
            selected.announce(store, &Telling { enabled, removals, flags, items, own }, output);
        }
    }

    fn selected(&mut self) -> Result<&mut Selected, Refusal> {
        self.selected.as_mut().ok_or(bad("no folder is selected"))
    }

    fn capabilities(&self, store: &Served<'_>) -> String {
        let mut words: Vec<String> = store.capabilities.names().map(str::to_owned).collect();
        for word in &mut words {
            match word.as_str() {
                "APPENDLIMIT" => *word = format!("APPENDLIMIT={}", store.limits.message_octets),
                // RFC 4314 §5.1.1.
                "ACL" => *word = "ACL RIGHTS=texk".to_owned(),
                "QUOTA" => *word = "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE".to_owned(),
                _ => {}
            }
        }
        if self.compressed {
            words.retain(|word| word != "COMPRESS=DEFLATE");
        }
        if self.account.is_none() {
            words.extend(self.ways_in(store));
        }
        words.join(" ")
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

/// What a provider says to a command that needs a login.
fn answer_to(command: &str, store: &Served<'_>) -> Option<&'static ProviderAnswer> {
    let answer = |step| store.answer(AnswerProtocol::Imap, step, None);
    let of_command = match command {
        "APPEND" => answer(AnswerStep::Append),
        "FETCH" => answer(AnswerStep::Fetch),
        "STORE" | "EXPUNGE" | "MOVE" | "REPLACE" => answer(AnswerStep::Change),
        _ => None,
    };
    of_command.or_else(|| answer(AnswerStep::AfterLogin))
}

/// RFC 7889 §2 has TOOBIG for a message beyond the limit: the literal was not asked for, so the command is over.
fn refuse_literal(command: &[u8], octets_max: usize, output: &mut Output) {
    let tag = Cursor::new(command).atom().unwrap_or("*").to_owned();
    output.line(&format!("{tag} NO [TOOBIG] at most {octets_max} octets"));
}

/// Whether a command without UID names messages by their numbers, in what it says or in what it is answered.
fn takes_numbers(command: &str) -> bool {
    matches!(command, "FETCH" | "STORE" | "COPY" | "MOVE" | "REPLACE" | "SEARCH" | "SORT" | "THREAD")
}

/// Whether a command is about the selected folder, or asks what is new there.
fn needs_selected(command: &str) -> bool {
    matches!(
        command,
        "NOOP"
            | "CHECK"
            | "IDLE"
            | "CLOSE"
            | "EXPUNGE"
            | "SEARCH"
            | "SORT"
            | "THREAD"
            | "FETCH"
            | "STORE"
            | "COPY"
            | "MOVE"
            | "REPLACE"
    )
}

/// The capabilities of which a command needs one.
fn needed(command: &str) -> Option<&'static [Capability]> {
    use Capability as C;
    Some(match command {
        "ID" => &[C::Id],
        "ENABLE" => &[C::Enable],
        "IDLE" => &[C::Idle],
        "COMPRESS" => &[C::Compress],
        "NAMESPACE" => &[C::Namespace],
        "UNSELECT" => &[C::Unselect],
        "MOVE" => &[C::Move],
        "REPLACE" => &[C::Replace],
        "SORT" => &[C::Sort],
        "THREAD" => &[C::ThreadOrderedSubject, C::ThreadReferences],
        "GETQUOTA" | "GETQUOTAROOT" | "SETQUOTA" => &[C::Quota],
        "UNAUTHENTICATE" => &[C::Unauthenticate],
        "NOTIFY" => &[C::Notify],
        "CANCELUPDATE" => &[C::ContextSearch, C::ContextSort],
        "GETACL" | "SETACL" | "DELETEACL" | "LISTRIGHTS" | "MYRIGHTS" => &[C::Acl],
        "GETMETADATA" | "SETMETADATA" => &[C::Metadata],
        "GENURLAUTH" | "RESETKEY" | "URLFETCH" => &[C::UrlAuth],
        _ => return None,
    })
}

/// The commands that take UIDs behind UID, of RFC 3501 §6.4.8, RFC 4315, RFC 5256, RFC 6851 and RFC 8508.
const BY_UID: [&str; 9] = ["COPY", "EXPUNGE", "FETCH", "MOVE", "REPLACE", "SEARCH", "SORT", "STORE", "THREAD"];
/// When as much as this is to be sent, it is sent before more is made: a client that reads slowly holds no more.
const OUTPUT_OCTETS_ENOUGH: usize = 256 * 1024;
/// A name, a password, or a token of OAuth 2.
const LITERAL_OCTETS_BEFORE_LOGIN: usize = 16 * 1024;
