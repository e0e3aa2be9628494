//! Profiles to look at: files that were named, and the files of folders that `generate` wrote, each with the files that
//! belong to it. Reading them is the devices' business.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::Finding;
use provost_device::{Format, Person, Reading, SourceFile};

use crate::dist::folder::sha256;
use crate::dist::manifest::{self, Row};
use crate::dist::{MANIFEST_FILE, SERVICE_FILE};
use crate::failure::Failure;
use crate::input;

/// A profile: one file, or several that belong together; and what the manifest beside it says of it.
#[derive(Debug)]
pub(crate) struct ProfileFiles {
    /// Where each is, as the person named it or its folder, and where it goes on the device, if that is known.
    paths: Vec<(PathBuf, Option<String>)>,
    /// The folder that `generate` wrote it into, if it lies in one.
    pub(crate) folder: Option<PathBuf>,
    /// The first file's line in that folder's manifest.
    pub(crate) row: Option<Row>,
}

/// The contents of a profile's files.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The format, if it is one that is known here.
    pub(crate) format: Option<&'static Format>,
    /// The file that the device opens first comes first.
    files: Vec<LoadedFile>,
}

#[derive(Debug)]
struct LoadedFile {
    path: PathBuf,
    on_device: String,
    bytes: Vec<u8>,
}

/// What lies in a folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Its profiles.
    pub(crate) profiles: Vec<ProfileFiles>,
    /// Its other files, by their names.
    pub(crate) others: Vec<PathBuf>,
    /// The files of those profiles that have several.
    together: BTreeSet<PathBuf>,
}

/// Every profile behind the paths, in the order of the paths and, within a folder, of their names.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<ProfileFiles>, Failure> {
    let mut profiles = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        match kind.is_dir() {
            true => profiles.extend(within(path)?.profiles),
            false => profiles.push(with_manifest(path)?),
        }
    }
    match profiles.is_empty() {
        false => Ok(profiles),
        true => Err(Failure::hinted(
            anyhow::anyhow!(
                "no profile in {}",
                paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
            ),
            "name a profile, or a folder that `provost generate` wrote",
        )),
    }
}

/// Everything in a folder.
pub(crate) fn within(folder: &Path) -> Result<Found, Failure> {
    let mut found = Found::default();
    match folder.join(MANIFEST_FILE).is_file() {
        true => found.generated(folder, manifest_of(folder)?)?,
        false => found.walk(entries(folder)?)?,
    }
    Ok(found)
}

/// The manifest of a folder.
pub(crate) fn manifest_of(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let path = folder.join(MANIFEST_FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    manifest::read(&text).with_context(|| format!("{} is no manifest", path.display()))
}

impl ProfileFiles {
    /// The first file that was named.
    pub(crate) fn path(&self) -> &Path {
        &self.paths.first().expect("a profile has a file").0
    }

    /// Reads the files, the one that the device opens first before the others.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let mut files = Vec::new();
        for (path, install) in &self.paths {
            files.push(LoadedFile::read(path, install.as_deref())?);
        }
        let leads = files.iter().position(|file| provost_device::leads(&file.as_source()));
        files.swap(0, leads.unwrap_or(0));
        let format = provost_device::recognize(&files[0].as_source());
        if self.folder.is_none() && format.is_some_and(Format::leads_to_others) {
            files.extend(neighbours(&files[0].path)?);
        }
        Ok(Loaded { format, files })
    }
}

impl Loaded {
    /// The file that the device opens first.
    pub(crate) fn path(&self) -> &Path {
        &self.files[0].path
    }

    /// Every file.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.display().to_string()).collect()
    }

    /// The line of the manifest, if the file that it is about is octet by octet what was written then.
    pub(crate) fn as_written<'a>(&self, row: Option<&'a Row>) -> Option<&'a Row> {
        row.filter(|row| self.files.iter().any(|file| sha256(&file.bytes) == row.sha256))
    }

    /// Whether both consist of the same octets.
    pub(crate) fn is_the_same_as(&self, other: &Self) -> bool {
        self.files.iter().map(|file| &file.bytes).eq(other.files.iter().map(|file| &file.bytes))
    }

    /// What the device makes of them.
    ///
    /// # Errors
    ///
    /// Why it refuses them.
    pub(crate) fn read(&self, format: &Format, person: &Person) -> Result<Reading, Vec<Finding>> {
        let files: Vec<SourceFile<'_>> = self.files.iter().map(LoadedFile::as_source).collect();
        format.read(&files, person)
    }
}

impl LoadedFile {
    fn read(path: &Path, install: Option<&str>) -> Result<Self, Failure> {
        let bytes = input::read(path, input::PROFILE_OCTETS_MAX)?;
        let on_device = install.map_or_else(|| path.to_string_lossy().replace('\\', "/"), str::to_owned);
        Ok(Self { path: path.to_owned(), on_device, bytes })
    }

    fn as_source(&self) -> SourceFile<'_> {
        SourceFile { path: &self.on_device, bytes: &self.bytes }
    }
}

/// The profiles that a manifest lists. Files of one person that belong together are one.
fn in_folder(folder: &Path, rows: Vec<Row>) -> Vec<ProfileFiles> {
    let mut profiles: Vec<ProfileFiles> = Vec::new();
    let mut together: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let path = (folder.join(&row.path), row.install.clone());
        let known = row.is_one_of_several().then(|| together.get(&row.whose()).copied()).flatten();
        match known.and_then(|at| profiles.get_mut(at)) {
            Some(profile) => profile.paths.push(path),
            None => {
                together.insert(row.whose(), profiles.len());
                profiles.push(ProfileFiles { paths: vec![path], folder: Some(folder.to_owned()), row: Some(row) });
            }
        }
    }
    profiles
}

