//! What several files show together and none alone: profiles of different people that replace each other, identifiers
//! that change from one download to the next, formats of one person that disagree.

use std::collections::BTreeMap;

use provost_account::{EmailAddress, Finding, Findings, Protocol, Server, TlsLeftOpen, codes::fleet as codes};

use crate::formats::Format;
use crate::second_file::SecondFile;
use crate::takeover;
use crate::understood::{Identifier, Understood};

/// An account of one of the files.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What the file is called in findings about the others.
    pub file: &'a str,
    /// Its format.
    pub format: &'static Format,
    /// The account.
    pub understood: &'a Understood,
}

/// The findings about all of them, each with its file.
#[must_use]
pub fn across_files<'a>(members: &[Member<'a>]) -> Vec<(&'a str, Finding)> {
    let mut files: BTreeMap<&str, Findings> = BTreeMap::new();
    let mut compared = Compared::default();
    let mut people: BTreeMap<String, Vec<&Member<'_>>> = BTreeMap::new();
    for member in members {
        let findings = files.entry(member.file).or_default();
        match member.format.second_file {
            SecondFile::IsCompared => compared.add(member, findings),
            SecondFile::AddsAnother
            | SecondFile::ConcernsNewAccounts
            | SecondFile::IsTheConfiguration
            | SecondFile::IsNamed => {}
        }
        if let Some(address) = member.understood.address() {
            people.entry(address.key()).or_default().push(member);
        }
    }
    for person in people.values() {
        agreement(person, &mut files);
    }
    files.into_iter().flat_map(|(file, findings)| findings.finish().into_iter().map(move |it| (file, it))).collect()
}

/// The accounts seen so far that a device recognizes by their identifiers.
#[derive(Default)]
struct Compared<'a> {
    /// The first file of each person, by format and kind of device.
    people: BTreeMap<(&'a str, String, &'a str), Member<'a>>,
    /// The first holder of each identifier, by format and key.
    holders: BTreeMap<(&'a str, &'a str, &'a str), Member<'a>>,
}

impl<'a> Compared<'a> {
    fn add(&mut self, member: &Member<'a>, findings: &mut Findings) {
        for Identifier { key, value } in &member.understood.identifiers {
            if key.ends_with("Identifier") && holds_random(value) {
                let message = format!("{key} {value:?} has a random part");
                let fix = "derive it from the organization and the address, so that it stays the same";
                findings.add(codes::RANDOM_IDENTIFIER, None, message, fix);
            }
        }
        let Some(whose) = member.understood.address().map(EmailAddress::key) else { return };
        let own = self.people.entry((member.format.name, whose, member.understood.device)).or_insert(*member);
        if own.file != member.file {
            changes(own, member, findings);
        }
        self.other_people(member, findings);
    }

    /// Reports the worst of what the file shares with other people's files.
    fn other_people(&mut self, member: &Member<'a>, findings: &mut Findings) {
        let mut shared = Vec::new();
        for Identifier { key, value } in &member.understood.identifiers {
            let holder = self.holders.entry((member.format.name, key, value)).or_insert(*member);
            let theirs = &holder.understood.account.address;
            if holder.file != member.file && theirs.key() != member.understood.account.address.key() {
                shared.push((key, format!("{key} {value:?} is also used for {theirs} in {}", holder.file)));
            }
        }
        let outer = shared.iter().find(|(key, _)| key.ends_with("Identifier") && !is_of_a_payload(key));
        if let Some((_, message)) = outer {
            let fix = "give each person's profile its own identifier";
            return findings.add(codes::REPLACES_ANOTHER, None, message.clone(), fix);
        }
        if let Some((_, message)) = shared.iter().find(|(key, _)| key.ends_with("UUID")) {
            let fix = "derive the UUID from the organization and the address";
            findings.add(codes::SHARED_UUID, None, message.clone(), fix);
        }
    }
}

/// Whether the key is that of an account inside a profile, which alone decides what is replaced.
fn is_of_a_payload(key: &str) -> bool {
    ["mail ", "exchange "].iter().any(|payload| key.starts_with(payload))
}

/// Two files of one person, for one kind of device.
fn changes(other: &Member<'_>, member: &Member<'_>, findings: &mut Findings) {
    if takeover::is_reordered(&other.understood.payloads, &member.understood.payloads) {
        let message = format!("the payloads are those of {} in a different order", other.file);
        let fix = "write them in the same order each time";
        findings.add(codes::PAYLOADS_REORDERED, None, message, fix);
    }
    for Identifier { key, value } in &member.understood.identifiers {
        let before = other.understood.identifiers.iter().find(|it| it.key == *key);
        let Some(before) = before.filter(|before| before.value != *value) else { continue };
        let message = format!("{key} is {value:?}, and {:?} in {}", before.value, other.file);
        let fix = "derive it from the organization and the address";
        return findings.add(codes::IDENTIFIER_CHANGES, None, message, fix);
    }
}

