//! The words of a `.fetchmailrc`, and which user each option holds for. What the options mean is not known here.
//!
//! ```abnf
//! file    = *global [ defaults ] *entry
//! entry   = ( "poll" / "skip" ) name *server-option *( "user" name *user-option )
//! string  = DQUOTE *( char / escape ) DQUOTE / "'" *( char / escape ) "'"
//! escape  = "\" ( "n" / "t" / "b" / "r" / "x" 2HEXDIG / "0" *OCTDIG / char )
//! ```

use provost_account::{Findings, Place, codes::profile as codes, shown};

use crate::source_text::text;
use crate::spelling::did_you_mean;

/// A user of a polled server, with the options of `defaults`, of the server, and their own.
#[derive(Debug)]
pub(super) struct User {
    pub(super) polled: String,
    pub(super) place: Place,
    options: Vec<Given>,
}

/// An option as it was given.
#[derive(Debug, Clone)]
struct Given {
    name: &'static str,
    value: String,
    place: Place,
}

impl User {
    /// The last value of an option.
    pub(super) fn value(&self, name: &str) -> Option<(&str, Place)> {
        let given = self.options.iter().rev().find(|given| given.name == name)?;
        Some((given.value.as_str(), given.place))
    }

    /// The server that fetchmail connects to.
    pub(super) fn host(&self) -> &str {
        self.value("via").map_or(self.polled.as_str(), |(host, _)| host)
    }

    /// Whether an option without a value is on: given, and not taken back later.
    pub(super) fn switch(&self, name: &str) -> bool {
        self.value(name).is_some_and(|(value, _)| value == ON)
    }
}

/// Every user of every server that is polled.
pub(super) fn users(bytes: &[u8], findings: &mut Findings) -> Option<Vec<User>> {
    let words = words(text(bytes, findings)?, findings)?;
    let mut words = words.into_iter();
    let (mut defaults, mut server, mut polled) = (Vec::new(), Vec::new(), None);
    let mut users: Vec<User> = Vec::new();
    let mut level = Level::Defaults;
    while let Some(word) = words.next() {
        let negated = word.is("no");
        let word = if negated { words.next()? } else { word };
        let Some(option) = OPTIONS.iter().find(|option| option.words.iter().any(|it| word.is(it))) else {
            let names: Vec<&str> = OPTIONS.iter().flat_map(|option| option.words).copied().collect();
            let message = format!("{} is not an option: fetchmail rejects the file", shown(&word.text));
            let fix = did_you_mean(&word.text, &names);
            return findings.refuse(codes::CONFIG_SYNTAX, Some(word.place), message, fix);
        };
        let value = match option.takes {
            Takes::Nothing if negated => OFF.to_owned(),
            Takes::Nothing => option.value.to_owned(),
            Takes::Value => match words.next() {
                Some(value) => value.text,
                None => {
                    let message = format!("nothing follows {:?}", word.text);
                    return findings.refuse(codes::CONFIG_SYNTAX, Some(word.place), message, "write its value");
                }
            },
        };
        let given = Given { name: option.words[0], value, place: word.place };
        match given.name {
            "defaults" => level = Level::Defaults,
            "poll" => {
                (level, server, polled) = (Level::Server, Vec::new(), Some(given.value));
            }
            "skip" => (level, server, polled) = (Level::Server, Vec::new(), None),
            "username" => {
                level = Level::User;
                let options = defaults.iter().chain(&server).cloned().chain([given]).collect();
                let user = User { polled: polled.clone().unwrap_or_else(String::new), place: word.place, options };
                users.push(user);
            }
            _ => match (level, users.last_mut()) {
                (Level::User, Some(user)) => user.options.push(given),
                (Level::Server, _) => server.push(given),
                (Level::Defaults | Level::User, _) => defaults.push(given),
            },
        }
    }
    users.retain(|user| !user.polled.is_empty());
    Some(users)
}

/// What the options that follow hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Defaults,
    Server,
    User,
}

#[derive(Debug)]
struct Word {
    text: String,
    place: Place,
    quoted: bool,
}

impl Word {
    /// Whether this is a keyword, which is never quoted.
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }
}

