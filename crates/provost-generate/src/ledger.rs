//! What earlier runs say of their files: the manifest, and what runs that were killed had written down. It keeps 16 octets
//! for the files of a person and kind, and reads their rows again when they are asked for.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use provost_account::EmailAddress;
use provost_settings::fingerprint;
use serde::Deserialize;

use crate::kind::with_variant;
use crate::manifest::{Entry, LineError, ManifestError, Scope, check_inside};

/// The rows of earlier runs.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The oldest first.
    sources: Vec<Source>,
    /// Where the rows of each person and kind begin, sorted by the fingerprint of both.
    index: Vec<At>,
    /// Which of them were asked for: a bit each.
    seen: Vec<AtomicU64>,
}

/// A file of rows.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// How it came to its end.
    pub(crate) kind: SourceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// A manifest: every line is one.
    Whole,
    /// The rows of a run that was killed: the last line may be cut, and rows that belong to the last one be missing.
    Killed,
    /// What a run that was killed was about to write: its files are ours, whatever they contain.
    Intended,
}

/// The beginning of a group of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    fingerprint: u64,
    /// Its source's number in the upper 12 bits, and its place in the source in the others.
    place: u64,
}

/// A row, and whether its file was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) entry: Entry,
    pub(crate) is_certain: bool,
}

/// Why the rows of an earlier run cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) path: PathBuf,
    pub(crate) error: ManifestError,
}

/// What the rows of a person and kind have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key<'a> {
    format: &'a str,
    variant: &'a str,
    scope: ScopeKey<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ScopeKey<'a> {
    /// With the address in lower case.
    User(&'a str),
    Domain(&'a str),
    Organization,
}

impl Ledger {
    /// Reads the sources; `each` gets the path of every row, with the length and the SHA-256 of its file.
    pub(crate) fn read(sources: Vec<Source>, each: &mut dyn FnMut(&Brief<'_>, SourceKind)) -> Result<Self, Unreadable> {
        let mut index = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let unreadable = |error| Unreadable { path: source.path.clone(), error };
            read_source(source, (number as u64) << PLACE_BITS, &mut index, each).map_err(unreadable)?;
        }
        index.sort_unstable();
        index.shrink_to_fit();
        let seen = (0..index.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { sources, index, seen })
    }

    /// A reader of its own for a thread.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { ledger: self, files: self.sources.iter().map(|_| None).collect() }
    }

    /// The places of the rows that nobody asked for, in their order. Of several rows of one person and kind, the last
    /// source's count.
    fn unseen(&self, reader: &mut Reader<'_>) -> Result<Vec<u64>, LineError> {
        let mut places = Vec::new();
        let mut at = 0;
        while let Some(first) = self.index.get(at) {
            let end = at + self.index[at..].partition_point(|other| other.fingerprint == first.fingerprint);
            let unseen = (at..end).filter(|at| !self.is_seen(*at)).map(|at| self.index[at].place);
            match end - at {
                1 => places.extend(unseen),
                _ => {
                    let mut groups = Vec::new();
                    for place in unseen {
                        groups.push((place, reader.group(place)?));
                    }
                    for (at, (place, rows)) in groups.iter().enumerate() {
                        let is_later = |(other, others): &(u64, Vec<Known>)| {
                            other >> PLACE_BITS > place >> PLACE_BITS && are_rows_together(others, rows)
                        };
                        if !groups[at + 1..].iter().any(is_later) {
                            places.push(*place);
                        }
                    }
                }
            }
            at = end;
        }
        places.sort_unstable();
        Ok(places)
    }

    fn see(&self, at: usize) {
        self.seen[at / 64].fetch_or(1 << (at % 64), Ordering::Relaxed);
    }

    fn is_seen(&self, at: usize) -> bool {
        self.seen[at / 64].load(Ordering::Relaxed) & (1 << (at % 64)) != 0
    }
}

