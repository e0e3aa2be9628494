//! SELECT and EXAMINE (RFC 3501 §6.3.1) with the parameters CONDSTORE and QRESYNC (RFC 7162), CLOSE and UNSELECT.

use provost_account::{AnswerProtocol, AnswerStep};

use super::capabilities::Capability;
use super::grammar::{Cursor, Malformed, Parsed, SequenceSet};
use super::selected::Selected;
use super::{Answer, Command, Enabled, Refusal, Session, bad, done, no, sets};
use super::{acl, fetch, list};
use crate::faults::Fault;
use crate::mailbox::Folder;
use crate::rights::{Right, Rights};
use crate::session::Output;
use crate::store::{AccountId, Served, Store};

/// What a client remembers of a folder (RFC 7162 §3.2.5).
struct Known {
    uid_validity: u32,
    modseq: u64,
    uids: Option<SequenceSet>,
}

impl Session {
    pub(super) fn select(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
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
        // RFC 3501 §6.3.1: "if a SELECT command fails, no mailbox is selected". RFC 7162 §3.2.11: CLOSED ends the
        // responses about the folder that was selected before.
        let closed = store.capabilities.has(Capability::QResync) || self.enabled.rev2;
        if self.selected.take().is_some() && closed {
            output.line("* OK [CLOSED] the folder before");
        }
        if store.faults.has(Fault::SelectRefused) {
            return Err(no("[NOPERM] this folder cannot be opened"));
        }
        let unknown_client = !self.has_sent_id;
        if unknown_client && store.faults.has(Fault::IdRequired) {
            return Err(no("[NOPERM] send ID first"));
        }
        if let Some(answer) =
            store.answer(AnswerProtocol::Imap, AnswerStep::SelectWithoutId, None).filter(|_| unknown_client)
        {
            return Err(Refusal::Provider(answer, command.name.to_owned()));
        }
        let place = store.place(command.account, &name);
        if store.faults.has(Fault::UidValidityChanges) {
            store.folders_mut(place.owner).forget_uids(&place.name);
        }
        let folder = acl::allowed(&place, command.account, Right::Read, store)?;
        if folder.special_use.is_some() && store.faults.has(Fault::SpecialFolderRefused) {
            return Err(no("[NOPERM] this folder cannot be opened"));
        }
        let rights = store.rights(command.account, place.owner, folder);
        // RFC 4314 §5.2: READ-ONLY for a user who may change nothing.
        let changes = [Right::Insert, Right::Expunge, Right::Seen, Right::Write, Right::DeleteMessages];
        let read_only = command.name == "EXAMINE" || !changes.into_iter().any(|right| rights.has(right));
        let selected = open(folder, place.owner, read_only);
        if self.enabled.rev2 {
            list::say(&store.name_of(command.account, place.owner, folder), &[], "", self.enabled, output);
        }
        describe(folder, &selected, rights, self.enabled, store, output);
        if let Some(known) = known.filter(|known| known.uid_validity == folder.uid_validity) {
            resynchronize(folder, &selected, &known, self.enabled, output);
        }
        if !read_only {
            claim_recent(store, &selected);
        }
        self.selected = Some(selected);
        done(if read_only { "[READ-ONLY] selected" } else { "[READ-WRITE] selected" })
    }

    pub(super) fn close(&mut self, command: &mut Command<'_>, store: &mut Store) -> Answer {
        command.cursor.end()?;
        let selected = self.selected.take().ok_or(bad("no folder is selected"))?;
        if command.name == "CLOSE"
            && !selected.read_only
            && selected.rights(command.account, store).is_ok_and(|rights| rights.has(Right::Expunge))
            && let Ok(folder) = selected.folder_mut(store)
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
                    // Pairs of numbers and UIDs help servers that keep no log of removals; this one does.
                    cursor.take(b'(');
                    let numbers = cursor.sequence_set()?.count();
                    cursor.space()?;
                    let matching = cursor.sequence_set()?.count();
                    cursor.expect(b')', "a pair of sets without end")?;
                    if numbers.is_none() || numbers != matching {
                        return Err(Malformed("a UID for each number, and no *"));
                    }
                } else {
                    let known = cursor.sequence_set()?;
                    known.count().ok_or(Malformed("known UIDs have no *"))?;
                    uids = Some(known);
                }
            }
            cursor.expect(b')', "QRESYNC without end")?;
            Ok(Parameter::QResync(Known { uid_validity, modseq, uids }))
        }
        _ => Err(Malformed("unknown parameter")),
    }
}

