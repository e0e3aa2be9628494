//! POP3 (RFC 1939) with CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034) and UTF8 (RFC 6856) as a machine: bytes in,
//! bytes out. No sockets, no clock; no APOP.

use std::borrow::Cow;
use std::collections::BTreeSet;

use provost_account::{AnswerProtocol, AnswerStep};

use crate::faults::{self, Fault, Sent};
use crate::mailbox::Folder;
use crate::message::Message;
use crate::sasl::{Exchange, Step};
use crate::session::{Channel, Lines, Next, Output, Setting};
use crate::store::{AccountId, Proof, Served, Store};

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) setting: Setting,
    lines: Lines,
    state: State,
    /// Whether the client takes UTF-8 (RFC 6856 §2).
    utf8: bool,
}

#[derive(Debug)]
enum State {
    Authorization {
        user: Option<String>,
    },
    Authenticating(Exchange),
    Transaction(Maildrop),
    /// Nothing is heard any more: the connection ends, or STLS was accepted and what still comes in clear is nobody's.
    Deaf,
}

/// The messages as they were at login (RFC 1939 §4), by UID; those that are marked as deleted.
#[derive(Debug)]
struct Maildrop {
    account: AccountId,
    /// INBOX's UIDVALIDITY: with another one it is another mailbox, in which the UIDs mean nothing.
    uid_validity: u32,
    uids: Vec<u32>,
    deleted: BTreeSet<u32>,
    /// Read while [`Fault::ReadIsDeleted`] was in force.
    read: BTreeSet<u32>,
}

