//! From bytes to whole commands: lines, with the literals that they announce (RFC 3501 §4.3, RFC 7888). It does not
//! look at the commands.

/// Bytes that have arrived, taken command by command.
#[derive(Debug, Default)]
pub(super) struct Framing {
    buffer: Vec<u8>,
    /// Where the line begins that is being waited for; before it are lines and literals of the same command.
    line: usize,
    /// Whether the client was told to go on with the literal that is being waited for.
    asked: bool,
}

/// What literals a client may send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literals {
    /// How long one may be.
    pub(super) octets_max: usize,
    /// Whether one that is not asked for has 4096 octets at most (RFC 7888 §5).
    pub(super) are_minus: bool,
}

/// What the bytes so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A whole command, literals in place, without the final CRLF.
    Command(Vec<u8>),
    /// The client waits for leave to send a literal.
    Continue,
    /// More bytes are needed.
    Incomplete,
    /// The command up to a literal larger than any message here. The client waits for leave to send it, so this is all
    /// of the command that will come.
    LiteralTooLong(Vec<u8>),
    /// Longer than anybody honest writes.
    TooLong,
}

impl Framing {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing of a command is there yet.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next command.
    pub(super) fn next(&mut self, literals: Literals) -> Frame {
        loop {
            // A literal is being waited for: nothing to look for in it.
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
            // One command may bring several, and all of it is held until it is whole.
            let is_too_much = literal.octets > literals.octets_max
                || self.buffer.len().saturating_add(literal.octets) > literals.octets_max.saturating_mul(LITERALS_MAX);
            if !literal.synchronizing && (literal.octets > unasked_max || is_too_much) {
                // It is on its way already; RFC 7888 §4 lets a server close the connection.
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
    // More digits than a number has room for is more than any limit.
    (!number.is_empty()).then(|| Announced { octets: number.parse().unwrap_or(usize::MAX), synchronizing })
}

/// RFC 7162 §4 asks for room for 8192 octets; clients that name thousands of messages in one set write more.
const LINE_OCTETS_MAX: usize = 64 * 1024;
/// How many literals as long as can be a command may have.
const LITERALS_MAX: usize = 4;
/// RFC 7888 §5.
const LITERAL_MINUS_OCTETS_MAX: usize = 4096;
/// Room that is made for a literal before it is there: who announces much and sends nothing costs no more.
const RESERVE_OCTETS_MAX: usize = 256 * 1024;
