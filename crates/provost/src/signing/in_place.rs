//! Profiles that are signed, or whose signature is taken off, where they lie; and the manifests that list them. Each file
//! is replaced completely or not at all. It decides for none whether it is to be signed.

use std::collections::btree_map::Entry as BTreeEntry;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{Certificate, Service};
use provost_settings::read_service;
use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::road::generated::{Generated, Rows};
use crate::{complaints, input};
use provost_generate::manifest::{self, Entry, Signature};
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};
use provost_generate::{sha256, write_whole};

/// The folders that `generate` wrote and in which files are replaced, by their full paths.
#[derive(Debug, Default)]
pub(crate) struct Manifests(BTreeMap<PathBuf, Folder>);

#[derive(Debug)]
struct Folder {
    entries: Vec<Entry>,
    /// The places of the entries by their paths.
    places: HashMap<String, usize>,
}

/// A profile.
#[derive(Debug)]
pub(crate) struct Target {
    /// As it is called in messages.
    pub(crate) path: PathBuf,
    /// Where it really lies.
    pub(crate) full: PathBuf,
    /// The folder of its manifest, and the place in it.
    row: Option<(PathBuf, usize)>,
}

impl Manifests {
    /// The file, and the row of the manifest that lists it, in one of the folders above.
    pub(crate) fn target(&mut self, path: &Path) -> Result<Target, Failure> {
        let full = fs::canonicalize(path).with_context(|| format!("cannot open {}", path.display()))?;
        for folder in full.ancestors().skip(1).take(LEVELS_MAX) {
            if !Generated::is(folder) {
                continue;
            }
            let below = full.strip_prefix(folder).expect("a folder is the beginning of what lies in it");
            let Some(parts) = below.iter().map(OsStr::to_str).collect::<Option<Vec<&str>>>() else { continue };
            if let Some(&at) = self.folder(folder)?.places.get(&parts.join("/")) {
                return Ok(Target { path: path.to_owned(), row: Some((folder.to_owned(), at)), full });
            }
        }
        Ok(Target { path: path.to_owned(), full, row: None })
    }

    /// Every file that the manifest of a folder lists.
    pub(crate) fn listed(&mut self, folder: &Path) -> Result<Vec<Target>, Failure> {
        let full = fs::canonicalize(folder).with_context(|| format!("cannot open {}", folder.display()))?;
        let entries = self.folder(&full)?.entries.iter().enumerate();
        Ok(entries
            .map(|(at, entry)| Target {
                path: folder.join(&entry.path),
                full: full.join(&entry.path),
                row: Some((full.clone(), at)),
            })
            .collect())
    }

    /// What a manifest says of the file.
    pub(crate) fn entry(&self, target: &Target) -> Option<&Entry> {
        let (folder, at) = target.row.as_ref()?;
        Some(&self.0[folder].entries[*at])
    }

    /// The file's bytes. One that was changed after its manifest was written is a failure, or its row would call the change
    /// ours.
    pub(crate) fn bytes(&self, target: &Target) -> Result<Vec<u8>, Failure> {
        let bytes = input::read(&target.path, input::PROFILE_OCTETS_MAX)?;
        match self.entry(target).is_none_or(|entry| entry.sha256 == sha256(&bytes)) {
            true => Ok(bytes),
            false => Err(Failure::hinted(
                anyhow::anyhow!("{} was changed after its manifest was written", target.path.display()),
                "write it again with `provost generate --force`, or move it out of the folder",
            )),
        }
    }

    /// Replaces the file; its row follows, and is saved by [`Self::save`].
    pub(crate) fn replace(
        &mut self,
        target: &Target,
        bytes: &[u8],
        signature: Option<Signature>,
    ) -> Result<(), Failure> {
        replace(&target.path, bytes).with_context(|| format!("cannot write {}", target.path.display()))?;
        if let Some((folder, at)) = &target.row {
            let entry = &mut self.0.get_mut(folder).expect("a row is of a folder that was read").entries[*at];
            entry.sha256 = sha256(bytes);
            entry.octets = Some(bytes.len() as u64);
            entry.input = None;
            entry.signature = signature;
        }
        Ok(())
    }

    /// Writes the manifests.
    pub(crate) fn save(&self) -> Result<(), Failure> {
        for (folder, Folder { entries, .. }) in &self.0 {
            let path = folder.join(MANIFEST_FILE);
            write_whole(&path, &manifest::write(entries))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// The authorities that the services of the folders name.
    pub(crate) fn trust(&self) -> Result<Vec<Certificate>, Failure> {
        let mut trust = Vec::new();
        for folder in self.0.keys() {
            trust.extend(service(folder)?.map(|service| service.trust).into_iter().flatten());
        }
        Ok(trust)
    }

    fn folder(&mut self, folder: &Path) -> Result<&Folder, Failure> {
        Ok(match self.0.entry(folder.to_owned()) {
            BTreeEntry::Occupied(known) => known.into_mut(),
            BTreeEntry::Vacant(unknown) => {
                let entries: Vec<Entry> = Rows::of(folder)?.map(|row| Ok(row?.1)).collect::<Result<_, Failure>>()?;
                let places = entries.iter().enumerate().map(|(at, entry)| (entry.path.clone(), at)).collect();
                unknown.insert(Folder { entries, places })
            }
        })
    }
}

/// The service that the folder's profiles were made for.
fn service(folder: &Path) -> Result<Option<Service>, Failure> {
    let path = folder.join(SERVICE_FILE);
    if !path.is_file() {
        return Ok(None);
    }
    let read = read_service(&input::read(&path, input::PROFILE_OCTETS_MAX)?);
    complaints::print(&path, &read.findings);
    Ok(Some(read.value.with_context(|| format!("{} is not a resolved service", path.display()))?))
}

/// Into a temporary file beside it, with the same mode, then renamed. A link stays one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let mut file = NamedTempFile::new_in(path.parent().expect("a file lies in a folder"))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.persist(&path)?;
    Ok(())
}

/// How far above a file its manifest is looked for: `apple-ddm/manual/ADDRESS/mail.mobileconfig` is three below it.
const LEVELS_MAX: usize = 8;
