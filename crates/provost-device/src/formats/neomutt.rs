//! `neomuttrc`, as Debian's `NeoMutt` 20220429 reads it (observed, 2026-11; mutt's file has the same syntax): commands,
//! of which `set` is read here. Single quotation marks keep a value as it is; elsewhere `$name` is replaced and text
//! between backticks is executed. The folder that is opened first is the account's.

use std::collections::BTreeMap;

use provost_account::{
    Account, Authentication, DisplayName, Endpoint, Finding, Findings, Incoming, IncomingProtocol, Place, Port,
    Protocol, Secret, Security, Server, codes::profile as codes, nearest, shown,
};

use crate::contradictions::{RELAY, usual_port};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::server_url::ServerUrl;
use crate::source_file::SourceFile;
use crate::source_text::text;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Said, Understood};

/// By the name, or by a variable that only a mail program of this family has.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let sets = |line: &str| {
        let name = line.trim_start().strip_prefix("set ").map(|rest| rest.trim_start().split([' ', '=']).next());
        name.flatten().is_some_and(|name| ["imap_user", "smtp_url", "spoolfile", "spool_file"].contains(&name))
    };
    file.path.ends_with("muttrc") || text.lines().any(sets)
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let mut ignored = Vec::new();
    let settings = files.first().and_then(|file| settings(file.bytes, &mut ignored, &mut findings));
    let mut profiles = Vec::new();
    if let Some(settings) = &settings {
        profiles.extend(understood(settings, person, files, ignored, &mut findings));
    }
    let fix = "set folder to imaps://HOST:993/, spool_file to +INBOX, and smtp_url";
    Reading::of_some(profiles, findings, "neither an IMAP folder nor a server to send through", fix)
}

/// The variables that are set at the end.
type Settings = BTreeMap<String, Value>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    text: String,
    known: Known,
    place: Place,
}

/// How much of a value stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Whole,
    /// A part of it is what a command prints.
    ButForACommand(String),
    /// A part of it is this variable of the environment, or nothing.
    ButForTheEnvironment(String),
}

fn settings(bytes: &[u8], ignored: &mut Vec<Ignored>, findings: &mut Findings) -> Option<Settings> {
    let mut settings = Settings::new();
    for (line, place) in lines(text(bytes, findings)?) {
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let Some(command) = word(&mut rest, "", &settings) else { return broken(place, findings) };
            let mut words = Vec::new();
            match command.text.as_str() {
                "set" => {
                    while !rest.is_empty() && !rest.starts_with(['#', ';']) {
                        if set(&mut rest, place, &mut settings, findings).is_none() {
                            return broken(place, findings);
                        }
                    }
                }
                _ => {
                    while !rest.is_empty() && !rest.starts_with(['#', ';']) {
                        let Some(word) = word(&mut rest, "", &settings) else { return broken(place, findings) };
                        words.push(word.text);
                    }
                }
            }
            match command.text.as_str() {
                "unset" => {
                    for name in &words {
                        old(name, place, findings);
                        switch(name, "no", place, &mut settings);
                    }
                }
                "reset" => words.iter().for_each(|name| _ = settings.remove(canonical(name))),
                "source" | "account-hook" | "folder-hook" | "ifdef" | "ifndef" => {
                    let reason = format!("what {} leads to is not looked at here", words.join(" "));
                    ignored.push(Ignored::of(command.text, place, reason));
                }
                _ => {}
            }
            rest = rest.trim_start_matches([';', ' ', '\t']);
        }
    }
    Some(settings)
}

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

fn broken(place: Place, findings: &mut Findings) -> Option<Settings> {
    let message = "a backtick that is not closed, or a backslash that comes last";
    findings.add(codes::CONFIG_SYNTAX, Some(place), message, "close it, or write the value in single quotation marks");
    None
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
        let message =
            format!("{name} begins with a quotation mark that nothing closes: the rest of the line is its value");
        findings.add(codes::OPEN_QUOTATION, Some(place), message, "close it");
    }
    if old(name, place, findings) && !KNOWN.contains(&name) {
        return Some(());
    }
    if FAMILIES.iter().any(|family| name.starts_with(family)) && !KNOWN.contains(&name) {
        let fix = nearest(name, KNOWN).map_or("remove it".to_owned(), |near| format!("did you mean {near}?"));
        let message = format!("neomutt as Debian builds it has no variable {}", shown(name));
        findings.add(codes::UNKNOWN_KEY, Some(place), message, fix);
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

/// What a backslash makes of what follows. Three digits are an octet; only ASCII is one character.
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

/// The command as a shell is given it.
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
            word.known = value.known.clone();
        }
        None => word.known = Known::ButForTheEnvironment(name.to_owned()),
    }
    *rest = &rest[length..];
}

