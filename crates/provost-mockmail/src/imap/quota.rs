//! QUOTA (RFC 9208): one root for everything, which nobody may change.

use super::{Answer, Command, Enabled, done, names, no};
use crate::account::Store;
use crate::mailbox::Folders;
use crate::session::Output;

pub(super) fn command(command: &mut Command<'_>, enabled: Enabled, store: &Store, output: &mut Output) -> Answer {
    command.cursor.space()?;
    let mut folders = store.folders(command.account);
    match command.name {
        "GETQUOTAROOT" => {
            let name = command.cursor.mailbox()?;
            command.cursor.end()?;
            let place = store.place(command.account, &name);
            folders = store.folders(place.owner);
            folders.named(&place.name).ok_or(no("[NONEXISTENT] no such folder"))?;
            output.bytes.extend(b"* QUOTAROOT ");
            names::write(&name, enabled, &mut output.bytes);
            output.line(" \"\"");
        }
        "GETQUOTA" => {
            let root = command.cursor.text()?;
            command.cursor.end()?;
            if !root.is_empty() {
                return Err(no("[NONEXISTENT] no such quota root"));
            }
        }
        // RFC 9208 §4.1.4 is for servers that announce QUOTASET.
        _ => return Err(no("[NOPERM] quotas are given, not taken")),
    }
    let messages: usize = folders.all().iter().map(|folder| folder.messages.len()).sum();
    output.line(&format!(
        "* QUOTA \"\" (STORAGE {} {} MESSAGE {messages} {MESSAGES_MAX})",
        octets(folders).div_ceil(UNIT),
        OCTETS_MAX / UNIT,
    ));
    done("that is all")
}

/// Whether a mailbox takes so many octets more.
pub(super) fn leaves_room(folders: &Folders, more: usize) -> bool {
    let messages: usize = folders.all().iter().map(|folder| folder.messages.len()).sum();
    messages < MESSAGES_MAX && octets(folders).saturating_add(more) <= OCTETS_MAX
}

fn octets(folders: &Folders) -> usize {
    folders.all().iter().map(crate::mailbox::Folder::octets).sum()
}

/// RFC 9208 §5.1: STORAGE counts "in units of 1024 octets".
const UNIT: usize = 1024;
/// What one account may keep.
const OCTETS_MAX: usize = 1024 * 1024 * 1024;
const MESSAGES_MAX: usize = 1_000_000;
