//! Mail submission (RFC 6409, RFC 5321) as a machine: bytes in, bytes out; with STARTTLS, AUTH, SIZE, 8BITMIME,
//! CHUNKING, BINARYMIME, DSN, SMTPUTF8, PIPELINING and LIMITS. No sockets, no clock. Mail for unknown recipients is
//! refused, and a message is delivered with the bytes that it came with, after a Return-Path.

mod envelope;
mod notification;
#[cfg(test)]
mod transcripts;

use std::sync::Arc;

use provost_account::{AnswerProtocol, AnswerStep, Authentication};

use crate::faults::{self, Fault, Sent};
use crate::imap::received_binary;
use crate::message::received;
use crate::sasl::{self, Exchange, Moment, Step};
use crate::session::{Channel, End, Lines, Next, Output, Piece, Setting};
use crate::store::{AccountId, Served};
use envelope::{Body, Envelope, Recipient, path};

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
    /// STARTTLS was accepted: what still comes in clear is nobody's.
    AwaitingTls,
    Closed,
}

/// A message on its way in.
#[derive(Debug, Default)]
struct Content {
    envelope: Envelope,
    /// How what came before ended: a dot ends the message behind CRLF alone.
    before: Option<End>,
    bytes: Vec<u8>,
    octets_max: usize,
    /// Why it will not be taken, when all of it is here.
    refused: Option<&'static str>,
}

impl Content {
    fn of(envelope: Envelope, store: &Served<'_>) -> Self {
        Self { envelope, octets_max: store.limits.message_octets, ..Self::default() }
    }

    /// Takes a line of DATA, or a part of one; whether it was the end of the message.
    fn ends_with(&mut self, piece: &Piece<'_>) -> bool {
        let before = self.before.replace(piece.end).unwrap_or(End::Crlf);
        let mut octets = piece.octets;
        if before != End::Later {
            // RFC 5321 §4.1.1.4: the end is CRLF "." CRLF and nothing else: who takes a bare line feed for a line's end
            // can be made to see two messages where there is one.
            if octets == b"." && before == End::Crlf && piece.end == End::Crlf {
                return true;
            }
            // RFC 5321 §4.5.2: "If the first character is a period and there are other characters on the line, the
            // first character is deleted."
            octets = octets.strip_prefix(b".").unwrap_or(octets);
        }
        self.take(octets);
        match piece.end {
            End::Crlf => self.take(b"\r\n"),
            End::Lf => self.refuse("554 5.5.2 a line feed without a carriage return"),
            End::Later => {}
        }
        false
    }

