//! Writing to the output folder: each file appears completely or not at all, and an unchanged file is not touched.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// The folder that `generate` writes into.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// What writing a file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    New,
    Changed,
    Unchanged,
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
        let written = match fs::read(&path) {
            Ok(present) if present == bytes => {
                make_private(&path).with_context(|| format!("cannot change the mode of {}", path.display()))?;
                return Ok(Written::Unchanged);
            }
            Ok(_) => Written::Changed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Written::New,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let parent = path.parent().expect("a joined path has a parent");
        let save = || -> io::Result<()> {
            fs::create_dir_all(parent)?;
            let mut file = NamedTempFile::new_in(parent)?;
            file.write_all(bytes)?;
            file.persist(&path)?;
            Ok(())
        };
        save().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(written)
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

/// Makes a file readable by its owner alone, as a new one is: msmtp, mpop and fetchmail refuse to read others.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, fs::Permissions::from_mode(0o600)),
    }
}

/// Where there are no modes, the folder's rights hold for its files.
#[cfg(not(unix))]
fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// SHA-256, hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
