//! Mail submission (RFC 6409, RFC 5321) as a machine: bytes in, bytes out; with STARTTLS, AUTH, SIZE, 8BITMIME,
//! CHUNKING, BINARYMIME, DSN, SMTPUTF8, PIPELINING and LIMITS. No sockets, no clock. Mail for unknown recipients is
//! refused, and a message is delivered with the bytes that it came with, after a Return-Path.

mod content;
mod delivery;
mod envelope;
mod notification;

use provost_account::{AnswerProtocol, AnswerStep, Authentication, EmailAddress};

use crate::faults::{self, Fault, Sent};
use crate::sasl::{Exchange, Step};
use crate::session::{Channel, Lines, Next, Output, Setting};
use crate::store::{AccountId, Served};
use content::Content;
use envelope::{Envelope, Recipient, path};

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) setting: Setting,
    lines: Lines,
    account: Option<AccountId>,
    /// What the client calls itself.
    ehlo: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Authenticating(Exchange),
    /// MAIL was accepted.
    Envelope(Envelope),
    /// DATA was accepted: lines of the message.
    Content(Content),
    /// BDAT was accepted (RFC 3030 §2): octets of the message.
    Chunk {
        content: Content,
        left: usize,
        last: bool,
    },
    /// Between two chunks.
    Chunks(Content),
    /// Nothing is heard any more: the connection ends, or STARTTLS was accepted and what still comes in clear is nobody's.
    Deaf,
}

