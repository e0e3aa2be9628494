//! LIST (RFC 3501 §6.3.8), also extended (RFC 5258) with SPECIAL-USE and STATUS (RFC 6154, RFC 5819), LSUB, and STATUS.

use std::collections::BTreeSet;

use super::capabilities::Capability;
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Enabled, Refusal, Session, acl, bad, done, fetch, names, no};
use crate::faults::Fault;
use crate::mailbox::{DELIMITER, Folder};
use crate::rights::{Right, Rights};
use crate::session::Output;
use crate::store::{AccountId, OTHER_USERS, Served, Store};

/// What LIST selects and returns.
#[derive(Debug, Default)]
struct Options<'a> {
    only_subscribed: bool,
    only_special: bool,
    /// RFC 5258 §3: also folders that have matching ones below them.
    recursive_match: bool,
    say_subscribed: bool,
    say_children: bool,
    status: Vec<&'a str>,
    /// RFC 8440.
    my_rights: bool,
}

/// A name that may be listed.
struct Candidate<'a> {
    name: String,
    folder: Option<(&'a Folder, Rights)>,
}

impl Session {
    pub(super) fn list(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        if store.faults.has(Fault::ListRefused) {
            return Err(no("[NOPERM] the folders are nobody's business"));
        }
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
        if !options.status.is_empty() && !store.capabilities.has(Capability::ListStatus)
            || options.my_rights && !store.capabilities.has(Capability::ListMyRights)
        {
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
        let utf8 = self.enabled.utf8_is_understood();
        let plain = |pattern: String| if utf8 { pattern } else { names::decoded(&pattern) };
        let patterns: Vec<String> = patterns.iter().map(|it| plain(format!("{reference}{it}"))).collect();
        match command.name {
            "LSUB" => lsub(&patterns, command.account, self.enabled, store, output),
            _ => list(&patterns, &options, command.account, &mut self.enabled, store, output)?,
        }
        done("that is all")
    }

    pub(super) fn status(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let name = command.cursor.mailbox()?;
        command.cursor.space()?;
        let items = command.cursor.list(Cursor::atom)?;
        command.cursor.end()?;
        if items.is_empty() {
            return Err(bad("no items"));
        }
        let place = store.place(command.account, &name);
        let folder = acl::allowed(&place, command.account, Right::Read, store)?;
        let name = store.name_of(command.account, place.owner, folder);
        say_status(&name, folder, &items, store, &mut self.enabled, output)?;
        done("that is all")
    }
}

/// ```abnf
/// list-return-opts = SP "RETURN" SP "(" [return-option *(SP return-option)] ")"      ; RFC 5258 §6
/// ```
fn returned<'a>(cursor: &mut Cursor<'a>, options: &mut Options<'a>) -> Parsed<()> {
    if !cursor.atom()?.eq_ignore_ascii_case("RETURN") {
        return Err(Malformed("RETURN is missing"));
    }
    cursor.space()?;
    cursor.list(|cursor| {
        match cursor.word(b" )(")?.to_ascii_uppercase().as_str() {
            "SUBSCRIBED" => options.say_subscribed = true,
            "CHILDREN" => options.say_children = true,
            "MYRIGHTS" => options.my_rights = true,
            // Always returned, as RFC 6154 §5.1 allows.
            "SPECIAL-USE" => {}
            "STATUS" => {
                cursor.space()?;
                options.status = cursor.list(Cursor::atom)?;
                if options.status.is_empty() {
                    return Err(Malformed("no items"));
                }
            }
            _ => return Err(Malformed("unknown return option")),
        }
        Ok(())
    })?;
    Ok(())
}

