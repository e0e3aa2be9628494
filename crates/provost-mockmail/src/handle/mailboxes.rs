//! Folders and single messages of an account, by name and UID.

use provost_account::EmailAddress;

use super::{HandleError, Kept, account, kept, named, named_mut};
use crate::MockMail;
use crate::flags::flag;
use crate::mailbox::Folder;

/// A folder, as STATUS and LIST of IMAP show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderStatus {
    /// Its name; the names of a hierarchy are separated by slashes.
    pub name: String,
    /// The special use of RFC 6154, for example `\Sent`.
    pub special_use: Option<&'static str>,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT: the UID of the next message.
    pub uid_next: u32,
    /// How many messages it has.
    pub messages: usize,
    /// How many of them have no `\Seen`.
    pub unseen: usize,
}

/// What to do with the flags of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagChange {
    /// The message has these and no others.
    Set(Vec<String>),
    /// It gets the first and loses the second.
    Change {
        /// What it gets.
        add: Vec<String>,
        /// What it loses.
        remove: Vec<String>,
    },
}

impl MockMail {
    /// How an account's folders stand, INBOX first.
    ///
    /// # Errors
    ///
    /// Nobody has that address.
    pub fn statuses(&self, address: &EmailAddress) -> Result<Vec<FolderStatus>, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        Ok(store.folders(account).all().iter().map(status).collect())
    }

    /// How a folder stands.
    ///
    /// # Errors
    ///
    /// There is no such account or folder.
    pub fn status(&self, address: &EmailAddress, folder: &str) -> Result<FolderStatus, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        Ok(status(named(&store, account, folder)?))
    }

    /// Makes a folder, and those above it that are missing.
    ///
    /// # Errors
    ///
    /// Nobody has that address, there is such a folder, or no folder can have that name.
    pub fn create_folder(&self, address: &EmailAddress, name: &str) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            if store.folders(account).named(name).is_some() {
                return Err(HandleError::FolderTaken(name.to_owned()));
            }
            let is_made = store.folders_mut(account).create(name, None);
            is_made.then_some(()).ok_or_else(|| HandleError::NoFolderName(name.to_owned()))
        })
    }

    /// Deletes a folder and all that is in it. Who has it open is told, and the session ends: at once in IDLE, or else with
    /// the next command.
    ///
    /// # Errors
    ///
    /// There is no such account or folder, or it is INBOX.
    pub fn delete_folder(&self, address: &EmailAddress, name: &str) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            named(store, account, name)?;
            store.folders_mut(account).delete(name).then_some(()).ok_or(HandleError::InboxStays)
        })
    }

    /// A message.
    ///
    /// # Errors
    ///
    /// There is no such account, folder or message.
    pub fn message(&self, address: &EmailAddress, folder: &str, uid: u32) -> Result<Kept, HandleError> {
        let store = self.store();
        let account = account(&store, address)?;
        let found = named(&store, account, folder)?.message(uid);
        found.map(kept).ok_or_else(|| no_message(folder, uid))
    }

    /// Removes a message.
    ///
    /// # Errors
    ///
    /// There is no such account, folder or message.
    pub fn remove_message(&self, address: &EmailAddress, folder: &str, uid: u32) -> Result<(), HandleError> {
        self.change(address, |store, account| {
            let removed = named_mut(store, account, folder)?.remove(&[uid]);
            if removed.is_empty() { Err(no_message(folder, uid)) } else { Ok(()) }
        })
    }

    /// Moves a message into another folder, and says its UID there.
    ///
    /// # Errors
    ///
    /// There is no such account, folder or message, or no such folder to move it to.
    pub fn move_message(&self, address: &EmailAddress, folder: &str, uid: u32, to: &str) -> Result<u32, HandleError> {
        self.change(address, |store, account| {
            named(store, account, to)?;
            let now = store.now;
            let message = named(store, account, folder)?.message(uid).cloned();
            let message = message.ok_or_else(|| no_message(folder, uid))?;
            named_mut(store, account, folder)?.remove(&[uid]);
            let flags = message.flags.clone();
            Ok(named_mut(store, account, to)?.append_copy(message, flags, now))
        })
    }

    /// Changes the flags of a message, and gives it as it is then.
    ///
    /// # Errors
    ///
    /// There is no such account, folder or message, or no message can have one of the flags.
    pub fn change_flags(
        &self,
        address: &EmailAddress,
        folder: &str,
        uid: u32,
        change: &FlagChange,
    ) -> Result<Kept, HandleError> {
        let checked = |words: &[String]| words.iter().map(|word| flag(word)).collect::<Result<Vec<_>, _>>();
        let (set, add, remove) = match change {
            FlagChange::Set(flags) => (true, checked(flags)?, Vec::new()),
            FlagChange::Change { add, remove } => (false, checked(add)?, checked(remove)?),
        };
        self.change(address, |store, account| {
            let folder_name = folder;
            let folder = named_mut(store, account, folder)?;
            let modseq = folder.highest_modseq + 1;
            let message = folder.message_mut(uid).ok_or_else(|| no_message(folder_name, uid))?;
            let before = message.flags.clone();
            if set {
                message.flags.clear();
            }
            message.flags.retain(|flag| !remove.iter().any(|it| it.eq_ignore_ascii_case(flag)));
            for flag in &add {
                if !message.has_flag(flag) {
                    message.flags.push(flag.clone());
                }
            }
            let changed = message.flags != before;
            if changed {
                message.modseq = modseq;
            }
            let shown = kept(message);
            if changed {
                folder.new_modseq();
                folder.remember(&add);
            }
            Ok(shown)
        })
    }
}

fn no_message(folder: &str, uid: u32) -> HandleError {
    HandleError::NoMessage { folder: folder.to_owned(), uid }
}

fn status(folder: &Folder) -> FolderStatus {
    FolderStatus {
        name: folder.name.clone(),
        special_use: folder.special_use,
        uid_validity: folder.uid_validity,
        uid_next: folder.next_uid,
        messages: folder.messages.len(),
        unseen: folder.messages.iter().filter(|message| !message.has_flag("\\Seen")).count(),
    }
}
