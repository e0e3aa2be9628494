//! Mozilla's autoconfig file, version 1.1, which Thunderbird, Thunderbird for Android, Evolution, KMail and others all
//! read the same way: for one person or a whole domain; for a domain also in version 1.2 of the draft, which adds
//! calendar and address book. Clients insert placeholders unescaped: an address with `/`, `?` or `#` in it gets a URL
//! that points elsewhere.
//!
//! No file gets alternative servers without TLS or login methods that Thunderbird for Android does not know, because it
//! rejects the whole file for one of them; nor `useGlobalPreferredServer`, nor passwords.

use crate::losses::{aliases, authorities, embedded_password, groupware, ldap, trust, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{DomainRequest, Request, Variant, Write};
use crate::xml;
use crate::xml::{element, text, text_with};
use provost_account::{
    Authentication, CollectionService, DomainName, Endpoint, Login, LoginTemplate, OAuth2, Organization, Protocol,
    Security, Service,
};
use quick_xml::Writer;
use quick_xml::events::BytesDecl;

/// The format's description.
pub(super) const SOURCE: &str = "https://www.ietf.org/archive/id/draft-ietf-mailmaint-autoconfig";

/// For one person; for a domain; and the same with calendar and address book.
pub(super) const VARIANTS: &[Variant] = &[
    Variant { name: "", devices: "all", write: Write::User(write) },
    Variant { name: "domain", devices: "all, from the domain's web server", write: Write::Domain(write_for_domain) },
    Variant {
        name: "draft-1.2",
        devices: "all, from the domain's web server; calendar and address book for clients that support the draft",
        write: Write::Domain(write_draft),
    },
];

/// Writes the file for one person.
fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let login_of = |login: Option<&Login>, first: bool| match login {
        None => Ok(None),
        Some(login) => {
            let literal = login.as_str();
            if PLACEHOLDERS.iter().any(|name| literal.contains(name)) {
                return Err(Unsayable { what: literal.to_owned(), reason: "clients would read it as a placeholder" });
            }
            match (looks_numeric(literal), first) {
                (false, _) => Ok(Some(literal.to_owned())),
                // Thunderbird reads 007 as the number 7, but replaces placeholders later, so one of them is safe.
                (true, true) if literal == account.address.local_part() => Ok(Some(LOCAL_PART.to_owned())),
                (true, _) => Err(Unsayable { what: literal.to_owned(), reason: NUMERIC }),
            }
        }
    };
    let incoming = account.incoming.iter().enumerate().map(|(at, it)| Candidate {
        kind: it.protocol.name(),
        endpoint: &it.server.endpoint,
        username: login_of(it.server.login.as_ref(), at == 0),
    });
    let outgoing = account.outgoing.iter().enumerate().map(|(at, it)| Candidate {
        kind: Protocol::Submission.name(),
        endpoint: &it.endpoint,
        username: login_of(it.login.as_ref(), at == 0),
    });
    let mut losses = Vec::new();
    losses.extend(window(account.sync, WINDOW, SOURCE));
    losses.extend(groupware(account, MAIL_ALONE, SOURCE));
    losses.extend(trust(account, TRUST, SOURCE));
    losses.extend(aliases(account, "the file describes servers, not a person's addresses", SOURCE));
    let reason = "the format has no documented place for it";
    losses.extend(embedded_password(account, request.passwords, reason, SOURCE));
    Ok(document(Document {
        version: Version::Published,
        organization: &request.service.organization,
        domains: std::slice::from_ref(account.address.domain()),
        incoming: chosen("incoming", incoming, &mut losses)?,
        outgoing: chosen("outgoing", outgoing, &mut losses)?,
        collections: Vec::new(),
        oauth2: request.service.oauth2.as_ref(),
        losses,
    }))
}

/// Writes the file for everybody in a domain, version 1.1.
fn write_for_domain(request: &DomainRequest<'_>) -> Result<Profile, Refusal> {
    for_domain(request, Version::Published)
}