fn list(
    patterns: &[String],
    options: &Options<'_>,
    account: AccountId,
    enabled: &mut Enabled,
    store: &Served<'_>,
    output: &mut Output,
) -> Result<(), Refusal> {
    let subscriptions = store.folders(account).subscribed();
    let has = |capability| store.capabilities.has(capability);
    let all = candidates(options, account, store);
    // An unknown item is refused before anything is sent.
    if let Some(folder) = store.folders(account).all().first().filter(|_| !options.status.is_empty()) {
        let mut unchanged = *enabled;
        say_status("", folder, &options.status, store, &mut unchanged, &mut Output::default())?;
    }
    let is_matched = |it: &Candidate<'_>| patterns.iter().any(|pattern| fits(pattern, &it.name));
    let special_use = |it: &Candidate<'_>| it.folder.and_then(|(folder, _)| folder.special_use);
    let is_chosen = |it: &Candidate<'_>| {
        (!options.only_subscribed || subscriptions.contains(&it.name))
            && (!options.only_special || special_use(it).is_some())
    };
    for candidate in &all {
        let (matched, chosen) = (is_matched(candidate), is_chosen(candidate));
        let (subscribed, special) = (subscriptions.contains(&candidate.name), special_use(candidate));
        let below = format!("{}{DELIMITER}", candidate.name);
        // RFC 5258 §3.5: "servers SHOULD suppress redundant CHILDINFO responses", for what is itself listed.
        let unlisted_below = || all.iter().any(|it| it.name.starts_with(&below) && is_chosen(it) && !is_matched(it));
        let child_info = options.recursive_match && matched && unlisted_below();
        if !matched || !chosen && !child_info {
            continue;
        }
        let mut attributes = Vec::new();
        if candidate.folder.is_none() {
            attributes.push(if has(Capability::ListExtended) { "\\NonExistent" } else { "\\Noselect" });
        }
        if options.say_children && has(Capability::Children) {
            let children = all.iter().any(|other| other.folder.is_some() && other.name.starts_with(&below));
            attributes.push(if children { "\\HasChildren" } else { "\\HasNoChildren" });
        }
        if options.say_subscribed && subscribed {
            attributes.push("\\Subscribed");
        }
        attributes.extend(special.filter(|_| has(Capability::SpecialUse)));
        let extra = if child_info { " (\"CHILDINFO\" (\"SUBSCRIBED\"))" } else { "" };
        say(&candidate.name, &attributes, extra, *enabled, output);
        let Some((folder, rights)) = candidate.folder.filter(|_| chosen) else { continue };
        if options.my_rights {
            acl::my_rights(&candidate.name, rights, *enabled, output);
        }
        if !options.status.is_empty() && rights.has(Right::Read) {
            say_status(&candidate.name, folder, &options.status, store, enabled, output)?;
        }
    }
    Ok(())
}

/// A LIST response.
pub(super) fn say(name: &str, attributes: &[&str], extra: &str, enabled: Enabled, output: &mut Output) {
    output.line(&format!("* LIST ({}) \"/\" {}{extra}", attributes.join(" "), names::written(name, enabled)));
}

/// The folders that a user may look up, missing ones above them, and with SUBSCRIBED the subscribed names without a
/// folder.
fn candidates<'a>(options: &Options<'_>, account: AccountId, store: &'a Store) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for owner in store.visible_to(account) {
        for folder in store.folders(owner).all() {
            let rights = store.rights(account, owner, folder);
            if rights.has(Right::Lookup) {
                candidates
                    .push(Candidate { name: store.name_of(account, owner, folder), folder: Some((folder, rights)) });
            }
        }
    }
    let existing: BTreeSet<&str> = candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let above = existing.iter().flat_map(|name| name.match_indices(DELIMITER).map(|(at, _)| &name[..at]));
    let mut missing: BTreeSet<String> = above.map(str::to_owned).collect();
    if options.only_subscribed {
        missing.extend(store.folders(account).subscribed().iter().cloned());
    }
    missing.retain(|name| !existing.contains(name.as_str()));
    candidates.extend(missing.into_iter().map(|name| Candidate { name, folder: None }));
    candidates
}

