//! What becomes of an account when a device that has one file gets another, and which values that turns on. It compares
//! what the device understood, not octets.

use std::fmt;

use provost_account::{Account, Collection, EmailAddress, Incoming, Server, SyncWindow};

use crate::{Format, SecondFile, Understood};

/// What becomes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Both files are the same.
    Unchanged,
    /// The device changes the account that it has.
    UpdatedInPlace,
    /// The file takes the place of the other: the client has no account but what it says.
    Replaced,
    /// The device removes the account and makes another.
    CreatedAnew,
    /// The account that exists stays, and another one comes beside it.
    AddedBeside,
    /// Accounts that exist stay as they are; those that are set up from now on are as the new file says.
    ForNewAccounts,
    /// There was no file for the account.
    Added,
    /// There is no file for the account any more.
    Removed,
}

impl Change {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::UpdatedInPlace => "updated in place",
            Self::Replaced => "replaced",
            Self::CreatedAnew => "removed and created anew",
            Self::AddedBeside => "added beside the old one",
            Self::ForNewAccounts => "for new accounts only",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    /// What the person with the device notices.
    #[must_use]
    pub fn noticed(self) -> &'static str {
        match self {
            Self::Unchanged => "nothing",
            Self::UpdatedInPlace => "the account stays, with its mail, and uses the new values",
            Self::Replaced => "the client uses the new values from its next start",
            Self::CreatedAnew => {
                "the account is removed and made anew: its mail downloads again, its password is asked for"
            }
            Self::AddedBeside => "a second account appears; the old one keeps the old values until somebody removes it",
            Self::ForNewAccounts => "who has the account already keeps the old values",
            Self::Added => "a new account, once the file is on the device",
            Self::Removed => "nothing, until somebody removes the account or the file from the device",
        }
    }
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs, as settings call it, or the key that holds an identifier.
    pub what: String,
    /// The old value; `None` where there is none. Never a password.
    pub old: Option<String>,
    /// The new value.
    pub new: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: {} -> {}", self.what, side(&self.old), side(&self.new))
    }
}

/// What becomes of an account whose device has one file of a format and gets another one, which is not the same.
#[must_use]
pub fn change(format: &Format, old: &Understood, new: &Understood) -> (Change, Vec<Difference>) {
    let mut differences = Differences(Vec::new());
    let mut keys: Vec<&'static str> = Vec::new();
    for identifier in old.identifiers.iter().chain(&new.identifiers) {
        if !keys.contains(&identifier.key) {
            keys.push(identifier.key);
        }
    }
    let value = |of: &Understood, key: &str| of.identifiers.iter().find(|it| it.key == key).map(|it| it.value.clone());
    for key in &keys {
        differences.add(key, value(old, key), value(new, key));
    }
    let identifiers: Vec<String> = differences.0.iter().map(|it| it.what.clone()).collect();
    let change = match format.second_file {
        SecondFile::IsCompared if identifiers.iter().any(|key| key.starts_with("profile ")) => Change::AddedBeside,
        SecondFile::IsCompared if !identifiers.is_empty() => Change::CreatedAnew,
        SecondFile::IsCompared => Change::UpdatedInPlace,
        SecondFile::AddsAnother => Change::AddedBeside,
        SecondFile::ConcernsNewAccounts => Change::ForNewAccounts,
        SecondFile::IsTheConfiguration => Change::Replaced,
    };
    differences.add("account name", old.label.clone(), new.label.clone());
    differences.accounts(&old.account, &new.account);
    (change, differences.0)
}

struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, what: &str, old: Option<String>, new: Option<String>) {
        if old != new {
            self.0.push(Difference { what: what.to_owned(), old, new });
        }
    }

    fn accounts(&mut self, old: &Account, new: &Account) {
        self.add("address", Some(old.address.to_string()), Some(new.address.to_string()));
        let name = |of: &Account| of.full_name.as_ref().map(ToString::to_string);
        self.add("name", name(old), name(new));
        let aliases = |of: &Account| {
            let texts: Vec<&str> = of.aliases.iter().map(EmailAddress::as_str).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        };
        self.add("aliases", aliases(old), aliases(new));
        for at in 0..old.incoming.len().max(new.incoming.len()) {
            let place = format!("incoming[{at}]");
            let (old, new) = (old.incoming.get(at), new.incoming.get(at));
            let protocol = |of: Option<&Incoming>| of.map(|it| it.protocol.name().to_owned());
            self.add(&format!("{place}.protocol"), protocol(old), protocol(new));
            self.servers(&place, old.map(|it| &it.server), new.map(|it| &it.server));
        }
        for at in 0..old.outgoing.len().max(new.outgoing.len()) {
            self.servers(&format!("outgoing[{at}]"), old.outgoing.get(at), new.outgoing.get(at));
        }
        let window = |of: &Account| match of.sync {
            SyncWindow::Unlimited => None,
            SyncWindow::Days(days) => Some(days.to_string()),
        };
        self.add("sync.days", window(old), window(new));
        if old.trust != new.trust {
            let count = |of: &Account, others: &Account| {
                let own = of.trust.iter().filter(|it| !others.trust.contains(it)).count();
                Some(format!("{} certificates, {own} of them not in the other", of.trust.len()))
            };
            self.add("trust", count(old, new), count(new, old));
        }
        let url = |of: &Option<Collection>| of.as_ref().map(|it| it.url.to_string());
        self.add("calendar", url(&old.groupware.calendar), url(&new.groupware.calendar));
        self.add("contacts", url(&old.groupware.contacts), url(&new.groupware.contacts));
        let directory = |of: &Account| {
            of.groupware.ldap.as_ref().map(|it| {
                let bases: Vec<&str> = it.searches.iter().map(|search| search.base.as_str()).collect();
                let login = it.login.as_ref().map(|login| format!(" as {login}"));
                format!("{} {} {}{}", it.host, it.security.name(), bases.join("; "), login.as_deref().unwrap_or(""))
            })
        };
        self.add("ldap", directory(old), directory(new));
    }

    fn servers(&mut self, place: &str, old: Option<&Server>, new: Option<&Server>) {
        let both = |value: fn(&Server) -> Option<String>| (old.and_then(value), new.and_then(value));
        for (what, (old, new)) in [
            ("host", both(|it| Some(it.endpoint.host.to_string()))),
            ("port", both(|it| Some(it.endpoint.port.to_string()))),
            ("socket_type", both(|it| Some(it.endpoint.security.name().to_owned()))),
            ("authentication", both(|it| Some(it.endpoint.authentication.name().to_owned()))),
            ("username", both(|it| it.login.as_ref().map(ToString::to_string))),
        ] {
            self.add(&format!("{place}.{what}"), old, new);
        }
        let one = old.and_then(|it| it.password.as_ref());
        let other = new.and_then(|it| it.password.as_ref());
        if one != other {
            let said = |of: bool, word: &str| of.then(|| word.to_owned());
            self.add(&format!("{place}.password"), said(one.is_some(), "one"), said(other.is_some(), "another one"));
        }
    }
}