/// Writes the file for everybody in a domain, version 1.2.
fn write_draft(request: &DomainRequest<'_>) -> Result<Profile, Refusal> {
    for_domain(request, Version::Draft)
}

/// The file for everybody in a domain, with placeholders in the place of login names.
fn for_domain(request: &DomainRequest<'_>, version: Version) -> Result<Profile, Refusal> {
    let service = request.service;
    let template = service.login.as_str();
    let username =
        |endpoint: &Endpoint| Ok((endpoint.authentication != Authentication::None).then(|| template.to_owned()));
    let incoming = service.incoming.iter().map(|(protocol, endpoint)| Candidate {
        kind: protocol.name(),
        endpoint,
        username: username(endpoint),
    });
    let outgoing = service.outgoing.iter().map(|endpoint| Candidate {
        kind: Protocol::Submission.name(),
        endpoint,
        username: username(endpoint),
    });
    let mut losses = losses_of_a_domain(service, version);
    let incoming = chosen("incoming", incoming, &mut losses)?;
    let outgoing = chosen("outgoing", outgoing, &mut losses)?;
    if template.contains('%') {
        for at in 1..outgoing.len() {
            let reason = "Thunderbird does not replace placeholders in alternative outgoing servers";
            let loss = Loss::of(format_args!("outgoing[{at}].username"), template, reason, OBSERVED);
            losses.push(loss.written(template));
        }
    }
    let collections = match version {
        Version::Published => Vec::new(),
        Version::Draft => collections(service),
    };
    let mut profile = document(Document {
        version,
        organization: &service.organization,
        domains: std::slice::from_ref(request.domain),
        incoming,
        outgoing,
        collections,
        oauth2: service.oauth2.as_ref(),
        losses,
    });
    // Both versions are asked for by this name.
    let url = format!("https://autoconfig.{}/mail/config-v1.1.xml", request.domain);
    profile.files.iter_mut().for_each(|file| file.install = Some(url.clone()));
    Ok(profile)
}

fn losses_of_a_domain(service: &Service, version: Version) -> Vec<Loss> {
    let mut losses = Vec::new();
    losses.extend(window(service.sync, WINDOW, SOURCE));
    for (setting, collection) in [("calendar", &service.calendar), ("contacts", &service.contacts)] {
        let Some(collection) = collection else { continue };
        let (written, reason) = match version {
            Version::Published => (None, MAIL_ALONE),
            Version::Draft => (
                Some(collection.url_of_everybody(&service.login).as_str().to_owned()),
                "Thunderbird 153 ignores it; clients that support version 1.2 use it",
            ),
        };
        losses.push(Loss { written, ..Loss::of(setting, collection.url.as_str(), reason, SOURCE) });
    }
    let directory = service.ldap.as_ref().map(|ldap| &ldap.host);
    losses.extend(ldap(directory, "the format has no element for directories", SOURCE));
    losses.extend(authorities(&service.trust, TRUST, SOURCE));
    losses
}

/// A calendar or an address book, with placeholders.
struct Remote {
    /// Of the element.
    name: &'static str,
    kind: &'static str,
    url: LoginTemplate,
    login: LoginTemplate,
}

fn collections(service: &Service) -> Vec<Remote> {
    let remote = |name, kind, of: &CollectionService| Remote {
        name,
        kind,
        url: of.url_of_everybody(&service.login),
        login: of.login_of_everybody(&service.login),
    };
    let calendar = service.calendar.as_ref().map(|it| remote("calendar", "caldav", it));
    let contacts = service.contacts.as_ref().map(|it| remote("addressbook", "carddav", it));
    calendar.into_iter().chain(contacts).collect()
}

/// Which description of the format a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// 1.1: mail alone.
    Published,
    /// 1.2, as `draft-ietf-mailmaint-autoconfig-06` has it: calendars and address books too.
    Draft,
}

/// A server that may go into the file.
struct Candidate<'a> {
    kind: &'static str,
    endpoint: &'a Endpoint,
    username: Result<Option<String>, Unsayable>,
}

