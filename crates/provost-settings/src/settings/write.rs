//! A [`Service`] as a settings file: the same bytes for the same service, in the order and the style in which people write
//! one. It writes no comments: those belong to whoever knows where the service comes from.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provost_account::{
    Apple, Certificate, CollectionService, ConsentText, Endpoint, Host, Language, LdapService, ManagedApp,
    ManagedValue, Mdm, MdmVariable, Security, Service, SyncWindow,
};

use super::yaml::{self, Node};

/// Writes settings that [`read_settings`](super::read_settings) reads as `service`.
///
/// `trust_file` names the PEM file with the service's certificates ([`write_certificates`]); without it the key is left
/// out. A list of servers that is empty is left out too, and the file is then none that can be used.
#[must_use]
pub fn write_settings(service: &Service, trust_file: Option<&str>) -> String {
    let mut lines = vec![
        "provost: 1".to_owned(),
        "organization:".to_owned(),
        format!("  id: {}", scalar(service.organization.id.as_str())),
        format!("  name: {}", scalar(service.organization.name.as_str())),
        format!("domains: [{}]", service.domains.iter().map(|it| scalar(it.as_str())).collect::<Vec<_>>().join(", ")),
        format!("username: {}", scalar(service.login.as_str())),
    ];
    if !service.incoming.is_empty() {
        lines.push("incoming:".to_owned());
        let line = |(protocol, it): &(provost_account::IncomingProtocol, Endpoint)| {
            format!("  - {{ protocol: {}, {} }}", protocol.name(), server(it))
        };
        lines.extend(service.incoming.iter().map(line));
    }
    if !service.outgoing.is_empty() {
        lines.push("outgoing:".to_owned());
        lines.extend(service.outgoing.iter().map(|it| format!("  - {{ {} }}", server(it))));
    }
    if let SyncWindow::Days(days) = service.sync {
        lines.push(format!("sync: {{ days: {days} }}"));
    }
    if let Some(name) = trust_file.filter(|_| !service.trust.is_empty()) {
        lines.push(format!("trust: [{}]", scalar(name)));
    }
    if let Some(oauth2) = &service.oauth2 {
        lines.push("oauth2:".to_owned());
        for (key, value) in [
            ("issuer", &oauth2.issuer),
            ("scope", &oauth2.scope),
            ("auth_url", &oauth2.auth_url),
            ("token_url", &oauth2.token_url),
        ] {
            lines.push(format!("  {key}: {}", scalar(value)));
        }
    }
    if let Some(command) = &service.password_command {
        lines.push(format!("password_command: {}", scalar(command.as_str())));
    }
    for (key, collection) in [("calendar", &service.calendar), ("contacts", &service.contacts)] {
        lines.extend(collection.iter().map(|CollectionService { url, login }| {
            let login = login.as_ref().map(|login| format!(", username: {}", scalar(login.as_str())));
            format!("{key}: {{ url: {}{} }}", scalar(url.as_str()), login.as_deref().unwrap_or(""))
        }));
    }
    lines.extend(service.ldap.iter().flat_map(ldap));
    let publication = &service.publication;
    lines.extend(publication.web_host.iter().map(|host| format!("web: {{ host: {} }}", scalar(host.as_str()))));
    lines.extend(publication.dns_ttl.iter().map(|ttl| format!("dns: {{ ttl: {} }}", ttl.seconds())));
    lines.extend(apple(&service.apple));
    if !service.mdm.is_empty() {
        lines.push("mdm:".to_owned());
        lines.extend(service.mdm.iter().map(mdm));
    }
    lines.extend(service.assets.iter().map(|url| format!("assets: {{ url: {} }}", scalar(&url.to_string()))));
    lines.extend(service.smime.iter().map(|it| {
        let (identities, encrypt) = (scalar(it.identities.as_str()), it.encryption.name());
        format!("smime: {{ identities: {identities}, sign: {}, encrypt: {encrypt} }}", it.sign)
    }));
    lines.extend(service.exchange.iter().map(|it| format!("exchange: {{ host: {} }}", host(&it.host))));
    lines.extend(service.android.iter().flat_map(android));
    let endpoints = service.servers().map(|(_, it)| it);
    let mut securities = endpoints.map(|it| it.security).chain(service.ldap.iter().map(|it| it.security));
    if securities.any(|it| it == Security::Cleartext) {
        lines.push("danger_allow_cleartext: true".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Certificates as a PEM file (RFC 7468 §5).
#[must_use]
pub fn write_certificates(certificates: &[Certificate]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        let base64 = BASE64_STANDARD.encode(certificate.der());
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        // RFC 7468 §2: "Generators MUST wrap the base64-encoded lines so that each line consists of exactly 64 characters
        // except for the final line".
        for line in base64.as_bytes().chunks(64) {
            text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

/// The lines of the key `apple`; none where nothing is said. A rule set is written as what it demands.
fn apple(apple: &Apple) -> Vec<String> {
    let mut lines = Vec::new();
    let switches = [
        ("prevent_move", apple.prevent_move),
        ("prevent_app_sheet", apple.prevent_app_sheet),
        ("mail_drop", apple.mail_drop),
        ("recents_syncing", apple.recents_syncing),
        ("removal_disallowed", apple.removal_disallowed),
    ];
    lines.extend(switches.iter().filter_map(|(key, value)| Some(format!("  {key}: {}", (*value)?))));
    lines.extend(apple.vpn.iter().map(|uuid| format!("  vpn_uuid: {}", scalar(uuid.as_str()))));
    lines.extend(apple.expiration_date.iter().map(|date| format!("  expiration_date: {date}")));
    lines.extend(apple.removal_date.iter().map(|date| format!("  removal_date: {date}")));
    lines.extend(apple.remove_after_days.iter().map(|days| format!("  remove_after_days: {days}")));
    if !apple.consent.is_empty() {
        lines.push("  consent:".to_owned());
        let text = |(language, text): (&Language, &ConsentText)| {
            format!("    {}: {}", scalar(language.as_str()), scalar(text.as_str()))
        };
        lines.extend(apple.consent.iter().map(text));
    }
    if !lines.is_empty() {
        lines.insert(0, "apple:".to_owned());
    }
    lines
}

fn ldap(ldap: &LdapService) -> Vec<String> {
    let mut lines = vec![
        "ldap:".to_owned(),
        format!("  host: {}", host(&ldap.host)),
        format!("  socket_type: {}", ldap.security.name()),
    ];
    lines.extend(ldap.login.iter().map(|login| format!("  username: {}", scalar(login.as_str()))));
    lines.push("  searches:".to_owned());
    lines.extend(ldap.searches.iter().map(|search| {
        let description = search.description.as_ref().map(|it| format!(", description: {}", scalar(it.as_str())));
        let (base, scope) = (scalar(search.base.as_str()), search.scope.name());
        format!("    - {{ base: {base}, scope: {scope}{} }}", description.as_deref().unwrap_or(""))
    }));
    lines
}

fn android(app: &ManagedApp) -> Vec<String> {
    let value = |value: &ManagedValue| match value {
        ManagedValue::Flag(flag) => flag.to_string(),
        ManagedValue::Number(number) => number.to_string(),
        ManagedValue::Text(text) => scalar(text.as_str()),
    };
    let mut lines =
        vec!["android:".to_owned(), format!("  package: {}", scalar(&app.package.to_string())), "  keys:".to_owned()];
    lines.extend(app.keys.iter().map(|(key, it)| format!("    {}: {}", scalar(key), value(it))));
    lines
}

fn mdm(mdm: &Mdm) -> String {
    let variable = |key: &str, variable: &Option<MdmVariable>| {
        variable.as_ref().map_or(String::new(), |it| format!(", {key}: {}", scalar(it.as_str())))
    };
    format!(
        "  {}: {{ address: {}{}{}{} }}",
        scalar(mdm.name.as_str()),
        scalar(mdm.address.as_str()),
        variable("local_part", &mdm.local_part),
        variable("domain", &mdm.domain),
        variable("name", &mdm.full_name),
    )
}

fn server(endpoint: &Endpoint) -> String {
    format!(
        "host: {}, port: {}, socket_type: {}, authentication: {}",
        host(&endpoint.host),
        endpoint.port,
        endpoint.security.name(),
        endpoint.authentication.name()
    )
}

fn host(host: &Host) -> String {
    match host {
        Host::Address(address) if address.is_ipv6() => format!("{:?}", host.bracketed()),
        Host::Address(address) => address.to_string(),
        Host::Name(name) => scalar(name.as_str()),
    }
}

/// A text as a YAML scalar that every parser reads as this text, in a group of braces too.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_alphanumeric())
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || " .@_/+-".contains(c))
        && !YAML_1_1_WORDS.contains(&text.to_lowercase().as_str())
        // Numbers, dates and null are what our parser, and others, take for something else.
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && yaml::parse(text) == Ok(Node::Text(text.to_owned()));
    if plain {
        return text.to_owned();
    }
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            hidden if hidden.is_control() || HIDDEN.iter().any(|range| range.contains(&hidden)) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(hidden)));
            }
            shown => quoted.push(shown),
        }
    }
    quoted.push('"');
    quoted
}

/// Words that YAML 1.1 takes for true, false or null (<https://yaml.org/type/bool.html>).
const YAML_1_1_WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
/// Characters that are not seen, or make a line look other than it is: a settings file shows them as numbers.
const HIDDEN: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];
