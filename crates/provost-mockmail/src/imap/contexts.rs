//! Searches that keep a client informed of changes: CONTEXT=SEARCH and CONTEXT=SORT (RFC 5267 §4).

use super::commands::{Answers, CommandRow};
use super::fetch::Item;
use super::grammar::Cursor;
use super::results::{self, Found};
use super::search::Key;
use super::selected::{Selected, Telling};
use super::sort::{self, Criterion};
use super::{Answer, Command, Session, done, fetching, sets};
use crate::session::Output;
use crate::store::{Served, Store};

/// A search whose result is kept up to date.
#[derive(Debug)]
pub(super) struct Context {
    /// The tag of the command that asked for it.
    pub(super) tag: String,
    pub(super) by_uid: bool,
    pub(super) key: Key,
    /// Empty for SEARCH, which uses the order of the folder.
    pub(super) criteria: Vec<Criterion>,
    /// The result as the client knows it: UIDs in the order of the criteria.
    pub(super) found: Vec<u32>,
    /// What to fetch of a new message that is found (RFC 5465 §7).
    pub(super) items: Vec<Item>,
}

pub(super) const COMMANDS: &[CommandRow] =
    &[CommandRow::new("CANCELUPDATE", Answers::User(|it, command, _, _| it.cancel_update(command)))];

impl Session {
    /// RFC 5267 §4.3.5.
    fn cancel_update(&mut self, command: &mut Command<'_>) -> Answer {
        let mut tags = Vec::new();
        while command.cursor.take(b' ') {
            tags.push(command.cursor.text()?);
        }
        command.cursor.end()?;
        let selected = self.selected()?;
        selected.contexts.retain(|context| !tags.contains(&context.tag));
        done("no more of them")
    }
}

impl Selected {
    /// Tells which messages have left a result because they were removed.
    pub(super) fn shrink_contexts(&mut self, store: &Store, output: &mut Output) {
        let Ok(folder) = self.folder(store) else { return };
        let mut contexts = std::mem::take(&mut self.contexts);
        for context in &mut contexts {
            context.keep(&|uid| folder.message(uid).is_some(), self, output);
        }
        self.contexts = contexts;
    }

    /// Tells which messages have entered or left a result; `fresh` are those that are new in the folder.
    pub(super) fn update_contexts(
        &mut self,
        fresh: &[u32],
        telling: &Telling<'_>,
        store: &Served<'_>,
        output: &mut Output,
    ) {
        let mut contexts = std::mem::take(&mut self.contexts);
        let mut items = vec![telling.items.to_vec(); fresh.len()];
        for context in &mut contexts {
            let Ok(mut found) = results::find(&context.key, self, store) else { continue };
            if !context.criteria.is_empty() {
                sort::sort(&mut found, &context.criteria);
            }
            let found: Vec<u32> = found.iter().map(|it: &Found<'_>| it.message.uid).collect();
            let mut sorted = found.clone();
            sorted.sort_unstable();
            context.keep(&|uid| sorted.binary_search(&uid).is_ok(), self, output);
            context.grow(found, self, output);
            for (uid, wanted) in fresh.iter().zip(&mut items).filter(|(uid, _)| sorted.binary_search(uid).is_ok()) {
                debug_assert!(self.number_of(*uid).is_some(), "a new message has a number");
                let missing: Vec<Item> = context.items.iter().filter(|item| !wanted.contains(item)).cloned().collect();
                wanted.extend(missing);
            }
        }
        self.contexts = contexts;
        let Ok(folder) = self.folder(store) else { return };
        // RFC 5465 §5.2: the FETCH responses "MUST follow any ESEARCH ADDTO responses".
        for (uid, items) in fresh.iter().zip(&items).filter(|(_, items)| !telling.own && !items.is_empty()) {
            if let (Some(number), Some(message)) = (self.number_of(*uid), folder.message(*uid)) {
                let flags = self.flags(message, telling.enabled);
                // A part in an unknown encoding is no reason for a response that the client did not ask for.
                let revision = telling.enabled.revision();
                fetching::write(number, message, items, &flags, revision, &store.faults, &mut output.bytes).ok();
            }
        }
    }
}

impl Context {
    /// Drops the members that do not stay, and tells which.
    fn keep(&mut self, stays: &dyn Fn(u32) -> bool, selected: &Selected, output: &mut Output) {
        let mut pairs = Vec::new();
        let mut position = 1;
        for uid in std::mem::take(&mut self.found) {
            match stays(uid) {
                true => {
                    self.found.push(uid);
                    position += 1;
                }
                false => pairs.push((position, uid)),
            }
        }
        self.tell("REMOVEFROM", &pairs, selected, output);
    }

    /// Adds the new members, and tells which.
    fn grow(&mut self, found: Vec<u32>, selected: &Selected, output: &mut Output) {
        // The known members keep their order, so one pass finds the new ones.
        let mut before = self.found.iter().peekable();
        let mut pairs = Vec::new();
        for (position, uid) in (1..).zip(&found) {
            if before.next_if(|known| *known == uid).is_none() {
                pairs.push((position, *uid));
            }
        }
        self.tell("ADDTO", &pairs, selected, output);
        self.found = found;
    }

    /// ```abnf
    /// ret-data-addto = "ADDTO" SP "(" context-position SP sequence-set *(SP context-position SP sequence-set) ")"
    /// ```
    fn tell(&self, what: &str, pairs: &[(usize, u32)], selected: &Selected, output: &mut Output) {
        if pairs.is_empty() {
            return;
        }
        let id = |uid: u32| if self.by_uid { Some(uid) } else { selected.number_of(uid) };
        let changes = match self.criteria.is_empty() {
            // RFC 5267 §4.3.3: position 0, "in mailbox order to produce the shortest representation".
            true => {
                let ids: Vec<u32> = pairs.iter().filter_map(|(_, uid)| id(*uid)).collect();
                format!("0 {}", sets::written(&ids))
            }
            false => {
                let pairs = pairs.iter().filter_map(|(position, uid)| Some(format!("{position} {}", id(*uid)?)));
                pairs.collect::<Vec<_>>().join(" ")
            }
        };
        let uid = if self.by_uid { " UID" } else { "" };
        output.line(&format!("* ESEARCH (TAG \"{}\"){uid} {what} ({changes})", self.tag));
    }
}

/// ```abnf
/// modifier-update = "UPDATE" [ "(" fetch-att *(SP fetch-att) ")" ]      ; RFC 5465 §8, the word is taken
/// ```
pub(super) fn update_items(cursor: &mut Cursor<'_>) -> super::grammar::Parsed<Vec<Item>> {
    let mut ahead = *cursor;
    let follows = ahead.take(b' ') && ahead.peek() == Some(b'(') || ahead.peek() == Some(b'(');
    if !follows {
        return Ok(Vec::new());
    }
    *cursor = ahead;
    super::fetch::items(cursor)
}

/// RFC 5267 §4.3.1: at least one for each client.
pub(super) const CONTEXTS_MAX: usize = 16;
