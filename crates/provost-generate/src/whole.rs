//! Writing one file: it appears completely or not at all, and one that is the same is not touched.

use std::fs::{self, File, Metadata};
use std::io::{self, BufRead as _, BufReader, Write};
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
            make_private(path, &fs::metadata(path)?)?;
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
pub(crate) fn make_private(path: &Path, metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match metadata.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, fs::Permissions::from_mode(0o600)),
    }
}

/// Where there are no modes, the folder's rights hold for its files.
#[cfg(not(unix))]
pub(crate) fn make_private(_path: &Path, _metadata: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Whether two files have the same bytes; one that is not there is like no other.
pub(crate) fn are_the_same(one: &Path, other: &Path) -> io::Result<bool> {
    let mut files = Vec::new();
    for path in [one, other] {
        match File::open(path) {
            Ok(file) => files.push((file.metadata()?.len(), BufReader::with_capacity(BUFFER, file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    let [(octets, one), (others, other)] = &mut files[..] else { return Ok(false) };
    if octets != others {
        return Ok(false);
    }
    loop {
        let (a, b) = (one.fill_buf()?, other.fill_buf()?);
        let both = a.len().min(b.len());
        if both == 0 || a[..both] != b[..both] {
            return Ok(a.is_empty() && b.is_empty());
        }
        one.consume(both);
        other.consume(both);
    }
}

const BUFFER: usize = 64 << 10;
