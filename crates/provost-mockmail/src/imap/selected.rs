//! The selected folder as one session sees it: which messages the client knows, under which numbers, and what has
//! changed since.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::contexts::Context;
use super::fetch::Item;
use super::grammar::SequenceSet;
use super::{Enabled, Refusal, bad, no, sets};
use crate::flags::SYSTEM_FLAGS;
use crate::mailbox::Folder;
use crate::message::Message;
use crate::rights::Rights;
use crate::session::Output;
use crate::store::{AccountId, Served, Store};

/// The folder, with the messages that the client knows of.
#[derive(Debug)]
pub(super) struct Selected {
    /// Whose folder it is.
    pub(super) owner: AccountId,
    /// Its UIDVALIDITY, which stays when it is renamed.
    pub(super) uid_validity: u32,
    pub(super) read_only: bool,
    /// The UIDs that the client has been told of; a message's number is its place here, from 1.
    pub(super) uids: Vec<u32>,
    /// The last change that the client has been told of.
    pub(super) told: u64,
    /// The last change that the searches that go on have been looked through for, the client's own included.
    pub(super) contexts_told: u64,
    /// How many of the folder's removals the client has been told of.
    pub(super) removals_told: u64,
    /// Messages that this session was the first to be told of (RFC 3501 §2.3.2).
    pub(super) recent: BTreeSet<u32>,
    /// The result of the last search that was saved (RFC 5182), in ascending order.
    pub(super) saved: Vec<u32>,
    /// Searches whose changes the client wants to hear of (RFC 5267).
    pub(super) contexts: Vec<Context>,
    /// How many of the folder's keywords the client has been told of.
    pub(super) keywords_told: usize,
    /// Which key for URLs the client has been told of (RFC 4467 §7, RESETKEY).
    pub(super) url_key: u64,
}

/// What may be told, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) enabled: Enabled,
    /// Removals: only where the numbers in the client's commands cannot be meant otherwise.
    pub(super) removals: bool,
    pub(super) flags: bool,
    /// What is fetched of a new message without being asked for again (RFC 5465 §5.2).
    pub(super) items: &'a [Item],
    /// Whether what is new is the client's own doing, so that it knows of it.
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

    /// The folder, for a change that nobody waits for.
    pub(super) fn folder_mut_unwatched<'a>(&self, store: &'a mut Store) -> Result<&'a mut Folder, Refusal> {
        store.folders_unwatched(self.owner).known_as_mut(self.uid_validity).ok_or(GONE)
    }

    /// What the client may do here (RFC 4314 §4).
    pub(super) fn rights(&self, account: AccountId, store: &Store) -> Result<Rights, Refusal> {
        Ok(store.rights(account, self.owner, self.folder(store)?))
    }

    /// Refuses what a folder that was opened with EXAMINE does not allow.
    pub(super) fn to_write(&self) -> Result<(), Refusal> {
        if self.read_only { Err(no("[NOPERM] this folder was opened for reading")) } else { Ok(()) }
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

    /// RFC 3501 §7.2.6: an update comes when there are other flags; clients want it before a message shows them.
    pub(super) fn tell_keywords(&mut self, account: AccountId, store: &Store, output: &mut Output) {
        let Ok(folder) = self.folder(store) else { return };
        if std::mem::replace(&mut self.keywords_told, folder.keywords.len()) < folder.keywords.len() {
            self.say_flags(folder, store.rights(account, self.owner, folder), output);
        }
    }

    /// Tells what has changed since the client was last told.
    pub(super) fn announce(&mut self, store: &mut Served<'_>, telling: &Telling<'_>, output: &mut Output) {
        let Ok(folder) = self.folder(store) else { return };
        if std::mem::replace(&mut self.url_key, folder.url_key) != folder.url_key && !telling.own {
            output.line("* OK [URLMECH INTERNAL] the key for URLs is new");
        }
        let (gone, changed) = (self.removals_told < folder.removals.count, self.told != folder.highest_modseq);
        // RFC 5267 §4.3: results change as flags do, whoever changes them.
        let may_grow = self.contexts_told != folder.highest_modseq;
        if !gone && !changed && !may_grow {
            return;
        }
        // RFC 5267 §4.3.4: what goes from a result is said "prior to the expunge notification itself".
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
        // Both are in the order of UIDs, so one walk finds what the client knows and nobody has any more.
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

    /// Those that a set names and that are there.
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

/// The message number of a place.
fn number(at: usize) -> u32 {
    u32::try_from(at + 1).expect("UIDs have 32 bits, so there are no more messages")
}

const GONE: Refusal = Refusal::No(Cow::Borrowed("[NONEXISTENT] somebody deleted the folder"));
