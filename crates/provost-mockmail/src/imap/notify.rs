//! NOTIFY (RFC 5465): events that a client is told at any time, also of folders that are not selected. Changes are
//! found by comparing the current state with what the client was last told.

use std::collections::{BTreeMap, BTreeSet};

use super::capabilities::Capability;
use super::fetch::{self, Item};
use super::grammar::{Cursor, Malformed, Parsed};
use super::{Answer, Command, Enabled, Refusal, Session, bad, done, list, names};
use crate::mailbox::{Annotations, DELIMITER, Folder};
use crate::rights::Right;
use crate::session::Output;
use crate::store::{AccountId, Served, Store};

/// What a client subscribed to.
#[derive(Debug)]
pub(super) struct Notify {
    /// `None`: no events of the selected folder.
    pub(super) selected: Option<OfSelected>,
    groups: Vec<Group>,
}

/// The events of the selected folder.
#[derive(Debug)]
pub(super) struct OfSelected {
    /// Removals wait until a command allows them (RFC 5465 §6.1.2).
    pub(super) delayed: bool,
    pub(super) flags: bool,
    pub(super) items: Vec<Item>,
}

#[derive(Debug)]
struct Group {
    filter: Filter,
    events: Events,
}

/// Which folders (RFC 5465 §6).
#[derive(Debug)]
enum Filter {
    Selected { delayed: bool },
    Inboxes,
    Personal,
    Subscribed,
    Subtree(Vec<String>),
    Mailboxes(Vec<String>),
}

/// Which events (RFC 5465 §5).
#[derive(Debug, Default)]
struct Events {
    messages: bool,
    expunges: bool,
    flags: bool,
    items: Vec<Item>,
    names: bool,
    subscriptions: bool,
    annotations: bool,
    server_annotations: bool,
}

/// What a client was last told about all folders.
#[derive(Debug, Default)]
pub(super) struct Known {
    folders: BTreeMap<String, Seen>,
    subscribed: BTreeSet<String>,
    annotations: Annotations,
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    uid_validity: u32,
    next_uid: u32,
    removals: u64,
    modseq: u64,
    annotations: Annotations,
}

impl Session {
    pub(super) fn notify(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let cursor = &mut command.cursor;
        cursor.space()?;
        if cursor.atom()?.eq_ignore_ascii_case("NONE") {
            cursor.end()?;
            self.notify = Some(Notify { selected: None, groups: Vec::new() });
            return done("silence");
        }
        cursor.space()?;
        let with_status = cursor.peek() != Some(b'(');
        if with_status {
            if !cursor.atom()?.eq_ignore_ascii_case("STATUS") {
                return Err(bad("NOTIFY SET [STATUS] (…), or NOTIFY NONE"));
            }
            cursor.space()?;
        }
        let mut groups = vec![group(cursor)?];
        while cursor.take(b' ') {
            groups.push(group(cursor)?);
        }
        cursor.end()?;
        let notify = Notify::of(groups)?;
        // RFC 5465 §3.1: "a successful NOTIFY SET command implies an implicit NOOP command".
        if with_status {
            self.say_all_status(&notify, command.account, store, output)?;
        }
        self.notify = Some(notify);
        self.tell_selected(true, false, store, output);
        self.known = Known::now(command.account, store);
        done("so be it")
    }

    /// RFC 5465 §3.1: which items for which events.
    fn say_all_status(
        &self,
        notify: &Notify,
        account: AccountId,
        store: &Served<'_>,
        output: &mut Output,
    ) -> Result<(), Refusal> {
        let selected = self.selected.as_ref().map(|selected| selected.uid_validity);
        // A copy: what the server says unasked enables nothing.
        let mut enabled = self.enabled;
        for (name, folder) in visible(account, store) {
            let wanted = |what: &dyn Fn(&Events) -> bool| notify.wants(&name, account, store, what);
            if Some(folder.uid_validity) == selected || !wanted(&|events| events.messages) {
                continue;
            }
            let mut items = vec!["MESSAGES", "UIDNEXT", "UIDVALIDITY"];
            if wanted(&|events| events.flags) && store.capabilities.has(Capability::CondStore) {
                items.push("HIGHESTMODSEQ");
            }
            list::say_status(&name, folder, &items, store, &mut enabled, output)?;
        }
        Ok(())
    }

