//! The FETCH command (RFC 3501 §6.4.5), also only for changed messages (RFC 7162) or a range of the result (RFC 9394).
//! A long answer is produced piece by piece, as the client reads it.

use std::sync::Arc;

use super::capabilities::Capability;
use super::envelope::Revision;
use super::fetch::{self, Item, UnknownEncoding};
use super::grammar::{Cursor, Malformed, Parsed};
use super::selected::Selected;
use super::{Answer, Command, OUTPUT_OCTETS_ENOUGH, Phase, Refusal, Session, bad, done, finish, no, select, sets};
use crate::faults::{Fault, Faults};
use crate::message::Message;
use crate::rights::Right;
use crate::session::{Next, Output};
use crate::store::{AccountId, Served, Store};

/// A FETCH whose answer is not complete.
#[derive(Debug)]
pub(super) struct Fetching {
    tag: String,
    by_uid: bool,
    account: AccountId,
    items: Vec<Item>,
    /// The messages that are left, as numbers and UIDs; the next one is last.
    left: Vec<(u32, u32)>,
    /// The UIDs of messages that were sent as surrogates (RFC 6858 §3).
    downgraded: Vec<u32>,
}

/// RFC 7162 §3.1.4, §3.2.6; RFC 9394 §3.3.
#[derive(Debug, Default)]
struct Modifiers {
    changed_since: Option<u64>,
    vanished: bool,
    partial: Option<(i64, i64)>,
}

impl Session {
    pub(super) fn fetch(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let cursor = &mut command.cursor;
        cursor.space()?;
        let set = cursor.sequence_set()?;
        cursor.space()?;
        let mut items = fetch::items(cursor)?;
        let modifiers = modifiers(cursor)?;
        cursor.end()?;
        self.selected()?;
        self.check(&items, &modifiers, command.by_uid, store)?;
        if modifiers.changed_since.is_some() || items.contains(&Item::ModSeq) {
            self.enable_condstore(store, output);
        }
        // RFC 3501 §6.4.8: UID FETCH answers with UID, asked for or not; RFC 7162 §3.1.4.1: CHANGEDSINCE with MODSEQ.
        if command.by_uid && !items.contains(&Item::Uid) {
            items.insert(0, Item::Uid);
        }
        if modifiers.changed_since.is_some() && !items.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        let enabled = self.enabled;
        let selected = self.selected()?;
        let folder = selected.folder(store)?;
        let mut left = selected.chosen(&set, command.by_uid)?;
        if let Some(limit) = modifiers.changed_since {
            if modifiers.vanished {
                let (_, last_uid) = selected.last();
                let asked = |uid: u32| set.contains(uid, last_uid.max(uid));
                let gone = select::removed_since(folder, limit, &asked);
                if !gone.is_empty() {
                    output.line(&format!("* VANISHED (EARLIER) {}", sets::written(&gone)));
                }
            }
            left.retain(|(_, uid)| folder.message(*uid).is_some_and(|message| message.modseq > limit));
        }
        if let Some(range) = modifiers.partial {
            left = within(left, range);
        }
        // The next one is taken from the end.
        if !store.faults.has(Fault::OutOfOrder) {
            left.reverse();
        }
        let mut fetching = Fetching {
            tag: command.tag.to_owned(),
            by_uid: command.by_uid,
            account: command.account,
            items,
            left,
            downgraded: Vec::new(),
        };
        let answer = fetching.go_on(selected, store, output, enabled)?;
        if answer.is_none() && output.next == Next::Read {
            self.phase = Phase::Fetching(Box::new(fetching));
        }
        Ok(answer)
    }

    /// Goes on with a FETCH whose answer is not complete.
    pub(super) fn go_on_fetching(&mut self, store: &mut Served<'_>, output: &mut Output) {
        if !matches!(self.phase, Phase::Fetching(_)) {
            return;
        }
        let Phase::Fetching(mut fetching) = std::mem::replace(&mut self.phase, Phase::Commands) else { return };
        let enabled = self.enabled;
        let answer = match self.selected.as_mut() {
            Some(selected) => fetching.go_on(selected, store, output, enabled),
            None => Err(bad("no folder is selected")),
        };
        match answer {
            Ok(None) if output.next == Next::Read => {
                output.next = Next::GoOn;
                self.phase = Phase::Fetching(fetching);
            }
            Ok(None) => {}
            answer => {
                self.announce(fetching.by_uid, store, output);
                finish(&fetching.tag, answer, output);
            }
        }
    }

