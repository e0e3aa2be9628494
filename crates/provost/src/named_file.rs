//! A file that is written where the user says: whole or not at all where that is a regular file, straight into what is
//! none, such as a device or a pipe. A symbolic link stays one: its target is written. It knows nothing about mail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tempfile::NamedTempFile;

/// Who may read a new file. One that is there keeps its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone.
    Owner,
    /// Whoever may read any new file.
    Others,
}

/// A file that is being written.
pub(crate) struct Draft {
    /// The end of the symbolic links.
    path: PathBuf,
    to: To,
}

enum To {
    /// Beside its place, where it is put in the end.
    Place(NamedTempFile),
    /// What is no regular file and stays there.
    Itself(File),
}

impl Draft {
    /// Begins a file. One that is there stays until this one is complete.
    pub(crate) fn begin(path: &Path, readers: Readers) -> anyhow::Result<Self> {
        ensure!(!path.is_dir(), "{} is not a file", path.display());
        Self::of(path, readers).with_context(|| format!("cannot write {}", path.display()))
    }

    fn of(path: &Path, readers: Readers) -> io::Result<Self> {
        let there = match fs::metadata(path) {
            Ok(there) if there.is_file() => Some(there),
            Ok(_) => {
                let to = To::Itself(OpenOptions::new().write(true).open(path)?);
                return Ok(Self { path: path.to_owned(), to });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let path = end_of_links(path)?;
        let file = temporary(folder(&path), readers)?;
        if let Some(there) = there {
            fs::set_permissions(file.path(), there.permissions())?;
        }
        Ok(Self { path, to: To::Place(file) })
    }

    /// A temporary file in the same folder, which goes when it is closed.
    pub(crate) fn beside(&self) -> anyhow::Result<BufWriter<File>> {
        let file = match &self.to {
            To::Place(_) => tempfile::tempfile_in(folder(&self.path)),
            To::Itself(_) => tempfile::tempfile(),
        };
        Ok(BufWriter::new(file.with_context(|| format!("cannot write beside {}", self.path.display()))?))
    }

    /// Writes the file and puts it in its place.
    pub(crate) fn finish(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        let Self { path, to } = self;
        let written = || match to {
            To::Place(file) => {
                buffered(file, write)?.persist(&path)?;
                Ok::<(), io::Error>(())
            }
            To::Itself(file) => buffered(file, write).map(drop),
        };
        written().with_context(|| format!("cannot write {}", path.display()))
    }
}

fn buffered<W: Write>(to: W, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<W> {
    let mut to = BufWriter::new(to);
    write(&mut to)?;
    to.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Writes a file in one go.
pub(crate) fn write(path: &Path, readers: Readers, bytes: &[u8]) -> anyhow::Result<()> {
    Draft::begin(path, readers)?.finish(|to| to.write_all(bytes))
}

/// Writes a file where none is. Folders above it are made.
pub(crate) fn write_new(path: &Path, readers: Readers, bytes: &[u8]) -> anyhow::Result<()> {
    fs::create_dir_all(folder(path)).with_context(|| format!("cannot write {}", path.display()))?;
    write(path, readers, bytes)
}

/// Whether something has this name already: a file, a device, or a link, even one that leads nowhere.
pub(crate) fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Where symbolic links lead, whether anything is there or not.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            // It is no link, or it is not there; what else is wrong, writing shows.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn temporary(folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    match readers {
        Readers::Owner => {}
        Readers::Others => {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
    }
    #[cfg(not(unix))]
    let _ = readers;
    builder.tempfile_in(folder)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// As Linux has it (path_resolution(7)).
const LINKS_MAX: usize = 40;

#[cfg(all(test, unix))]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    #[test]
    fn a_link_stays_a_link_and_its_target_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("elsewhere")).expect("a folder");
        fs::write(at("elsewhere/there"), "old").expect("a file");
        fs::set_permissions(at("elsewhere/there"), Permissions::from_mode(0o640)).expect("a mode");
        symlink("elsewhere/there", at("link")).expect("a link");
        symlink("elsewhere/missing", at("dangling")).expect("a link");
        symlink("dangling", at("second")).expect("a link");
        symlink("circle", at("circle")).expect("a link");
        write(&at("link"), Readers::Others, b"new").expect("it is written");
        write(&at("second"), Readers::Owner, b"new").expect("it is written");
        write(&at("circle"), Readers::Others, b"new").expect_err("it leads nowhere");
        for (link, target) in [("link", "elsewhere/there"), ("second", "elsewhere/missing")] {
            assert!(fs::symlink_metadata(at(link)).expect("a link").is_symlink(), "{link}");
            assert_eq!(fs::read(at(target)).expect("a file"), b"new", "{target}");
        }
        assert_eq!((mode(&at("elsewhere/there")), mode(&at("elsewhere/missing"))), (0o640, 0o600));
        assert!(is_taken(&at("circle")) && !is_taken(&at("free")));
    }

    /// A socket and a pipe stand for a device, which a mistake here would really replace.
    #[test]
    fn what_is_no_regular_file_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        // A socket cannot be opened (open(2): ENXIO).
        write(&socket, Readers::Others, b"new").expect_err("nobody takes it");
        write(folder.path(), Readers::Others, b"new").expect_err("a folder is no file");
        assert!(!fs::metadata(&socket).expect("it is there").is_file());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_takes_what_is_written() {
        use std::io::Read as _;
        use std::os::fd::AsRawFd as _;
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
        write(Path::new(&path), Readers::Others, b"new").expect("it is written");
        drop(writer);
        let mut read = String::new();
        reader.read_to_string(&mut read).expect("its end");
        assert_eq!(read, "new");
    }
}
