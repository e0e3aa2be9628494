//! Annotations of the server and of folders: GETMETADATA and SETMETADATA (RFC 5464 §4).

use std::sync::Arc;

use super::commands::Answers::User;
use super::commands::CommandRow;
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Enabled, Refusal, acl, bad, done, envelope, names, no};
use crate::mailbox::Annotations;
use crate::rights::{Right, Rights};
use crate::session::Output;
use crate::store::{AccountId, Place, Store};

/// An entry's name and value.
type Entry<'a> = (&'a String, &'a Arc<[u8]>);

/// RFC 5464 §4.2.1, §4.2.2.
#[derive(Debug, Default)]
struct Options {
    size_max: Option<usize>,
    /// How many levels below an entry; `None`: all.
    depth: Option<usize>,
}

pub(super) const COMMANDS: &[CommandRow] = &[
    CommandRow::new("GETMETADATA", User(|it, command, store, output| get(command, it.enabled, store, output))),
    CommandRow::new("SETMETADATA", User(|_, command, store, _| set(command, store))),
];

fn get(command: &mut Command<'_>, enabled: Enabled, store: &Store, output: &mut Output) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let mut options = Options { size_max: None, depth: Some(0) };
    // Options precede the name in the grammar (§5) and follow it in the examples (§4.2.1); both are accepted.
    if cursor.peek() == Some(b'(') {
        options = self::options(cursor)?;
        cursor.space()?;
    }
    let name = cursor.mailbox()?;
    cursor.space()?;
    let mut ahead = *cursor;
    if cursor.peek() == Some(b'(')
        && let Ok(behind) = self::options(&mut ahead)
        && ahead.take(b' ')
    {
        (*cursor, options) = (ahead, behind);
    }
    let wanted = match cursor.peek() {
        Some(b'(') => cursor.list(entry)?,
        _ => vec![entry(cursor)?],
    };
    cursor.end()?;
    let found = annotations(&name, command.account, store)?;
    let fits = |entry: &str| {
        wanted.iter().any(|wanted| match entry.strip_prefix(wanted.as_str()) {
            Some("") => true,
            Some(below) if below.starts_with('/') => {
                options.depth.is_none_or(|depth| below.matches('/').count() <= depth)
            }
            Some(_) | None => false,
        })
    };
    let fitting: Vec<Entry<'_>> = found.into_iter().filter(|(entry, _)| fits(entry)).collect();
    let too_long = |value: &[u8]| options.size_max.is_some_and(|limit| value.len() > limit);
    let shown: Vec<_> = fitting.iter().filter(|(_, value)| !too_long(value)).collect();
    if !shown.is_empty() {
        let shown = shown.into_iter().map(|(entry, value)| [entry.as_bytes(), b" ", &written(value)].concat());
        let shown = shown.collect::<Vec<_>>().join(&b' ');
        output.bytes.extend(format!("* METADATA {} (", names::written(&name, enabled)).bytes());
        output.bytes.extend(shown);
        output.line(")");
    }
    match fitting.iter().filter(|(_, value)| too_long(value)).map(|(_, value)| value.len()).max() {
        Some(longest) => done(&format!("[METADATA LONGENTRIES {longest}] some are longer")),
        None => done("that is all"),
    }
}

fn set(command: &mut Command<'_>, store: &mut Store) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let name = cursor.mailbox()?;
    cursor.space()?;
    let changes = cursor.list(|cursor| {
        let entry = entry(cursor)?;
        cursor.space()?;
        Ok((entry, value(cursor)?))
    })?;
    cursor.end()?;
    if changes.iter().any(|(entry, _)| !entry.starts_with("/private/") && !entry.starts_with("/shared/")) {
        return Err(bad("an entry begins with /private/ or /shared/"));
    }
    if changes.iter().filter_map(|(_, value)| value.as_ref()).any(|value| value.len() > VALUE_OCTETS_MAX) {
        return Err(Refusal::No(format!("[METADATA MAXSIZE {VALUE_OCTETS_MAX}] too long").into()));
    }
    // §6.2.2: "This entry is always read-only".
    if name.is_empty() && changes.iter().any(|(entry, _)| entry == "/shared/admin") {
        return Err(no("[NOPERM] that one is told, not set"));
    }
    // §4.3: all or none.
    let mut after: Vec<&str> =
        annotations(&name, command.account, store)?.into_iter().map(|(it, _)| it.as_str()).collect();
    for (entry, value) in &changes {
        after.retain(|it| it != entry);
        after.extend(value.as_ref().map(|_| entry.as_str()));
    }
    if after.len() > ENTRIES_MAX {
        return Err(no("[METADATA TOOMANY] no more of them"));
    }
    let place = store.place(command.account, &name);
    let of_others = place.owner != command.account;
    if of_others && changes.iter().any(|(entry, _)| entry.starts_with("/private/")) {
        return Err(no("[METADATA NOPRIVATE] only the owner keeps notes of their own here"));
    }
    for (entry, value) in changes {
        let annotations = of_entry(&name, &place, &entry, command.account, store)?;
        match value {
            Some(value) => annotations.insert(entry, value.into()),
            None => annotations.remove(&entry),
        };
    }
    // RFC 7162 §3.2: a changed annotation raises the folder's mod-sequence.
    if let Some(folder) = store.folders_mut(place.owner).named_mut(&place.name).filter(|_| !name.is_empty()) {
        folder.new_modseq();
    }
    done("so be it")
}

