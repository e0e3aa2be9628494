//! `~/.mbsyncrc`, as mbsync of isync 1.4.4 and 1.5.1 reads it (observed, 2026-11): a section ends only at a blank line,
//! and each kind of section has its own keywords; an account may be separate or inside an `IMAPStore`. It only receives,
//! by IMAP. What one of the two versions takes is read: 1.5 calls `SSLType` `TLSType`, and no longer knows what 1.4 had
//! instead of it before.

mod keywords;
mod values;

use provost_account::{
    Account, Authentication, Endpoint, Findings, Incoming, IncomingProtocol, Place, Port, Protocol, Security, Server,
    codes::profile as codes, shown,
};

use crate::as_version::AsVersion;
use crate::contradictions::usual_port;
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Said, Understood};
use keywords::Kind;

/// By the name, or by a line that begins an account or a store.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let starts = |line: &str| matches!(line.split_whitespace().next(), Some("IMAPAccount" | "IMAPStore"));
    file.path.ends_with("mbsyncrc") || text.lines().any(starts)
}

/// Reads the configuration and the files of certificates that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
    let mut findings = Findings::default();
    let sections = files.first().and_then(|file| sections(file.bytes, version, &mut findings));
    let mut profiles = Vec::new();
    let accounts: Vec<&Section> = sections.iter().flatten().filter(|section| section.is_account()).collect();
    let logins = Logins::of(person, accounts.iter().map(|it| (it.value("user"), it.value("host"))));
    for section in accounts {
        profiles.extend(understood(section, &logins, files, version, &mut findings));
    }
    let fix = "add an IMAPAccount with Host, Port, User and SSLType";
    Reading::of_some(profiles, findings, "no account in the file", fix)
}

/// A section: its first line, and the lines up to a blank one.
struct Section {
    kind: Kind,
    name: String,
    place: Place,
    lines: Vec<Line>,
}

struct Line {
    /// In lower case: mbsync ignores letter case.
    keyword: String,
    arguments: Vec<String>,
    place: Place,
}

impl Line {
    /// The keyword as the manual writes it.
    fn as_written(&self) -> &str {
        match self.keyword.as_str() {
            "ssltype" => "SSLType",
            "tlstype" => "TLSType",
            "useimaps" => "UseIMAPS",
            "requiressl" => "RequireSSL",
            other => other,
        }
    }
}

impl Section {
    /// Whether a server is described here: in an account, or in a store that has none.
    fn is_account(&self) -> bool {
        self.kind == Kind::Account || self.kind == Kind::ImapStore && self.get("account").is_none()
    }

    fn get(&self, keyword: &str) -> Option<(&str, Place)> {
        let line = self.lines.iter().rev().find(|line| line.keyword == keyword)?;
        Some((line.arguments.first().map_or("", String::as_str), line.place))
    }

    fn value(&self, keyword: &str) -> &str {
        self.get(keyword).map_or("", |(text, _)| text)
    }
}

