//! Mail that outlives the server: a maildir for each account, and next to it an index with what a maildir cannot
//! express.
//!
//! `DIR/<address>/` is INBOX, `DIR/<address>/.Name.Below` the folder `Name/Below`, as in Maildir++. A message that
//! someone else put there is found at the next start.

mod index;
mod maildir;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use provost_account::EmailAddress;
use thiserror::Error;

use crate::mailbox::Folders;
use crate::uid_validity::UidValidities;

/// Where mail is kept.
#[derive(Debug, Clone)]
pub(crate) struct State {
    directory: PathBuf,
    /// Held while something is written, so that what is older never comes last.
    writing: Arc<Mutex<()>>,
}

/// What was kept cannot be read, or kept again.
#[derive(Debug, Error)]
#[error("cannot keep mail in {}", path.display())]
pub struct StateError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

impl State {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), writing: Arc::default() }
    }

    /// Everything that is kept, by address. New folders get their UIDVALIDITY from `uid_validities`.
    pub(crate) fn load(&self, uid_validities: &UidValidities) -> Result<BTreeMap<String, Folders>, StateError> {
        let mut accounts = BTreeMap::new();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StateError { path, source }
        };
        fs::create_dir_all(&self.directory).map_err(failed(&self.directory))?;
        for entry in fs::read_dir(&self.directory).map_err(failed(&self.directory))? {
            let path = entry.map_err(failed(&self.directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            let Ok(address) = EmailAddress::try_from(&*percent_decode_str(name).decode_utf8_lossy()) else { continue };
            if path.join(index::FILE).is_file() {
                let folders = index::read(&path, uid_validities).map_err(failed(&path.join(index::FILE)))?;
                accounts.insert(address.key().to_string(), folders);
            }
        }
        Ok(accounts)
    }

    /// Whoever holds this is the only one who writes.
    pub(crate) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an account as it is now; what was kept before and is gone, goes.
    pub(crate) fn save(&self, address: &EmailAddress, kept: &Snapshot) -> Result<(), StateError> {
        let path = self.directory.join(utf8_percent_encode(address.as_str(), UNSAFE).to_string());
        index::write(&path, kept).map_err(|source| StateError { path, source })
    }
}

pub(crate) use index::Snapshot;

/// What has no place in the name of a file on any system.
const UNSAFE: &AsciiSet =
    &CONTROLS.add(b'/').add(b'\\').add(b':').add(b'*').add(b'?').add(b'"').add(b'<').add(b'>').add(b'|').add(b'%');
