//! The entries of a `.fetchmailrc`, as the grammar of fetchmail 6.4.37 makes them of words (observed with
//! `--configdump`, 2026-11). What the options mean is not known here.
//!
//! ```abnf
//! file      = *( "set" setting / entry )
//! entry     = ( "poll" text / "skip" text / "defaults" ) *server-option [ 1*user-option / 1*user ]
//! user      = "user" ( text [ "there" ] / names "here" ) *user-option
//! names     = 1*( text [ "=" text ] )
//! ```

use provost_account::{Findings, LOOK, Place, codes::profile as codes, shown};

use super::scanner::{Text, Token, Word, spellings, words};
use crate::spelling::did_you_mean;

/// A user of a server, with the options of `defaults`, of the server, and their own.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// The name after `poll` or `skip`.
    pub(super) server: String,
    pub(super) place: Place,
    /// Whether fetchmail polls the server without being told to.
    pub(super) polled: bool,
    options: Vec<Given>,
}

/// An option as it was given.
#[derive(Debug, Clone)]
struct Given {
    name: &'static str,
    value: Text,
    place: Place,
}

impl User {
    /// The last value of an option.
    pub(super) fn value(&self, name: &str) -> Option<(&str, Place)> {
        self.given(name).next_back().map(|given| (given.value.value.as_str(), given.place))
    }

    /// Every text of an option that takes a list.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        self.given(name).map(|given| given.value.value.as_str()).collect()
    }

    /// Whether an option without a value is on: given, and not taken back later.
    pub(super) fn switch(&self, name: &str) -> bool {
        self.value(name).is_some_and(|(value, _)| value == ON)
    }

    /// Whether an option is switched off by `no`.
    pub(super) fn switched_off(&self, name: &str) -> Option<Place> {
        self.value(name).filter(|(value, _)| *value == OFF).map(|(_, place)| place)
    }

    /// The server that fetchmail connects to, and where the file says it.
    pub(super) fn host(&self) -> (&str, Place) {
        self.value("via").unwrap_or((self.server.as_str(), self.place))
    }

    /// The options whose text is not UTF-8.
    pub(super) fn not_utf_8(&self) -> impl Iterator<Item = (&'static str, Place)> + '_ {
        self.options.iter().filter(|given| !given.value.is_utf_8).map(|given| (given.name, given.place))
    }

    fn given(&self, name: &str) -> impl DoubleEndedIterator<Item = &Given> {
        self.options.iter().filter(move |given| given.name == name)
    }

    /// Takes what it does not say itself from `defaults`. `auth any` says nothing there (observed).
    fn fall_back_to(&mut self, defaults: &Self) {
        if self.value("auth").is_some_and(|(method, _)| method == "any") {
            self.options.retain(|given| given.name != "auth");
        }
        let absent: Vec<Given> =
            defaults.options.iter().filter(|given| self.value(given.name).is_none()).cloned().collect();
        self.options.splice(0..0, absent);
    }
}

/// Every user of every server. A server without a user has one, whose login name is that of the local user.
pub(super) fn users(bytes: &[u8], findings: &mut Findings) -> Option<Vec<User>> {
    let (words, end) = words(bytes, findings)?;
    let mut parser = Parser { words: &words, at: 0, end, users: Vec::new() };
    while parser.at < words.len() {
        if let Err(unexpected) = parser.statement() {
            return parser.refuse(unexpected, findings);
        }
    }
    let mut users = parser.users;
    let options: usize = users.iter().map(|user| user.options.len()).sum();
    let of_defaults = users.first().map_or(0, |user| user.options.len());
    if options.saturating_add(of_defaults.saturating_mul(users.len())) > OPTIONS_MAX {
        let message = format!("more than {OPTIONS_MAX} options, with those of defaults for each user");
        return findings.refuse(codes::TOO_LARGE, None, message, LOOK);
    }
    if users.first().is_some_and(|user| user.server == DEFAULTS) {
        let defaults = users.remove(0);
        users.iter_mut().for_each(|user| user.fall_back_to(&defaults));
    }
    if let Some(late) = users.iter().skip(1).find(|user| user.server == DEFAULTS) {
        let message = "defaults stands after another entry, or twice: fetchmail rejects the file";
        return findings.refuse(codes::CONFIG_SYNTAX, Some(late.place), message, "write it once, before poll and skip");
    }
    Some(users)
}

