//! A dictionary of a profile, and the values of its keys. A value of another type is a finding and counts as absent.

use provost_account::{Findings, Place, codes::profile as codes};

use super::plist::{Kind, Value};

/// A dictionary with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dictionary<'a> {
    pub(crate) entries: &'a [(String, Value)],
    pub(crate) place: Option<Place>,
    /// Whether every key was compared with the table already, so that a wrong type is a finding already.
    pub(crate) is_checked: bool,
}

impl<'a> Dictionary<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn place_of(&self, key: &str) -> Option<Place> {
        self.get(key).map_or(self.place, |value| value.place)
    }

    pub(crate) fn string(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let Kind::String(text) = self.kind(key, "string", findings)? else { return None };
        Some(text)
    }

    pub(crate) fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let Kind::Boolean(value) = self.kind(key, "true or false", findings)? else { return None };
        Some(*value)
    }

    pub(crate) fn integer(&self, key: &str, findings: &mut Findings) -> Option<i64> {
        let Kind::Integer(value) = self.kind(key, "integer", findings)? else { return None };
        i64::try_from(*value).ok()
    }

    /// A key's value; one of another kind than `expected` is a finding.
    fn kind(&self, key: &str, expected: &str, findings: &mut Findings) -> Option<&'a Kind> {
        let found = &self.get(key)?.kind;
        if found.name() != expected && !self.is_checked {
            let message = format!("{key} is a {}; expected {expected}", found.name());
            let fix = format!("write it as <{}>", expected.split(' ').next().unwrap_or(expected));
            findings.add(codes::WRONG_TYPE, self.place_of(key), message, fix);
        }
        Some(found)
    }

    pub(crate) fn missing(&self, key: &str, findings: &mut Findings) {
        findings.add(codes::MISSING_KEY, self.place, format!("{key} is missing"), "add it; devices reject the file");
    }
}
