//! What every protocol machine takes and gives: bytes in, bytes out, and what the connection does next. No sockets, no
//! clock: splitting the input differently changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use provost_account::Authentication;

use crate::faults::Fault;
use crate::sasl::{Binding, Exchange, Mechanism, Moment, Step};
use crate::sessions::{Ending, Now};
use crate::store::{AccountId, Served, Store};
use crate::{imap, pop3, sasl, smtp};

/// One client's session, whatever it speaks.
#[derive(Debug)]
pub(crate) enum Session {
    Imap(Box<imap::Session>),
    Pop3(pop3::Session),
    Smtp(smtp::Session),
}

/// What a session is told about its connection.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The name that the server goes by.
    pub(crate) host: Arc<str>,
    /// How clients may log in here.
    pub(crate) authentications: Arc<[Authentication]>,
    pub(crate) channel: Channel,
    /// The number of the connection: what makes challenges differ.
    pub(crate) number: u64,
    /// Whether there were too many connections already when this one came.
    pub(crate) is_too_many: bool,
    /// How many commands the client has sent.
    pub(crate) commands: u32,
    /// What names the TLS connection, inside TLS.
    pub(crate) binding: Option<Binding>,
}

impl Setting {
    /// Whether STARTTLS can be used here and now.
    pub(crate) fn may_start_tls(&self, store: &Served<'_>) -> bool {
        self.channel == Channel::BeforeStartTls && !store.faults.has(Fault::NoStarttls)
    }

    /// How clients may log in here and now.
    pub(crate) fn mechanisms(&self, store: &Served<'_>) -> Vec<&'static Mechanism> {
        let open = match self.channel {
            Channel::BeforeStartTls => store.rules.cleartext || store.faults.has(Fault::CleartextLoginAccepted),
            Channel::Cleartext | Channel::Tls => {
                !store.faults.has(Fault::AuthNotOffered) && !store.faults.has(Fault::WrongMechanisms)
            }
        };
        if open { sasl::offered(&self.authentications, self.binding.as_ref()) } else { Vec::new() }
    }

    /// The ways to log in that are announced; a fault announces others in the place of those that are there.
    pub(crate) fn announced(&self, store: &Served<'_>) -> Vec<&'static str> {
        let decoys: &[&str] = if store.faults.has(Fault::WrongMechanisms) { &["GSSAPI", "NTLM"] } else { &[] };
        self.mechanisms(store).iter().map(|mechanism| mechanism.name).chain(decoys.iter().copied()).collect()
    }

    /// Begins to log somebody in; `initial` is the response that came with the command.
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
    /// Anyone, for ever: the settings say that this is meant.
    Cleartext,
    /// Nobody.
    Tls,
}

/// What a session answers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) bytes: Vec<u8>,
    pub(crate) next: Next,
    /// The faults that have taken hold in it.
    pub(crate) held: BTreeSet<Fault>,
}

/// What the connection does after the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Next {
    /// Reads on.
    #[default]
    Read,
    /// Asks the session for more before it reads on.
    GoOn,
    /// Starts TLS; what the client already sent in clear is gone.
    StartTls,
    /// Compresses both directions from here on (RFC 4978).
    Compress,
    /// Compresses no longer (RFC 8437 §4.1).
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

    /// How it stands.
    pub(crate) fn now(&self) -> Now {
        let selected = match self {
            Self::Imap(session) => session.selected_folder(),
            Self::Pop3(_) | Self::Smtp(_) => None,
        };
        let Setting { channel, commands, .. } = self.setting();
        Now { is_tls: *channel == Channel::Tls, account: self.account(), commands: *commands, selected }
    }

    /// The server's last words, which nobody has asked for.
    pub(crate) fn farewell(&self, ending: Ending) -> Output {
        ending
            .words()
            .map_or_else(|| Output { next: Next::Close, ..Output::default() }, |words| self.goodbye("", words))
    }

