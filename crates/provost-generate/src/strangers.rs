//! Files in a folder that `generate` did not write, or that were edited. It finds them; it neither writes nor removes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use provost_settings::fingerprint;

use crate::error::RunError;
use crate::ledger::{Brief, SourceKind};
use crate::maker::Maker;
use crate::sha256;

/// The files of some of the folder's formats that are not as the manifest says.
#[derive(Debug)]
pub(crate) struct Strangers {
    root: PathBuf,
    found: BTreeMap<String, Stranger>,
    /// Folders: one may lie where a file is to go.
    folders: BTreeSet<String>,
}

/// Why a file is not ours to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// No manifest names it.
    Unnamed,
    /// A manifest names it, with another SHA-256.
    Changed,
    /// A folder lies where a file is to go, or a file where a folder is.
    InTheWay,
}

/// The files that are ours, by the fingerprints of their paths, and how long each is.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    files: Vec<(u64, u64)>,
    /// The SHA-256 of files whose length old manifests do not say.
    sums: BTreeMap<String, String>,
}

impl Ours {
    /// Takes note of a row.
    pub(crate) fn add(&mut self, row: &Brief<'_>, kind: SourceKind) {
        let octets = match (kind, row.octets) {
            (SourceKind::Intended, _) => ANY_LENGTH,
            (SourceKind::Whole | SourceKind::Killed, Some(octets)) => octets,
            (SourceKind::Whole | SourceKind::Killed, None) => {
                self.sums.insert(row.path.clone().into_owned(), row.sha256.clone().into_owned());
                ANY_LENGTH
            }
        };
        self.files.push((fingerprint(&*row.path), octets));
    }

    /// Looks a file up. Of several rows with its path any may count: a run that was killed may have written it or not.
    fn is(&self, path: &str, metadata: &Metadata) -> Option<bool> {
        let fingerprint = fingerprint(path);
        let begin = self.files.partition_point(|(its, _)| *its < fingerprint);
        let mut rows = self.files[begin..].iter().take_while(|(its, _)| *its == fingerprint).peekable();
        rows.peek()?;
        Some(rows.any(|(_, octets)| *octets == ANY_LENGTH || *octets == metadata.len()))
    }
}

impl Stranger {
    /// What it is, as the end of a sentence.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Unnamed => "no manifest lists it, so `provost generate` did not write it",
            Self::Changed => "it was changed after `provost generate` wrote it",
            Self::InTheWay => "a file is in the way of a folder, or a folder in the way of a file",
        }
    }
}

impl Strangers {
    /// Compares what lies below some folders with what earlier runs wrote.
    pub(crate) fn find(root: &Path, folders: &BTreeSet<String>, mut ours: Ours) -> Result<Self, RunError> {
        ours.files.sort_unstable();
        let mut strangers = Self { root: root.to_owned(), found: BTreeMap::new(), folders: BTreeSet::new() };
        for folder in folders {
            strangers.walk(folder, &ours, 0)?;
        }
        Ok(strangers)
    }

    /// Whether everything is as it was left.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty() && self.folders.is_empty()
    }

    /// What keeps a file from being written to `path`, unless what lies there is the same.
    pub(crate) fn at(&self, path: &str, is_same: impl Fn(&[u8]) -> bool) -> Result<Option<Stranger>, RunError> {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if self.folders.contains(path) || above.into_iter().any(|above| self.found.contains_key(above)) {
            return Ok(Some(Stranger::InTheWay));
        }
        let Some(stranger) = self.found.get(path) else { return Ok(None) };
        let full = self.root.join(path);
        let present = fs::read(&full).map_err(RunError::io("read", &full))?;
        Ok((!is_same(&present)).then_some(*stranger))
    }

    /// Whether a file lies where a folder of many people's files is to be.
    pub(crate) fn are_above(&self, maker: &Maker<'_>) -> bool {
        let is_above = |path: &str, folder: &str| {
            let below = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('/'));
            path == folder || below(folder, path) || below(path, folder) && path.len() == folder.len() + FAN_OCTETS
        };
        self.found.keys().any(|path| maker.kinds().iter().any(|personal| is_above(path, &personal.folder)))
    }

    /// What may be the beginning of somebody's file names, if it is one of these files.
    pub(crate) fn stems(&self) -> BTreeSet<&str> {
        let paths = self.found.keys().map(String::as_str).chain(self.folders.iter().map(String::as_str));
        let parts = paths.flat_map(|path| path.split('/'));
        parts.flat_map(|part| part.match_indices('.').map(|(at, _)| &part[..at]).chain([part])).collect()
    }

    fn walk(&mut self, path: &str, ours: &Ours, level: usize) -> Result<(), RunError> {
        let full = self.root.join(path);
        let cannot_read = || RunError::io("read", &full);
        if level > LEVELS_MAX {
            return Ok(());
        }
        let metadata = match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            metadata => metadata.map_err(cannot_read())?,
        };
        if metadata.is_dir() || metadata.is_symlink() && full.is_dir() {
            let mut is_empty = true;
            for entry in fs::read_dir(&full).map_err(cannot_read())? {
                is_empty = false;
                // A name that is not UTF-8 is none of ours.
                if let Some(name) = entry.map_err(cannot_read())?.file_name().to_str() {
                    self.walk(&format!("{path}/{name}"), ours, level + 1)?;
                }
            }
            if is_empty && level > 0 {
                self.folders.insert(path.to_owned());
            }
            return Ok(());
        }
        let stranger = match ours.is(path, &metadata) {
            None => Stranger::Unnamed,
            Some(false) => Stranger::Changed,
            Some(true) => match ours.sums.get(path) {
                None => return Ok(()),
                Some(sum) if *sum == sha256(&fs::read(&full).map_err(cannot_read())?) => return Ok(()),
                Some(_) => Stranger::Changed,
            },
        };
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path[..at].to_owned());
        }
        self.found.insert(path.to_owned(), stranger);
        Ok(())
    }
}

/// A slash, and the name of one of 256 folders.
const FAN_OCTETS: usize = 3;
/// The length of a file that may have any.
const ANY_LENGTH: u64 = u64::MAX;
/// Deeper than any file lies; a link to a folder above itself ends here.
const LEVELS_MAX: usize = 8;