/// The words, without comments, punctuation and what fetchmail calls noise.
fn words(text: &str, findings: &mut Findings) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut rest = line;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ','));
            let place = Place { line: at + 1, column: line[..line.len() - rest.len()].chars().count() + 1 };
            let Some(first) = rest.chars().next().filter(|first| *first != '#') else { break };
            let (text, length, quoted) = match first {
                '"' | '\'' => {
                    let Some((text, length)) = string(rest, first) else {
                        let message = "a quotation mark is not closed in its line, or an escape is none";
                        let fix = "close it; write \\x22 for the mark itself";
                        return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
                    };
                    (text, length, true)
                }
                _ => {
                    let ends = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '#');
                    let word = rest.split(ends).next().unwrap_or(rest);
                    let plain = word.trim_end_matches(':');
                    (plain.to_owned(), word.len(), false)
                }
            };
            rest = &rest[length..];
            let word = Word { text, place, quoted };
            if !NOISE.iter().any(|noise| word.is(noise)) {
                words.push(word);
            }
        }
    }
    Some(words)
}

/// The string that begins here and how long it is with its marks. Octets that escapes give are UTF-8 together.
fn string(text: &str, mark: char) -> Option<(String, usize)> {
    let mut octets = Vec::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == mark {
            return Some((String::from_utf8(octets).ok()?, at + 1));
        }
        if character != '\\' {
            octets.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match characters.next()?.1 {
            'n' => octets.push(b'\n'),
            't' => octets.push(b'\t'),
            'b' => octets.push(8),
            'r' => octets.push(b'\r'),
            'x' => {
                let digits = [characters.next()?.1, characters.next()?.1];
                octets.push(u8::from_str_radix(&digits.iter().collect::<String>(), 16).ok()?);
            }
            // `\"` is a syntax error (observed), octal escapes are not read here.
            '"' | '\'' | '0'..='9' => return None,
            other => octets.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    None
}

/// What an option takes.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Nothing,
    Value,
}

struct Keyword {
    /// The name, and its other spellings.
    words: &'static [&'static str],
    takes: Takes,
    /// The value of an option that takes none.
    value: &'static str,
}

const fn with_value(words: &'static [&'static str]) -> Keyword {
    Keyword { words, takes: Takes::Value, value: "" }
}

const fn alone(words: &'static [&'static str]) -> Keyword {
    Keyword { words, takes: Takes::Nothing, value: ON }
}

const ON: &str = "on";
const OFF: &str = "off";
const NOISE: &[&str] = &["and", "with", "has", "wants", "options", "here", "there"];

/// The options that matter come first, by their first name; the others are here so that their values are skipped.
const OPTIONS: &[Keyword] = &[
    alone(&["defaults"]),
    with_value(&["poll", "server"]),
    with_value(&["skip"]),
    with_value(&["username", "user"]),
    with_value(&["auth", "authenticate"]),
    alone(&["keep"]),
    Keyword { words: &["keep", "nokeep"], takes: Takes::Nothing, value: OFF },
    with_value(&["password", "pass"]),
    with_value(&["protocol", "proto"]),
    with_value(&["service", "port"]),
    alone(&["ssl"]),
    alone(&["sslcertck"]),
    with_value(&["sslcertfile"]),
    with_value(&["sslproto"]),
    with_value(&["via"]),
    alone(&["set"]),
    with_value(&["antispam"]),
    with_value(&["bsmtp"]),
    with_value(&["daemon"]),
    with_value(&["envelope"]),
    with_value(&["expunge"]),
    with_value(&["fetchlimit"]),
    with_value(&["folder", "mailbox"]),
    with_value(&["interval"]),
    with_value(&["is", "to"]),
    with_value(&["limit"]),
    with_value(&["logfile"]),
    with_value(&["mda"]),
    with_value(&["postconnect"]),
    with_value(&["postmaster"]),
    with_value(&["preconnect"]),
    with_value(&["smtphost", "smtp"]),
    with_value(&["sslcert"]),
    with_value(&["sslcertpath"]),
    with_value(&["sslcommonname"]),
    with_value(&["sslfingerprint"]),
    with_value(&["sslkey"]),
    with_value(&["timeout"]),
    alone(&["bouncemail"]),
    alone(&["dns"]),
    alone(&["dropdelivered"]),
    alone(&["dropstatus"]),
    alone(&["fetchall"]),
    alone(&["flush"]),
    alone(&["forcecr"]),
    alone(&["idle"]),
    alone(&["mimedecode"]),
    alone(&["pass8bits"]),
    alone(&["rewrite"]),
    alone(&["softbounce"]),
    alone(&["spambounce"]),
    alone(&["stripcr"]),
    alone(&["syslog"]),
    alone(&["uidl"]),
];
