//! The selected folder as one session sees it: the messages that the client knows, their numbers, and what has changed
//! since.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::contexts::Context;
use super::fetch::Item;
use super::grammar::SequenceSet;
use super::{Enabled, Refusal, acl, bad, no, sets};
use crate::flags::SYSTEM_FLAGS;
use crate::mailbox::Folder;
use crate::message::Message;
use crate::rights::{Right, Rights};
use crate::session::Output;
use crate::store::{AccountId, Served, Store};

/// The folder, and what the client knows of it.
#[derive(Debug)]
pub(super) struct Selected {
    /// The folder's owner.
    pub(super) owner: AccountId,
    /// Its UIDVALIDITY, which stays when it is renamed.
    pub(super) uid_validity: u32,
    pub(super) read_only: bool,
    /// The UIDs that the client knows; a message's number is its place here, from 1.
    pub(super) uids: Vec<u32>,
    /// The mod-sequence of the last change that the client knows.
    pub(super) told: u64,
    /// The mod-sequence of the last change for which the contexts were updated, the client's own included.
    pub(super) contexts_told: u64,
    /// How many of the folder's removals the client knows.
    pub(super) removals_told: u64,
    /// Messages of which this session was notified first (RFC 3501 §2.3.2).
    pub(super) recent: BTreeSet<u32>,
    /// The saved result of a search (RFC 5182), in ascending order.
    pub(super) saved: Vec<u32>,
    /// Searches whose results are kept up to date (RFC 5267).
    pub(super) contexts: Vec<Context>,
    /// How many of the folder's keywords the client knows.
    pub(super) keywords_told: usize,
    /// The last key for URLs that the client knows (RFC 4467 §7, RESETKEY).
    pub(super) url_key: u64,
}

/// What may be told, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) enabled: Enabled,
    /// Removals; not where they would change what numbers in the client's commands mean.
    pub(super) removals: bool,
    pub(super) flags: bool,
    /// What to fetch of each new message (RFC 5465 §5.2).
    pub(super) items: &'a [Item],
    /// Whether the client itself made the changes, and so knows of them.
    pub(super) own: bool,
}

impl Telling<'_> {
    /// RFC 7162 §3.2.4, RFC 9051 appendix E (21).
    fn names_uids(&self) -> bool {
        self.enabled.qresync || self.enabled.rev2
    }
}

