//! Access rights to a folder: GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314 §3).

use super::commands::{Answers, CommandRow};
use super::{Answer, Command, Enabled, Refusal, bad, done, envelope, names, no};
use crate::mailbox::Folder;
use crate::rights::{RIGHTS, Right, Rights};
use crate::session::Output;
use crate::store::{AccountId, Place, Store};

const ACL: Answers = Answers::User(|it, said, store, output| command(said, it.enabled, store, output));
pub(super) const COMMANDS: &[CommandRow] = &[
    CommandRow::new("GETACL", ACL),
    CommandRow::new("SETACL", ACL),
    CommandRow::new("DELETEACL", ACL),
    CommandRow::new("LISTRIGHTS", ACL),
    CommandRow::new("MYRIGHTS", ACL),
];

fn command(command: &mut Command<'_>, enabled: Enabled, store: &mut Store, output: &mut Output) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let name = cursor.mailbox()?;
    let mut identifier = String::new();
    if matches!(command.name, "SETACL" | "DELETEACL" | "LISTRIGHTS") {
        cursor.space()?;
        identifier = cursor.text()?;
    }
    let mut change = None;
    if command.name == "SETACL" {
        cursor.space()?;
        change = Some(Change::parse(&cursor.text()?).ok_or(bad("a letter that is no right"))?);
    }
    cursor.end()?;
    let place = store.place(command.account, &name);
    let (folder, rights) = visible(&place, command.account, store)?;
    if command.name == "MYRIGHTS" {
        my_rights(&name, rights, enabled, output);
        return done("that is all");
    }
    if !rights.has(Right::Administer) {
        return Err(no(NOT_ALLOWED));
    }
    let owner = store.login(place.owner).to_owned();
    match command.name {
        "GETACL" => {
            let others = folder.access.others.iter().map(|(identifier, rights)| (identifier, *rights));
            let list = [(&owner, folder.access.owner)].into_iter().chain(others);
            let list: String = list.map(|(identifier, rights)| format!(" {} {rights}", written(identifier))).collect();
            output.line(&format!("* ACL {}{list}", names::written(&name, enabled)));
        }
        "LISTRIGHTS" => {
            let always = if identifier == owner { Rights::OF_ANY_OWNER } else { Rights::NONE };
            let letters = |wanted: &dyn Fn(Right) -> bool| -> Vec<String> {
                RIGHTS.iter().filter(|(_, right)| wanted(*right)).map(|(letter, _)| letter.to_string()).collect()
            };
            let required = letters(&|right| always.has(right)).concat();
            let required = if required.is_empty() { "\"\"" } else { &required };
            let optional = letters(&|right| !always.has(right)).join(" ");
            let (name, identifier) = (names::written(&name, enabled), written(&identifier));
            output.line(&format!("* LISTRIGHTS {name} {identifier} {required} {optional} c d"));
        }
        _ => change_list(&place, &owner, &identifier, change, store)?,
    }
    done("that is all")
}

/// What SETACL does with an identifier's rights.
enum Change {
    Replace(Rights),
    Add(Rights),
    Remove(Rights),
}

impl Change {
    fn parse(text: &str) -> Option<Self> {
        match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(letters), _) => Rights::parse(letters).map(Self::Add),
            (None, Some(letters)) => Rights::parse(letters).map(Self::Remove),
            (None, None) => Rights::parse(text).map(Self::Replace),
        }
    }
}

/// SETACL, or DELETEACL if there is no change.
fn change_list(
    place: &Place,
    owner: &str,
    identifier: &str,
    change: Option<Change>,
    store: &mut Store,
) -> Result<(), Refusal> {
    // RFC 4314 §3: an identifier that is empty after its preparation is BAD.
    if identifier.trim_start_matches('-').is_empty() {
        return Err(bad("rights are somebody's"));
    }
    let known = store.accounts.of_login(identifier.trim_start_matches('-')).is_some() || identifier.ends_with("anyone");
    if !known && change.is_some() {
        return Err(no("[CANNOT] nobody is called that"));
    }
    store.shares(place.owner);
    let folder = store.folders_mut(place.owner).named_mut(&place.name).ok_or(no(NO_SUCH_FOLDER))?;
    let list = &mut folder.access;
    match change {
        None if identifier == owner => list.owner = Rights::NONE,
        None => list.others.retain(|(it, _)| it != identifier),
        Some(change) => {
            let rights = if identifier == owner { &mut list.owner } else { list.other(identifier) };
            *rights = match change {
                Change::Replace(these) => these,
                Change::Add(these) => rights.and(these),
                Change::Remove(these) => rights.without(these),
            };
            list.others.retain(|(_, rights)| *rights != Rights::NONE);
        }
    }
    // An owner without these rights could never get the others back.
    list.owner = list.owner.and(Rights::OF_ANY_OWNER);
    Ok(())
}

/// RFC 4314 §3.8.
pub(super) fn my_rights(name: &str, rights: Rights, enabled: Enabled, output: &mut Output) {
    output.line(&format!("* MYRIGHTS {} {rights}", names::written(name, enabled)));
}

/// The folder and the user's rights. RFC 4314 §6: a user who may not even look it up is told that there is none.
pub(super) fn visible<'a>(
    place: &Place,
    account: AccountId,
    store: &'a Store,
) -> Result<(&'a Folder, Rights), Refusal> {
    let folder = store.folders(place.owner).named(&place.name).ok_or(no(NO_SUCH_FOLDER))?;
    let rights = store.rights(account, place.owner, folder);
    // "at least one of the "l", "r", "i", "k", "x", "a" rights is required".
    let any = [Right::Lookup, Right::Read, Right::Insert, Right::CreateFolder, Right::DeleteFolder, Right::Administer];
    match any.into_iter().any(|right| rights.has(right)) {
        true => Ok((folder, rights)),
        false => Err(no(NO_SUCH_FOLDER)),
    }
}

/// The folder, if the user has `right` to it.
pub(super) fn allowed<'a>(
    place: &Place,
    account: AccountId,
    right: Right,
    store: &'a Store,
) -> Result<&'a Folder, Refusal> {
    let (folder, rights) = visible(place, account, store)?;
    if rights.has(right) { Ok(folder) } else { Err(no(NOT_ALLOWED)) }
}

/// The rights to a folder that receives messages. RFC 3501 §6.3.11: TRYCREATE tells a client that it may create the
/// folder.
pub(super) fn to_insert(place: &Place, account: AccountId, store: &Store) -> Result<Rights, Refusal> {
    match visible(place, account, store) {
        Ok((_, rights)) if rights.has(Right::Insert) => Ok(rights),
        Ok(_) => Err(no(NOT_ALLOWED)),
        Err(_) => Err(no("[TRYCREATE] no such folder")),
    }
}

/// An identifier, quoted only where an astring needs it, as in Dovecot: `getacl` of imapclient 4.1 takes quotation
/// marks for a part of the name.
fn written(identifier: &str) -> String {
    let is_atom = |byte: u8| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte);
    match !identifier.is_empty() && !identifier.eq_ignore_ascii_case("NIL") && identifier.bytes().all(is_atom) {
        true => identifier.to_owned(),
        false => String::from_utf8_lossy(&envelope::nstring(Some(identifier.as_bytes()))).into_owned(),
    }
}

pub(super) const NO_SUCH_FOLDER: &str = "[NONEXISTENT] no such folder";
pub(super) const NOT_ALLOWED: &str = "[NOPERM] that is not for you";
