//! `provost diff`: what happens to each account when new files replace old ones.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use provost_account::{EmailAddress, Finding, Login, codes};
use provost_device::{Change, Difference, Format, Person, Reading, Takeover, Understood};
use serde_json::json;

use crate::arguments::Diff;
use crate::failure::Failure;
use crate::road::find::profiles;
use crate::road::profile::{Profile, refused};
use crate::verdict::Verdict;
use crate::{complaints, input, output};

/// Compares and reports. Not good: something changes.
pub(crate) fn run(options: &Diff) -> Result<Verdict, Failure> {
    let given = input::address(options.address.as_deref())?;
    let mut refused_files = Vec::new();
    let mut old = Side::read(&options.old, given.as_ref(), &mut refused_files)?;
    let mut new = Side::read(&options.new, given.as_ref(), &mut refused_files)?;
    let mut rows = Vec::new();
    for (old, new) in pairs(&mut old, &mut new) {
        compare(old, new, &mut rows);
    }
    rows.sort_by_cached_key(|row| (row.whose.to_string(), row.file.clone()));
    report(&rows, options.json)?;
    if !refused_files.is_empty() {
        return Err(refused(&refused_files));
    }
    let changes = rows.iter().any(|row| row.change != Change::Unchanged);
    Ok(if changes { Verdict::NotGood } else { Verdict::Good })
}

/// One of the two sides: the profiles by their place below the folder that was named.
struct Side(BTreeMap<String, Read>);

/// What the device makes of the files. Where they do not say whose account it is, and nobody else does, somebody stands in,
/// the same on both sides.
fn read(profile: &Profile, format: &Format, person: &Person) -> Result<Reading, Vec<Finding>> {
    let reading = profile.read(format, person);
    let is_nobodys = reading.as_ref().map_or_else(
        |findings| findings.iter().any(|finding| finding.code == codes::profile::NO_ADDRESS),
        |reading| reading.profiles.is_empty(),
    );
    match is_nobodys && person.address.is_none() {
        true => profile.read(format, &provost_device::nobody()).or(reading),
        false => reading,
    }
}

/// A profile that its device accepts.
struct Read {
    format: &'static Format,
    profile: Profile,
    accounts: Vec<Understood>,
}

impl Side {
    fn read(path: &Path, given: Option<&EmailAddress>, refused: &mut Vec<String>) -> Result<Self, Failure> {
        let mut side = BTreeMap::new();
        for profile in profiles(&[PathBuf::from(path)])? {
            let profile = profile?;
            let format = profile.format()?;
            match read(&profile, format, &profile.whose(given)) {
                Ok(reading) => {
                    let place = profile.named().strip_prefix(path).unwrap_or(Path::new(""));
                    let accounts = reading.profiles.into_iter().filter(|it| !it.sets_up_nothing()).collect();
                    let place = place.to_string_lossy().replace('\\', "/");
                    side.insert(place, Read { format, accounts, profile });
                }
                Err(findings) => {
                    complaints::print(profile.path(), &findings);
                    refused.push(profile.path().display().to_string());
                }
            }
        }
        Ok(Self(side))
    }

    /// Takes out a profile of the same format for the same addresses.
    fn take_like(&mut self, read: &Read) -> Option<Read> {
        let place = self.0.iter().find(|(_, it)| it.format.name == read.format.name && it.whose() == read.whose());
        let place = place.map(|(place, _)| place.clone())?;
        self.0.remove(&place)
    }
}

impl Read {
    fn whose(&self) -> Vec<(String, &'static str)> {
        self.accounts.iter().map(|it| (it.account.address.key(), it.device)).collect()
    }
}

/// Profiles that belong together: of the same name, else of the same format and for the same addresses.
fn pairs(old: &mut Side, new: &mut Side) -> Vec<(Option<Read>, Option<Read>)> {
    let mut pairs = Vec::new();
    let places: Vec<String> = old.0.keys().cloned().collect();
    let mut alone = Vec::new();
    for place in places {
        let before = old.0.remove(&place).expect("it is one of the keys");
        match new.0.remove(&place) {
            Some(after) if after.format.name == before.format.name => pairs.push((Some(before), Some(after))),
            Some(after) => {
                alone.push(before);
                new.0.insert(place, after);
            }
            None => alone.push(before),
        }
    }
    for before in alone {
        let after = new.take_like(&before);
        pairs.push((Some(before), after));
    }
    pairs.extend(std::mem::take(&mut new.0).into_values().map(|after| (None, Some(after))));
    pairs
}

/// What becomes of an account.
struct Row {
    whose: Whose,
    format: &'static Format,
    file: String,
    change: Change,
    differences: Vec<Difference>,
    /// Whether declarations can take the old profile over with the new one; of profiles alone.
    takeover: Option<Takeover>,
}

/// Whose account it is, as far as the file says.
enum Whose {
    Address(EmailAddress),
    Login(Login),
    Unknown,
}

impl Whose {
    fn of(it: &Understood) -> Self {
        match (it.address(), it.account.login()) {
            (Some(address), _) => Self::Address(address.clone()),
            (None, Some(login)) => Self::Login(login.clone()),
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Login(login) => login.fmt(f),
            Self::Unknown => f.write_str("unknown address"),
        }
    }
}

