//! A folder of files. Each appears completely or not at all, and a file that is ours stands in the manifest or in what a
//! run had written down before it wrote it, so that a run that was killed leaves nothing that is nobody's.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::RunError;
use crate::ledger::{Known, Source, SourceKind};
use crate::manifest::Entry;
use crate::work::Work;
use crate::{MANIFEST_FILE, SERVICE_FILE, sha256, whole};

/// A folder that is being written, by any thread.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    work: Work,
    /// How many runs there were that were killed, and this one.
    number: u32,
    /// The rows of files that are about to be written.
    intended: Mutex<File>,
}

/// The rows of the files that were written, in the order of the list.
#[derive(Debug)]
pub(crate) struct RowsFile {
    path: PathBuf,
    file: BufWriter<File>,
}

/// What earlier runs wrote down about a folder, the oldest first.
pub(crate) fn sources(root: &Path) -> Vec<Source> {
    let mut sources = vec![Source { path: root.join(MANIFEST_FILE), kind: SourceKind::Whole }];
    let work = root.join(WORK);
    for number in 1..=runs(&work).last().copied().unwrap_or(0) {
        sources.push(Source { path: work.join(format!("{number}{INTENDED}")), kind: SourceKind::Intended });
        sources.push(Source { path: work.join(format!("{number}{ROWS}")), kind: SourceKind::Killed });
    }
    sources
}

/// The numbers of the runs that were killed.
fn runs(work: &Path) -> BTreeSet<u32> {
    let names = fs::read_dir(work).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_suffix(INTENDED)?.parse().ok()).collect()
}

impl Folder {
    /// Begins to write into a folder.
    pub(crate) fn begin(root: &Path, work: Work) -> Result<(Self, RowsFile), RunError> {
        let temporary = work.file(TEMPORARY);
        match fs::remove_dir_all(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(RunError::io("empty", &temporary)(error));
            }
            Ok(()) | Err(_) => {}
        }
        fs::create_dir_all(&temporary).map_err(RunError::io("make", &temporary))?;
        let number = runs(&root.join(WORK)).last().map_or(1, |last| last + 1);
        let create = |name: &str| {
            let path = work.file(&format!("{number}{name}"));
            private().create(true).truncate(true).open(&path).map_err(RunError::io("write", &path))
        };
        let intended = Mutex::new(create(INTENDED)?);
        let file = BufWriter::new(create(ROWS)?);
        let path = work.file(&format!("{number}{ROWS}"));
        Ok((Self { root: root.to_owned(), work, number, intended }, RowsFile { path, file }))
    }

    /// Collects the files of a batch.
    pub(crate) fn batch(&self, number: u64) -> Batch<'_> {
        Batch { folder: self, number, files: Vec::new(), intended: Vec::new() }
    }

    /// Removes a file, and the folders that are empty then; one that is already gone is no error.
    pub(crate) fn remove(&self, path: &str) -> Result<(), RunError> {
        let full = self.root.join(path);
        match fs::remove_file(&full) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(RunError::io("remove", &full)(error)),
            Ok(()) | Err(_) => {}
        }
        for (at, _) in path.rmatch_indices('/') {
            // One that is not empty stays, and so do those above it.
            if fs::remove_dir(self.root.join(&path[..at])).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Writes the service, and makes the rows the manifest.
    pub(crate) fn finish(self, mut rows: RowsFile, service: &[u8]) -> Result<(), RunError> {
        rows.file.flush().map_err(RunError::io("write", &rows.path))?;
        let path = self.root.join(SERVICE_FILE);
        whole::write_whole(&path, service).map_err(RunError::io("write", &path))?;
        // From here on these rows are all that counts, whenever this run is killed.
        let work = self.root.join(WORK);
        for number in runs(&work) {
            for name in [INTENDED, ROWS] {
                let path = self.work.file(&format!("{number}{name}"));
                if number != self.number && path.exists() {
                    fs::remove_file(&path).map_err(RunError::io("remove", &path))?;
                }
            }
        }
        let manifest = self.root.join(MANIFEST_FILE);
        if !whole::are_the_same(&rows.path, &manifest).map_err(RunError::io("read", &manifest))? {
            fs::rename(&rows.path, &manifest).map_err(RunError::io("write", &manifest))?;
        }
        self.work.remove().map_err(RunError::io("remove", &work))
    }
}