    fn check(&self, items: &[Item], modifiers: &Modifiers, by_uid: bool, store: &Served<'_>) -> Result<(), Refusal> {
        let has = |capability| store.capabilities.has(capability);
        if items.iter().any(|item| !fetch::is_known(item, store.capabilities)) {
            return Err(bad("unknown item"));
        }
        if modifiers.changed_since.is_some() && !has(Capability::CondStore)
            || modifiers.partial.is_some() && !has(Capability::Partial)
        {
            return Err(bad("unknown modifier"));
        }
        // RFC 7162 §3.2.6: "the VANISHED UID FETCH modifier MUST only be specified together with the CHANGEDSINCE UID FETCH
        // modifier", after QRESYNC was enabled.
        if modifiers.vanished && !(by_uid && self.enabled.qresync && modifiers.changed_since.is_some()) {
            return Err(bad("VANISHED goes with UID FETCH, CHANGEDSINCE and ENABLE QRESYNC"));
        }
        Ok(())
    }
}

impl Fetching {
    /// Answers to the end, or until there is enough to send.
    fn go_on(
        &mut self,
        selected: &mut Selected,
        store: &mut Served<'_>,
        output: &mut Output,
        enabled: super::Enabled,
    ) -> Answer {
        let may_mark = selected.rights(self.account, store)?.has(Right::Seen);
        let marks = !selected.read_only && may_mark && self.items.iter().any(Item::marks_as_seen);
        let hands_out_all = self.items.iter().any(Item::is_whole_message);
        let cuts = self.items.iter().any(Item::is_text) && store.faults.has(Fault::ConnectionDropped);
        while let Some((number, uid)) = self.left.pop() {
            if output.bytes.len() > OUTPUT_OCTETS_ENOUGH {
                self.left.push((number, uid));
                return Ok(None);
            }
            let mut says_flags = self.items.contains(&Item::Flags);
            if marks {
                says_flags |= mark_as_seen(selected, uid, store)?;
            }
            let folder = selected.folder(store)?;
            let Some(message) = folder.message(uid) else { continue };
            let flags = selected.flags(message, enabled);
            let start = output.bytes.len();
            let surrogate = if enabled.utf8_is_understood() { None } else { store.surrogate(message) };
            self.downgraded.extend(surrogate.as_ref().map(|_| uid));
            let message = surrogate.as_ref().unwrap_or(message);
            let mut items = self.items.clone();
            if says_flags && !items.contains(&Item::Flags) {
                items.push(Item::Flags);
            }
            if enabled.condstore && says_flags && !items.contains(&Item::ModSeq) {
                items.push(Item::ModSeq);
            }
            let revision = enabled.revision();
            if write(number, message, &items, &flags, revision, &store.faults, &mut output.bytes).is_err() {
                return Err(no("[UNKNOWN-CTE] a transfer encoding that nobody knows"));
            }
            if let Some(octets) = store.faults.amount(Fault::HugeLiteral).filter(|_| hands_out_all) {
                store.faults.takes_hold(Fault::HugeLiteral);
                let bytes = Arc::clone(&message.bytes);
                output.bytes.truncate(start);
                output.bytes.extend(format!("* {number} FETCH (BODY[] {{{octets}}}\r\n").bytes());
                output.bytes.extend_from_slice(&bytes);
                output.next = Next::Close;
                return Ok(None);
            }
            if cuts {
                output.bytes.truncate(start + (output.bytes.len() - start) / 2);
                output.next = Next::Close;
                return Ok(None);
            }
        }
        match self.downgraded.is_empty() {
            true => done("fetched"),
            // RFC 6858 §3.
            false => done(&format!("[DOWNGRADED {}] fetched, some in other words", sets::written(&self.downgraded))),
        }
    }
}

/// Writes a whole FETCH response, or nothing if a part's encoding is unknown.
pub(super) fn write(
    number: u32,
    message: &Message,
    items: &[Item],
    flags: &str,
    revision: Revision,
    faults: &Faults,
    out: &mut Vec<u8>,
) -> Result<(), UnknownEncoding> {
    let start = out.len();
    out.extend(format!("* {number} FETCH (").bytes());
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        if let Err(unknown) = item.write(message, flags, revision, faults, out) {
            out.truncate(start);
            return Err(unknown);
        }
    }
    out.extend(b")\r\n");
    Ok(())
}

