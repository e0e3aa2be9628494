//! CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3), with the special uses of RFC 6154.

use super::fetch;
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Refusal, done, no};
use crate::account::Store;
use crate::capabilities::Capability;

pub(super) fn command(command: &mut Command<'_>, store: &mut Store) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let name = cursor.mailbox()?;
    match command.name {
        "RENAME" => {
            cursor.space()?;
            let to = cursor.mailbox()?;
            cursor.end()?;
            let folders = store.folders_mut(command.account);
            if folders.named(&name).is_none() {
                return Err(no("[NONEXISTENT] no such folder"));
            }
            outcome(folders.rename(&name, &to), "[ALREADYEXISTS] there is one of that name, or none can be")
        }
        "CREATE" => {
            let mut special_use = None;
            if cursor.take(b' ') {
                special_use = wanted_use(cursor)?;
                if special_use.is_some() && !store.capabilities.has(Capability::CreateSpecialUse) {
                    return Err(Refusal::Bad("unknown parameter".into()));
                }
            }
            cursor.end()?;
            let object_ids = store.capabilities.has(Capability::ObjectId);
            let folders = store.folders_mut(command.account);
            if special_use.is_some_and(|it| folders.all().iter().any(|folder| folder.special_use == Some(it))) {
                return Err(no("[USEATTR] another folder has that use"));
            }
            if !folders.create(&name, special_use) {
                return Err(no("[ALREADYEXISTS] there is one of that name, or none can be"));
            }
            match folders.named(name.trim_end_matches('/')).filter(|_| object_ids) {
                Some(folder) => done(&format!("[MAILBOXID ({})] made", fetch::mailbox_id(folder))),
                None => done("made"),
            }
        }
        "DELETE" => {
            cursor.end()?;
            outcome(store.folders_mut(command.account).delete(&name), "[NONEXISTENT] there is none that can be deleted")
        }
        "SUBSCRIBE" => {
            cursor.end()?;
            store.folders_mut(command.account).subscribe(&name);
            done("remembered")
        }
        _ => {
            cursor.end()?;
            store.folders_mut(command.account).unsubscribe(&name);
            done("forgotten")
        }
    }
}

fn outcome(done_it: bool, refusal: &'static str) -> Answer {
    if done_it { done("so be it") } else { Err(no(refusal)) }
}

/// ```abnf
/// create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"      ; RFC 6154 §6
/// ```
fn wanted_use(cursor: &mut Cursor<'_>) -> Result<Option<&'static str>, Refusal> {
    let words = cursor.list(|cursor| -> Parsed<Vec<String>> {
        match cursor.atom()?.eq_ignore_ascii_case("USE") {
            true => {
                cursor.space()?;
                cursor.list(Cursor::flag)
            }
            false => Err(Malformed("unknown parameter")),
        }
    })?;
    let Some(wanted) = words.into_iter().flatten().next() else { return Ok(None) };
    let known = USES.iter().find(|it| it.eq_ignore_ascii_case(&wanted));
    known.map(|it| Some(*it)).ok_or(no("[USEATTR] no such use here"))
}

/// RFC 6154 §2, those that a folder of messages can have.
const USES: [&str; 5] = ["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"];
