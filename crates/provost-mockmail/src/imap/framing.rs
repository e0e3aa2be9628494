//! From bytes to whole commands: lines with the literals that they announce (RFC 3501 §4.3, RFC 7888). It does not look
//! at the commands.

/// Bytes that have arrived, taken command by command.
#[derive(Debug, Default)]
pub(super) struct Framing {
    buffer: Vec<u8>,
    /// Where the line begins that is awaited; before it are lines and literals of the same command.
    line: usize,
    /// Whether the client was told to send the literal that is awaited.
    asked: bool,
}

/// The literals that a client may send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literals {
    /// The most octets in one.
    pub(super) octets_max: usize,
    /// Whether a non-synchronizing one has at most 4096 octets (RFC 7888 §5).
    pub(super) are_minus: bool,
}

/// What the bytes so far are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A whole command, literals in place, without the final CRLF.
    Command(Vec<u8>),
    /// The client waits for the continuation before it sends a literal.
    Continue,
    /// More bytes are needed.
    Incomplete,
    /// The command up to a literal that is too long. The client waits for the continuation, so nothing more of the
    /// command will come.
    LiteralTooLong(Vec<u8>),
    /// Longer than any honest client's command.
    TooLong,
}

impl Framing {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether no part of a command is there.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next command.
    pub(super) fn next(&mut self, literals: Literals) -> Frame {
        loop {
            // Inside an awaited literal there is nothing to look for.
            if self.buffer.len() < self.line {
                return Frame::Incomplete;
            }
            let Some(end) = self.buffer[self.line..].iter().position(|byte| *byte == b'\n') else {
                let too_long = self.buffer.len() - self.line > LINE_OCTETS_MAX;
                return if too_long { Frame::TooLong } else { Frame::Incomplete };
            };
            let end = self.line + end;
            let line = &self.buffer[self.line..end];
            if line.len() > LINE_OCTETS_MAX {
                return Frame::TooLong;
            }
            let Some(literal) = announced(line) else {
                let mut command: Vec<u8> = self.buffer.drain(..=end).collect();
                command.pop();
                if command.last() == Some(&b'\r') {
                    command.pop();
                }
                self.line = 0;
                return Frame::Command(command);
            };
            let unasked_max = if literals.are_minus { LITERAL_MINUS_OCTETS_MAX } else { literals.octets_max };
            // A command may have several, and is held in memory until it is whole.
            let is_too_much = literal.octets > literals.octets_max
                || self.buffer.len().saturating_add(literal.octets) > literals.octets_max.saturating_mul(LITERALS_MAX);
            if !literal.synchronizing && (literal.octets > unasked_max || is_too_much) {
                // It is already on its way; RFC 7888 §4 lets a server close the connection.
                return Frame::TooLong;
            }
            if is_too_much {
                self.line = 0;
                return Frame::LiteralTooLong(self.buffer.drain(..=end).collect());
            }
            if literal.synchronizing && !self.asked {
                self.asked = true;
                return Frame::Continue;
            }
            self.line = end + 1 + literal.octets;
            self.asked = false;
            self.buffer.reserve(literal.octets.min(RESERVE_OCTETS_MAX));
        }
    }
}

struct Announced {
    octets: usize,
    synchronizing: bool,
}

/// The literal that a line ends with.
///
/// ```abnf
/// literal = "{" number ["+"] "}" CRLF *CHAR8      ; RFC 7888 §8
/// ```
fn announced(line: &[u8]) -> Option<Announced> {
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let number = std::str::from_utf8(&line[open + 1..]).ok()?;
    let (number, synchronizing) = number.strip_suffix('+').map_or((number, true), |number| (number, false));
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    // A number that overflows is more than any limit.
    (!number.is_empty()).then(|| Announced { octets: number.parse().unwrap_or(usize::MAX), synchronizing })
}

/// RFC 7162 §4 asks for at least 8192 octets; a set of thousands of messages is longer.
const LINE_OCTETS_MAX: usize = 64 * 1024;
/// How many literals of the greatest length a command may have.
const LITERALS_MAX: usize = 4;
/// RFC 7888 §5.
const LITERAL_MINUS_OCTETS_MAX: usize = 4096;
/// The most memory that is reserved for a literal before it arrives, in case it never does.
const RESERVE_OCTETS_MAX: usize = 256 * 1024;