fn compare(old: Option<Read>, new: Option<Read>, rows: &mut Vec<Row>) {
    let row = |read: &Read, it: &Understood, change, differences| Row {
        whose: Whose::of(it),
        format: read.format,
        file: read.profile.path().display().to_string(),
        change,
        differences,
        takeover: None,
    };
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) => {
            return rows.extend(old.accounts.iter().map(|it| row(&old, it, Change::Removed, Vec::new())));
        }
        (None, Some(new)) => {
            return rows.extend(new.accounts.iter().map(|it| row(&new, it, Change::Added, Vec::new())));
        }
        (None, None) => return,
    };
    let same = old.profile.is_the_same_as(&new.profile);
    for (before, after) in matches(&old.accounts, &new.accounts) {
        rows.push(match (before, after) {
            (Some(before), Some(after)) => {
                // The same octets under another name are another account where the name is the account's.
                let (change, differences) = match same && before.identifiers == after.identifiers {
                    true => (Change::Unchanged, Vec::new()),
                    false => provost_device::change(new.format.second_file, before, after),
                };
                let takeover = provost_device::takeover(&before.payloads, &after.payloads);
                Row { takeover, ..row(&new, after, change, differences) }
            }
            (Some(before), None) => row(&old, before, Change::Removed, Vec::new()),
            (None, Some(after)) => row(&new, after, Change::Added, Vec::new()),
            (None, None) => continue,
        });
    }
}

/// Whether an old account and a new one belong together.
type Likeness<'a> = dyn Fn(&Understood, &Understood) -> bool + 'a;

/// The accounts of both files that belong together. Several of one address are told apart by what is most alike: all of it,
/// then what the client calls them, then their places.
fn matches<'a>(old: &'a [Understood], new: &'a [Understood]) -> Vec<(Option<&'a Understood>, Option<&'a Understood>)> {
    let mut before: Vec<&Understood> = old.iter().collect();
    let mut found: Vec<Option<&Understood>> = vec![None; new.len()];
    let same_address = |one: &Understood, other: &Understood| one.account.address.key() == other.account.address.key();
    let likenesses: [&Likeness<'_>; 4] = [
        &|one, other| one == other,
        &|one, other| same_address(one, other) && one.label == other.label,
        &same_address,
        // A file for one person whose address changes is compared all the same.
        &|_, _| old.len() == 1 && new.len() == 1,
    ];
    for alike in likenesses {
        for (after, found) in new.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            let at = before.iter().position(|before| alike(before, after));
            *found = at.map(|at| before.remove(at));
        }
    }
    let mut pairs: Vec<_> = found.into_iter().zip(new.iter().map(Some)).collect();
    pairs.extend(before.into_iter().map(|before| (Some(before), None)));
    pairs
}

fn report(rows: &[Row], as_json: bool) -> Result<(), Failure> {
    let mut sums: BTreeMap<Change, usize> = BTreeMap::new();
    for row in rows {
        *sums.entry(row.change).or_default() += 1;
        match (as_json, row.change) {
            (true, _) => output::json_line(&json!({
                "address": row.whose.to_string(), "format": row.format.name, "file": row.file, "change": row.change.name(),
                "noticed": row.change.noticed(), "source": row.format.second_file_source,
                "differences": row.differences.iter()
                    .map(|it| json!({"what": it.what, "old": it.old, "new": it.new}))
                    .collect::<Vec<_>>(),
                "takeover": row.takeover.as_ref().map(|it| match it {
                    Takeover::Possible => json!({"possible": true}),
                    Takeover::Impossible { reason } => json!({"possible": false, "reason": reason}),
                }),
            }))?,
            (false, Change::Unchanged) => {}
            (
                false,
                Change::UpdatedInPlace
                | Change::Replaced
                | Change::CreatedAnew
                | Change::AddedBeside
                | Change::ForNewAccounts
                | Change::Added
                | Change::Removed,
            ) => text(row)?,
        }
    }
    match as_json {
        true => {
            let counts: serde_json::Map<_, _> =
                sums.iter().map(|(change, count)| (change.name().to_owned(), json!(count))).collect();
            output::json_line(&json!({"summary": {"provost": 1, "changes": counts}}))?;
        }
        false => {
            let counts = sums.iter().map(|(change, count)| format!("{count} {}", change.name()));
            output::line(&counts.collect::<Vec<_>>().join(", "))?;
        }
    }
    Ok(())
}

fn text(row: &Row) -> Result<(), Failure> {
    output::line(&format!("{}: {} ({})", row.whose, row.change.name(), row.format.name))?;
    output::line(&format!("    file: {}", row.file))?;
    for difference in &row.differences {
        output::line(&format!("    {difference}"))?;
    }
    match row.change {
        Change::Added | Change::Removed | Change::Unchanged => {}
        Change::UpdatedInPlace
        | Change::Replaced
        | Change::CreatedAnew
        | Change::AddedBeside
        | Change::ForNewAccounts => {
            if row.differences.is_empty() {
                output::line("    the files differ, but not in the account")?;
            }
        }
    }
    output::line(&format!("    noticed: {}", row.change.noticed()))?;
    match &row.takeover {
        None => Ok(()),
        Some(Takeover::Possible) => {
            Ok(output::line("    takeover: declarations can take over the profile if device management installed it")?)
        }
        Some(Takeover::Impossible { reason }) => {
            Ok(output::line(&format!("    takeover: declarations cannot take over the profile: {reason}"))?)
        }
    }
}
