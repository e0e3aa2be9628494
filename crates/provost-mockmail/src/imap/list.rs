//! LIST (RFC 3501 §6.3.8), in its long form (RFC 5258) with SPECIAL-USE and STATUS (RFC 6154, RFC 5819), LSUB, and STATUS.

use std::collections::BTreeSet;

use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Enabled, bad, done, envelope, fetch, framing, names, no};
use crate::account::Store;
use crate::capabilities::{Capabilities, Capability};
use crate::mailbox::{DELIMITER, Folder, Folders};
use crate::session::Output;

/// What LIST is to choose, and to say.
#[derive(Debug, Default)]
struct Options {
    only_subscribed: bool,
    only_special: bool,
    /// RFC 5258 §3: folders that do not match but have matching ones below them.
    recursive_match: bool,
    say_subscribed: bool,
    say_children: bool,
    status: Vec<String>,
}

/// A name that may be listed.
struct Candidate<'a> {
    name: &'a str,
    folder: Option<&'a Folder>,
}

pub(super) fn command(command: &mut Command<'_>, enabled: &mut Enabled, store: &Store, output: &mut Output) -> Answer {
    let cursor = &mut command.cursor;
    cursor.space()?;
    let mut options = Options { say_children: true, ..Options::default() };
    let extended = store.capabilities.has(Capability::ListExtended) && command.name == "LIST";
    let mut is_extended = false;
    if extended && cursor.peek() == Some(b'(') {
        is_extended = true;
        for word in cursor.list(|cursor| Ok(cursor.word(b" )")?.to_ascii_uppercase()))? {
            match word.as_str() {
                "SUBSCRIBED" => (options.only_subscribed, options.say_subscribed) = (true, true),
                "SPECIAL-USE" => options.only_special = true,
                "RECURSIVEMATCH" => options.recursive_match = true,
                "REMOTE" => {}
                _ => return Err(bad("unknown selection option")),
            }
        }
        cursor.space()?;
    }
    let reference = cursor.mailbox()?;
    cursor.space()?;
    let patterns = match cursor.peek() {
        Some(b'(') if extended => {
            is_extended = true;
            cursor.list(Cursor::pattern)?
        }
        _ => vec![cursor.pattern()?],
    };
    if extended && cursor.take(b' ') {
        is_extended = true;
        returned(cursor, &mut options)?;
    }
    cursor.end()?;
    if options.recursive_match && !options.only_subscribed {
        return Err(bad("RECURSIVEMATCH chooses nothing by itself"));
    }
    if !options.status.is_empty() && !store.capabilities.has(Capability::ListStatus) {
        return Err(bad("unknown return option"));
    }
    // RFC 3501 §6.3.8: "An empty ("" string) mailbox name argument is a special request to return the hierarchy
    // delimiter and the root name of the name given in the reference."
    if let ([pattern], false) = (patterns.as_slice(), is_extended)
        && pattern.is_empty()
    {
        output.line(&format!("* {} (\\Noselect) \"/\" \"\"", command.name));
        return done("that is all");
    }
    let patterns: Vec<String> = patterns.iter().map(|it| names::decoded(&format!("{reference}{it}"))).collect();
    let folders = store.folders(command.account);
    if command.name == "LSUB" {
        lsub(&patterns, folders, output);
        return done("that is all");
    }
    list(&patterns, &options, folders, store, enabled, output)?;
    done("that is all")
}

/// ```abnf
/// list-return-opts = SP "RETURN" SP "(" [return-option *(SP return-option)] ")"      ; RFC 5258 §6
/// ```
fn returned(cursor: &mut Cursor<'_>, options: &mut Options) -> Parsed<()> {
    if !cursor.atom()?.eq_ignore_ascii_case("RETURN") {
        return Err(Malformed("RETURN is missing"));
    }
    cursor.space()?;
    cursor.list(|cursor| {
        match cursor.word(b" )(")?.to_ascii_uppercase().as_str() {
            "SUBSCRIBED" => options.say_subscribed = true,
            "CHILDREN" => options.say_children = true,
            // Said whether asked for or not, as RFC 6154 §5.1 allows.
            "SPECIAL-USE" => {}
            "STATUS" => {
                cursor.space()?;
                options.status = cursor.list(|cursor| Ok(cursor.atom()?.to_ascii_uppercase()))?;
            }
            _ => return Err(Malformed("unknown return option")),
        }
        Ok(())
    })?;
    Ok(())
}