    /// Tells what has changed outside the selected folder. Without `tells` it only takes note: the client did it
    /// itself.
    pub(super) fn tell_elsewhere(&mut self, tells: bool, store: &Served<'_>, output: &mut Output) {
        let Some(account) = self.account.filter(|_| self.notify.is_some() || self.enabled.metadata) else { return };
        let before = std::mem::replace(&mut self.known, Known::now(account, store));
        if tells {
            self.tell_folders(&before, account, store, output);
            self.tell_annotations(&before, account, store, output);
        }
    }

    fn tell_folders(&mut self, before: &Known, account: AccountId, store: &Served<'_>, output: &mut Output) {
        let Some(notify) = &self.notify else { return };
        let now = &self.known;
        let mut enabled = self.enabled;
        let wants = |name: &str, what: &dyn Fn(&Events) -> bool| notify.wants(name, account, store, what);
        for (name, old_name) in now.names_changed_since(before) {
            if wants(&name, &|events| events.names) {
                let old_name = old_name.map(|it| format!(" (\"OLDNAME\" ({}))", names::written(&it, enabled)));
                now.say(&name, old_name.as_deref().unwrap_or(""), enabled, output);
            }
        }
        for name in now.subscribed.symmetric_difference(&before.subscribed) {
            if wants(name, &|events| events.subscriptions) {
                now.say(name, "", enabled, output);
            }
        }
        let selected = self.selected.as_ref().map(|selected| selected.uid_validity);
        for (name, folder) in visible(account, store) {
            let (Some(seen), Some(was)) = (now.folders.get(&name), before.folders.get(&name)) else { continue };
            if Some(folder.uid_validity) == selected {
                continue;
            }
            let came = seen.next_uid != was.next_uid || seen.removals != was.removals;
            let another = seen.uid_validity != was.uid_validity;
            let mut items = Vec::new();
            if (came || another) && wants(&name, &|events| events.messages) {
                items.extend(["MESSAGES", "UIDNEXT"]);
            }
            if (another || seen.modseq != was.modseq && !came) && wants(&name, &|events| events.flags) {
                items.extend(["UIDVALIDITY", "UNSEEN"]);
            }
            if items.is_empty() {
                continue;
            }
            if enabled.condstore {
                items.push("HIGHESTMODSEQ");
            }
            // STATUS knows each of the items, so nothing is refused.
            list::say_status(&name, folder, &items, store, &mut enabled, output).ok();
        }
    }

    /// RFC 5464 §4.4.2: only the names; after ENABLE METADATA, those of every folder.
    fn tell_annotations(&self, before: &Known, account: AccountId, store: &Store, output: &mut Output) {
        let wants = |name: &str, what: &dyn Fn(&Events) -> bool| {
            self.enabled.metadata || self.notify.as_ref().is_some_and(|it| it.wants(name, account, store, what))
        };
        let mut say = |name: &str, was: &Annotations, is: &Annotations| {
            let all: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            let changed: Vec<&str> =
                all.into_iter().filter(|it| was.get(*it) != is.get(*it)).map(String::as_str).collect();
            if !changed.is_empty() {
                output.line(&format!("* METADATA {} {}", names::written(name, self.enabled), changed.join(" ")));
            }
        };
        if wants("", &|events| events.server_annotations) {
            say("", &before.annotations, &self.known.annotations);
        }
        for (name, seen) in &self.known.folders {
            if let Some(was) = before.folders.get(name)
                && wants(name, &|events| events.annotations)
            {
                say(name, &was.annotations, &seen.annotations);
            }
        }
    }
}

