//! The columns of a user list, and the names that other products give them.

use provost_account::Place;

use crate::findings::Findings;
use crate::settings::nearest;

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
}

/// The column of this name: letter case, spaces, hyphens and underscores do not count. Unknown names are findings.
pub(crate) fn column(name: &str, place: Place, findings: &mut Findings) -> Option<Column> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let found = NAMES.iter().find(|(known, _)| *known == plain).map(|(_, column)| *column);
    if found.is_none() {
        let shown: String = name.chars().take(40).collect();
        findings.add(
            "unknown-column",
            Some(place),
            format!("the column {shown:?} is not known and not used"),
            nearest(&plain, OURS),
        );
    }
    found
}

/// The names of our own format.
const OURS: &[&str] =
    &["email", "name", "username", "calendarusername", "contactsusername", "aliases", "groups", "password"];

/// Our names, and those of Miradore's user import (unconfirmed: from its documentation, not tried).
const NAMES: &[(&str, Column)] = &[
    ("email", Column::Email),
    ("emailaddress", Column::Email),
    ("mail", Column::Email),
    ("name", Column::Name),
    ("fullname", Column::Name),
    ("displayname", Column::Name),
    ("firstname", Column::FirstName),
    ("givenname", Column::FirstName),
    ("lastname", Column::LastName),
    ("surname", Column::LastName),
    ("username", Column::Username),
    ("login", Column::Username),
    ("calendarusername", Column::CalendarUsername),
    ("calendarlogin", Column::CalendarUsername),
    ("contactsusername", Column::ContactsUsername),
    ("contactslogin", Column::ContactsUsername),
    ("aliases", Column::Aliases),
    ("alias", Column::Aliases),
    ("groups", Column::Groups),
    ("group", Column::Groups),
    ("password", Column::Password),
];
