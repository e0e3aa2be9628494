//! The settings file: YAML to a [`Service`] and back. `docs/settings.md` describes the format; unknown keys are errors.

mod apple;
mod at;
mod deploy;
mod keys;
mod kinds;
mod ldap;
mod management;
mod published;
mod row;
mod servers;
mod service_json;
mod smime;
mod tree;
mod trust;
mod version_1;
mod write;

use std::collections::BTreeMap;
use std::io;

use provost_account::{Finding, Findings, Place, ProfileDate, Service, codes::settings as codes};

use crate::source_text::{self, Read};

pub(crate) use at::{near, with_cause};
pub use deploy::{Deploy, DeployNames, DeployServer, SecretSource, Webhook, read_deploy};
pub use published::against_published;
pub use row::SettingsKey;
pub use service_json::{read_service, write_service};
pub(crate) use tree::without_place;
pub use trust::write_certificates;

/// Reads a settings file.
///
/// `read_file` gives the bytes of a file that `trust` names, or says why it cannot; the caller decides what the name is
/// relative to.
#[must_use]
pub fn read_settings(bytes: &[u8], read_file: &dyn Fn(&str) -> io::Result<Vec<u8>>) -> Read<Service> {
    let mut findings = Findings::counted();
    let Some(text) = source_text::decode(bytes, SETTINGS_OCTETS_MAX, &mut findings) else {
        return Read { value: None, findings: findings.finish() };
    };
    let service = match tree::parse(text) {
        Ok(tree) => keys::service(&tree, Some(text), at::Version::Settings, read_file, &mut findings),
        Err(error) => {
            syntax_error(text, &error, &mut findings);
            None
        }
    };
    let value = service.filter(|_| !findings.has_error());
    Read { value, findings: findings.finish() }
}

/// Writes settings that [`read_settings`] reads as `service`.
///
/// `trust_file` names the PEM file with the service's certificates ([`write_certificates`]); without it the key is left
/// out. A list of servers that is empty is left out too, and the file is then none that can be used.
#[must_use]
pub fn write_settings(service: &Service, trust_file: Option<&str>) -> String {
    write_with_comments(service, trust_file, &BTreeMap::new())
}

/// The same, with a comment above each part that has one. Where a part is not written, nor is its comment.
#[must_use]
pub fn write_with_comments(
    service: &Service,
    trust_file: Option<&str>,
    comments: &BTreeMap<SettingsPart, String>,
) -> String {
    let trust = trust_file
        .filter(|_| !service.trust.is_empty())
        .map(|name| trust::TrustFile { name: name.to_owned(), certificates: service.trust.clone() });
    let trust = trust.into_iter().collect();
    let document = keys::Document { version: at::Version::Settings, service: service.clone(), trust };
    let above = |spot: write::Spot| {
        let part = SettingsPart::all(service).find(|part| part.spot() == spot)?;
        comments.get(&part).map(String::as_str)
    };
    let keys: Vec<&str> = SettingsPart::all(service).map(|part| part.spot().key).collect();
    write::yaml(&row::write(&document), &keys, &above)
}

/// A part of settings that a comment can stand above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettingsPart {
    /// `organization`.
    Organization,
    /// `domains`.
    Domains,
    /// `username`.
    Username,
    /// A server of `incoming`, by its number from 0.
    Incoming(usize),
    /// A server of `outgoing`, by its number from 0.
    Outgoing(usize),
    /// `sync`.
    Sync,
    /// `calendar`.
    Calendar,
    /// `contacts`.
    Contacts,
}

impl SettingsPart {
    fn all(service: &Service) -> impl Iterator<Item = Self> {
        let incoming = (0..service.incoming.len()).map(Self::Incoming);
        let outgoing = (0..service.outgoing.len()).map(Self::Outgoing);
        let single = [Self::Organization, Self::Domains, Self::Username, Self::Sync, Self::Calendar, Self::Contacts];
        single.into_iter().chain(incoming).chain(outgoing)
    }

    fn spot(self) -> write::Spot {
        let (key, element) = match self {
            Self::Organization => ("organization", None),
            Self::Domains => ("domains", None),
            Self::Username => ("username", None),
            Self::Incoming(at) => ("incoming", Some(at)),
            Self::Outgoing(at) => ("outgoing", Some(at)),
            Self::Sync => ("sync", None),
            Self::Calendar => ("calendar", None),
            Self::Contacts => ("contacts", None),
        };
        write::Spot { key, element }
    }
}

/// The tables of keys as the manual has them: what every file has, a server, what a file may have, and `apple`.
#[must_use]
pub fn settings_keys() -> [Vec<SettingsKey>; 4] {
    let (essential, optional) = row::documents::<keys::Document>("").into_iter().partition(keys::is_essential);
    [essential, row::documents::<servers::Server>(""), optional, row::documents::<provost_account::Apple>("")]
}

