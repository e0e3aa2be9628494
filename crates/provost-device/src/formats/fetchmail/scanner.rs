//! The words of a `.fetchmailrc`, as the scanner of fetchmail 6.4.37 divides the text (observed with `--configdump`,
//! 2026-11). Which word may follow which is the grammar's affair.
//!
//! The longest piece that can be a word is one, and a quotation mark inside a word is a character like any other:
//! `"a\"b"` is a word of six characters with both marks. The word after `user`, `password`, `is`, `to` and `=` is a
//! text, even if it is spelled like an option.
//!
//! ```abnf
//! quoted  = DQUOTE *not-DQUOTE DQUOTE / "'" *not-apostrophe "'"      ; over lines, too
//! word    = 1*<neither = ; : , nor blank>
//! comment = "#" *<not LF> LF                                         ; without LF it is a word
//! noise   = "and" / "has" / "options" / "wants" / "with" / ";" / ":" / ","
//! escape  = "\" ( LF / "n" / "t" / "b" / "r" / "x" 0*2HEXDIG / "0" 0*2OCTDIG / 1*3DIGIT / char )
//! ```

use provost_account::{Findings, Place};

use crate::source_text::within_limit;

/// A word, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) token: Token,
    /// As it is written.
    pub(super) written: String,
    pub(super) place: Place,
}

/// What a word can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word of the grammar, by its longest spelling.
    Keyword(&'static str),
    /// The name of a protocol, in lower case.
    Protocol(&'static str),
    /// The name of a way to log in.
    Method(&'static str),
    /// Digits.
    Number,
    /// Everything else, and everything in quotation marks.
    Text(Text),
    /// `=`.
    Equals,
}

/// A text without its marks and escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) value: String,
    /// Whether the octets are UTF-8; if not, `value` has them as Latin-1.
    pub(super) is_utf_8: bool,
}

/// Every word of a file, and where the file ends.
pub(super) fn words(bytes: &[u8], findings: &mut Findings) -> Option<(Vec<Word>, Place)> {
    within_limit(bytes, findings)?;
    let mut here = Here { at: 0, place: Place { line: 1, column: 1 } };
    let mut words = Vec::new();
    let mut expects = Expects::Keyword;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let place = here.moved_to(at, bytes);
        match piece(rest) {
            Piece::Nothing(length) => at += length,
            Piece::Equals => {
                words.push(Word { token: Token::Equals, written: "=".to_owned(), place });
                expects = Expects::Text;
                at += 1;
            }
            Piece::Quoted(length) => {
                let token = Token::Text(text(&rest[1..length - 1]));
                words.push(Word { token, written: latin_1_or_utf_8(&rest[..length]).value, place });
                expects = Expects::Keyword;
                at += length;
            }
            Piece::Word(length) => {
                let written = latin_1_or_utf_8(&rest[..length]).value;
                at += match written.strip_prefix("no").filter(|rest| NEGATED.contains(rest)) {
                    Some(_) if expects != Expects::Text => {
                        words.push(Word { token: Token::Keyword("no"), written: "no".to_owned(), place });
                        2
                    }
                    Some(_) | None => {
                        let token = match expects {
                            Expects::Text => Token::Text(text(&rest[..length])),
                            Expects::Keyword | Expects::Method => token(&written, &rest[..length], expects),
                        };
                        expects = after(&token, expects);
                        if token != Token::Keyword(NOISE) {
                            words.push(Word { token, written, place });
                        }
                        length
                    }
                };
            }
        }
    }
    Some((words, here.moved_to(at, bytes)))
}

/// A place that moves on with the offset: a line may have a million words.
struct Here {
    at: usize,
    place: Place,
}

impl Here {
    fn moved_to(&mut self, at: usize, bytes: &[u8]) -> Place {
        for octet in &bytes[self.at..at] {
            match octet {
                b'\n' => self.place = Place { line: self.place.line + 1, column: 1 },
                // Continuation bytes are not characters.
                octet if octet & 0xc0 != 0x80 => self.place.column += 1,
                _ => {}
            }
        }
        self.at = at;
        self.place
    }
}

/// What the next word can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    Keyword,
    /// After `auth`: `password` is a method, not an option.
    Method,
    /// A text, however it is spelled.
    Text,
}

fn after(token: &Token, before: Expects) -> Expects {
    match token {
        Token::Keyword("username" | "password" | "is" | "to") => Expects::Text,
        Token::Keyword("auth") => Expects::Method,
        Token::Method(_) => Expects::Keyword,
        Token::Text(_) if before == Expects::Text => Expects::Keyword,
        Token::Keyword(_) | Token::Protocol(_) | Token::Number | Token::Text(_) | Token::Equals => before,
    }
}

