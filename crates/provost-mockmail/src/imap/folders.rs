//! CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE (RFC 3501 §6.3), with the special uses of RFC 6154.

use super::capabilities::Capability;
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Enabled, Refusal, acl, done, fetch, no};
use crate::mailbox::{DELIMITER, special_use};
use crate::rights::Right;
use crate::store::{AccountId, Place, Served, Store};

pub(super) fn command(command: &mut Command<'_>, enabled: Enabled, store: &mut Served<'_>) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let name = cursor.mailbox()?;
    match command.name {
        "RENAME" => {
            cursor.space()?;
            let to = cursor.mailbox()?;
            cursor.end()?;
            rename(&name, &to, command.account, store)
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
            create(&name, special_use, command.account, store)
        }
        "DELETE" => {
            cursor.end()?;
            let place = store.place(command.account, &name);
            acl::allowed(&place, command.account, Right::DeleteFolder, store)?;
            let below = format!("{}{DELIMITER}", place.name);
            let folders = store.folders_mut(place.owner);
            // RFC 9051 §6.3.5: "It is an error to attempt to delete a name that has inferior hierarchical names".
            if enabled.rev2 && folders.all().iter().any(|folder| folder.name.starts_with(&below)) {
                return Err(no("[HASCHILDREN] there are folders below it"));
            }
            outcome(folders.delete(&place.name), "[CANNOT] INBOX stays")
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

fn create(name: &str, special_use: Option<&'static str>, account: AccountId, store: &mut Served<'_>) -> Answer {
    let object_ids = store.capabilities.has(Capability::ObjectId);
    let place = store.place(account, name);
    may_create(&place, account, store)?;
    let folders = store.folders_mut(place.owner);
    if special_use.is_some_and(|it| folders.all().iter().any(|folder| folder.special_use == Some(it))) {
        return Err(no("[USEATTR] another folder has that use"));
    }
    if folders.named(place.name.trim_end_matches(DELIMITER)).is_some() {
        return Err(no("[ALREADYEXISTS] there is one of that name"));
    }
    if !folders.create(&place.name, special_use) {
        return Err(no("[CANNOT] no folder can have that name"));
    }
    match folders.named(place.name.trim_end_matches(DELIMITER)).filter(|_| object_ids) {
        Some(folder) => done(&format!("[MAILBOXID ({})] made", fetch::mailbox_id(folder))),
        None => done("made"),
    }
}

fn rename(from: &str, to: &str, account: AccountId, store: &mut Store) -> Answer {
    let (from, to) = (store.place(account, from), store.place(account, to));
    acl::allowed(&from, account, Right::DeleteFolder, store)?;
    may_create(&to, account, store)?;
    if from.owner != to.owner {
        return Err(no("[CANNOT] a folder stays with its owner"));
    }
    let folders = store.folders_mut(from.owner);
    outcome(folders.rename(&from.name, &to.name), "[ALREADYEXISTS] there is one of that name, or none can be")
}

/// RFC 4314 §4: "CREATE - "k" right on a nearest existing parent mailbox". Only the owner creates top-level folders.
fn may_create(place: &Place, account: AccountId, store: &Store) -> Result<(), Refusal> {
    let folders = store.folders(place.owner);
    let name = place.name.trim_end_matches(DELIMITER);
    let above = name.rmatch_indices(DELIMITER).find_map(|(at, _)| folders.named(&name[..at]));
    let may = match above {
        Some(folder) => store.rights(account, place.owner, folder).has(Right::CreateFolder),
        None => place.owner == account,
    };
    if may { Ok(()) } else { Err(no(acl::NOT_ALLOWED)) }
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
                cursor.list(Cursor::attribute)
            }
            false => Err(Malformed("unknown parameter")),
        }
    })?;
    let Some(wanted) = words.into_iter().flatten().next() else { return Ok(None) };
    special_use(&wanted).map(Some).ok_or(no("[USEATTR] no such use here"))
}
