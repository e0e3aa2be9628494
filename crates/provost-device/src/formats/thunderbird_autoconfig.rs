//! Mozilla's autoconfig file, as Thunderbird 153.8.0esr reads it (observed, 2026-11): the first usable server of a kind
//! wins, whatever its type; an unusable one is silently skipped. What other clients would do differently is a finding.
//! Calendar and address book are read as in draft-ietf-mailmaint-autoconfig-06 (version 1.2), for the clients that know
//! it; Thunderbird 153 does not.

mod besides;
mod collections;
mod encoded;
mod oauth2_hosts;
mod values;

use provost_account::{
    Account, Authentication, DisplayName, DomainName, EmailAddress, Endpoint, Findings, Host, Incoming,
    IncomingProtocol, Lack, Login, Port, Secret, Security, Server, codes::profile as codes,
};

use crate::as_version::AsVersion;
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::understood::{Assumption, Ignored, Provider, Understood};
use crate::xml::{self, Element};
use values::Value;

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "clientConfig")
}

/// Reads a file for a person; without one, for a placeholder in the file's first domain.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person, version: Option<AsVersion>) -> Reading {
    let mut findings = Findings::default();
    let understood = files.first().and_then(|it| file(it.bytes, person, version, &mut findings));
    Reading::of(understood, findings)
}

fn file(bytes: &[u8], person: &Person, version: Option<AsVersion>, findings: &mut Findings) -> Option<Understood> {
    let text = encoded::text(bytes, findings)?;
    let root = xml::parse_text(&text, findings)?;
    if root.name != "clientConfig" {
        let message = format!("the root is <{}>; a prefix before clientConfig is not supported", root.name);
        return findings.refuse(codes::WRONG_VALUE, Some(root.place), message, "write <clientConfig version=\"1.1\">");
    }
    let Some(provider) = root.child("emailProvider") else {
        return findings.refuse(codes::MISSING_KEY, Some(root.place), "no emailProvider", "add one");
    };
    let mut assumed = Vec::new();
    let said = domains(provider, findings);
    let address = whose(&said, person, &mut assumed);
    let Some(address) = address else {
        let fix = crate::spelling::SAY_FOR_WHOM;
        return findings.refuse(codes::NO_ADDRESS, Some(provider.place), "the file is for no particular person", fix);
    };
    android(provider, findings);
    let reads_exchange = version.is_none_or(|asked| !asked.is_before(READS_EXCHANGE));
    let servers = Servers { person, address: &address, reads_exchange };
    let incoming = servers.incoming(provider, findings, &mut assumed);
    let outgoing = servers.outgoing(provider, findings, &mut assumed);
    let kinds = [
        ("incomingServer", Lack::IncomingServer, incoming.is_empty()),
        ("outgoingServer", Lack::OutgoingServer, outgoing.is_empty()),
    ];
    let has_exchange = assumed.iter().any(|it| it.key == FIRST_SERVER);
    for (kind, lack, none) in kinds {
        if none && !has_exchange && !findings.has_error() {
            let (message, fix) = (format!("no {kind} that Thunderbird can use"), "see the other findings about each");
            findings.add_lack(lack, codes::NO_SERVER, Some(provider.place), message, fix);
        }
    }
    if outgoing.first().is_some_and(|server| server.login.is_none()) {
        let message = "the outgoing server has no login: Thunderbird treats the file as incomplete";
        let fix = "add the login method";
        findings.add_lack(Lack::OutgoingLogin, codes::INCOMPLETE, Some(provider.place), message, fix);
    }
    let label = provider.child("displayName").map(|name| Value::of(name).text().to_owned());
    let groupware = collections::read(&root, &|text| servers.replaced(text), findings);
    let account =
        Account { full_name: person.full_name.clone(), incoming, outgoing, groupware, ..Account::of(address.clone()) };
    let domains = said.iter().filter_map(|domain| DomainName::try_from(*domain).ok()).collect();
    let name = label.as_deref().and_then(|label| DisplayName::try_from(label).ok());
    Some(Understood {
        label,
        assumed,
        ignored: ignored(&root, provider),
        provider: Provider { name, domains },
        oauth2: besides::oauth2(&root, &|text| servers.replaced(text)),
        exchange: besides::exchange(provider, &|text| servers.replaced(text)),
        said: besides::said(provider, &|text| servers.replaced(text)),
        ..Understood::of("Thunderbird", account)
    })
}

