//! What happens to an account when a device that has one file gets another, and which values differ. It compares what
//! the device understood, not bytes.

mod values;

use std::fmt;

use values::{Value, values};

use crate::understood::Understood;

/// What happens to an existing account when the device gets another file for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFile {
    /// The device compares identifiers: what it finds is updated, the rest is removed and created again.
    IsCompared,
    /// Each file adds an account; existing ones stay as they are.
    AddsAnother,
    /// The client reads the file only when it sets up an account; existing ones stay as they are.
    ConcernsNewAccounts,
    /// The client reads its accounts from the file each time it starts.
    IsTheConfiguration,
    /// The same, and the name of the file or of its folder identifies the account: another name is another account.
    IsNamed,
}

/// What happens to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Both files are the same.
    Unchanged,
    /// The device changes the account that it has.
    UpdatedInPlace,
    /// The new file replaces the old one, and with it the account.
    Replaced,
    /// The device removes the account and makes another.
    CreatedAnew,
    /// The existing account stays, and another one is added.
    AddedBeside,
    /// Existing accounts stay as they are; new ones get the new values.
    ForNewAccounts,
    /// There was no file for the account.
    Added,
    /// The file for the account is gone.
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
                "the account is removed and created again: its mail is downloaded again, and its password is asked for"
            }
            Self::AddedBeside => "a second account appears; the old one keeps the old values until someone removes it",
            Self::ForNewAccounts => "people who have the account already keep the old values",
            Self::Added => "a new account, once the file is on the device",
            Self::Removed => "nothing, until someone removes the account or the file from the device",
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

/// What happens to an account whose device gets a different file of the same format, and what differs.
#[must_use]
pub fn change(second_file: SecondFile, old: &Understood, new: &Understood) -> (Change, Vec<Difference>) {
    let mut differences = identifiers(old, new);
    let is_another = |key: &str| differences.iter().any(|it| it.what.starts_with(key));
    let change = match second_file {
        SecondFile::IsCompared if is_another("profile ") => Change::AddedBeside,
        SecondFile::IsCompared if !differences.is_empty() => Change::CreatedAnew,
        SecondFile::IsCompared => Change::UpdatedInPlace,
        SecondFile::IsNamed if !differences.is_empty() => Change::AddedBeside,
        SecondFile::IsNamed | SecondFile::IsTheConfiguration => Change::Replaced,
        SecondFile::AddsAnother => Change::AddedBeside,
        SecondFile::ConcernsNewAccounts => Change::ForNewAccounts,
    };
    let (old, new) = (values(old), values(new));
    for what in in_order(&old, &new) {
        let value = |of: &[(String, Value)]| of.iter().find(|(own, _)| own == what).map(|(_, value)| value.clone());
        let (before, after) = (value(&old), value(&new));
        if before == after {
            continue;
        }
        let found = Difference {
            what: what.to_owned(),
            old: before.as_ref().map(Value::before),
            new: after.as_ref().map(Value::after),
        };
        // Some assumptions repeat what the account holds already.
        let is_said = differences.iter().any(|it| it.old == found.old && it.new == found.new);
        if !(is_said && what.starts_with(values::ASSUMED)) {
            differences.push(found);
        }
    }
    (change, differences)
}

/// The identifiers that differ, by which the device recognizes the account.
fn identifiers(old: &Understood, new: &Understood) -> Vec<Difference> {
    let mut keys: Vec<&'static str> = Vec::new();
    for identifier in old.identifiers.iter().chain(&new.identifiers) {
        if !keys.contains(&identifier.key) {
            keys.push(identifier.key);
        }
    }
    let value = |of: &Understood, key: &str| of.identifiers.iter().find(|it| it.key == key).map(|it| it.value.clone());
    let differences =
        keys.into_iter().map(|key| Difference { what: key.to_owned(), old: value(old, key), new: value(new, key) });
    differences.filter(|it| it.old != it.new).collect()
}

/// The names of the values of both, in the old order, with new ones after their predecessors.
fn in_order<'a>(old: &'a [(String, Value)], new: &'a [(String, Value)]) -> Vec<&'a str> {
    let mut names: Vec<&str> = old.iter().map(|(what, _)| what.as_str()).collect();
    let mut before = None;
    for (what, _) in new {
        let at = names.iter().position(|name| name == what).unwrap_or_else(|| {
            let at = before.map_or(0, |before: usize| before + 1);
            names.insert(at, what);
            at
        });
        before = Some(at);
    }
    names
}

#[cfg(test)]
mod tests;
