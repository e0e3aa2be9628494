//! The tree of a settings file to a [`Service`], key by key, gathering every finding. The servers are in `servers.rs`.

use std::cell::RefCell;
use std::num::NonZeroU16;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Apple, Authentication, Certificate, Code, CollectionService, DisplayName, DomainName, Endpoint, Findings,
    LoginPart, LoginTemplate, OAuth2, Organization, OrganizationId, PasswordCommand, PersonTemplate, Protocol,
    Publication, Service, SyncWindow, Ttl, UrlTemplate, codes::settings as codes, foreign_placeholder, nearest,
};

use super::management;
use super::yaml::{self, Aim, Node};
use super::{apple, ldap, servers, smime};

/// The whole file.
pub(crate) fn service(
    text: &str,
    tree: &Node,
    read_trust: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    findings: &mut Findings,
) -> Option<Service> {
    let report = Report { text, findings: RefCell::new(findings) };
    let root = At { report: &report, path: Vec::new(), node: tree };
    let map = root.map(KEYS)?;
    version(&map);
    let organization = map.required("organization").and_then(|it| organization(it));
    let domains = map.required("domains").and_then(|it| domains(it));
    let login = map.required("username").and_then(|it| username(it));
    let cleartext = match map.optional("danger_allow_cleartext").and_then(|it| it.boolean()) {
        Some(true) => servers::Cleartext::Allowed,
        Some(false) | None => servers::Cleartext::Refused,
    };
    let incoming = map.required("incoming").and_then(|it| servers::incoming(it, cleartext));
    let outgoing = map.required("outgoing").and_then(|it| servers::outgoing(it, cleartext));
    let sync = map.optional("sync").map_or(Some(SyncWindow::Unlimited), |it| sync(it));
    let trust = map.optional("trust").map_or(Some(Vec::new()), |it| trust(it, read_trust));
    let tokens = map.optional("oauth2").map(|it| oauth2(it));
    let command = map.optional("password_command").map(|it| it.template(|text| PasswordCommand::try_from(text)));
    let calendar = map.optional("calendar").map(|it| collection(it));
    let contacts = map.optional("contacts").map(|it| collection(it));
    let ldap = map.optional("ldap").map(|it| ldap::ldap(it, cleartext));
    let web_host = map.optional("web").map(|it| web_host(it));
    let dns_ttl = map.optional("dns").map(|it| dns_ttl(it));
    let apple = map.optional("apple").map_or_else(|| Some(Apple::default()), |it| apple::apple(it));
    let mdm = map.optional("mdm").map_or(Some(Vec::new()), |it| management::mdm(it));
    let assets = map.optional("assets").map(|it| management::assets(it));
    let smime = map.optional("smime").map(|it| smime::smime(it));
    let exchange = map.optional("exchange").map(|it| management::exchange(it));
    let android = map.optional("android").map(|it| management::android(it));
    let service = Service {
        sync: sync?,
        trust: trust?,
        oauth2: whole(tokens)?,
        password_command: whole(command)?,
        calendar: whole(calendar)?,
        contacts: whole(contacts)?,
        ldap: whole(ldap)?,
        publication: Publication { web_host: whole(web_host)?, dns_ttl: whole(dns_ttl)? },
        apple: apple?,
        mdm: mdm?,
        assets: whole(assets)?,
        smime: whole(smime)?,
        exchange: whole(exchange)?,
        android: whole(android)?,
        ..Service::of(organization?, domains?, login?, incoming?, outgoing?)
    };
    let wants_tokens = |(_, it): (Protocol, &Endpoint)| it.authentication == Authentication::OAuth2;
    if service.oauth2.is_none() && service.servers().any(wants_tokens) {
        root.add(
            codes::OAUTH2_MISSING,
            Aim::Value,
            "a server wants OAuth2, and there is no key oauth2",
            "add oauth2: { issuer, scope, auth_url, token_url }",
        );
    }
    Some(service)
}

/// An optional key's value: absent is good, present and wrong is not.
#[expect(clippy::option_option, reason = "the outer one is whether the key is there, the inner one whether it is good")]
pub(crate) fn whole<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| value.map(Some))
}

