//! A row of a user list, whatever its format: values in known columns.

use provost_account::Place;

use super::proxies::{Proxies, is_name_of_a_type, names_protocols, proxies};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Email,
    Name,
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
}

impl Column {
    /// Whether it may hold several values.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Aliases | Self::Groups | Self::Proxies)
    }

    /// Whether it says if the account is in use. A list may have several such columns.
    pub(crate) fn is_state(self) -> bool {
        matches!(self, Self::State | Self::Blocked)
    }
}

/// A row of any format: its values in the known columns.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) place: Place,
    pub(crate) fields: Vec<Field>,
    /// Whether reading it found an error already.
    pub(crate) bad: bool,
}

/// One value of a row.
pub(crate) struct Field {
    pub(crate) column: Column,
    pub(crate) place: Place,
    pub(crate) values: Vec<String>,
}

impl std::fmt::Debug for Field {
    /// Without the values: one of them may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({:?} at {:?})", self.column, self.place)
    }
}

impl Row {
    pub(crate) fn field(&self, column: Column) -> Option<&Field> {
        self.fields.iter().find(|field| field.column == column)
    }

    pub(crate) fn has_line_break(&self) -> bool {
        self.fields.iter().flat_map(|field| &field.values).any(|value| value.contains(['\n', '\r']))
    }

    /// The single value of a column, without the spaces around it; `None` if there is nothing.
    pub(crate) fn text(&self, column: Column) -> Option<(&str, Place)> {
        let field = self.field(column)?;
        let text = field.values.first()?.trim();
        (!text.is_empty()).then_some((text, field.place))
    }

    /// Every address of the mailbox, from the columns that say which is the first one.
    pub(crate) fn proxies(&self) -> AllAddresses<'_> {
        let mut all = AllAddresses { first: None, aliases: Vec::new() };
        for (column, field) in self.fields.iter().map(|field| (field.column, field)) {
            for value in field.values.iter().filter(|value| !is_name_of_a_type(value)) {
                if column != Column::Proxies && !(column == Column::Aliases && names_protocols(value)) {
                    continue;
                }
                let Proxies { primary, others } = proxies(value);
                let primary = primary.map(|address| (address, field.place));
                if column == Column::Proxies {
                    all.first = all.first.or(primary);
                }
                all.aliases.extend(primary.into_iter().chain(others.into_iter().map(|other| (other, field.place))));
            }
        }
        all
    }

    /// The aliases of the column that holds nothing else.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (&str, Place)> {
        let plain = |text: &str| !names_protocols(text) && !is_name_of_a_type(text);
        self.texts(Column::Aliases).filter(move |(text, _)| plain(text))
    }

    /// The values of a column that may have several.
    pub(crate) fn texts(&self, column: Column) -> impl Iterator<Item = (&str, Place)> {
        let field = self.field(column).into_iter();
        let values = field.flat_map(|field| field.values.iter().map(|value| (value.as_str(), field.place)));
        values
            .flat_map(|(value, place)| value.split(';').map(move |part| (part.trim(), place)))
            .filter(|(part, _)| !part.is_empty())
    }
}

/// The addresses of a mailbox.
pub(crate) struct AllAddresses<'a> {
    pub(crate) first: Option<(&'a str, Place)>,
    pub(crate) aliases: Vec<(&'a str, Place)>,
}

/// The name, or first and last name together.
pub(crate) fn full_name(row: &Row) -> Option<(String, Place)> {
    if let Some((name, place)) = row.text(Column::Name) {
        return Some((name.to_owned(), place));
    }
    let parts: Vec<(&str, Place)> =
        [Column::FirstName, Column::LastName].iter().filter_map(|it| row.text(*it)).collect();
    let place = parts.first()?.1;
    Some((parts.iter().map(|(part, _)| *part).collect::<Vec<_>>().join(" "), place))
}

/// The longest value of one field.
pub(crate) const FIELD_OCTETS_MAX: usize = 64 << 10;