fn sections(bytes: &[u8], version: Option<AsVersion>, findings: &mut Findings) -> Option<Vec<Section>> {
    let text = text(bytes, findings)?;
    let nothing = |place| Section { kind: Kind::Outside, name: String::new(), place, lines: Vec::new() };
    let mut sections = vec![nothing(Place { line: 1, column: 1 })];
    let mut after_sections = false;
    for (at, line) in text.lines().enumerate() {
        let place = Place { line: at + 1, column: line.chars().take_while(|it| is_blank(*it)).count() + 1 };
        if line.chars().all(is_blank) {
            sections.push(nothing(place));
            continue;
        }
        let section = sections.last_mut().expect("there is a first one");
        let Line { keyword, arguments, .. } = match understand(line, place, section.kind, version) {
            Ok(Some(line)) => line,
            Ok(None) => continue,
            Err((message, fix)) => {
                let message = format!("{message}: mbsync rejects the file");
                return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
            }
        };
        match Kind::begun_by(&keyword).filter(|_| section.kind == Kind::Outside) {
            Some(kind) => {
                let name = arguments.into_iter().next().expect("a line has an argument");
                sections.push(Section { kind, name, place, lines: Vec::new() });
                after_sections = true;
            }
            None if section.kind == Kind::Outside && after_sections => {
                let message = format!("{} after a section, where no global keyword is allowed", shown(&keyword));
                let fix = "write it before the first section, or remove the blank line before it";
                let message = format!("{message}: mbsync rejects the file");
                return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
            }
            None => {
                if let Some(fix) = values::refusal(&keyword, &arguments) {
                    let message = format!("{keyword} is {}: mbsync rejects the file", shown(&arguments.join(" ")));
                    findings.add(codes::WRONG_VALUE, Some(place), message, fix);
                }
                section.lines.push(Line { keyword, arguments, place });
            }
        }
    }
    if let Some((section, (message, fix))) = sections.iter().find_map(|it| Some((it, values::contradiction(it)?))) {
        let message = format!("{message}: mbsync rejects the file");
        return findings.refuse(codes::CONFIG_SYNTAX, Some(section.place), message, fix);
    }
    references(&sections, findings).then_some(sections)
}

/// A line of a section of this kind, or outside of any. `None`: a comment. An error is what mbsync says, and what to do.
fn understand(
    line: &str,
    place: Place,
    kind: Kind,
    version: Option<AsVersion>,
) -> Result<Option<Line>, (String, String)> {
    let Some(mut arguments) = words(line) else {
        return Err(("a quotation mark is not closed, or a backslash comes last".to_owned(), "close it".to_owned()));
    };
    if arguments.is_empty() {
        return Ok(None);
    }
    let keyword = arguments.remove(0).to_lowercase();
    let known = kind.keywords();
    if keywords::is_of_another_version(&keyword, version) {
        return Err((format!("{} is a keyword of another version", shown(&keyword)), "write what it has".to_owned()));
    }
    if !known.contains(&keyword.as_str()) {
        let begins = Kind::begun_by(&keyword).is_some();
        let of_another = Kind::ALL.iter().find(|other| other.keywords().contains(&keyword.as_str()));
        let fix = match (begins, of_another) {
            (true, _) => "put a blank line before it to end the section above".to_owned(),
            (false, Some(Kind::Outside)) => "write it before the first section".to_owned(),
            (false, Some(other)) if kind == Kind::Outside => {
                format!("move it to {}: a blank line ends the section", other.name())
            }
            (false, Some(other)) => format!("write it into {}", other.name()),
            (false, None) => spelling::did_you_mean(&keyword, &known),
        };
        return Err((format!("unknown keyword {} {}", shown(&keyword), kind.place()), fix));
    }
    if arguments.is_empty() {
        return Err((format!("{} has no value", shown(&keyword)), "write one after it".to_owned()));
    }
    if arguments.len() > 1 && !keywords::takes_several(kind, &keyword) {
        let message = format!("{} has more than one value", shown(&keyword));
        return Err((message, "quote a value with blanks".to_owned()));
    }
    Ok(Some(Line { keyword, arguments, place }))
}

/// Whether every section comes after the sections that it names.
fn references(sections: &[Section], findings: &mut Findings) -> bool {
    for (at, section) in sections.iter().enumerate() {
        let known = |kinds: &[Kind], name: &str| {
            sections[..at].iter().any(|before| kinds.contains(&before.kind) && before.name == name)
        };
        let unknown = section.lines.iter().find_map(|line| {
            let name = line.arguments[0].as_str();
            match (section.kind, line.keyword.as_str()) {
                (Kind::ImapStore, "account") if !known(&[Kind::Account], name) => Some((line, "account", name)),
                (Kind::Channel, "far" | "near" | "master" | "slave") => {
                    let store = name.strip_prefix(':').and_then(|name| name.split_once(':')).map_or(name, |(it, _)| it);
                    let is_known = known(&[Kind::ImapStore, Kind::MaildirStore], store);
                    (!is_known).then_some((line, "store", store))
                }
                (Kind::Account | Kind::ImapStore | Kind::MaildirStore | Kind::Channel, _) => None,
                (Kind::Group | Kind::Outside, _) => None,
            }
        });
        if let Some((line, what, name)) = unknown {
            let message = format!("no {what} {} before this line: mbsync rejects the file", shown(name));
            findings.add(codes::CONFIG_SYNTAX, Some(line.place), message, "add its section above");
            return false;
        }
    }
    true
}

