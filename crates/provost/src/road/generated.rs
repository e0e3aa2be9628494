//! A folder that `generate` wrote, as its manifest describes it. It opens no profile.

use std::cell::OnceCell;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::Certificate;
use provost_settings::read_service;

use crate::failure::Failure;
use crate::groups::groups;
use crate::input;
use provost_generate::manifest::{self, Entry};
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

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
        let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let entries = manifest::entries(BufReader::new(file)).collect::<Result<_, _>>().map_err(|error| {
            let hint = "write the folder again with `provost generate --force`, or move the manifest away";
            Failure::hinted(
                anyhow::Error::from(error).context(format!("{} is not a valid manifest", path.display())),
                hint,
            )
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
        let profiles = groups(files.map(|(at, it)| ((it.together(), (!is_one_of_several(it)).then_some(at)), at)));
        profiles.into_iter().map(|(_, files)| files).collect()
    }

    /// The place of a file's entry, before those of the files that belong to it.
    pub(crate) fn profile_of(&self, path: &Path) -> Option<Vec<usize>> {
        let at = self.entries.iter().position(|entry| Path::new(&entry.path) == path)?;
        let first = &self.entries[at];
        let belongs = |other: &Entry| is_one_of_several(first) && other.together() == first.together();
        let others = self.entries.iter().enumerate().filter(|(other, entry)| *other != at && belongs(entry));
        Some(std::iter::once(at).chain(others.map(|(other, _)| other)).collect())
    }

    /// An entry's file, and where it goes on the device.
    pub(crate) fn file(&self, at: usize) -> (PathBuf, Option<String>) {
        let entry = &self.entries[at];
        (self.folder.join(&entry.path), entry.install.clone())
    }
}

/// Whether a file may need others to set an account up.
fn is_one_of_several(entry: &Entry) -> bool {
    let format = provost_device::formats().iter().find(|format| format.name == entry.format);
    format.is_some_and(provost_device::Format::is_of_several_files)
}