fn understood(
    settings: &Settings,
    person: &Person,
    files: &[SourceFile<'_>],
    mut ignored: Vec<Ignored>,
    findings: &mut Findings,
) -> Option<Understood> {
    let mut reader = Reader { settings, assumed: Vec::new(), findings };
    let incoming = reader.incoming();
    let outgoing = reader.outgoing();
    let incoming: Vec<Incoming> =
        incoming.into_iter().map(|server| Incoming { protocol: IncomingProtocol::Imap, server }).collect();
    let outgoing: Vec<Server> = outgoing.into_iter().collect();
    let first = incoming.first().map(|it| &it.server).or(outgoing.first())?;
    if let Some((_, place)) = reader.text("ssl_verify_host").filter(|(text, _)| !is_on(text)) {
        let message = "ssl_verify_host is off: a certificate for any name is taken";
        reader.findings.add(codes::ANY_CERTIFICATE, Some(place), message, "remove the line");
    }
    let (address, own_name) = reader.from();
    let name = match reader.text("real_name") {
        Some((text, _)) => DisplayName::try_from(text).ok(),
        None => None,
    };
    // It takes the place of the one that Debian's own configuration names.
    let (trust, missing) =
        pem::of_named_file("ssl_ca_certificates_file", reader.text("ssl_ca_certificates_file"), files);
    ignored.extend(missing);
    let place = Place { line: 1, column: 1 };
    let address = match address {
        Some(address) => address,
        None => {
            let login = first.login.as_ref();
            Logins::only(person).whose(login, "", place, &mut reader.assumed, reader.findings)
        }
    };
    let commands = reader.password_commands();
    let said = SAID.iter().filter_map(|name| Some(Said::new(*name, reader.text(name)?.0))).collect();
    let assumed = reader.assumed;
    let account = Account { full_name: own_name.or(name), incoming, outgoing, trust, ..Account::of(address) };
    let mut understood = Understood { assumed, ignored, said, ..Understood::of("neomutt", account) };
    understood.asks(commands);
    Some(understood)
}

struct Reader<'a> {
    settings: &'a Settings,
    assumed: Vec<Assumption>,
    findings: &'a mut Findings,
}

impl<'a> Reader<'a> {
    /// A value as far as it stands in the file.
    fn text(&self, name: &str) -> Option<(&'a str, Place)> {
        let value = self.settings.get(name).filter(|value| value.known == Known::Whole && !value.text.is_empty())?;
        Some((value.text.as_str(), value.place))
    }

    /// What stands in backticks in the place of a password, and what prints tokens.
    fn password_commands(&self) -> Vec<String> {
        let printed = ["imap_pass", "smtp_pass"].into_iter().filter_map(|name| match &self.settings.get(name)?.known {
            Known::ButForACommand(command) => Some(command.clone()),
            Known::Whole | Known::ButForTheEnvironment(_) => None,
        });
        let refreshed = ["imap_oauth_refresh_command", "smtp_oauth_refresh_command"];
        let refreshed = refreshed.into_iter().filter_map(|name| Some(self.text(name)?.0.to_owned()));
        printed.chain(refreshed).collect()
    }

    fn incoming(&mut self) -> Option<Server> {
        let folder = self.text("folder");
        let first = match self.text("spool_file") {
            Some((text, place)) if text.contains("://") => Some((text, place)),
            Some((text, _)) if text.starts_with(['+', '=']) => folder,
            Some(_) => None,
            None => {
                let found = folder.filter(|(text, _)| text.contains("://"));
                if let Some((_, place)) = found {
                    let message = "spool_file is not set: neomutt opens the mailbox of this machine first";
                    self.findings.add(codes::INCOMPLETE, Some(place), message, "set spool_file to +INBOX");
                }
                found
            }
        };
        let (text, place) = first.filter(|(text, _)| text.starts_with("imap"))?;
        let url = ServerUrl::of(text)?;
        let security = self.security(&url, "imaps", place)?;
        let usual = usual_port(Protocol::Imap, security);
        self.server("imap", &url, security, usual, place)
    }