/// What `isspace` accepts in the C locale.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}')
}

/// The words of a line: quotation marks keep blanks together, a backslash takes the next character as it is, `#` begins a
/// comment where a word could begin. `None`: a mark is open, or a backslash comes last.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            _ if quoted => word.get_or_insert_default().push(character),
            '#' if word.is_none() => break,
            _ if is_blank(character) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

fn understood(
    section: &Section,
    logins: &Logins<'_>,
    files: &[SourceFile<'_>],
    version: Option<AsVersion>,
    findings: &mut Findings,
) -> Option<Understood> {
    let mut assumed = Vec::new();
    let security = security(section, version, findings, &mut assumed);
    let authentication = authentication(section, findings);
    let login = match (section.get("user"), section.get("usercmd")) {
        (Some((text, at)), _) => spelling::login("User", text, at, findings),
        (None, Some((command, at))) => {
            spelling::not_followed("UserCmd", "the command prints the login name", at, findings);
            assumed.push(Assumption::of("User", format_args!("what this command prints: {command}"), MANUAL));
            None
        }
        (None, None) => {
            assumed.push(Assumption::of("User", "the name on this machine", MANUAL));
            None
        }
    };
    let password = section.get("pass").map(|(text, at)| spelling::password(text, at, "use PassCmd", findings));
    // They are trusted in addition to the system's.
    let (trust, ignored) = pem::of_named_file("CertificateFile", section.get("certificatefile"), files);
    if let Some((_, at)) = section.get("tunnel") {
        spelling::not_followed("Tunnel", "a command makes the connection to the server", at, findings);
    }
    let address = logins.whose(login.as_ref(), section.value("host"), section.place, &mut assumed, findings);
    let incoming = match section.get("host") {
        Some((text, at)) => {
            let host = spelling::host("Host", without_scheme(text).1, at, findings)?;
            let port = port(section, security, &mut assumed);
            let endpoint = Endpoint { host, port, security, authentication };
            vec![Incoming { protocol: IncomingProtocol::Imap, server: Server { endpoint, login, password } }]
        }
        // The command of a tunnel is the connection.
        None => Vec::new(),
    };
    let account = Account { incoming, trust, ..Account::of(address) };
    let label = Some(section.name.clone());
    let mut understood = Understood { label, assumed, ignored, ..Understood::of("mbsync", account) };
    // A plus sign: the command prints to the terminal as well.
    let command = section.get("passcmd").map(|(command, _)| command.strip_prefix('+').unwrap_or(command).to_owned());
    understood.asks(command);
    let said = |keyword: &&str| Some(Said::new(*keyword, section.get(keyword)?.0));
    understood.said = SAID.iter().filter_map(said).collect();
    Some(understood)
}

/// 0 is the same as no port at all.
fn port(section: &Section, security: Security, assumed: &mut Vec<Assumption>) -> Port {
    section.get("port").and_then(|(text, _)| text.parse().ok()).unwrap_or_else(|| {
        let port = usual_port(Protocol::Imap, security);
        assumed.push(Assumption::of("Port", port, MANUAL));
        port
    })
}

fn security(
    section: &Section,
    version: Option<AsVersion>,
    findings: &mut Findings,
    assumed: &mut Vec<Assumption>,
) -> Security {
    let line = section.lines.iter().rev().find(|line| matches!(line.keyword.as_str(), "ssltype" | "tlstype"));
    let has_tunnel = section.get("tunnel").is_some();
    if let Some(line) = line {
        return match line.arguments[0].to_lowercase().as_str() {
            "imaps" => Security::ImplicitTls,
            // Anything else but None was refused above.
            other if other != "none" => Security::StartTls,
            _ => {
                if !has_tunnel && !spelling::is_loopback(section.value("host")) {
                    let message = format!("{} is None", line.as_written());
                    findings.add(codes::CLEARTEXT, Some(line.place), message, "write IMAPS or STARTTLS");
                }
                Security::Cleartext
            }
        };
    }
    if let Some(security) = of_before_1_4(section, version, findings) {
        return security;
    }
    let usual = if has_tunnel { Security::Cleartext } else { Security::StartTls };
    assumed.push(Assumption::of("SSLType", if has_tunnel { "None" } else { "STARTTLS" }, MANUAL));
    usual
}

/// The kind of TLS by what was there before SSLType, which isync 1.4 still takes.
fn of_before_1_4(section: &Section, version: Option<AsVersion>, findings: &mut Findings) -> Option<Security> {
    let mut rejects = |keyword: &str, place: Place| {
        if version.is_some_and(|version| version.is_before("1.5")) {
            return;
        }
        let message = format!("mbsync 1.5 rejects or misreads {keyword}, which 1.4 takes");
        findings.add_once(codes::FAILS_ELSEWHERE, Some(place), message, "write SSLType IMAPS, or STARTTLS");
    };
    let host = section.get("host").map(|(host, at)| (without_scheme(host).0, at));
    if let Some((Some(scheme), at)) = host {
        rejects("a URL as Host", at);
        if scheme == "imaps" {
            return Some(Security::ImplicitTls);
        }
    }
    let mut old = section.lines.iter().filter(|line| values::OLD_TLS.split(' ').any(|it| it == line.keyword));
    let first = old.next()?;
    rejects(first.as_written(), first.place);
    let is = |keyword: &str, word: &[&str]| word.contains(&section.value(keyword).to_lowercase().as_str());
    let is_without_tls = is("usetlsv1", values::OFF)
        && !["usetlsv1.1", "usetlsv1.2", "usetlsv1.3"].into_iter().any(|version| is(version, values::ON));
    Some(match (is("useimaps", values::ON), is("requiressl", values::OFF)) {
        (true, _) => Security::ImplicitTls,
        (false, true) if is_without_tls => Security::Cleartext,
        (false, true | false) => Security::StartTls,
    })
}

/// A host as isync before 1.5 also takes it: `imaps:HOST` and `imap://HOST`.
fn without_scheme(host: &str) -> (Option<&str>, &str) {
    for scheme in ["imaps", "imap"] {
        if let Some(rest) = host.strip_prefix(scheme).and_then(|rest| rest.strip_prefix(':')) {
            return (Some(scheme), rest.strip_prefix("//").unwrap_or(rest));
        }
    }
    (None, host)
}

/// The first mechanism; `*`, or none, is whatever the server offers.
fn authentication(section: &Section, findings: &mut Findings) -> Authentication {
    let line = section.lines.iter().rev().find(|line| matches!(line.keyword.as_str(), "authmech" | "authmechs"));
    let Some(line) = line else {
        let is_cram = matches!(section.value("requirecram").to_lowercase().as_str(), "yes" | "true" | "on" | "1");
        return if is_cram { Authentication::PasswordEncrypted } else { Authentication::PasswordCleartext };
    };
    let method = line.arguments[0].to_uppercase();
    match method.as_str() {
        "*" | "LOGIN" | "PLAIN" => Authentication::PasswordCleartext,
        "CRAM-MD5" => Authentication::PasswordEncrypted,
        _ if method.starts_with("SCRAM-") => Authentication::PasswordEncrypted,
        "DIGEST-MD5" => Authentication::HttpMd5,
        "EXTERNAL" => Authentication::ClientCertificate,
        "GSSAPI" => Authentication::Gssapi,
        "NTLM" => Authentication::Ntlm,
        "XOAUTH2" | "OAUTHBEARER" => Authentication::OAuth2,
        "ANONYMOUS" => Authentication::None,
        _ => {
            let what = format!("AuthMechs {}", shown(&method));
            spelling::not_followed(&what, "the mechanism is not known here", line.place, findings);
            Authentication::PasswordCleartext
        }
    }
}

const MANUAL: &str = "mbsync(1), isync 1.4.4 and 1.5.1";
/// Keywords that affect the connection, and whom mbsync trusts.
const SAID: &[&str] = &["clientcertificate", "clientkey", "systemcertificates", "tunnel"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Where mbsync 1.4.4 complains (`mbsync -c FILE -l -a`), and nowhere for what it takes.
    #[test]
    fn sections_are_what_mbsync_makes_of_the_lines() {
        let refused = |text: &str| {
            let mut findings = Findings::default();
            sections(text.as_bytes(), None, &mut findings);
            findings.finish().first().map(|finding| finding.place.expect("a place").line)
        };
        let account = "IMAPAccount a\nHost h\nUser u\n";
        for (text, line) in [
            ("IMAPAccount a\nHost h\n# note\n  # note\n  Port 1\nUSER u # note\n\n\n# note\n\n", None),
            ("IMAPAccount a\r\nHost h\r\n\r\nIMAPStore s\r\nAccount a\r\n", None),
            ("FSync yes\nCreate Near\nIMAPAccount a\nHost h\n", None),
            ("IMAPAccount a\nHost h\n\nPort 1\n", Some(4)),
            ("IMAPAccount a\nHost h\n  \t\u{c}\nPort 1\n", Some(4)),
            ("IMAPAccount a\r\nHost h\r\n\r\nPort 1\r\n", Some(4)),
            ("IMAPAccount a\nHost h\n\"\"\nPort 1\n", Some(3)),
            ("IMAPAccount a\nHost h\n\u{a0}\nPort 1\n", Some(3)),
            ("Host h\nIMAPAccount a\n", Some(1)),
            ("IMAPAccount a\nHost h\nIMAPStore s\nAccount a\n", Some(3)),
            ("IMAPAccount a\nHost h\nCreate Near\n", Some(3)),
            ("IMAPAccount a\nHost h\n\nFSync yes\n", Some(4)),
            ("IMAPAccount a b\nHost h\n", Some(1)),
            ("IMAPAccount a\nHost\n", Some(2)),
            ("IMAPAccount\nHost h\n", Some(1)),
            ("IMAPAccount a\nHost h\nPass my word\n", Some(3)),
            ("IMAPAccount a\nHost h\nPass \"my word\"\nAuthMechs LOGIN PLAIN\n", None),
            ("MaildirStore n\nHost h\n", Some(2)),
            (&format!("{account}\nIMAPStore s\nAccount b\n"), Some(6)),
            (
                &format!(
                    "{account}\nIMAPStore s\nAccount a\n\nMaildirStore n\nPath x/\n\nChannel c\nFar :s:\nNear :n:\nPatterns * !Junk\nCreate Near\n\nGroup g c d\nChannels e f\n"
                ),
                None,
            ),
            (&format!("{account}\nIMAPStore s\nAccount a\n\nChannel c\nFar :s:\nNear :n:\n"), Some(10)),
            (&format!("{account}\nIMAPStore s\nAccount a\n\nChannel c\nHost h\n"), Some(9)),
        ] {
            assert_eq!(refused(text), line, "{text:?}");
        }
    }

    /// As mbsync(1) says under "Configuration file syntax".
    #[test]
    fn words_are_split_as_mbsync_splits_them() {
        let split = |line: &str| words(line).map(|words| words.join("|"));
        assert_eq!(split("User \"a b\" c").as_deref(), Some("User|a b|c"));
        assert_eq!(split(r#"Pass a\"b\\c "#).as_deref(), Some("Pass|a\"b\\c"));
        assert_eq!(split("Host a#b # c").as_deref(), Some("Host|a#b"));
        assert_eq!(split("Host a # b").as_deref(), Some("Host|a"));
        assert_eq!(split("Pass \"a#b\"").as_deref(), Some("Pass|a#b"));
        assert_eq!(split("Pass \"a"), None);
        assert_eq!(split("Pass a\\"), None);
    }
}
