//! The selected folder as one session sees it: which messages the client knows of, under which numbers, and what has
//! changed since.

use std::collections::BTreeSet;

use super::grammar::SequenceSet;
use super::{Enabled, Refusal, no, sets};
use crate::account::{AccountId, Store};
use crate::mailbox::{Folder, Folders};
use crate::message::Message;
use crate::session::Output;

/// The folder, with the messages that the client knows of.
#[derive(Debug)]
pub(super) struct Selected {
    /// Its UIDVALIDITY, which stays when it is renamed.
    pub(super) uid_validity: u32,
    pub(super) read_only: bool,
    /// The UIDs that the client has been told of; a message's number is its place here, from 1.
    pub(super) uids: Vec<u32>,
    /// The last change that the client has been told of.
    pub(super) told: u64,
    /// How many of the folder's removals the client has been told of.
    pub(super) removals_told: usize,
    /// Messages that this session was the first to be told of (RFC 3501 §2.3.2).
    pub(super) recent: BTreeSet<u32>,
    /// The result of the last search that was saved (RFC 5182), in ascending order.
    pub(super) saved: Vec<u32>,
}

impl Selected {
    pub(super) fn folder<'a>(&self, folders: &'a Folders) -> Result<&'a Folder, Refusal> {
        folders.known_as(self.uid_validity).ok_or(no("[NONEXISTENT] somebody deleted the folder"))
    }

    pub(super) fn folder_mut<'a>(&self, folders: &'a mut Folders) -> Result<&'a mut Folder, Refusal> {
        folders.known_as_mut(self.uid_validity).ok_or(no("[NONEXISTENT] somebody deleted the folder"))
    }

    /// Refuses what a folder that was opened with EXAMINE does not allow.
    pub(super) fn to_write(&self) -> Result<(), Refusal> {
        if self.read_only { Err(no("[NOPERM] this folder was opened for reading")) } else { Ok(()) }
    }

    /// Tells what has changed since the client was last told; removals only where the numbers in the client's commands
    /// cannot be meant otherwise.
    pub(super) fn announce(
        &mut self,
        store: &mut Store,
        account: AccountId,
        removals: bool,
        enabled: Enabled,
        output: &mut Output,
    ) {
        let Some(folder) = store.folders(account).known_as(self.uid_validity) else { return };
        if removals && self.removals_told < folder.removed.len() {
            self.tell_removals(folder, enabled, output);
        }
        if self.told == folder.highest_modseq {
            return;
        }
        let last = self.uids.last().copied().unwrap_or(0);
        let known = self.uids.len();
        let new = folder.messages.partition_point(|message| message.uid <= last);
        self.uids.extend(folder.messages[new..].iter().map(|message| message.uid));
        if self.uids.len() > known {
            let claimed = self.uids[known..].iter().filter(|uid| **uid >= folder.recent_from).copied();
            self.recent.extend(claimed);
            output.line(&format!("* {} EXISTS", self.uids.len()));
            output.line(&format!("* {} RECENT", self.recent.len()));
        }
        for (number, uid) in (1..).zip(&self.uids[..known]) {
            if let Some(message) = folder.message(*uid).filter(|message| message.modseq > self.told) {
                output.line(&self.flags_line(number, message, enabled.qresync, enabled));
            }
        }
        self.told = folder.highest_modseq;
        if self.uids.len() > known
            && !self.read_only
            && folder.recent_from < folder.next_uid
            && let Ok(folder) = self.folder_mut(store.folders_unwatched(account))
        {
            folder.recent_from = folder.next_uid;
        }
    }

    fn tell_removals(&mut self, folder: &Folder, enabled: Enabled, output: &mut Output) {
        let mut gone: Vec<u32> = folder.removed[self.removals_told..].iter().map(|(_, uid)| *uid).collect();
        gone.sort_unstable();
        gone.retain(|uid| self.uids.binary_search(uid).is_ok());
        self.removals_told = folder.removed.len();
        if gone.is_empty() {
            return;
        }
        if enabled.qresync {
            output.line(&format!("* VANISHED {}", sets::written(&gone)));
        } else {
            // From the last one down, so that no number shifts before it is said.
            for uid in gone.iter().rev() {
                let at = self.uids.binary_search(uid).map_or(0, |at| at + 1);
                output.line(&format!("* {at} EXPUNGE"));
            }
        }
        self.uids.retain(|uid| gone.binary_search(uid).is_err());
        self.recent.retain(|uid| gone.binary_search(uid).is_err());
        self.saved.retain(|uid| gone.binary_search(uid).is_err());
    }

    /// A FETCH response with a message's flags.
    pub(super) fn flags_line(&self, number: u32, message: &Message, with_uid: bool, enabled: Enabled) -> String {
        let uid = if with_uid { format!("UID {} ", message.uid) } else { String::new() };
        let modseq = if enabled.condstore { format!(" MODSEQ ({})", message.modseq) } else { String::new() };
        format!("* {number} FETCH ({uid}FLAGS ({}){modseq})", self.flags(message))
    }

    /// The flags of a message as this session sees them.
    pub(super) fn flags(&self, message: &Message) -> String {
        let mut flags = message.flags.join(" ");
        if self.recent.contains(&message.uid) {
            flags.push_str(if flags.is_empty() { "\\Recent" } else { " \\Recent" });
        }
        flags
    }

    /// The messages that a set names, as number and UID.
    pub(super) fn chosen(&self, set: &SequenceSet, by_uid: bool) -> Vec<(u32, u32)> {
        let (last_number, last_uid) = self.last();
        self.numbered()
            .filter(|(number, uid)| match (set.is_saved(), by_uid) {
                (true, _) => self.saved.binary_search(uid).is_ok(),
                (false, true) => set.contains(*uid, last_uid),
                (false, false) => set.contains(*number, last_number),
            })
            .collect()
    }

    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, u32)> {
        (1..).zip(self.uids.iter().copied())
    }

    /// The number and the UID of the last message.
    pub(super) fn last(&self) -> (u32, u32) {
        let count = u32::try_from(self.uids.len()).expect("UIDs have 32 bits, so there are no more messages");
        (count, self.uids.last().copied().unwrap_or(0))
    }
}
