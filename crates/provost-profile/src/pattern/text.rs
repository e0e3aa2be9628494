//! A text with gaps, and the values that fill them. It knows no file.

use provost_account::OrganizationId;
use uuid::fmt::Hyphenated;

use super::PlainPerson;
use crate::identifiers::{Kind, Names};

/// A text with gaps.
#[derive(Debug)]
pub(super) struct Text {
    /// What is the same for everybody.
    fixed: Vec<u8>,
    /// Where in it a value goes, in their order.
    gaps: Vec<(usize, Value)>,
}

/// What fills a gap. An address is a local part and a domain, and so is what a template makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    LocalPart,
    Domain,
    FullName,
    /// One that no template makes.
    Login,
    /// The UUID of one of the kinds, by its number in their table.
    Identifier(usize, LetterCase),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LetterCase {
    Lower,
    Upper,
}

impl Text {
    /// What was written of a person, with gaps in the places of that person's values.
    pub(super) fn of(written: &[u8], values: &mut Values<'_>) -> Self {
        let known = values.all();
        let mut text = Self { fixed: Vec::new(), gaps: Vec::new() };
        let mut rest = written;
        while let Some((octet, after)) = rest.split_first() {
            let found = known.iter().filter(|(_, value)| rest.starts_with(value)).max_by_key(|(_, value)| value.len());
            if let Some((which, value)) = found {
                text.gaps.push((text.fixed.len(), *which));
                rest = &rest[value.len()..];
            } else {
                text.fixed.push(*octet);
                rest = after;
            }
        }
        text
    }

    /// Whether it is the same for everybody.
    pub(super) fn is_fixed(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Adds the text with a person's values.
    pub(super) fn fill(&self, values: &mut Values<'_>, out: &mut Vec<u8>) {
        let mut from = 0;
        for (at, value) in &self.gaps {
            out.extend_from_slice(&self.fixed[from..*at]);
            out.extend_from_slice(values.value(*value));
            from = *at;
        }
        out.extend_from_slice(&self.fixed[from..]);
    }

    /// The same of what was a text.
    pub(super) fn filled(&self, values: &mut Values<'_>) -> String {
        let mut octets = Vec::new();
        self.fill(values, &mut octets);
        String::from_utf8(octets).expect("a text in which whole texts were replaced by others")
    }
}

/// A person's values.
pub(super) struct Values<'a> {
    person: PlainPerson<'a>,
    organization: &'a OrganizationId,
    /// Once an identifier was asked for.
    names: Option<Names>,
    /// Of each kind in both cases, once they were asked for.
    identifiers: [[Option<Identifier>; 2]; Kind::ALL.len()],
}

type Identifier = [u8; Hyphenated::LENGTH];

impl<'a> Values<'a> {
    pub(super) fn of(person: &PlainPerson<'a>, organization: &'a OrganizationId) -> Self {
        Self { person: *person, organization, names: None, identifiers: [[None; 2]; Kind::ALL.len()] }
    }

    /// Everything that a gap may be for.
    fn all(&mut self) -> Vec<(Value, Vec<u8>)> {
        let cases = [LetterCase::Lower, LetterCase::Upper];
        let mut all = vec![Value::LocalPart, Value::Domain];
        all.extend(self.person.full_name.map(|_| Value::FullName));
        all.extend(self.person.login.map(|_| Value::Login));
        all.extend((0..Kind::ALL.len()).flat_map(|kind| cases.map(|it| Value::Identifier(kind, it))));
        all.into_iter().map(|value| (value, self.value(value).to_vec())).collect()
    }

    fn value(&mut self, value: Value) -> &[u8] {
        let PlainPerson { address, full_name, login } = self.person;
        let text = match value {
            Value::LocalPart => address.local_part(),
            Value::Domain => address.domain().as_str(),
            Value::FullName => full_name.expect("the shape says that there is a name").as_str(),
            Value::Login => login.expect("the shape says that there is a login name").as_str(),
            Value::Identifier(kind, letter_case) => return self.identifier(kind, letter_case),
        };
        text.as_bytes()
    }

    fn identifier(&mut self, kind: usize, letter_case: LetterCase) -> &[u8] {
        let Self { person, organization, names, identifiers } = self;
        identifiers[kind][letter_case as usize].get_or_insert_with(|| {
            let names = names.get_or_insert_with(|| Names::of(organization, person.address));
            let uuid = names.uuid(Kind::ALL[kind]);
            let mut text = [0; Hyphenated::LENGTH];
            match letter_case {
                LetterCase::Lower => uuid.as_hyphenated().encode_lower(&mut text),
                LetterCase::Upper => uuid.as_hyphenated().encode_upper(&mut text),
            };
            text
        })
    }
}