/// A UUID of version 4 (RFC 9562 §5.4), with or without its hyphens: two hexadecimal texts of 32 digits have a `4` and one
/// of `89ab` in these places by chance once in 64 times.
fn holds_random(identifier: &str) -> bool {
    identifier.split(|c: char| !c.is_ascii_hexdigit() && c != '-').any(|part| {
        let hyphens: Vec<usize> = part.match_indices('-').map(|(at, _)| at).collect();
        let digits: String = part.chars().filter(char::is_ascii_hexdigit).collect();
        let form = hyphens.is_empty() || hyphens == [8, 13, 18, 23];
        let variant = digits.as_bytes().get(16).map(u8::to_ascii_lowercase);
        form && digits.len() == 32
            && digits.as_bytes().get(12) == Some(&b'4')
            && variant.is_some_and(|it| b"89ab".contains(&it))
    })
}

/// One person's files: each is compared with what most of them say of servers of one protocol.
fn agreement<'a>(person: &[&Member<'a>], files: &mut BTreeMap<&'a str, Findings>) {
    // A client that speaks POP3 alone does not disagree with one that speaks IMAP.
    for protocol in Protocol::ALL {
        let servers = |member: &Member<'a>| -> Vec<Use> {
            let spoken = member.understood.account.servers().filter(|(its, _)| *its == protocol);
            spoken.map(|(_, server)| Use::of(protocol, server, member.understood)).collect()
        };
        let said: Vec<(&str, Vec<Use>)> = person.iter().map(|it| (it.file, servers(it))).collect();
        let said: Vec<&(&str, Vec<Use>)> = said.iter().filter(|(_, servers)| !servers.is_empty()).collect();
        let votes = |one: &Use| said.iter().filter(|(_, servers)| servers.iter().any(|it| it.agrees(one))).count();
        let Some(most) = said.iter().rev().max_by_key(|(_, servers)| votes(&servers[0])) else { continue };
        for (file, servers) in said.iter().copied() {
            let meets = |one: &Use, others: &[Use]| others.iter().any(|other| one.agrees(other));
            if *file == most.0 || meets(&servers[0], &most.1) || meets(&most.1[0], servers) {
                continue;
            }
            let message = format!("{}, and {} in {}", servers[0].text(), most.1[0].text(), most.0);
            let fix = "find out which one is right, and fix the other";
            if let Some(findings) = files.get_mut(file) {
                findings.add(codes::FORMATS_DISAGREE, None, message, fix);
            }
        }
    }
}

/// How a client uses a server.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    protocol: Protocol,
    authority: String,
    security: &'static str,
    /// Whether the client finds the protection out from the server.
    is_found_out: bool,
    login: Option<String>,
    /// The login names that the client tries afterwards.
    otherwise: Vec<String>,
}

impl Use {
    fn of(protocol: Protocol, server: &Server, understood: &Understood) -> Self {
        let endpoint = &server.endpoint;
        let left_open = &understood.left_open;
        Self {
            protocol,
            authority: endpoint.authority(),
            security: endpoint.security.name(),
            is_found_out: left_open.tls != TlsLeftOpen::Nothing,
            login: server.login.as_ref().map(ToString::to_string),
            otherwise: left_open.logins.iter().map(ToString::to_string).collect(),
        }
    }

    /// A login name that the client asks for agrees with any other, and so does a template. What a client finds out from the
    /// server agrees with what another file says.
    fn agrees(&self, other: &Self) -> bool {
        let names = match (&self.login, &other.login) {
            (Some(one), Some(another)) => {
                one == another
                    || one.contains('%')
                    || another.contains('%')
                    || self.otherwise.contains(another)
                    || other.otherwise.contains(one)
            }
            (None, _) | (_, None) => true,
        };
        let security = self.is_found_out || other.is_found_out || self.security == other.security;
        names && security && self.protocol == other.protocol && self.authority == other.authority
    }

    fn text(&self) -> String {
        let login = self.login.as_ref().map(|login| format!(" as {login}"));
        format!("{} {} {}{}", self.protocol.name(), self.authority, self.security, login.as_deref().unwrap_or(""))
    }
}
