//! COPY (RFC 3501 §6.4.7), MOVE (RFC 6851) and EXPUNGE, each also by UID (RFC 4315).

use provost_account::AnswerStep;

use super::capabilities::Capability;
use super::commands::{Answers, CommandRow};
use super::{Answer, Command, Session, acl, done, no, sets};
use crate::faults::Fault;
use crate::rights::Right;
use crate::session::Output;
use crate::store::Served;

pub(super) const MOVE: &[CommandRow] =
    &[CommandRow { step: AnswerStep::Change, ..CommandRow::of_messages("MOVE", Answers::User(Session::copy)) }];

impl Session {
    pub(super) fn copy(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let set = command.cursor.sequence_set()?;
        command.cursor.space()?;
        let name = command.cursor.mailbox()?;
        command.cursor.end()?;
        let moves = command.name == "MOVE";
        let place = store.place(command.account, &name);
        let target_rights = acl::to_insert(&place, command.account, store)?;
        let uid_plus = store.capabilities.has(Capability::UidPlus);
        let now = store.now;
        let selected = self.selected()?;
        if moves {
            selected.to_remove(command.account, store)?;
        }
        let chosen: Vec<u32> = selected.chosen(&set, command.by_uid)?.into_iter().map(|(_, uid)| uid).collect();
        let source = selected.folder(store)?;
        let messages: Vec<_> = chosen.iter().filter_map(|uid| source.message(*uid).cloned()).collect();
        let more = messages.iter().map(|message| message.bytes.len()).sum();
        let full = store.faults.has(Fault::OverQuota) || !store.leaves_room(place.owner, more);
        if !moves && full {
            return Err(no("[OVERQUOTA] the mailbox is full"));
        }
        let target = store.folders_mut(place.owner).named_mut(&place.name).ok_or(no(acl::NO_SUCH_FOLDER))?;
        if messages.is_empty() {
            return done("there is none of them");
        }
        let from: Vec<u32> = messages.iter().map(|message| message.uid).collect();
        let to: Vec<u32> = messages
            .into_iter()
            .map(|it| {
                // RFC 4314 §4: a flag that the user has no right to set is lost, and the command succeeds.
                let flags = it.flags.iter().filter(|flag| target_rights.allow_flag(flag)).cloned().collect();
                target.append_copy(it, flags, now)
            })
            .collect();
        let code = format!("[COPYUID {} {} {}]", target.uid_validity, sets::written(&from), sets::written(&to));
        if !moves {
            return done(&if uid_plus { format!("{code} copied") } else { "copied".to_owned() });
        }
        // RFC 6851 §4.3: COPYUID comes in an untagged OK, before the EXPUNGE responses.
        if uid_plus {
            output.line(&format!("* OK {code} moved"));
        }
        let folder = selected.folder_mut(store)?;
        folder.remove(&from);
        let modseq = folder.highest_modseq;
        self.announce_own(true, store, output);
        match self.enabled.qresync {
            // RFC 6851 §4.4.
            true => done(&format!("[HIGHESTMODSEQ {modseq}] moved")),
            false => done("moved"),
        }
    }

    pub(super) fn expunge(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let mut only = None;
        if command.by_uid {
            command.cursor.space()?;
            only = Some(command.cursor.sequence_set()?);
        }
        command.cursor.end()?;
        let selected = self.selected()?;
        selected.to_write()?;
        if !selected.rights(command.account, store)?.has(Right::Expunge) {
            return Err(no(acl::NOT_ALLOWED));
        }
        let named: Option<Vec<u32>> =
            only.map(|set| selected.among(&set, true).into_iter().map(|(_, uid)| uid).collect());
        let folder = selected.folder_mut(store)?;
        let doomed: Vec<u32> = folder
            .messages
            .iter()
            .filter(|it| it.has_flag("\\Deleted"))
            .map(|it| it.uid)
            .filter(|uid| named.as_ref().is_none_or(|named| named.binary_search(uid).is_ok()))
            .collect();
        folder.remove(&doomed);
        let modseq = folder.highest_modseq;
        self.announce_own(true, store, output);
        match self.enabled.qresync && !doomed.is_empty() {
            // RFC 7162 §3.2.7.
            true => done(&format!("[HIGHESTMODSEQ {modseq}] expunged")),
            false => done("expunged"),
        }
    }
}