impl Found {
    /// A folder that `generate` wrote: the profiles that its manifest lists, and what somebody put beside them.
    fn generated(&mut self, folder: &Path, rows: Vec<Row>) -> Result<(), Failure> {
        let listed: BTreeSet<PathBuf> = rows.iter().map(|row| folder.join(&row.path)).collect();
        self.profiles.extend(in_folder(folder, rows));
        let own = [MANIFEST_FILE, SERVICE_FILE];
        let is_own = |path: &PathBuf| path.file_name().is_some_and(|name| own.iter().any(|own| name == *own));
        let beside = entries(folder)?.into_iter().filter(|path| path.is_file() && !is_own(path));
        self.others.extend(beside.filter(|path| !listed.contains(path)));
        Ok(())
    }

    /// A folder without a manifest: its files that some device knows, and the others. What cannot be looked at is named and
    /// passed over: nobody has asked for it by its name.
    fn walk(&mut self, entries: Vec<PathBuf>) -> Result<(), Failure> {
        for path in entries {
            // A link to a folder may lead back here, and a pipe has no end.
            if fs::symlink_metadata(&path).is_ok_and(|kind| kind.is_dir()) {
                self.below(&path)?;
                continue;
            }
            if !path.is_file() || self.together.contains(&path) {
                continue;
            }
            match LoadedFile::read(&path, None) {
                Ok(file) if provost_device::recognize(&file.as_source()).is_some() => {
                    let profile = with_manifest(&path)?;
                    self.together.extend(profile.paths.iter().skip(1).map(|(path, _)| path.clone()));
                    self.profiles.push(profile);
                }
                Ok(_) => self.others.push(path),
                Err(_) if input::is_a_lists_name(&path) => self.others.push(path),
                Err(_) => {
                    eprintln!("note: {} cannot be read, or is too large for a profile: passed over", path.display())
                }
            }
        }
        Ok(())
    }

    /// A folder in a folder.
    fn below(&mut self, folder: &Path) -> Result<(), Failure> {
        if folder.join(MANIFEST_FILE).is_file()
            && let Ok(rows) = manifest_of(folder)
        {
            return self.generated(folder, rows);
        }
        match entries(folder) {
            Ok(entries) => self.walk(entries),
            Err(error) => {
                eprintln!("note: {error:#}: it is passed over");
                Ok(())
            }
        }
    }
}

/// The other files of a folder, for a profile that somebody else made and that leads to them: as far as they can be such.
fn neighbours(path: &Path) -> anyhow::Result<Vec<LoadedFile>> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Ok(Vec::new()),
    };
    let others = entries(folder)?.into_iter().filter(|other| other.is_file() && other.file_name() != path.file_name());
    Ok(others.take(NEIGHBOURS_MAX).filter_map(|other| LoadedFile::read(&other, None).ok()).collect())
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut entries = list().with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// A single file: `generate` may have written it, some folders below its manifest, and others that belong to it.
fn with_manifest(path: &Path) -> anyhow::Result<ProfileFiles> {
    let full = fs::canonicalize(path).with_context(|| format!("cannot open {}", path.display()))?;
    for (level, folder) in full.ancestors().enumerate().skip(1).take(LEVELS_MAX) {
        if !folder.join(MANIFEST_FILE).is_file() {
            continue;
        }
        let rows = manifest_of(folder)?;
        let Some(row) = rows.iter().find(|row| folder.join(&row.path) == full).cloned() else { continue };
        let given = as_given(path, level, folder);
        let others = rows.iter().filter(|other| row.is_one_of_several() && other.whose() == row.whose());
        let others = others.filter(|other| other.path != row.path);
        let mut paths = vec![(path.to_owned(), row.install.clone())];
        paths.extend(others.map(|other| (given.join(&other.path), other.install.clone())));
        return Ok(ProfileFiles { paths, folder: Some(given), row: Some(row) });
    }
    Ok(ProfileFiles { paths: vec![(path.to_owned(), None)], folder: None, row: None })
}

/// The folder in the words in which the file was given, if they lead there.
fn as_given(path: &Path, level: usize, folder: &Path) -> PathBuf {
    let given =
        path.ancestors().nth(level).map(|given| if given.as_os_str().is_empty() { Path::new(".") } else { given });
    match given {
        Some(given) if fs::canonicalize(given).is_ok_and(|full| full == folder) => given.to_owned(),
        Some(_) | None => folder.to_owned(),
    }
}

/// The failure for a file that is no profile of a known format.
pub(crate) fn unknown_format(file: &Path) -> Failure {
    let names: Vec<&str> = provost_device::formats().iter().map(|format| format.name).collect();
    Failure::hinted(
        anyhow::anyhow!("{} is in no format that is known here", file.display()),
        format_args!(
            "the known formats are {}; settings end in .yaml, user lists in .csv, .json or .jsonl",
            names.join(", ")
        ),
    )
}

/// `FORMAT/VARIANT/ADDRESS/.config/PROGRAM/FOLDER/FILE` is as deep as any file lies.
const LEVELS_MAX: usize = 8;
/// More than any program has beside its settings.
const NEIGHBOURS_MAX: usize = 256;