impl RowsFile {
    /// Writes the rows of files that are there.
    pub(crate) fn append(&mut self, rows: &[u8]) -> Result<(), RunError> {
        self.file.write_all(rows).map_err(RunError::io("write", &self.path))
    }
}

/// The files of a batch, written but not yet in their places.
pub(crate) struct Batch<'a> {
    folder: &'a Folder,
    number: u64,
    files: Vec<String>,
    intended: Vec<u8>,
}

impl Batch<'_> {
    /// Writes a file; `row` is its row of the manifest.
    pub(crate) fn put(&mut self, path: &str, bytes: &[u8], row: &[u8]) -> Result<(), RunError> {
        let temporary = self.temporary(self.files.len());
        let write = || private().create_new(true).open(&temporary)?.write_all(bytes);
        write().map_err(RunError::io("write", &self.folder.root.join(path)))?;
        self.files.push(path.to_owned());
        self.intended.extend_from_slice(row);
        Ok(())
    }

    /// Puts the files in their places.
    pub(crate) fn finish(self) -> Result<(), RunError> {
        if !self.intended.is_empty() {
            let mut intended = self.folder.intended.lock().unwrap_or_else(PoisonError::into_inner);
            intended.write_all(&self.intended).map_err(RunError::io("write to", &self.folder.root))?;
        }
        for (at, path) in self.files.iter().enumerate() {
            let (from, to) = (self.temporary(at), self.folder.root.join(path));
            let moved = match fs::rename(&from, &to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let parent = to.parent().unwrap_or(Path::new(""));
                    fs::create_dir_all(parent).and_then(|()| fs::rename(&from, &to))
                }
                moved => moved,
            };
            moved.map_err(RunError::io("write", &to))?;
        }
        Ok(())
    }

    fn temporary(&self, at: usize) -> PathBuf {
        self.folder.work.file(&format!("{TEMPORARY}/{}-{at}", self.number))
    }
}

/// What lies in a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present<'a> {
    pub(crate) root: &'a Path,
}

impl Present<'_> {
    /// A file's bytes; `None` if it is not there.
    pub(crate) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, RunError> {
        let path = self.root.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RunError::io("read", &path)(error)),
        }
    }

    /// Whether a file of that length is there; one that is becomes its owner's alone.
    pub(crate) fn has(&self, path: &str, octets: Option<u64>) -> Result<bool, RunError> {
        let path = self.root.join(path);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() && Some(metadata.len()) == octets => {
                whole::make_private(&path, &metadata).map_err(RunError::io("change the mode of", &path))?;
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(RunError::io("read", &path)(error)),
        }
    }

    /// Whether a file is not as its row says.
    pub(crate) fn is_edited(&self, entry: &Entry) -> Result<bool, RunError> {
        Ok(self.bytes(&entry.path)?.is_some_and(|bytes| sha256(&bytes) != entry.sha256))
    }

    /// The row of a file as it is, if a run that was killed may have written it or not; `None` if it is not there.
    pub(crate) fn certain(&self, row: Known) -> Result<Option<Entry>, RunError> {
        let Known { entry, is_certain } = row;
        if is_certain {
            return Ok(Some(entry));
        }
        let bytes = self.bytes(&entry.path)?;
        Ok(bytes.map(|bytes| Entry { sha256: sha256(&bytes), octets: Some(bytes.len() as u64), input: None, ..entry }))
    }

    /// Makes a file readable by its owner alone, if it is not.
    pub(crate) fn make_private(&self, path: &str) -> Result<(), RunError> {
        let path = self.root.join(path);
        let make = || whole::make_private(&path, &fs::metadata(&path)?);
        make().map_err(RunError::io("change the mode of", &path))
    }
}

/// Files that their owner alone may read: msmtp, mpop and fetchmail refuse to read others.
pub(crate) fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The run's own folder in the folder.
pub(crate) const WORK: &str = ".provost";
const TEMPORARY: &str = "temporary";
const INTENDED: &str = ".intended";
const ROWS: &str = ".rows";