impl Notify {
    fn of(groups: Vec<Group>) -> Result<Self, Refusal> {
        let mut notify = Self { selected: None, groups: Vec::new() };
        let mut of_selected = 0;
        for Group { filter, events } in groups {
            // RFC 5465 §5: "If one of MessageNew or MessageExpunge is specified, then both events MUST be specified", and
            // FlagChange needs both.
            if events.messages != events.expunges || events.flags && !events.messages {
                return Err(bad("MessageNew and MessageExpunge go together, and with FlagChange"));
            }
            match filter {
                Filter::Selected { delayed } => {
                    of_selected += 1;
                    if events.names || events.subscriptions || events.annotations || events.server_annotations {
                        return Err(bad("the selected folder has events of messages only"));
                    }
                    notify.selected =
                        events.messages.then_some(OfSelected { delayed, flags: events.flags, items: events.items });
                }
                filter => {
                    if !events.items.is_empty() {
                        return Err(bad("items are for messages of the selected folder"));
                    }
                    notify.groups.push(Group { filter, events });
                }
            }
        }
        // §6.1: "Only one of the mailbox specifiers affecting the currently selected mailbox can be specified".
        if of_selected > 1 { Err(bad("one group for the selected folder")) } else { Ok(notify) }
    }

    fn wants(&self, name: &str, account: AccountId, store: &Store, what: &dyn Fn(&Events) -> bool) -> bool {
        self.groups.iter().any(|group| what(&group.events) && group.filter.fits(name, account, store))
    }
}

impl Filter {
    fn fits(&self, name: &str, account: AccountId, store: &Store) -> bool {
        let same = |one: &str| one == name || one.eq_ignore_ascii_case("INBOX") && name == "INBOX";
        match self {
            Self::Selected { .. } => false,
            // Mail is delivered to INBOX and nowhere else.
            Self::Inboxes => name == "INBOX",
            Self::Personal => store.place(account, name).owner == account,
            Self::Subscribed => store.folders(account).subscribed().contains(name),
            Self::Subtree(tops) => tops.iter().any(|top| {
                same(top) || name.strip_prefix(top.as_str()).is_some_and(|below| below.starts_with(DELIMITER))
            }),
            Self::Mailboxes(names) => names.iter().any(|name| same(name)),
        }
    }
}

impl Known {
    pub(super) fn now(account: AccountId, store: &Store) -> Self {
        let seen = |folder: &Folder| Seen {
            uid_validity: folder.uid_validity,
            next_uid: folder.next_uid,
            removals: folder.removals.count,
            modseq: folder.highest_modseq,
            annotations: folder.annotations.clone(),
        };
        let mut annotations = store.annotations.clone();
        annotations.extend(store.folders(account).annotations.clone());
        Self {
            folders: visible(account, store).map(|(name, folder)| (name, seen(folder))).collect(),
            subscribed: store.folders(account).subscribed().clone(),
            annotations,
        }
    }

    /// The names that were added, removed or changed, each with its old name, and those above them (RFC 5465 §5.4).
    fn names_changed_since(&self, before: &Self) -> Vec<(String, Option<String>)> {
        let mut changed: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut renamed = BTreeSet::new();
        let came: Vec<(&String, &Seen)> =
            self.folders.iter().filter(|(name, _)| !before.folders.contains_key(*name)).collect();
        for (name, seen) in &came {
            let was = before
                .folders
                .iter()
                .find(|(old, was)| was.uid_validity == seen.uid_validity && !self.folders.contains_key(*old));
            if let Some((old, _)) = was {
                renamed.insert(old.clone());
            }
            changed.insert((*name).clone(), was.map(|(old, _)| old.clone()));
        }
        let gone = before.folders.keys().filter(|name| !self.folders.contains_key(*name) && !renamed.contains(*name));
        changed.extend(gone.map(|name| (name.clone(), None)));
        // "When a mailbox is renamed, its children are renamed too. No additional MailboxName events are sent for children".
        let moved = |name: &str| {
            let above = name.rsplit_once(DELIMITER).map(|(above, _)| above);
            above.is_some_and(|above| changed.get(above).is_some_and(Option::is_some))
        };
        let children: Vec<String> =
            changed.iter().filter(|(name, old)| old.is_some() && moved(name)).map(|(name, _)| name.clone()).collect();
        changed.retain(|name, _| !children.contains(name));
        let above: Vec<String> = changed
            .iter()
            .filter(|(_, old)| old.is_none())
            .filter_map(|(name, _)| name.rsplit_once(DELIMITER).map(|(above, _)| above.to_owned()))
            .collect();
        for name in above {
            changed.entry(name).or_insert(None);
        }
        changed.into_iter().collect()
    }

