//! `neomuttrc`, as Debian's `NeoMutt` 20220429 reads it (observed, 2026-11; mutt's file has the same syntax): commands,
//! of which `set` is read here. Single quotation marks keep a value as it is; elsewhere `$name` is replaced and text
//! between backticks is executed. The folder that is opened first is the account's; mail may also come from `pop_host`.

mod language;

use provost_account::{
    Account, Authentication, DisplayName, EmailAddress, Endpoint, Findings, Incoming, IncomingProtocol, Place, Port,
    Protocol, Secret, Security, Server, codes::profile as codes, shown,
};

use crate::contradictions::{RELAY, usual_port};
use crate::mailbox::mailbox;
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::server_url::ServerUrl;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Said, Understood};
use language::{Known, Script, UNKNOWN, Value};

/// By the name, or by a variable that only a mail program of this family has.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = file.start();
    let sets = |line: &str| {
        let name = line.trim_start().strip_prefix("set ").map(|rest| rest.trim_start().split([' ', '=']).next());
        name.flatten()
            .is_some_and(|name| ["imap_user", "smtp_url", "spoolfile", "spool_file", "pop_host"].contains(&name))
    };
    file.path.ends_with("muttrc") || text.lines().any(sets)
}

/// Reads the configuration and the file of certificate authorities that it names.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let script = Script::of(files, &mut findings);
    let profiles = script.as_ref().and_then(|script| understood(script, person, files, &mut findings));
    let fix = "set folder to imaps://HOST:993/, spool_file to +INBOX, and smtp_url";
    Reading::of_some(profiles, findings, "neither an account nor a folder, and no server to send through", fix)
}

fn understood(
    script: &Script,
    person: &Person,
    files: &[SourceFile<'_>],
    findings: &mut Findings,
) -> Option<Understood> {
    let mut reader = Reader { script, assumed: Vec::new(), ignored: Vec::new(), findings };
    let incoming: Vec<Incoming> = [reader.imap(), reader.pop()].into_iter().flatten().collect();
    let outgoing: Vec<Server> = reader.outgoing().into_iter().collect();
    reader.mailboxes(&incoming);
    if let Some(tunnel) = reader.value("tunnel") {
        spelling::not_followed("tunnel", "a command makes the connection to the server", tunnel.place, reader.findings);
    }
    let first = incoming.first().map(|it| &it.server).or(outgoing.first());
    // Other programs may fetch the mail and send it; a file of key bindings alone is no account.
    let is_account = ["folder", "spool_file", "from", "sendmail"].iter().any(|name| reader.value(name).is_some());
    let may_be = is_account || script.from_header.is_some() || script.goes_on;
    if first.is_none() && !may_be {
        return None;
    }
    if let Some((_, place)) = reader.text("ssl_verify_host").filter(|(text, _)| !is_on(text)) {
        let message = "ssl_verify_host is off: a certificate for any name is accepted";
        reader.findings.add(codes::ANY_CERTIFICATE, Some(place), message, "remove the line");
    }
    let (address, own_name) = reader.from();
    let name = match reader.text("real_name") {
        Some((text, _)) => DisplayName::try_from(text).ok(),
        None => None,
    };
    // It replaces the one that Debian's own configuration names.
    let (trust, missing) =
        pem::of_named_file("ssl_ca_certificates_file", reader.text("ssl_ca_certificates_file"), files);
    reader.ignored.extend(missing);
    let place = Place { line: 1, column: 1 };
    let address = match address {
        Some(address) => address,
        None => {
            let login = first.and_then(|server| server.login.as_ref());
            Logins::only(person).whose(login, "", place, &mut reader.assumed, reader.findings)
        }
    };
    let commands = reader.password_commands();
    let said = SAID.iter().filter_map(|name| Some(Said::new(*name, reader.text(name)?.0))).collect();
    let Reader { assumed, ignored, .. } = reader;
    let account = Account { full_name: own_name.or(name), incoming, outgoing, trust, ..Account::of(address) };
    let mut understood = Understood { assumed, ignored, said, ..Understood::of("neomutt", account) };
    understood.asks(commands);
    Some(understood)
}

struct Reader<'a> {
    script: &'a Script,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
    findings: &'a mut Findings,
}