/// RFC 3501 §6.3.9: with `%`, a name above a subscribed one is shown with `\Noselect`.
fn lsub(patterns: &[String], account: AccountId, enabled: Enabled, store: &Store, output: &mut Output) {
    let subscribed = store.folders(account).subscribed();
    let mut shown: BTreeSet<(&str, bool)> = BTreeSet::new();
    for name in subscribed {
        if patterns.iter().any(|pattern| fits(pattern, name)) {
            shown.insert((name, true));
            continue;
        }
        for (at, _) in name.match_indices(DELIMITER) {
            let above = &name[..at];
            if patterns.iter().any(|pattern| pattern.ends_with('%') && fits(pattern, above)) {
                shown.insert((above, subscribed.contains(above)));
            }
        }
    }
    for (name, subscribed) in shown {
        let exists = acl::allowed(&store.place(account, name), account, Right::Lookup, store).is_ok();
        let attributes = if subscribed && exists { "" } else { "\\Noselect" };
        output.line(&format!("* LSUB ({attributes}) \"/\" {}", names::written(name, enabled)));
    }
}

/// RFC 2342.
pub(super) fn namespace(command: &mut Command<'_>, store: &Served<'_>, output: &mut Output) -> Answer {
    command.cursor.end()?;
    let others = store.capabilities.has(Capability::Acl);
    let others = if others { format!("((\"{OTHER_USERS}\" \"/\"))") } else { "NIL".to_owned() };
    output.line(&format!("* NAMESPACE ((\"\" \"/\")) {others} NIL"));
    done("that is all")
}

/// A STATUS response.
pub(super) fn say_status(
    name: &str,
    folder: &Folder,
    items: &[&str],
    store: &Served<'_>,
    enabled: &mut Enabled,
    output: &mut Output,
) -> Result<(), Refusal> {
    let capabilities = store.capabilities;
    let flagged = |flag: &str| folder.messages.iter().filter(|message| message.has_flag(flag)).count();
    let mut values = Vec::new();
    for item in items {
        let item = item.to_ascii_uppercase();
        let value = match item.as_str() {
            "MESSAGES" => folder.messages.len().to_string(),
            "RECENT" => folder.messages.iter().filter(|it| it.uid >= folder.recent_from).count().to_string(),
            "UIDNEXT" => folder.next_uid.to_string(),
            "UIDVALIDITY" => folder.uid_validity.to_string(),
            "UNSEEN" => (folder.messages.len() - flagged("\\Seen")).to_string(),
            "DELETED" if capabilities.has(Capability::Quota) || enabled.rev2 => flagged("\\Deleted").to_string(),
            // RFC 9208 §5.1: comes with QUOTA=RES-STORAGE.
            "DELETED-STORAGE" if capabilities.has(Capability::Quota) => {
                let deleted = folder.messages.iter().filter(|message| message.has_flag("\\Deleted"));
                deleted.map(|message| message.bytes.len()).sum::<usize>().to_string()
            }
            "SIZE" if capabilities.has(Capability::StatusSize) => folder.octets().to_string(),
            "HIGHESTMODSEQ" if capabilities.has(Capability::CondStore) => {
                enabled.condstore = true;
                folder.highest_modseq.to_string()
            }
            "MAILBOXID" if capabilities.has(Capability::ObjectId) => format!("({})", fetch::mailbox_id(folder)),
            "APPENDLIMIT" if capabilities.has(Capability::AppendLimit) => store.limits.message_octets.to_string(),
            _ => return Err(bad("unknown item")),
        };
        values.push(format!("{item} {value}"));
    }
    output.line(&format!("* STATUS {} ({})", names::written(name, *enabled), values.join(" ")));
    Ok(())
}

fn fits(pattern: &str, name: &str) -> bool {
    matches(pattern, name) || name == "INBOX" && matches(&pattern.to_uppercase(), "INBOX")
}

/// `*` matches anything, `%` anything without a delimiter.
fn matches(pattern: &str, name: &str) -> bool {
    // The positions in `name` that the pattern so far can reach. Without backtracking, no pattern is slow.
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
