//! Finds profiles: files that were named, what a manifest lists, and what lies in other folders. It loads one after the
//! other; reading them is the devices' business.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use provost_device::Format;

use super::generated::Generated;
use super::profile::{LoadedFile, Profile};
use crate::failure::Failure;
use crate::input;
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

/// Something in a folder.
#[derive(Debug)]
pub(crate) enum Found {
    Profile(Profile),
    /// No profile that is known here; without its bytes where it is too large for one, or cannot be read.
    Other {
        path: PathBuf,
        bytes: Option<Vec<u8>>,
    },
}

/// The way through files and folders.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    /// What is still to be looked at.
    steps: VecDeque<Step>,
    /// The manifests that were read, by their folders.
    known: BTreeMap<PathBuf, Rc<Generated>>,
    /// Files of profiles that were found already by another of their files.
    together: BTreeSet<PathBuf>,
}

#[derive(Debug)]
enum Step {
    Profile(Files),
    /// A file that the manifest of its folder does not list.
    Beside(PathBuf),
    /// Something in a folder without a manifest.
    Entry(PathBuf),
}

/// The files of a profile, not read yet.
#[derive(Debug)]
struct Files {
    /// Where each is, and where it goes on the device, if that is known.
    paths: Vec<(PathBuf, Option<String>)>,
    /// What the manifest says of the first.
    generated: Option<(Rc<Generated>, usize)>,
}

/// Every profile behind the paths, in the order of the paths and, within a folder, of their names. That there is none is a
/// failure.
pub(crate) fn profiles(paths: &[PathBuf]) -> Result<impl Iterator<Item = Result<Profile, Failure>>, Failure> {
    let mut finder = Finder::default();
    for path in paths {
        let kind = fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        let steps = match kind.is_dir() {
            true => finder.within(path)?,
            false => vec![Step::Profile(finder.files_of(path)?)],
        };
        finder.steps.extend(steps);
    }
    let mut found = finder.filter_map(|found| match found {
        Ok(Found::Profile(profile)) => Some(Ok(profile)),
        Ok(Found::Other { .. }) => None,
        Err(failure) => Some(Err(failure)),
    });
    let Some(first) = found.next() else {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let error = anyhow::anyhow!("no profile in {}", names.join(", "));
        return Err(Failure::hinted(error, "give a profile, or a folder that `provost generate` wrote"));
    };
    Ok(std::iter::once(first).chain(found))
}

impl Finder {
    /// Goes through a folder next.
    pub(crate) fn enter(&mut self, folder: &Path) -> Result<(), Failure> {
        self.within(folder)?.into_iter().rev().for_each(|step| self.steps.push_front(step));
        Ok(())
    }

    /// A single file, which may be a user list.
    pub(crate) fn file(&mut self, path: &Path) -> Result<Found, Failure> {
        let is_too_large = fs::metadata(path).is_ok_and(|it| it.len() > input::PROFILE_OCTETS_MAX);
        if is_too_large && input::is_a_lists_name(path) {
            return Ok(Found::Other { path: path.to_owned(), bytes: None });
        }
        let file = LoadedFile::read(path, input::PROFILE_OCTETS_MAX)?;
        match file.is_a_profile() {
            true => Ok(Found::Profile(self.files_of(path)?.load(Some(file))?)),
            false => Ok(Found::Other { path: file.path, bytes: Some(file.bytes) }),
        }
    }

    fn within(&mut self, folder: &Path) -> Result<Vec<Step>, Failure> {
        match Generated::is(folder) {
            true => self.generated(folder),
            false => Ok(entries(folder)?.into_iter().map(Step::Entry).collect()),
        }
    }

    /// A folder that `generate` wrote: the profiles that its manifest lists, and the other files in it.
    fn generated(&mut self, folder: &Path) -> Result<Vec<Step>, Failure> {
        let generated = self.manifest(folder)?;
        let profiles = generated.profiles().into_iter().map(|files| Step::Profile(Files::of(&generated, &files)));
        let own = [MANIFEST_FILE, SERVICE_FILE].map(|name| folder.join(name));
        let listed = generated.entries.iter().map(|entry| folder.join(&entry.path)).chain(own);
        let listed: BTreeSet<PathBuf> = listed.collect();
        let beside = entries(folder)?.into_iter().filter(|path| path.is_file() && !listed.contains(path));
        Ok(profiles.chain(beside.map(Step::Beside)).collect())
    }

    fn manifest(&mut self, folder: &Path) -> Result<Rc<Generated>, Failure> {
        Ok(Rc::clone(match self.known.entry(folder.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(Rc::new(Generated::open(folder)?)),
        }))
    }