/// Everybody's login name, which has something of the person in it.
fn username(at: &At<'_, '_>) -> Option<LoginTemplate> {
    let template = at.template(|text| LoginTemplate::try_from(text))?;
    let is_everybodys = template.parts().iter().all(|part| matches!(part, LoginPart::Text(_)));
    if is_everybodys && foreign_placeholder(template.as_str()).is_none() {
        let message = format!("{:?} is the login name of everybody: there is no placeholder in it", template.as_str());
        let fix = "write \"%EMAILADDRESS%\" or \"%EMAILLOCALPART%\", if each person has a login name of their own";
        at.add(codes::NO_PLACEHOLDER, Aim::Value, message, fix);
    }
    Some(template)
}

fn collection(at: &At<'_, '_>) -> Option<CollectionService> {
    let map = at.map(&["url", "username"])?;
    let url = map.required("url").and_then(|it| it.template(|text| UrlTemplate::try_from(text)));
    let login = map.optional("username").map(|it| it.template(|text| PersonTemplate::try_from(text)));
    Some(CollectionService { url: url?, login: whole(login)? })
}

fn web_host(at: &At<'_, '_>) -> Option<DomainName> {
    let map = at.map(&["host"])?;
    map.required("host").and_then(|it| it.parsed(|text| DomainName::try_from(text)))
}

fn dns_ttl(at: &At<'_, '_>) -> Option<Ttl> {
    let map = at.map(&["ttl"])?;
    let ttl = map.required("ttl")?;
    match ttl.node {
        Node::Int(number) => match Ttl::try_from(*number) {
            Ok(ttl) => Some(ttl),
            Err(error) => {
                ttl.add(codes::WRONG_VALUE, Aim::Value, error.to_string(), "write 3600 for an hour, or leave dns out");
                None
            }
        },
        Node::Null
        | Node::Bool(_)
        | Node::Float(_)
        | Node::Text(_)
        | Node::List(_)
        | Node::Map(_)
        | Node::Tagged(_) => {
            ttl.wrong_type("a number of seconds");
            None
        }
    }
}

fn version(map: &Entries<'_, '_>) {
    let Some(version) = map.required("provost") else { return };
    match version.node {
        Node::Int(1) => {}
        Node::Int(other) => version.add(
            codes::WRONG_VALUE,
            Aim::Value,
            format!("version {other} of the format, only version 1 is known here"),
            "write provost: 1, or use a newer Provost",
        ),
        Node::Null
        | Node::Bool(_)
        | Node::Float(_)
        | Node::Text(_)
        | Node::List(_)
        | Node::Map(_)
        | Node::Tagged(_) => {
            version.wrong_type("the number 1");
        }
    }
}

fn organization(at: &At<'_, '_>) -> Option<Organization> {
    let map = at.map(&["id", "name"])?;
    let id = map.required("id").and_then(|it| it.parsed(|text| OrganizationId::try_from(text)));
    let name = map.required("name").and_then(|it| it.parsed(|text| DisplayName::try_from(text)));
    Some(Organization { id: id?, name: name? })
}

fn domains(at: &At<'_, '_>) -> Option<Vec<DomainName>> {
    let items = at.list("a domain")?;
    let mut domains: Vec<DomainName> = Vec::new();
    for item in &items {
        let domain = item.parsed(|text| DomainName::try_from(text))?;
        match domains.contains(&domain) {
            true => item.add(
                codes::DUPLICATE_KEY,
                Aim::Value,
                format!("the domain {domain} is there twice"),
                "remove one of them",
            ),
            false => domains.push(domain),
        }
    }
    Some(domains)
}

fn sync(at: &At<'_, '_>) -> Option<SyncWindow> {
    let map = at.map(&["days"])?;
    map.required("days").and_then(|it| it.count("days")).map(SyncWindow::Days)
}

