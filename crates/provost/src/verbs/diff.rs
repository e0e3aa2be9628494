//! `provost diff`: what happens to each account when new files replace old ones.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::path::{Path, PathBuf};

use provost_account::{EmailAddress, Host, Login};
use provost_device::{Change, Difference, Format, Takeover, Understood, with_placeholders};
use serde_json::json;

use crate::arguments::Diff;
use crate::failure::Failure;
use crate::road::find::profiles;
use crate::road::profile::{Profile, ReadAs, refused};
use crate::verdict::Verdict;
use crate::{complaints, input, output};

/// Compares and reports. Not good: something changes.
pub(crate) fn run(options: &Diff) -> Result<Verdict, Failure> {
    let given = input::address(options.address.as_deref())?;
    let mut refused_files = Vec::new();
    let mut read_as = ReadAs::of(options.version);
    let old = side(&options.old, &mut read_as, given.as_ref(), &mut refused_files)?;
    let new = side(&options.new, &mut read_as, given.as_ref(), &mut refused_files)?;
    read_as.finish();
    let mut compared: Vec<Compared> = Vec::new();
    for (old, new) in pairs(old, new) {
        compare(old.as_ref(), new.as_ref(), &mut compared);
    }
    compared.sort_by_cached_key(|it| (it.whose.to_string(), it.file.clone()));
    report(&compared, options.json)?;
    if !refused_files.is_empty() {
        return Err(refused(&refused_files));
    }
    let changes = compared.iter().any(|it| it.change != Change::Unchanged);
    Ok(if changes { Verdict::NotGood } else { Verdict::Good })
}

/// One of the two sides: the profiles by their place below the folder that was named.
type Side = BTreeMap<String, Read>;

/// A profile that its device accepts.
struct Read {
    format: &'static Format,
    profile: Profile,
    accounts: Vec<Understood>,
}

