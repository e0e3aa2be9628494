//! A property list's values, with their places. `scanner.rs` reads them from XML, `binary.rs` from binary files.

use provost_account::Place;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    /// `None` in a binary property list, which has no lines.
    pub(crate) place: Option<Place>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Array(Vec<Value>),
    Boolean(bool),
    Data(Vec<u8>),
    /// As XML writes it: `2027-01-31T00:00:00Z`.
    Date(String),
    Dictionary(Vec<(String, Value)>),
    /// What CoreFoundation has: 64 bits with a sign or without.
    Integer(i128),
    Real(f64),
    String(String),
}

impl Kind {
    /// The element's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Array(_) => "array",
            Self::Boolean(_) => "true or false",
            Self::Data(_) => "data",
            Self::Date(_) => "date",
            Self::Dictionary(_) => "dict",
            Self::Integer(_) => "integer",
            Self::Real(_) => "real",
            Self::String(_) => "string",
        }
    }
}
