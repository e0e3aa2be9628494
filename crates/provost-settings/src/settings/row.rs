//! A row of the table of keys: its name, its kind of value, its meaning, and where it goes in the service. Reading, writing
//! and the manual go through the rows.

use super::at::{At, Entries};
use super::write::{Layout, Value};

/// A group of keys that describes one thing.
pub(crate) trait Keys: Sized + 'static {
    /// Collects the required keys.
    type Draft: Default;
    const LAYOUT: Layout;
    /// In the order in which they are written.
    const KEYS: &'static [&'static dyn Row<Self>];

    /// The thing without its optional keys, if the required ones are there. Reports contradictions between keys.
    fn finish(map: &Entries<'_, '_>, draft: Self::Draft) -> Option<Self>;
}

/// A row: the key, what may be there, its place in the thing (and in the draft, if it must be there), and what it means.
macro_rules! key {
    (required $name:literal: $kind:expr, $($field:ident).+ => $draft:tt, $meaning:literal) => {
        key!(@ $name, $kind, $meaning, |it: &Self| Some(Clone::clone(&it.$($field).+)),
            Required(|it: &mut Self::Draft, value| it.$draft = Some(value)))
    };
    (optional $name:literal: $kind:expr, $($field:ident).+ = Some(it), $meaning:literal) => {
        key!(@ $name, $kind, $meaning, |it: &Self| Clone::clone(&it.$($field).+),
            Optional(|it: &mut Self, value| it.$($field).+ = Some(value)))
    };
    (optional $name:literal: $kind:expr, $($field:ident).+ = it, $meaning:literal) => {
        key!(@ $name, $kind, $meaning, |it: &Self| Some(Clone::clone(&it.$($field).+)),
            Optional(|it: &mut Self, value| it.$($field).+ = value))
    };
    (@ $name:expr, $kind:expr, $meaning:expr, $get:expr, $set:ident $place:tt) => {
        &$crate::settings::row::Key {
            name: $name,
            kind: $kind,
            meaning: $meaning,
            get: $get,
            set: $crate::settings::row::Set::$set $place,
        }
    };
}
pub(crate) use key;

/// A key of a group `M`, whose value is a `T`.
pub(crate) struct Key<M: Keys, T: 'static> {
    /// `a`, or `group.a` for a group that has no other key.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind<T>,
    /// What it means, for the manual.
    pub(crate) meaning: &'static str,
    /// What is written; `None`, an empty list and an empty group leave the key out.
    pub(crate) get: fn(&M) -> Option<T>,
    pub(crate) set: Set<M, T>,
}

/// Where a value goes.
pub(crate) enum Set<M: Keys, T> {
    /// The key must be there.
    Required(fn(&mut M::Draft, T)),
    Optional(fn(&mut M, T)),
}

/// A kind of value: how it is read, written and described.
pub(crate) struct Kind<T> {
    /// What may be there, for the manual.
    pub(crate) values: &'static str,
    /// `None` adds a finding.
    pub(crate) read: fn(&At<'_, '_>) -> Option<T>,
    pub(crate) write: fn(&T) -> Value,
    pub(crate) below: Below,
}

/// What a value contains.
pub(crate) enum Below {
    Nothing,
    /// Keys that the author chooses.
    Named(&'static str),
    /// Keys with rows of their own, after this path.
    Keys(fn(&str) -> Vec<SettingsKey>),
}

/// A key of the settings file as the manual has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsKey {
    /// `sync.days`; in capitals what a person chooses.
    pub path: String,
    /// What may be there, in Markdown.
    pub values: &'static str,
    /// What it means, in Markdown.
    pub meaning: &'static str,
    /// Whether its group must contain it.
    pub is_required: bool,
}

