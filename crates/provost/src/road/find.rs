//! Finds profiles: files that were named, what a manifest lists, and what lies in other folders. It loads one after the
//! other; reading them is the devices' business.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use provost_device::Format;

use super::generated::{Generated, Profiles};
use super::profile::{LoadedFile, Profile};
use super::sample::{Everybody, Sample};
use crate::failure::Failure;
use crate::input;
use provost_generate::manifest::Entry;

/// Something in a folder.
#[derive(Debug)]
pub(crate) enum Found {
    Profile(Box<Profile>),
    /// No profile that is known here; without its bytes where it is too large for one, or cannot be read.
    Other {
        path: PathBuf,
        bytes: Option<Vec<u8>>,
    },
}

/// The way through files and folders.
#[derive(Default)]
pub(crate) struct Finder {
    /// What is still to be looked at.
    steps: VecDeque<Step>,
    /// The manifests that were read, by their folders.
    known: BTreeMap<PathBuf, Rc<Generated>>,
    /// Files of profiles that were found already by another of their files.
    together: BTreeSet<PathBuf>,
    /// The folders that were entered, by their whole paths: a link may lead to one again.
    entered: BTreeSet<PathBuf>,
    /// The people whose files are looked at; `None`: everybody.
    sample: Option<Sample>,
}

enum Step {
    Profile(Box<Files>),
    /// The profiles that a manifest lists.
    Listed(Box<Profiles>),
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
    generated: Option<(Rc<Generated>, Entry)>,
}

/// Every profile behind the paths, in the order of the paths and, within a folder, of its manifest or of their names. That
/// there is none is a failure.
pub(crate) fn profiles(paths: &[PathBuf]) -> Result<impl Iterator<Item = Result<Profile, Failure>>, Failure> {
    Finder::of(paths)?.profiles(paths)
}

