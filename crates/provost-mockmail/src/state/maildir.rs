//! One maildir: `cur`, `new` and `tmp`, a file for each message, its flags after the last `:2,` of the name.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::message::Message;

/// A message that lies in a maildir.
pub(super) struct Found {
    pub(super) flags: Vec<String>,
    pub(super) arrived: SystemTime,
    pub(super) bytes: Vec<u8>,
}

/// Where the folder of that name lies. Maildir++ separates names by dots, so a dot in a name is written otherwise.
pub(super) fn path(account: &Path, folder: &str) -> PathBuf {
    if folder == "INBOX" {
        return account.to_owned();
    }
    let parts = folder.split('/').map(|part| {
        let part = part.replace('%', "%25").replace('.', "%2E").replace('\\', "%5C").replace(':', "%3A");
        part.replace('\0', "%00")
    });
    account.join(format!(".{}", parts.collect::<Vec<_>>().join(".")))
}

/// Everything in it, by the name without the flags.
pub(super) fn read(path: &Path) -> io::Result<BTreeMap<String, Found>> {
    let mut all = BTreeMap::new();
    for (name, file) in files(path)? {
        let letters = flags_of(&file);
        let metadata = fs::metadata(&file)?;
        let flags = LETTERS.iter().filter(|(letter, _)| letters.contains(*letter)).map(|(_, flag)| (*flag).to_owned());
        let found = Found { flags: flags.collect(), arrived: metadata.modified()?, bytes: fs::read(&file)? };
        all.insert(name, found);
    }
    Ok(all)
}

/// Makes it hold these messages: what is missing is written, what has other flags renamed, what is not among them and
/// was written here removed.
pub(super) fn write(path: &Path, uid_validity: u32, messages: &[Message]) -> io::Result<()> {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(path.join(part))?;
    }
    let mut there = files(path)?;
    for message in messages {
        let name = name(uid_validity, message.uid);
        let letters = LETTERS.iter().filter(|(_, flag)| message.has_flag(flag)).map(|(letter, _)| *letter);
        let target = path.join("cur").join(format!("{name}:2,{}", letters.collect::<String>()));
        match there.remove(&name) {
            Some(file) if file == target => {}
            Some(file) => fs::rename(file, target)?,
            None => {
                let part = path.join("tmp").join(&name);
                let mut file = fs::File::create(&part)?;
                file.write_all(&message.bytes)?;
                file.sync_data()?;
                fs::rename(part, target)?;
            }
        }
    }
    for (_, file) in there.into_iter().filter(|(name, _)| name.ends_with(OURS)) {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Removes what was written here, and the folder if nothing else is in it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    write(path, 0, &[])?;
    for part in ["cur", "new", "tmp"] {
        // Somebody else's message stays, and so does what it lies in.
        if fs::remove_dir(path.join(part)).is_err() {
            return Ok(());
        }
    }
    fs::remove_dir(path).or(Ok(()))
}

/// What a message is called, but for its flags.
pub(super) fn name(uid_validity: u32, uid: u32) -> String {
    format!("{uid_validity}.{uid}{OURS}")
}

fn files(path: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for part in ["cur", "new"] {
        let Ok(entries) = fs::read_dir(path.join(part)) else { continue };
        for entry in entries {
            let file = entry?.path();
            if let Some(name) = file.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) {
                files.insert(name.split_once(":2,").map_or(name, |(name, _)| name).to_owned(), file.clone());
            }
        }
    }
    Ok(files)
}

fn flags_of(file: &Path) -> String {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("");
    name.split_once(":2,").map_or("", |(_, letters)| letters).to_owned()
}

const OURS: &str = ".provost";
/// The flags that a maildir knows, by their letters, which stand in this order.
const LETTERS: [(char, &str); 5] =
    [('D', "\\Draft"), ('F', "\\Flagged"), ('R', "\\Answered"), ('S', "\\Seen"), ('T', "\\Deleted")];
