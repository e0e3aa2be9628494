//! A dictionary of a profile, and the values of its keys. A value of another type is a finding and counts as absent.

use provost_account::{Code, Findings, Host, Place, Port, codes::profile as codes};

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
    /// The dictionary that a value is, its keys not yet compared with a table.
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        let Kind::Dictionary(entries) = &value.kind else { return None };
        Some(Self { entries, place: value.place, is_checked: false })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a key, whatever its type.
    pub(crate) fn kind(&self, key: &str) -> Option<&'a Kind> {
        self.get(key).map(|value| &value.kind)
    }

    /// The text of a key; empty without one, about which nothing is said.
    pub(crate) fn text(&self, key: &str) -> &'a str {
        match self.kind(key) {
            Some(Kind::String(text)) => text,
            Some(_) | None => "",
        }
    }

    /// The values of an array; none of anything else.
    pub(crate) fn list(&self, key: &str) -> &'a [Value] {
        match self.kind(key) {
            Some(Kind::Array(values)) => values,
            Some(_) | None => &[],
        }
    }

    pub(crate) fn place_of(&self, key: &str) -> Option<Place> {
        self.get(key).map_or(self.place, |value| value.place)
    }

    pub(crate) fn string(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        match self.kind(key)? {
            Kind::String(text) => Some(text),
            other => self.wrong(key, "string", other, findings),
        }
    }

    pub(crate) fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        match self.kind(key)? {
            Kind::Boolean(value) => Some(*value),
            other => self.wrong(key, "true or false", other, findings),
        }
    }

    pub(crate) fn integer(&self, key: &str, findings: &mut Findings) -> Option<i64> {
        match self.kind(key)? {
            Kind::Integer(value) => i64::try_from(*value).ok(),
            // CFNumber converts it; Mail-in-a-Box has handed out <real>443</real> as a port since 2014.
            Kind::Real(value) if value.fract() == 0.0 => format!("{value:.0}").parse().ok(),
            other => self.wrong(key, "integer", other, findings),
        }
    }

    /// A text that must be there.
    pub(crate) fn required(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let text = self.string(key, findings);
        if text.is_none() {
            self.missing(key, findings);
        }
        text
    }

    /// A host that must be there. One that is none gets the code.
    pub(crate) fn host(&self, key: &str, code: &'static Code, findings: &mut Findings) -> Option<Host> {
        let text = self.required(key, findings)?;
        let (host, fix) = (Host::try_from(text), "write the server's bare host name");
        findings.ok(host, code, self.place_of(key), |error| format!("{key} is {text:?}: {error}"), fix)
    }

    /// The port that a number of the file is. One that is none gets the code.
    pub(crate) fn port(&self, key: &str, number: i64, code: &'static Code, findings: &mut Findings) -> Option<Port> {
        let port = u16::try_from(number).ok().and_then(Port::new);
        let (message, fix) = (format!("{key} is {number}"), "write a number from 1 to 65535");
        port.or_else(|| findings.refuse(code, self.place_of(key), message, fix))
    }

    /// A login name, which the device asks for where it is missing.
    pub(crate) fn login(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let fix = "add it; an unattended installation cannot ask";
        self.string(key, findings)
            .filter(|name| !name.is_empty())
            .or_else(|| findings.refuse(codes::MISSING_USERNAME, self.place_of(key), format!("{key} is missing"), fix))
    }

    /// A password, which had better not be in a file.
    pub(crate) fn password(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let password = self.string(key, findings).filter(|password| !password.is_empty())?;
        let fix = "remove it; the device asks for it";
        findings.add(codes::PASSWORD_IN_FILE, self.place_of(key), format!("{key} is in the file"), fix);
        Some(password)
    }

    fn wrong<T>(&self, key: &str, expected: &str, found: &Kind, findings: &mut Findings) -> Option<T> {
        if self.is_checked {
            return None;
        }
        let message = format!("{key} is a {}; expected {expected}", found.name());
        let fix = format!("write it as <{}>", expected.split(' ').next().unwrap_or(expected));
        findings.refuse(codes::WRONG_TYPE, self.place_of(key), message, fix)
    }

    pub(crate) fn missing(&self, key: &str, findings: &mut Findings) {
        findings.add(codes::MISSING_KEY, self.place, format!("{key} is missing"), "add it; devices reject the file");
    }
}