fn trust(at: &At<'_, '_>, read: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Option<Vec<Certificate>> {
    let mut certificates = Vec::new();
    for item in at.list("the name of a PEM file")? {
        let name = item.text("the name of a PEM file")?;
        let bytes = match read(name) {
            Ok(bytes) => bytes,
            Err(reason) => {
                item.add(
                    codes::TRUST_FILE,
                    Aim::Value,
                    format!("cannot read {name:?}: {reason}"),
                    "name a PEM file, relative to the settings file",
                );
                return None;
            }
        };
        if bytes.windows(PRIVATE_KEY.len()).any(|window| window == PRIVATE_KEY) {
            item.add(
                codes::PRIVATE_KEY,
                Aim::Value,
                format!("{name:?} holds a private key"),
                "keep the key elsewhere, and leave only the certificate in this file",
            );
            return None;
        }
        match pem_certificates(&bytes) {
            Ok(found) => certificates.extend(found),
            Err(reason) => {
                item.add(
                    codes::TRUST_FILE,
                    Aim::Value,
                    format!("{name:?} {reason}"),
                    "give a file with -----BEGIN CERTIFICATE----- in it",
                );
                return None;
            }
        }
    }
    Some(certificates)
}

/// The certificates of a PEM file, RFC 7468 §5.
fn pem_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("is no PEM file: {error}"))?;
    let mut certificates = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (body, _) = block.split_once("-----END CERTIFICATE-----").ok_or("has no end of its certificate")?;
        let base64: String = body.split_whitespace().collect();
        let der = BASE64_STANDARD
            .decode(base64)
            .map_err(|error| format!("holds a certificate that is no base64: {error}"))?;
        let certificate = Certificate::try_from(der).map_err(|error| format!("holds no certificate: {error}"))?;
        certificates.push(certificate);
    }
    match certificates.is_empty() {
        false => Ok(certificates),
        true => Err("holds no certificate".to_owned()),
    }
}

fn oauth2(at: &At<'_, '_>) -> Option<OAuth2> {
    let map = at.map(&["issuer", "scope", "auth_url", "token_url"])?;
    let text =
        |key| map.required(key).and_then(|it| it.parsed(|text| DisplayName::try_from(text))).map(|it| it.to_string());
    let url = |key| {
        let url = text(key)?;
        if !url.starts_with("https://") {
            map.required(key)?.add(
                codes::WRONG_VALUE,
                Aim::Value,
                format!("{url:?} is no https URL"),
                "RFC 6749 section 3.1 requires TLS",
            );
            return None;
        }
        Some(url)
    };
    let (issuer, scope, auth_url, token_url) = (text("issuer"), text("scope"), url("auth_url"), url("token_url"));
    Some(OAuth2 { issuer: issuer?, scope: scope?, auth_url: auth_url?, token_url: token_url? })
}

/// Where findings go, with the text that gives them their places.
pub(crate) struct Report<'a> {
    text: &'a str,
    findings: RefCell<&'a mut Findings>,
}

/// A node, and how the tree leads to it.
pub(crate) struct At<'a, 'r> {
    report: &'a Report<'r>,
    path: Vec<usize>,
    pub(crate) node: &'a Node,
}

/// The known keys of a node, each once.
pub(crate) struct Entries<'a, 'r> {
    at: At<'a, 'r>,
    entries: Vec<(&'a str, At<'a, 'r>)>,
}

impl<'a, 'r> At<'a, 'r> {
    /// Adds a finding at this node.
    pub(crate) fn add(&self, code: &'static Code, aim: Aim, message: impl Into<String>, fix: impl Into<String>) {
        let mut findings = self.report.findings.borrow_mut();
        // A place costs a read of the file; findings that will be cut off need none.
        let place = match findings.is_full() {
            true => None,
            false => yaml::place(self.report.text, &self.path, aim),
        };
        findings.add(code, place, message, fix);
    }

    /// Complains that `expected` belongs here.
    pub(crate) fn wrong_type(&self, expected: &str) {
        self.add(
            codes::WRONG_TYPE,
            Aim::Value,
            format!("{}, where {expected} belongs", self.node.kind()),
            format!("write {expected}"),
        );
    }