impl Session {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { setting, lines: Lines::default(), state: State::Authorization { user: None }, utf8: false }
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        match &self.state {
            State::Transaction(maildrop) => Some(maildrop.account),
            State::Authorization { .. } | State::Authenticating(_) | State::Deaf => None,
        }
    }

    pub(crate) fn greet(&self) -> Output {
        let mut output = Output::default();
        output.line(&format!("+OK {} POP3 mock server ready", self.setting.host));
        output
    }

    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.lines.clear();
        self.utf8 = false;
        self.state = State::Authorization { user: None };
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        if matches!(self.state, State::Deaf) {
            return output;
        }
        self.lines.push(bytes);
        while output.next == Next::Read {
            match self.lines.next(LINE_OCTETS_MAX) {
                Ok(Some(line)) => self.line(&String::from_utf8_lossy(&line), store, &mut output),
                Ok(None) => break,
                Err(_) => {
                    output.line("-ERR line too long");
                    output.next = Next::Close;
                }
            }
        }
        self.lines.let_go();
        if matches!(output.next, Next::StartTls | Next::Close) {
            self.state = State::Deaf;
        }
        output
    }

    fn line(&mut self, line: &str, store: &mut Served<'_>, output: &mut Output) {
        self.setting.commands += 1;
        store.go_on(&self.setting, self.account());
        if let State::Authenticating(exchange) = &mut self.state {
            let step = exchange.line(line, store);
            let named = exchange.named();
            self.authenticated(step, named, store, output);
            return;
        }
        let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
        if self.account().is_some() && !command.eq_ignore_ascii_case("QUIT") && store.faults.has(Fault::SessionEnded) {
            output.line("-ERR [SYS/TEMP] the server shuts down");
            output.next = Next::Close;
            return;
        }
        match command.to_ascii_uppercase().as_str() {
            "CAPA" => self.capabilities(store, output),
            "QUIT" => self.quit(store, output),
            "NOOP" if matches!(self.state, State::Transaction(_)) => output.line("+OK still here"),
            // RFC 6856 §2.1: before the login only.
            "UTF8" if matches!(self.state, State::Authorization { .. }) => {
                self.utf8 = true;
                output.line("+OK UTF-8 it is");
            }
            "STLS" if self.may_start_tls(store) => {
                output.line("+OK begin TLS");
                output.next = Next::StartTls;
            }
            command @ ("USER" | "PASS" | "AUTH") => self.authorization(command, argument, store, output),
            command => match &mut self.state {
                State::Transaction(maildrop) => maildrop.command(command, argument, self.utf8, store, output),
                State::Authorization { .. } | State::Authenticating(_) | State::Deaf => {
                    output.line("-ERR unknown command, or not now");
                }
            },
        }
    }

    fn capabilities(&self, store: &Served<'_>, output: &mut Output) {
        output.line("+OK capabilities follow");
        for capability in ["TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "UTF8 USER"] {
            output.line(capability);
        }
        output.line(if store.faults.has(Fault::ReadIsDeleted) { "EXPIRE 0" } else { "EXPIRE NEVER" });
        if self.may_start_tls(store) {
            output.line("STLS");
        }
        let mechanisms = self.setting.mechanisms(store);
        if mechanisms.iter().any(|mechanism| mechanism.name == "PLAIN") {
            output.line("USER");
        }
        let names = self.setting.announced(store);
        if !names.is_empty() {
            output.line(&format!("SASL {}", names.join(" ")));
        }
        output.line(".");
    }

    fn authorization(&mut self, command: &str, argument: &str, store: &mut Served<'_>, output: &mut Output) {
        let State::Authorization { user } = &mut self.state else {
            output.line("-ERR already logged in");
            return;
        };
        let user = user.take();
        if store.faults.has(Fault::LoginUnavailable) {
            // RFC 3206 §3.
            output.line("-ERR [SYS/TEMP] nobody can log in just now");
            return;
        }
        let mechanisms = self.setting.mechanisms(store);
        let password_taken = mechanisms.iter().any(|mechanism| mechanism.name == "PLAIN");
        match command {
            // RFC 2595 §4: a server may refuse USER and PASS before TLS.
            "USER" | "PASS" if !password_taken => output.line("-ERR no password here; TLS first, or another way"),
            "USER" => {
                self.state = State::Authorization { user: Some(argument.to_owned()) };
                output.line("+OK and the password");
            }
            "PASS" => {
                let account = user.and_then(|user| store.log_in(&user, Proof::Password(argument)));
                let named = store.take_named();
                if let Some(answer) = store.answer(AnswerProtocol::Pop3, AnswerStep::PlainPassword, named) {
                    faults::say(answer, Sent::default(), output);
                    return;
                }
                self.authenticated(account.map_or(Step::Refused, Step::Accepted), named, store, output);
            }
            _ => {
                let (name, initial) =
                    argument.split_once(' ').map_or((argument, None), |(name, rest)| (name, Some(rest)));
                let Some(mechanism) = mechanisms.into_iter().find(|it| it.name.eq_ignore_ascii_case(name)) else {
                    output.line("-ERR no such mechanism");
                    return;
                };
                let (exchange, step) = self.setting.begin(mechanism, initial, store);
                let named = exchange.named();
                self.state = State::Authenticating(exchange);
                self.authenticated(step, named, store, output);
            }
        }
    }

    fn authenticated(&mut self, step: Step, named: Option<AccountId>, store: &Served<'_>, output: &mut Output) {
        // A provider answers at the end; whoever asks for its answer lets the fault take hold.
        if matches!(step, Step::Accepted(_) | Step::Refused)
            && let Some(answer) = store.answer(AnswerProtocol::Pop3, AnswerStep::Login, named)
        {
            faults::say(answer, Sent::default(), output);
            self.state = State::Authorization { user: None };
            return;
        }
        match step {
            Step::Challenge(challenge) => {
                let bare = challenge.is_empty();
                let line = if bare { store.faults.continuation("") } else { format!("+ {challenge}") };
                output.line(&line);
                return;
            }
            Step::Accepted(account) => {
                let inbox = store.folders(account).inbox();
                let uids = inbox.messages.iter().map(|message| message.uid).collect();
                let uid_validity = inbox.uid_validity;
                self.state = State::Transaction(Maildrop {
                    account,
                    uid_validity,
                    uids,
                    deleted: BTreeSet::new(),
                    read: BTreeSet::new(),
                });
                output.line("+OK logged in");
                return;
            }
            // RFC 3206 §4: the AUTH response code.
            Step::Refused => output.line("-ERR [AUTH] wrong name or password"),
            Step::Malformed => output.line("-ERR no such response"),
            Step::Cancelled => output.line("-ERR cancelled"),
        }
        self.state = State::Authorization { user: None };
    }

    fn quit(&mut self, store: &mut Store, output: &mut Output) {
        if let State::Transaction(maildrop) = &self.state {
            let deleted: Vec<u32> = maildrop.deleted.union(&maildrop.read).copied().collect();
            let inbox = store.folders_mut(maildrop.account).inbox_mut();
            if inbox.uid_validity == maildrop.uid_validity {
                inbox.remove(&deleted);
            }
        }
        output.line("+OK goodbye");
        output.next = Next::Close;
    }

    fn may_start_tls(&self, store: &Served<'_>) -> bool {
        self.setting.may_start_tls(store) && matches!(self.state, State::Authorization { .. })
    }
}