/// Every annotation that a user sees of a folder, or of the server.
fn annotations<'a>(name: &str, account: AccountId, store: &'a Store) -> Result<Vec<Entry<'a>>, Refusal> {
    if name.is_empty() {
        return Ok(store.annotations.iter().chain(&store.folders(account).annotations).collect());
    }
    let place = store.place(account, name);
    let (folder, rights) = acl::visible(&place, account, store)?;
    if !may_annotate(rights) {
        return Err(no(acl::NOT_ALLOWED));
    }
    let own = place.owner == account;
    Ok(folder.annotations.iter().filter(|(entry, _)| own || !entry.starts_with("/private/")).collect())
}

/// Where an entry is kept.
fn of_entry<'a>(
    name: &str,
    place: &Place,
    entry: &str,
    account: AccountId,
    store: &'a mut Store,
) -> Result<&'a mut Annotations, Refusal> {
    match (name.is_empty(), entry.starts_with("/private/")) {
        (true, true) => Ok(&mut store.folders_mut(account).annotations),
        (true, false) => {
            store.touch_all();
            Ok(&mut store.annotations)
        }
        (false, _) => {
            let folder = store.folders_mut(place.owner).named_mut(&place.name);
            folder.map(|folder| &mut folder.annotations).ok_or(no(acl::NO_SUCH_FOLDER))
        }
    }
}

/// RFC 5464 §3.3: "the "l" right and any one of the "r", "s", "w", "i", or "p" rights".
fn may_annotate(rights: Rights) -> bool {
    let any = [Right::Read, Right::Seen, Right::Write, Right::Insert, Right::Post];
    rights.has(Right::Lookup) && any.into_iter().any(|right| rights.has(right))
}

/// ```abnf
/// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
/// ```
fn options(cursor: &mut Cursor<'_>) -> Parsed<Options> {
    let mut options = Options { size_max: None, depth: Some(0) };
    cursor.list(|cursor| {
        let name = cursor.atom()?.to_ascii_uppercase();
        cursor.space()?;
        match name.as_str() {
            "MAXSIZE" => options.size_max = usize::try_from(cursor.number()?).ok(),
            "DEPTH" => {
                options.depth = match cursor.atom()?.to_ascii_lowercase().as_str() {
                    "0" => Some(0),
                    "1" => Some(1),
                    "infinity" => None,
                    _ => return Err(Malformed("DEPTH is 0, 1 or infinity")),
                };
            }
            _ => return Err(Malformed("unknown option")),
        }
        Ok(())
    })?;
    Ok(options)
}

/// ```abnf
/// entry = astring      ; slash-separated path to entry, MUST NOT contain "*" or "%"
/// ```
fn entry(cursor: &mut Cursor<'_>) -> Parsed<String> {
    // RFC 5464 §3.2: entry names are case-insensitive.
    let entry = cursor.text()?.to_ascii_lowercase();
    let fits = entry.starts_with('/') && !entry.ends_with('/') && !entry.contains("//");
    match fits && !entry.contains(['*', '%']) && entry.chars().all(|it| it.is_ascii() && !it.is_control()) {
        true => Ok(entry),
        false => Err(Malformed("no name of an entry")),
    }
}

fn value(cursor: &mut Cursor<'_>) -> Parsed<Option<Vec<u8>>> {
    match cursor.peek() {
        Some(b'"' | b'{' | b'~') => cursor.string().map(Some),
        _ if cursor.atom()?.eq_ignore_ascii_case("NIL") => Ok(None),
        _ => Err(Malformed("a string or NIL")),
    }
}

/// ```abnf
/// value = nstring / literal8
/// ```
fn written(value: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(value) {
        Ok(text) if !text.contains('\0') => envelope::nstring(Some(value)),
        Ok(_) | Err(_) => [format!("~{{{}}}\r\n", value.len()).as_bytes(), value].concat(),
    }
}

/// §4.1: at least 1024 octets in a value, and at least 10 entries.
const VALUE_OCTETS_MAX: usize = 64 * 1024;
const ENTRIES_MAX: usize = 100;