    /// The keys of this node. Unknown and repeated ones are findings.
    pub(crate) fn map(&self, known: &[&str]) -> Option<Entries<'a, 'r>> {
        let Node::Map(nodes) = self.node else {
            self.wrong_type(&format!("a group of keys ({})", known.join(", ")));
            return None;
        };
        let mut entries: Vec<(&str, At<'_, '_>)> = Vec::new();
        for (position, (key, node)) in nodes.iter().enumerate() {
            let entry = self.child(position, node);
            if key == "<<" {
                entry.add(codes::MERGE_KEY, Aim::Key, "the merge key <<", "write the keys out");
            } else if !known.contains(&key.as_str()) {
                entry.add(codes::UNKNOWN_KEY, Aim::Key, format!("unknown key {key:?}"), did_you_mean(key, known));
            } else if entries.iter().any(|(present, _)| present == key) {
                entry.add(
                    codes::DUPLICATE_KEY,
                    Aim::Key,
                    format!("the key {key:?} is there twice"),
                    "remove one of them",
                );
            } else {
                entries.push((key, entry));
            }
        }
        Some(Entries { at: At { report: self.report, path: self.path.clone(), node: self.node }, entries })
    }

    /// The entries of a group whose keys are names of the person's own choosing, at least one, each once.
    pub(crate) fn named(&self, what: &str) -> Option<Vec<(&'a str, At<'a, 'r>)>> {
        let Node::Map(nodes) = self.node else {
            self.wrong_type(&format!("a group of keys, each {what}"));
            return None;
        };
        if nodes.is_empty() {
            self.add(codes::EMPTY_LIST, Aim::Value, "an empty group", format!("write at least one key, {what}"));
            return None;
        }
        let mut entries: Vec<(&str, At<'_, '_>)> = Vec::new();
        for (position, (key, node)) in nodes.iter().enumerate() {
            let entry = self.child(position, node);
            if entries.iter().any(|(present, _)| present == key) {
                entry.add(
                    codes::DUPLICATE_KEY,
                    Aim::Key,
                    format!("the key {key:?} is there twice"),
                    "remove one of them",
                );
                return None;
            }
            entries.push((key, entry));
        }
        Some(entries)
    }

    /// The elements of this list, which must have one.
    pub(crate) fn list(&self, what: &str) -> Option<Vec<At<'a, 'r>>> {
        let Node::List(nodes) = self.node else {
            self.wrong_type(&format!("a list, each element {what}"));
            return None;
        };
        if nodes.is_empty() {
            self.add(codes::EMPTY_LIST, Aim::Value, "an empty list", format!("write at least {what}"));
            return None;
        }
        Some(nodes.iter().enumerate().map(|(position, node)| self.child(position, node)).collect())
    }

    /// The text of this node.
    pub(crate) fn text(&self, expected: &str) -> Option<&'a str> {
        match self.node {
            Node::Text(text) => Some(text),
            Node::Null
            | Node::Bool(_)
            | Node::Int(_)
            | Node::Float(_)
            | Node::List(_)
            | Node::Map(_)
            | Node::Tagged(_) => {
                self.wrong_type(expected);
                None
            }
        }
    }

