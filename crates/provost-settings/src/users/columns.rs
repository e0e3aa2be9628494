//! The columns of a user list, and their names in other products. It reads no values.

use provost_account::{Findings, Place, codes::settings as codes};

use super::programs::{Program, program};
use super::row::Column;
use crate::settings::near;

/// The columns of one list.
#[derive(Debug)]
pub(crate) struct Columns {
    program: Option<&'static Program>,
    /// Whether the column `name` means something else, because the program also has a display name.
    name_is_another: bool,
    unused: Vec<Unused>,
}

/// A column that is not used, each once.
#[derive(Debug)]
struct Unused {
    name: String,
    place: Place,
}

impl Columns {
    /// The columns of a list with these names, in which the program that made it is recognized.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.map(plain).collect();
        let program = program(&names);
        let name_is_another = program.is_some() && names.iter().any(|name| name == "displayname");
        Self { program, name_is_another, unused: Vec::new() }
    }

    /// The program that made the list, if it is known.
    pub(crate) fn program(&self) -> Option<&'static Program> {
        self.program
    }

    /// What the column of this name holds: letter case, spaces, hyphens and underscores do not count.
    pub(crate) fn column(&mut self, name: &str, place: Place) -> Option<Column> {
        let plain = plain(name);
        let of_program = self.program.and_then(|program| program.columns.iter().find(|(known, _)| *known == plain));
        let found = match of_program {
            Some((_, column)) => *column,
            None if self.name_is_another && plain == "name" => None,
            None => NAMES.iter().find(|(known, _)| *known == plain).map(|(_, column)| *column),
        };
        if found.is_none() && !self.unused.iter().any(|unused| unused.name == name) {
            self.unused.push(Unused { name: name.to_owned(), place });
        }
        found
    }

    /// Says which columns are not used: each, or those of a program's list together.
    pub(crate) fn report(self, findings: &mut Findings) {
        let shown = |name: &str| format!("{:?}", name.chars().take(40).collect::<String>());
        let Some(program) = self.program else {
            for unused in self.unused {
                let message = format!("the column {} is unknown and not used", shown(&unused.name));
                let fix = match near(&plain(&unused.name), OURS) {
                    Some(name) => format!("did you mean {name:?}?"),
                    None => format!("remove it; known: {}", OURS.join(", ")),
                };
                findings.add(codes::UNKNOWN_COLUMN, Some(unused.place), message, fix);
            }
            return;
        };
        let Some(first) = self.unused.first() else { return };
        let names: Vec<String> = self.unused.iter().take(UNUSED_SHOWN).map(|unused| shown(&unused.name)).collect();
        let more = self.unused.len().saturating_sub(UNUSED_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("this list comes from {}; not used: {}{more}", program.name, names.join(", "));
        let fix = "if one of them contains the login name, rename it to username";
        findings.add(codes::UNKNOWN_COLUMN, Some(first.place), message, fix);
    }
}

/// Reports that no column contains addresses, with the columns that may, as `examples` show.
pub(crate) fn without_address(
    program: Option<&Program>,
    place: Place,
    otherwise: &str,
    examples: &[(String, String)],
    findings: &mut Findings,
) {
    let message = match program {
        Some(program) => {
            format!("this list comes from {}, and none of its columns is known to contain the address", program.name)
        }
        None => "no column is named email".to_owned(),
    };
    let fix = match examples {
        [] => otherwise.to_owned(),
        [(name, address)] => {
            format!("rename the column {name:?} to email, if its value ({address}) is the address")
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, _)| format!("{name:?}")).collect();
            format!("rename the column with the address to email: {}", names.join(" or "))
        }
    };
    findings.add(codes::MISSING_COLUMN, Some(place), message, fix);
}

/// A column's name in lower-case letters and digits, without Google's marks in brackets.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let name = MARKS.iter().find_map(|mark| lower.trim_end().strip_suffix(mark)).unwrap_or(&lower);
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// `First Name [Required]`, `Status [READ ONLY]`: the columns of Google Workspace's list of users.
const MARKS: &[&str] = &["[required]", "[read only]", "[upload only]"];

const UNUSED_SHOWN: usize = 5;

/// The names of our own format.
const OURS: &[&str] =
    &["email", "name", "username", "calendarusername", "contactsusername", "aliases", "groups", "password"];

/// Our names, and those of Miradore's user import (unconfirmed: from its documentation, not tried).
const NAMES: &[(&str, Column)] = &[
    ("email", Column::Email),
    ("emailaddress", Column::Email),
    ("mail", Column::Email),
    ("primaryemail", Column::Email),
    ("primarysmtpaddress", Column::Email),
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