/// Reads rows of the ledger.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    ledger: &'a Ledger,
    files: Vec<Option<(BufReader<File>, u64)>>,
}

impl Reader<'_> {
    /// The rows of a person and kind. They count as asked for.
    pub(crate) fn rows(&mut self, key: Key<'_>) -> Result<Vec<Known>, LineError> {
        let fingerprint = fingerprint(&key);
        let index = &self.ledger.index;
        let begin = index.partition_point(|at| at.fingerprint < fingerprint);
        let count = index[begin..].iter().take_while(|at| at.fingerprint == fingerprint).count();
        let mut found: Vec<Known> = Vec::new();
        let mut newest = 0;
        for at in begin..begin + count {
            let place = self.ledger.index[at].place;
            let rows = self.group(place)?;
            if rows.first().is_some_and(|row| is_of(&row.entry, key)) {
                self.ledger.see(at);
                if place >> PLACE_BITS > newest {
                    found.clear();
                    newest = place >> PLACE_BITS;
                }
                found.extend(rows);
            }
        }
        Ok(found)
    }

    /// Gives the rows that nobody asked for, in their order.
    pub(crate) fn unseen<E: From<LineError>>(&mut self, mut take: impl FnMut(Known) -> Result<(), E>) -> Result<(), E> {
        for place in self.ledger.unseen(self)? {
            for row in self.group(place)? {
                take(row)?;
            }
        }
        Ok(())
    }

    /// The rows from a place on that belong together.
    fn group(&mut self, place: u64) -> Result<Vec<Known>, LineError> {
        let number = usize::try_from(place >> PLACE_BITS).expect("a place among the sources");
        let (source, offset) = (&self.ledger.sources[number], place & PLACE_MAX);
        let (file, position) = match &mut self.files[number] {
            Some(open) => open,
            closed @ None => closed.insert((BufReader::with_capacity(BUFFER, File::open(&source.path)?), 0)),
        };
        match i64::try_from(offset).ok().zip(i64::try_from(*position).ok()) {
            Some((to, from)) => file.seek_relative(to - from)?,
            None => drop(file.seek(SeekFrom::Start(offset))?),
        }
        *position = offset;
        let mut rows: Vec<Known> = Vec::new();
        let mut line = String::new();
        loop {
            line.clear();
            let octets = file.read_line(&mut line)?;
            *position += octets as u64;
            if octets == 0 || !line.ends_with('\n') && source.kind != SourceKind::Whole {
                return Ok(rows);
            }
            if line.trim().is_empty() {
                continue;
            }
            let entry = Entry::read(&line)?;
            if rows.first().is_some_and(|first| !are_together(&first.entry, &entry)) {
                return Ok(rows);
            }
            rows.push(Known { entry, is_certain: source.kind != SourceKind::Intended });
        }
    }
}

fn read_source(
    source: &Source,
    place: u64,
    index: &mut Vec<At>,
    each: &mut dyn FnMut(&Brief<'_>, SourceKind),
) -> Result<(), ManifestError> {
    let at_line = |line| move |why: LineError| ManifestError { line, why };
    let mut file = match File::open(&source.path) {
        Ok(file) => BufReader::with_capacity(BUFFER, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at_line(1)(error.into())),
    };
    let (mut line, mut number, mut offset, mut last) = (String::new(), 0, 0, None);
    loop {
        line.clear();
        number += 1;
        let octets = file.read_line(&mut line).map_err(|error| at_line(number)(error.into()))?;
        let is_cut = !line.ends_with('\n') && source.kind != SourceKind::Whole;
        if octets == 0 || is_cut {
            break;
        }
        if !line.trim().is_empty() {
            let brief: Brief<'_> = serde_json::from_str(&line).map_err(|error| at_line(number)(error.into()))?;
            check_inside(&brief.path).map_err(at_line(number))?;
            each(&brief, source.kind);
            let fingerprint = brief.fingerprint();
            if last != Some(fingerprint) {
                index.push(At { fingerprint, place: place | offset });
                last = Some(fingerprint);
            }
        }
        offset += octets as u64;
    }
    // Others of the last person and kind may be missing, so what there is of them is not relied on.
    if source.kind == SourceKind::Killed && last.is_some() {
        index.pop();
    }
    Ok(())
}

/// As much of a row as the index needs.
#[derive(Debug, Deserialize)]
pub(crate) struct Brief<'a> {
    #[serde(borrow)]
    address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    format: Cow<'a, str>,
    #[serde(borrow, default)]
    variant: Cow<'a, str>,
    #[serde(default)]
    scope: Cow<'a, str>,
    #[serde(borrow, default)]
    domain: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) path: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) sha256: Cow<'a, str>,
    #[serde(default)]
    pub(crate) octets: Option<u64>,
}

