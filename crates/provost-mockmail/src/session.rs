//! What every protocol machine takes and gives: bytes in, bytes out, and what the connection does next. No sockets, no
//! clock; how the input is split changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use provost_account::Authentication;

use crate::faults::Fault;
use crate::sasl::{Binding, Exchange, Mechanism, Moment, Step};
use crate::sessions::{Ending, Now};
use crate::store::{AccountId, Served, Store};
use crate::{imap, pop3, sasl, smtp};

/// One client's session, in any of the protocols.
#[derive(Debug)]
pub(crate) enum Session {
    Imap(Box<imap::Session>),
    Pop3(pop3::Session),
    Smtp(smtp::Session),
}

/// What a session knows of its connection.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The server's name.
    pub(crate) host: Arc<str>,
    /// How clients may log in.
    pub(crate) authentications: Arc<[Authentication]>,
    pub(crate) channel: Channel,
    /// The connection's number, which makes challenges differ.
    pub(crate) number: u64,
    /// Whether there were too many connections already when this one was made.
    pub(crate) is_too_many: bool,
    /// How many commands the client has sent.
    pub(crate) commands: u32,
    /// The channel binding; `None` outside TLS.
    pub(crate) binding: Option<Binding>,
}

impl Setting {
    /// Whether STARTTLS can be used now.
    pub(crate) fn may_start_tls(&self, store: &Served<'_>) -> bool {
        self.channel == Channel::BeforeStartTls && !store.faults.has(Fault::NoStarttls)
    }

    /// How clients may log in at this moment.
    pub(crate) fn mechanisms(&self, store: &Served<'_>) -> Vec<&'static Mechanism> {
        let open = match self.channel {
            Channel::BeforeStartTls => store.rules.cleartext || store.faults.has(Fault::CleartextLoginAccepted),
            Channel::Cleartext | Channel::Tls => {
                !store.faults.has(Fault::AuthNotOffered) && !store.faults.has(Fault::WrongMechanisms)
            }
        };
        if open { sasl::offered(&self.authentications, self.binding.as_ref()) } else { Vec::new() }
    }

    /// The mechanisms to announce; a fault announces others instead of those that work.
    pub(crate) fn announced(&self, store: &Served<'_>) -> Vec<&'static str> {
        let decoys: &[&str] = if store.faults.has(Fault::WrongMechanisms) { &["GSSAPI", "NTLM"] } else { &[] };
        self.mechanisms(store).iter().map(|mechanism| mechanism.name).chain(decoys.iter().copied()).collect()
    }

    /// Begins a login; `initial` is the response that came with the command.
    pub(crate) fn begin(
        &self,
        mechanism: &'static Mechanism,
        initial: Option<&str>,
        store: &mut Served<'_>,
    ) -> (Exchange, Step) {
        let moment = Moment {
            host: &self.host,
            number: self.number,
            timestamp: store.now.unix_timestamp(),
            binding: self.binding.as_ref(),
        };
        Exchange::start(mechanism, initial, &moment, store)
    }
}

/// Who can listen to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Anyone, until STARTTLS.
    BeforeStartTls,
    /// Anyone, until the end: the settings ask for it.
    Cleartext,
    /// Nobody.
    Tls,
}

/// What a session answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) bytes: Vec<u8>,
    pub(crate) next: Next,
    /// The faults that changed it.
    pub(crate) held: BTreeSet<Fault>,
}

/// What the connection does after the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Next {
    /// Reads on.
    #[default]
    Read,
    /// Asks the session for more output before it reads on.
    GoOn,
    /// Starts TLS; what the client has already sent in cleartext is dropped.
    StartTls,
    /// Compresses both directions from here on (RFC 4978).
    Compress,
    /// Stops compressing (RFC 8437 §4.1).
    Decompress,
    /// Ends.
    Close,
}

impl Session {
    pub(crate) fn setting_mut(&mut self) -> &mut Setting {
        match self {
            Self::Imap(session) => &mut session.setting,
            Self::Pop3(session) => &mut session.setting,
            Self::Smtp(session) => &mut session.setting,
        }
    }

    pub(crate) fn setting(&self) -> &Setting {
        match self {
            Self::Imap(session) => &session.setting,
            Self::Pop3(session) => &session.setting,
            Self::Smtp(session) => &session.setting,
        }
    }

