//! The tokens of structured header fields (RFC 5322 §3.2, RFC 2045 §5.1): atoms, quoted strings, comments, tokens.
//! Bytes beyond ASCII are letters. It knows no particular field.

/// A cursor over a field's value.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    octets: &'a [u8],
    at: usize,
    /// The text of the comment that was skipped last.
    pub(crate) comment: Vec<u8>,
}

impl<'a> Tokens<'a> {
    /// Begins at a value, after its leading blanks and comments.
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        let mut tokens = Self { octets, at: 0, comment: Vec::new() };
        tokens.skip_blanks();
        tokens
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The octets from `start` to here.
    pub(crate) fn between(&self, start: usize) -> &'a [u8] {
        self.octets.get(start..self.at).unwrap_or(b"")
    }

    /// Skips one octet, whatever it is, and nothing more.
    pub(crate) fn skip_octet(&mut self) {
        self.at = (self.at + 1).min(self.octets.len());
    }

    /// Takes this octet and the blanks after it, if it is the next one.
    pub(crate) fn take(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        if is_next {
            self.at += 1;
            self.skip_blanks();
        }
        is_next
    }

    /// Skips white space and comments.
    ///
    /// ```abnf
    /// CFWS = (1*([FWS] comment) [FWS]) / FWS
    /// ```
    pub(crate) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'(') => self.skip_comment(),
                Some(_) | None => return,
            }
        }
    }

    /// One or more octets of a kind; the blanks after them are skipped.
    pub(crate) fn run(&mut self, is_one: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let rest = &self.octets[self.at..];
        let run = &rest[..rest.iter().position(|octet| !is_one(*octet)).unwrap_or(rest.len())];
        if run.is_empty() {
            return None;
        }
        self.at += run.len();
        self.skip_blanks();
        Some(run)
    }

    /// A token of RFC 2045 §5.1.
    pub(crate) fn token(&mut self) -> Option<&'a [u8]> {
        self.run(|octet| octet > b' ' && octet != 0x7f && !b"()<>@,;:\\\"/[]?=".contains(&octet))
    }

    /// The content of a quoted string, if one begins here; an unterminated one extends to the end.
    pub(crate) fn quoted(&mut self) -> Option<Vec<u8>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.at += 1;
        let mut text = Vec::new();
        while let Some(octet) = self.peek() {
            self.at += 1;
            match octet {
                b'"' => break,
                b'\r' | b'\n' => {}
                b'\\' => {
                    text.extend(self.peek());
                    self.at = (self.at + 1).min(self.octets.len());
                }
                octet => text.push(octet),
            }
        }
        self.skip_blanks();
        Some(text)
    }

    /// Words, with one space between them.
    ///
    /// ```abnf
    /// phrase = word *(word / "." / CFWS)      ; RFC 5322 §4.1, obs-phrase
    /// ```
    pub(crate) fn phrase(&mut self) -> Option<Vec<u8>> {
        let mut phrase = Vec::new();
        let mut words = 0;
        while let Some(octet) = self.peek() {
            if octet != b'"' && octet != b'.' && !is_atext(octet) {
                break;
            }
            if words > 0 {
                phrase.push(b' ');
            }
            match self.quoted() {
                Some(text) => phrase.extend(text),
                None => phrase.extend(self.run(|octet| octet == b'.' || is_atext(octet))?),
            }
            words += 1;
        }
        (words > 0).then_some(phrase)
    }

    /// Atoms with dots between them, without blanks around the dots (RFC 5322 §4.4).
    pub(crate) fn dot_atom(&mut self) -> Option<Vec<u8>> {
        let mut atom = self.run(is_atext)?.to_vec();
        while self.peek() == Some(b'.') {
            atom.push(b'.');
            self.take(b'.');
            match self.run(is_atext) {
                Some(more) => atom.extend(more),
                None => break,
            }
        }
        Some(atom)
    }

    /// A domain, or an address in brackets.
    pub(crate) fn domain(&mut self) -> Option<Vec<u8>> {
        if self.peek() != Some(b'[') {
            return self.dot_atom();
        }
        let rest = &self.octets[self.at..];
        let end = rest.iter().position(|octet| *octet == b']')?;
        self.at += end + 1;
        self.skip_blanks();
        Some(rest[..=end].to_vec())
    }

    fn skip_comment(&mut self) {
        self.comment.clear();
        let mut depth = 0_usize;
        while let Some(octet) = self.peek() {
            self.at += 1;
            match octet {
                b'(' => {
                    if depth > 0 {
                        self.comment.push(octet);
                    }
                    depth += 1;
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    self.comment.push(octet);
                }
                b'\\' => {
                    self.comment.extend(self.peek());
                    self.at = (self.at + 1).min(self.octets.len());
                }
                b'\r' | b'\n' => {}
                octet => self.comment.push(octet),
            }
        }
    }
}

/// RFC 5322 §3.2.3, and everything beyond ASCII (RFC 6532 §3.2).
pub(crate) fn is_atext(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet >= 0x80 || b"!#$%&'*+-/=?^_`{|}~".contains(&octet)
}