    /// The text of this node as something that not every text is.
    pub(crate) fn parsed<T, E: std::error::Error>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text("a text")?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                self.add(
                    codes::WRONG_VALUE,
                    Aim::Value,
                    format!("{text:?}: {error}{}", cause.as_deref().unwrap_or("")),
                    "correct the value",
                );
                None
            }
        }
    }

    /// The text of this node as a template: what another program would replace in it is a finding, and so are blanks that are
    /// hard to see.
    pub(crate) fn template<T, E: std::error::Error>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let template = self.parsed(parse)?;
        let text = self.text("a text")?;
        if let Some(found) = foreign_placeholder(text).filter(|found| !SHELLS_OWN.contains(found)) {
            let message = format!("{found} looks like a placeholder of another program: here it stays as it is");
            let fix = "write %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%, in capitals and between percent signs";
            self.add(codes::FOREIGN_PLACEHOLDER, Aim::Value, message, fix);
        }
        if text.trim() != text {
            let message = format!("{text:?} has a blank at an end, which becomes a part of the value");
            self.add(codes::BLANK_AT_AN_END, Aim::Value, message, "remove the blank");
        }
        Some(template)
    }

    /// A whole number from 1 to 65535.
    pub(crate) fn count(&self, of_what: &str) -> Option<NonZeroU16> {
        match self.node {
            Node::Int(number) => {
                let count = u16::try_from(*number).ok().and_then(NonZeroU16::new);
                if count.is_none() {
                    let message = format!("{number} {of_what}");
                    self.add(
                        codes::WRONG_VALUE,
                        Aim::Value,
                        message,
                        "write a number from 1 to 65535, or leave it out",
                    );
                }
                count
            }
            Node::Null
            | Node::Bool(_)
            | Node::Float(_)
            | Node::Text(_)
            | Node::List(_)
            | Node::Map(_)
            | Node::Tagged(_) => {
                self.wrong_type(&format!("a number of {of_what}"));
                None
            }
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.node {
            Node::Bool(value) => Some(*value),
            Node::Null
            | Node::Int(_)
            | Node::Float(_)
            | Node::Text(_)
            | Node::List(_)
            | Node::Map(_)
            | Node::Tagged(_) => {
                self.wrong_type("true or false");
                None
            }
        }
    }

    fn child(&self, position: usize, node: &'a Node) -> At<'a, 'r> {
        At { report: self.report, path: [&self.path[..], &[position]].concat(), node }
    }
}

impl<'a, 'r> Entries<'a, 'r> {
    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str) -> Option<&At<'a, 'r>> {
        let found = self.optional(key);
        if found.is_none() {
            self.at.add(codes::MISSING_KEY, Aim::Value, format!("the key {key:?} is missing"), format!("add {key}"));
        }
        found
    }

    /// The value of a key that may be there.
    pub(crate) fn optional(&self, key: &str) -> Option<&At<'a, 'r>> {
        self.entries.iter().find(|(present, _)| *present == key).map(|(_, at)| at)
    }
}

/// The known name that looks most like `found`, or that it goes on from, as a fix; all of them where none is near.
pub(crate) fn did_you_mean(found: &str, known: &[&str]) -> String {
    let found = found.to_lowercase();
    let start = |name: &&&str| name.len() > 2 && found.starts_with(&name.to_lowercase());
    match near(&found, known).or_else(|| known.iter().find(start).copied()) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The known name that looks most like `found`, or goes on from it.
pub(crate) fn near<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase();
    let goes_on = known.iter().find(|name| name.to_lowercase().starts_with(&found));
    match found.len() {
        0 | 1 => None,
        2.. => goes_on.filter(|_| found.len() >= START_OCTETS_MIN).copied().or_else(|| nearest(&found, known)),
    }
}

/// As many letters of a name are meant to be it.
const START_OCTETS_MIN: usize = 4;

/// Variables that every shell has, in a password command.
const SHELLS_OWN: &[&str] = &["$USER", "${USER}", "$LOGNAME", "${LOGNAME}"];

const PRIVATE_KEY: &[u8] = b"PRIVATE KEY-----";

