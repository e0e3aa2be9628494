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
        match &self.get(key)?.kind {
            Kind::String(text) => Some(text),
            other => {
                self.wrong(key, "string", other, findings);
                None
            }
        }
    }

    pub(crate) fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        match &self.get(key)?.kind {
            Kind::Boolean(value) => Some(*value),
            other => {
                self.wrong(key, "true or false", other, findings);
                None
            }
        }
    }

    pub(crate) fn integer(&self, key: &str, findings: &mut Findings) -> Option<i64> {
        match &self.get(key)?.kind {
            Kind::Integer(value) => i64::try_from(*value).ok(),
            other => {
                self.wrong(key, "integer", other, findings);
                None
            }
        }
    }

    fn wrong(&self, key: &str, expected: &str, found: &Kind, findings: &mut Findings) {
        if self.is_checked {
            return;
        }
        let message = format!("{key} is a {}; expected {expected}", found.name());
        let fix = format!("write it as <{}>", expected.split(' ').next().unwrap_or(expected));
        findings.add(codes::WRONG_TYPE, self.place_of(key), message, fix);
    }

    pub(crate) fn missing(&self, key: &str, findings: &mut Findings) {
        findings.add(codes::MISSING_KEY, self.place, format!("{key} is missing"), "add it; devices reject the file");
    }
}
