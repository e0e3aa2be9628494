//! The kinds of values in settings: what is allowed, how it is read, how it is written.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::IpAddr;
use std::num::NonZeroU16;

use provost_account::{
    Authentication, ConsentText, DisplayName, DistinguishedName, DomainName, Encryption, Host, HttpsUrl,
    IncomingProtocol, Language, LoginPart, LoginTemplate, ManagedValue, MdmVariable, OrganizationId, PackageName,
    PasswordCommand, PersonTemplate, Port, ProfileDate, SearchScope, Security, Ttl, UrlTemplate, VpnUuid,
    codes::settings as codes, foreign_placeholder,
};

use super::at::{At, Cleartext, Version};
use super::row::{Below, Kind};
use super::tree::{Aim, Node};
use super::trust::{TrustFile, trust};
use super::write::{Layout, Value, text};

pub(crate) const VERSION: Kind<Version> = kind("`1`", version, |version| Value::Number(version.number()));
pub(crate) const ORGANIZATION_ID: Kind<OrganizationId> =
    parsed("reverse-DNS, at most 253 bytes", |id| text(id.as_str()));
pub(crate) const TEXT: Kind<DisplayName> = parsed("text", |it| text(it.as_str()));
pub(crate) const DOMAIN: Kind<DomainName> = parsed("a name", |domain| text(domain.as_str()));
pub(crate) const DOMAINS: Kind<Vec<DomainName>> = kind("list of domains", domains, |domains| {
    Value::List(domains.iter().map(|domain| text(domain.as_str())).collect())
});
pub(crate) const HOST: Kind<Host> = parsed("a name or an IP address", host);
pub(crate) const PORT: Kind<Port> = kind("1 to 65535", port, |port| Value::Number(port.get().into()));
pub(crate) const DAYS: Kind<NonZeroU16> =
    kind("1 to 65535", |at| at.count("days"), |days| Value::Number(days.get().into()));
pub(crate) const TTL: Kind<Ttl> = kind("seconds, 1 to 2147483647", ttl, |ttl| Value::Number(ttl.seconds().into()));
pub(crate) const DATE: Kind<ProfileDate> = parsed("a date such as `2030-12-31`", |date| Value::Plain(date.to_string()));
pub(crate) const SWITCH: Kind<bool> = kind("`true`, `false`", |at| at.boolean(), |on| Value::Flag(*on));
/// A key that has an effect only if it is `true`.
pub(crate) const PERMISSION: Kind<bool> = kind("`true`", |at| Some(at.boolean() == Some(true)), |on| Value::Flag(*on));

/// The template of everyone's login name, which should contain part of the address.
pub(crate) const LOGIN: Kind<LoginTemplate> = kind("template", login, |it| text(it.as_str()));
pub(crate) const LOGIN_TEMPLATE: Kind<LoginTemplate> = template("template", |it| text(it.as_str()));
pub(crate) const PERSON_TEMPLATE: Kind<PersonTemplate> = template("template, `%USERNAME%` too", |it| text(it.as_str()));
pub(crate) const URL_TEMPLATE: Kind<UrlTemplate> = template(
    "`https` URL with placeholders in its path; `%USERNAME%` is the login name there, not that of the mail account",
    |it| text(it.as_str()),
);
pub(crate) const COMMAND: Kind<PasswordCommand> = template("template for the POSIX shell", |it| text(it.as_str()));
pub(crate) const IDENTITIES: Kind<LoginTemplate> =
    kind("template of a path to a PKCS #12 file, relative to the settings file", identities, |it| text(it.as_str()));

pub(crate) const PROTOCOL: Kind<IncomingProtocol> =
    kind("`imap` or `pop3`", |at| at.choice(PROTOCOLS), |it| text(it.name()));
