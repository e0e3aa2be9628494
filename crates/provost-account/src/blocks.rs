//! Reads the tables that are texts in this crate: blocks of `key: value` lines, an empty line between two. A key that is
//! unknown, repeated, missing or out of order is an error with its line. It knows the keys of no table, and reads no file.

use thiserror::Error;

/// What is wrong with a table, and where.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("line {line}: {mistake}")]
pub(crate) struct TableError {
    pub(crate) line: usize,
    pub(crate) mistake: Mistake,
}

#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Mistake {
    #[error("expected \"key: value\", without spaces at the end")]
    NoField,
    #[error("{0:?} is unknown, repeated or out of order here; the keys are {keys}", keys = .1.join(", "))]
    Key(&'static str, Vec<&'static str>),
    #[error("the block has no {0:?}")]
    Missing(&'static str),
    #[error("{value:?} is not a known {key}")]
    Value { key: &'static str, value: &'static str },
}

/// A key that a block may have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    /// At most once.
    Once(&'static str),
    /// On several lines.
    Repeatable(&'static str),
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Once(name) | Self::Repeatable(name) => name,
        }
    }
}

/// The lines up to an empty one: the number of each, its key and its value.
#[derive(Debug)]
pub(crate) struct Block(Vec<(usize, &'static str, &'static str)>);

/// The lines of each block, with their numbers. `#` begins a comment line.
pub(crate) fn blocks(text: &'static str) -> Vec<Vec<(usize, &'static str)>> {
    let lines: Vec<_> = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#')).collect();
    lines.split(|(_, line)| line.is_empty()).filter(|lines| !lines.is_empty()).map(<[_]>::to_vec).collect()
}

impl Block {
    /// The fields of a block, whose keys stand in the order of `keys`.
    pub(crate) fn read(lines: &[(usize, &'static str)], keys: &'static [Key]) -> Result<Self, TableError> {
        let mut fields = Vec::new();
        let mut allowed = keys;
        for &(line, text) in lines {
            let wrong = |mistake| TableError { line, mistake };
            let field = text.split_once(": ").filter(|(_, value)| value.trim_end() == *value && !value.is_empty());
            let (key, value) = field.ok_or_else(|| wrong(Mistake::NoField))?;
            let at = allowed.iter().position(|allowed| allowed.name() == key);
            let at = at.ok_or_else(|| wrong(Mistake::Key(key, keys.iter().map(|key| key.name()).collect())))?;
            allowed = match allowed[at] {
                Key::Once(_) => &allowed[at + 1..],
                Key::Repeatable(_) => &allowed[at..],
            };
            fields.push((line, key, value));
        }
        Ok(Self(fields))
    }

    fn all(&self, wanted: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
        self.0.iter().filter(move |(_, key, _)| *key == wanted).map(|(line, _, value)| (*line, *value))
    }

    /// The values of a key that may be missing.
    pub(crate) fn values(&self, key: &'static str) -> Vec<&'static str> {
        self.all(key).map(|(_, value)| value).collect()
    }

    /// The value of a key that may be missing.
    pub(crate) fn optional(&self, key: &'static str) -> Option<&'static str> {
        self.all(key).next().map(|(_, value)| value)
    }

    /// The value of a key that must be there.
    pub(crate) fn one(&self, key: &'static str) -> Result<&'static str, TableError> {
        self.known(key, Some)
    }

    /// The values of a key that must be there.
    pub(crate) fn some(&self, key: &'static str) -> Result<Vec<&'static str>, TableError> {
        self.one(key).map(|_| self.values(key))
    }

    /// A value that has to be known.
    pub(crate) fn known<T>(
        &self,
        key: &'static str,
        find: impl Fn(&'static str) -> Option<T>,
    ) -> Result<T, TableError> {
        let missing = TableError { line: self.0[0].0, mistake: Mistake::Missing(key) };
        let (line, value) = self.all(key).next().ok_or(missing)?;
        find(value).ok_or(TableError { line, mistake: Mistake::Value { key, value } })
    }

    /// Values that all have to be known; there may be none.
    pub(crate) fn each_known<T>(
        &self,
        key: &'static str,
        find: impl Fn(&'static str) -> Option<T>,
    ) -> Result<Vec<T>, TableError> {
        let known = |(line, value)| find(value).ok_or(TableError { line, mistake: Mistake::Value { key, value } });
        self.all(key).map(known).collect()
    }
}

/// What a name stands for.
pub(crate) fn named<T: Copy>(known: &[(&str, T)], name: &str) -> Option<T> {
    known.iter().find(|(known, _)| *known == name).map(|(_, it)| *it)
}
