//! From bytes to whole commands: lines, with the literals that they announce (RFC 3501 §4.3, RFC 7888). It does not look
//! at what a command says.

/// Bytes that have arrived, taken command by command.
#[derive(Debug, Default)]
pub(super) struct Framing {
    buffer: Vec<u8>,
    /// Where the line begins that is being waited for; before it are lines and literals of the same command.
    line: usize,
    /// Whether the client was told to go on with the literal that is being waited for.
    asked: bool,
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

    pub(super) fn next(&mut self) -> Frame {
        loop {
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
            if literal.octets > LITERAL_OCTETS_MAX {
                return Frame::TooLong;
            }
            if literal.synchronizing && !self.asked {
                self.asked = true;
                return Frame::Continue;
            }
            if self.buffer.len() < end + 1 + literal.octets {
                return Frame::Incomplete;
            }
            self.line = end + 1 + literal.octets;
            self.asked = false;
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
const LITERAL_OCTETS_MAX: usize = 25 * 1024 * 1024;
