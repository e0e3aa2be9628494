//! QUOTA (RFC 9208): one quota root for each account, which no client can change.

use super::commands::{Answers, CommandRow};
use super::{Answer, Command, Enabled, done, names, no};
use crate::faults::Fault;
use crate::mailbox::Folder;
use crate::session::Output;
use crate::store::Served;

const QUOTA: Answers = Answers::User(|it, said, store, output| command(said, it.enabled, store, output));
pub(super) const COMMANDS: &[CommandRow] =
    &[CommandRow::new("GETQUOTA", QUOTA), CommandRow::new("GETQUOTAROOT", QUOTA), CommandRow::new("SETQUOTA", QUOTA)];

fn command(command: &mut Command<'_>, enabled: Enabled, store: &Served<'_>, output: &mut Output) -> Answer {
    command.cursor.space()?;
    let mut folders = store.folders(command.account);
    match command.name {
        "GETQUOTAROOT" => {
            let name = command.cursor.mailbox()?;
            command.cursor.end()?;
            let place = store.place(command.account, &name);
            folders = store.folders(place.owner);
            // RFC 9208 §4.1.2: "the mailbox name parameter doesn't have to reference an existing mailbox".
            output.line(&format!("* QUOTAROOT {} \"\"", names::written(&name, enabled)));
        }
        "GETQUOTA" => {
            let root = command.cursor.text()?;
            command.cursor.end()?;
            if !root.is_empty() {
                return Err(no("[NONEXISTENT] no such quota root"));
            }
        }
        // RFC 9208 §4.1.4: only with QUOTASET.
        _ => return Err(no("[NOPERM] quotas are given, not taken")),
    }
    let messages: usize = folders.all().iter().map(|folder| folder.messages.len()).sum();
    let octets: usize = folders.all().iter().map(Folder::octets).sum();
    let limit = store.limits.mailbox_octets / UNIT;
    let used = if store.faults.has(Fault::QuotaUsedUp) { limit } else { octets.div_ceil(UNIT) };
    output.line(&format!("* QUOTA \"\" (STORAGE {used} {limit} MESSAGE {messages} {})", store.limits.mailbox_messages));
    done("that is all")
}

/// RFC 9208 §5.1: STORAGE counts "in units of 1024 octets".
const UNIT: usize = 1024;
