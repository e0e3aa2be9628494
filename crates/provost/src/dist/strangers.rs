//! Files in a folder that `generate` did not write or that were edited. It finds them; it neither writes nor removes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use provost_generate::manifest::Entry;
use provost_generate::sha256;

/// The files of some of the folder's formats that are not as the manifest says.
#[derive(Debug)]
pub(crate) struct Strangers {
    root: PathBuf,
    found: BTreeMap<String, Stranger>,
    /// Whether there are folders in which the manifest names nothing: one may lie where a file is to go.
    odd_folders: bool,
}

/// Why a file is not ours to replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// No manifest names it.
    Unnamed,
    /// A manifest names it, with another SHA-256.
    Changed,
    /// A folder lies where a file is to go, or a file where a folder is.
    InTheWay,
}

impl Stranger {
    /// What it is, as the end of a sentence.
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Unnamed => "no manifest lists it, so `provost generate` did not write it",
            Self::Changed => "it was changed after `provost generate` wrote it",
            Self::InTheWay => "a file is in the way of a folder, or a folder in the way of a file",
        }
    }
}

impl Strangers {
    /// Compares what lies below some folders with an earlier run's manifest.
    pub(crate) fn find(root: &Path, folders: &BTreeSet<String>, earlier: &[Entry]) -> anyhow::Result<Self> {
        let named = earlier.iter().map(|entry| (entry.path.as_str(), entry.sha256.as_str())).collect();
        let mut strangers = Self { root: root.to_owned(), found: BTreeMap::new(), odd_folders: false };
        for folder in folders {
            strangers.walk(folder, &named, 0)?;
        }
        Ok(strangers)
    }

    /// Whether everything is as it was left.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty() && !self.odd_folders
    }

    /// What keeps a file from being written to `path`, unless what lies there is the same.
    pub(crate) fn at(&self, path: &str, is_same: impl Fn(&[u8]) -> bool) -> anyhow::Result<Option<Stranger>> {
        let full = self.root.join(path);
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if full.is_dir() || above.into_iter().any(|above| self.found.contains_key(above)) {
            return Ok(Some(Stranger::InTheWay));
        }
        let Some(stranger) = self.found.get(path) else { return Ok(None) };
        let present = fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
        Ok((!is_same(&present)).then_some(*stranger))
    }

    /// Whether somebody changed this file of the manifest.
    pub(crate) fn is_changed(&self, path: &str) -> bool {
        self.found.get(path) == Some(&Stranger::Changed)
    }

    fn walk(&mut self, path: &str, named: &BTreeMap<&str, &str>, level: usize) -> anyhow::Result<()> {
        let full = self.root.join(path);
        let cannot_read = || format!("cannot read {}", full.display());
        if level > LEVELS_MAX {
            return Ok(());
        }
        if full.is_dir() {
            let inside = format!("{path}/");
            self.odd_folders |=
                named.range(inside.as_str()..).next().is_none_or(|(name, _)| !name.starts_with(&inside));
            for entry in fs::read_dir(&full).with_context(cannot_read)? {
                // A name that is not UTF-8 is none of ours.
                if let Some(name) = entry.with_context(cannot_read)?.file_name().to_str() {
                    self.walk(&format!("{path}/{name}"), named, level + 1)?;
                }
            }
            return Ok(());
        }
        let stranger = match (full.symlink_metadata(), named.get(path)) {
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            (Err(error), _) => return Err(error).with_context(cannot_read),
            (Ok(_), None) => Stranger::Unnamed,
            (Ok(_), Some(sum)) => match fs::read(&full).with_context(cannot_read)? {
                bytes if sha256(&bytes) == **sum => return Ok(()),
                _ => Stranger::Changed,
            },
        };
        self.found.insert(path.to_owned(), stranger);
        Ok(())
    }
}

/// Deeper than any file lies; a link to a folder above itself ends here.
const LEVELS_MAX: usize = 8;