    /// A single file: `generate` may have written it, some folders below its manifest, and others that belong to it.
    fn files_of(&mut self, path: &Path) -> Result<Files, Failure> {
        let full = fs::canonicalize(path).with_context(|| format!("cannot open {}", path.display()))?;
        for (level, folder) in full.ancestors().enumerate().skip(1).take(LEVELS_MAX) {
            if !Generated::is(folder) {
                continue;
            }
            let generated = self.manifest(&as_given(path, level, folder))?;
            let below = full.strip_prefix(folder).expect("a folder is the beginning of what lies in it");
            let Some(rows) = generated.profile_of(below) else { continue };
            let mut files = Files::of(&generated, &rows);
            path.clone_into(&mut files.paths[0].0);
            return Ok(files);
        }
        Ok(Files { paths: vec![(path.to_owned(), None)], generated: None })
    }

    /// A file or a folder in a folder without a manifest. What cannot be read is named and skipped: nobody asked for it by
    /// its name.
    fn entry(&mut self, path: PathBuf) -> Result<Option<Found>, Failure> {
        // A link to a folder may lead back here, and a pipe has no end.
        if fs::symlink_metadata(&path).is_ok_and(|kind| kind.is_dir()) {
            match entries(&path) {
                Ok(_) => self.enter(&path)?,
                Err(error) => eprintln!("note: {error:#}; it was skipped"),
            }
            return Ok(None);
        }
        if !path.is_file() || self.together.contains(&path) {
            return Ok(None);
        }
        match LoadedFile::read(&path, input::PROFILE_OCTETS_MAX) {
            Ok(file) if file.is_a_profile() => {
                let files = self.files_of(&path)?;
                self.together.extend(files.paths.iter().skip(1).map(|(path, _)| path.clone()));
                Ok(Some(Found::Profile(files.load(Some(file))?)))
            }
            Ok(file) => Ok(Some(Found::Other { path, bytes: Some(file.bytes) })),
            Err(_) if input::is_a_lists_name(&path) => Ok(Some(Found::Other { path, bytes: None })),
            Err(_) => {
                eprintln!("note: {} was skipped: it cannot be read, or is too large for a profile", path.display());
                Ok(None)
            }
        }
    }
}

impl Iterator for Finder {
    type Item = Result<Found, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = match self.steps.pop_front()? {
                Step::Profile(files) => files.load(None).map(|profile| Some(Found::Profile(profile))),
                Step::Beside(path) => {
                    let bytes = input::read(&path, input::PROFILE_OCTETS_MAX).ok();
                    Ok(Some(Found::Other { path, bytes }))
                }
                Step::Entry(path) => self.entry(path),
            };
            if let Some(found) = found.transpose() {
                return Some(found);
            }
        }
    }
}

impl Files {
    /// What rows of a manifest, at least one, say.
    fn of(generated: &Rc<Generated>, rows: &[usize]) -> Self {
        let paths = rows.iter().map(|at| generated.file(*at)).collect();
        Self { paths, generated: Some((Rc::clone(generated), rows[0])) }
    }

    /// Reads the files, except the first where it was read already.
    fn load(self, mut first: Option<LoadedFile>) -> Result<Profile, Failure> {
        let mut files = Vec::new();
        for (path, install) in self.paths {
            let file = first.take().map_or_else(|| LoadedFile::read(&path, input::PROFILE_OCTETS_MAX), Ok)?;
            files.push(file.installed_at(install));
        }
        let is_generated = self.generated.is_some();
        let mut profile = Profile::of(files, self.generated);
        if !is_generated && profile.format.is_some_and(Format::leads_to_others) {
            let beside = neighbours(profile.path())?;
            profile.add(beside);
        }
        Ok(profile)
    }
}

/// The other files of a folder, for a profile that somebody else made and that leads to them: as far as they can be such.
fn neighbours(path: &Path) -> anyhow::Result<Vec<LoadedFile>> {
    let Some(folder) = path.parent().map(or_here) else { return Ok(Vec::new()) };
    let others = entries(folder)?.into_iter().filter(|other| other.is_file() && other.file_name() != path.file_name());
    let read = |other: PathBuf| LoadedFile::read(&other, input::PROFILE_OCTETS_MAX).ok();
    Ok(others.take(NEIGHBOURS_MAX).filter_map(read).collect())
}

pub(crate) fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut entries = list().with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// The folder in the words in which the file was given, if they lead there.
fn as_given(path: &Path, level: usize, folder: &Path) -> PathBuf {
    let given = path.ancestors().nth(level).map(or_here);
    given.filter(|given| fs::canonicalize(given).is_ok_and(|full| full == folder)).unwrap_or(folder).to_owned()
}

/// The folder of a path that is only a name is this one.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// `FORMAT/VARIANT/ADDRESS/.config/PROGRAM/FOLDER/FILE` is as deep as any file lies.
const LEVELS_MAX: usize = 8;
/// More than any program has beside its settings.
const NEIGHBOURS_MAX: usize = 256;