impl Maildrop {
    fn command(&mut self, command: &str, argument: &str, utf8: bool, store: &Served<'_>, output: &mut Output) {
        let inbox = store.folders(self.account).inbox();
        let shown = |uid: u32| {
            let message = inbox.message(uid).filter(|_| inbox.uid_validity == self.uid_validity)?;
            let surrogate = if utf8 { None } else { store.surrogate(message) };
            Some(surrogate.map_or(Cow::Borrowed(message), Cow::Owned))
        };
        let mut words = argument.split(' ').filter(|word| !word.is_empty());
        let asked: Option<usize> = words.next().and_then(|word| word.parse().ok());
        let uid = asked.and_then(|number| self.uids.get(number.checked_sub(1)?)).copied();
        let one = uid.filter(|uid| !self.deleted.contains(uid)).and_then(shown);
        match (command, one) {
            ("STAT" | "LIST" | "UIDL", None) if argument.is_empty() => {
                let present = (1..).zip(&self.uids).filter(|(_, uid)| !self.deleted.contains(uid));
                let present: Vec<(usize, Cow<'_, Message>)> =
                    present.filter_map(|(number, uid)| Some((number, shown(*uid)?))).collect();
                match command {
                    "STAT" => {
                        let octets: usize = present.iter().map(|(_, message)| message.bytes.len()).sum();
                        output.line(&format!("+OK {} {octets}", present.len()));
                        return;
                    }
                    "LIST" => {
                        output.line("+OK numbers and octets follow");
                        present.iter().for_each(|(at, it)| output.line(&format!("{at} {}", it.bytes.len())));
                    }
                    _ => {
                        output.line("+OK numbers and unique identifiers follow");
                        present.iter().for_each(|(at, it)| output.line(&format!("{at} {}", unique_id(inbox, it))));
                    }
                }
                output.line(".");
            }
            ("LIST", Some(message)) => output.line(&format!("+OK {} {}", argument.trim(), message.bytes.len())),
            ("UIDL", Some(message)) => {
                output.line(&format!("+OK {} {}", argument.trim(), unique_id(inbox, &message)));
            }
            ("RETR", Some(message)) => {
                retrieve(&message, store, output);
                if store.faults.has(Fault::ReadIsDeleted) {
                    self.read.insert(message.uid);
                }
            }
            ("TOP", Some(message)) => {
                let Some(lines) = words.next().and_then(|word| word.parse().ok()) else {
                    output.line("-ERR how many lines?");
                    return;
                };
                output.line("+OK the top of it");
                dot_stuffed(message.header(), usize::MAX, output);
                dot_stuffed(message.text(), lines, output);
                output.line(".");
            }
            ("DELE", Some(message)) => {
                self.deleted.insert(message.uid);
                output.line("+OK marked");
            }
            ("RSET", _) => {
                self.deleted.clear();
                output.line("+OK all are kept");
            }
            ("LIST" | "UIDL" | "RETR" | "TOP" | "DELE", None) => output.line("-ERR no such message"),
            _ => output.line("-ERR unknown command"),
        }
    }
}

/// RFC 1939 §7: "The server should never reuse an unique-id in a given maildrop, for as long as the entity using the
/// unique-id exists." A UID is one for as long as the folder has its UIDVALIDITY.
fn unique_id(inbox: &Folder, message: &Message) -> String {
    format!("{}.{}", inbox.uid_validity, message.uid)
}

fn retrieve(message: &Message, store: &Served<'_>, output: &mut Output) {
    output.line(&format!("+OK {} octets", message.bytes.len()));
    dot_stuffed(message.header(), usize::MAX, output);
    match store.faults.has(Fault::FetchOtherBytes) {
        true => dot_stuffed(&message.text().to_ascii_uppercase(), usize::MAX, output),
        false => dot_stuffed(message.text(), usize::MAX, output),
    }
    output.line(".");
    if store.faults.has(Fault::ConnectionDropped) {
        output.bytes.truncate(output.bytes.len() - message.bytes.len() / 2);
        output.next = Next::Close;
    }
}

/// RFC 1939 §3: "If any line of the multi-line response begins with the termination octet, the line is "byte-stuffed" by
/// pre-pending the termination octet to that line of the response."
fn dot_stuffed(bytes: &[u8], lines_max: usize, output: &mut Output) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n').take(lines_max) {
        if line.starts_with(b".") {
            output.bytes.push(b'.');
        }
        output.bytes.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            output.bytes.extend_from_slice(b"\r\n");
        }
    }
}

/// RFC 2449 §4 allows 255; a token of OAuth 2 or Kerberos is longer (RFC 5034 §4).
const LINE_OCTETS_MAX: usize = 16 * 1024;