/// The domains that count, each a host name without attributes.
fn domains<'a>(provider: &'a Element, findings: &mut Findings) -> Vec<&'a str> {
    if !provider.attribute("id").is_some_and(values::is_host_or_placeholder) {
        let message = format!("emailProvider's id {:?} is not a host name", provider.attribute("id").unwrap_or(""));
        findings.add(codes::WRONG_VALUE, Some(provider.place), message, "write the domain");
    }
    let domains: Vec<&str> = provider
        .all("domain")
        .filter(|domain| domain.attributes.is_empty())
        .map(|domain| domain.text.trim())
        .filter(|domain| values::is_host_or_placeholder(domain))
        .collect();
    if domains.is_empty() {
        let message = "no domain element with a host name and no attribute";
        findings.add(codes::MISSING_KEY, Some(provider.place), message, "add <domain>");
    }
    domains
}

/// The person's address, or a placeholder in the first domain.
fn whose(domains: &[&str], person: &Person, assumed: &mut Vec<Assumption>) -> Option<EmailAddress> {
    if let Some(address) = &person.address {
        return Some(address.clone());
    }
    let address = domains.iter().find_map(|domain| EmailAddress::try_from(format!("user@{domain}").as_str()).ok())?;
    let source = "a placeholder, because the file does not say whose account it is";
    assumed.push(Assumption::of("address", &address, source));
    Some(address)
}

/// What Thunderbird does not look at.
fn ignored(root: &Element, provider: &Element) -> Vec<Ignored> {
    let unused = |parent: &Element, used: &'static [&'static str]| -> Vec<Ignored> {
        let unused = parent.children.iter().filter(|child| !used.contains(&child.name.as_str()));
        let ignored = |child: &Element| {
            Ignored::of(
                &child.name,
                child.place,
                collections::ignored_by_thunderbird(child).unwrap_or("Thunderbird ignores it"),
            )
        };
        unused.map(ignored).collect()
    };
    let extra = root
        .all("emailProvider")
        .skip(1)
        .map(|extra| Ignored::of("emailProvider", extra.place, "only the first emailProvider counts"));
    let mut ignored = unused(provider, &["domain", "displayName", "incomingServer", "outgoingServer"]);
    let of_other_clients = provider.all("incomingServer").filter_map(|it| Some((it, it.attribute("type")?)));
    let of_other_clients = of_other_clients.filter(|(_, kind)| ["exchange", "ews", "owa", "jmap"].contains(kind));
    ignored.extend(of_other_clients.map(|(element, kind)| {
        Ignored::of(format_args!("incomingServer {kind}"), element.place, "it is neither IMAP nor POP3")
    }));
    ignored.extend(unused(root, &["emailProvider"]));
    ignored.extend(extra);
    ignored
}

/// Whose account the servers are for.
struct Servers<'a> {
    person: &'a Person,
    address: &'a EmailAddress,
    reads_exchange: bool,
}

/// A way to log in, at servers of both kinds.
fn known(name: &str) -> Option<Authentication> {
    match name {
        "password-cleartext" | "plain" => Some(Authentication::PasswordCleartext),
        "password-encrypted" | "secure" => Some(Authentication::PasswordEncrypted),
        "GSSAPI" => Some(Authentication::Gssapi),
        "NTLM" => Some(Authentication::Ntlm),
        "OAuth2" => Some(Authentication::OAuth2),
        _ => None,
    }
}