    fn outgoing(&mut self) -> Option<Server> {
        let (text, place) = self.text("smtp_url")?;
        let Some(url) = ServerUrl::of(text).filter(|url| ["smtp", "smtps"].contains(&url.scheme)) else {
            let message = format!("smtp_url is {}", shown(text));
            self.findings.add(codes::WRONG_VALUE, Some(place), message, "write smtps://HOST:465/");
            return None;
        };
        let security = self.security(&url, "smtps", place)?;
        let usual = if security == Security::ImplicitTls { usual_port(Protocol::Submission, security) } else { RELAY };
        self.server("smtp", &url, security, usual, place)
    }

    /// An upgrade that is asked for alone is left out where the server does not offer it.
    fn security(&mut self, url: &ServerUrl<'_>, tls: &str, place: Place) -> Option<Security> {
        if url.scheme == tls {
            return Some(Security::ImplicitTls);
        }
        if Some(url.scheme) != tls.strip_suffix('s') {
            let message = format!("the scheme is {}", shown(url.scheme));
            self.findings.add(codes::WRONG_VALUE, Some(place), message, format!("write {tls}://"));
            return None;
        }
        let on = |name: &str| self.text(name).is_none_or(|(text, _)| is_on(text));
        Some(match (on("ssl_force_tls"), on("ssl_starttls")) {
            (true, _) => Security::StartTls,
            (false, true) => {
                let message = format!("ssl_force_tls is off: {} without STARTTLS is taken as well", url.host);
                self.findings.add(codes::CLEARTEXT, Some(place), message, "set ssl_force_tls to yes");
                Security::StartTls
            }
            (false, false) => {
                let message = format!("ssl_starttls and ssl_force_tls are off for {}", url.host);
                self.findings.add(codes::CLEARTEXT, Some(place), message, "set ssl_force_tls to yes");
                Security::Cleartext
            }
        })
    }

    fn server(
        &mut self,
        kind: &str,
        url: &ServerUrl<'_>,
        security: Security,
        usual: Port,
        place: Place,
    ) -> Option<Server> {
        let host = spelling::host("the host", url.host, place, self.findings);
        let port = match url.port {
            Some(text) => spelling::port("the port", text, place, self.findings),
            None => {
                let message = format!("no port in the URL of {}", url.host);
                self.findings.add(codes::MISSING_PORT, Some(place), message, "write the port");
                self.assumed.push(Assumption::of(format_args!("port of {}", url.host), usual, MANUAL));
                Some(usual)
            }
        };
        let user = self.text(&format!("{kind}_user"));
        let user = self.text("imap_login").filter(|_| kind == "imap").or(user);
        let login = match (url.user(), user) {
            (Some(name), _) if !name.is_empty() => spelling::login("the user in the URL", &name, place, self.findings),
            (_, Some((text, at))) => spelling::login(&format!("{kind}_user"), text, at, self.findings),
            (_, None) if kind == "smtp" => None,
            (_, None) => {
                self.findings.add(
                    codes::MISSING_USERNAME,
                    Some(place),
                    "no imap_user",
                    "set imap_user to the login name",
                );
                self.assumed.push(Assumption::of("imap_user", "asked for, with the name on this machine", MANUAL));
                None
            }
        };
        let authentication = match &login {
            None if kind == "smtp" => {
                self.assumed.push(Assumption::of("smtp_user", "none: neomutt does not log in to send", MANUAL));
                Authentication::None
            }
            None | Some(_) => self.authentication(&format!("{kind}_authenticators")),
        };
        let password = self.password(&format!("{kind}_pass"), url, place);
        Some(Server { endpoint: Endpoint { host: host?, port: port?, security, authentication }, login, password })
    }

    fn password(&mut self, name: &str, url: &ServerUrl<'_>, place: Place) -> Option<Secret> {
        if let Some(Value { known: Known::ButForTheEnvironment(variable), place, .. }) = self.settings.get(name) {
            let message = format!("{name} is not what stands there: ${variable} in it is replaced");
            self.findings.add(codes::EXPANDED_VALUE, Some(*place), message, "write it in single quotation marks");
        }
        let in_url = url.password().map(|text| (text.into_owned(), place));
        let (text, at) = in_url.or(self.text(name).map(|(text, at)| (text.to_owned(), at)))?;
        let fix = format!("set {name} to a command in backticks, in double quotation marks");
        self.findings.add(codes::PASSWORD_IN_FILE, Some(at), "the password is in the file", fix);
        Some(Secret::new(text))
    }