impl Brief<'_> {
    /// Whether a person's file lies in one of 256 folders; `None` if it is no person's.
    pub(crate) fn fans_out(&self) -> Option<bool> {
        if !matches!(&*self.scope, "" | "user") {
            return None;
        }
        let folder = with_variant(&self.format, Some(&*self.variant).filter(|name| !name.is_empty()));
        let first = self.path.strip_prefix(&folder)?.strip_prefix('/')?.split('/').next()?;
        Some(first.len() == 2 && first.bytes().all(|octet| octet.is_ascii_hexdigit()))
    }

    fn fingerprint(&self) -> u64 {
        let address = self.address.as_deref().map(str::to_lowercase);
        let scope = match &*self.scope {
            "domain" => ScopeKey::Domain(self.domain.as_deref().unwrap_or("")),
            "organization" => ScopeKey::Organization,
            _ => ScopeKey::User(address.as_deref().unwrap_or("")),
        };
        fingerprint(&Key { format: &self.format, variant: &self.variant, scope })
    }
}

impl<'a> Key<'a> {
    /// Of one person's files; `address` in lower case.
    pub(crate) fn of_user(format: &'a str, variant: Option<&'a str>, address: &'a str) -> Self {
        Self { format, variant: variant.unwrap_or(""), scope: ScopeKey::User(address) }
    }

    /// Of the files for everybody in the domain, or in the organization.
    pub(crate) fn of_several(format: &'a str, variant: Option<&'a str>, scope: &'a Scope) -> Self {
        let scope = match scope {
            Scope::User => ScopeKey::User(""),
            Scope::Domain(domain) => ScopeKey::Domain(domain.as_str()),
            Scope::Organization => ScopeKey::Organization,
        };
        Self { format, variant: variant.unwrap_or(""), scope }
    }
}

/// Whether a row is of that person and kind.
fn is_of(entry: &Entry, key: Key<'_>) -> bool {
    let is_kind = entry.format == key.format && entry.variant.as_deref().unwrap_or("") == key.variant;
    is_kind
        && match (&entry.scope, key.scope) {
            (Scope::User, ScopeKey::User(address)) => entry.user().is_some_and(|user| user.key() == address),
            (Scope::Domain(domain), ScopeKey::Domain(name)) => domain.as_str() == name,
            (Scope::Organization, ScopeKey::Organization) => true,
            (Scope::User | Scope::Domain(_) | Scope::Organization, _) => false,
        }
}

/// Whether two rows are of one person and kind.
fn are_together(one: &Entry, other: &Entry) -> bool {
    let key = |entry: &Entry| entry.user().map(EmailAddress::key);
    (&one.format, &one.variant, &one.scope) == (&other.format, &other.variant, &other.scope) && key(one) == key(other)
}

fn are_rows_together(one: &[Known], other: &[Known]) -> bool {
    one.first().zip(other.first()).is_some_and(|(one, other)| are_together(&one.entry, &other.entry))
}