    /// All of it, with the line ends that it has on its way to clients.
    fn whole(&mut self) -> Result<(), &'static str> {
        let bytes = std::mem::take(&mut self.bytes);
        // RFC 3030 §3: of what is declared as binary, every octet counts.
        let taken = match self.envelope.body {
            Body::BinaryMime => received_binary(bytes),
            Body::SevenBit | Body::EightBitMime => received(bytes),
        };
        self.bytes = taken.ok().ok_or("554 5.6.0 lines of the header end in CR alone")?;
        match self.bytes.len() > self.octets_max {
            true => Err(TOO_LARGE),
            false => Ok(()),
        }
    }

    fn take(&mut self, octets: &[u8]) {
        if self.bytes.len() + octets.len() > self.octets_max {
            self.refuse(TOO_LARGE);
        }
        if self.refused.is_none() {
            self.bytes.extend_from_slice(octets);
        }
    }

    fn refuse(&mut self, reply: &'static str) {
        self.refused.get_or_insert(reply);
        self.bytes = Vec::new();
    }
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
        if store.faults.has(Fault::GreetingRefused) || self.setting.is_too_many {
            output.line("421 4.3.2 no service at the moment");
            output.next = Next::Close;
            return output;
        }
        output.line(&format!("220 {} ESMTP mock server ready", self.setting.host));
        output
    }

    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.lines.clear();
        self.ehlo.clear();
        self.state = State::Ready;
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        if matches!(self.state, State::AwaitingTls | State::Closed) {
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
        match output.next {
            Next::Read | Next::GoOn | Next::Compress | Next::Decompress => {}
            Next::StartTls => {
                // RFC 3207 §4.2: "The server MUST discard any knowledge obtained from the client, such as the argument
                // to the EHLO command, which was not obtained from the TLS negotiation itself."
                self.lines.clear();
                self.state = State::AwaitingTls;
            }
            Next::Close => self.state = State::Closed,
        }
        output
    }

    fn line(&mut self, line: &[u8], store: &mut Served<'_>, output: &mut Output) {
        match &mut self.state {
            State::Authenticating(exchange) => {
                let step = exchange.line(&String::from_utf8_lossy(line), store);
                let named = exchange.named();
                self.authenticated(step, named, store, output);
            }
            State::Ready
            | State::Envelope(_)
            | State::Content(_)
            | State::Chunk { .. }
            | State::Chunks(_)
            | State::AwaitingTls
            | State::Closed => self.command(&String::from_utf8_lossy(line), store, output),
        }
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
        let mut lines = vec![
            self.setting.host.to_string(),
            "PIPELINING".to_owned(),
            format!("SIZE {}", store.limits.message_octets),
        ];
        lines.extend(
            ["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "BINARYMIME", "DSN"].map(str::to_owned),
        );
        lines.push(format!("LIMITS RCPTMAX={RECIPIENTS_MAX}"));
        if self.setting.may_start_tls(store) {
            lines.push("STARTTLS".to_owned());
        }
        let mechanisms = self.setting.mechanisms(store);
        let names =
            mechanisms.iter().map(|mechanism| mechanism.name).chain(sasl::decoys(&store.faults).iter().copied());
        let names: Vec<&str> = names.collect();
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
        let moment = Moment {
            host: &self.setting.host,
            number: self.setting.number,
            timestamp: store.now.unix_timestamp(),
            binding: self.setting.binding.as_ref(),
        };
        let (exchange, step) = Exchange::start(mechanism, initial, &moment, store);
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
            (address, Some(account)) => store.recipient(address) == Some(account),
            (address, None) => store.recipient(address).is_some(),
        };
        if !entitled || store.faults.has(Fault::SenderRefused) {
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

    fn data(&mut self, store: &Served<'_>, output: &mut Output) {
        if let State::Envelope(envelope) = &self.state
            && let Some(reply) = refused_data(envelope, store)
        {
            output.line(reply);
            return;
        }
        match std::mem::replace(&mut self.state, State::Ready) {
            // RFC 3030 §3: "BINARYMIME cannot be used with the DATA command."
            State::Envelope(envelope) if envelope.body == Body::BinaryMime => {
                self.state = State::Envelope(envelope);
                output.line("503 5.5.1 BINARYMIME comes by BDAT");
            }
            State::Envelope(envelope) if !envelope.recipients.is_empty() => {
                self.state = State::Content(Content::of(envelope, store));
                output.line("354 the message, then a line with a dot");
            }
            State::Envelope(envelope) => {
                self.state = State::Envelope(envelope);
                output.line("554 5.5.1 no recipients");
            }
            state @ State::Chunks(_) => {
                self.state = state;
                output.line("503 5.5.1 BDAT began, and BDAT goes on");
            }
            State::Ready
            | State::Authenticating(_)
            | State::Content(_)
            | State::Chunk { .. }
            | State::AwaitingTls
            | State::Closed => output.line("503 5.5.1 RCPT first"),
        }
    }

    /// ```abnf
    /// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF      ; RFC 3030 §2
    /// ```
    fn chunk(&mut self, argument: &str, store: &Served<'_>, output: &mut Output) {
        let mut words = argument.split(' ');
        let octets = words.next().and_then(|word| word.parse::<usize>().ok());
        let last = match words.next() {
            None => Some(false),
            Some(word) => word.eq_ignore_ascii_case("LAST").then_some(true),
        };
        let (Some(left), Some(last)) = (octets, last) else {
            // Nobody knows how many octets follow.
            output.line("501 5.5.4 BDAT octets [LAST]");
            output.next = Next::Close;
            return;
        };
        let mut content = match std::mem::replace(&mut self.state, State::Ready) {
            State::Envelope(envelope) if !envelope.recipients.is_empty() => Content::of(envelope, store),
            State::Chunks(content) => content,
            // RFC 3030 §2: the octets come all the same, "prepared to accept and discard".
            State::Envelope(_)
            | State::Ready
            | State::Authenticating(_)
            | State::Content(_)
            | State::Chunk { .. }
            | State::AwaitingTls
            | State::Closed => Content { refused: Some("503 5.5.1 RCPT first"), ..Content::default() },
        };
        if let Some(reply) = refused_data(&content.envelope, store) {
            content.refuse(reply);
        }
        self.state = State::Chunk { content, left, last };
    }

    fn chunk_is_here(&mut self, content: Content, last: bool, store: &mut Served<'_>, output: &mut Output) {
        match (content.refused, last) {
            (Some(reply), _) => {
                self.state = State::Ready;
                output.line(reply);
            }
            (None, false) => {
                self.state = State::Chunks(content);
                output.line("250 2.0.0 chunk taken");
            }
            (None, true) => {
                self.state = State::Ready;
                self.finish(content, store, output);
            }
        }
    }

    fn finish(&self, mut content: Content, store: &mut Served<'_>, output: &mut Output) {
        if let Some(reply) = content.refused.or_else(|| content.whole().err()) {
            output.line(reply);
            return;
        }
        let recipients = content.envelope.recipients.iter().map(|recipient| Some(recipient.account));
        if std::iter::once(None).chain(recipients).any(|named| said(AnswerStep::Message, named, "", store, output)) {
            return;
        }
        let has = |fault| concerns(fault, &content.envelope, store);
        let refused = has(Fault::SubmissionRefused).then_some("554 5.7.1 message refused");
        let refused = refused.or(has(Fault::SubmissionDeferred).then_some("451 4.3.0 put off; try again later"));
        if let Some(reply) = refused {
            output.line(reply);
            return;
        }
        let is_gone = |recipient: &Recipient| store.address(recipient.account).is_none();
        if content.envelope.recipients.iter().all(is_gone) {
            output.line("554 5.1.1 the mailbox is gone");
            return;
        }
        if !store.faults.has(Fault::MailNeverDelivered) {
            let header = header_of(&content.bytes);
            let report = notification::delivered(&content.envelope, &self.setting.host, header, store.now);
            let sender = store.recipient(&content.envelope.sender);
            let still_there = |recipient: &&Recipient| {
                let is_lost = store.has_fault_for(Fault::MailNeverDelivered, recipient.account);
                !is_lost && store.address(recipient.account).is_some()
            };
            let recipients: Vec<&Recipient> = content.envelope.recipients.iter().filter(still_there).collect();
            let bytes = with_return_path(&content.envelope.sender, &content.bytes);
            let taken = content.envelope.recipients.iter().map(|recipient| recipient.address.clone());
            let taken: Arc<[String]> = taken.collect();
            for recipient in recipients {
                let envelope = crate::Envelope {
                    mail_from: content.envelope.sender.clone(),
                    rcpt_to: recipient.address.clone(),
                    recipients: Arc::clone(&taken),
                    username: self.account.map(|account| store.login(account).to_owned()),
                    ehlo: self.ehlo.clone(),
                };
                store.deliver(recipient.account, Arc::clone(&bytes), envelope);
            }
            if let Some((report, sender)) = report.zip(sender) {
                let to = content.envelope.sender.clone();
                let envelope = crate::Envelope {
                    mail_from: String::new(),
                    recipients: [to.clone()].into(),
                    rcpt_to: to,
                    username: None,
                    ehlo: self.setting.host.to_string(),
                };
                store.deliver(sender, with_return_path("", &report), envelope);
            }
        }
        output.line("250 2.0.0 message taken");
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

/// What DATA and BDAT are answered where a fault is in force.
fn refused_data(envelope: &Envelope, store: &Served<'_>) -> Option<&'static str> {
    let deferred = concerns(Fault::DataDeferred, envelope, store).then_some("451 4.3.0 put off; try again later");
    deferred.or(concerns(Fault::DataRefused, envelope, store).then_some("554 5.6.0 no message is taken"))
}

/// Whether a fault is in force for who sends, or for one of the recipients.
fn concerns(fault: Fault, envelope: &Envelope, store: &Served<'_>) -> bool {
    store.faults.has(fault) || envelope.recipients.iter().any(|recipient| store.has_fault_for(fault, recipient.account))
}

/// RFC 5321 §4.4: "When the delivery SMTP server makes the "final delivery" of a message, it inserts a return-path line at
/// the beginning of the mail data." What was submitted follows as it came.
fn with_return_path(sender: &str, message: &[u8]) -> Arc<[u8]> {
    let mut bytes = format!("Return-Path: <{sender}>\r\n").into_bytes();
    bytes.reserve_exact(message.len());
    bytes.extend_from_slice(message);
    bytes.into()
}

/// The header without the empty line behind it.
fn header_of(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    &message[..end.map_or(message.len(), |at| at + 2)]
}

const TOO_LARGE: &str = "552 5.3.4 larger than any message here";
/// RFC 4954 §4 finds 12288 octets sufficient for a line of AUTH; a line of a message has at most 1000 (RFC 5321
/// §4.5.3.1.6), and a client that writes longer ones is met with patience: in DATA they come in pieces.
const LINE_OCTETS_MAX: usize = 64 * 1024;
/// RFC 5321 §4.5.3.1.8: at least 100.
const RECIPIENTS_MAX: usize = 1000;
