//! The rows of a manifest, one after the other, and the profiles that they make up. Nothing of what was read is kept.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;

use super::{Generated, common, is_one_of_several};
use crate::failure::Failure;
use provost_generate::MANIFEST_FILE;
use provost_generate::manifest::{self, Entry, ManifestError};

/// The rows with their places: how many octets are before them.
pub(crate) struct Rows {
    folder: PathBuf,
    octets: Rc<Cell<u64>>,
    entries: Box<dyn Iterator<Item = Result<Entry, ManifestError>>>,
}

impl Rows {
    /// The rows of a folder's manifest.
    pub(crate) fn of(folder: &Path) -> Result<Self, Failure> {
        let octets = Rc::new(Cell::new(0));
        let source =
            Counted { source: BufReader::with_capacity(BUFFER_OCTETS, open(folder)?), octets: Rc::clone(&octets) };
        Ok(Self { folder: folder.to_owned(), octets, entries: Box::new(manifest::entries(source)) })
    }
}

impl Iterator for Rows {
    type Item = Result<(u64, Entry), Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.octets.get();
        let entry = self.entries.next()?;
        Some(entry.map(|entry| (at, entry)).map_err(|error| failure(&self.folder, error)))
    }
}

/// The entries of one profile after the other, in the order of their first files.
pub(crate) struct Profiles {
    pub(crate) generated: Rc<Generated>,
    rows: Peekable<Rows>,
}

impl Profiles {
    /// The profiles of a folder.
    pub(crate) fn of(generated: Rc<Generated>) -> Result<Self, Failure> {
        Ok(Self { rows: Rows::of(&generated.folder)?.peekable(), generated })
    }

    /// The entries of the profile with this one, which is at `at`; `None` if its first file came before.
    fn profile(&mut self, at: u64, first: Entry) -> Result<Option<Vec<Entry>>, Failure> {
        if !is_one_of_several(&first) {
            return Ok(Some(vec![first]));
        }
        if let Some(places) = self.generated.apart.get(&common(&first)) {
            return self.generated.gather(places, at, &first);
        }
        let mut profile = vec![first];
        let belongs = |row: &Result<(u64, Entry), Failure>, first: &Entry| {
            row.as_ref().is_ok_and(|(_, entry)| entry.together() == first.together())
        };
        while let Some(row) = self.rows.next_if(|row| belongs(row, &profile[0])) {
            profile.push(row?.1);
        }
        Ok(Some(profile))
    }
}

impl Iterator for Profiles {
    type Item = Result<Vec<Entry>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let profile = match self.rows.next()? {
                // Which file a device opens first does not depend on how a manifest is sorted.
                Ok((at, entry)) => self.profile(at, entry).map(|profile| profile.map(by_path)).transpose(),
                Err(failure) => Some(Err(failure)),
            };
            if profile.is_some() {
                return profile;
            }
        }
    }
}

fn by_path(mut profile: Vec<Entry>) -> Vec<Entry> {
    profile.sort_by(|one, other| one.path.cmp(&other.path));
    profile
}

impl Generated {
    /// The entries of a profile whose files lie apart: at `places`, where files of others may be too. `None` if the one at
    /// `at` is not the first.
    fn gather(&self, places: &[u64], at: u64, first: &Entry) -> Result<Option<Vec<Entry>>, Failure> {
        let mut profile = Vec::new();
        for place in places {
            let belongs = |entry: &Result<Entry, ManifestError>| {
                entry.as_ref().map_or(true, |entry| entry.together() == first.together())
            };
            let run: Vec<Entry> = self.from(*place, |entries| entries.take_while(belongs).collect())?;
            if profile.is_empty() && !run.is_empty() && *place != at {
                return Ok(None);
            }
            profile.extend(run);
        }
        Ok(Some(profile))
    }
}

/// Opens a folder's manifest.
pub(super) fn open(folder: &Path) -> Result<File, Failure> {
    let path = folder.join(MANIFEST_FILE);
    Ok(File::open(&path).with_context(|| format!("cannot read {}", path.display()))?)
}

/// The failure for a row that is none.
pub(super) fn failure(folder: &Path, error: ManifestError) -> Failure {
    let what = format!("{} is not a valid manifest", folder.join(MANIFEST_FILE).display());
    let hint = "write the folder again with `provost generate --force`, or move the manifest away";
    Failure::hinted(anyhow::Error::from(error).context(what), hint)
}

/// A source that counts the octets that were read.
struct Counted<R> {
    source: R,
    octets: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let octets = self.fill_buf()?.read(to)?;
        self.consume(octets);
        Ok(octets)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, octets: usize) {
        self.octets.set(self.octets.get() + octets as u64);
        self.source.consume(octets);
    }
}

const BUFFER_OCTETS: usize = 64 * 1024;