struct Parser<'a> {
    words: &'a [Word],
    at: usize,
    end: Place,
    users: Vec<User>,
}

/// Why the word at which the parser stopped cannot stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unexpected {
    /// The grammar has something else there.
    Word,
    /// An option of the server after those of a user.
    ServerOption,
    /// `user` after options that belong to a user.
    User,
    /// More users than any real file has.
    TooMany,
}

impl<'a> Parser<'a> {
    fn statement(&mut self) -> Result<(), Unexpected> {
        match self.next_keyword() {
            Some("set") => {
                self.at += 1;
                self.setting()
            }
            Some("poll" | "skip" | DEFAULTS) => self.entry(),
            Some(_) | None => Err(Unexpected::Word),
        }
    }

    fn setting(&mut self) -> Result<(), Unexpected> {
        if self.next_keyword() == Some("no") {
            self.at += 1;
            return self.keyword_of(SETTINGS, |takes| takes == Takes::Nothing).map(|_| ());
        }
        let takes = self.keyword_of(SETTINGS, |_| true)?.1;
        if takes != Takes::Nothing && self.next() == Some(&Token::Equals) {
            self.at += 1;
        }
        self.values(takes).map(|_| ())
    }

    fn entry(&mut self) -> Result<(), Unexpected> {
        let place = self.place();
        let keyword = self.next_keyword();
        self.at += 1;
        let server = match keyword {
            Some(DEFAULTS) => DEFAULTS.to_owned(),
            Some(_) | None => self.text()?.value,
        };
        let mut server = User { server, place, polled: keyword != Some("skip"), options: Vec::new() };
        while self.option(SERVER, &mut server)? {}
        if self.next_keyword() == Some(USER) {
            while self.next_keyword() == Some(USER) {
                let mut user = User { place: self.place(), ..server.clone() };
                self.user(&mut user)?;
                while self.option(OF_USER, &mut user)? {}
                self.users.push(user);
                if self.users.len() > USERS_MAX {
                    return Err(Unexpected::TooMany);
                }
            }
            return match self.is_option(SERVER) {
                true => Err(Unexpected::ServerOption),
                false => Ok(()),
            };
        }
        while self.option(OF_USER, &mut server)? {}
        self.users.push(server);
        if self.users.len() > USERS_MAX {
            return Err(Unexpected::TooMany);
        }
        match self.next_keyword() {
            Some(USER) => Err(Unexpected::User),
            Some(_) | None => Ok(()),
        }
    }

    /// `user`, and whose name follows: the remote one's, or with `here` the local one's.
    fn user(&mut self, user: &mut User) -> Result<(), Unexpected> {
        let place = self.place();
        self.at += 1;
        let first = self.text()?;
        if self.next_keyword() == Some("there") {
            self.at += 1;
        } else if self.names_until_here()? {
            return Ok(());
        }
        user.options.push(Given { name: USER, value: first, place });
        Ok(())
    }

    /// Further local names, which `here` must follow; whether it does.
    fn names_until_here(&mut self) -> Result<bool, Unexpected> {
        let more = self.more_names()?;
        match self.next_keyword() {
            Some("here") => {
                self.at += 1;
                Ok(true)
            }
            Some(_) | None if more => Err(Unexpected::Word),
            Some(_) | None => Ok(false),
        }
    }

    /// What follows the first name of a list; whether anything does.
    fn more_names(&mut self) -> Result<bool, Unexpected> {
        let start = self.at;
        loop {
            match self.next() {
                Some(Token::Equals) => {
                    self.at += 1;
                    self.text()?;
                    if self.next() == Some(&Token::Equals) {
                        return Err(Unexpected::Word);
                    }
                }
                Some(Token::Text(_)) => self.at += 1,
                Some(Token::Keyword(_) | Token::Protocol(_) | Token::Method(_) | Token::Number) | None => {
                    return Ok(self.at > start);
                }
            }
        }
    }