/// The keys of the file itself. `docs/settings.md` says what each means.
const KEYS: &[&str] = &[
    "provost",
    "organization",
    "domains",
    "username",
    "incoming",
    "outgoing",
    "sync",
    "trust",
    "oauth2",
    "password_command",
    "calendar",
    "contacts",
    "ldap",
    "web",
    "dns",
    "apple",
    "mdm",
    "assets",
    "smime",
    "exchange",
    "android",
    "danger_allow_cleartext",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_the_manual() {
        let manual = include_str!("../../../../docs/settings.md");
        for key in KEYS {
            let row = format!("| `{key}");
            assert!(manual.contains(&row), "docs/settings.md has no row for {key}");
        }
    }

    /// Every key that takes a template, with `TEMPLATE` in its place.
    const TEMPLATES: &[(&str, &str)] = &[
        ("username", "TEMPLATE"),
        ("password_command", "pass show TEMPLATE"),
        ("calendar", "{ url: 'https://dav.reef.example/TEMPLATE/' }"),
        ("calendar", "{ url: 'https://dav.reef.example/', username: 'TEMPLATE' }"),
        ("contacts", "{ url: 'https://dav.reef.example/TEMPLATE/' }"),
        ("contacts", "{ url: 'https://dav.reef.example/', username: 'TEMPLATE' }"),
        (
            "ldap",
            "{ host: h.example, socket_type: SSL, username: 'TEMPLATE', searches: [{ base: 'o=a', scope: sub }] }",
        ),
        ("smime", "{ identities: 'TEMPLATE/%EMAILADDRESS%.p12', sign: true, encrypt: never }"),
        ("android", "{ package: com.example.app, keys: { user: 'TEMPLATE' } }"),
    ];

    /// The settings' findings with this in a key.
    fn codes_of(key: &str, value: &str) -> Vec<&'static Code> {
        let username = if key == "username" { "" } else { "username: '%EMAILADDRESS%'\n" };
        let value = if value.starts_with("{ ") { value.to_owned() } else { format!("'{value}'") };
        let text = format!(
            "provost: 1\norganization: {{ id: example.reef, name: Reef }}\ndomains: [reef.example]\n{username}incoming: [{{ \
             protocol: imap, host: i.reef.example, port: 993, socket_type: SSL, authentication: password-cleartext }}]\n\
             outgoing: [{{ host: s.reef.example, port: 465, socket_type: SSL, authentication: password-cleartext }}]\n\
             {key}: {value}\n"
        );
        let read = crate::read_settings(text.as_bytes(), &|_| Err(String::new()));
        read.findings.iter().map(|finding| finding.code).collect()
    }

    /// Spellings of the manuals of device management systems, Dovecot, Python, Jinja, and of this program's own placeholders as
    /// people misremember them.
    #[test]
    fn other_programs_placeholders_are_findings_in_every_key_that_takes_a_template() {
        for (key, value) in TEMPLATES {
            for spelling in [
                "{{email}}",
                "${displayName}",
                "$EMAIL",
                "{EmailAddress}",
                "%u",
                "%n",
                "%u@%d",
                "%(user)s",
                "[[email]]",
                "%emailaddress%",
                "%email%",
                "EMAILADDRESS",
                "x-${displayName}",
                "${displayName}@reef.example",
            ] {
                let found = codes_of(key, &value.replace("TEMPLATE", spelling));
                // A URL or a file name refuses some of the signs altogether.
                let is_found = found == [codes::FOREIGN_PLACEHOLDER] || found == [codes::WRONG_VALUE];
                assert!(is_found, "{key}: {value} with {spelling}: {found:?}");
            }
            for own in ["%EMAILADDRESS%", "%EMAILLOCALPART%", "x-%EMAILLOCALPART%.%EMAILDOMAIN%"] {
                let found = codes_of(key, &value.replace("TEMPLATE", own));
                assert!(found.is_empty(), "{key}: {value} with {own}: {found:?}");
            }
        }
    }

    #[test]
    fn blanks_at_an_end_and_a_name_for_everybody_are_findings() {
        for (key, value) in TEMPLATES.iter().filter(|(_, value)| value.contains("'TEMPLATE'") || *value == "TEMPLATE") {
            for spelling in [" %EMAILADDRESS%", "%EMAILADDRESS% ", "\u{a0}%EMAILADDRESS%"] {
                assert_eq!(
                    codes_of(key, &value.replace("TEMPLATE", spelling)),
                    [codes::BLANK_AT_AN_END],
                    "{key}: {spelling:?}"
                );
            }
        }
        assert_eq!(codes_of("username", "mailbox"), [codes::NO_PLACEHOLDER]);
        assert_eq!(codes_of("username", "EMAILLOCALPART@reef.example"), [codes::FOREIGN_PLACEHOLDER]);
    }

    #[test]
    fn the_manuals_example_is_the_harbour_fixture() {
        let manual = include_str!("../../../../docs/settings.md");
        let (example, _) = manual.split_once("```yaml\n").expect("an example").1.split_once("```").expect("its end");
        let fixture = include_str!("../../../../fixtures/harbour/mail.yaml");
        assert!(fixture.ends_with(example), "the example differs from fixtures/harbour/mail.yaml");
    }
}