impl Servers<'_> {
    fn incoming(&self, provider: &Element, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Vec<Incoming> {
        let mut servers = Vec::new();
        for element in provider.all("incomingServer") {
            let protocol = match element.attribute("type") {
                Some("imap") => IncomingProtocol::Imap,
                Some("pop3") => IncomingProtocol::Pop3,
                Some(kind @ ("exchange" | "ews" | "owa")) => {
                    if self.reads_exchange && servers.is_empty() && !assumed.iter().any(|it| it.key == FIRST_SERVER) {
                        let value = format!("{kind}: Thunderbird sets Exchange up, and the others are alternatives");
                        assumed.push(Assumption::of(FIRST_SERVER, value, "observed: Thunderbird 153.7.0esr, 2026-11"));
                    }
                    continue;
                }
                // What draft-ietf-mailmaint-autoconfig has beside it is for other clients.
                Some("jmap") => continue,
                Some("nntp") if servers.is_empty() => {
                    let message = "the first server is neither IMAP nor POP3, and Thunderbird would use it";
                    findings.add(codes::NOTHING_TO_SET_UP, Some(element.place), message, "put IMAP first");
                    continue;
                }
                other => {
                    skipped::<()>(element, &format!("type {:?}", other.unwrap_or("")), findings);
                    continue;
                }
            };
            let Some(mut server) = self.server(element, &known, true, findings) else { continue };
            if server.login.is_none() {
                undefined(element, &mut server, findings, assumed);
            }
            global(element, findings);
            servers.push(Incoming { protocol, server });
        }
        servers
    }

    fn outgoing(&self, provider: &Element, findings: &mut Findings, assumed: &mut Vec<Assumption>) -> Vec<Server> {
        let mut servers: Vec<Server> = Vec::new();
        for element in provider.all("outgoingServer") {
            if element.attribute("type") != Some("smtp") {
                skipped::<()>(element, &format!("type {:?}", element.attribute("type").unwrap_or("")), findings);
                continue;
            }
            let known = |name: &str| match name {
                "none" | "client-IP-address" | "smtp-after-pop" => Some(Authentication::None),
                name => known(name),
            };
            // Placeholders are replaced in the first outgoing server only.
            let Some(mut server) = self.server(element, &known, servers.is_empty(), findings) else { continue };
            let with_password = [Authentication::PasswordCleartext, Authentication::PasswordEncrypted];
            if with_password.contains(&server.endpoint.authentication) && server.login.is_none() {
                undefined(element, &mut server, findings, assumed);
            }
            if !servers.is_empty() && server.login.as_ref().is_some_and(|login| login.as_str().contains("%EMAIL")) {
                let message = "a placeholder in an alternative outgoing server is not replaced";
                findings.add(codes::WEAK_USERNAME, Some(element.place), message, "write the login name itself");
            }
            global(element, findings);
            servers.push(server);
        }
        servers
    }

    /// A server, if Thunderbird can use it.
    fn server(
        &self,
        element: &Element,
        known: &dyn Fn(&str) -> Option<Authentication>,
        replaces: bool,
        findings: &mut Findings,
    ) -> Option<Server> {
        let value = |name: &str| element.child(name).map(Value::of);
        let replaced = |text: &str| if replaces { self.replaced(text) } else { text.to_owned() };
        let hostname = value("hostname").map_or_else(String::new, |value| value.text().trim().to_owned());
        if let Some(Value::Made(made)) = value("hostname") {
            let message = format!("hostname is empty: Thunderbird uses {made:?}");
            findings.add(codes::WEAK_USERNAME, Some(element.place), message, "write the server's host name");
        }
        if !values::is_host_or_placeholder(&hostname) {
            return skipped(element, &format!("hostname {hostname:?}"), findings);
        }
        let host = match Host::try_from(replaced(&hostname).as_str()) {
            Ok(host) => host,
            Err(error) => return skipped(element, &format!("hostname {hostname:?}: {error}"), findings),
        };
        let port: Option<Port> = value("port").and_then(|value| values::port(value.text()));
        let Some(port) = port else {
            return skipped(element, "no port from 1 to 65535", findings);
        };
        let socket_types = element.all("socketType").map(Value::of);
        let security = socket_types.filter_map(|value| match value.text() {
            "plain" => Some(Security::Cleartext),
            "SSL" => Some(Security::ImplicitTls),
            "STARTTLS" => Some(Security::StartTls),
            _ => None,
        });
        let Some(security) = security.into_iter().next() else {
            return skipped(element, "no socketType of plain, SSL or STARTTLS", findings);
        };
        let usable =
            |method: &Authentication| *method != Authentication::OAuth2 || oauth2_hosts::knows(&host.to_string());
        let methods = element.all("authentication").map(Value::of).filter_map(|value| known(value.text()));
        let Some(authentication) = methods.into_iter().find(usable) else {
            let lack = match element.name.as_str() {
                "incomingServer" => Lack::IncomingAuthentication,
                _ => Lack::OutgoingAuthentication,
            };
            let (message, fix) = passed_over(element, "no authentication that Thunderbird can use there");
            findings.add_lack(lack, codes::SERVER_SKIPPED, Some(element.place), message, fix);
            return None;
        };
        if security == Security::Cleartext {
            findings.add(codes::CLEARTEXT, Some(element.place), "socketType is plain", "offer SSL or STARTTLS");
        }
        let login = match value("username") {
            None => None,
            Some(value) => {
                if let Value::Number(_) | Value::Object | Value::Made(_) = value {
                    let message = format!("the username is read as {:?}", value.text());
                    findings.add(codes::WEAK_USERNAME, Some(element.place), message, "write a placeholder instead");
                }
                match Login::try_from(replaced(value.text()).as_str()) {
                    Ok(login) => Some(login),
                    Err(error) => return skipped(element, &format!("username: {error}"), findings),
                }
            }
        };
        let password = element.child("password").map(|it| it.text.clone()).filter(|password| !password.is_empty());
        if password.is_some() {
            findings.add(codes::PASSWORD_IN_FILE, Some(element.place), "a password", "leave it out");
        }
        Some(Server {
            endpoint: Endpoint { host, port, security, authentication },
            login,
            password: password.map(Secret::new),
        })
    }

    fn replaced(&self, text: &str) -> String {
        let name = self.person.full_name.as_ref().map_or("", |name| name.as_str());
        text.replace("%EMAILADDRESS%", self.address.as_str())
            .replace("%EMAILLOCALPART%", self.address.local_part())
            .replace("%EMAILDOMAIN%", DomainName::as_str(self.address.domain()))
            .replace("%REALNAME%", name)
    }
}

