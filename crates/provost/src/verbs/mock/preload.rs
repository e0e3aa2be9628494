//! Initial messages from files: `DIR/ADDRESS/FOLDER/NAME.eml`, in the order of their names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::EmailAddress;
use provost_mockmail::{NewMessage, Preloaded};

use crate::failure::Failure;
use crate::input;

/// Reads all of them, before anything is started; none has more octets than that.
pub(super) fn read(folder: &Path, octets_max: u64) -> Result<Vec<Preloaded>, Failure> {
    let mut all = Vec::new();
    for account in entries(folder)? {
        let name = account.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let address = EmailAddress::try_from(name)
            .with_context(|| format!("{} is not named for an address", account.display()))?;
        read_folders(&account, "", &address, octets_max, &mut all)?;
    }
    Ok(all)
}

fn read_folders(
    at: &Path,
    name: &str,
    address: &EmailAddress,
    octets_max: u64,
    all: &mut Vec<Preloaded>,
) -> Result<(), Failure> {
    for path in entries(at)? {
        let own = path
            .file_name()
            .and_then(|own| own.to_str())
            .with_context(|| format!("{} is not UTF-8", path.display()))?;
        if path.is_dir() {
            let below = if name.is_empty() { own.to_owned() } else { format!("{name}/{own}") };
            read_folders(&path, &below, address, octets_max, all)?;
        } else if own.ends_with(".eml") {
            if name.is_empty() {
                return Err(Failure::hinted(
                    anyhow::anyhow!("{} lies in no folder of the mailbox", path.display()),
                    "put it into one: ADDRESS/INBOX/NAME.eml",
                ));
            }
            let message = NewMessage::from_file(&input::read(&path, octets_max)?);
            all.push(Preloaded { address: address.clone(), folder: name.to_owned(), message });
        }
    }
    Ok(())
}

/// What lies in a folder, in the order of names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    };
    let mut paths = read().with_context(|| format!("cannot read {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}