fn open(folder: &Folder, owner: AccountId, read_only: bool) -> Selected {
    let uids: Vec<u32> = folder.messages.iter().map(|message| message.uid).collect();
    Selected {
        owner,
        uid_validity: folder.uid_validity,
        read_only,
        recent: uids.iter().copied().filter(|uid| *uid >= folder.recent_from).collect(),
        uids,
        told: folder.highest_modseq,
        contexts_told: folder.highest_modseq,
        removals_told: folder.removals.count,
        saved: Vec::new(),
        contexts: Vec::new(),
        keywords_told: folder.keywords.len(),
        url_key: folder.url_key,
    }
}

fn claim_recent(store: &mut Store, selected: &Selected) {
    if let Ok(folder) = selected.folder_mut_unwatched(store) {
        folder.recent_from = folder.next_uid;
    }
}

fn describe(
    folder: &Folder,
    selected: &Selected,
    rights: Rights,
    enabled: Enabled,
    store: &Served<'_>,
    output: &mut Output,
) {
    selected.say_flags(folder, rights, output);
    output.line(&format!("* {} EXISTS", selected.uids.len()));
    // RFC 9051 appendix E (11), (12): IMAP4rev2 has neither.
    if !enabled.rev2 {
        output.line(&format!("* {} RECENT", selected.recent.len()));
        if let Some(at) = folder.messages.iter().position(|message| !message.has_flag("\\Seen")) {
            output.line(&format!("* OK [UNSEEN {}] the first unseen one", at + 1));
        }
    }
    output.line(&format!("* OK [UIDVALIDITY {}] of this folder", folder.uid_validity));
    output.line(&format!("* OK [UIDNEXT {}] comes next", folder.next_uid));
    if store.capabilities.has(Capability::CondStore) {
        output.line(&format!("* OK [HIGHESTMODSEQ {}] the last change", folder.highest_modseq));
    }
    if store.capabilities.has(Capability::ObjectId) {
        output.line(&format!("* OK [MAILBOXID ({})] stays when it is renamed", fetch::mailbox_id(folder)));
    }
    if store.capabilities.has(Capability::UrlAuth) {
        output.line("* OK [URLMECH INTERNAL] how URLs are authorized");
    }
}

/// RFC 7162 §3.2.5.1: what was removed or changed since the client last had the folder selected.
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

/// The UIDs that were removed after `modseq`, in ascending order.
pub(super) fn removed_since(folder: &Folder, modseq: u64, asked: &dyn Fn(u32) -> bool) -> Vec<u32> {
    if modseq < folder.removals.forgotten {
        // RFC 7162 §3.2.7: every UID without a message, since their removals are forgotten.
        return (1..folder.next_uid).filter(|uid| asked(*uid) && folder.message(*uid).is_none()).collect();
    }
    let later = folder.removals.log.iter().filter(|(change, _)| *change > modseq);
    let mut gone: Vec<u32> = later.map(|(_, uid)| *uid).filter(|uid| asked(*uid)).collect();
    gone.sort_unstable();
    gone
}

#[cfg(test)]
mod tests {
    use crate::session::tests::{LOGIN, imap, says, store};

    /// RFC 7162 §3.2.7.
    #[test]
    fn removals_that_nobody_remembers_are_told_all_the_same() {
        let (mut session, mut store) = (imap(), store(&[]));
        let round = format!(
            "{}b select Sent\r\nc store 1:* +flags.silent (\\Deleted)\r\nd expunge\r\n",
            "p append Sent {1+}\r\nx\r\n".repeat(300)
        );
        says(&mut session, &format!("{LOGIN}{}p append Sent {{4+}}\r\nkept\r\n", round.repeat(4)), &mut store);
        let said = says(&mut session, "e enable qresync\r\nf select Sent (qresync (5 1 1:1201))\r\n", &mut store);
        assert!(said.contains("* VANISHED (EARLIER) 1:1200\r\n"), "{said}");
        // Remembered removals come alone. Each round was 300 changes and two for all messages, after the first one.
        let said = says(&mut session, "g select Sent (qresync (5 605 1:1201))\r\n", &mut store);
        assert!(said.contains("* VANISHED (EARLIER) 601:1200\r\n"), "{said}");
    }
}