pub(crate) const SOCKET_TYPE: Kind<Security> = kind(
    "`SSL` (implicit TLS, RFC 8314 section 3; also `SSL/TLS`, `TLS`, `implicit-tls`), `STARTTLS`, or `plain`",
    |at| permitted(at, SOCKET_TYPES),
    |it| text(it.name()),
);
pub(crate) const LDAP_SOCKET_TYPE: Kind<Security> = kind(
    "`SSL`, or `plain` with `danger_allow_cleartext`",
    |at| permitted(at, LDAP_SOCKET_TYPES),
    |it| text(it.name()),
);
pub(crate) const AUTHENTICATION: Kind<Authentication> = kind(
    "`password-cleartext` (PLAIN or LOGIN, inside TLS), `password-encrypted` (CRAM-MD5), `OAuth2`, `TLS-client-cert`, `none`",
    |at| at.choice(AUTHENTICATIONS),
    |it| text(it.name()),
);
pub(crate) const SCOPE: Kind<SearchScope> = kind("`base`, `one`, `sub`", |at| at.choice(SCOPES), |it| text(it.name()));
pub(crate) const ENCRYPTION: Kind<Encryption> =
    kind("`never`, `offered`, `by-default`", |at| at.choice(ENCRYPTIONS), |it| text(it.name()));

pub(crate) const TRUST: Kind<Vec<TrustFile>> =
    kind("list of PEM files, relative to the settings file", trust, |files| {
        Value::List(files.iter().map(|file| text(&file.name)).collect())
    });
pub(crate) const OAUTH2_TEXT: Kind<String> = kind("text", oauth2_text, |it| text(it));
pub(crate) const OAUTH2_URL: Kind<String> = kind("`https` URL", oauth2_url, |it| text(it));
pub(crate) const HTTPS_URL: Kind<HttpsUrl> = parsed("`https` URL", |url| text(&url.to_string()));
pub(crate) const DISTINGUISHED_NAME: Kind<DistinguishedName> =
    parsed("a distinguished name (RFC 4514)", |it| text(it.as_str()));
pub(crate) const VPN_UUID: Kind<VpnUuid> = parsed("UUID", |it| text(it.as_str()));
pub(crate) const CONSENT: Kind<BTreeMap<Language, ConsentText>> = Kind {
    values: "text; `default` for all other languages",
    read: consent,
    write: |texts| {
        let texts = texts.iter().map(|(language, it)| (language.as_str().to_owned(), text(it.as_str())));
        Value::Group(Layout::Lines, texts.collect())
    },
    below: Below::Named("LANGUAGE"),
};
pub(crate) const MDM_VARIABLE: Kind<MdmVariable> = parsed("a variable of the system", |it| text(it.as_str()));
pub(crate) const PACKAGE: Kind<PackageName> = parsed("a package name", |it| text(it.as_str()));
pub(crate) const MANAGED_VALUES: Kind<Vec<(String, ManagedValue)>> = Kind {
    values: "a text with placeholders, an integer, `true` or `false`",
    read: managed_values,
    write: |values| {
        let value = |value: &ManagedValue| match value {
            ManagedValue::Flag(flag) => Value::Flag(*flag),
            ManagedValue::Number(number) => Value::Number((*number).into()),
            ManagedValue::Text(it) => text(it.as_str()),
        };
        Value::Group(Layout::Lines, values.iter().map(|(key, it)| (key.clone(), value(it))).collect())
    },
    below: Below::Named("KEY"),
};

pub(crate) const fn kind<T>(
    values: &'static str,
    read: fn(&At<'_, '_>) -> Option<T>,
    write: fn(&T) -> Value,
) -> Kind<T> {
    Kind { values, read, write, below: Below::Nothing }
}