/// What has passed in settings on a day: the day on which profiles expire or are removed. `bytes` are those that the service
/// was read from, for the places.
#[must_use]
pub fn past_dates(bytes: &[u8], service: &Service, today: ProfileDate) -> Vec<Finding> {
    let mut findings = Findings::counted();
    let text = source_text::decode(bytes, SETTINGS_OCTETS_MAX, &mut Findings::counted()).unwrap_or("");
    let place = |key: &str| text.find(&format!("{key}:")).map(|at| provost_account::place(text, at));
    let (expiration, removal) = (service.apple.expiration_date, service.apple.removal_date);
    for (key, day, what) in [
        ("expiration_date", expiration, "profiles are expired when they are installed"),
        ("removal_date", removal, "devices remove the profile immediately"),
    ] {
        if let Some(day) = day.filter(|day| *day <= today) {
            let message = format!("{key} is {day}, which has passed: {what}");
            findings.add(codes::DATE_OVER, place(key), message, "write a later date, or remove the key");
        }
    }
    if let (Some(expiration), Some(removal)) = (expiration, removal)
        && removal < expiration
    {
        let message = format!("removal_date is {removal}, before the expiration on {expiration}");
        let fix = "set the removal date after the expiration date";
        findings.add(codes::REMOVAL_BEFORE_EXPIRATION, place("removal_date"), message, fix);
    }
    findings.finish()
}

/// A certificate of `trust` whose validity has ended.
#[must_use]
pub fn past_certificate(ended: ProfileDate) -> Finding {
    let mut findings = Findings::counted();
    let message = format!("a certificate of trust was valid until {ended}");
    findings.add(codes::CERTIFICATE_OVER, None, message, "configure its successor");
    findings.finish().remove(0)
}

/// Says what the YAML parser says, and for the two mistakes that people make most, what to do.
fn syntax_error(text: &str, error: &tree::SyntaxError, findings: &mut Findings) {
    if let Some((place, found)) = unquoted(text) {
        let message = format!("{found} without quotation marks means something else in YAML");
        return findings.add(codes::UNQUOTED_PLACEHOLDER, Some(place), message, format!("write \"{found}\""));
    }
    let is_remark = |line: &str| line.trim_start().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_remark) {
        let fix = "write settings, or let `provost init` make them";
        return findings.add(codes::YAML_SYNTAX, error.place, "there is nothing in it", fix);
    }
    let line = error.place.and_then(|place| text.lines().nth(place.line.saturating_sub(1)));
    let fix = match line {
        Some(line) if line.trim_start_matches(' ').starts_with('\t') => "indent with spaces; YAML does not allow tabs",
        Some(_) | None => "check quotation marks, brackets and indentation at this place and just before it",
    };
    findings.add(codes::YAML_SYNTAX, error.place, error.message.clone(), fix);
}

/// A value that starts with `%EMAIL` or is an IPv6 address in brackets, without quotation marks.
fn unquoted(text: &str) -> Option<(Place, &str)> {
    let starts = text.match_indices(": ").map(|(at, separator)| at + separator.len());
    starts
        .map(|at| (at, text[at..].trim_start_matches(' ')))
        .find(|(_, value)| value.starts_with("%EMAIL") || value.starts_with('[') && is_bracketed_ipv6(value))
        .map(|(at, value)| {
            let end = value.find([' ', ',', '}', '\n', '\r']).unwrap_or(value.len());
            let start = at + (text[at..].len() - value.len());
            (provost_account::place(text, start), &value[..end])
        })
}

fn is_bracketed_ipv6(value: &str) -> bool {
    let inside = value.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    inside.is_some_and(|inside| inside.parse::<std::net::Ipv6Addr>().is_ok())
}

const SETTINGS_OCTETS_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comment_is_above_its_part_and_settings_with_comments_are_read_as_those_without() {
        let text = "provost: 1\norganization: { id: org.a, name: A }\ndomains: [a.example]\n\
            username: \"%EMAILADDRESS%\"\nincoming:\n\
            \x20 - { protocol: imap, host: a.example, port: 993, socket_type: SSL, authentication: password-cleartext }\n\
            \x20 - { protocol: pop3, host: a.example, port: 995, socket_type: SSL, authentication: password-cleartext }\n\
            outgoing:\n  - { host: a.example, port: 465, socket_type: SSL, authentication: password-cleartext }\n\
            sync: { days: 30 }\ncalendar: { url: \"https://a.example/\" }\ncontacts: { url: \"https://a.example/\" }\n";
        let none = |_: &str| Err(io::ErrorKind::NotFound.into());
        let service = read_settings(text.as_bytes(), &none).value.expect("settings");
        let comments: BTreeMap<SettingsPart, String> =
            SettingsPart::all(&service).map(|part| (part, format!("{part:?}\nis: [here"))).collect();
        let written = write_with_comments(&service, None, &comments);
        for (part, comment) in &comments {
            let comment = format!("# {}\n", comment.replace('\n', " "));
            let (_, below) = written.split_once(&comment).unwrap_or_else(|| panic!("no {part:?} in {written}"));
            let first = match part {
                SettingsPart::Organization => "organization:",
                SettingsPart::Domains => "domains:",
                SettingsPart::Username => "username:",
                SettingsPart::Incoming(0) => "  - { protocol: imap",
                SettingsPart::Incoming(_) => "  - { protocol: pop3",
                SettingsPart::Outgoing(_) => "  - { host: a.example, port: 465",
                SettingsPart::Sync => "sync:",
                SettingsPart::Calendar => "calendar:",
                SettingsPart::Contacts => "contacts:",
            };
            assert!(below.starts_with(first), "{part:?}: {written}");
        }
        assert_eq!(read_settings(written.as_bytes(), &none).value.as_ref(), Some(&service));
        let without: String = written
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_eq!(without, write_settings(&service, None));
    }
}
