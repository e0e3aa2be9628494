//! A message on its way in: by DATA (RFC 5321 §4.1.1.4), or in the chunks of BDAT (RFC 3030).

use super::delivery::concerns;
use super::envelope::{Body, Envelope};
use super::{Session, State};
use crate::faults::Fault;
use crate::message::mime::received_binary;
use crate::message::received;
use crate::session::{End, Next, Output, Piece};
use crate::store::{Served, Store};

/// A message on its way in.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) envelope: Envelope,
    /// How what came before ended: a dot ends the message behind CRLF alone.
    before: Option<End>,
    pub(super) bytes: Vec<u8>,
    octets_max: usize,
    /// Why it will not be taken, when all of it is here.
    pub(super) refused: Option<&'static str>,
}

impl Content {
    fn of(envelope: Envelope, store: &Store) -> Self {
        Self { envelope, octets_max: store.limits.message_octets, ..Self::default() }
    }

    /// Takes a line of DATA, or a part of one; whether it was the end of the message.
    pub(super) fn ends_with(&mut self, piece: &Piece<'_>) -> bool {
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

    /// Gives all of it the line ends that it has on its way to clients; returns the reply that refuses it.
    pub(super) fn finish(&mut self) -> Option<&'static str> {
        let bytes = std::mem::take(&mut self.bytes);
        // RFC 3030 §3: of what is declared as binary, every octet counts.
        let taken = match self.envelope.body {
            Body::BinaryMime => received_binary(bytes),
            Body::SevenBit | Body::EightBitMime => received(bytes),
        };
        let Ok(bytes) = taken else { return Some("554 5.6.0 lines of the header end in CR alone") };
        self.bytes = bytes;
        (self.bytes.len() > self.octets_max).then_some(TOO_LARGE)
    }

    pub(super) fn take(&mut self, octets: &[u8]) {
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
    pub(super) fn data(&mut self, store: &Served<'_>, output: &mut Output) {
        let reply = match &mut self.state {
            State::Envelope(envelope) => {
                if let Some(reply) = refused_data(envelope, store) {
                    reply
                } else if envelope.body == Body::BinaryMime {
                    // RFC 3030 §3: "BINARYMIME cannot be used with the DATA command."
                    "503 5.5.1 BINARYMIME comes by BDAT"
                } else if envelope.recipients.is_empty() {
                    "554 5.5.1 no recipients"
                } else {
                    self.state = State::Content(Content::of(std::mem::take(envelope), store));
                    "354 the message, then a line with a dot"
                }
            }
            State::Chunks(_) => "503 5.5.1 BDAT began, and BDAT goes on",
            State::Ready | State::Authenticating(_) | State::Content(_) | State::Chunk { .. } | State::Deaf => {
                "503 5.5.1 RCPT first"
            }
        };
        output.line(reply);
    }

    /// ```abnf
    /// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF      ; RFC 3030 §2
    /// ```
    pub(super) fn chunk(&mut self, argument: &str, store: &Served<'_>, output: &mut Output) {
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
            | State::Deaf => Content { refused: Some("503 5.5.1 RCPT first"), ..Content::default() },
        };
        if let Some(reply) = refused_data(&content.envelope, store) {
            content.refuse(reply);
        }
        self.state = State::Chunk { content, left, last };
    }

    pub(super) fn chunk_is_here(&mut self, content: Content, last: bool, store: &mut Served<'_>, output: &mut Output) {
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
}

/// What DATA and BDAT are answered where a fault is in force.
fn refused_data(envelope: &Envelope, store: &Served<'_>) -> Option<&'static str> {
    let deferred = concerns(Fault::DataDeferred, envelope, store).then_some("451 4.3.0 put off; try again later");
    deferred.or(concerns(Fault::DataRefused, envelope, store).then_some("554 5.6.0 no message is taken"))
}

const TOO_LARGE: &str = "552 5.3.4 larger than any message here";

#[cfg(test)]
mod tests {
    use crate::session::tests::{says, smtp, store};

    /// A line of a message may be as long as the message; what is longer is refused when all of it is there.
    #[test]
    fn no_line_is_cut_off_in_the_middle_of_a_message() {
        let begin = "EHLO c\r\nAUTH PLAIN AHRpbUBleGFtcGxlLm9yZwB0YW5zdGFhZnRhbnN0YWFm\r\nMAIL FROM:<tim@example.org>\r\n\
                     RCPT TO:<tim@example.org>\r\nDATA\r\n";
        for octets in [60_000, 65_535, 65_536, 65_537, 70_000, 400_000, 600_000] {
            let line = "x".repeat(octets);
            let message = format!("Subject: {line}\r\n\r\n..{line}\r\n..\r\n");
            let (mut session, mut store) = (smtp(), store(&[]));
            store.limits.message_octets = 1_000_000;
            let account = store.accounts.recipient("tim@example.org").expect("an account");
            says(&mut session, begin, &mut store);
            // As the shell hands it over: in pieces that end anywhere.
            let input = format!("{message}.\r\nNOOP\r\n");
            let pieces = input.as_bytes().chunks(8191).map(|piece| std::str::from_utf8(piece).expect("ASCII"));
            let said: String = pieces.map(|piece| says(&mut session, piece, &mut store)).collect();
            let is_taken = octets < 600_000;
            let (code, last) = if is_taken { ("250 2.0.0", message.as_str()) } else { ("552 5.3.4", "") };
            assert!(said.starts_with(code) && said.contains("\r\n250 2.0.0"), "{octets}: {said}");
            // Each of the two dots that begin a line was doubled.
            let expected = format!("Return-Path: <tim@example.org>\r\n{}", last.replace("\r\n..", "\r\n."));
            let inbox = &store.folders(account).inbox().messages;
            assert_eq!(inbox.last().is_some_and(|it| *it.bytes == *expected.as_bytes()), is_taken, "{octets}");
        }
    }
}
