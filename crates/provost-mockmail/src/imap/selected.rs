//! The selected folder as one session sees it, and the commands on its messages: SEARCH, FETCH, STORE, COPY, EXPUNGE.

use super::grammar::{Cursor, SequenceSet};
use super::search::Candidate;
use super::{Answer, Refusal, done, fetch, search};
use crate::account::{AccountId, Store};
use crate::faults::{Fault, Faults};
use crate::mailbox::{Folder, Folders};
use crate::session::{Next, Output};

/// The folder, with the messages that the client knows of.
#[derive(Debug)]
pub(super) struct Selected {
    name: String,
    read_only: bool,
    /// The UIDs that the client has been told of; a message's number is its place here, from 1.
    uids: Vec<u32>,
}

impl Selected {
    pub(super) fn open(folders: &Folders, name: &str, read_only: bool, output: &mut Output) -> Result<Self, Refusal> {
        let folder = folders.named(name).ok_or(Refusal::No("[NONEXISTENT] no such folder"))?;
        let uids: Vec<u32> = folder.messages.iter().map(|message| message.uid).collect();
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        for flag in folder.messages.iter().flat_map(|message| &message.flags) {
            if !flags.iter().any(|known| known.eq_ignore_ascii_case(flag)) {
                flags.push(flag.clone());
            }
        }
        let flags = flags.join(" ");
        output.line(&format!("* FLAGS ({flags})"));
        output.line(&format!("* {} EXISTS", uids.len()));
        output.line("* 0 RECENT");
        if let Some(at) = folder.messages.iter().position(|message| !message.has_flag("\\Seen")) {
            output.line(&format!("* OK [UNSEEN {}] the first unseen one", at + 1));
        }
        let permanent = if read_only { String::new() } else { format!("{flags} \\*") };
        output.line(&format!("* OK [PERMANENTFLAGS ({permanent})] these are kept"));
        output.line(&format!("* OK [UIDVALIDITY {}] of this folder", folder.uid_validity));
        output.line(&format!("* OK [UIDNEXT {}] comes next", folder.next_uid));
        Ok(Self { name: folder.name.clone(), read_only, uids })
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Tells what has changed since the client was last told. Removals only where the numbers in the client's commands
    /// cannot be meant otherwise (RFC 3501 §7.4.1).
    pub(super) fn announce(&mut self, folders: &Folders, removals: bool, output: &mut Output) {
        let Some(folder) = folders.named(&self.name) else { return };
        if removals {
            for at in (0..self.uids.len()).rev() {
                if folder.message(self.uids[at]).is_none() {
                    self.uids.remove(at);
                    output.line(&format!("* {} EXPUNGE", at + 1));
                }
            }
        }
        let last = self.uids.last().copied().unwrap_or(0);
        let known = self.uids.len();
        self.uids.extend(folder.messages.iter().map(|message| message.uid).filter(|uid| *uid > last));
        if self.uids.len() > known {
            output.line(&format!("* {} EXISTS", self.uids.len()));
            output.line("* 0 RECENT");
        }
    }

    pub(super) fn command(
        &mut self,
        name: &str,
        by_uid: bool,
        cursor: &mut Cursor<'_>,
        account: AccountId,
        store: &mut Store,
        output: &mut Output,
    ) -> Answer {
        self.announce(store.folders(account), false, output);
        match (name, by_uid) {
            ("CHECK", false) => {
                cursor.end()?;
                self.announce(store.folders(account), true, output);
                return done("checked");
            }
            ("EXPUNGE", false) => {
                cursor.end()?;
                return self.expunge(None, account, store, output);
            }
            _ => {}
        }
        cursor.space()?;
        match (name, by_uid) {
            ("SEARCH", _) => self.search(by_uid, cursor, account, store, output),
            ("FETCH", _) => self.fetch(by_uid, cursor, account, store, output),
            ("STORE", _) => self.store(by_uid, cursor, account, store, output),
            ("COPY", _) => self.copy(by_uid, cursor, store.folders_mut(account)),
            // RFC 4315 §2.1.
            ("EXPUNGE", true) => {
                let set = cursor.sequence_set()?;
                cursor.end()?;
                self.expunge(Some(&set), account, store, output)
            }
            _ => Err(Refusal::Bad("unknown command")),
        }
    }

    /// Removes what is marked as deleted, of `only` if that is said.
    pub(super) fn remove_deleted(&self, folders: &mut Folders, only: Option<&SequenceSet>) {
        let Some(folder) = folders.named_mut(&self.name).filter(|_| !self.read_only) else { return };
        let last = folder.next_uid - 1;
        folder.messages.retain(|message| {
            !message.has_flag("\\Deleted") || only.is_some_and(|only| !only.contains(message.uid, last))
        });
    }

    fn expunge(
        &mut self,
        only: Option<&SequenceSet>,
        account: AccountId,
        store: &mut Store,
        output: &mut Output,
    ) -> Answer {
        if self.read_only {
            return Err(Refusal::No("[NOPERM] this folder was opened for reading"));
        }
        self.remove_deleted(store.folders_mut(account), only);
        self.announce(store.folders(account), true, output);
        done("expunged")
    }

    fn search(
        &mut self,
        by_uid: bool,
        cursor: &mut Cursor<'_>,
        account: AccountId,
        store: &Store,
        output: &mut Output,
    ) -> Answer {
        let mut ahead = *cursor;
        if ahead.atom().is_ok_and(|word| word.eq_ignore_ascii_case("CHARSET")) {
            ahead.space()?;
            let charset = ahead.text()?.to_ascii_uppercase();
            if !matches!(charset.as_str(), "UTF-8" | "US-ASCII") {
                return Err(Refusal::No("[BADCHARSET (UTF-8 US-ASCII)] another character set"));
            }
            ahead.space()?;
            *cursor = ahead;
        }
        let key = search::keys(cursor)?;
        let folder = self.folder(store.folders(account))?;
        let (last_number, last_uid) = self.last();
        let mut line = String::from("* SEARCH");
        for (number, uid) in self.numbered() {
            let Some(message) = folder.message(uid) else { continue };
            if key.holds(&Candidate { message, number, last_number, last_uid }, &store.faults) {
                line.push_str(&format!(" {}", if by_uid { uid } else { number }));
            }
        }
        output.line(&line);
        done("that is all")
    }

    fn fetch(
        &mut self,
        by_uid: bool,
        cursor: &mut Cursor<'_>,
        account: AccountId,
        store: &mut Store,
        output: &mut Output,
    ) -> Answer {
        let set = cursor.sequence_set()?;
        cursor.space()?;
        let mut items = fetch::items(cursor)?;
        cursor.end()?;
        // RFC 3501 §6.4.8: the response to UID FETCH has the UID, asked for or not.
        if by_uid && !items.contains(&fetch::Item::Uid) {
            items.insert(0, fetch::Item::Uid);
        }
        let marks = !self.read_only && items.iter().any(fetch::Item::marks_as_seen);
        let faults: Faults = store.faults.clone();
        for (number, uid) in self.chosen(&set, by_uid) {
            let Some(message) = self.folder_mut(store.folders_mut(account))?.message_mut(uid) else { continue };
            let mut items = items.clone();
            if marks && !message.has_flag("\\Seen") {
                message.flags.push("\\Seen".to_owned());
                if !items.contains(&fetch::Item::Flags) {
                    items.push(fetch::Item::Flags);
                }
            }
            let start = output.bytes.len();
            output.bytes.extend(format!("* {number} FETCH (").bytes());
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    output.bytes.push(b' ');
                }
                item.write(message, &faults, &mut output.bytes);
            }
            output.line(")");
            if faults.has(Fault::ConnectionDropped) && items.iter().any(fetch::Item::is_whole_message) {
                output.bytes.truncate(start + (output.bytes.len() - start) / 2);
                output.next = Next::Close;
                return Ok(None);
            }
        }
        done("fetched")
    }

    fn store(
        &mut self,
        by_uid: bool,
        cursor: &mut Cursor<'_>,
        account: AccountId,
        store: &mut Store,
        output: &mut Output,
    ) -> Answer {
        let set = cursor.sequence_set()?;
        cursor.space()?;
        let action = cursor.word(b" ")?.to_ascii_uppercase();
        cursor.space()?;
        let flags = match cursor.peek() {
            Some(b'(') => cursor.list(Cursor::flag)?,
            _ => {
                let mut flags = vec![cursor.flag()?];
                while cursor.take(b' ') {
                    flags.push(cursor.flag()?);
                }
                flags
            }
        };
        cursor.end()?;
        if self.read_only {
            return Err(Refusal::No("[NOPERM] this folder was opened for reading"));
        }
        let (action, silent) = action.strip_suffix(".SILENT").map_or((action.as_str(), false), |action| (action, true));
        if !matches!(action, "FLAGS" | "+FLAGS" | "-FLAGS") {
            return Err(Refusal::Bad("FLAGS, +FLAGS or -FLAGS"));
        }
        for (number, uid) in self.chosen(&set, by_uid) {
            let Some(message) = self.folder_mut(store.folders_mut(account))?.message_mut(uid) else { continue };
            let named = |flag: &String| flags.iter().any(|it| it.eq_ignore_ascii_case(flag));
            if action != "+FLAGS" {
                message.flags.retain(|flag| action == "-FLAGS" && !named(flag));
            }
            if action != "-FLAGS" {
                for flag in &flags {
                    if !message.has_flag(flag) {
                        message.flags.push(flag.clone());
                    }
                }
            }
            if !silent {
                let uid = if by_uid { format!("UID {uid} ") } else { String::new() };
                output.line(&format!("* {number} FETCH ({uid}FLAGS ({}))", message.flags.join(" ")));
            }
        }
        done("stored")
    }

    fn copy(&self, by_uid: bool, cursor: &mut Cursor<'_>, folders: &mut Folders) -> Answer {
        let set = cursor.sequence_set()?;
        cursor.space()?;
        let target = cursor.text()?;
        cursor.end()?;
        let source = self.folder(folders)?;
        let messages: Vec<_> =
            self.chosen(&set, by_uid).into_iter().filter_map(|(_, uid)| source.message(uid).cloned()).collect();
        let target = folders.named_mut(&target).ok_or(Refusal::No("[TRYCREATE] no such folder"))?;
        if messages.is_empty() {
            return done("nothing to copy");
        }
        let from: Vec<String> = messages.iter().map(|message| message.uid.to_string()).collect();
        let to: Vec<String> = messages
            .into_iter()
            .map(|message| target.append(message.bytes, message.internal_date, message.flags).to_string())
            .collect();
        done(&format!("[COPYUID {} {} {}] copied", target.uid_validity, from.join(","), to.join(",")))
    }

    fn folder<'a>(&self, folders: &'a Folders) -> Result<&'a Folder, Refusal> {
        folders.named(&self.name).ok_or(Refusal::No("[NONEXISTENT] somebody deleted the folder"))
    }

    fn folder_mut<'a>(&self, folders: &'a mut Folders) -> Result<&'a mut Folder, Refusal> {
        folders.named_mut(&self.name).ok_or(Refusal::No("[NONEXISTENT] somebody deleted the folder"))
    }

    /// The messages that a set names, as number and UID.
    fn chosen(&self, set: &SequenceSet, by_uid: bool) -> Vec<(u32, u32)> {
        let (last_number, last_uid) = self.last();
        self.numbered()
            .filter(
                |(number, uid)| if by_uid { set.contains(*uid, last_uid) } else { set.contains(*number, last_number) },
            )
            .collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, u32)> {
        (1..).zip(self.uids.iter().copied())
    }

    fn last(&self) -> (u32, u32) {
        let count = u32::try_from(self.uids.len()).expect("UIDs have 32 bits, so there are no more messages");
        (count, self.uids.last().copied().unwrap_or(0))
    }
}

const FLAGS: [&str; 5] = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];
