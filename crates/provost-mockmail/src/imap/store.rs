//! STORE (RFC 3501 §6.4.6), on request only in unchanged messages (RFC 7162 §3.1.3).

use super::capabilities::Capability;
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Session, acl, bad, done, no, sets};
use crate::flags;
use crate::message::Message;
use crate::rights::Rights;
use crate::session::Output;
use crate::store::Served;

/// What to do with the flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Replace,
    Add,
    Remove,
}

impl Action {
    /// Changes a message's flags; returns whether they are different afterwards.
    fn change(self, message: &mut Message, flags: &[String], rights: Rights) -> bool {
        let before = message.flags.clone();
        let named = |flag: &String| flags.iter().any(|it| it.eq_ignore_ascii_case(flag));
        if self != Self::Add {
            message.flags.retain(|flag| self == Self::Remove && !named(flag) || !rights.allow_flag(flag));
        }
        if self != Self::Remove {
            for flag in flags {
                if !message.has_flag(flag) {
                    message.flags.push(flag.clone());
                }
            }
        }
        message.flags != before
    }
}

impl Session {
    pub(super) fn store(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let cursor = &mut command.cursor;
        cursor.space()?;
        let set = cursor.sequence_set()?;
        cursor.space()?;
        let unchanged_since = unchanged_since(cursor)?;
        if unchanged_since.is_some() && !store.capabilities.has(Capability::CondStore) {
            return Err(bad("unknown modifier"));
        }
        let word = cursor.word(b" ")?.to_ascii_uppercase();
        let (action, silent) = action(&word)?;
        cursor.space()?;
        let flags = flags(cursor)?;
        cursor.end()?;
        self.selected()?.to_write()?;
        if unchanged_since.is_some() {
            self.enable_condstore(store, output);
        }
        let enabled = self.enabled;
        let selected = self.selected()?;
        let chosen = selected.chosen(&set, command.by_uid)?;
        let rights = selected.rights(command.account, store)?;
        // RFC 4314 §4: STORE "SHOULD NOT fail if the user has rights to modify at least one flag".
        let asked = flags.len();
        let flags: Vec<String> = flags.into_iter().filter(|flag| rights.allow_flag(flag)).collect();
        if asked > 0 && flags.is_empty() {
            return Err(no(acl::NOT_ALLOWED));
        }
        let folder = selected.folder_mut(store)?;
        let flags = flags::spelled(flags, &folder.keywords);
        folder.remember(&flags);
        let modseq = folder.highest_modseq + 1;
        let mut modified = Vec::new();
        let mut lines = Vec::new();
        let mut changed = false;
        for (number, uid) in chosen {
            let Some(message) = folder.message_mut(uid) else { continue };
            if unchanged_since.is_some_and(|limit| message.modseq > limit) {
                modified.push(if command.by_uid { uid } else { number });
                continue;
            }
            if action.change(message, &flags, rights) {
                message.modseq = modseq;
                changed = true;
            }
            if !silent {
                lines.push(selected.flags_line(number, message, command.by_uid || enabled.qresync, enabled));
            } else if enabled.condstore {
                // RFC 7162 §3.1.3: the client learns the mod-sequence even of a silent change.
                let uid = if command.by_uid || enabled.qresync { format!("UID {uid} ") } else { String::new() };
                lines.push(format!("* {number} FETCH ({uid}MODSEQ ({}))", message.modseq));
            }
        }
        if changed {
            folder.new_modseq();
        }
        selected.tell_keywords(command.account, store, output);
        for line in lines {
            output.line(&line);
        }
        let folder = selected.folder(store)?.highest_modseq;
        selected.told = selected.told.max(folder);
        match modified.is_empty() {
            true => done("stored"),
            false => done(&format!("[MODIFIED {}] these have changed before", sets::written(&modified))),
        }
    }
}

/// ```abnf
/// store-modifier =/ "UNCHANGEDSINCE" SP mod-sequence-valzer      ; RFC 7162 §7
/// ```
fn unchanged_since(cursor: &mut Cursor<'_>) -> Parsed<Option<u64>> {
    if cursor.peek() != Some(b'(') {
        return Ok(None);
    }
    let limits = cursor.list(|cursor| match cursor.atom()?.eq_ignore_ascii_case("UNCHANGEDSINCE") {
        true => {
            cursor.space()?;
            cursor.number64()
        }
        false => Err(Malformed("unknown modifier")),
    })?;
    cursor.space()?;
    Ok(limits.first().copied())
}

fn action(word: &str) -> Parsed<(Action, bool)> {
    let (word, silent) = word.strip_suffix(".SILENT").map_or((word, false), |word| (word, true));
    let action = match word {
        "FLAGS" => Action::Replace,
        "+FLAGS" => Action::Add,
        "-FLAGS" => Action::Remove,
        _ => return Err(Malformed("FLAGS, +FLAGS or -FLAGS")),
    };
    Ok((action, silent))
}

fn flags(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    match cursor.peek() {
        Some(b'(') => cursor.list(Cursor::flag),
        _ => {
            let mut flags = vec![cursor.flag()?];
            while cursor.take(b' ') {
                flags.push(cursor.flag()?);
            }
            Ok(flags)
        }
    }
}