    /// Whether the next words are an option of the list.
    fn is_option(&self, options: &[(&'static str, Takes)]) -> bool {
        let negated = self.next_keyword() == Some("no");
        let word = self.words.get(self.at + usize::from(negated)).map(|word| &word.token);
        options.iter().any(|(name, takes)| {
            let fits = !negated || matches!(takes, Takes::Nothing | Takes::Envelope);
            word == Some(&Token::Keyword(name)) && fits && !(negated && *name == "lmtp")
        })
    }

    /// Takes an option of the list, if one is next.
    fn option(&mut self, options: &[(&'static str, Takes)], user: &mut User) -> Result<bool, Unexpected> {
        if !self.is_option(options) {
            return Ok(false);
        }
        let place = self.place();
        if self.next_keyword() == Some("no") {
            self.at += 1;
            let (name, _) = self.keyword_of(options, |_| true)?;
            user.give(name, Text::of(OFF), place);
            return Ok(true);
        }
        let (name, takes) = self.keyword_of(options, |_| true)?;
        if takes == Takes::Names {
            let first = self.text()?;
            if name == "is" && self.next_keyword() == Some("there") {
                self.at += 1;
                user.options.push(Given { name: USER, value: first, place });
                return Ok(true);
            }
            self.more_names()?;
            if self.next_keyword() == Some("here") {
                self.at += 1;
            }
            return Ok(true);
        }
        let values = self.values(takes)?;
        if name == "protocol" {
            user.protocol(&values, place);
        } else {
            let name = if name == "port" { "service" } else { name };
            match takes {
                Takes::Texts if LISTS.contains(&name) => {
                    user.options.extend(values.into_iter().map(|value| Given { name, value, place }));
                }
                Takes::Texts | Takes::Numbers => {}
                Takes::Nothing
                | Takes::Text
                | Takes::Number
                | Takes::TextOrNumber
                | Takes::Names
                | Takes::Protocol
                | Takes::Method
                | Takes::Envelope
                | Takes::Judgement => values.into_iter().for_each(|value| user.give(name, value, place)),
            }
        }
        Ok(true)
    }

    /// What an option takes.
    fn values(&mut self, takes: Takes) -> Result<Vec<Text>, Unexpected> {
        Ok(match takes {
            Takes::Nothing => vec![Text::of(ON)],
            Takes::Text => vec![self.text()?],
            Takes::Number => vec![self.number()?],
            Takes::TextOrNumber => vec![self.text().or_else(|_| self.number())?],
            Takes::Texts => self.several(Self::text)?,
            Takes::Numbers => self.several(Self::number)?,
            Takes::Envelope => {
                if self.next() == Some(&Token::Number) {
                    self.at += 1;
                }
                vec![self.text()?]
            }
            Takes::Protocol => match self.next() {
                Some(Token::Protocol(name)) => self.taken(name),
                Some(_) | None => return Err(Unexpected::Word),
            },
            Takes::Method => match self.next() {
                Some(Token::Method(name)) => self.taken(name),
                Some(_) | None => return Err(Unexpected::Word),
            },
            Takes::Judgement => match self.next_keyword() {
                Some(name @ ("accept" | "reject")) => self.taken(name),
                Some(_) | None => return Err(Unexpected::Word),
            },
            Takes::Names => return Err(Unexpected::Word),
        })
    }

    fn several(&mut self, one: fn(&mut Self) -> Result<Text, Unexpected>) -> Result<Vec<Text>, Unexpected> {
        let mut values = vec![one(self)?];
        while let Ok(value) = one(self) {
            values.push(value);
        }
        Ok(values)
    }

    fn taken(&mut self, name: &str) -> Vec<Text> {
        self.at += 1;
        vec![Text::of(name)]
    }

    fn text(&mut self) -> Result<Text, Unexpected> {
        match self.next() {
            Some(Token::Text(text)) => {
                self.at += 1;
                Ok(text.clone())
            }
            Some(_) | None => Err(Unexpected::Word),
        }
    }

    fn number(&mut self) -> Result<Text, Unexpected> {
        match self.next() {
            Some(Token::Number) => {
                let text = Text::of(&self.words[self.at].written);
                self.at += 1;
                Ok(text)
            }
            Some(_) | None => Err(Unexpected::Word),
        }
    }

    fn keyword_of(
        &mut self,
        options: &[(&'static str, Takes)],
        fits: impl Fn(Takes) -> bool,
    ) -> Result<(&'static str, Takes), Unexpected> {
        let next = self.next_keyword();
        let found = options.iter().find(|(name, takes)| next == Some(name) && fits(*takes));
        self.at += usize::from(found.is_some());
        found.copied().ok_or(Unexpected::Word)
    }

    fn next(&self) -> Option<&'a Token> {
        self.words.get(self.at).map(|word| &word.token)
    }

    fn next_keyword(&self) -> Option<&'static str> {
        match self.next() {
            Some(Token::Keyword(name)) => Some(name),
            Some(Token::Protocol(_) | Token::Method(_) | Token::Number | Token::Text(_) | Token::Equals) | None => None,
        }
    }

    fn place(&self) -> Place {
        self.words.get(self.at).map_or(self.end, |word| word.place)
    }

    /// The finding for the word at which fetchmail stops.
    fn refuse<T>(&self, unexpected: Unexpected, findings: &mut Findings) -> Option<T> {
        if unexpected == Unexpected::TooMany {
            let message = format!("more than {USERS_MAX} users");
            return findings.refuse(codes::TOO_LARGE, Some(self.place()), message, LOOK);
        }
        let word = self.words.get(self.at);
        let found = word.map_or("the end of the file".to_owned(), |word| shown(&word.written));
        let last_is_comment = || self.words.iter().rev().take_while(|it| it.place.line == self.end.line);
        let (why, fix) = match (unexpected, word) {
            (Unexpected::ServerOption, _) => {
                (" after the options of a user", "write it before user, among the options of the server".to_owned())
            }
            (Unexpected::User, _) => (
                " after options that belong to a user",
                "write user before ssl, password, keep and the like".to_owned(),
            ),
            (Unexpected::Word, _) if last_is_comment().any(|it| it.written.starts_with('#')) => {
                (": a comment in the last line needs a line end", "end the file with a line end".to_owned())
            }
            (Unexpected::Word, Some(Word { token: Token::Protocol(_) | Token::Method(_), .. })) => {
                (", where it is a word of the language", "write it in quotation marks".to_owned())
            }
            (Unexpected::Word, Some(word)) => ("", did_you_mean(&word.written, &spellings())),
            (Unexpected::Word | Unexpected::TooMany, _) => ("", "write what the last option takes".to_owned()),
        };
        let message = format!("{found} stands where fetchmail expects something else{why}: it rejects the file");
        findings.refuse(codes::CONFIG_SYNTAX, Some(self.place()), message, fix)
    }
}

impl Text {
    fn of(value: &str) -> Self {
        Self { value: value.to_owned(), is_utf_8: true }
    }
}

impl User {
    /// Gives an option its value, in the place of an earlier one.
    fn give(&mut self, name: &'static str, value: Text, place: Place) {
        self.options.retain(|given| given.name != name);
        self.options.push(Given { name, value, place });
    }

    /// KPOP is POP3 on a port of its own, with Kerberos in the place of a password.
    fn protocol(&mut self, named: &[Text], place: Place) {
        let Some(named) = named.first() else { return };
        match named.value.as_str() {
            "kpop" => {
                self.give("protocol", Text::of("pop3"), place);
                self.give("service", Text::of("kpop"), place);
                if self.value("auth").is_some_and(|(method, _)| method == "password") {
                    self.give("auth", Text::of("kerberos_v5"), place);
                }
            }
            "sdps" => self.give("protocol", Text::of("pop3"), place),
            other => self.give("protocol", Text::of(other), place),
        }
    }
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Text,
    Texts,
    Number,
    Numbers,
    TextOrNumber,
    /// Local names, with those of the server that they stand for.
    Names,
    Protocol,
    Method,
    /// A header's name, perhaps with a number before it.
    Envelope,
    /// `accept` or `reject`.
    Judgement,
}

/// What `switch` says of an option that is on.
const ON: &str = "on";
const OFF: &str = "off";
const DEFAULTS: &str = "defaults";
const USER: &str = "username";
/// Lists that say something of the server, or of what fetchmail starts with.
const LISTS: &[&str] = &["folder", "smtphost"];
const USERS_MAX: usize = 10_000;
/// More than any real file has.
const OPTIONS_MAX: usize = 1_000_000;

/// What may follow `set`, alphabetical.
const SETTINGS: &[(&str, Takes)] = &[
    ("bouncemail", Takes::Nothing),
    ("daemon", Takes::Number),
    ("idfile", Takes::Text),
    ("invisible", Takes::Nothing),
    ("logfile", Takes::Text),
    ("pidfile", Takes::Text),
    ("postmaster", Takes::Text),
    ("properties", Takes::Text),
    ("showdots", Takes::Nothing),
    ("softbounce", Takes::Nothing),
    ("spambounce", Takes::Nothing),
    ("syslog", Takes::Nothing),
];

/// Options of a server, alphabetical.
const SERVER: &[(&str, Takes)] = &[
    ("aka", Takes::Texts),
    ("auth", Takes::Method),
    ("bad-header", Takes::Judgement),
    ("checkalias", Takes::Nothing),
    ("dns", Takes::Nothing),
    ("envelope", Takes::Envelope),
    ("esmtpname", Takes::Text),
    ("esmtppassword", Takes::Text),
    ("interface", Takes::Text),
    ("interval", Takes::Number),
    ("localdomains", Takes::Texts),
    ("monitor", Takes::Text),
    ("plugin", Takes::Text),
    ("plugout", Takes::Text),
    ("port", Takes::Number),
    ("principal", Takes::Text),
    ("protocol", Takes::Protocol),
    ("qvirtual", Takes::Text),
    ("service", Takes::TextOrNumber),
    ("timeout", Takes::Number),
    ("tracepolls", Takes::Nothing),
    ("uidl", Takes::Nothing),
    ("via", Takes::Text),
];

/// Options of a user, alphabetical.
const OF_USER: &[(&str, Takes)] = &[
    ("antispam", Takes::Numbers),
    ("batchlimit", Takes::Number),
    ("bsmtp", Takes::Text),
    ("dropdelivered", Takes::Nothing),
    ("dropstatus", Takes::Nothing),
    ("expunge", Takes::Number),
    ("fastuidl", Takes::Number),
    ("fetchall", Takes::Nothing),
    ("fetchdomains", Takes::Texts),
    ("fetchlimit", Takes::Number),
    ("fetchsizelimit", Takes::Number),
    ("flush", Takes::Nothing),
    ("folder", Takes::Texts),
    ("forcecr", Takes::Nothing),
    ("idle", Takes::Nothing),
    ("is", Takes::Names),
    ("keep", Takes::Nothing),
    ("limit", Takes::Number),
    ("limitflush", Takes::Nothing),
    ("lmtp", Takes::Nothing),
    ("mda", Takes::Text),
    ("mimedecode", Takes::Nothing),
    ("pass8bits", Takes::Nothing),
    ("password", Takes::Text),
    ("postconnect", Takes::Text),
    ("preconnect", Takes::Text),
    ("properties", Takes::Text),
    ("rewrite", Takes::Nothing),
    ("smtpaddress", Takes::Text),
    ("smtphost", Takes::Texts),
    ("smtpname", Takes::Text),
    ("ssl", Takes::Nothing),
    ("sslcert", Takes::Text),
    ("sslcertck", Takes::Nothing),
    ("sslcertfile", Takes::Text),
    ("sslcertpath", Takes::Text),
    ("sslcommonname", Takes::Text),
    ("sslfingerprint", Takes::Text),
    ("sslkey", Takes::Text),
    ("sslproto", Takes::Text),
    ("stripcr", Takes::Nothing),
    ("to", Takes::Names),
    ("warnings", Takes::Number),
];