    /// The end; `code` is what IMAP has to say that it is over with the moment.
    fn goodbye(&self, code: &str, words: &str) -> Output {
        let mut output = Output { next: Next::Close, ..Output::default() };
        match self {
            Self::Imap(_) => output.line(&format!("* BYE {code}{words}")),
            // RFC 3206 §4: what is over with the moment.
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
                // Whoever greets as POP3 speaks it: the client has the wrong port.
                if output.bytes.starts_with(b"+OK") {
                    *session = Self::Pop3(pop3::Session::new(imap.setting.clone()));
                }
                output
            }
            Self::Pop3(session) => session.greet(),
            Self::Smtp(session) => session.greet(),
        })
    }

    /// Takes what the client sent, any part of a line or many lines.
    pub(crate) fn receive(&mut self, bytes: &[u8], store: &mut Store) -> Output {
        self.served(store, |session, store| match session {
            Self::Imap(session) => session.receive(bytes, store),
            Self::Pop3(session) => session.receive(bytes, store),
            Self::Smtp(session) => session.receive(bytes, store),
        })
    }

    /// Whose changes the client waits for without having asked anything.
    pub(crate) fn listens_to(&self) -> Option<AccountId> {
        match self {
            Self::Imap(session) => session.listens_to(),
            Self::Pop3(_) | Self::Smtp(_) => None,
        }
    }

    /// Tells a client that waits what has changed.
    pub(crate) fn changed(&mut self, store: &mut Store) -> Output {
        self.served(store, |session, store| match session {
            Self::Imap(session) => session.changed(store),
            Self::Pop3(_) | Self::Smtp(_) => Output::default(),
        })
    }

    /// Answers with what holds for the client as it stands.
    fn served(&mut self, store: &mut Store, answer: impl FnOnce(&mut Self, &mut Served<'_>) -> Output) -> Output {
        let mut served = store.serve(self.setting(), self.account());
        let output = answer(self, &mut served);
        Output { held: served.faults.take_held(), ..output }
    }

    /// TLS has started: everything begins anew.
    pub(crate) fn tls_started(&mut self) {
        match self {
            Self::Imap(session) => session.tls_started(),
            Self::Pop3(session) => session.tls_started(),
            Self::Smtp(session) => session.tls_started(),
        }
    }

    /// The connection is inside TLS, and has this name.
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

/// Bytes that have arrived, taken line by line. What was taken stays in its place until more comes: nothing is moved.
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

/// A line was longer than anybody honest writes.
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

    /// Where everything was taken, a client that says nothing more holds no memory.
    pub(crate) fn let_go(&mut self) {
        if self.taken == self.bytes.len() {
            self.clear();
        }
    }

    fn left(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    /// The next whole line without its CRLF; a bare LF ends a line too, as every server has it.
    pub(crate) fn next(&mut self, octets_max: usize) -> Result<Option<Vec<u8>>, LineTooLong> {
        let left = self.left();
        match memchr::memchr(b'\n', left).map_or(left.len() > octets_max, |at| at > octets_max) {
            true => Err(LineTooLong),
            false => Ok(self.piece(octets_max).map(|piece| piece.octets.to_vec())),
        }
    }

    /// Octets that are no lines, at most so many.
    pub(crate) fn take(&mut self, octets_max: usize) -> &[u8] {
        let start = self.taken;
        self.taken = start.saturating_add(octets_max).min(self.bytes.len());
        &self.bytes[start..self.taken]
    }

    /// The next line, or of one that is longer than `octets_max` as much as is there.
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

    /// What the session answers, however the input is split.
    #[track_caller]
    pub(crate) fn said(make: fn() -> Session, input: &str) -> String {
        let whole = make().receive(input.as_bytes(), &mut store(&[]));
        for at in 1..input.len() {
            let (mut session, mut store) = (make(), store(&[]));
            let (one, other) = input.as_bytes().split_at(at);
            let mut bytes = session.receive(one, &mut store).bytes;
            bytes.extend(session.receive(other, &mut store).bytes);
            assert_eq!(bytes, whole.bytes, "split at octet {at}");
        }
        String::from_utf8(whole.bytes).expect("the answers are UTF-8")
    }

    #[track_caller]
    pub(crate) fn check(make: fn() -> Session, input: &str, expected: &[&str]) {
        let said = said(make, input);
        let mut rest = said.as_str();
        for line in expected {
            let at = rest.find(line).unwrap_or_else(|| panic!("no {line:?} in {rest:?}, of {said:?}"));
            rest = &rest[at + line.len()..];
        }
    }

    #[test]
    fn a_message_is_found_by_its_date_and_fetched_in_parts() {
        check(
            imap,
            &format!(
                "{LOGIN}b select inbox\r\nc uid search since 25-Oct-2026\r\nd search since 25-oct-2026 not seen\r\n"
            ),
            // Aged 360, 32, 31, 30, 15, 1 and 0 days: the last four arrived on 25 October 2026 or later.
            &[
                "a OK [CAPABILITY",
                "* 7 EXISTS\r\n",
                "b OK [READ-WRITE]",
                "* SEARCH 4 5 6 7\r\n",
                "* SEARCH 4 5 6 7\r\n",
                "d OK",
            ],
        );
        check(
            imap,
            &format!(
                "{LOGIN}b examine INBOX\r\nc uid fetch 7 (body.peek[header.fields (dAte)] body.peek[text]<0.2> internaldate)\r\n"
            ),
            &[
                "b OK [READ-ONLY]",
                "* 7 FETCH (UID 7 BODY[header.fields (dAte)] {41}\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000\r\n\r\n ",
                "BODY[text]<0> {2}\r\n.A INTERNALDATE \"24-Nov-2026 12:00:00 +0000\")\r\n",
                "c OK",
            ],
        );
    }

    #[test]
    fn flags_copies_and_removals_are_told() {
        check(
            imap,
            &format!(
                "{LOGIN}b select INBOX\r\nc store 2,4 +flags (\\Deleted)\r\nd uid expunge 4\r\ne copy 1:2 Trash\r\nf expunge\r\n\
                 g append \"Trash\" (\\Seen) {{3+}}\r\na\r\n\r\nh status trash (messages unseen)\r\ni status Trash (messages unseen)\r\n"
            ),
            &[
                "* 2 FETCH (FLAGS (\\Deleted \\Recent))\r\n* 4 FETCH (FLAGS (\\Deleted \\Recent))\r\nc OK",
                "* 4 EXPUNGE\r\nd OK",
                // RFC 4315 §3: the UIDs in the old folder, then those in the new one.
                "e OK [COPYUID 6 1:2 1:2]",
                "* 2 EXPUNGE\r\nf OK",
                "g OK [APPENDUID 6 3]",
                "h NO [NONEXISTENT]",
                "* STATUS \"Trash\" (MESSAGES 3 UNSEEN 2)\r\n",
            ],
        );
    }

    #[test]
    fn a_literal_is_asked_for_and_a_nul_pattern_gives_the_root() {
        check(
            imap,
            "a login {15}\r\ntim@example.org {16+}\r\ntanstaaftanstaaf\r\nb list \"\" \"\"\r\nc list \"\" %\r\nd namespace\r\n",
            &[
                "+ go on\r\na OK",
                "* LIST (\\Noselect) \"/\" \"\"\r\nb OK",
                "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n",
                "* LIST (\\HasNoChildren \\Drafts) \"/\" \"Drafts\"\r\n",
                "c OK",
                "* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL\r\nd OK",
            ],
        );
    }

    #[test]
    fn only_the_full_address_and_its_password_log_in() {
        check(
            imap,
            "a login tim tanstaaftanstaaf\r\nb login tim@example.org wrong\r\nc authenticate plain AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n",
            &["a NO [AUTHENTICATIONFAILED]", "b NO [AUTHENTICATIONFAILED]", "c OK"],
        );
        check(
            smtp,
            "EHLO c\r\nAUTH LOGIN\r\ndGltQGV4YW1wbGUub3Jn\r\nd3Jvbmc=\r\nAUTH PLAIN\r\nAHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nAUTH PLAIN\r\n",
            // RFC 4954 §4 and §6.
            &[
                "250 AUTH SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN",
                "334 VXNlcm5hbWU6\r\n",
                "334 UGFzc3dvcmQ6\r\n535 5.7.8",
                "334 \r\n235 2.7.0",
                "503 5.5.1",
            ],
        );
        check(
            pop3,
            "USER tim\r\nPASS tanstaaftanstaaf\r\nUSER tim@example.org\r\nPASS tanstaaftanstaaf\r\n",
            &["-ERR [AUTH]", "+OK logged in"],
        );
    }

    /// `printf "<1.1795521600@mail.example.org>" | openssl md5 -hmac tanstaaftanstaaf`
    #[test]
    fn cram_md5_takes_the_digest_that_openssl_computes() {
        check(
            imap,
            "a authenticate cram-md5\r\ndGltQGV4YW1wbGUub3JnIGJmZWMxZTc0NjUyZjdkYjRkNTEwYjMyYzAzNjE3M2M1\r\n",
            &["+ PDEuMTc5NTUyMTYwMEBtYWlsLmV4YW1wbGUub3JnPg==\r\n", "a OK"],
        );
    }

    #[test]
    fn mail_is_taken_after_login_only_and_for_known_mailboxes_only() {
        check(
            smtp,
            "EHLO c\r\nMAIL FROM:<tim@example.org>\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\n\
             MAIL FROM:<tim@example.org> SIZE=99999999\r\nMAIL FROM:<tim@example.org> BODY=8BITMIME\r\n\
             RCPT TO:<stranger@example.net>\r\nDATA\r\nRCPT TO:<Timothy@EXAMPLE.org>\r\nDATA\r\nSubject: a\r\n\r\n..b\r\n.\r\nQUIT\r\n",
            &[
                "530 5.7.0",
                "235 2.7.0",
                "552 5.3.4",
                "250 2.1.0",
                "550 5.1.1",
                "554 5.5.1",
                "250 2.1.5",
                "354 ",
                "250 2.0.0",
                "221 2.0.0",
            ],
        );
    }

    #[test]
    fn a_submitted_message_is_in_the_inbox_with_its_dots() {
        let mut store = store(&[]);
        smtp().receive(
            b"EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org>\r\n\
              RCPT TO:<timothy@example.org>\r\nDATA\r\nSubject: a\r\n\r\n..b\r\n.\r\n",
            &mut store,
        );
        let said =
            imap().receive(format!("{LOGIN}b select INBOX\r\nc fetch * body[]\r\n").as_bytes(), &mut store).bytes;
        let said = String::from_utf8(said).expect("UTF-8");
        assert!(
            said.contains(
                "* 8 FETCH (BODY[] {50}\r\nReturn-Path: <tim@example.org>\r\nSubject: a\r\n\r\n.b\r\n FLAGS (\\Seen \\Recent))\r\n"
            ),
            "{said}"
        );
        let said =
            pop3().receive(b"USER tim@example.org\r\nPASS tanstaaftanstaaf\r\nRETR 8\r\nLIST 8\r\n", &mut store).bytes;
        let said = String::from_utf8(said).expect("UTF-8");
        // RFC 1939 §3 and §11: stuffed on the way, not counted.
        let end = "+OK 50 octets\r\nReturn-Path: <tim@example.org>\r\nSubject: a\r\n\r\n..b\r\n.\r\n+OK 8 50\r\n";
        assert!(said.ends_with(end), "{said}");
    }

    /// RFC 6856 §2.1: a client that has not said UTF8 gets what it understands.
    #[test]
    fn pop3_hands_utf_8_to_those_only_who_take_it() {
        let mut store = store(&[]);
        smtp().receive(
            "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org> SMTPUTF8\r\n\
             RCPT TO:<tim@example.org>\r\nDATA\r\nSubject: blåbær\r\n\r\nå\r\n.\r\n"
                .as_bytes(),
            &mut store,
        );
        for (utf8, subject) in [("", "=?utf-8?B?YmzDpWLDpnI=?="), ("UTF8\r\n", "blåbær")] {
            let login = format!("{utf8}USER tim@example.org\r\nPASS tanstaaftanstaaf\r\nRETR 8\r\n");
            let said = String::from_utf8(pop3().receive(login.as_bytes(), &mut store).bytes).expect("UTF-8");
            let expected = format!("Return-Path: <tim@example.org>\r\nSubject: {subject}\r\n\r\nå\r\n");
            assert!(said.ends_with(&format!("+OK {} octets\r\n{expected}.\r\n", expected.len())), "{said}");
        }
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

    #[test]
    fn what_is_no_command_is_answered_and_never_panics() {
        let bad = [
            "a",
            "a b c",
            "",
            "a fetch",
            "a uid",
            "a login {3}\r\nabc",
            "a login \"",
            "a search (((",
            "* x",
            "a list \"\" \"\\",
        ];
        for line in bad {
            let said = said(imap, &format!("{line}\r\n"));
            assert!(said.contains("BAD"), "{line:?}: {said:?}");
        }
        check(
            imap,
            &format!("{LOGIN}b select INBOX\r\nc fetch 1 body[\r\nd search {}\r\n", "not ".repeat(60)),
            &["c BAD", "d BAD"],
        );
    }
}