impl Finder {
    /// The way through these paths.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut finder = Self::default();
        finder.start(paths)?;
        Ok(finder)
    }

    fn start(&mut self, paths: &[PathBuf]) -> Result<(), Failure> {
        for path in paths {
            let kind = fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
            let steps = match kind.is_dir() {
                true => self.within(path)?,
                false => vec![Step::Profile(Box::new(self.files_of(path)?))],
            };
            self.steps.extend(steps);
        }
        Ok(())
    }

    /// The same with the files of so many people, and with those that are for several people.
    pub(crate) fn of_sample(paths: &[PathBuf], people: NonZeroUsize) -> Result<(Self, Sample), Failure> {
        let mut finder = Self::of(paths)?;
        let mut everybody = Everybody::default();
        while let Some(step) = finder.steps.pop_front() {
            match step {
                Step::Profile(files) => everybody.add(files.entry()),
                Step::Listed(profiles) => {
                    for profile in *profiles {
                        everybody.add(profile?.first());
                    }
                }
                Step::Beside(_) => {}
                Step::Entry(path) if path.is_dir() => {
                    if !finder.is_new(&path) {
                        continue;
                    }
                    // One that cannot be read is named when its turn comes.
                    if entries(&path).is_ok() {
                        finder.enter(&path)?;
                    }
                }
                Step::Entry(path) if path.is_file() => everybody.add(finder.files_of(&path)?.entry()),
                Step::Entry(_) => {}
            }
        }
        let sample = everybody.sample(people).ok_or_else(|| {
            let error = anyhow::anyhow!("no file in {} says whose it is, so people cannot be chosen", named(paths));
            Failure::hinted(error, "give a folder that `provost generate` wrote, or leave --sample out")
        })?;
        finder.sample = Some(sample);
        finder.entered.clear();
        finder.start(paths)?;
        Ok((finder, sample))
    }

    /// How many profiles are still to come, if that is known without looking at folders.
    pub(crate) fn profile_count(&self) -> Option<usize> {
        let counts = self.steps.iter().map(|step| match step {
            Step::Profile(_) => Some(1),
            Step::Listed(profiles) => Some(profiles.generated.profiles),
            Step::Beside(_) => Some(0),
            Step::Entry(_) => None,
        });
        counts.sum::<Option<usize>>().filter(|_| self.sample.is_none())
    }

    /// Every profile. That there is none is a failure; `paths` are what was asked for.
    pub(crate) fn profiles(
        self,
        paths: &[PathBuf],
    ) -> Result<impl Iterator<Item = Result<Profile, Failure>> + use<>, Failure> {
        let mut found = self.filter_map(|found| match found {
            Ok(Found::Profile(profile)) => Some(Ok(*profile)),
            Ok(Found::Other { .. }) => None,
            Err(failure) => Some(Err(failure)),
        });
        let Some(first) = found.next() else {
            let error = anyhow::anyhow!("no profile in {}", named(paths));
            return Err(Failure::hinted(error, "give a profile, or a folder that `provost generate` wrote"));
        };
        Ok(std::iter::once(first).chain(found))
    }

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
            true => Ok(Found::Profile(Box::new(self.files_of(path)?.load(Some(file))?))),
            false => Ok(Found::Other { path: file.path, bytes: Some(file.bytes) }),
        }
    }

    fn within(&mut self, folder: &Path) -> Result<Vec<Step>, Failure> {
        self.entered.extend(fs::canonicalize(folder));
        match Generated::is(folder) {
            true => self.generated(folder),
            false => Ok(entries(folder)?.into_iter().map(Step::Entry).collect()),
        }
    }

    /// A folder that `generate` wrote: the profiles that its manifest lists, and the other files in it.
    fn generated(&mut self, folder: &Path) -> Result<Vec<Step>, Failure> {
        let generated = self.manifest(folder)?;
        let beside = generated.beside(entries(folder)?.into_iter().filter(|path| path.is_file()))?;
        let listed = Step::Listed(Box::new(Profiles::of(generated)?));
        Ok(std::iter::once(listed).chain(beside.into_iter().map(Step::Beside)).collect())
    }

    fn manifest(&mut self, folder: &Path) -> Result<Rc<Generated>, Failure> {
        Ok(Rc::clone(match self.known.entry(folder.to_owned()) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(unknown) => unknown.insert(Rc::new(Generated::open(folder)?)),
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
            let Some(profile) = generated.profile_of(below)? else { continue };
            let mut files = Files::of(&generated, profile);
            path.clone_into(&mut files.paths[0].0);
            return Ok(files);
        }
        Ok(Files { paths: vec![(path.to_owned(), None)], generated: None })
    }

    /// Whether a profile is looked at; `entry` is what a manifest says of it.
    fn is_chosen(&self, entry: Option<&Entry>) -> bool {
        let user = entry.and_then(Entry::user);
        self.sample.zip(user).is_none_or(|(sample, user)| sample.has(user))
    }

    /// Whether a folder was not entered before, nor is one above a folder that was: links may lead to either.
    fn is_new(&self, folder: &Path) -> bool {
        let is_above = |full: &Path| self.entered.iter().any(|entered| entered.starts_with(full));
        fs::canonicalize(folder).is_ok_and(|full| !is_above(&full))
    }

    /// A file or a folder in a folder without a manifest. What cannot be read is named and skipped: nobody asked for it by
    /// its name.
    fn entry(&mut self, path: PathBuf) -> Result<Option<Found>, Failure> {
        if path.is_dir() {
            match entries(&path) {
                Ok(_) if self.is_new(&path) => self.enter(&path)?,
                Ok(_) => {}
                Err(error) => eprintln!("note: {error:#}; it was skipped"),
            }
            return Ok(None);
        }
        if !path.is_file() {
            // A pipe has no end.
            let why = if path.exists() { "it is no file" } else { "the link leads nowhere" };
            eprintln!("note: {} was skipped: {why}", path.display());
            return Ok(None);
        }
        if self.together.contains(&path) {
            return Ok(None);
        }
        if self.sample.is_some() {
            let files = self.files_of(&path)?;
            if !self.is_chosen(files.entry()) {
                return Ok(None);
            }
        }
        match LoadedFile::read(&path, input::PROFILE_OCTETS_MAX) {
            Ok(file) if file.is_a_profile() && !file.is_a_picture_without_a_code() => {
                let files = self.files_of(&path)?;
                self.together.extend(files.paths.iter().skip(1).map(|(path, _)| path.clone()));
                Ok(Some(Found::Profile(Box::new(files.load(Some(file))?))))
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
                Step::Profile(files) if self.is_chosen(files.entry()) => files.found(),
                Step::Profile(_) => Ok(None),
                Step::Listed(mut profiles) => match profiles.next() {
                    None => Ok(None),
                    Some(profile) => {
                        let generated = Rc::clone(&profiles.generated);
                        self.steps.push_front(Step::Listed(profiles));
                        profile.and_then(|profile| match self.is_chosen(profile.first()) {
                            true => Files::of(&generated, profile).found(),
                            false => Ok(None),
                        })
                    }
                },
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
    /// What entries of a manifest, at least one, say.
    fn of(generated: &Rc<Generated>, profile: Vec<Entry>) -> Self {
        let paths = profile.iter().map(|entry| generated.file(entry)).collect();
        Self { paths, generated: profile.into_iter().next().map(|first| (Rc::clone(generated), first)) }
    }

    /// What the manifest says of the first.
    fn entry(&self) -> Option<&Entry> {
        self.generated.as_ref().map(|(_, entry)| entry)
    }

    fn found(self) -> Result<Option<Found>, Failure> {
        Ok(Some(Found::Profile(Box::new(self.load(None)?))))
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
            let beside = neighbours(profile.path());
            profile.add(beside);
        }
        Ok(profile)
    }
}

/// The other files of a folder, for a profile that somebody else made and that leads to them: as far as they can be such.
fn neighbours(path: &Path) -> Vec<LoadedFile> {
    let Some(folder) = path.parent().map(or_here) else { return Vec::new() };
    // Without them, the profile is read alone.
    let Ok(entries) = entries(folder) else { return Vec::new() };
    let others = entries.into_iter().filter(|other| other.is_file() && other.file_name() != path.file_name());
    let read = |other: PathBuf| LoadedFile::read(&other, input::PROFILE_OCTETS_MAX).ok();
    others.take(NEIGHBOURS_MAX).filter_map(read).collect()
}

pub(crate) fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut entries = list().with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

fn named(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
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
