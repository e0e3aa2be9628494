//! The columns of a user list, and their names in other products. It reads no values.

use provost_account::{Findings, Place, codes::settings as codes};
use thiserror::Error;

use super::programs::{DIRECTORY, Program, program};
use super::row::Column;
use crate::settings::near;

/// What somebody says that a column holds: `name=displayName`, or in JSON `email=profile.email`.
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
        let ours_plain = plain(ours);
        let column = NAMES.iter().find(|(name, _)| CHOSEN.contains(name) && *name == ours_plain);
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
    #[error("{0:?} is nothing that a list holds; known: {known}", known = CHOSEN.join(", "))]
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
        Self::made_by(program(&plain), &names, choices)
    }

    /// The attributes of a directory's entries.
    pub(crate) fn of_directory<'a>(names: impl Iterator<Item = &'a str>, choices: &[ColumnChoice]) -> Self {
        Self::made_by(Some(&DIRECTORY), &names.collect::<Vec<_>>(), choices)
    }

    fn made_by(program: Option<&'static Program>, names: &[&str], choices: &[ColumnChoice]) -> Self {
        let name_is_another = program.is_some() && names.iter().any(|name| plain(name) == "displayname");
        let mut columns = Self { program, name_is_another, choices: choices.to_vec(), known: Vec::new() };
        columns.known = names.iter().map(|name| ((*name).to_owned(), columns.meaning_of(name))).collect();
        columns
    }

    /// Whether a name says that addresses are there.
    pub(crate) fn has_address(&self) -> bool {
        let mut columns = self.known.iter().filter_map(|(_, column)| *column);
        columns.any(|column| matches!(column, Column::Email | Column::Proxies))
    }

    /// The first two names with a meaning that only one may have.
    pub(crate) fn contradiction(&self) -> Option<(Column, &str, &str)> {
        self.known.iter().enumerate().find_map(|(at, (name, column))| {
            let column = column.filter(|it| !it.is_state() && !it.is_list())?;
            let (earlier, _) = self.known[..at].iter().find(|(_, other)| *other == Some(column))?;
            Some((column, earlier.as_str(), name.as_str()))
        })
    }

    /// Reports two columns that may both be the one.
    pub(crate) fn report_contradiction(&self, place: impl Fn(&str) -> Place, findings: &mut Findings) {
        if let Some((column, one, other)) = self.contradiction() {
            let ours = column.name();
            let message = format!("{one:?} and {other:?} can both be the column {ours}");
            let fix = format!("say which one it is with --columns {ours}={one:?}, or remove the other");
            findings.add(codes::DUPLICATE_COLUMN, Some(place(other)), message, fix);
        }
    }

    /// What somebody chose, and no column is called so.
    pub(crate) fn missing_choice(&self) -> Option<&str> {
        let is_there = |source: &str| self.known.iter().any(|(name, _)| name.trim().eq_ignore_ascii_case(source));
        self.choices.iter().map(|choice| choice.source.as_str()).find(|source| !is_there(source))
    }

    /// Whether a chosen value is somewhere inside of what this path leads to.
    pub(crate) fn lead_on(&self, path: &str) -> bool {
        self.choices.iter().any(|choice| {
            let start = choice.source.get(..path.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(path)) && choice.source[path.len()..].starts_with('.')
        })
    }

    /// What a value inside of another means, by its path.
    pub(crate) fn chosen(&self, path: &str) -> Option<Column> {
        self.choices.iter().find(|choice| choice.source.eq_ignore_ascii_case(path)).map(|choice| choice.column)
    }

    /// Which column became what, in words; `None`: each says so itself.
    pub(crate) fn note(&self) -> Option<String> {
        let choices = self.choices.iter().filter(|choice| choice.source.contains('.'));
        let nested = choices.map(|choice| (choice.source.clone(), Some(choice.column)));
        let known: Vec<_> = self.known.iter().cloned().chain(nested).collect();
        let speaks_for_itself =
            |(name, column): &(String, Option<Column>)| column.is_none_or(|column| plain(name) == plain(column.name()));
        if self.program.is_none() && known.iter().all(speaks_for_itself) {
            return None;
        }
        let mut said: Vec<String> = Vec::new();
        for column in Column::ALL {
            let names: Vec<String> =
                known.iter().filter(|(_, it)| *it == Some(*column)).map(|(name, _)| shown(name)).collect();
            if !names.is_empty() {
                said.push(format!("{} from {}", column.name(), names.join(" and ")));
            }
        }
        let unused: Vec<String> =
            known.iter().filter(|(name, it)| it.is_none() && !name.is_empty()).map(|(name, _)| shown(name)).collect();
        if self.program.is_some() && !unused.is_empty() {
            let more = unused.len().saturating_sub(UNUSED_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            said.push(format!("not used: {}{more}", unused[..unused.len().min(UNUSED_SHOWN)].join(", ")));
        }
        Some(said.join("; "))
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
        if let Some(column) = self.chosen(name.trim()) {
            return Some(column);
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

    /// Says which columns are not used. Those of a program's list are known to be others: the note names them.
    pub(crate) fn report(&self, unused: Unused, findings: &mut Findings) {
        for (name, place) in unused.0.into_iter().filter(|_| self.program.is_none()) {
            let message = format!("the column {} is unknown and not used", shown(&name));
            let fix = match near(&plain(&name), OURS) {
                Some(name) => format!("did you mean {name:?}?"),
                None => format!("remove it, or say what it holds with --columns; known: {}", OURS.join(", ")),
            };
            findings.add(codes::UNKNOWN_COLUMN, Some(place), message, fix);
        }
    }
}

fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(40).collect::<String>())
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
            format!("say --columns email={name:?}, if its value ({address}) is the address")
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, _)| format!("email={name:?}")).collect();
            format!("say which one contains the address: --columns {}", names.join(" or "))
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

/// What `--columns` can choose.
const CHOSEN: &[&str] = &[
    "email",
    "name",
    "firstname",
    "lastname",
    "username",
    "calendarusername",
    "contactsusername",
    "aliases",
    "groups",
    "password",
];

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
    ("sn", Column::LastName),
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
