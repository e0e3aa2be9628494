//! A row of a user list, whatever its format: values in known columns.

use std::borrow::Cow;

use provost_account::Place;

use super::proxies::{Proxies, is_name_of_a_type, names_protocols, proxies};
use super::records::after;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Email,
    Name,
    /// A name that is used where there is no other.
    CommonName,
    FirstName,
    LastName,
    Username,
    CalendarUsername,
    ContactsUsername,
    Aliases,
    Groups,
    Password,
    /// Every address of a mailbox, each behind the word of its protocol: `SMTP:` before the first one, `smtp:` before others.
    Proxies,
    /// Whether the account is in use, in the words of the program.
    State,
    /// The same, the other way round: whether the account must not be used.
    Blocked,
    /// Active Directory's flags, of which one says that the account is disabled.
    AccountControl,
}

impl Column {
    /// All of them, in the order in which people are told of them.
    pub(crate) const ALL: &[Self] = &[
        Self::Email,
        Self::Proxies,
        Self::Name,
        Self::CommonName,
        Self::FirstName,
        Self::LastName,
        Self::Username,
        Self::CalendarUsername,
        Self::ContactsUsername,
        Self::Aliases,
        Self::Groups,
        Self::Password,
        Self::State,
        Self::Blocked,
        Self::AccountControl,
    ];

    /// What people are told that it is.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name | Self::CommonName => "name",
            Self::FirstName => "first name",
            Self::LastName => "last name",
            Self::Username => "username",
            Self::CalendarUsername => "calendar username",
            Self::ContactsUsername => "contacts username",
            Self::Aliases => "aliases",
            Self::Groups => "groups",
            Self::Password => "password",
            Self::Proxies => "all addresses",
            Self::State | Self::Blocked | Self::AccountControl => "whether it is in use",
        }
    }

    /// Whether it may hold several values.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Aliases | Self::Groups | Self::Proxies)
    }

    /// Whether it says if the account is in use. A list may have several such columns.
    pub(crate) fn is_state(self) -> bool {
        matches!(self, Self::State | Self::Blocked | Self::AccountControl)
    }
}

/// A row of any format: its values in the known columns.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The row as it is written.
    pub(crate) text: &'a str,
    pub(crate) place: Place,
    pub(crate) fields: Vec<Field<'a>>,
    /// Whether reading it found an error already.
    pub(crate) bad: bool,
}

/// One value of a row. A column with several values has a field for each.
pub(crate) struct Field<'a> {
    pub(crate) column: Column,
    /// Where it is written in the row's text.
    pub(crate) at: usize,
    pub(crate) value: Cow<'a, str>,
}

impl std::fmt::Debug for Field<'_> {
    /// Without the value: it may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({:?} at {})", self.column, self.at)
    }
}

impl<'a> Row<'a> {
    /// The place of an offset in the text.
    pub(crate) fn place_of(&self, at: usize) -> Place {
        after(self.place, &self.text.as_bytes()[..at])
    }

    pub(crate) fn field(&self, column: Column) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.column == column)
    }

    pub(crate) fn has_line_break(&self) -> bool {
        self.fields.iter().any(|field| field.value.contains(['\n', '\r']))
    }

    /// The first value of a column, without the spaces around it, and its offset; `None` if there is nothing.
    pub(crate) fn text(&self, column: Column) -> Option<(&str, usize)> {
        let field = self.field(column)?;
        let text = field.value.trim();
        (!text.is_empty()).then_some((text, field.at))
    }

    /// Every address of the mailbox, from the columns that say which is the first one.
    pub(crate) fn proxies(&self) -> AllAddresses<'_> {
        let mut all = AllAddresses { first: None, aliases: Vec::new() };
        for field in self.fields.iter().filter(|field| !is_name_of_a_type(&field.value)) {
            let column = field.column;
            if column != Column::Proxies && !(column == Column::Aliases && names_protocols(&field.value)) {
                continue;
            }
            let Proxies { primary, others } = proxies(&field.value);
            let primary = primary.map(|address| (address, field.at));
            if column == Column::Proxies {
                all.first = all.first.or(primary);
            }
            all.aliases.extend(primary.into_iter().chain(others.into_iter().map(|other| (other, field.at))));
        }
        all
    }

    /// The aliases of the column that holds nothing else.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (&str, usize)> {
        let plain = |text: &str| !names_protocols(text) && !is_name_of_a_type(text);
        self.texts(Column::Aliases).filter(move |(text, _)| plain(text))
    }

    /// The values of a column that may have several.
    pub(crate) fn texts(&self, column: Column) -> impl Iterator<Item = (&str, usize)> {
        let fields = self.fields.iter().filter(move |field| field.column == column);
        fields
            .flat_map(|field| field.value.split(';').map(move |part| (part.trim(), field.at)))
            .filter(|(part, _)| !part.is_empty())
    }
}

/// The addresses of a mailbox.
pub(crate) struct AllAddresses<'a> {
    pub(crate) first: Option<(&'a str, usize)>,
    pub(crate) aliases: Vec<(&'a str, usize)>,
}

/// The name, or first and last name together.
pub(crate) fn full_name<'a>(row: &'a Row<'_>) -> Option<(Cow<'a, str>, usize)> {
    if let Some((name, at)) = row.text(Column::Name).or_else(|| row.text(Column::CommonName)) {
        return Some((name.into(), at));
    }
    match (row.text(Column::FirstName), row.text(Column::LastName)) {
        (Some((first, at)), Some((last, _))) => Some((format!("{first} {last}").into(), at)),
        (Some((name, at)), None) | (None, Some((name, at))) => Some((name.into(), at)),
        (None, None) => None,
    }
}

/// The longest value of one field.
pub(crate) const FIELD_OCTETS_MAX: usize = 64 << 10;