    /// A LIST response with the current attributes.
    fn say(&self, name: &str, extra: &str, enabled: Enabled, output: &mut Output) {
        let below = format!("{name}{DELIMITER}");
        let mut attributes = Vec::new();
        match self.folders.contains_key(name) {
            true if self.folders.keys().any(|other| other.starts_with(&below)) => attributes.push("\\HasChildren"),
            true => attributes.push("\\HasNoChildren"),
            false => attributes.push("\\NonExistent"),
        }
        if self.subscribed.contains(name) {
            attributes.push("\\Subscribed");
        }
        list::say(name, &attributes, extra, enabled, output);
    }
}

/// Every folder whose events a user may see (RFC 5465 §5: "the 'l' and 'r' rights"), by its name for that user.
fn visible(account: AccountId, store: &Store) -> impl Iterator<Item = (String, &Folder)> {
    store.visible_to(account).flat_map(move |owner| {
        store.folders(owner).all().iter().filter_map(move |folder| {
            let rights = store.rights(account, owner, folder);
            let heard = rights.has(Right::Lookup) && rights.has(Right::Read);
            heard.then(|| (store.name_of(account, owner, folder), folder))
        })
    })
}

/// ```abnf
/// event-group = "(" filter-mailboxes SP events ")"      ; RFC 5465 §8
/// ```
fn group(cursor: &mut Cursor<'_>) -> Result<Group, Refusal> {
    cursor.expect(b'(', "a group of events is missing")?;
    let filter = match cursor.atom()?.to_ascii_lowercase().as_str() {
        "selected" => Filter::Selected { delayed: false },
        "selected-delayed" => Filter::Selected { delayed: true },
        "inboxes" => Filter::Inboxes,
        "personal" => Filter::Personal,
        "subscribed" => Filter::Subscribed,
        "subtree" => Filter::Subtree(mailboxes(cursor)?),
        "mailboxes" => Filter::Mailboxes(mailboxes(cursor)?),
        _ => return Err(bad("no such choice of folders")),
    };
    cursor.space()?;
    let mut events = Events::default();
    if cursor.peek() == Some(b'(') {
        let mut unknown = false;
        cursor.list(|cursor| event(cursor, &mut events, &mut unknown))?;
        if unknown {
            return Err(Refusal::No(SUPPORTED_EVENTS.into()));
        }
    } else if !cursor.atom()?.eq_ignore_ascii_case("NONE") {
        return Err(bad("a list of events, or NONE"));
    }
    cursor.expect(b')', "a group of events without end")?;
    Ok(Group { filter, events })
}

/// ```abnf
/// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
/// ```
fn mailboxes(cursor: &mut Cursor<'_>) -> Parsed<Vec<String>> {
    cursor.space()?;
    match cursor.peek() {
        Some(b'(') => cursor.list(Cursor::mailbox),
        Some(_) | None => Ok(vec![cursor.mailbox()?]),
    }
}

fn event(cursor: &mut Cursor<'_>, events: &mut Events, unknown: &mut bool) -> Parsed<()> {
    match cursor.atom()?.to_ascii_lowercase().as_str() {
        "messagenew" => {
            events.messages = true;
            let mut ahead = *cursor;
            if ahead.take(b' ') && ahead.peek() == Some(b'(') {
                *cursor = ahead;
                events.items = fetch::items(cursor)?;
                // §5.2: "The client SHOULD NOT use FETCH attributes that implicitly set the \Seen flag".
                if events.items.iter().any(Item::marks_as_seen) {
                    return Err(Malformed("an item that would mark the message as seen"));
                }
            }
        }
        "messageexpunge" => events.expunges = true,
        "flagchange" => events.flags = true,
        "mailboxname" => events.names = true,
        "subscriptionchange" => events.subscriptions = true,
        "mailboxmetadatachange" => events.annotations = true,
        "servermetadatachange" => events.server_annotations = true,
        _ => *unknown = true,
    }
    Ok(())
}

/// §3.1: "This response SHOULD contain the BADEVENT response code, which MUST list names of all events supported".
const SUPPORTED_EVENTS: &str = "[BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange \
                                MailboxMetadataChange ServerMetadataChange)] no such event";