/// A login name that the format would change.
struct Unsayable {
    what: String,
    reason: &'static str,
}

/// A server that goes into the file.
struct Chosen<'a> {
    kind: &'static str,
    endpoint: &'a Endpoint,
    authentication: &'static str,
    username: Option<String>,
}

/// The servers that every client accepts. Without the first one there is no file; each of the others is a loss.
fn chosen<'a>(
    side: &'static str,
    candidates: impl Iterator<Item = Candidate<'a>>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<Chosen<'a>>, Refusal> {
    let mut servers: Vec<Chosen<'a>> = Vec::new();
    for (at, Candidate { kind, endpoint, username }) in candidates.enumerate() {
        let security = endpoint.security;
        let said = method(side, endpoint.authentication).and_then(|method| Ok((method, username?)));
        let Unsayable { what, reason } = match said {
            Err(unsayable) => unsayable,
            Ok((_, username)) if at > 0 && (username.is_none() || security == Security::Cleartext) => {
                let reason = "Thunderbird for Android rejects a file that contains a server without TLS or login";
                Unsayable { what: format!("{} {}", endpoint.host, security.name()), reason }
            }
            Ok((authentication, username)) => {
                servers.push(Chosen { kind, endpoint, authentication, username });
                continue;
            }
        };
        if at == 0 {
            return Err(Refusal::of(side, what, reason, OBSERVED));
        }
        let asked = format_args!("{kind} {} {}", endpoint.authority(), security.name());
        losses.push(Loss::of(format_args!("{side}[{at}]"), asked, reason, SOURCE));
    }
    if servers.is_empty() {
        let reason = "Thunderbird accepts only a file with both kinds of server";
        return Err(Refusal::of(side, "no server", reason, SOURCE));
    }
    losses.extend(android(side, &servers[0]));
    if servers.iter().any(|server| server.endpoint.authentication == Authentication::OAuth2) {
        let reason = "Thunderbird supports it only for built-in hosts, or with an add-on";
        losses.push(Loss::of(format_args!("{side}.authentication"), "OAuth2", reason, OBSERVED).written("OAuth2"));
    }
    Ok(servers)
}

/// What the first server costs. It is written in any case, because without it there is no file.
fn android(side: &'static str, first: &Chosen<'_>) -> Vec<Loss> {
    let mut losses = Vec::new();
    let mut lost = |key: &str, found: &str, reason| {
        losses.push(Loss::of(format_args!("{side}[0].{key}"), found, reason, ANDROID).written(found));
    };
    if first.username.is_none() {
        let reason = "Thunderbird for Android and K-9 Mail reject the whole file for a server without a login name, and Thunderbird asks the person to complete it";
        lost("authentication", first.authentication, reason);
    }
    if first.endpoint.security == Security::Cleartext && first.kind != "pop3" {
        let reason = "Thunderbird for Android and K-9 Mail reject the whole file for a server without TLS";
        lost("socket_type", first.endpoint.security.name(), reason);
    }
    losses
}

fn method(side: &str, authentication: Authentication) -> Result<&'static str, Unsayable> {
    let unsayable = |reason| Err(Unsayable { what: authentication.name().to_owned(), reason });
    match authentication {
        Authentication::PasswordCleartext | Authentication::PasswordEncrypted | Authentication::OAuth2 => {
            Ok(authentication.name())
        }
        Authentication::None if side == "outgoing" => Ok("none"),
        Authentication::None => unsayable("Thunderbird accepts no incoming server without a login"),
        Authentication::ClientCertificate => unsayable("Thunderbird does not support it in these files"),
        Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5 => {
            unsayable("Thunderbird for Android rejects the whole file for it")
        }
    }
}

struct Document<'a> {
    version: Version,
    organization: &'a Organization,
    domains: &'a [DomainName],
    incoming: Vec<Chosen<'a>>,
    outgoing: Vec<Chosen<'a>>,
    collections: Vec<Remote>,
    oauth2: Option<&'a OAuth2>,
    losses: Vec<Loss>,
}

