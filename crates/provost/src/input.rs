//! Reads what people give: settings, user lists, profiles, passwords. Every read has a size limit. It does not judge
//! the contents.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{EmailAddress, Secret, Service};
use provost_settings::{Person, UserFormat, Users, add_identities, read_each_person, read_settings, read_users};

use crate::arguments::Generate;
use crate::failure::Failure;
use crate::{complaints, today};

/// A file's bytes, at most `octets_max` of them.
pub(crate) fn read(path: &Path, octets_max: u64) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    read_from(file, path, octets_max)
}

/// A user list's bytes: a file's, or standard input's for `-`.
pub(crate) fn read_list(path: &Path) -> Result<Vec<u8>, Failure> {
    match path.to_str() {
        Some("-") => read_from(io::stdin().lock(), Path::new("standard input"), LIST_OCTETS_MAX),
        _ => read(path, LIST_OCTETS_MAX),
    }
}

/// Whether a file can be a user list, by its name.
pub(crate) fn is_a_lists_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["csv", "json", "jsonl"].iter().any(|known| extension == *known))
}

/// Settings without errors. Findings go to standard error.
pub(crate) fn settings(path: &Path) -> Result<Service, Failure> {
    let bytes = read(path, SETTINGS_OCTETS_MAX)?;
    let settings = read_settings(&bytes, &trust_reader(path));
    complaints::print(path, &settings.findings);
    complaints::print(path, &settings.value.iter().flat_map(|it| today::of_settings(&bytes, it)).collect::<Vec<_>>());
    settings.value.ok_or_else(|| {
        let errors = count(complaints::errors(&settings.findings), "error");
        Failure::found_above(anyhow::anyhow!("{errors} in {}", path.display()))
    })
}

/// A user list. Findings go to standard error; whether bad rows end the run is the caller's choice.
pub(crate) fn users(path: &Path, service: &Service) -> Result<Users, Failure> {
    let bytes = read_list(path)?;
    let users = read_users(&bytes, UserFormat::detect(path.to_str(), &bytes), service);
    complaints::print(path, &users.findings);
    Ok(users)
}

/// Gives each user the S/MIME identity that the settings ask for. Findings go to standard error.
pub(crate) fn identities(options: &Generate, service: &Service, users: &mut Users) {
    let known = users.findings.len();
    add_identities(users, service, &trust_reader(&options.config));
    complaints::print(&options.users, &users.findings[known..]);
}

/// A user list in which every row must be good.
pub(crate) fn good_users(path: &Path, service: &Service) -> Result<Users, Failure> {
    let users = users(path, service)?;
    bad_rows(path, &users).map_or(Ok(users), |error| Err(Failure::found_above(error)))
}

/// The same for a list of any length: each user is given away as it is read, also where a bad row follows.
pub(crate) fn each_good_person(path: &Path, service: &Service, take: &mut dyn FnMut(Person)) -> Result<(), Failure> {
    let bytes = read_list(path)?;
    let users = read_each_person(&bytes, UserFormat::detect(path.to_str(), &bytes), service, take);
    complaints::print(path, &users.findings);
    bad_rows(path, &users).map_or(Ok(()), |error| Err(Failure::found_above(error)))
}

/// What is wrong with the list as a whole, if anything is.
pub(crate) fn bad_rows(path: &Path, users: &Users) -> Option<anyhow::Error> {
    let errors = complaints::errors(&users.findings);
    (errors > 0).then(|| anyhow::anyhow!("{} in {}", count(errors, "error"), path.display()))
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// How settings reach the certificate files that they name: relative to the settings file.
pub(crate) fn trust_reader(settings: &Path) -> impl Fn(&str) -> io::Result<Vec<u8>> {
    let folder = settings.parent().map(PathBuf::from);
    move |name| {
        let path = folder.as_deref().map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let file = File::open(&path)?;
        let mut bytes = Vec::new();
        file.take(TRUST_OCTETS_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// An address from the command line.
pub(crate) fn address(text: Option<&str>) -> Result<Option<EmailAddress>, Failure> {
    text.map(|text| EmailAddress::try_from(text).with_context(|| format!("--address {text:?} is not an email address")))
        .transpose()
        .map_err(Failure::from)
}

/// A password from the environment.
pub(crate) fn password_from_environment(variable: &str) -> Result<Option<Secret>, Failure> {
    match std::env::var(variable) {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(anyhow::anyhow!("{variable} is not UTF-8").into()),
    }
}

fn read_from(source: impl Read, path: &Path, octets_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.take(octets_max + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    match u64::try_from(bytes.len()) {
        Ok(octets) if octets <= octets_max => Ok(bytes),
        _ => Err(anyhow::anyhow!("{} is larger than {} MiB", path.display(), octets_max >> 20).into()),
    }
}

/// A profile with every picture and certificate stays far below this.
pub(crate) const PROFILE_OCTETS_MAX: u64 = 8 << 20;
const SETTINGS_OCTETS_MAX: u64 = 2 << 20;
/// A list of a million people stays below this.
pub(crate) const LIST_OCTETS_MAX: u64 = 256 << 20;
const TRUST_OCTETS_MAX: u64 = 1 << 20;