/// A [`Key`] of any value.
pub(crate) trait Row<M: Keys> {
    /// The name in the group.
    fn name(&self) -> &'static str;
    /// Reads a required key. `false`: it is missing or wrong.
    fn read_required(&self, map: &Entries<'_, '_>, draft: &mut M::Draft) -> bool;
    /// Reads an optional key. `false`: it is wrong. Without a `model`, only for the findings.
    fn read_optional(&self, map: &Entries<'_, '_>, model: Option<&mut M>) -> bool;
    fn write(&self, model: &M) -> Option<(String, Value)>;
    fn documents(&self, path: &str) -> Vec<SettingsKey>;
}

impl<M: Keys, T> Key<M, T> {
    fn read(&self, at: &At<'_, '_>) -> Option<T> {
        match self.name.split_once('.') {
            None => (self.kind.read)(at),
            Some((_, key)) => at.map(&[key])?.required(key).and_then(self.kind.read),
        }
    }
}

impl<M: Keys, T> Row<M> for Key<M, T> {
    fn name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(group, _)| group)
    }

    fn read_required(&self, map: &Entries<'_, '_>, draft: &mut M::Draft) -> bool {
        let Set::Required(set) = self.set else { return true };
        let value = map.required(self.name()).and_then(|at| self.read(at));
        value.map(|value| set(draft, value)).is_some()
    }

    fn read_optional(&self, map: &Entries<'_, '_>, model: Option<&mut M>) -> bool {
        let (Set::Optional(set), Some(at)) = (&self.set, map.optional(self.name())) else { return true };
        let value = self.read(at);
        let is_good = value.is_some();
        if let (Some(model), Some(value)) = (model, value) {
            set(model, value);
        }
        is_good
    }

    fn write(&self, model: &M) -> Option<(String, Value)> {
        let value = (self.kind.write)(&(self.get)(model)?);
        let value = match self.name.split_once('.') {
            None if value.is_empty() => return None,
            None => value,
            Some((_, key)) => Value::Group(Layout::Line, vec![(key.to_owned(), value)]),
        };
        Some((self.name().to_owned(), value))
    }

    fn documents(&self, path: &str) -> Vec<SettingsKey> {
        let path = format!("{path}{}", self.name);
        let (path, below) = match self.kind.below {
            Below::Nothing => (path, Vec::new()),
            Below::Named(name) => (format!("{path}.{name}"), Vec::new()),
            Below::Keys(keys) => (path.clone(), keys(&format!("{path}."))),
        };
        let is_required = matches!(self.set, Set::Required(_));
        let own = SettingsKey { path, values: self.kind.values, meaning: self.meaning, is_required };
        [vec![own], below].concat()
    }
}

/// The thing that a group of keys makes.
pub(crate) fn read<M: Keys>(at: &At<'_, '_>) -> Option<M> {
    read_keys(M::KEYS, M::Draft::default(), at)
}

/// The same for some of its keys, with a draft that may already contain values.
pub(crate) fn read_keys<M: Keys>(keys: &[&dyn Row<M>], mut draft: M::Draft, at: &At<'_, '_>) -> Option<M> {
    let names: Vec<&str> = keys.iter().map(|key| key.name()).collect();
    let map = at.map(&names)?;
    let mut is_whole = true;
    for key in keys {
        is_whole &= key.read_required(&map, &mut draft);
    }
    let mut model = M::finish(&map, draft);
    for key in keys {
        is_whole &= key.read_optional(&map, model.as_mut());
    }
    model.filter(|_| is_whole)
}

/// A group as it is written.
pub(crate) fn write<M: Keys>(model: &M) -> Value {
    Value::Group(M::LAYOUT, M::KEYS.iter().filter_map(|key| key.write(model)).collect())
}

/// A group as the manual has it.
pub(crate) fn documents<M: Keys>(path: &str) -> Vec<SettingsKey> {
    M::KEYS.iter().flat_map(|key| key.documents(path)).collect()
}

/// The kind of a group.
pub(crate) const fn group<M: Keys>() -> Kind<M> {
    Kind { values: "a group of keys", read: read::<M>, write: write::<M>, below: Below::Keys(documents::<M>) }
}