fn document(document: Document<'_>) -> Profile {
    let version = match document.version {
        Version::Published => "1.1",
        Version::Draft => "1.2",
    };
    let bytes = xml::document(BytesDecl::new("1.0", Some("UTF-8"), None), |xml| {
        element(xml, "clientConfig", &[("version", version)], |xml| {
            let id = document.domains.first().map_or("", DomainName::as_str);
            element(xml, "emailProvider", &[("id", id)], |xml| {
                for domain in document.domains {
                    text(xml, "domain", domain.as_str())?;
                }
                text(xml, "displayName", document.organization.name.as_str())?;
                text(xml, "displayShortName", document.organization.name.as_str())?;
                document.incoming.iter().try_for_each(|server| server.write(xml, "incomingServer"))?;
                document.outgoing.iter().try_for_each(|server| server.write(xml, "outgoingServer"))
            })?;
            for Remote { name, kind, url, login } in &document.collections {
                element(xml, name, &[("type", kind)], |xml| {
                    text(xml, "url", url.as_str())?;
                    text_with(xml, "authentication", &[("system", "http")], "Basic")?;
                    text(xml, "username", login.as_str())
                })?;
            }
            if let Some(oauth2) = document.oauth2 {
                element(xml, "oAuth2", &[], |xml| {
                    text(xml, "issuer", &oauth2.issuer)?;
                    text(xml, "scope", &oauth2.scope)?;
                    text(xml, "authURL", &oauth2.auth_url)?;
                    text(xml, "tokenURL", &oauth2.token_url)
                })?;
            }
            Ok(())
        })
    });
    Profile { files: vec![File::own("xml", bytes)], losses: document.losses }
}

impl Chosen<'_> {
    fn write(&self, xml: &mut Writer<Vec<u8>>, name: &str) -> std::io::Result<()> {
        element(xml, name, &[("type", self.kind)], |xml| {
            text(xml, "hostname", &self.endpoint.host.to_string())?;
            text(xml, "port", &self.endpoint.port.to_string())?;
            text(xml, "socketType", self.endpoint.security.name())?;
            text(xml, "authentication", self.authentication)?;
            self.username.as_deref().map_or(Ok(()), |username| text(xml, "username", username))
        })
    }
}

/// What JavaScript's `isFinite` takes for a number.
fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    let digits = |prefixes: [&str; 2], radix: u32| {
        let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
        rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix)))
    };
    let decimal = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))
        && text.parse::<f64>().is_ok_and(f64::is_finite);
    decimal || digits(["0x", "0X"], 16) || digits(["0o", "0O"], 8) || digits(["0b", "0B"], 2)
}

const OBSERVED: &str = "observed: Thunderbird 153.7.0esr, 2026-11";
const WINDOW: &str = "the format has no element for it; Thunderbird takes it from a preference";
const MAIL_ALONE: &str = "version 1.1 of the format is for mail only";
const ANDROID: &str = "https://github.com/thunderbird/thunderbird-android, feature/autodiscovery/autoconfig";
const TRUST: &str = "the format has no place for it; Thunderbird takes it from a policy";
const LOCAL_PART: &str = "%EMAILLOCALPART%";
const PLACEHOLDERS: [&str; 4] = ["%EMAILADDRESS%", LOCAL_PART, "%EMAILDOMAIN%", "%REALNAME%"];
const NUMERIC: &str = "Thunderbird reads a login name that looks like a number as a number, so 007 becomes 7";

#[cfg(test)]
mod tests {
    use super::*;

    /// The answers of `isFinite` in JavaScript (Node.js 20).
    #[test]
    fn numbers_are_what_javascript_takes_for_numbers() {
        for number in ["007", "1e5", ".5", "5.", "-1", "0x1F"] {
            assert!(looks_numeric(number), "{number}");
        }
        for other in ["0b2", "1e999", "Infinity", "nan", "1_000", "12a", "jane"] {
            assert!(!looks_numeric(other), "{other}");
        }
    }
}
