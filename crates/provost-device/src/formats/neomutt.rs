//! `neomuttrc`, as Debian's `NeoMutt` 20220429 reads it (observed, 2026-11; mutt's file has the same syntax): commands,
//! of which `set` is read here. Single quotation marks keep a value as it is; elsewhere `$name` is replaced and text
//! between backticks is executed. The folder that is opened first is the account's.

mod language;

use provost_account::{
    Account, Authentication, DisplayName, Endpoint, Findings, Incoming, IncomingProtocol, Place, Port, Protocol,
    Secret, Security, Server, codes::profile as codes, shown,
};

use crate::contradictions::{RELAY, usual_port};
use crate::pem;
use crate::person::Person;
use crate::reading::Reading;
use crate::server_url::ServerUrl;
use crate::source_file::SourceFile;
use crate::spelling;
use crate::spelling::Logins;
use crate::understood::{Assumption, Ignored, Said, Understood};
use language::{Known, Settings, Value, settings};

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
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
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
    /// A value that the file gives in full.
    fn text(&self, name: &str) -> Option<(&'a str, Place)> {
        let value = self.settings.get(name).filter(|value| value.known == Known::Whole && !value.text.is_empty())?;
        Some((value.text.as_str(), value.place))
    }

    /// The commands in backticks that print passwords, and those that print tokens.
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
                    let message = "spool_file is not set: neomutt opens the local mailbox first";
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
            return self.findings.refuse(codes::WRONG_VALUE, Some(place), message, "write smtps://HOST:465/");
        };
        let security = self.security(&url, "smtps", place)?;
        let usual = if security == Security::ImplicitTls { usual_port(Protocol::Submission, security) } else { RELAY };
        self.server("smtp", &url, security, usual, place)
    }

    /// Without `ssl_force_tls`, STARTTLS is skipped if the server does not offer it.
    fn security(&mut self, url: &ServerUrl<'_>, tls: &str, place: Place) -> Option<Security> {
        if url.scheme == tls {
            return Some(Security::ImplicitTls);
        }
        if Some(url.scheme) != tls.strip_suffix('s') {
            let message = format!("the scheme is {}", shown(url.scheme));
            return self.findings.refuse(codes::WRONG_VALUE, Some(place), message, format!("write {tls}://"));
        }
        let on = |name: &str| self.text(name).is_none_or(|(text, _)| is_on(text));
        Some(match (on("ssl_force_tls"), on("ssl_starttls")) {
            (true, _) => Security::StartTls,
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
                let fix = "set imap_user to the login name";
                self.findings.add(codes::MISSING_USERNAME, Some(place), "no imap_user", fix);
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
            let message = format!("{name} is not literal: ${variable} in it is replaced");
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
            let message = format!("{name} is {}, which Debian's neomutt (GNU SASL) rejects", shown(text));
            self.findings.add(codes::FAILS_ELSEWHERE, Some(place), message, "write plain:login");
        }
        other
    }

    /// The address, and the name in front of it.
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

/// What neomutt accepts as true; `ask-yes` is a question.
fn is_on(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "yes" | "y" | "true" | "1" | "on" | "ask-yes")
}

/// Variables that affect the connection, and whom neomutt trusts.
const SAID: &[&str] =
    &["certificate_file", "ssl_client_cert", "ssl_force_tls", "ssl_usesystemcerts", "ssl_verify_host", "tunnel"];
const MANUAL: &str = "neomuttrc(5), NeoMutt 20220429";
