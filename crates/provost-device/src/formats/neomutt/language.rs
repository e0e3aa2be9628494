//! The language of neomutt's configuration: commands and words, as `parse_extract_token` takes them apart, and the
//! variables that `set` and its like leave, also in files that are sourced and at hand. Hooks, and what a command prints,
//! are named and not followed. What the variables mean is not known here.

use std::collections::BTreeMap;

use provost_account::{Findings, Place, codes::profile as codes, shown};

use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling::{did_you_mean, not_followed};

/// The variables that are set at the end.
pub(super) type Settings = BTreeMap<String, Value>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) known: Known,
    pub(super) place: Place,
}

/// How much of a value the file gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Whole,
    /// A part of it is what a command prints.
    ButForACommand(String),
    /// A part of it is this variable of the environment, or nothing.
    ButForTheEnvironment(String),
}

/// What stands for the part of a value that the file does not give; of the private use area, so in no server's name.
pub(super) const UNKNOWN: char = '\u{f8ff}';

/// What a file and those that it sources leave.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) settings: Settings,
    /// Mailboxes that are URLs.
    pub(super) mailboxes: Vec<(String, Place)>,
    /// Whether something is named that is not followed.
    pub(super) goes_on: bool,
    /// What `my_hdr From:` says.
    pub(super) from_header: Option<(String, Place)>,
}