fn side(
    path: &Path,
    read_as: &mut ReadAs,
    given: Option<&EmailAddress>,
    refused: &mut Vec<(String, &'static Format)>,
) -> Result<Side, Failure> {
    let mut side = Side::new();
    for profile in profiles(&[PathBuf::from(path)])? {
        let profile = read_as.this(profile?);
        let format = profile.format()?;
        match profile.read(format, &profile.whose(given)) {
            Ok(reading) => {
                let place = profile.named().strip_prefix(path).unwrap_or(Path::new(""));
                let accounts = reading.profiles.into_iter().filter(|it| !it.sets_up_nothing()).collect();
                let place = place.to_string_lossy().replace('\\', "/");
                side.insert(place, Read { format, accounts, profile });
            }
            Err(findings) => {
                complaints::print(profile.path(), &findings);
                refused.push((profile.path().display().to_string(), format));
            }
        }
    }
    Ok(side)
}

impl Read {
    fn whose(&self) -> Vec<(String, &'static str)> {
        self.accounts.iter().map(|it| (it.account.address.key(), it.device)).collect()
    }
}

/// Profiles that belong together: of the same name, else of the same format and for the same addresses.
fn pairs(old: Side, mut new: Side) -> Vec<(Option<Read>, Option<Read>)> {
    let mut pairs = Vec::new();
    let mut alone = Vec::new();
    for (place, before) in old {
        match new.entry(place) {
            Entry::Occupied(after) if after.get().format.name == before.format.name => {
                pairs.push((Some(before), Some(after.remove())));
            }
            Entry::Occupied(_) | Entry::Vacant(_) => alone.push(before),
        }
    }
    for before in alone {
        let is_like = |it: &Read| it.format.name == before.format.name && it.whose() == before.whose();
        let after = new.extract_if(.., |_, it| is_like(it)).next().map(|(_, after)| after);
        pairs.push((Some(before), after));
    }
    pairs.extend(new.into_values().map(|after| (None, Some(after))));
    pairs
}

/// What becomes of an account.
struct Compared {
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
    /// What an account of nobody in particular is called, or where it is.
    Label(String),
    Server(Host),
    Unknown,
}

impl Whose {
    fn of(it: &Understood) -> Self {
        let login = it.account.login().filter(|login| with_placeholders(login.as_str()) == login.as_str());
        let server = it.account.servers().map(|(_, server)| &server.endpoint.host).next();
        match (it.address(), login, &it.label, server) {
            (Some(address), _, _, _) => Self::Address(address.clone()),
            (None, Some(login), _, _) => Self::Login(login.clone()),
            (None, None, Some(label), _) => Self::Label(label.clone()),
            (None, None, None, Some(host)) => Self::Server(host.clone()),
            (None, None, None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Login(login) => login.fmt(f),
            Self::Label(label) => write!(f, "unknown address ({label})"),
            Self::Server(host) => write!(f, "unknown address (at {})", with_placeholders(&host.to_string())),
            Self::Unknown => f.write_str("unknown address"),
        }
    }
}

fn compare(old: Option<&Read>, new: Option<&Read>, compared: &mut Vec<Compared>) {
    let same = old.zip(new).is_some_and(|(old, new)| old.profile.is_the_same_as(&new.profile));
    let [before, after] = [old, new].map(|read| read.map_or(&[][..], |read| &read.accounts));
    for (before, after) in matches(before, after) {
        let Some((read, it)) = new.zip(after).or(old.zip(before)) else { continue };
        let (change, differences) = match (before, after) {
            // The same bytes under another name are another account where the name is the account's.
            (Some(before), Some(after)) if same && before.identifiers == after.identifiers => {
                (Change::Unchanged, Vec::new())
            }
            (Some(before), Some(after)) => provost_device::change(read.format.second_file, before, after),
            (Some(_), None) => (Change::Removed, Vec::new()),
            (None, _) => (Change::Added, Vec::new()),
        };
        let both = before.zip(after);
        compared.push(Compared {
            whose: Whose::of(it),
            format: read.format,
            file: read.profile.path().display().to_string(),
            change,
            differences,
            takeover: both.and_then(|(before, after)| provost_device::takeover(&before.payloads, &after.payloads)),
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
    let same_label = |one: &Understood, other: &Understood| one.label.is_some() && one.label == other.label;
    let same_login = |one: &Understood, other: &Understood| one.account.login() == other.account.login();
    let likenesses: [&Likeness<'_>; 7] = [
        &|one, other| one == other,
        &|one, other| same_address(one, other) && one.label == other.label,
        &|one, other| same_address(one, other) && same_login(one, other) && shares_a_host(one, other),
        &|one, other| same_address(one, other) && same_login(one, other),
        &same_address,
        // An account whose address is another now.
        &same_label,
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

fn shares_a_host(one: &Understood, other: &Understood) -> bool {
    let hosts =
        |it: &Understood| it.account.servers().map(|(_, server)| server.endpoint.host.clone()).collect::<Vec<_>>();
    let theirs = hosts(other);
    hosts(one).iter().any(|host| theirs.contains(host))
}

fn report(compared: &[Compared], as_json: bool) -> Result<(), Failure> {
    let mut sums: BTreeMap<Change, usize> = BTreeMap::new();
    for it in compared {
        *sums.entry(it.change).or_default() += 1;
        if as_json {
            output::json_line(&json!({
                "address": it.whose.to_string(), "format": it.format.name, "file": it.file, "change": it.change.name(),
                "noticed": it.change.noticed(), "source": it.format.second_file_source,
                "differences": it.differences.iter()
                    .map(|it| json!({"what": it.what, "old": shown(&it.old), "new": shown(&it.new)}))
                    .collect::<Vec<_>>(),
                "takeover": it.takeover.as_ref().map(|it| match it {
                    Takeover::Possible => json!({"possible": true}),
                    Takeover::Impossible { reason } => json!({"possible": false, "reason": reason}),
                }),
            }))?;
        } else if it.change != Change::Unchanged {
            text(it)?;
        }
    }
    if as_json {
        let counts = sums.iter().map(|(change, count)| (change.name().to_owned(), json!(count)));
        let counts: serde_json::Map<_, _> = counts.collect();
        return Ok(output::json_line(&json!({"summary": {"provost": 1, "changes": counts}}))?);
    }
    let counts = sums.iter().map(|(change, count)| format!("{count} {}", change.name()));
    Ok(output::line(&counts.collect::<Vec<_>>().join(", "))?)
}

/// A value, with placeholders for what depends on an address that is not known.
fn shown(value: &Option<String>) -> Option<String> {
    value.as_deref().map(with_placeholders)
}

fn text(it: &Compared) -> Result<(), Failure> {
    output::line(&format!("{}: {} ({})", it.whose, it.change.name(), it.format.name))?;
    output::line(&format!("    file: {}", it.file))?;
    for difference in &it.differences {
        output::line(&with_placeholders(&format!("    {difference}")))?;
    }
    if it.differences.is_empty() && it.change != Change::Added && it.change != Change::Removed {
        output::line("    the files differ, but not in the account")?;
    }
    output::line(&format!("    noticed: {}", it.change.noticed()))?;
    match &it.takeover {
        None => {}
        Some(Takeover::Possible) => {
            output::line("    takeover: declarations can take over the profile if device management installed it")?;
        }
        Some(Takeover::Impossible { reason }) => {
            output::line(&format!("    takeover: declarations cannot take over the profile: {reason}"))?;
        }
    }
    Ok(())
}