    /// The first of the names. Without one: what the server offers.
    fn authentication(&mut self, name: &str) -> Authentication {
        let Some((text, place)) = self.text(name) else {
            self.assumed.push(Assumption::of(name, "whatever the server offers", MANUAL));
            return Authentication::PasswordCleartext;
        };
        let method = text.split(':').next().unwrap_or("").to_lowercase();
        let other = match method.as_str() {
            "plain" | "login" => return Authentication::PasswordCleartext,
            "xoauth2" | "oauthbearer" => return Authentication::OAuth2,
            "gssapi" => Authentication::Gssapi,
            "cram-md5" => Authentication::PasswordEncrypted,
            "digest-md5" => Authentication::HttpMd5,
            "ntlm" => Authentication::Ntlm,
            "external" => Authentication::ClientCertificate,
            _ => Authentication::PasswordCleartext,
        };
        if name.starts_with("smtp") || method != "gssapi" {
            let message =
                format!("{name} is {}, which neomutt built with GNU SASL, as Debian's is, refuses", shown(text));
            self.findings.add(codes::FAILS_ELSEWHERE, Some(place), message, "write plain:login");
        }
        other
    }

    /// The address, and the name where it stands before it.
    fn from(&mut self) -> (Option<provost_account::EmailAddress>, Option<DisplayName>) {
        let Some((text, place)) = self.text("from") else {
            self.assumed.push(Assumption::of("from", "the name on this machine, at its host name", MANUAL));
            return (None, None);
        };
        match text.strip_suffix('>').and_then(|inside| inside.rsplit_once('<')) {
            Some((name, address)) => {
                let name = DisplayName::try_from(name.trim().trim_matches('"')).ok();
                (spelling::address("from", address, place, self.findings), name)
            }
            None => (spelling::address("from", text, place, self.findings), None),
        }
    }
}

/// What neomutt takes for true; `ask-yes` is a question.
fn is_on(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "yes" | "y" | "true" | "1" | "on" | "ask-yes")
}

/// Variables that change whom neomutt talks to, and whom it believes.
const SAID: &[&str] =
    &["certificate_file", "ssl_client_cert", "ssl_force_tls", "ssl_usesystemcerts", "ssl_verify_host", "tunnel"];
const MANUAL: &str = "neomuttrc(5), NeoMutt 20220429";
const VALUE_OCTETS_MAX: usize = 64 * 1024;

/// Variables that begin so are all in the next list.
const FAMILIES: &[&str] = &["imap_", "smtp_", "ssl_"];

/// Of versions of SSL and TLS that nobody should speak.
const OLD: &[&str] = &["ssl_use_sslv2", "ssl_use_sslv3", "ssl_use_tlsv1", "ssl_use_tlsv1_1"];

/// As `neomutt -D` prints them.
const KNOWN: &[&str] = &[
    "imap_authenticators",
    "imap_check_subscribed",
    "imap_condstore",
    "imap_delim_chars",
    "imap_fetch_chunk_size",
    "imap_headers",
    "imap_idle",
    "imap_keepalive",
    "imap_list_subscribed",
    "imap_login",
    "imap_oauth_refresh_command",
    "imap_pass",
    "imap_passive",
    "imap_peek",
    "imap_pipeline_depth",
    "imap_poll_timeout",
    "imap_qresync",
    "imap_rfc5161",
    "imap_server_noise",
    "imap_user",
    "smtp_authenticators",
    "smtp_oauth_refresh_command",
    "smtp_pass",
    "smtp_url",
    "smtp_user",
    "ssl_ca_certificates_file",
    "ssl_ciphers",
    "ssl_client_cert",
    "ssl_force_tls",
    "ssl_min_dh_prime_bits",
    "ssl_starttls",
    "ssl_use_sslv3",
    "ssl_use_tlsv1",
    "ssl_use_tlsv1_1",
    "ssl_use_tlsv1_2",
    "ssl_use_tlsv1_3",
    "ssl_verify_dates",
    "ssl_verify_host",
];

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
        let settings = settings(file, &mut Vec::new(), &mut findings).expect("a file");
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
