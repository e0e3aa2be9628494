//! A dictionary of a profile, and what its keys hold. A value of another type is a finding and counts as absent.

use provost_account::Place;

use super::plist::{Kind, Value};
use crate::findings::Findings;

/// A dictionary with its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dictionary<'a> {
    pub(super) entries: &'a [(String, Value)],
    pub(super) place: Option<Place>,
    /// Whether every key was compared with the table already, so that a wrong type is a finding already.
    pub(super) is_checked: bool,
}

impl<'a> Dictionary<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        self.get(key).map_or(self.place, |value| value.place)
    }

    pub(super) fn string(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        match &self.get(key)?.kind {
            Kind::String(text) => Some(text),
            other => {
                self.wrong(key, "string", other, findings);
                None
            }
        }
    }

    pub(super) fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        match &self.get(key)?.kind {
            Kind::Boolean(value) => Some(*value),
            other => {
                self.wrong(key, "true or false", other, findings);
                None
            }
        }
    }

    pub(super) fn integer(&self, key: &str, findings: &mut Findings) -> Option<i64> {
        match &self.get(key)?.kind {
            Kind::Integer(value) => Some(*value),
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
        let message = format!("{key} is a {}, it should be {expected}", found.name());
        let fix = format!("write it as <{}>", expected.split(' ').next().unwrap_or(expected));
        findings.add("wrong-type", self.place_of(key), message, fix);
    }

    pub(super) fn missing(&self, key: &str, findings: &mut Findings) {
        findings.add("missing-key", self.place, format!("{key} is missing"), "add it; devices refuse the file");
    }
}