/// A file of rows has at most a terabyte.
const PLACE_BITS: u32 = 52;
const PLACE_MAX: u64 = (1 << PLACE_BITS) - 1;
const BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn line(address: &str, format: &str, path: &str, sum: &str) -> String {
        format!(
            "{{\"address\":\"{address}\",\"username\":null,\"format\":\"{format}\",\"path\":\"{path}\",\"install\":null,\"sha256\":\"{sum}\",\"octets\":1,\"losses\":[]}}\n"
        )
    }

    /// The paths and sums of what a ledger says of somebody, and whether it is certain.
    fn said(ledger: &Ledger, address: &str) -> Vec<(String, String, bool)> {
        let known = ledger.reader().rows(Key::of_user("k9s", None, address)).expect("rows");
        known.into_iter().map(|it| (it.entry.path, it.entry.sha256, it.is_certain)).collect()
    }

    fn unseen(ledger: &Ledger) -> Vec<String> {
        let mut paths = Vec::new();
        let take = |known: Known| -> Result<(), LineError> {
            paths.push(known.entry.path);
            Ok(())
        };
        ledger.reader().unseen(take).expect("rows");
        paths
    }

    fn ledger(texts: &[(&str, SourceKind)]) -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().expect("a folder");
        let sources = texts.iter().enumerate().map(|(number, (text, kind))| {
            let path = folder.path().join(number.to_string());
            fs::write(&path, text).expect("a file");
            Source { path, kind: *kind }
        });
        let ledger = Ledger::read(sources.collect(), &mut |_, _| {}).expect("a ledger");
        (folder, ledger)
    }

    #[test]
    fn rows_of_one_person_and_kind_are_found_wherever_they_stand() {
        let text = [
            line("Ada@b.example", "k9s", "1", "x"),
            line("ada@b.example", "k9s", "2", "x"),
            line("ada@b.example", "aerc", "3", "x"),
            "\n".to_owned(),
            line("mia@b.example", "k9s", "4", "x"),
            line("ada@b.example", "k9s", "5", "x"),
        ];
        let (_folder, ledger) = ledger(&[(&text.concat(), SourceKind::Whole)]);
        let paths: Vec<String> = said(&ledger, "ada@b.example").into_iter().map(|(path, ..)| path).collect();
        assert_eq!(paths, ["1", "2", "5"]);
        assert_eq!(said(&ledger, "nobody@b.example"), []);
        assert_eq!(unseen(&ledger), ["3", "4"]);
    }

    #[test]
    fn what_a_later_run_says_counts_and_the_end_of_a_killed_one_does_not() {
        let whole = line("ada@b.example", "k9s", "1", "old") + &line("mia@b.example", "k9s", "2", "old");
        let intended = line("ada@b.example", "k9s", "1", "new") + &line("mia@b.example", "k9s", "2", "new");
        // Somebody's rows are there, the next one's may not be all, and a line is cut.
        let rows = line("ada@b.example", "k9s", "1", "new") + &line("mia@b.example", "k9s", "2", "new") + "{\"addr";
        let sources = [(&*whole, SourceKind::Whole), (&*intended, SourceKind::Intended), (&*rows, SourceKind::Killed)];
        let (_folder, ledger) = ledger(&sources);
        assert_eq!(said(&ledger, "ada@b.example"), [("1".to_owned(), "new".to_owned(), true)]);
        assert_eq!(said(&ledger, "mia@b.example"), [("2".to_owned(), "new".to_owned(), false)]);
        assert_eq!(unseen(&ledger), [""; 0]);
    }

    #[test]
    fn of_several_rows_that_nobody_asked_for_the_last_ones_count() {
        let first = line("ada@b.example", "k9s", "1", "old") + &line("mia@b.example", "k9s", "2", "old");
        let second = line("ada@b.example", "k9s", "3", "new");
        let (_folder, ledger) = ledger(&[(&first, SourceKind::Whole), (&second, SourceKind::Intended)]);
        assert_eq!(unseen(&ledger), ["2", "3"]);
    }
}
