//! Writing one file: it appears completely or not at all, and one that is the same is not touched.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// What writing a file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Written {
    New,
    Changed,
    Unchanged,
}

/// Writes a file: into a temporary file beside it, then renamed. Folders above it are made.
///
/// # Errors
///
/// What the file system says.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<Written> {
    let written = match fs::read(path) {
        Ok(present) if present == bytes => {
            make_private(path)?;
            return Ok(Written::Unchanged);
        }
        Ok(_) => Written::Changed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Written::New,
        Err(error) => return Err(error),
    };
    let parent = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(parent)?;
    let mut file = NamedTempFile::new_in(parent)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(written)
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