impl Script {
    /// Reads the first file, and others where it sources them.
    pub(super) fn of(files: &[SourceFile<'_>], findings: &mut Findings) -> Option<Self> {
        let mut script = Self::default();
        script.run(files.first()?.bytes, files, None, findings)?;
        Some(script)
    }

    /// Runs a file; `within` is the line that sources it, and how deep it is.
    fn run(
        &mut self,
        bytes: &[u8],
        files: &[SourceFile<'_>],
        within: Option<(Place, usize)>,
        findings: &mut Findings,
    ) -> Option<()> {
        for (line, own_place) in lines(text(bytes, findings)?) {
            let place = within.map_or(own_place, |(place, _)| place);
            let mut rest = line.trim_start();
            while !rest.is_empty() && !rest.starts_with('#') {
                let Some(command) = word(&mut rest, "", &self.settings) else { return broken(place, findings) };
                let mut words = Vec::new();
                while !rest.is_empty() && !rest.starts_with(['#', ';']) {
                    if command.text == "set" {
                        match set(&mut rest, place, &mut self.settings, findings) {
                            None => return broken(place, findings),
                            Some(Then::GoesOn) => {}
                            Some(Then::LineEnds) => rest = "",
                        }
                        continue;
                    }
                    let Some(word) = word(&mut rest, "", &self.settings) else { return broken(place, findings) };
                    words.push(word.text);
                }
                match command.text.as_str() {
                    "source" => words.iter().for_each(|path| self.source(path, files, place, within, findings)),
                    "finish" => return Some(()),
                    name => {
                        if self.command(name, &words, place, findings) == Then::LineEnds {
                            rest = "";
                        }
                    }
                }
                rest = rest.trim_start_matches([';', ' ', '\t']);
            }
        }
        Some(())
    }

    /// A command that is neither `set` nor `source`.
    fn command(&mut self, name: &str, words: &[String], place: Place, findings: &mut Findings) -> Then {
        match name {
            "unset" | "reset" | "toggle" => {
                for variable in words {
                    old(variable, place, findings);
                    if self.changed(name, canonical(variable), place) == Then::LineEnds {
                        return Then::LineEnds;
                    }
                }
            }
            "mailboxes" | "named-mailboxes" => {
                let urls = words.iter().filter(|word| word.contains("://"));
                self.mailboxes.extend(urls.map(|url| (url.clone(), place)));
            }
            "my_hdr" => {
                let header = words.join(" ");
                let from = header.get(..5).filter(|name| name.eq_ignore_ascii_case("from:"));
                if from.is_some() {
                    self.from_header = Some((header[5..].trim().to_owned(), place));
                }
            }
            "account-hook" | "folder-hook" | "startup-hook" | "ifdef" | "ifndef" | "macro" => {
                let sets = words.get(1..).map_or_else(String::new, |words| words.join(" "));
                if CONCERN_AN_ACCOUNT.iter().any(|it| sets.contains(it)) {
                    self.goes_on = true;
                    let what = format!("{name} {}", shown(&words[0]));
                    not_followed(&what, "what it sets holds only there", place, findings);
                }
            }
            "send-hook" | "send2-hook" | "reply-hook" if words.iter().any(|word| word.contains("smtp_")) => {
                let what = format!("{name} {}", shown(&words[0]));
                not_followed(&what, "the server that it sets is for some messages", place, findings);
            }
            _ => {}
        }
        Then::GoesOn
    }

    /// `unset`, `reset` or `toggle` of a variable.
    fn changed(&mut self, command: &str, name: &str, place: Place) -> Then {
        let kind = if name.starts_with(OWN) { Some(Kind::Text) } else { Kind::of(name) };
        match (command, kind) {
            ("reset", None) if name == "all" => self.settings.clear(),
            (_, None) => return Then::LineEnds,
            ("unset", Some(Kind::Switch | Kind::Question)) => switch(name, "no", place, &mut self.settings),
            ("toggle", Some(Kind::Switch | Kind::Question)) => toggled(name, place, &mut self.settings),
            ("toggle", Some(Kind::Number | Kind::Mailbox | Kind::Text)) => return Then::LineEnds,
            (_, Some(_)) => _ = self.settings.remove(name),
        }
        Then::GoesOn
    }

    /// A file that the configuration goes on in.
    fn source(
        &mut self,
        path: &str,
        files: &[SourceFile<'_>],
        place: Place,
        within: Option<(Place, usize)>,
        findings: &mut Findings,
    ) {
        let depth = within.map_or(0, |(_, depth)| depth);
        let written = path.replace(UNKNOWN, "…");
        let what = format!("source {}", shown(&written));
        if path.trim_end().ends_with('|') {
            self.goes_on = true;
            return not_followed(&what, "a command prints the configuration", place, findings);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut others = files.iter().skip(1);
        let Some(file) = others.find(|file| file.path.rsplit('/').next() == Some(name)) else {
            self.goes_on = true;
            return not_followed(&what, "the file is not at hand", place, findings);
        };
        if depth >= DEPTH_MAX {
            return not_followed(&what, "files source each other too deeply", place, findings);
        }
        // Lines of that file are no places in this one.
        let mut of_that_file = Findings::default();
        if self.run(file.bytes, files, Some((place, depth + 1)), &mut of_that_file).is_none() {
            not_followed(&what, "it has a line that neomutt does not take", place, findings);
        }
    }
}

/// What a hook or a macro mentions that changes an account.
const CONCERN_AN_ACCOUNT: &[&str] = &["source ", "imap_", "smtp_", "pop_", "folder=", "folder =", "from=", "from ="];
/// Files that source each other.
const DEPTH_MAX: usize = 8;

/// The lines, joined where a backslash ends one, each with its place.
fn lines(text: &str) -> Vec<(String, Place)> {
    let mut lines: Vec<(String, Place)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in text.lines().enumerate() {
        let part = line.strip_suffix('\\');
        match lines.last_mut().filter(|_| goes_on) {
            Some((before, _)) => before.push_str(part.unwrap_or(line)),
            None => {
                let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
                lines.push((part.unwrap_or(line).to_owned(), Place { line: at + 1, column }));
            }
        }
        goes_on = part.is_some();
    }
    // Neomutt loses a line that goes on behind the end of the file.
    if goes_on {
        lines.pop();
    }
    lines
}

fn broken<T>(place: Place, findings: &mut Findings) -> Option<T> {
    let message = "a backtick that is not closed, or a backslash that comes last";
    let fix = "close it, or write the value in single quotation marks";
    findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix)
}

/// Whether the line goes on. Behind a mistake, neomutt says it and reads on in the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoesOn,
    LineEnds,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Switch,
    /// A switch that may be a question, `ask-yes`.
    Question,
    Number,
    /// A path; `+` and `=` at its beginning are the folder.
    Mailbox,
    Text,
}

impl Kind {
    /// `None`: neomutt has no such variable.
    fn of(name: &str) -> Option<Self> {
        let mut kind = Self::Text;
        for line in VARIABLES.lines() {
            match line.strip_prefix("  ") {
                Some(known) if known == name => return Some(kind),
                Some(_) => {}
                None => {
                    kind = match line {
                        "switch" => Self::Switch,
                        "question" => Self::Question,
                        "number" => Self::Number,
                        "mailbox" => Self::Mailbox,
                        _ => Self::Text,
                    }
                }
            }
        }
        None
    }

    fn takes(self, text: &str) -> bool {
        let is_switch = matches!(text.to_lowercase().as_str(), "yes" | "y" | "true" | "1" | "on")
            || matches!(text.to_lowercase().as_str(), "no" | "n" | "false" | "0" | "off");
        match self {
            Self::Switch => is_switch,
            Self::Question => is_switch || matches!(text, "ask-yes" | "ask-no"),
            Self::Number | Self::Mailbox | Self::Text => true,
        }
    }
}

/// One of the variables of a `set`: `name=value`, `name += value`, `name`, `noname`, `invname`, `?name`, `&name`. Observed:
/// `NeoMutt` 20220429, 2026-11.
fn set(rest: &mut &str, place: Place, settings: &mut Settings, findings: &mut Findings) -> Option<Then> {
    let name = word(rest, "=+-", settings)?.text;
    let changes = rest.starts_with(['+', '-']);
    let adds = rest.starts_with('+');
    let Some(after) = rest.strip_prefix(['+', '-']).unwrap_or(rest).strip_prefix('=') else {
        // A sign without a value is nobody's; taking it keeps the reading from standing still.
        *rest = rest.trim_start_matches(['+', '-']);
        return Some(set_without_value(&name, place, settings, findings));
    };
    *rest = after;
    let mut value = word(rest, "", settings)?;
    let name = canonical(&name);
    if value.is_open {
        let message = format!("{name} begins with an unclosed quotation mark: the rest of the line is its value");
        findings.add(codes::OPEN_QUOTATION, Some(place), message, "close it");
    }
    let kind = if name.starts_with(OWN) { Some(Kind::Text) } else { Kind::of(name) };
    let is_old = old(name, place, findings);
    let Some(kind) = kind else {
        if !is_old {
            unknown(name, rest, place, findings);
        }
        return Some(Then::LineEnds);
    };
    let before = settings.get(name);
    match (kind, changes) {
        (Kind::Number, _) => {}
        (Kind::Text, true) if adds => value.text.insert_str(0, before.map_or("", |before| before.text.as_str())),
        (_, true) => return Some(Then::LineEnds),
        (_, false) if !kind.takes(&value.text) => return Some(Then::LineEnds),
        (_, false) => {}
    }
    let value = Value { text: value.text, known: value.known, place };
    let value = if kind == Kind::Mailbox { expanded(value, settings) } else { value };
    settings.insert(name.to_owned(), value);
    Some(Then::GoesOn)
}

/// `name`, `noname`, `invname`, or a question. A variable that holds text has no such form.
fn set_without_value(name: &str, place: Place, settings: &mut Settings, findings: &mut Findings) -> Then {
    if name.starts_with(['?', '&']) || name.ends_with('?') {
        return Then::GoesOn;
    }
    let off = name.strip_prefix("no").filter(|off| Kind::of(canonical(off)).is_some());
    let inverted = name.strip_prefix("inv").filter(|it| Kind::of(canonical(it)).is_some());
    let own = canonical(off.or(inverted).unwrap_or(name));
    old(own, place, findings);
    match Kind::of(own) {
        Some(Kind::Switch | Kind::Question) if inverted.is_some() => toggled(own, place, settings),
        Some(Kind::Switch | Kind::Question) => {
            switch(own, if off.is_some() { "no" } else { "yes" }, place, settings);
        }
        // It is asked for its value.
        Some(Kind::Number | Kind::Mailbox | Kind::Text) if off.or(inverted).is_none() => {}
        Some(Kind::Number | Kind::Mailbox | Kind::Text) | None => return Then::LineEnds,
    }
    Then::GoesOn
}

/// A variable that neomutt does not have, and what is lost with the rest of the line.
fn unknown(name: &str, rest: &str, place: Place, findings: &mut Findings) {
    if FAMILIES.iter().any(|family| name.starts_with(family)) {
        let message = format!("Debian's neomutt has no variable {}", shown(name));
        let known: Vec<&str> = VARIABLES.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        findings.add(codes::UNKNOWN_KEY, Some(place), message, did_you_mean(name, &known));
    } else if !rest.is_empty() && !rest.starts_with('#') {
        let why = "neomutt 20220429 has no such variable, and passes over the rest of the line";
        not_followed(&format!("set {}", shown(name)), why, place, findings);
    }
}

/// A mailbox in the folder that is set by now: a later one changes nothing.
fn expanded(value: Value, settings: &Settings) -> Value {
    let Some(path) = value.text.strip_prefix(['+', '=']) else { return value };
    match settings.get("folder").filter(|folder| folder.text.contains("://") || folder.text.starts_with(UNKNOWN)) {
        Some(folder) => {
            let text = format!("{}/{path}", folder.text.trim_end_matches('/'));
            Value { text, known: folder.known.clone(), place: folder.place }
        }
        None => value,
    }
}

fn toggled(name: &str, place: Place, settings: &mut Settings) {
    let is_on = settings.get(name).map_or(ON_BY_DEFAULT.contains(&name), |value| super::is_on(&value.text));
    switch(name, if is_on { "no" } else { "yes" }, place, settings);
}

/// Says that a variable is one of those that neomutt deprecated, whatever its value: without them, it speaks the versions
/// of TLS that are safe.
fn old(name: &str, place: Place, findings: &mut Findings) -> bool {
    let is_old = OLD.contains(&name);
    if is_old {
        let message = format!("{name} is deprecated since neomutt of 2026-01-05, and no server needs it");
        findings.add(codes::OLD_TLS_OPTION, Some(place), message, "remove it");
    }
    is_old
}

fn switch(name: &str, to: &str, place: Place, settings: &mut Settings) {
    let value = Value { text: to.to_owned(), known: Known::Whole, place };
    settings.insert(canonical(name).to_owned(), value);
}

/// Two names are older than 2021, and still taken.
fn canonical(name: &str) -> &str {
    match name {
        "realname" => "real_name",
        "spoolfile" => "spool_file",
        _ => name,
    }
}

struct Word {
    text: String,
    known: Known,
    is_open: bool,
}

/// The next word, up to a blank, `#`, `;` or one of `stops`, and the blanks after it: `parse_extract_token` of neomutt.
/// `None`: a backtick is not closed, or a backslash comes last.
fn word(rest: &mut &str, stops: &str, settings: &Settings) -> Option<Word> {
    let mut word = Word { text: String::new(), known: Known::Whole, is_open: false };
    let mut quote = None;
    *rest = rest.trim_start();
    while let Some(character) = rest.chars().next() {
        if quote.is_none() && (character.is_whitespace() || "#;".contains(character) || stops.contains(character)) {
            break;
        }
        *rest = &rest[character.len_utf8()..];
        match character {
            _ if Some(character) == quote => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(character),
            '\\' if quote != Some('\'') => word.text.push(escaped(rest)?),
            '`' if quote != Some('\'') => {
                let end = closing_backtick(rest)?;
                word.known = Known::ButForACommand(in_backticks(&rest[..end]));
                word.text.push(UNKNOWN);
                *rest = &rest[end + 1..];
            }
            '$' if quote != Some('\'') => replaced(rest, settings, &mut word),
            _ => word.text.push(character),
        }
    }
    word.is_open = quote.is_some();
    *rest = rest.trim_start();
    Some(word)
}

/// What a backslash and the text after it stand for. Three octal digits are a byte; only ASCII is supported.
fn escaped(rest: &mut &str) -> Option<char> {
    let digits = rest.get(..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let octet = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(u8::is_ascii);
    let character = rest.chars().next()?;
    *rest = &rest[if octet.is_some() { 3 } else { character.len_utf8() }..];
    Some(match (octet, character) {
        (Some(octet), _) => octet.into(),
        (None, 'n') => '\n',
        (None, 'r') => '\r',
        (None, 't') => '\t',
        (None, other) => other,
    })
}

/// The command as the shell gets it.
fn in_backticks(text: &str) -> String {
    let mut command = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        command.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    command
}

fn closing_backtick(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => _ = characters.next()?,
            '`' => return Some(at),
            _ => {}
        }
    }
    None
}

/// `$name` and `${name}`: another variable, or one of the environment; a dollar sign before anything else is itself.
fn replaced(rest: &mut &str, settings: &Settings, word: &mut Word) {
    let (name, length) = match rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
        Some((name, _)) => (name, name.len() + 2),
        None if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (&rest[..end], end)
        }
        None => return word.text.push('$'),
    };
    match settings.get(canonical(name)) {
        // Values that hold each other grow without end.
        Some(value) if word.text.len() + value.text.len() > VALUE_OCTETS_MAX => {}
        Some(value) => {
            word.text.push_str(&value.text);
            if value.known != Known::Whole {
                word.known = value.known.clone();
            }
        }
        None => {
            word.known = Known::ButForTheEnvironment(name.to_owned());
            word.text.push(UNKNOWN);
        }
    }
    *rest = &rest[length..];
}