impl<'a> Reader<'a> {
    /// A value, whether the file gives all of it or not.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.script.settings.get(name).filter(|value| !value.text.is_empty())
    }

    /// A value that the file gives in full.
    fn text(&self, name: &str) -> Option<(&'a str, Place)> {
        let value = self.value(name).filter(|value| value.known == Known::Whole)?;
        Some((value.text.as_str(), value.place))
    }

    /// Where the rest of a value comes from.
    fn rest_of(known: &Known) -> String {
        match known {
            Known::Whole => "the file".to_owned(),
            Known::ButForACommand(command) => format!("what this command prints: {command}"),
            Known::ButForTheEnvironment(variable) => format!("${variable}, which is set elsewhere"),
        }
    }

    /// The commands in backticks that print passwords, and those that print tokens.
    fn password_commands(&self) -> Vec<String> {
        let names = ["imap_pass", "smtp_pass", "pop_pass", "smtp_url", "pop_host", "folder"];
        let printed = names.into_iter().filter_map(|name| match &self.value(name)?.known {
            Known::ButForACommand(command) => Some(command.clone()),
            Known::Whole | Known::ButForTheEnvironment(_) => None,
        });
        let refreshed = ["imap_oauth_refresh_command", "smtp_oauth_refresh_command", "pop_oauth_refresh_command"];
        let refreshed = refreshed.into_iter().filter_map(|name| Some(self.text(name)?.0.to_owned()));
        printed.chain(refreshed).collect()
    }

    fn imap(&mut self) -> Option<Incoming> {
        let folder = self.value("folder");
        let spool = self.value("spool_file");
        let first = match spool.map(|value| value.text.as_str()) {
            Some(text) if text.starts_with(UNKNOWN) => folder,
            Some(text) if text.contains("://") => spool,
            Some(text) => {
                let later = folder.filter(|folder| folder.text.contains("://") && text.starts_with(['+', '=']));
                if let (Some(spool), Some(_)) = (spool, later) {
                    let message = "spool_file is set before folder: neomutt opens a mailbox on this machine first";
                    self.findings.add(codes::INCOMPLETE, Some(spool.place), message, "set folder before spool_file");
                }
                None
            }
            None => {
                let found = folder.filter(|value| value.text.contains("://"));
                if let Some(value) = found {
                    let message = "spool_file is not set: neomutt opens the local mailbox first";
                    self.findings.add(codes::INCOMPLETE, Some(value.place), message, "set spool_file to +INBOX");
                }
                found
            }
        };
        let folder = first.or(folder)?;
        if folder.text.starts_with(UNKNOWN) && folder.known != Known::Whole {
            self.unknown("folder", folder);
            return None;
        }
        let value = first?;
        if value.text.starts_with("pop") {
            return None;
        }
        if !value.text.contains("://") {
            let reason = "mail that another program fetches is not evaluated here";
            self.ignored.push(Ignored::of("folder", value.place, reason));
            return None;
        }
        let text = in_lower_case(&value.text);
        let url = ServerUrl::of(&text).filter(|url| url.scheme.starts_with("imap"))?;
        let security = self.security(&url, "imaps", value.place)?;
        let usual = usual_port(Protocol::Imap, security);
        let server = self.server("imap", &url, security, usual, value)?;
        Some(Incoming { protocol: IncomingProtocol::Imap, server })
    }

    fn pop(&mut self) -> Option<Incoming> {
        let spool = self.value("spool_file").filter(|value| value.text.starts_with("pop"));
        let value = self.value("pop_host").or(spool)?;
        let whole =
            if value.text.contains("://") { in_lower_case(&value.text) } else { format!("pop://{}", value.text) };
        if value.text.starts_with(UNKNOWN) {
            self.unknown("pop_host", value);
            return None;
        }
        let url = ServerUrl::of(&whole)?;
        let security = self.security(&url, "pops", value.place)?;
        let usual = usual_port(Protocol::Pop3, security);
        let server = self.server("pop", &url, security, usual, value)?;
        Some(Incoming { protocol: IncomingProtocol::Pop3, server })
    }

    fn outgoing(&mut self) -> Option<Server> {
        let Some(value) = self.value("smtp_url") else {
            if let Some(program) = self.value("sendmail") {
                let reason = format!("mail that another program sends is not evaluated here: {}", program.text);
                self.ignored.push(Ignored::of("sendmail", program.place, reason));
            }
            return None;
        };
        if value.text.starts_with(UNKNOWN) {
            self.unknown("smtp_url", value);
            return None;
        }
        let text = in_lower_case(&value.text);
        let Some(url) = ServerUrl::of(&text).filter(|url| ["smtp", "smtps"].contains(&url.scheme)) else {
            let message = format!("smtp_url is {}: neomutt sends nothing", shown(&value.text));
            self.findings.add(codes::INCOMPLETE, Some(value.place), message, "write smtps://HOST:465/");
            return None;
        };
        let security = self.security(&url, "smtps", value.place)?;
        let usual = if security == Security::ImplicitTls { usual_port(Protocol::Submission, security) } else { RELAY };
        self.server("smtp", &url, security, usual, value)
    }

    /// Names mailboxes on other servers than the first.
    fn mailboxes(&mut self, incoming: &[Incoming]) {
        for (text, place) in &self.script.mailboxes {
            let Some(url) = ServerUrl::of(text) else { continue };
            let is_known = |it: &Incoming| it.server.endpoint.host.to_string().eq_ignore_ascii_case(url.host);
            let is_mail = url.scheme.starts_with("imap") || url.scheme.starts_with("pop");
            if is_mail && !incoming.iter().any(is_known) {
                let what = format!("the mailbox on {}", url.host.replace(UNKNOWN, "…"));
                spelling::not_followed(&what, "another account, whose login may be in a hook", *place, self.findings);
            }
        }
    }

    /// A server that only a command or the environment knows.
    fn unknown(&mut self, name: &str, value: &Value) {
        let why = format!("its value is {}", Self::rest_of(&value.known));
        spelling::not_followed(name, &why, value.place, self.findings);
    }

    /// Without `ssl_force_tls`, STARTTLS is skipped if the server does not offer it.
    fn security(&mut self, url: &ServerUrl<'_>, tls: &str, place: Place) -> Option<Security> {
        if url.scheme == tls {
            return Some(Security::ImplicitTls);
        }
        if Some(url.scheme) != tls.strip_suffix('s') {
            let message = format!("the scheme is {}: neomutt connects to nothing", shown(url.scheme));
            self.findings.add(codes::INCOMPLETE, Some(place), message, format!("write {tls}://"));
            return None;
        }
        let on = |name: &str| self.text(name).is_none_or(|(text, _)| is_on(text));
        // The command of a tunnel protects the connection, or connects to a program on this machine.
        let is_private = spelling::is_loopback(url.host) || self.value("tunnel").is_some();
        Some(match (on("ssl_force_tls"), on("ssl_starttls")) {
            (true, _) => Security::StartTls,
            (false, true) if is_private => Security::StartTls,
            (false, false) if is_private => Security::Cleartext,
            (false, true) => {
                let message = format!("ssl_force_tls is off: {} without STARTTLS is accepted too", url.host);
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
        value: &Value,
    ) -> Option<Server> {
        let place = value.place;
        if url.host.contains(UNKNOWN) || url.port.is_some_and(|port| port.contains(UNKNOWN)) {
            self.unknown(&format!("the server of {kind}"), value);
            return None;
        }
        let host = spelling::host("the host", url.host, place, self.findings);
        let port = match url.port {
            Some(text) => spelling::port("the port", text, place, self.findings),
            None => {
                self.assumed.push(Assumption::of(format_args!("port of {}", url.host), usual, MANUAL));
                Some(usual)
            }
        };
        let login = self.login(kind, url, value);
        let has_login = login.is_some() || self.has_login(kind, url);
        let authentication = match has_login {
            false if kind == "smtp" => {
                self.assumed.push(Assumption::of("smtp_user", "none: neomutt does not log in to send", MANUAL));
                Authentication::None
            }
            true | false => self.authentication(&format!("{kind}_authenticators")),
        };
        let password = self.password(&format!("{kind}_pass"), url, place);
        Some(Server { endpoint: Endpoint { host: host?, port: port?, security, authentication }, login, password })
    }

    /// Whether there is a login name, even one that is not in the file.
    fn has_login(&self, kind: &str, url: &ServerUrl<'_>) -> bool {
        url.user().is_some_and(|user| !user.is_empty()) || self.value(&format!("{kind}_user")).is_some()
    }

    /// The login name: the user in the URL, else the variable.
    fn login(&mut self, kind: &str, url: &ServerUrl<'_>, value: &Value) -> Option<provost_account::Login> {
        let name = format!("{kind}_user");
        let user = self.value("imap_login").filter(|_| kind == "imap").or(self.value(&name));
        let in_url = url.user().filter(|user| !user.is_empty());
        let (text, known, at) = match (&in_url, user) {
            (Some(text), _) => (text.as_ref(), &value.known, value.place),
            (None, Some(user)) => (user.text.as_str(), &user.known, user.place),
            (None, None) if kind == "smtp" => return None,
            (None, None) => {
                let message = format!("no {name}");
                let fix = format!("set {name} to the login name");
                self.findings.add(codes::MISSING_USERNAME, Some(value.place), message, fix);
                self.assumed.push(Assumption::of(name, "asked for, with the name on this machine", MANUAL));
                return None;
            }
        };
        if text.contains(UNKNOWN) {
            self.assumed.push(Assumption::of(name, Self::rest_of(known), MANUAL));
            return None;
        }
        spelling::login(&name, text, at, self.findings)
    }

    fn password(&mut self, name: &str, url: &ServerUrl<'_>, place: Place) -> Option<Secret> {
        if let Some(Value { known: Known::ButForTheEnvironment(variable), place, text }) = self.value(name) {
            match text.chars().eq([UNKNOWN]) {
                true => self.assumed.push(Assumption::of(name, format_args!("${variable}"), MANUAL)),
                false => {
                    let message = format!("{name} is not literal: ${variable} in it is replaced");
                    let fix = "write it in single quotation marks";
                    self.findings.add(codes::EXPANDED_VALUE, Some(*place), message, fix);
                }
            }
        }
        let in_url = url.password().map(|text| (text.into_owned(), place));
        let (text, at) = in_url.or(self.text(name).map(|(text, at)| (text.to_owned(), at)))?;
        if text.contains(UNKNOWN) {
            return None;
        }
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
            let message = format!("{name} is {}, which Debian's neomutt (GNU SASL) rejects", shown(text));
            self.findings.add(codes::FAILS_ELSEWHERE, Some(place), message, "write plain:login");
        }
        other
    }

    /// The address, and the name in front of it.
    fn from(&mut self) -> (Option<EmailAddress>, Option<DisplayName>) {
        let header = self.script.from_header.as_ref().map(|(text, place)| (text.as_str(), *place));
        if let Some(value) = self.value("from").filter(|value| value.text.contains(UNKNOWN)) {
            self.unknown("from", value);
            return (None, None);
        }
        let Some((text, place)) = self.text("from").or(header) else {
            self.assumed.push(Assumption::of("from", "the name on this machine, at its host name", MANUAL));
            return (None, None);
        };
        let (name, address) = mailbox(text);
        let name = DisplayName::try_from(name.as_str()).ok();
        match EmailAddress::try_from(address) {
            Ok(address) => (Some(address), name),
            Err(_) => {
                let what = format!("from {}", shown(text));
                spelling::not_followed(&what, "it is no whole address", place, self.findings);
                (None, name)
            }
        }
    }
}

/// A URL with its scheme in lower case: neomutt takes either.
fn in_lower_case(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_lowercase()),
        None => url.to_owned(),
    }
}

/// What neomutt accepts as true; `ask-yes` is a question.
fn is_on(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "yes" | "y" | "true" | "1" | "on" | "ask-yes")
}

/// Variables that affect the connection, and whom neomutt trusts.
const SAID: &[&str] =
    &["certificate_file", "ssl_client_cert", "ssl_force_tls", "ssl_usesystemcerts", "ssl_verify_host", "tunnel"];
const MANUAL: &str = "neomuttrc(5), NeoMutt 20220429";