    /// Who is logged in.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Imap(session) => session.account(),
            Self::Pop3(session) => session.account(),
            Self::Smtp(session) => session.account(),
        }
    }

    /// What the server may know of it at this moment.
    pub(crate) fn now(&self) -> Now {
        let selected = match self {
            Self::Imap(session) => session.selected_folder(),
            Self::Pop3(_) | Self::Smtp(_) => None,
        };
        let Setting { channel, commands, .. } = self.setting();
        Now { is_tls: *channel == Channel::Tls, account: self.account(), commands: *commands, selected }
    }

    /// The server's last words, unasked.
    pub(crate) fn farewell(&self, ending: Ending) -> Output {
        ending
            .words()
            .map_or_else(|| Output { next: Next::Close, ..Output::default() }, |words| self.goodbye("", words))
    }

    /// Ends the session; `code` is IMAP's response code for a temporary failure.
    fn goodbye(&self, code: &str, words: &str) -> Output {
        let mut output = Output { next: Next::Close, ..Output::default() };
        match self {
            Self::Imap(_) => output.line(&format!("* BYE {code}{words}")),
            // RFC 3206 §4: a temporary failure.
            Self::Pop3(_) => output.line(&format!("-ERR [SYS/TEMP] {words}")),
            // RFC 5321 §3.8: "This response code can be issued after the server receives any command or, if necessary,
            // asynchronously from command receipt".
            Self::Smtp(_) => output.line(&format!("421 4.3.2 {words}")),
        }
        output
    }

    /// The server's first words.
    pub(crate) fn greet(&mut self, store: &mut Store) -> Output {
        self.served(store, |session, store| match session {
            _ if store.faults.has(Fault::GreetingRefused) || session.setting().is_too_many => {
                session.goodbye("[UNAVAILABLE] ", "no service at the moment")
            }
            Self::Imap(imap) => {
                let output = imap.greet(store);
                // A server that greets as POP3 speaks it: the client has the wrong port.
                if output.bytes.starts_with(b"+OK") {
                    *session = Self::Pop3(pop3::Session::new(imap.setting.clone()));
                }
                output
            }
            Self::Pop3(session) => session.greet(),
            Self::Smtp(session) => session.greet(store),
        })
    }

    /// Takes what the client sent: a part of a line, or many lines.
    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Store) -> Output {
        self.served(store, |session, store| match session {
            Self::Imap(session) => session.receive(bytes, store),
            Self::Pop3(session) => session.receive(bytes, store),
            Self::Smtp(session) => session.receive(bytes, store),
        })
    }

    /// The account whose changes the client waits for.
    pub(crate) fn listens_to(&self) -> Option<AccountId> {
        match self {
            Self::Imap(session) => session.listens_to(),
            Self::Pop3(_) | Self::Smtp(_) => None,
        }
    }

    /// Tells a waiting client what has changed.
    pub(crate) fn changed(&mut self, store: &mut Store) -> Output {
        self.served(store, |session, store| match session {
            Self::Imap(session) => session.changed(store),
            Self::Pop3(_) | Self::Smtp(_) => Output::default(),
        })
    }

    /// Answers with the faults and capabilities that apply to the client now.
    fn served(&mut self, store: &mut Store, answer: impl FnOnce(&mut Self, &mut Served<'_>) -> Output) -> Output {
        let mut served = store.serve(self.setting(), self.account());
        let output = answer(self, &mut served);
        Output { held: served.faults.take_held(), ..output }
    }

    /// TLS has started; the session begins anew.
    pub(crate) fn tls_started(&mut self) {
        match self {
            Self::Imap(session) => session.tls_started(),
            Self::Pop3(session) => session.tls_started(),
            Self::Smtp(session) => session.tls_started(),
        }
    }

    /// The connection is inside TLS; `binding` is its channel binding.
    pub(crate) fn bind(&mut self, binding: Binding) {
        self.setting_mut().binding = Some(binding);
    }
}

impl Output {
    pub(crate) fn line(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }
}

/// Bytes that have arrived, taken line by line. Nothing is moved until more bytes come.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    /// How many of them were taken.
    taken: usize,
}

/// A line without its end, or a part of one.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) end: End,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Crlf,
    Lf,
    /// The line goes on.
    Later,
}

/// A line is longer than any honest client's.
#[derive(Debug)]
pub(crate) struct LineTooLong;

