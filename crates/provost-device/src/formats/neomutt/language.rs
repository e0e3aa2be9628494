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
                        if set(&mut rest, place, &mut self.settings, findings).is_none() {
                            return broken(place, findings);
                        }
                        continue;
                    }
                    let Some(word) = word(&mut rest, "", &self.settings) else { return broken(place, findings) };
                    words.push(word.text);
                }
                match command.text.as_str() {
                    "source" => words.iter().for_each(|path| self.source(path, files, place, within, findings)),
                    name => self.command(name, &words, place, findings),
                }
                rest = rest.trim_start_matches([';', ' ', '\t']);
            }
        }
        Some(())
    }

    /// A command that is neither `set` nor `source`.
    fn command(&mut self, name: &str, words: &[String], place: Place, findings: &mut Findings) {
        match name {
            "unset" => {
                for name in words {
                    old(name, place, findings);
                    switch(name, "no", place, &mut self.settings);
                }
            }
            "reset" => words.iter().for_each(|name| _ = self.settings.remove(canonical(name))),
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
    lines
}

fn broken<T>(place: Place, findings: &mut Findings) -> Option<T> {
    let message = "a backtick that is not closed, or a backslash that comes last";
    let fix = "close it, or write the value in single quotation marks";
    findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix)
}

/// One of the variables of a `set`: `name=value`, `name += value`, `name`, `noname`, `invname`, `?name`, `&name`.
fn set(rest: &mut &str, place: Place, settings: &mut Settings, findings: &mut Findings) -> Option<()> {
    let name = word(rest, "=+-", settings)?.text;
    let adds = rest.starts_with("+=");
    let Some(after) = rest.strip_prefix(['+', '-']).unwrap_or(rest).strip_prefix('=') else {
        // A sign without a value is nobody's; taking it keeps the reading from standing still.
        *rest = rest.trim_start_matches(['+', '-']);
        let off = name.strip_prefix("no").or(name.strip_prefix("inv"));
        old(off.unwrap_or(&name), place, findings);
        match off {
            _ if name.starts_with(['?', '&']) || name.ends_with('?') => {}
            Some(off) => switch(off, "no", place, settings),
            None => switch(&name, "yes", place, settings),
        }
        return Some(());
    };
    *rest = after;
    let value = word(rest, "", settings)?;
    let name = canonical(&name);
    if value.is_open {
        let message = format!("{name} begins with an unclosed quotation mark: the rest of the line is its value");
        findings.add(codes::OPEN_QUOTATION, Some(place), message, "close it");
    }
    if old(name, place, findings) && !is_known(name) {
        return Some(());
    }
    if FAMILIES.iter().any(|family| name.starts_with(family)) && !is_known(name) {
        let message = format!("Debian's neomutt has no variable {}", shown(name));
        findings.add(
            codes::UNKNOWN_KEY,
            Some(place),
            message,
            did_you_mean(name, &KNOWN.split(' ').collect::<Vec<_>>()),
        );
        return Some(());
    }
    let before = settings.get(name).filter(|_| adds).map_or("", |value| value.text.as_str());
    let text = format!("{before}{}", value.text);
    settings.insert(name.to_owned(), Value { text, known: value.known, place });
    Some(())
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

fn is_known(name: &str) -> bool {
    KNOWN.split(' ').any(|known| known == name)
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

/// All variables with these prefixes are in [`KNOWN`].
const FAMILIES: &[&str] = &["imap_", "smtp_", "ssl_"];

/// Versions of SSL and TLS that no client should use.
const OLD: &[&str] = &["ssl_use_sslv2", "ssl_use_sslv3", "ssl_use_tlsv1", "ssl_use_tlsv1_1"];

/// As `neomutt -D` prints them, and those that `NeoMutt` 20260616 added (its sources).
const KNOWN: &str = "imap_deflate imap_keep_alive imap_send_id imap_servernoise imap_authenticators imap_check_subscribed imap_condstore imap_delim_chars \
     imap_fetch_chunk_size imap_headers imap_idle imap_keepalive imap_list_subscribed imap_login \
     imap_oauth_refresh_command imap_pass imap_passive imap_peek imap_pipeline_depth imap_poll_timeout imap_qresync \
     imap_rfc5161 imap_server_noise imap_user smtp_authenticators smtp_oauth_refresh_command smtp_pass smtp_url \
     smtp_user ssl_ca_certificates_file ssl_ciphers ssl_client_cert ssl_force_tls ssl_min_dh_prime_bits \
     ssl_starttls ssl_use_sslv3 ssl_use_tlsv1 ssl_use_tlsv1_1 ssl_use_tlsv1_2 ssl_use_tlsv1_3 ssl_verify_dates \
     ssl_verify_host";

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
