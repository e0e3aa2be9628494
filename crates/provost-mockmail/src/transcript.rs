//! The conversation on every connection, as far as the connection read it, without secrets: before a login, only parts
//! of a client's line that are known to be harmless are kept, and lines with a password or a token never are.

use std::collections::VecDeque;

use provost_account::Protocol;

/// A line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counts from 0 and is never used again; what was dropped from the start leaves a gap.
    pub number: u64,
    /// The number of the connection, from 1.
    pub connection: u64,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Who said it.
    pub speaker: Speaker,
    /// The line without its end; long ones are cut.
    pub text: String,
}

/// One end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The program that is tried.
    Client,
    /// The mock server.
    Server,
    /// Not said but done: TLS, the end of the connection.
    Event,
}

/// The last lines of all conversations.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    lines: VecDeque<Line>,
    next: u64,
}

impl Transcript {
    /// The lines from that number on.
    pub(crate) fn from(&self, number: u64) -> impl Iterator<Item = &Line> {
        self.lines.iter().skip(self.lines.partition_point(|line| line.number < number))
    }

    pub(crate) fn clear(&mut self) {
        self.lines.clear();
    }

    fn add(&mut self, connection: u64, protocol: Protocol, speaker: Speaker, text: String) {
        if self.lines.len() >= LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { number: self.next, connection, protocol, speaker, text });
        self.next += 1;
    }
}

/// One connection's ear.
#[derive(Debug)]
pub(crate) struct Ear {
    connection: u64,
    protocol: Protocol,
    /// The begin of a client's line whose end has not come.
    begun: Vec<u8>,
    /// The same of a server's line.
    said: Vec<u8>,
    /// How many lines the answer has had so far.
    lines: usize,
    /// Whether a login may be on its way although somebody is logged in: a second one, or one behind UNAUTHENTICATE.
    guarded: bool,
}

impl Ear {
    pub(crate) fn new(connection: u64, protocol: Protocol) -> Self {
        Self { connection, protocol, begun: Vec::new(), said: Vec::new(), lines: 0, guarded: false }
    }

    pub(crate) fn event(&mut self, what: &str, transcript: &mut Transcript) {
        self.pause(transcript);
        transcript.add(self.connection, self.protocol, Speaker::Event, what.to_owned());
    }

    /// Takes what a client sent; `logged_in` is how it stood before that.
    pub(crate) fn client(&mut self, octets: &[u8], logged_in: bool, transcript: &mut Transcript) {
        self.pause(transcript);
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.begun.len() < LINE_OCTETS_MAX {
                self.begun.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                let line = shown(&std::mem::take(&mut self.begun));
                self.guarded |= may_lead_to_a_login(self.protocol, &line);
                let line = if logged_in && !self.guarded { line } else { before_login(self.protocol, &line) };
                transcript.add(self.connection, self.protocol, Speaker::Client, line);
            }
        }
    }

    /// Takes what of an answer the connection took, any part of a line or many lines.
    pub(crate) fn server(&mut self, octets: &[u8], transcript: &mut Transcript) {
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            let room = (LINE_OCTETS_MAX + b"\r\n".len() + 1).saturating_sub(self.said.len());
            match piece.strip_suffix(b"\n") {
                None => self.said.extend_from_slice(&piece[..piece.len().min(room)]),
                Some(rest) => {
                    self.said.extend_from_slice(&rest[..rest.len().min(room)]);
                    // Whatever is neither a challenge nor untagged ends a command.
                    if !matches!(self.said.first(), None | Some(b'+' | b'*')) {
                        self.guarded = false;
                    }
                    self.end_line(transcript);
                }
            }
        }
    }

    /// Nothing more is said for now: a line that has no end is shown as far as it came.
    pub(crate) fn pause(&mut self, transcript: &mut Transcript) {
        if !self.said.is_empty() {
            self.end_line(transcript);
        }
        let more = std::mem::take(&mut self.lines).saturating_sub(LINES_AT_ONCE_MAX);
        if more > 0 {
            let text = format!("{more} more lines of the server");
            transcript.add(self.connection, self.protocol, Speaker::Event, text);
        }
    }

    fn end_line(&mut self, transcript: &mut Transcript) {
        let line = std::mem::take(&mut self.said);
        self.lines += 1;
        if self.lines <= LINES_AT_ONCE_MAX {
            transcript.add(self.connection, self.protocol, Speaker::Server, shown(&line));
        }
    }
}

