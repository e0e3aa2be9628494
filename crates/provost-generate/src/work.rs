//! The folder in which a run keeps what is not finished, beside or in what it writes. It is the run's alone as long as
//! the run lives, and what a killed run left in it is found by the next one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A run's own folder.
#[derive(Debug)]
pub(crate) struct Work {
    path: PathBuf,
    /// Held until the run ends, however it ends.
    _lock: File,
}

/// Why there is no such folder.
#[derive(Debug)]
pub(crate) enum NoWork {
    /// Another run has it.
    Taken,
    Io(io::Error),
}

impl From<io::Error> for NoWork {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Work {
    /// Takes the folder, which is made if it is not there.
    pub(crate) fn take(path: PathBuf) -> Result<Self, NoWork> {
        fs::create_dir_all(&path)?;
        let lock = lockable(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(NoWork::Taken),
            Err(TryLockError::Error(error)) => Err(NoWork::Io(error)),
        }
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Removes it with all that is in it.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.path)
    }
}

impl Drop for Work {
    /// Removes it, unless something is in it: that is the next run's.
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.path);
    }
}

/// What the lock is on: the folder itself.
#[cfg(unix)]
fn lockable(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Where a folder cannot be opened as a file, a file in it.
#[cfg(not(unix))]
fn lockable(folder: &Path) -> io::Result<File> {
    File::create(folder.join("lock"))
}
