//! Which values mbsync takes for a keyword, and which keywords contradict each other in a section (the sources of isync
//! 1.4.4 and 1.5.1; observed with both, 2026-11). What one of the two takes is taken here. It does not open files.

use provost_account::shown;

use super::Section;
use super::keywords::Kind;

/// What a keyword takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Anything,
    Switch,
    Number,
    /// At least 1.
    Depth,
    /// `:STORE:`, and a mailbox.
    Mailbox,
    Port,
    /// A number with `k`, `m` and `b` after it.
    Size,
    Character,
    /// One of these words, in any letter case.
    Word(&'static str),
    /// Any of these words, in any letter case.
    Words(&'static str),
}

/// Why mbsync rejects the values of a keyword, if it does.
pub(super) fn refusal(keyword: &str, arguments: &[String]) -> Option<String> {
    let text = arguments.first().map_or("", String::as_str);
    let is_number = |text: &str| {
        let digits = text.trim_start().trim_start_matches(['+', '-']);
        !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
    };
    let is_one_of = |words: &str, text: &str| words.split(' ').any(|word| word.eq_ignore_ascii_case(text));
    let (is_taken, expected) = match Values::of(keyword) {
        Values::Anything => (true, ""),
        Values::Switch => (is_one_of(SWITCH, text), "write yes or no"),
        Values::Number => (is_number(text), "write a number"),
        Values::Depth => (text.parse::<u32>().is_ok_and(|depth| depth > 0), "write a number from 1 on"),
        Values::Mailbox => {
            let is_one = text.strip_prefix(':').is_some_and(|rest| rest.contains(':'));
            (is_one, "write :STORE:")
        }
        Values::Port => (text.parse::<u16>().is_ok(), "write a number from 1 to 65535"),
        Values::Size => {
            let lower = text.to_lowercase();
            let number = lower.strip_suffix('b').unwrap_or(&lower);
            let number = number.strip_suffix(['k', 'm']).unwrap_or(number);
            let is_nothing = keyword == "bufferlimit" && number.trim_matches('0').is_empty();
            (is_number(number) && !is_nothing, "write a number, with k or m")
        }
        Values::Character => {
            let mut characters = text.bytes();
            let is_one = characters.next().is_some_and(|it| it.is_ascii_punctuation()) && characters.next().is_none();
            (is_one || keyword == "pathdelimiter" && text.len() == 1, "write one punctuation mark")
        }
        Values::Word(words) => (is_one_of(words, text), words),
        Values::Words(words) => (arguments.iter().all(|it| is_one_of(words, it)), words),
    };
    (!is_taken).then(|| expected.to_owned())
}

impl Values {
    fn of(keyword: &str) -> Self {
        match keyword {
            "altmap" | "copyarrivaldate" | "expireunread" | "fsync" | "requirecram" | "requiressl"
            | "subscribedonly" | "systemcertificates" | "trashnewonly" | "trashremotenew" | "useimaps"
            | "usekeychain" | "usenamespace" | "usetlsv1" | "usetlsv1.1" | "usetlsv1.2" | "usetlsv1.3" => Self::Switch,
            "maxmessages" | "timeout" => Self::Number,
            "pipelinedepth" => Self::Depth,
            "far" | "master" | "near" | "slave" => Self::Mailbox,
            "port" => Self::Port,
            "bufferlimit" | "maxsize" => Self::Size,
            "fielddelimiter" | "infodelimiter" | "pathdelimiter" => Self::Character,
            "ssltype" | "tlstype" => Self::Word("IMAPS STARTTLS None"),
            "subfolders" => Self::Word("Verbatim Maildir++ Legacy"),
            "expireside" => Self::Word("Far Near"),
            "create" | "expunge" | "expungesolo" | "remove" => Self::Words("Near Far Both None Master Slave"),
            "sslversion" | "sslversions" => Self::Words("SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
            "tlsversions" => Self::Words("+1.0 -1.0 +1.1 -1.1 +1.2 -1.2 +1.3 -1.3"),
            "disableextension" | "disableextensions" => Self::Words(EXTENSIONS),
            "sync" => Self::Words(SYNC),
            _ => Self::Anything,
        }
    }
}

/// What mbsync says of a section as a whole, after its last line, and what to do.
pub(super) fn contradiction(section: &Section) -> Option<(String, &'static str)> {
    let has = |keyword: &str| section.get(keyword).is_some();
    let any = |keywords: &'static str| keywords.split(' ').find(|keyword| has(keyword));
    let name = shown(&section.name);
    let kind = section.kind.name();
    let server = || {
        if !has("host") && !has("tunnel") {
            return Some((format!("{kind} {name} has neither Host nor Tunnel"), "write Host"));
        }
        if has("user") && has("usercmd") {
            return Some((format!("{kind} {name} has both User and UserCmd"), "remove one of them"));
        }
        if has("pass") && has("passcmd") {
            return Some((format!("{kind} {name} has both Pass and PassCmd"), "remove one of them"));
        }
        if has("requirecram") && any("authmech authmechs").is_some() {
            return Some((format!("{kind} {name} has both RequireCRAM and AuthMechs"), "remove RequireCRAM"));
        }
        let old = any(OLD_TLS)?;
        let is = |keyword: &str, word: &[&str]| word.contains(&section.value(keyword).to_lowercase().as_str());
        let versions = ["usetlsv1.1", "usetlsv1.2", "usetlsv1.3"];
        let has_version = !is("usetlsv1", OFF) || versions.into_iter().any(|version| is(version, ON));
        if !has_version && (is("useimaps", ON) || !is("requiressl", OFF)) {
            return Some((format!("{kind} {name} requires TLS and allows no version of it"), "remove UseTLSv1 no"));
        }
        let newer = any("ssltype sslversion sslversions tlstype tlsversions")?;
        Some((format!("{kind} {name} has both {old} and {newer}"), "remove the older keyword"))
    };
    match section.kind {
        Kind::Account => server(),
        Kind::ImapStore if has("account") => {
            let own = section.lines.iter().find(|line| Kind::Account.keywords().contains(&line.keyword.as_str()))?;
            let message = format!("{kind} {name} has both Account and {}, which is the account's", own.keyword);
            Some((message, "write it into the IMAPAccount"))
        }
        Kind::ImapStore => server(),
        Kind::Channel if any("far master").is_none() => {
            Some((format!("{kind} {name} has no Far"), "write Far :STORE:"))
        }
        Kind::Channel if any("near slave").is_none() => {
            Some((format!("{kind} {name} has no Near"), "write Near :STORE:"))
        }
        Kind::MaildirStore if has("path") && section.value("subfolders").eq_ignore_ascii_case("Maildir++") => {
            Some((format!("{kind} {name} has both Path and SubFolders Maildir++"), "remove Path"))
        }
        Kind::Channel | Kind::Group | Kind::MaildirStore | Kind::Outside => None,
    }
}

/// What isync 1.4 took the place of with SSLType and SSLVersions, and 1.5 no longer knows.
pub(super) const OLD_TLS: &str = "useimaps requiressl usetlsv1 usetlsv1.1 usetlsv1.2 usetlsv1.3";

/// What is on.
pub(super) const ON: &[&str] = &["yes", "true", "on", "1"];
/// What is off.
pub(super) const OFF: &[&str] = &["no", "false", "off", "0"];

const SWITCH: &str = "yes true on 1 no false off 0";

const EXTENSIONS: &str = "IMAP4REV1 LOGINDISABLED SASL-IR STARTTLS UIDPLUS LITERAL+ LITERAL- MOVE NAMESPACE \
     UTF8=ACCEPT UTF8=ONLY COMPRESS=DEFLATE";

const SYNC: &str = "Push Pull Upgrade ReNew New Old Gone Delete Flags All Full None Noop PullUpgrade PullReNew PullNew \
     PullOld PullGone PullDelete PullFlags PullFull PushUpgrade PushReNew PushNew PushOld PushGone PushDelete \
     PushFlags PushFull";
