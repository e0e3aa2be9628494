//! SELECT and EXAMINE (RFC 3501 §6.3.1), with the parameters CONDSTORE and QRESYNC (RFC 7162), and how a folder is left.

use super::fetch;
use super::grammar::{Cursor, Malformed, Parsed, SequenceSet};
use super::selected::Selected;
use super::{Answer, Command, Enabled, Session, bad, done, no, sets};
use crate::account::{AccountId, Store};
use crate::capabilities::Capability;
use crate::faults::Fault;
use crate::mailbox::Folder;
use crate::session::Output;

/// What a client knows of a folder from before (RFC 7162 §3.2.5).
struct Known {
    uid_validity: u32,
    modseq: u64,
    uids: Option<SequenceSet>,
}

impl Session {
    pub(super) fn select(&mut self, command: &mut Command<'_>, store: &mut Store, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let name = command.cursor.mailbox()?;
        let mut known = None;
        if command.cursor.take(b' ') {
            for parameter in command.cursor.list(parameter)? {
                match parameter {
                    Parameter::CondStore if store.capabilities.has(Capability::CondStore) => {
                        self.enabled.condstore = true;
                    }
                    Parameter::QResync(it) if self.enabled.qresync => known = Some(it),
                    Parameter::QResync(_) => return Err(bad("ENABLE QRESYNC first")),
                    Parameter::CondStore => return Err(bad("unknown parameter")),
                }
            }
        }
        command.cursor.end()?;
        // RFC 3501 §6.3.1: "if a SELECT command fails, no mailbox is selected". RFC 7162 §3.2.11 has CLOSED for the end of
        // the responses that were about the folder before.
        if self.selected.take().is_some() && store.capabilities.has(Capability::QResync) {
            output.line("* OK [CLOSED] the folder before");
        }
        if store.faults.has(Fault::SelectRefused) {
            return Err(no("[NOPERM] this folder cannot be opened"));
        }
        if store.faults.has(Fault::UidValidityChanges) {
            store.folders_mut(command.account).forget_uids(&name);
        }
        let read_only = command.name == "EXAMINE";
        let folder = store.folders(command.account).named(&name).ok_or(no("[NONEXISTENT] no such folder"))?;
        let selected = open(folder, read_only);
        describe(folder, &selected, store, output);
        if let Some(known) = known.filter(|known| known.uid_validity == folder.uid_validity) {
            resynchronize(folder, &selected, &known, self.enabled, output);
        }
        if !read_only {
            claim_recent(store, command.account, &selected);
        }
        self.selected = Some(selected);
        done(if read_only { "[READ-ONLY] selected" } else { "[READ-WRITE] selected" })
    }

    pub(super) fn close(&mut self, command: &mut Command<'_>, store: &mut Store) -> Answer {
        command.cursor.end()?;
        let selected = self.selected.take().ok_or(bad("no folder is selected"))?;
        if command.name == "CLOSE"
            && !selected.read_only
            && let Ok(folder) = selected.folder_mut(store.folders_mut(command.account))
        {
            let doomed: Vec<u32> =
                folder.messages.iter().filter(|it| it.has_flag("\\Deleted")).map(|it| it.uid).collect();
            folder.remove(&doomed);
        }
        done("closed")
    }
}

enum Parameter {
    CondStore,
    QResync(Known),
}

/// ```abnf
/// select-param = "CONDSTORE" / "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids]
///                [SP seq-match-data] ")"      ; RFC 7162 §7
/// ```
fn parameter(cursor: &mut Cursor<'_>) -> Parsed<Parameter> {
    match cursor.atom()?.to_ascii_uppercase().as_str() {
        "CONDSTORE" => Ok(Parameter::CondStore),
        "QRESYNC" => {
            cursor.space()?;
            cursor.expect(b'(', "QRESYNC without what is known")?;
            let uid_validity = cursor.number()?;
            cursor.space()?;
            let modseq = cursor.number64()?;
            let mut uids = None;
            while cursor.take(b' ') {
                if cursor.peek() == Some(b'(') {
                    // Pairs of numbers and UIDs spare a server without a log of removals some work; here is one.
                    cursor.take(b'(');
                    cursor.sequence_set()?;
                    cursor.space()?;
                    cursor.sequence_set()?;
                    cursor.expect(b')', "a pair of sets without end")?;
                } else {
                    uids = Some(cursor.sequence_set()?);
                }
            }
            cursor.expect(b')', "QRESYNC without end")?;
            Ok(Parameter::QResync(Known { uid_validity, modseq, uids }))
        }
        _ => Err(Malformed("unknown parameter")),
    }
}

