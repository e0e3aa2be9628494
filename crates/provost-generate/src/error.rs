//! Why a run ends before its work is done.

use std::io;
use std::path::{Path, PathBuf};

use provost_sign::SigningFailed;
use thiserror::Error;

use crate::ledger::Unreadable;
use crate::manifest::{LineError, ManifestError};

/// Why a run ends before its work is done. What it has written is whole, and the same run goes on from there.
#[derive(Debug, Error)]
pub enum RunError {
    /// The file system, or whoever reads from a pipe, refuses something.
    #[error("cannot {doing} {}", path.display())]
    #[expect(missing_docs, reason = "the message says it")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// The user list cannot be read.
    #[error("cannot read the user list")]
    List(#[source] io::Error),
    /// Another run writes to the same place.
    #[error("another run is writing to {}", .0.display())]
    Taken(PathBuf),
    /// What lies there is no manifest.
    #[error("{} is not a manifest of `provost generate`", path.display())]
    #[expect(missing_docs, reason = "the message says it")]
    Manifest { path: PathBuf, source: ManifestError },
    /// The manifest changed while it was read.
    #[error("a row of the manifest cannot be read again")]
    Row(#[from] LineError),
    /// A file cannot be put into the archive.
    #[error("cannot put a file into the archive")]
    Packing(#[source] io::Error),
    /// Nobody takes the report.
    #[error("cannot report")]
    Reporting(#[source] io::Error),
    /// The key signs no more.
    #[error("cannot sign")]
    Signing(#[from] SigningFailed),
}

impl RunError {
    /// For [`Result::map_err`]: what was being done, and to what.
    pub(crate) fn io<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

impl From<Unreadable> for RunError {
    fn from(Unreadable { path, error: source }: Unreadable) -> Self {
        Self::Manifest { path, source }
    }
}
