//! The profiles to prove: files that were named, and the files of folders that `generate` wrote. Reading them is the
//! devices' business.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::dist::MANIFEST_FILE;
use crate::dist::manifest::{self, Row};
use crate::failure::Failure;

/// A profile, and what the manifest beside it says of it.
#[derive(Debug)]
pub(crate) struct ProfileFile {
    /// Where it is, as the person named it or its folder.
    pub(crate) path: PathBuf,
    /// The folder that `generate` wrote it into, if it lies in one.
    pub(crate) folder: Option<PathBuf>,
    /// Its line in that folder's manifest.
    pub(crate) row: Option<Row>,
}

/// Every profile behind the paths, in the order of the paths and, within a folder, of their names.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<ProfileFile>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        match (kind.is_dir(), kind.is_dir() && path.join(MANIFEST_FILE).is_file()) {
            (_, true) => files.extend(manifest_of(path)?.into_iter().map(|row| ProfileFile {
                path: path.join(&row.path),
                folder: Some(path.clone()),
                row: Some(row),
            })),
            (true, false) => walk(path, &mut files)?,
            (false, _) => files.push(with_manifest(path)?),
        }
    }
    match files.is_empty() {
        false => Ok(files),
        true => Err(Failure::hinted(
            anyhow::anyhow!(
                "no profile in {}",
                paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
            ),
            "name a profile, or a folder that `provost generate` wrote",
        )),
    }
}

/// The manifest of a folder.
pub(crate) fn manifest_of(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let path = folder.join(MANIFEST_FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    manifest::read(&text).with_context(|| format!("{} is no manifest", path.display()))
}

/// A folder without a manifest: its files that some device knows.
fn walk(folder: &Path, files: &mut Vec<ProfileFile>) -> anyhow::Result<()> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut entries = list().with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files)?;
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if provost_device::recognize(&bytes).is_some() {
            files.push(with_manifest(&path)?);
        }
    }
    Ok(())
}

/// A single file: `generate` may have written it, at most two folders below its manifest.
fn with_manifest(path: &Path) -> anyhow::Result<ProfileFile> {
    let full = fs::canonicalize(path).with_context(|| format!("cannot open {}", path.display()))?;
    for (level, folder) in full.ancestors().enumerate().skip(1).take(3) {
        if !folder.join(MANIFEST_FILE).is_file() {
            continue;
        }
        let row = manifest_of(folder)?.into_iter().find(|row| folder.join(&row.path) == full);
        if row.is_some() {
            return Ok(ProfileFile { path: path.to_owned(), folder: Some(as_given(path, level, folder)), row });
        }
    }
    Ok(ProfileFile { path: path.to_owned(), folder: None, row: None })
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