/// A line that may be a part of a login: only what is known to carry no secret is kept.
fn before_login(protocol: Protocol, line: &str) -> String {
    let mut words = line.split(' ');
    let (first, second, third) = (words.next().unwrap_or(""), words.next(), words.next());
    let upper = |word: Option<&str>| word.unwrap_or("").to_ascii_uppercase();
    match protocol {
        Protocol::Imap => match upper(second).as_str() {
            "CAPABILITY" | "NOOP" | "LOGOUT" | "STARTTLS" | "ID" | "UNAUTHENTICATE" => line.to_owned(),
            "LOGIN" => format!("{first} LOGIN {HIDDEN}"),
            "AUTHENTICATE" => format!("{first} AUTHENTICATE {}{}", third.unwrap_or(""), rest(words.next())),
            _ => HIDDEN.to_owned(),
        },
        Protocol::Pop3 => match first.to_ascii_uppercase().as_str() {
            "CAPA" | "STLS" | "NOOP" | "QUIT" | "UTF8" | "USER" => line.to_owned(),
            "PASS" => format!("PASS {HIDDEN}"),
            "AUTH" => format!("AUTH {}{}", second.unwrap_or(""), rest(third)),
            _ => HIDDEN.to_owned(),
        },
        Protocol::Submission => match first.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" | "MAIL" | "RCPT" | "DATA" | "RSET" | "NOOP" | "QUIT" | "STARTTLS" => line.to_owned(),
            "AUTH" => format!("AUTH {}{}", second.unwrap_or(""), rest(third)),
            _ => HIDDEN.to_owned(),
        },
    }
}

/// After a login nobody logs in; a client that tries all the same, or takes the first one back, gives nothing away either.
fn may_lead_to_a_login(protocol: Protocol, line: &str) -> bool {
    let word = |at: usize| line.split(' ').nth(at).unwrap_or("").to_ascii_uppercase();
    match protocol {
        Protocol::Imap => matches!(word(1).as_str(), "LOGIN" | "AUTHENTICATE" | "UNAUTHENTICATE"),
        Protocol::Pop3 => matches!(word(0).as_str(), "PASS" | "AUTH"),
        Protocol::Submission => word(0) == "AUTH",
    }
}

fn rest(secret: Option<&str>) -> String {
    secret.map_or_else(String::new, |_| format!(" {HIDDEN}"))
}

fn shown(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(&line[..line.len().min(LINE_OCTETS_MAX)]);
    let mut text: String = text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect();
    if line.len() > LINE_OCTETS_MAX {
        text.push('…');
    }
    text
}

const HIDDEN: &str = "(hidden)";
/// What is kept of a line.
const LINE_OCTETS_MAX: usize = 500;
/// What is kept of one answer.
const LINES_AT_ONCE_MAX: usize = 100;
/// What is kept in all.
const LINES_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(protocol: Protocol, logged_in: bool, said: &str, kept: &[&str]) {
        for split in 1..said.len() {
            let (mut ear, mut transcript) = (Ear::new(1, protocol), Transcript::default());
            let (one, other) = said.as_bytes().split_at(split);
            ear.client(one, logged_in, &mut transcript);
            ear.client(other, logged_in, &mut transcript);
            let lines: Vec<&str> = transcript.from(0).map(|line| line.text.as_str()).collect();
            assert_eq!(lines, kept);
        }
    }

    #[test]
    fn no_part_of_a_login_is_kept() {
        check(
            Protocol::Imap,
            false,
            "a LOGIN jane secret\r\nb login {4}\r\njane {6}\r\nsecret\r\nc AUTHENTICATE PLAIN c2VjcmV0\r\nd noop\r\n",
            &[
                "a LOGIN (hidden)",
                "b LOGIN (hidden)",
                "(hidden)",
                "(hidden)",
                "c AUTHENTICATE PLAIN (hidden)",
                "d noop",
            ],
        );
        check(
            Protocol::Submission,
            false,
            "EHLO me\r\nAUTH LOGIN\r\nc2VjcmV0\r\nauth plain c2VjcmV0\r\n",
            &["EHLO me", "AUTH LOGIN", "(hidden)", "AUTH plain (hidden)"],
        );
        check(Protocol::Pop3, false, "USER jane\r\nPASS sec ret\r\n", &["USER jane", "PASS (hidden)"]);
    }

    #[test]
    fn after_the_login_lines_are_kept_but_for_logins() {
        check(
            Protocol::Imap,
            true,
            "a SELECT INBOX\r\nb LOGIN jane secret\r\n",
            &["a SELECT INBOX", "b LOGIN (hidden)"],
        );
        check(
            Protocol::Imap,
            true,
            "a unauthenticate\r\nb LOGIN {4+}\r\njane {6+}\r\nsecret\r\n",
            &["a unauthenticate", "b LOGIN (hidden)", "(hidden)", "(hidden)"],
        );
        let (mut ear, mut transcript) = (Ear::new(1, Protocol::Imap), Transcript::default());
        for (client, server) in
            [("a LOGIN {4}\r\n", "+ go on\r\n"), ("jane {6}\r\n", "+ go on\r\n"), ("secret\r\n", "a BAD no\r\n")]
        {
            ear.client(client.as_bytes(), true, &mut transcript);
            ear.server(server.as_bytes(), &mut transcript);
        }
        ear.client(b"b SELECT INBOX\r\n", true, &mut transcript);
        let of_client = transcript.from(0).filter(|line| line.speaker == Speaker::Client);
        let lines: Vec<&str> = of_client.map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["a LOGIN (hidden)", "(hidden)", "(hidden)", "b SELECT INBOX"]);
    }
}
