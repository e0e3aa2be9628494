//! A folder that `generate` wrote, as its manifest describes it. It opens no profile.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::Certificate;
use provost_settings::read_service;

use crate::dist::manifest::{self, Entry};
use crate::dist::{MANIFEST_FILE, SERVICE_FILE};
use crate::failure::Failure;
use crate::groups::groups;
use crate::input;

/// The folder, in the words in which it was given.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) folder: PathBuf,
    pub(crate) entries: Vec<Entry>,
    trust: OnceCell<Vec<Certificate>>,
}

impl Generated {
    /// Whether a folder has a manifest.
    pub(crate) fn is(folder: &Path) -> bool {
        folder.join(MANIFEST_FILE).is_file()
    }

    /// Reads the folder's manifest.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST_FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let entries = manifest::read(&text).map_err(|error| {
            let hint = "write the folder again with `provost generate --force`, or move the manifest away";
            Failure::hinted(error.context(format!("{} is not a valid manifest", path.display())), hint)
        })?;
        Ok(Self { folder: folder.to_owned(), entries, trust: OnceCell::new() })
    }

    /// The authorities that the settings trust, as they lie in the folder; nobody if they do not.
    pub(crate) fn trust(&self) -> &[Certificate] {
        self.trust.get_or_init(|| {
            let service = input::read(&self.folder.join(SERVICE_FILE), input::PROFILE_OCTETS_MAX).ok();
            service.and_then(|bytes| read_service(&bytes).value).map_or_else(Vec::new, |service| service.trust)
        })
    }

    /// The places of the entries, profile by profile, in the order of their first files.
    pub(crate) fn profiles(&self) -> Vec<Vec<usize>> {
        let files = self.entries.iter().enumerate();
        let profiles = groups(files.map(|(at, it)| ((it.together(), (!it.is_one_of_several()).then_some(at)), at)));
        profiles.into_iter().map(|(_, files)| files).collect()
    }

    /// The place of a file's entry, before those of the files that belong to it.
    pub(crate) fn profile_of(&self, path: &Path) -> Option<Vec<usize>> {
        let at = self.entries.iter().position(|entry| Path::new(&entry.path) == path)?;
        let first = &self.entries[at];
        let belongs = |other: &Entry| first.is_one_of_several() && other.together() == first.together();
        let others = self.entries.iter().enumerate().filter(|(other, entry)| *other != at && belongs(entry));
        Some(std::iter::once(at).chain(others.map(|(other, _)| other)).collect())
    }

    /// An entry's file, and where it goes on the device.
    pub(crate) fn file(&self, at: usize) -> (PathBuf, Option<String>) {
        let entry = &self.entries[at];
        (self.folder.join(&entry.path), entry.install.clone())
    }
}