/// A piece of the text, with its length in octets.
enum Piece {
    /// Blanks, a comment, punctuation.
    Nothing(usize),
    Equals,
    Quoted(usize),
    Word(usize),
}

fn piece(rest: &[u8]) -> Piece {
    let word = rest.iter().position(|octet| b"=;:, \t\r\n".contains(octet)).unwrap_or(rest.len());
    match rest[0] {
        b';' | b':' | b',' | b' ' | b'\t' | b'\r' | b'\n' => return Piece::Nothing(1),
        b'=' => return Piece::Equals,
        b'\\' if rest.get(1) == Some(&b'\n') => return Piece::Nothing(2),
        b'#' => {
            if let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
                return Piece::Nothing(end + 1);
            }
        }
        mark @ (b'"' | b'\'') => {
            if let Some(end) = rest[1..].iter().position(|octet| *octet == mark)
                && end + 2 >= word
            {
                return Piece::Quoted(end + 2);
            }
        }
        _ => {}
    }
    Piece::Word(word)
}

fn token(written: &str, octets: &[u8], expects: Expects) -> Token {
    if expects == Expects::Method && matches!(written, "password" | "pass") {
        return if written == "password" { Token::Method("password") } else { Token::Text(text(octets)) };
    }
    let is_number = written.strip_prefix('-').unwrap_or(written);
    if !is_number.is_empty() && is_number.bytes().all(|octet| octet.is_ascii_digit()) {
        return Token::Number;
    }
    let find = |list: &'static [&'static [&'static str]]| list.iter().find(|it| it.contains(&written)).map(|it| it[0]);
    find(KEYWORDS)
        .map(Token::Keyword)
        .or_else(|| find(PROTOCOLS).map(Token::Protocol))
        .or_else(|| find(METHODS).map(Token::Method))
        .unwrap_or_else(|| Token::Text(text(octets)))
}

/// The text of octets with escapes; it ends at an octet 0, as texts do in C.
fn text(octets: &[u8]) -> Text {
    let mut text = Vec::new();
    let mut rest = octets;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            text.push(*first);
            continue;
        }
        let Some((escaped, after)) = rest.split_first() else { break };
        let (octet, length) = match escaped {
            b'\n' => {
                rest = after;
                continue;
            }
            b'x' | b'X' => {
                let (octet, length) = number(after, 16, 2);
                (octet, 1 + length)
            }
            b'0' => number(rest, 8, 3),
            b'1'..=b'9' => number(rest, 10, 3),
            b'n' => (b'\n', 1),
            b't' => (b'\t', 1),
            b'b' => (8, 1),
            b'r' => (b'\r', 1),
            other => (*other, 1),
        };
        text.push(octet);
        rest = &rest[length..];
    }
    let end = text.iter().position(|octet| *octet == 0).unwrap_or(text.len());
    latin_1_or_utf_8(&text[..end])
}

/// The octet that digits give, which are taken modulo 256, and how many digits there are.
fn number(octets: &[u8], radix: u32, digits_max: usize) -> (u8, usize) {
    let digits = octets.iter().map_while(|octet| char::from(*octet).to_digit(radix)).take(digits_max);
    let (value, length) = digits.fold((0_u32, 0), |(value, length), digit| (value * radix + digit, length + 1));
    (u8::try_from(value % 256).expect("a remainder of 256 is an octet"), length)
}

fn latin_1_or_utf_8(octets: &[u8]) -> Text {
    match std::str::from_utf8(octets) {
        Ok(value) => Text { value: value.to_owned(), is_utf_8: true },
        Err(_) => Text { value: octets.iter().copied().map(char::from).collect(), is_utf_8: false },
    }
}

/// Words that mean nothing.
const NOISE: &str = "with";

/// What may follow `no` without a blank between them.
const NEGATED: &[&str] = &[
    "bouncemail",
    "checkalias",
    "dns",
    "dropdelivered",
    "dropstatus",
    "envelope",
    "fetchall",
    "flush",
    "forcecr",
    "idle",
    "keep",
    "limitflush",
    "mimedec",
    "mimedecode",
    "pass8",
    "pass8bits",
    "rewrite",
    "spambounce",
    "stripcr",
    "uidl",
];

