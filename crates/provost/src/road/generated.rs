//! A folder that `generate` wrote, as its manifest tells. It opens no other file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::dist::MANIFEST_FILE;
use crate::dist::manifest::{self, Row, Together};

/// The folder, in the words in which it was given.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) folder: PathBuf,
    pub(crate) rows: Vec<Row>,
}

impl Generated {
    /// Whether a folder has a manifest.
    pub(crate) fn is(folder: &Path) -> bool {
        folder.join(MANIFEST_FILE).is_file()
    }

    /// Reads the folder's manifest.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(MANIFEST_FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let rows = manifest::read(&text).with_context(|| format!("{} is not a valid manifest", path.display()))?;
        Ok(Self { folder: folder.to_owned(), rows })
    }

    /// The places of the rows, file by file; files that belong together are in one list, at the place of the first.
    pub(crate) fn profiles(&self) -> Vec<Vec<usize>> {
        let mut profiles: Vec<Vec<usize>> = Vec::new();
        let mut first: BTreeMap<Together<'_>, usize> = BTreeMap::new();
        for (at, row) in self.rows.iter().enumerate() {
            if !row.is_one_of_several() {
                profiles.push(vec![at]);
                continue;
            }
            let profile = *first.entry(row.together()).or_insert(profiles.len());
            match profiles.get_mut(profile) {
                Some(profile) => profile.push(at),
                None => profiles.push(vec![at]),
            }
        }
        profiles
    }

    /// The place of a file's row, before those of the files that belong to it.
    pub(crate) fn profile_of(&self, path: &Path) -> Option<Vec<usize>> {
        let at = self.rows.iter().position(|row| Path::new(&row.path) == path)?;
        let row = &self.rows[at];
        let belongs =
            |other: &Row| row.is_one_of_several() && other.together() == row.together() && other.path != row.path;
        let others = self.rows.iter().enumerate().filter(|(_, other)| belongs(other)).map(|(at, _)| at);
        Some(std::iter::once(at).chain(others).collect())
    }

    /// A row's file, and where it goes on the device.
    pub(crate) fn file(&self, at: usize) -> (PathBuf, Option<String>) {
        let row = &self.rows[at];
        (self.folder.join(&row.path), row.install.clone())
    }
}