/// Thunderbird requires a login name if it asks for a password, and turns the missing value into one.
fn undefined(element: &Element, server: &mut Server, findings: &mut Findings, assumed: &mut Vec<Assumption>) {
    let message = format!("this {} has no username: Thunderbird logs in as \"undefined\"", element.name);
    findings.add(codes::WEAK_USERNAME, Some(element.place), message, "add <username>%EMAILADDRESS%</username>");
    server.login = Login::try_from("undefined").ok();
    let value = "undefined".to_owned();
    assumed.push(Assumption::of(format_args!("username of the {}", element.name), value, OBSERVED));
}

fn skipped<T>(element: &Element, why: &str, findings: &mut Findings) -> Option<T> {
    let (message, fix) = passed_over(element, why);
    findings.refuse(codes::SERVER_SKIPPED, Some(element.place), message, fix)
}

/// The message and the fix for a server that Thunderbird skips.
fn passed_over(element: &Element, why: &str) -> (String, &'static str) {
    (format!("Thunderbird skips this {}: {why}", element.name), "correct it there, or remove the server")
}

fn global(element: &Element, findings: &mut Findings) {
    if element.child("useGlobalPreferredServer").is_some_and(|it| it.text.trim() == "true") {
        let message = "useGlobalPreferredServer is true: if another account exists, its outgoing server is used";
        findings.add(codes::USE_GLOBAL_PREFERRED_SERVER, Some(element.place), message, "write false, or remove it");
    }
}

/// Thunderbird for Android and K-9 Mail reject the whole file if they do not understand one IMAP or SMTP server.
fn android(provider: &Element, findings: &mut Findings) {
    for server in provider.children.iter() {
        let concerned = matches!(
            (server.name.as_str(), server.attribute("type")),
            ("incomingServer", Some("imap")) | ("outgoingServer", Some("smtp"))
        );
        let has = |name: &str, of: &[&str]| {
            server.all(name).any(|it| of.is_empty() && !it.text.trim().is_empty() || of.contains(&it.text.trim()))
        };
        let lacks = [
            ("hostname", has("hostname", &[])),
            ("port", has("port", &[])),
            ("username", has("username", &[])),
            ("socketType SSL or STARTTLS", has("socketType", &["SSL", "STARTTLS"])),
            (
                "authentication that they know",
                has("authentication", &["OAuth2", "password-cleartext", "password-encrypted"]),
            ),
        ];
        if let Some((what, _)) = lacks.iter().find(|(_, has)| concerned && !has) {
            let message = format!("Thunderbird for Android and K-9 Mail reject the whole file: no {what}");
            let (place, fix) = (Some(server.place), "correct it there, or remove the server");
            match *what {
                "username" => findings.add_lack(Lack::Username, codes::FAILS_ELSEWHERE, place, message, fix),
                _ => findings.add(codes::FAILS_ELSEWHERE, place, message, fix),
            }
        }
    }
}

/// The assumption that the file offers Exchange before any other server.
const FIRST_SERVER: &str = "first server";
/// The version that began to set Exchange up from such a file.
const READS_EXCHANGE: &str = "149";
const OBSERVED: &str = "observed: the account setup of Thunderbird 153.8.0esr, 2026-11";
