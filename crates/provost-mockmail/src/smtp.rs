//! Mail submission (RFC 6409, RFC 5321) with STARTTLS (RFC 3207), AUTH (RFC 4954), SIZE (RFC 1870), 8BITMIME, PIPELINING
//! and enhanced status codes as a machine: bytes in, bytes out. No sockets, no clock; mail for strangers is refused.

use provost_account::Authentication;

use crate::account::{AccountId, Store};
use crate::faults::Fault;
use crate::sasl::{self, Exchange, Mechanism, Moment, Step};
use crate::session::{Channel, Lines, Next, Output, Setting};

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) setting: Setting,
    lines: Lines,
    logged_in: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Authenticating(Exchange),
    /// MAIL was accepted.
    Envelope(Vec<AccountId>),
    /// DATA was accepted: lines of the message.
    Content {
        recipients: Vec<AccountId>,
        bytes: Vec<u8>,
        too_large: bool,
    },
    /// STARTTLS was accepted: what still comes in clear is nobody's.
    AwaitingTls,
    Closed,
}

impl Session {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { setting, lines: Lines::default(), logged_in: false, state: State::Ready }
    }

    pub(crate) fn is_logged_in(&self) -> bool {
        self.logged_in
    }

    pub(crate) fn greet(&self) -> Output {
        let mut output = Output::default();
        output.line(&format!("220 {} ESMTP mock server ready", self.setting.host));
        output
    }

    pub(crate) fn tls_started(&mut self) {
        self.setting.channel = Channel::Tls;
        self.lines.clear();
        self.state = State::Ready;
    }

    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Store) -> Output {
        let mut output = Output::default();
        if matches!(self.state, State::AwaitingTls | State::Closed) {
            return output;
        }
        self.lines.push(bytes);
        while output.next == Next::Read {
            match self.lines.next(LINE_OCTETS_MAX) {
                Ok(Some(line)) => self.line(&line, store, &mut output),
                Ok(None) => break,
                Err(_) => {
                    output.line("500 5.5.2 line too long");
                    output.next = Next::Close;
                }
            }
        }
        match output.next {
            Next::Read | Next::GoOn | Next::Compress => {}
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

    fn line(&mut self, line: &[u8], store: &mut Store, output: &mut Output) {
        match &mut self.state {
            State::Authenticating(exchange) => {
                let step = exchange.line(&String::from_utf8_lossy(line), store);
                self.authenticated(step, output);
            }
            State::Content { recipients, bytes, too_large } => {
                if line == b"." {
                    let (recipients, bytes, too_large) =
                        (std::mem::take(recipients), std::mem::take(bytes), *too_large);
                    self.state = State::Ready;
                    finish(&recipients, &bytes, too_large, store, output);
                    return;
                }
                *too_large |= bytes.len() + line.len() > MESSAGE_OCTETS_MAX;
                if !*too_large {
                    // RFC 5321 §4.5.2: "If the first character is a period and there are other characters on the line,
                    // the first character is deleted."
                    bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
                    bytes.extend_from_slice(b"\r\n");
                }
            }
            State::Ready | State::Envelope(_) | State::AwaitingTls | State::Closed => {
                self.command(&String::from_utf8_lossy(line), store, output);
            }
        }
    }

    fn command(&mut self, line: &str, store: &Store, output: &mut Output) {
        let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        match command.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(store, output),
            "HELO" => {
                self.state = State::Ready;
                output.line(&format!("250 {}", self.setting.host));
            }
            "STARTTLS" if self.may_start_tls(store) => {
                output.line("220 2.0.0 begin TLS");
                output.next = Next::StartTls;
            }
            "STARTTLS" => output.line("502 5.5.1 no TLS to start"),
            "AUTH" => self.auth(argument, store, output),
            "MAIL" => self.mail(argument, output),
            "RCPT" => self.recipient(argument, store, output),
            "DATA" => self.data(output),
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

    fn hello(&mut self, store: &Store, output: &mut Output) {
        self.state = State::Ready;
        let mut lines = vec![self.setting.host.clone(), "PIPELINING".to_owned(), format!("SIZE {MESSAGE_OCTETS_MAX}")];
        lines.extend(["8BITMIME", "ENHANCEDSTATUSCODES"].map(str::to_owned));
        if self.may_start_tls(store) {
            lines.push("STARTTLS".to_owned());
        }
        let mechanisms = self.mechanisms(store);
        if !mechanisms.is_empty() {
            let names: Vec<&str> = mechanisms.iter().map(|mechanism| mechanism.name).collect();
            lines.push(format!("AUTH {}", names.join(" ")));
        }
        let last = lines.pop().expect("the first line is always there");
        for line in lines {
            output.line(&format!("250-{line}"));
        }
        output.line(&format!("250 {last}"));
    }

    fn auth(&mut self, argument: &str, store: &Store, output: &mut Output) {
        let (name, initial) = argument.split_once(' ').map_or((argument, None), |(name, rest)| (name, Some(rest)));
        let mechanisms = self.mechanisms(store);
        // RFC 4954 §4: "After an AUTH command has been successfully completed, no more AUTH commands may be issued in the
        // same session. After a successful AUTH command completes, a server MUST reject any further AUTH commands with a
        // 503 reply."
        if self.logged_in || matches!(self.state, State::Envelope(_)) {
            output.line("503 5.5.1 not now");
            return;
        }
        if self.setting.channel == Channel::BeforeStartTls && mechanisms.is_empty() {
            output.line("530 5.7.0 must issue a STARTTLS command first");
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
        self.state = State::Authenticating(exchange);
        self.authenticated(step, output);
    }

    fn authenticated(&mut self, step: Step, output: &mut Output) {
        match step {
            Step::Challenge(challenge) => {
                output.line(&format!("334 {challenge}"));
                return;
            }
            Step::Accepted(_) => {
                self.logged_in = true;
                output.line("235 2.7.0 logged in");
            }
            Step::Refused => output.line("535 5.7.8 wrong name or password"),
            Step::Malformed => output.line("501 5.5.2 no such response"),
            Step::Cancelled => output.line("501 5.7.0 cancelled"),
        }
        self.state = State::Ready;
    }

    fn mail(&mut self, argument: &str, output: &mut Output) {
        if matches!(self.state, State::Envelope(_)) {
            output.line("503 5.5.1 one message at a time");
            return;
        }
        if !self.logged_in && !self.setting.authentications.contains(&Authentication::None) {
            output.line("530 5.7.0 authentication required");
            return;
        }
        let Some((_, parameters)) = path(argument, "FROM:") else {
            output.line("501 5.5.4 MAIL FROM:<address>");
            return;
        };
        for parameter in parameters.split(' ').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse::<usize>().is_ok_and(|octets| octets <= MESSAGE_OCTETS_MAX) => {}
                "SIZE" => {
                    output.line("552 5.3.4 larger than any message here");
                    return;
                }
                "BODY" | "AUTH" => {}
                _ => {
                    output.line("555 5.5.4 unknown parameter");
                    return;
                }
            }
        }
        self.state = State::Envelope(Vec::new());
        output.line("250 2.1.0 sender taken");
    }

    fn recipient(&mut self, argument: &str, store: &Store, output: &mut Output) {
        let State::Envelope(recipients) = &mut self.state else {
            output.line("503 5.5.1 MAIL first");
            return;
        };
        let Some((address, _)) = path(argument, "TO:") else {
            output.line("501 5.5.4 RCPT TO:<address>");
            return;
        };
        match store.recipient(address) {
            _ if recipients.len() >= RECIPIENTS_MAX => output.line("452 4.5.3 too many recipients"),
            None => output.line("550 5.1.1 no such mailbox here; mail for strangers is not carried"),
            Some(_) if store.faults.has(Fault::MailboxFull) => output.line("552 5.2.2 mailbox full"),
            Some(account) => {
                recipients.push(account);
                output.line("250 2.1.5 recipient taken");
            }
        }
    }

    fn data(&mut self, output: &mut Output) {
        match &mut self.state {
            State::Envelope(recipients) if !recipients.is_empty() => {
                let recipients = std::mem::take(recipients);
                self.state = State::Content { recipients, bytes: Vec::new(), too_large: false };
                output.line("354 the message, then a line with a dot");
            }
            State::Envelope(_) => output.line("554 5.5.1 no recipients"),
            State::Ready | State::Authenticating(_) | State::Content { .. } | State::AwaitingTls | State::Closed => {
                output.line("503 5.5.1 RCPT first");
            }
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
        if open { sasl::offered(&self.setting.authentications, self.setting.binding.as_ref()) } else { Vec::new() }
    }
}

fn finish(recipients: &[AccountId], bytes: &[u8], too_large: bool, store: &mut Store, output: &mut Output) {
    if too_large {
        output.line("552 5.3.4 larger than any message here");
        return;
    }
    if store.faults.has(Fault::SubmissionRefused) {
        output.line("554 5.7.1 message refused");
        return;
    }
    if !store.faults.has(Fault::MailNeverDelivered) {
        for recipient in recipients {
            store.deliver(*recipient, bytes.to_vec());
        }
    }
    output.line("250 2.0.0 message taken");
}

/// The address and what follows it, of `FROM:<address> parameters`.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let start = argument.get(..keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let rest = argument[keyword.len()..].trim_start().strip_prefix('<')?;
    rest.rsplit_once('>').map(|(address, parameters)| (address, parameters.trim()))
}

/// RFC 4954 §4 finds 12288 octets sufficient for a line of AUTH; a line of a message has at most 1000 (RFC 5321
/// §4.5.3.1.6), and a client that writes longer ones is met with patience.
const LINE_OCTETS_MAX: usize = 64 * 1024;
/// What SIZE announces.
const MESSAGE_OCTETS_MAX: usize = 25 * 1024 * 1024;
/// RFC 5321 §4.5.3.1.8: at least 100.
const RECIPIENTS_MAX: usize = 1000;