/// Sets `\Seen`; whether it was not set before.
fn mark_as_seen(selected: &mut Selected, uid: u32, store: &mut Store) -> Result<bool, Refusal> {
    let folder = selected.folder(store)?;
    if folder.message(uid).is_none_or(|message| message.has_flag("\\Seen")) {
        return Ok(false);
    }
    let folder = selected.folder_mut(store)?;
    let up_to_date = selected.told == folder.highest_modseq;
    let modseq = folder.new_modseq();
    if let Some(message) = folder.message_mut(uid) {
        message.flags.push("\\Seen".to_owned());
        message.modseq = modseq;
    }
    // The FETCH response shows it; nothing is left to announce.
    if up_to_date {
        selected.told = modseq;
    }
    Ok(true)
}

fn modifiers(cursor: &mut Cursor<'_>) -> Parsed<Modifiers> {
    let mut modifiers = Modifiers::default();
    if !cursor.take(b' ') {
        return Ok(modifiers);
    }
    cursor.list(|cursor| {
        match cursor.atom()?.to_ascii_uppercase().as_str() {
            "CHANGEDSINCE" => {
                cursor.space()?;
                modifiers.changed_since = Some(cursor.number64()?);
            }
            "VANISHED" => modifiers.vanished = true,
            "PARTIAL" => {
                cursor.space()?;
                modifiers.partial = Some(range(cursor)?);
            }
            _ => return Err(Malformed("unknown modifier")),
        }
        Ok(())
    })?;
    Ok(modifiers)
}

/// ```abnf
/// partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number      ; RFC 9394 §4
/// ```
pub(super) fn range(cursor: &mut Cursor<'_>) -> Parsed<(i64, i64)> {
    let first = position(cursor)?;
    cursor.expect(b':', "a range has two ends")?;
    let last = position(cursor)?;
    match (first < 0) == (last < 0) {
        true => Ok((first, last)),
        false => Err(Malformed("both ends are counted from the same side")),
    }
}

fn position(cursor: &mut Cursor<'_>) -> Parsed<i64> {
    let sign = if cursor.take(b'-') { -1 } else { 1 };
    match cursor.number()? {
        0 => Err(Malformed("positions are counted from 1")),
        number => Ok(sign * i64::from(number)),
    }
}

/// The elements at those positions, counted from the start or, if negative, from the end.
pub(super) fn within<T>(all: Vec<T>, (one, other): (i64, i64)) -> Vec<T> {
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let at = |position: i64| if position < 0 { count + position } else { position - 1 };
    let (first, last) = (at(one).min(at(other)), at(one).max(at(other)));
    all.into_iter().zip(0..).filter(|(_, at)| (first..=last).contains(at)).map(|(it, _)| it).collect()
}

#[cfg(test)]
mod tests {
    use crate::session::Next;
    use crate::session::tests::{LOGIN, imap, says, store};

    /// For a slow client, only a part of a long answer is in memory.
    #[test]
    fn a_long_answer_is_made_as_it_is_taken() {
        let (mut session, mut store) = (imap(), store(&[]));
        says(&mut session, LOGIN, &mut store);
        for _ in 0..20 {
            says(&mut session, &format!("p append Sent {{100000+}}\r\n{}\r\n", "x".repeat(100_000)), &mut store);
        }
        says(&mut session, "b select Sent\r\n", &mut store);
        let mut whole = Vec::new();
        let mut output = session.receive(b"c fetch 1:* body.peek[]\r\nd noop\r\n", &mut store);
        loop {
            assert!(output.bytes.len() < 500_000, "{} octets at once", output.bytes.len());
            whole.extend(output.bytes);
            if output.next != Next::GoOn {
                break;
            }
            output = session.receive(&[], &mut store);
        }
        assert_eq!(output.next, Next::Read);
        let whole = String::from_utf8(whole).expect("UTF-8");
        assert_eq!(whole.matches("FETCH (BODY[] {100000}\r\n").count(), 20);
        assert!(whole.ends_with(")\r\nc OK fetched\r\nd OK still here\r\n"), "{}", &whole[whole.len() - 80..]);
    }
}