/// The words of the grammar, alphabetical, each with its other spellings.
const KEYWORDS: &[&[&str]] = &[
    &["accept"],
    &["aka"],
    &["antispam"],
    &["auth", "authenticate", "preauth", "preauthenticate"],
    &["bad-header"],
    &["batchlimit"],
    &["bouncemail"],
    &["bsmtp"],
    &["checkalias"],
    &["daemon"],
    &["defaults"],
    &["dns"],
    &["dropdelivered"],
    &["dropstatus"],
    &["envelope"],
    &["esmtpname"],
    &["esmtppassword"],
    &["expunge"],
    &["fastuidl"],
    &["fetchall"],
    &["fetchdomains"],
    &["fetchlimit"],
    &["fetchsizelimit"],
    &["flush"],
    &["folder", "folders"],
    &["forcecr"],
    &["here"],
    &["idfile"],
    &["idle"],
    &["interface"],
    &["interval"],
    &["invisible"],
    &["is"],
    &["keep"],
    &["limit"],
    &["limitflush"],
    &["lmtp"],
    &["localdomains", "local"],
    &["logfile"],
    &["mda"],
    &["mimedecode", "mimedec"],
    &["monitor"],
    &["no"],
    &["pass8bits", "pass8"],
    &["password", "pass"],
    &["pidfile"],
    &["plugin"],
    &["plugout"],
    &["poll", "server"],
    &["port"],
    &["postconnect", "post"],
    &["postmaster"],
    &["preconnect", "pre"],
    &["principal"],
    &["properties"],
    &["protocol", "proto"],
    &["qvirtual"],
    &["reject"],
    &["rewrite"],
    &["service"],
    &["set"],
    &["showdots"],
    &["skip"],
    &["smtpaddress"],
    &["smtphost", "smtp"],
    &["smtpname"],
    &["softbounce"],
    &["spambounce"],
    &["ssl"],
    &["sslcert"],
    &["sslcertck"],
    &["sslcertfile"],
    &["sslcertpath"],
    &["sslcommonname"],
    &["sslfingerprint"],
    &["sslkey"],
    &["sslproto"],
    &["stripcr"],
    &["syslog"],
    &["there"],
    &["timeout"],
    &["to"],
    &["tracepolls"],
    &["uidl"],
    &["username", "user"],
    &["via"],
    &["warnings"],
    &[NOISE, "and", "has", "options", "wants"],
];

/// Protocols have two spellings, and no others: `Imap` is none.
const PROTOCOLS: &[&[&str]] = &[
    &["apop", "APOP"],
    &["auto", "AUTO"],
    &["etrn", "ETRN"],
    &["imap", "IMAP"],
    &["kpop", "KPOP"],
    &["odmr", "ODMR"],
    &["pop2", "POP2"],
    &["pop3", "POP3"],
    &["rpop", "RPOP"],
    &["sdps", "SDPS"],
];

const METHODS: &[&[&str]] = &[
    &["any"],
    &["cram-md5", "cram"],
    &["external"],
    &["gssapi"],
    &["kerberos_v4", "kerberos4", "kerberos"],
    &["kerberos_v5", "kerberos5"],
    &["msn"],
    &["ntlm"],
    &["otp", "opie"],
    &["ssh"],
];

/// Every spelling of a word of the grammar.
pub(super) fn spellings() -> Vec<&'static str> {
    KEYWORDS.iter().chain(PROTOCOLS).chain(METHODS).flat_map(|it| it.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words as they are written, texts with their value.
    #[track_caller]
    fn check(file: &str, expected: &[&str]) {
        let (words, _) = words(file.as_bytes(), &mut Findings::default()).expect("words");
        let shown = |word: &Word| match &word.token {
            Token::Text(text) => format!("'{}'", text.value),
            Token::Keyword(_) | Token::Protocol(_) | Token::Method(_) | Token::Number | Token::Equals => {
                word.written.clone()
            }
        };
        assert_eq!(words.iter().map(shown).collect::<Vec<_>>(), expected, "{file}");
    }

    /// `fetchmail --configdump` of fetchmail 6.4.37.
    #[test]
    fn a_text_ends_where_fetchmail_ends_it() {
        check("user \"a\\\"b\"\n", &["user", "'\"a\"b\"'"]);
        check("user 'a b'c\n", &["user", "'a b'", "'c'"]);
        check("user a#b # c\n", &["user", "'a#b'"]);
        check("user a # c", &["user", "'a'", "'#'", "'c'"]);
        check("user keep keep\n", &["user", "'keep'", "keep"]);
        check("user \"a\\\nb\" pass c\\\n keep", &["user", "'ab'", "pass", "'c'", "keep"]);
        check("pass \"a\\nb\\x41\\0101\\\\\"", &["pass", "'a\nbA\u{8}1\\'"]);
        check("user caf\\233", &["user", "'caf\u{e9}'"]);
        check("auth password password password", &["auth", "password", "password", "'password'"]);
        check("nokeep no keep nossl", &["no", "keep", "no", "keep", "'nossl'"]);
        check("port 993, service \"993\"; 993x", &["port", "993", "service", "'993'", "'993x'"]);
        check("user a=b", &["user", "'a'", "=", "'b'"]);
    }
}
