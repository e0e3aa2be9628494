//! The values of a script, and the preferences that they are assigned to.

use std::collections::BTreeMap;

use provost_account::Place;

/// A value, as far as it is known without Thunderbird.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// `null` and `undefined`.
    Nothing,
    Flag(bool),
    Number(i64),
    Text(String),
    Unknown,
}

/// What a preference is, and where it was set last.
#[derive(Debug, Clone)]
pub(super) struct Preference {
    pub(super) value: Value,
    pub(super) place: Place,
    /// Whether it is a default value, which one of the person's own hides.
    pub(super) is_default: bool,
    pub(super) is_locked: bool,
}

/// The preferences that a script leaves behind, in a profile that has none.
#[derive(Debug, Default)]
pub(super) struct Preferences(pub(super) BTreeMap<String, Preference>);

impl Preferences {
    pub(super) fn get(&self, name: &str) -> Option<&Preference> {
        self.0.get(name)
    }
}

impl Value {
    /// Whether a condition holds; `None`: unknown.
    pub(super) fn holds(&self) -> Option<bool> {
        match self {
            Self::Nothing => Some(false),
            Self::Flag(flag) => Some(*flag),
            Self::Number(number) => Some(*number != 0),
            Self::Text(text) => Some(!text.is_empty()),
            Self::Unknown => None,
        }
    }

    /// One of two values, by a condition that may not be known.
    pub(super) fn chosen(holds: Option<bool>, yes: Self, no: Self) -> Self {
        match holds {
            Some(true) => yes,
            Some(false) => no,
            None => Self::Unknown,
        }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let spelt = |value: &Self| match value {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Nothing | Self::Unknown => None,
        };
        match (self, other, spelt(self), spelt(other)) {
            (Self::Number(one), Self::Number(other), ..) => one.checked_add(*other).map_or(Self::Unknown, Self::Number),
            (Self::Text(_), _, Some(one), Some(other)) | (_, Self::Text(_), Some(one), Some(other))
                if one.len() + other.len() <= TEXT_MAX =>
            {
                Self::Text(one + &other)
            }
            (Self::Nothing | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::Unknown, ..) => Self::Unknown,
        }
    }
}

/// Longer than any real value: a script could double a text again and again.
const TEXT_MAX: usize = 64 * 1024;