fn open(folder: &Folder, read_only: bool) -> Selected {
    let uids: Vec<u32> = folder.messages.iter().map(|message| message.uid).collect();
    Selected {
        uid_validity: folder.uid_validity,
        read_only,
        recent: uids.iter().copied().filter(|uid| *uid >= folder.recent_from).collect(),
        uids,
        told: folder.highest_modseq,
        removals_told: folder.removed.len(),
        saved: Vec::new(),
    }
}

fn claim_recent(store: &mut Store, account: AccountId, selected: &Selected) {
    if let Ok(folder) = selected.folder_mut(store.folders_unwatched(account)) {
        folder.recent_from = folder.next_uid;
    }
}

fn describe(folder: &Folder, selected: &Selected, store: &Store, output: &mut Output) {
    let mut flags = SYSTEM_FLAGS.join(" ");
    for keyword in &folder.keywords {
        flags.push_str(&format!(" {keyword}"));
    }
    output.line(&format!("* FLAGS ({flags})"));
    let permanent = if selected.read_only { String::new() } else { format!("{flags} \\*") };
    output.line(&format!("* OK [PERMANENTFLAGS ({permanent})] these are kept"));
    output.line(&format!("* {} EXISTS", selected.uids.len()));
    output.line(&format!("* {} RECENT", selected.recent.len()));
    if let Some(at) = folder.messages.iter().position(|message| !message.has_flag("\\Seen")) {
        output.line(&format!("* OK [UNSEEN {}] the first unseen one", at + 1));
    }
    output.line(&format!("* OK [UIDVALIDITY {}] of this folder", folder.uid_validity));
    output.line(&format!("* OK [UIDNEXT {}] comes next", folder.next_uid));
    if store.capabilities.has(Capability::CondStore) {
        output.line(&format!("* OK [HIGHESTMODSEQ {}] the last change", folder.highest_modseq));
    }
    if store.capabilities.has(Capability::ObjectId) {
        output.line(&format!("* OK [MAILBOXID ({})] stays when it is renamed", fetch::mailbox_id(folder)));
    }
}

/// RFC 7162 §3.2.5.1: what is gone and what has changed since the client was last here.
fn resynchronize(folder: &Folder, selected: &Selected, known: &Known, enabled: Enabled, output: &mut Output) {
    let (_, last_uid) = selected.last();
    let asked = |uid: u32| known.uids.as_ref().is_none_or(|uids| uids.contains(uid, last_uid.max(uid)));
    let gone = removed_since(folder, known.modseq, &asked);
    if !gone.is_empty() {
        output.line(&format!("* VANISHED (EARLIER) {}", sets::written(&gone)));
    }
    for (number, message) in (1..).zip(&folder.messages) {
        if message.modseq > known.modseq && asked(message.uid) {
            output.line(&selected.flags_line(number, message, true, enabled));
        }
    }
}

/// The UIDs that were removed after the change `modseq`, in ascending order.
pub(super) fn removed_since(folder: &Folder, modseq: u64, asked: &dyn Fn(u32) -> bool) -> Vec<u32> {
    let later = folder.removed.iter().filter(|(change, _)| *change > modseq);
    let mut gone: Vec<u32> = later.map(|(_, uid)| *uid).filter(|uid| asked(*uid)).collect();
    gone.sort_unstable();
    gone
}

/// RFC 3501 §2.3.2, those that a client may set.
const SYSTEM_FLAGS: [&str; 5] = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"];