const VALUE_OCTETS_MAX: usize = 64 * 1024;

/// The prefixes of variables that say how a server is reached.
const FAMILIES: &[&str] = &["imap_", "smtp_", "ssl_"];
/// The prefix of variables that the file makes up.
const OWN: &str = "my_";
/// The switches read here that are on if the file says nothing of them.
const ON_BY_DEFAULT: &[&str] = &["ssl_force_tls", "ssl_starttls", "ssl_verify_host"];

/// Versions of SSL and TLS that no client should use.
const OLD: &[&str] = &["ssl_use_sslv2", "ssl_use_sslv3", "ssl_use_tlsv1", "ssl_use_tlsv1_1"];

/// Every variable of neomuttrc(5), the older names that are still taken, and what `NeoMutt` 20260616 added (its sources).
const VARIABLES: &str = include_str!("variables.txt");

#[cfg(test)]
mod tests {
    use super::*;

    /// As `neomutt -F FILE -Q NAME` printed them.
    #[test]
    fn values_are_those_that_neomutt_prints() {
        let mut findings = Findings::default();
        let file = br#"set imap_user = 'a`id`$HOME"b\x22\\#;'\''c%s'
set real_name = "J \"Z\"" ; set imap_login="a\tb" # c
set from=x@y.example nossl_starttls smtp_pass = 'multi\
ple' imap_pass=$from
set smtp_user = "pre`printf \`x\``post"
"#;
        let files = [SourceFile::nameless(file)];
        let settings = Script::of(&files, &mut findings).expect("a file").settings;
        let text = |name: &str| settings[name].text.as_str();
        assert_eq!(text("imap_user"), r#"a`id`$HOME"b\x22\\#;'c%s"#);
        assert_eq!(text("real_name"), "J \"Z\"");
        assert_eq!(text("imap_login"), "a\tb");
        assert_eq!(text("ssl_starttls"), "no");
        assert_eq!(text("smtp_pass"), "multiple");
        assert_eq!(text("imap_pass"), "x@y.example");
        assert_eq!(settings["smtp_user"].known, Known::ButForACommand("printf `x`".to_owned()));
        assert!(findings.finish().is_empty());
    }
}