impl Selected {
    pub(super) fn folder<'a>(&self, store: &'a Store) -> Result<&'a Folder, Refusal> {
        store.folders(self.owner).known_as(self.uid_validity).ok_or(GONE)
    }

    pub(super) fn folder_mut<'a>(&self, store: &'a mut Store) -> Result<&'a mut Folder, Refusal> {
        store.folders_mut(self.owner).known_as_mut(self.uid_validity).ok_or(GONE)
    }

    /// The folder, for a change that wakes no waiting client.
    pub(super) fn folder_mut_unwatched<'a>(&self, store: &'a mut Store) -> Result<&'a mut Folder, Refusal> {
        store.folders_unwatched(self.owner).known_as_mut(self.uid_validity).ok_or(GONE)
    }

    /// What the client may do here (RFC 4314 §4).
    pub(super) fn rights(&self, account: AccountId, store: &Store) -> Result<Rights, Refusal> {
        Ok(store.rights(account, self.owner, self.folder(store)?))
    }

    /// Refuses changes in a folder that was opened with EXAMINE.
    pub(super) fn to_write(&self) -> Result<(), Refusal> {
        if self.read_only { Err(no("[NOPERM] this folder was opened for reading")) } else { Ok(()) }
    }

    /// Refuses to remove messages for a user who may not (RFC 4314 §4).
    pub(super) fn to_remove(&self, account: AccountId, store: &Store) -> Result<(), Refusal> {
        self.to_write()?;
        let rights = self.rights(account, store)?;
        match rights.has(Right::DeleteMessages) && rights.has(Right::Expunge) {
            true => Ok(()),
            false => Err(no(acl::NOT_ALLOWED)),
        }
    }

    /// FLAGS and PERMANENTFLAGS.
    pub(super) fn say_flags(&self, folder: &Folder, rights: Rights, output: &mut Output) {
        let all: Vec<&str> = SYSTEM_FLAGS.into_iter().chain(folder.keywords.iter().map(String::as_str)).collect();
        output.line(&format!("* FLAGS ({})", all.join(" ")));
        // RFC 4314 §5.1.1: a server "MUST accurately reflect the current user's rights in … PERMANENTFLAGS".
        let allowed = all.into_iter().chain(["\\*"]).filter(|flag| !self.read_only && rights.allow_flag(flag));
        let permanent = allowed.collect::<Vec<_>>().join(" ");
        output.line(&format!("* OK [PERMANENTFLAGS ({permanent})] these are kept"));
    }

    /// RFC 3501 §7.2.6: FLAGS is sent again when there are new keywords, before a message shows them.
    pub(super) fn tell_keywords(&mut self, account: AccountId, store: &Store, output: &mut Output) {
        let Ok(folder) = self.folder(store) else { return };
        if std::mem::replace(&mut self.keywords_told, folder.keywords.len()) < folder.keywords.len() {
            self.say_flags(folder, store.rights(account, self.owner, folder), output);
        }
    }

    /// Tells what has changed since the last time.
    pub(super) fn announce(&mut self, store: &mut Served<'_>, telling: &Telling<'_>, output: &mut Output) {
        let Ok(folder) = self.folder(store) else { return };
        if std::mem::replace(&mut self.url_key, folder.url_key) != folder.url_key && !telling.own {
            output.line("* OK [URLMECH INTERNAL] the key for URLs is new");
        }
        let (gone, changed) = (self.removals_told < folder.removals.count, self.told != folder.highest_modseq);
        // RFC 5267 §4.3: results change with flags, whoever changes those.
        let may_grow = self.contexts_told != folder.highest_modseq;
        if !gone && !changed && !may_grow {
            return;
        }
        // RFC 5267 §4.3.4: a message leaves a result "prior to the expunge notification itself".
        self.shrink_contexts(store, output);
        let Ok(folder) = self.folder(store) else { return };
        if telling.removals && gone {
            self.tell_removals(folder, telling.enabled, output);
        }
        self.contexts_told = folder.highest_modseq;
        if !changed {
            self.update_contexts(&[], telling, store, output);
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
            if !telling.enabled.rev2 {
                output.line(&format!("* {} RECENT", self.recent.len()));
            }
        }
        let touched = folder.messages[..new].iter().filter(|message| telling.flags && message.modseq > self.told);
        for message in touched {
            if let Ok(at) = self.uids.binary_search(&message.uid) {
                output.line(&self.flags_line(number(at), message, telling.names_uids(), telling.enabled));
            }
        }
        self.told = folder.highest_modseq;
        let fresh: Vec<u32> = self.uids[known..].to_vec();
        self.update_contexts(&fresh, telling, store, output);
        if self.uids.len() > known
            && !self.read_only
            && let Ok(folder) = self.folder_mut_unwatched(store)
        {
            folder.recent_from = folder.recent_from.max(folder.next_uid);
        }
    }

    fn tell_removals(&mut self, folder: &Folder, enabled: Enabled, output: &mut Output) {
        // Both are in the order of UIDs, so one pass finds the messages that the client knows and that are gone.
        let mut there = folder.messages.iter().map(|message| message.uid).peekable();
        let mut gone = self.uids.clone();
        gone.retain(|uid| {
            while there.next_if(|it| it < uid).is_some() {}
            there.next_if_eq(uid).is_none()
        });
        self.removals_told = folder.removals.count;
        if gone.is_empty() {
            return;
        }
        if enabled.qresync {
            output.line(&format!("* VANISHED {}", sets::written(&gone)));
        } else {
            // From the last one down, so that no number changes before it is sent.
            for uid in gone.iter().rev() {
                let at = self.uids.binary_search(uid).map_or(0, |at| at + 1);
                output.line(&format!("* {at} EXPUNGE"));
            }
        }
        self.uids.retain(|uid| gone.binary_search(uid).is_err());
        self.recent.retain(|uid| gone.binary_search(uid).is_err());
        self.saved.retain(|uid| gone.binary_search(uid).is_err());
    }

    /// The number of the message of that UID.
    pub(super) fn number_of(&self, uid: u32) -> Option<u32> {
        self.uids.binary_search(&uid).ok().map(number)
    }

    /// A FETCH response with a message's flags.
    pub(super) fn flags_line(&self, number: u32, message: &Message, with_uid: bool, enabled: Enabled) -> String {
        let uid = if with_uid { format!("UID {} ", message.uid) } else { String::new() };
        let modseq = if enabled.condstore { format!(" MODSEQ ({})", message.modseq) } else { String::new() };
        format!("* {number} FETCH ({uid}FLAGS ({}){modseq})", self.flags(message, enabled))
    }

    /// The flags of a message as this session sees them.
    pub(super) fn flags(&self, message: &Message, enabled: Enabled) -> String {
        let mut flags = message.flags.join(" ");
        if !enabled.rev2 && self.recent.contains(&message.uid) {
            flags.push_str(if flags.is_empty() { "\\Recent" } else { " \\Recent" });
        }
        flags
    }

    /// The messages that the set of a command names, as number and UID. RFC 3501 §9, `seq-number`: "The server should
    /// respond with a tagged BAD response to a command that uses a message sequence number greater than the number of
    /// messages in the selected mailbox. This includes "*" if the selected mailbox is empty."
    pub(super) fn chosen(&self, set: &SequenceSet, by_uid: bool) -> Result<Vec<(u32, u32)>, Refusal> {
        let (last_number, _) = self.last();
        match by_uid || set.is_saved() || set.reaches_no_further(last_number) {
            true => Ok(self.among(set, by_uid)),
            false => Err(bad("no such message")),
        }
    }

    /// The messages that a set names, as number and UID.
    pub(super) fn among(&self, set: &SequenceSet, by_uid: bool) -> Vec<(u32, u32)> {
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
        (self.uids.len().checked_sub(1).map_or(0, number), self.uids.last().copied().unwrap_or(0))
    }
}

/// The message number of an index.
fn number(at: usize) -> u32 {
    u32::try_from(at + 1).expect("UIDs have 32 bits, so there are no more messages")
}

const GONE: Refusal = Refusal::No(Cow::Borrowed("[NONEXISTENT] somebody deleted the folder"));