fn list(
    patterns: &[String],
    options: &Options,
    folders: &Folders,
    store: &Store,
    enabled: &mut Enabled,
    output: &mut Output,
) -> Answer {
    for candidate in candidates(folders, options) {
        let matched = patterns.iter().any(|pattern| fits(pattern, candidate.name));
        let subscribed = folders.subscribed().contains(candidate.name);
        let special = candidate.folder.and_then(|folder| folder.special_use);
        let chosen = (!options.only_subscribed || subscribed) && (!options.only_special || special.is_some());
        let below = format!("{}{DELIMITER}", candidate.name);
        let subscribed_below = folders.subscribed().iter().any(|name| name.starts_with(&below));
        let child_info = options.recursive_match && matched && subscribed_below;
        if !matched || !chosen && !child_info {
            continue;
        }
        let children = folders.all().iter().any(|other| other.name.starts_with(&below));
        let mut attributes = Vec::new();
        if candidate.folder.is_none() {
            attributes.push(if store.capabilities.has(Capability::ListExtended) {
                "\\NonExistent"
            } else {
                "\\Noselect"
            });
        }
        if options.say_children && store.capabilities.has(Capability::Children) {
            attributes.push(if children { "\\HasChildren" } else { "\\HasNoChildren" });
        }
        if options.say_subscribed && subscribed {
            attributes.push("\\Subscribed");
        }
        attributes.extend(special.filter(|_| store.capabilities.has(Capability::SpecialUse)));
        output.bytes.extend(format!("* LIST ({}) \"/\" ", attributes.join(" ")).bytes());
        envelope::nstring(Some(&names::encoded(candidate.name)), &mut output.bytes);
        output.line(if child_info { " (\"CHILDINFO\" (\"SUBSCRIBED\"))" } else { "" });
        if let Some(folder) = candidate.folder.filter(|_| !options.status.is_empty()) {
            say_status(folder, &options.status, &store.capabilities, enabled, output)?;
        }
    }
    done("that is all")
}

/// The folders, those above them that are missing, and with `SUBSCRIBED` the subscribed names that are gone.
fn candidates<'a>(folders: &'a Folders, options: &Options) -> Vec<Candidate<'a>> {
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    for folder in folders.all() {
        missing.extend(folder.name.match_indices(DELIMITER).map(|(at, _)| &folder.name[..at]));
    }
    if options.only_subscribed {
        missing.extend(folders.subscribed().iter().map(String::as_str));
    }
    let missing = missing.into_iter().filter(|name| folders.named(name).is_none());
    let existing = folders.all().iter().map(|folder| Candidate { name: &folder.name, folder: Some(folder) });
    existing.chain(missing.map(|name| Candidate { name, folder: None })).collect()
}

/// RFC 3501 §6.3.9: with `%`, a name above a subscribed one is shown with `\Noselect`.
fn lsub(patterns: &[String], folders: &Folders, output: &mut Output) {
    let mut shown: BTreeSet<(&str, bool)> = BTreeSet::new();
    for name in folders.subscribed() {
        if patterns.iter().any(|pattern| fits(pattern, name)) {
            shown.insert((name, true));
            continue;
        }
        for (at, _) in name.match_indices(DELIMITER) {
            let above = &name[..at];
            if patterns.iter().any(|pattern| pattern.ends_with('%') && fits(pattern, above)) {
                shown.insert((above, folders.subscribed().contains(above)));
            }
        }
    }
    for (name, subscribed) in shown {
        let exists = folders.named(name).is_some();
        let attributes = if subscribed && exists { "" } else { "\\Noselect" };
        output.bytes.extend(format!("* LSUB ({attributes}) \"/\" ").bytes());
        envelope::nstring(Some(&names::encoded(name)), &mut output.bytes);
        output.line("");
    }
}

pub(super) fn status(command: &mut Command<'_>, enabled: &mut Enabled, store: &Store, output: &mut Output) -> Answer {
    command.cursor.space()?;
    let name = command.cursor.mailbox()?;
    command.cursor.space()?;
    let items = command.cursor.list(|cursor| Ok(cursor.atom()?.to_ascii_uppercase()))?;
    command.cursor.end()?;
    let folder = store.folders(command.account).named(&name).ok_or(no("[NONEXISTENT] no such folder"))?;
    say_status(folder, &items, &store.capabilities, enabled, output)
}

fn say_status(
    folder: &Folder,
    items: &[String],
    capabilities: &Capabilities,
    enabled: &mut Enabled,
    output: &mut Output,
) -> Answer {
    let flagged = |flag: &str| folder.messages.iter().filter(|message| message.has_flag(flag)).count();
    let mut values = Vec::new();
    for item in items {
        let value = match item.as_str() {
            "MESSAGES" => folder.messages.len().to_string(),
            "RECENT" => folder.messages.iter().filter(|it| it.uid >= folder.recent_from).count().to_string(),
            "UIDNEXT" => folder.next_uid.to_string(),
            "UIDVALIDITY" => folder.uid_validity.to_string(),
            "UNSEEN" => (folder.messages.len() - flagged("\\Seen")).to_string(),
            "DELETED" if capabilities.has(Capability::Quota) => flagged("\\Deleted").to_string(),
            "SIZE" if capabilities.has(Capability::StatusSize) => folder.octets().to_string(),
            "HIGHESTMODSEQ" if capabilities.has(Capability::CondStore) => {
                enabled.condstore = true;
                folder.highest_modseq.to_string()
            }
            "MAILBOXID" if capabilities.has(Capability::ObjectId) => format!("({})", fetch::mailbox_id(folder)),
            "APPENDLIMIT" if capabilities.has(Capability::AppendLimit) => framing::LITERAL_OCTETS_MAX.to_string(),
            _ => return Err(bad("unknown item")),
        };
        values.push(format!("{item} {value}"));
    }
    output.bytes.extend(b"* STATUS ");
    envelope::nstring(Some(&names::encoded(&folder.name)), &mut output.bytes);
    output.line(&format!(" ({})", values.join(" ")));
    done("that is all")
}

fn fits(pattern: &str, name: &str) -> bool {
    matches(pattern, name) || name == "INBOX" && matches(&pattern.to_uppercase(), "INBOX")
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
            let passes = |character: char| symbol == '*' || symbol == '%' && character != DELIMITER;
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
