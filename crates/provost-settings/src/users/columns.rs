//! The columns of a user list, and their names in other products. It reads no values.

use provost_account::{Findings, Place, codes::settings as codes};
use thiserror::Error;

use super::programs::{Program, program};
use super::row::Column;
use crate::settings::near;

/// What somebody says that a column holds: `name=displayName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    column: Column,
    /// The column's name in the list.
    source: String,
}

impl TryFrom<&str> for ColumnChoice {
    type Error = ColumnChoiceError;

    fn try_from(text: &str) -> Result<Self, ColumnChoiceError> {
        let (ours, source) = text.split_once('=').ok_or_else(|| ColumnChoiceError::NoName(text.to_owned()))?;
        let column = NAMES.iter().filter(|(name, _)| OURS.contains(name)).find(|(name, _)| *name == plain(ours));
        let (_, column) = column.ok_or_else(|| ColumnChoiceError::Unknown(ours.to_owned()))?;
        match source.trim() {
            "" => Err(ColumnChoiceError::NoName(text.to_owned())),
            source => Ok(Self { column: *column, source: source.to_owned() }),
        }
    }
}

/// Why a text is no choice of a column.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ColumnChoiceError {
    /// No `=`, or nothing behind it.
    #[error("{0:?} names no column of the list; write email=NAME, with its name there")]
    NoName(String),
    /// Nothing of ours.
    #[error("{0:?} is nothing that a list holds; known: {known}", known = OURS.join(", "))]
    Unknown(String),
}

/// The columns of one list.
#[derive(Debug)]
pub(crate) struct Columns {
    program: Option<&'static Program>,
    /// Whether the column `name` means something else, because the program also has a display name.
    name_is_another: bool,
    choices: Vec<ColumnChoice>,
    /// What the names that it was made of mean: a list has them in every object.
    known: Vec<(String, Option<Column>)>,
}

/// Columns that are not used, each once.
#[derive(Debug, Default)]
pub(crate) struct Unused(Vec<(String, Place)>);

impl Unused {
    /// Takes note of one.
    pub(crate) fn add(&mut self, name: &str, place: impl FnOnce() -> Place) {
        if !self.0.iter().any(|(known, _)| known == name) {
            self.0.push((name.to_owned(), place()));
        }
    }

    /// Takes note of those of the next part of the list.
    pub(crate) fn extend(&mut self, next: &Self) {
        next.0.iter().for_each(|(name, place)| self.add(name, || *place));
    }
}

impl Columns {
    /// The columns of a list with these names, in which the program that made it is recognized.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>, choices: &[ColumnChoice]) -> Self {
        let names: Vec<&str> = names.collect();
        let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
        let program = program(&plain);
        let name_is_another = program.is_some() && plain.iter().any(|name| name == "displayname");
        let mut columns = Self { program, name_is_another, choices: choices.to_vec(), known: Vec::new() };
        columns.known = names.into_iter().map(|name| (name.to_owned(), columns.meaning_of(name))).collect();
        columns
    }

    /// The program that made the list, if it is known.
    pub(crate) fn program(&self) -> Option<&'static Program> {
        self.program
    }

    /// What the column of this name holds: letter case, spaces, hyphens and underscores do not count.
    pub(crate) fn meaning(&self, name: &str) -> Option<Column> {
        let known = self.known.iter().find(|(known, _)| known == name);
        known.map_or_else(|| self.meaning_of(name), |(_, column)| *column)
    }

    fn meaning_of(&self, name: &str) -> Option<Column> {
        if let Some(choice) = self.choices.iter().find(|choice| choice.source == name) {
            return Some(choice.column);
        }
        let plain = plain(name);
        let of_program = self.program.and_then(|program| program.columns.iter().find(|(known, _)| *known == plain));
        let found = match of_program {
            Some((_, column)) => *column,
            None if self.name_is_another && plain == "name" => None,
            None => NAMES.iter().find(|(known, _)| *known == plain).map(|(_, column)| *column),
        };
        found.filter(|column| !self.choices.iter().any(|choice| choice.column == *column))
    }

    /// Says which columns are not used: each, or those of a program's list together.
    pub(crate) fn report(&self, unused: Unused, findings: &mut Findings) {
        let shown = |name: &str| format!("{:?}", name.chars().take(40).collect::<String>());
        let Some(program) = self.program else {
            for (name, place) in unused.0 {
                let message = format!("the column {} is unknown and not used", shown(&name));
                let fix = match near(&plain(&name), OURS) {
                    Some(name) => format!("did you mean {name:?}?"),
                    None => format!("remove it; known: {}", OURS.join(", ")),
                };
                findings.add(codes::UNKNOWN_COLUMN, Some(place), message, fix);
            }
            return;
        };
        let Some((_, first)) = unused.0.first() else { return };
        let names: Vec<String> = unused.0.iter().take(UNUSED_SHOWN).map(|(name, _)| shown(name)).collect();
        let more = unused.0.len().saturating_sub(UNUSED_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("this list comes from {}; not used: {}{more}", program.name, names.join(", "));
        let fix = "if one of them contains the login name, rename it to username";
        findings.add(codes::UNKNOWN_COLUMN, Some(*first), message, fix);
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