impl Lines {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.taken));
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Frees the memory if every byte was taken, so that an idle client holds none.
    pub(crate) fn let_go(&mut self) {
        if self.taken == self.bytes.len() {
            self.clear();
        }
    }

    fn left(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// The next whole line without its CRLF. A bare LF ends a line too, as in every server.
    pub(crate) fn next(&mut self, octets_max: usize) -> Result<Option<Vec<u8>>, LineTooLong> {
        let left = self.left();
        match memchr::memchr(b'\n', left).map_or(left.len() > octets_max, |at| at > octets_max) {
            true => Err(LineTooLong),
            false => Ok(self.piece(octets_max).map(|piece| piece.octets.to_vec())),
        }
    }

    /// At most `octets_max` octets, whatever they are.
    pub(crate) fn take(&mut self, octets_max: usize) -> &[u8] {
        let start = self.taken;
        self.taken = start.saturating_add(octets_max).min(self.bytes.len());
        &self.bytes[start..self.taken]
    }

    /// The next line, or what is there of a line that is longer than `octets_max`.
    pub(crate) fn piece(&mut self, octets_max: usize) -> Option<Piece<'_>> {
        let left = self.left();
        if let Some(at) = memchr::memchr(b'\n', left) {
            let line = self.take(at + 1);
            let (octets, end) = match line.strip_suffix(b"\r\n") {
                Some(octets) => (octets, End::Crlf),
                None => (&line[..at], End::Lf),
            };
            return Some(Piece { octets, end });
        }
        if left.len() <= octets_max {
            return None;
        }
        // A CR may be the first half of the line's end.
        let octets = left.len() - usize::from(left.last() == Some(&b'\r'));
        Some(Piece { octets: self.take(octets), end: End::Later })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    pub(crate) use crate::example::LOGIN;
    use crate::example::sessions;
    pub(crate) use crate::example::{imap, pop3, smtp, store};

    /// Everything that the session answers.
    pub(crate) fn says(session: &mut Session, input: &str, store: &mut Store) -> String {
        let mut output = session.receive(input.as_bytes(), store);
        let mut said = output.bytes;
        while output.next == Next::GoOn {
            output = session.receive(&[], store);
            said.extend(output.bytes);
        }
        String::from_utf8(said).expect("the answers are UTF-8")
    }

    #[test]
    fn commands_behind_starttls_are_never_executed() {
        for (session, injected) in sessions(Channel::BeforeStartTls).iter_mut().zip([
            "a starttls\r\nb noop\r\n",
            "STLS\r\nCAPA\r\n",
            "EHLO c\r\nSTARTTLS\r\nNOOP\r\n",
        ]) {
            let mut store = store(&[]);
            let output = session.receive(injected.as_bytes(), &mut store);
            assert_eq!(output.next, Next::StartTls);
            let said = String::from_utf8(output.bytes).expect("UTF-8");
            assert!(said.ends_with("begin TLS\r\n"), "{said}");
            assert_eq!(
                session.receive(b"c noop\r\nCAPA\r\nNOOP\r\n", &mut store),
                Output::default(),
                "before the handshake"
            );
            session.tls_started();
            assert_eq!(session.receive(b"", &mut store), Output::default(), "after the handshake");
        }
    }

    #[test]
    fn nobody_logs_in_before_tls() {
        let inputs = [
            (
                "a capability\r\nb login tim@example.org tanstaaftanstaaf\r\nc authenticate plain\r\n",
                "NO [PRIVACYREQUIRED]",
                "LOGINDISABLED",
            ),
            ("CAPA\r\nUSER tim@example.org\r\nPASS tanstaaftanstaaf\r\nAUTH PLAIN\r\n", "-ERR no", "STLS"),
            ("EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n", "530 5.7.0", "STARTTLS"),
        ];
        for (session, (input, refused, announced)) in sessions(Channel::BeforeStartTls).iter_mut().zip(inputs) {
            let said = String::from_utf8(session.receive(input.as_bytes(), &mut store(&[])).bytes).expect("UTF-8");
            assert!(said.contains(refused) && said.contains(announced), "{said}");
            assert!(!said.contains("AUTH=") && !said.contains("AUTH PLAIN") && !said.contains("SASL "), "{said}");
        }
    }

    #[test]
    fn a_line_or_a_literal_without_end_closes_the_connection() {
        for session in &mut sessions(Channel::Tls) {
            let output = session.receive(&[b'a'; 100_000], &mut store(&[]));
            assert_eq!(output.next, Next::Close);
        }
        let output = imap().receive(b"a login {99999999999999999999+}\r\n", &mut store(&[]));
        assert_eq!(output.next, Next::Close);
        assert!(output.bytes.starts_with(b"* BYE [TOOBIG] "));
        // RFC 7889 §4: a literal that was not sent yet need not end the connection.
        let output = imap().receive(b"a append INBOX {99999999999999999999}\r\n", &mut store(&[]));
        assert_eq!(
            (output.next, String::from_utf8_lossy(&output.bytes).into_owned()),
            (Next::Read, "a NO [TOOBIG] at most 16384 octets\r\n".to_owned()),
        );
    }
}