/// A value that is parsed from a text.
const fn parsed<T, E>(values: &'static str, write: fn(&T) -> Value) -> Kind<T>
where
    T: for<'a> TryFrom<&'a str, Error = E>,
    E: Error,
{
    kind(values, |at| at.parsed(|text| T::try_from(text)), write)
}

/// The same for a text with placeholders.
const fn template<T, E>(values: &'static str, write: fn(&T) -> Value) -> Kind<T>
where
    T: for<'a> TryFrom<&'a str, Error = E>,
    E: Error,
{
    kind(values, |at| at.template(|text| T::try_from(text)), write)
}

fn version(at: &At<'_, '_>) -> Option<Version> {
    let expected = at.report.version;
    let number = at.number(&format!("the number {}", expected.number()))?;
    if number != i128::from(expected.number()) {
        let message = format!("version {number} of the format; only version {} is supported", expected.number());
        let fix = format!("write provost: {}, or use a newer Provost", expected.number());
        at.add(codes::WRONG_VALUE, Aim::Value, message, fix);
    }
    Some(expected)
}

fn domains(at: &At<'_, '_>) -> Option<Vec<DomainName>> {
    let mut domains: Vec<DomainName> = Vec::new();
    for item in &at.list("a domain")? {
        let domain = item.parsed(|text| DomainName::try_from(text))?;
        match domains.contains(&domain) {
            true => {
                let message = format!("the domain {domain} occurs twice");
                item.add(codes::DUPLICATE_KEY, Aim::Value, message, "remove one of them");
            }
            false => domains.push(domain),
        }
    }
    Some(domains)
}

fn host(host: &Host) -> Value {
    match host {
        Host::Address(IpAddr::V6(_)) => Value::Text(host.bracketed()),
        Host::Address(IpAddr::V4(address)) => Value::Plain(address.to_string()),
        Host::Name(name) => text(name.as_str()),
    }
}

fn port(at: &At<'_, '_>) -> Option<Port> {
    let number = at.number("a port number")?;
    let port = u16::try_from(number).ok().and_then(Port::new);
    if port.is_none() {
        at.add(codes::WRONG_VALUE, Aim::Value, format!("{number} is not a port"), "write a number from 1 to 65535");
    }
    port
}

fn ttl(at: &At<'_, '_>) -> Option<Ttl> {
    let ttl = Ttl::try_from(at.number("a number of seconds")?);
    ttl.map_err(|error| {
        let fix = "write 3600 for an hour, or remove dns";
        at.add(codes::WRONG_VALUE, Aim::Value, error.to_string(), fix);
    })
    .ok()
}

fn login(at: &At<'_, '_>) -> Option<LoginTemplate> {
    let template = at.template(|text| LoginTemplate::try_from(text))?;
    let is_everybodys = template.parts().iter().all(|part| matches!(part, LoginPart::Text(_)));
    if is_everybodys && foreign_placeholder(template.as_str()).is_none() {
        let message = format!("{:?} is everyone's login name: it contains no placeholder", template.as_str());
        let fix = "write \"%EMAILADDRESS%\" or \"%EMAILLOCALPART%\" if each person has their own login name";
        at.add(codes::NO_PLACEHOLDER, Aim::Value, message, fix);
    }
    Some(template)
}

fn identities(at: &At<'_, '_>) -> Option<LoginTemplate> {
    let template = at.template(|text| LoginTemplate::try_from(text))?;
    if !template.as_str().contains("%EMAIL") {
        let fix = "add a placeholder, such as \"smime/%EMAILADDRESS%.p12\"";
        at.add(codes::WRONG_VALUE, Aim::Value, "the same identity for everyone", fix);
        return None;
    }
    Some(template)
}

/// How TLS starts. Cleartext needs permission.
fn permitted(at: &At<'_, '_>, choices: &[(&str, Security)]) -> Option<Security> {
    let security = at.choice(choices)?;
    match (security, at.report.cleartext) {
        (Security::ImplicitTls | Security::StartTls, _) => Some(security),
        (Security::Cleartext, Cleartext::Allowed) => {
            at.add(codes::CLEARTEXT, Aim::Value, "this server is used without TLS", "use SSL or STARTTLS");
            Some(security)
        }
        (Security::Cleartext, Cleartext::Refused) => {
            let message = "socket_type plain sends mail and passwords unencrypted";
            let fix = "use SSL or STARTTLS, or add danger_allow_cleartext: true at the top";
            at.add(codes::WRONG_VALUE, Aim::Value, message, fix);
            None
        }
    }
}

fn oauth2_text(at: &At<'_, '_>) -> Option<String> {
    at.parsed(|text| DisplayName::try_from(text)).map(|it| it.to_string())
}

fn oauth2_url(at: &At<'_, '_>) -> Option<String> {
    let url = oauth2_text(at)?;
    if !url.starts_with("https://") {
        let message = format!("{url:?} is not an https URL");
        at.add(codes::WRONG_VALUE, Aim::Value, message, "RFC 6749 section 3.1 requires TLS");
        return None;
    }
    Some(url)
}

fn consent(at: &At<'_, '_>) -> Option<BTreeMap<Language, ConsentText>> {
    let Node::Map(entries) = at.node else {
        at.wrong_type("a text for each language, such as default and de");
        return None;
    };
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let map = at.map(&names)?;
    let mut texts = BTreeMap::new();
    for name in names {
        let text = map.optional(name)?;
        let language = match Language::try_from(name) {
            Ok(language) => language,
            Err(error) => {
                text.add(codes::WRONG_VALUE, Aim::Key, format!("{name:?}: {error}"), "name the language");
                return None;
            }
        };
        texts.insert(language, text.parsed(|text| ConsentText::try_from(text))?);
    }
    if texts.is_empty() {
        at.add(codes::EMPTY_LIST, Aim::Value, "no text", "write default: and the text");
        return None;
    }
    if !texts.keys().any(|language| language.as_str() == "default") {
        let fix = "add default: with the text for everyone else";
        at.add(codes::CONSENT_WITHOUT_DEFAULT, Aim::Value, "no text for languages other than these", fix);
    }
    Some(texts)
}

fn managed_values(at: &At<'_, '_>) -> Option<Vec<(String, ManagedValue)>> {
    let entries = at.named("a key that the app has")?;
    entries.into_iter().map(|(key, at)| Some((key.to_owned(), managed_value(&at)?))).collect()
}

fn managed_value(at: &At<'_, '_>) -> Option<ManagedValue> {
    match at.node {
        Node::Bool(flag) => Some(ManagedValue::Flag(*flag)),
        Node::Int(number) => match i32::try_from(*number) {
            Ok(number) => Some(ManagedValue::Number(number)),
            Err(error) => {
                let fix = "Android's integers have 32 bits";
                at.add(codes::WRONG_VALUE, Aim::Value, format!("{number}: {error}"), fix);
                None
            }
        },
        Node::Text(_) => at.template(|text| LoginTemplate::try_from(text)).map(ManagedValue::Text),
        Node::Null | Node::Float(_) | Node::List(_) | Node::Map(_) | Node::Tagged(_) => {
            at.wrong_type("a text, an integer, true or false");
            None
        }
    }
}

const PROTOCOLS: &[(&str, IncomingProtocol)] = &[("imap", IncomingProtocol::Imap), ("pop3", IncomingProtocol::Pop3)];

const SOCKET_TYPES: &[(&str, Security)] = &[
    ("SSL", Security::ImplicitTls),
    ("SSL/TLS", Security::ImplicitTls),
    ("TLS", Security::ImplicitTls),
    ("implicit-tls", Security::ImplicitTls),
    ("STARTTLS", Security::StartTls),
    ("plain", Security::Cleartext),
];

/// Clients learn that TLS is used, but not how it starts.
const LDAP_SOCKET_TYPES: &[(&str, Security)] = &[("SSL", Security::ImplicitTls), ("plain", Security::Cleartext)];

const AUTHENTICATIONS: &[(&str, Authentication)] = &[
    ("password-cleartext", Authentication::PasswordCleartext),
    ("password-encrypted", Authentication::PasswordEncrypted),
    ("OAuth2", Authentication::OAuth2),
    ("TLS-client-cert", Authentication::ClientCertificate),
    ("none", Authentication::None),
];

/// RFC 4516 §2.
const SCOPES: &[(&str, SearchScope)] =
    &[("base", SearchScope::Base), ("one", SearchScope::One), ("sub", SearchScope::Sub)];

const ENCRYPTIONS: &[(&str, Encryption)] =
    &[("never", Encryption::Never), ("offered", Encryption::Offered), ("by-default", Encryption::ByDefault)];