impl Session {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { setting, lines: Lines::default(), account: None, ehlo: String::new(), state: State::Ready }
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        self.account
    }

    pub(crate) fn greet(&self, store: &Served<'_>) -> Output {
        let mut output = Output::default();
        if said(AnswerStep::Greeting, None, "", store, &mut output) {
            return output;
        }
        output.line(&format!("220 {} ESMTP mock server ready", self.setting.host));
        output
    }

    /// RFC 3207 §4.2: "The server MUST discard any knowledge obtained from the client, such as the argument to the EHLO
    /// command, which was not obtained from the TLS negotiation itself."
    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.lines.clear();
        self.ehlo.clear();
        self.state = State::Ready;
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        if matches!(self.state, State::Deaf) {
            return output;
        }
        self.lines.push(bytes);
        while output.next == Next::Read {
            if let State::Chunk { content, left, last } = &mut self.state {
                let octets = self.lines.take(*left);
                content.take(octets);
                *left -= octets.len();
                if *left > 0 {
                    break;
                }
                let (content, last) = (std::mem::take(content), *last);
                self.chunk_is_here(content, last, store, &mut output);
                continue;
            }
            if let State::Content(content) = &mut self.state {
                let Some(piece) = self.lines.piece(LINE_OCTETS_MAX) else { break };
                if content.ends_with(&piece) {
                    let content = std::mem::take(content);
                    self.state = State::Ready;
                    self.finish(content, store, &mut output);
                }
                continue;
            }
            match self.lines.next(LINE_OCTETS_MAX) {
                Ok(Some(line)) => self.line(&line, store, &mut output),
                Ok(None) => break,
                Err(_) => {
                    output.line("500 5.5.2 line too long");
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

    fn line(&mut self, line: &[u8], store: &mut Served<'_>, output: &mut Output) {
        let line = String::from_utf8_lossy(line);
        let State::Authenticating(exchange) = &mut self.state else {
            self.command(&line, store, output);
            return;
        };
        let step = exchange.line(&line, store);
        let named = exchange.named();
        self.authenticated(step, named, store, output);
    }

    fn command(&mut self, line: &str, store: &mut Served<'_>, output: &mut Output) {
        self.setting.commands += 1;
        store.go_on(&self.setting, self.account);
        let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        let is_behind_login = self.account.is_some() || command.eq_ignore_ascii_case("MAIL");
        if is_behind_login && !command.eq_ignore_ascii_case("QUIT") && store.faults.has(Fault::SessionEnded) {
            output.line("421 4.3.2 the server shuts down");
            output.next = Next::Close;
            return;
        }
        match command.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if argument.is_empty() => output.line("501 5.5.4 and your name?"),
            "EHLO" | "HELO" if said(AnswerStep::Hello, None, "", store, output) => {}
            "EHLO" => {
                argument.clone_into(&mut self.ehlo);
                self.hello(store, output);
            }
            "HELO" => {
                argument.clone_into(&mut self.ehlo);
                self.state = State::Ready;
                output.line(&format!("250 {}", self.setting.host));
            }
            "STARTTLS" if self.setting.may_start_tls(store) => {
                output.line("220 2.0.0 begin TLS");
                output.next = Next::StartTls;
            }
            "STARTTLS" => output.line("502 5.5.1 no TLS to start"),
            "AUTH" => self.auth(argument, store, output),
            "MAIL" => self.mail(argument, store, output),
            "RCPT" => self.recipient(argument, store, output),
            "DATA" => self.data(store, output),
            "BDAT" => self.chunk(argument, store, output),
            "HELP" => output.line("214 2.0.0 RFC 5321 has it all"),
            "EXPN" => output.line("502 5.5.1 there are no lists here"),
            "RSET" => {
                self.state = State::Ready;
                output.line("250 2.0.0 forgotten");
            }
            "NOOP" => output.line("250 2.0.0 still here"),
            "VRFY" => output.line("252 2.5.2 send mail and see"),
            "QUIT" => {
                output.line("221 2.0.0 goodbye");
                output.next = Next::Close;
            }
            _ => output.line("500 5.5.1 unknown command"),
        }
    }

    fn hello(&mut self, store: &Served<'_>, output: &mut Output) {
        self.state = State::Ready;
        let size = if store.faults.has(Fault::SmallSize) { SMALL_SIZE } else { store.limits.message_octets };
        let mut lines = vec![self.setting.host.to_string(), "PIPELINING".to_owned(), format!("SIZE {size}")];
        lines.extend(
            ["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "DSN"].map(str::to_owned),
        );
        lines.push(format!("LIMITS RCPTMAX={RECIPIENTS_MAX}"));
        if self.setting.may_start_tls(store) {
            lines.push("STARTTLS".to_owned());
        }
        let names = self.setting.announced(store);
        if !names.is_empty() {
            lines.push(format!("AUTH {}", names.join(" ")));
        }
        let last = lines.pop().expect("the first line is always there");
        for line in lines {
            output.line(&format!("250-{line}"));
        }
        output.line(&format!("250 {last}"));
    }

    fn auth(&mut self, argument: &str, store: &mut Served<'_>, output: &mut Output) {
        let (name, initial) = argument.split_once(' ').map_or((argument, None), |(name, rest)| (name, Some(rest)));
        let mechanisms = self.setting.mechanisms(store);
        // RFC 4954 §4: "After an AUTH command has been successfully completed, no more AUTH commands may be issued in the
        // same session. After a successful AUTH command completes, a server MUST reject any further AUTH commands with a
        // 503 reply."
        if self.account.is_some() || matches!(self.state, State::Envelope(_) | State::Chunks(_)) {
            output.line("503 5.5.1 not now");
            return;
        }
        if self.setting.channel == Channel::BeforeStartTls && mechanisms.is_empty() {
            output.line("530 5.7.0 must issue a STARTTLS command first");
            return;
        }
        if store.faults.has(Fault::LoginUnavailable) {
            output.line("454 4.7.0 nobody can log in just now");
            return;
        }
        let Some(mechanism) = mechanisms.into_iter().find(|it| it.name.eq_ignore_ascii_case(name)) else {
            output.line("504 5.5.4 no such mechanism");
            return;
        };
        let (exchange, step) = self.setting.begin(mechanism, initial, store);
        let named = exchange.named();
        self.state = State::Authenticating(exchange);
        self.authenticated(step, named, store, output);
    }

    fn authenticated(&mut self, step: Step, named: Option<AccountId>, store: &Served<'_>, output: &mut Output) {
        let ends = matches!(step, Step::Accepted(_) | Step::Refused);
        if ends && said(AnswerStep::Login, named, "", store, output) {
            self.state = State::Ready;
            return;
        }
        match step {
            Step::Challenge(challenge) => {
                let bare = challenge.is_empty() && store.faults.has(Fault::BareContinuation);
                output.line(&if bare { "334".to_owned() } else { format!("334 {challenge}") });
                return;
            }
            Step::Accepted(account) => {
                self.account = Some(account);
                output.line("235 2.7.0 logged in");
            }
            Step::Refused => output.line("535 5.7.8 wrong name or password"),
            Step::Malformed => output.line("501 5.5.2 no such response"),
            Step::Cancelled => output.line("501 5.7.0 cancelled"),
        }
        self.state = State::Ready;
    }

    fn mail(&mut self, argument: &str, store: &Served<'_>, output: &mut Output) {
        if matches!(self.state, State::Envelope(_) | State::Chunks(_)) {
            output.line("503 5.5.1 one message at a time");
            return;
        }
        let open = self.setting.authentications.contains(&Authentication::None);
        if self.account.is_none() && !open {
            if !store.rules.any_sender {
                output.line("530 5.7.0 authentication required");
                return;
            }
            if self.setting.channel == Channel::BeforeStartTls && !store.rules.cleartext {
                output.line("530 5.7.0 must issue a STARTTLS command first");
                return;
            }
        }
        if said(AnswerStep::Mail, None, "", store, output) {
            return;
        }
        if store.faults.has(Fault::MailDeferred) {
            output.line("451 4.3.0 put off; try again later");
            return;
        }
        let Some(path) = path(argument, "FROM:") else {
            output.line("501 5.5.4 MAIL FROM:<address>");
            return;
        };
        let envelope = match path.sender(store.limits.message_octets) {
            Ok(envelope) => envelope,
            Err(refusal) => {
                output.line(refusal);
                return;
            }
        };
        if !path.address.is_ascii() && !envelope.utf8 {
            // RFC 6531 §3.5.
            output.line("550 5.6.7 an address beyond ASCII needs SMTPUTF8");
            return;
        }
        // RFC 6409 §6.1 has 550 5.7.1 for a sender whom the login does not entitle; a null one is nobody's (§3.2).
        let entitled = match (path.address, self.account) {
            ("", _) => true,
            (_, _) if store.rules.any_sender => true,
            (address, Some(account)) => store.accounts.recipient(address) == Some(account),
            (address, None) => store.accounts.recipient(address).is_some(),
        };
        let is_alias =
            || EmailAddress::try_from(path.address).is_ok_and(|address| store.accounts.of_address(&address).is_none());
        let is_refused = store.faults.has(Fault::SenderRefused) || store.faults.has(Fault::AliasRefused) && is_alias();
        if !entitled || is_refused {
            output.line("550 5.7.1 this sender is not the one who is logged in");
            return;
        }
        self.state = State::Envelope(envelope);
        output.line("250 2.1.0 sender taken");
    }

    fn recipient(&mut self, argument: &str, store: &mut Served<'_>, output: &mut Output) {
        let State::Envelope(envelope) = &mut self.state else {
            output.line("503 5.5.1 MAIL first");
            return;
        };
        let Some(path) = path(argument, "TO:") else {
            output.line("501 5.5.4 RCPT TO:<address>");
            return;
        };
        let (notify, original) = match path.recipient() {
            Ok(parameters) => parameters,
            Err(refusal) => {
                output.line(refusal);
                return;
            }
        };
        match store.recipient_or_stranger(path.address) {
            _ if !path.address.is_ascii() && !envelope.utf8 => {
                output.line("553 5.6.7 an address beyond ASCII needs SMTPUTF8");
            }
            _ if envelope.recipients.len() >= RECIPIENTS_MAX => output.line("452 4.5.3 too many recipients"),
            named if said(AnswerStep::Recipient, named, path.address, store, output) => {}
            None => output.line("550 5.1.1 no such mailbox here; mail for strangers is not carried"),
            Some(account)
                if envelope.recipients.iter().any(|it| it.account == account)
                    && said(AnswerStep::RecipientAgain, Some(account), path.address, store, output) => {}
            Some(account) if store.has_fault_for(Fault::RecipientRefused, account) => {
                output.line("550 5.1.1 no mail for this one");
            }
            Some(account) if store.has_fault_for(Fault::RecipientDeferred, account) => {
                output.line("450 4.2.0 put off; try again later");
            }
            Some(account) if store.has_fault_for(Fault::MailboxFull, account) || !store.leaves_room(account, 0) => {
                output.line("552 5.2.2 mailbox full");
            }
            Some(account) if store.puts_off(&envelope.sender, account) => {
                output.line("450 4.7.1 put off; try again later");
            }
            Some(account) => {
                let address = path.address.to_owned();
                envelope.recipients.push(Recipient { account, address, notify, original });
                output.line("250 2.1.5 recipient taken");
            }
        }
    }
}

/// Says what a provider says at that step, if it does so to whoever is being served, or of an account that is named.
fn said(step: AnswerStep, named: Option<AccountId>, recipient: &str, store: &Served<'_>, output: &mut Output) -> bool {
    let answer = store.answer(AnswerProtocol::Smtp, step, named);
    if let Some(answer) = answer {
        faults::say(answer, Sent { recipient, ..Sent::default() }, output);
    }
    answer.is_some()
}

/// RFC 4954 §4 finds 12288 octets sufficient for a line of AUTH; a line of a message has at most 1000 (RFC 5321
/// §4.5.3.1.6), and a client that writes longer ones is met with patience: in DATA they come in pieces.
const LINE_OCTETS_MAX: usize = 64 * 1024;
/// RFC 5321 §4.5.3.1.8: at least 100.
const RECIPIENTS_MAX: usize = 1000;
/// Less than any message has.
const SMALL_SIZE: usize = 100;
