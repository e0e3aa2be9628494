//! The commands on folders that none needs to be selected for: LIST and LSUB, making and removing, STATUS, APPEND,
//! NAMESPACE.

use super::grammar::{Cursor, Malformed};
use super::{Answer, Refusal, done, envelope};
use crate::account::{AccountId, Store};
use crate::faults::Fault;
use crate::mailbox::{Folder, Folders};
use crate::session::Output;

/// Whether [`command`] knows it.
pub(super) fn is_command(name: &str) -> bool {
    COMMANDS.contains(&name)
}

/// Does the command whose arguments `cursor` stands before.
pub(super) fn command(
    name: &str,
    cursor: &mut Cursor<'_>,
    account: AccountId,
    store: &mut Store,
    output: &mut Output,
) -> Answer {
    if name == "NAMESPACE" {
        output.line("* NAMESPACE ((\"\" \"/\")) NIL NIL");
        return done("that is all");
    }
    cursor.space()?;
    let now = store.now;
    match name {
        "LIST" | "LSUB" => {
            if store.faults.has(Fault::ListRefused) {
                return Err(Refusal::No("[NOPERM] the folders are nobody's business"));
            }
            let reference = cursor.text()?;
            cursor.space()?;
            let pattern = cursor.pattern()?;
            cursor.end()?;
            list(name, &reference, &pattern, store.folders(account), output);
            done("that is all")
        }
        "STATUS" => status(cursor, store.folders(account), output),
        "APPEND" => append(cursor, now, store.folders_mut(account)),
        "RENAME" => {
            let from = cursor.text()?;
            cursor.space()?;
            let to = cursor.text()?;
            cursor.end()?;
            outcome(
                store.folders_mut(account).rename(&from, &to),
                "[CANNOT] there is none of that name, or one already",
            )
        }
        _ => {
            let folder = cursor.text()?;
            cursor.end()?;
            let folders = store.folders_mut(account);
            match name {
                "CREATE" => outcome(folders.create(&folder), "[ALREADYEXISTS] there is one of that name"),
                "DELETE" => outcome(folders.delete(&folder), "[NONEXISTENT] there is none that can be deleted"),
                _ => match folders.named_mut(&folder) {
                    Some(folder) => {
                        folder.subscribed = name == "SUBSCRIBE";
                        done("remembered")
                    }
                    None => Err(Refusal::No("[NONEXISTENT] no such folder")),
                },
            }
        }
    }
}

fn outcome(done_it: bool, refusal: &'static str) -> Answer {
    if done_it { done("so be it") } else { Err(Refusal::No(refusal)) }
}

fn list(command: &str, reference: &str, pattern: &str, folders: &Folders, output: &mut Output) {
    // RFC 3501 §6.3.8: "An empty ("" string) mailbox name argument is a special request to return the hierarchy
    // delimiter and the root name of the name given in the reference."
    if pattern.is_empty() {
        output.line(&format!("* {command} (\\Noselect) \"/\" \"\""));
        return;
    }
    let pattern = format!("{reference}{pattern}");
    for folder in folders.all() {
        let found =
            matches(&pattern, &folder.name) || folder.name == "INBOX" && matches(&pattern.to_uppercase(), "INBOX");
        if !found || command == "LSUB" && !folder.subscribed {
            continue;
        }
        let below = format!("{}/", folder.name);
        let children = folders.all().iter().any(|other| other.name.starts_with(&below));
        let mut attributes = vec![if children { "\\HasChildren" } else { "\\HasNoChildren" }];
        attributes.extend(folder.special_use);
        let mut line = format!("* {command} ({}) \"/\" ", attributes.join(" ")).into_bytes();
        envelope::nstring(Some(&folder.name), &mut line);
        output.bytes.extend(line);
        output.line("");
    }
}

/// `*` stands for anything, `%` for anything without a delimiter.
fn matches(pattern: &str, name: &str) -> bool {
    // Positions of `name` that the pattern up to here can have reached: no backtracking, so no pattern is slow.
    let name: Vec<char> = name.chars().collect();
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for symbol in pattern.chars() {
        let mut next = vec![false; name.len() + 1];
        let wild = matches!(symbol, '*' | '%');
        for at in 0..=name.len() {
            let before = at.checked_sub(1);
            let passes = |character: char| symbol == '*' || symbol == '%' && character != '/';
            next[at] = match before {
                _ if wild && reached[at] => true,
                Some(before) if wild => next[before] && passes(name[before]),
                Some(before) => reached[before] && name[before] == symbol,
                None => false,
            };
        }
        reached = next;
    }
    reached[name.len()]
}

fn status(cursor: &mut Cursor<'_>, folders: &Folders, output: &mut Output) -> Answer {
    let name = cursor.text()?;
    cursor.space()?;
    let items = cursor.list(|cursor| Ok(cursor.atom()?.to_ascii_uppercase()))?;
    cursor.end()?;
    let folder = folders.named(&name).ok_or(Refusal::No("[NONEXISTENT] no such folder"))?;
    let value = |item: &String| {
        let value = match item.as_str() {
            "MESSAGES" => folder.messages.len().to_string(),
            "RECENT" => "0".to_owned(),
            "UIDNEXT" => folder.next_uid.to_string(),
            "UIDVALIDITY" => folder.uid_validity.to_string(),
            "UNSEEN" => folder.messages.iter().filter(|message| !message.has_flag("\\Seen")).count().to_string(),
            _ => return Err(Malformed("unknown item")),
        };
        Ok(format!("{item} {value}"))
    };
    let values = items.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    output.bytes.extend(b"* STATUS ");
    envelope::nstring(Some(&folder.name), &mut output.bytes);
    output.line(&format!(" ({})", values.join(" ")));
    done("that is all")
}

fn append(cursor: &mut Cursor<'_>, now: time::OffsetDateTime, folders: &mut Folders) -> Answer {
    let name = cursor.text()?;
    cursor.space()?;
    let mut flags = Vec::new();
    if cursor.peek() == Some(b'(') {
        flags = cursor.list(Cursor::flag)?;
        cursor.space()?;
    }
    let mut date = now;
    if cursor.peek() == Some(b'"') {
        date = cursor.date_time()?;
        cursor.space()?;
    }
    let bytes = cursor.string()?;
    cursor.end()?;
    // RFC 3501 §6.3.11: a client learns from TRYCREATE that it may make the folder.
    let folder: &mut Folder = folders.named_mut(&name).ok_or(Refusal::No("[TRYCREATE] no such folder"))?;
    let uid = folder.append(bytes, date, flags);
    done(&format!("[APPENDUID {} {uid}] appended", folder.uid_validity))
}

const COMMANDS: [&str; 10] =
    ["APPEND", "CREATE", "DELETE", "LIST", "LSUB", "NAMESPACE", "RENAME", "STATUS", "SUBSCRIBE", "UNSUBSCRIBE"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_rfc_3501_says() {
        for (pattern, name, expected) in [
            ("*", "a/b", true),
            ("%", "a/b", false),
            ("%", "a", true),
            ("a/%", "a/b", true),
            ("a*c", "a/b/c", true),
            ("a%c", "a/b/c", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)), "and ends soon");
    }
}
