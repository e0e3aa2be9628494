//! Writing to the output folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_generate::{Written, write_whole};

/// The folder that `generate` writes into.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Takes the folder; it is created with its first file.
    pub(crate) fn new(root: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(!root.is_file(), "{} is a file, not a folder", root.display());
        Ok(Self { root: root.to_owned() })
    }

    /// The bytes of a file in the folder; `None` if it is not there.
    pub(crate) fn bytes(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.root.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes one file: into a temporary file beside it, then renamed.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> anyhow::Result<Written> {
        let path = self.root.join(path);
        write_whole(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes one file; one that is already gone is no error.
    pub(crate) fn remove(&self, path: &str) -> anyhow::Result<()> {
        let path = self.root.join(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
