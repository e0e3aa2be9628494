//! The commands SEARCH, SORT and THREAD, and the forms of their answers: plain, extended (RFC 4731, RFC 5267, RFC
//! 9394), saved for later (RFC 5182).

use super::capabilities::{Capabilities, Capability};
use super::commands::{Answers, CommandRow};
use super::contexts::{self, CONTEXTS_MAX, Context};
use super::fetch::Item;
use super::fetching;
use super::grammar::{Cursor, Malformed, Parsed};
use super::search::{self, Among, Key};
use super::selected::Selected;
use super::{Answer, Command, Refusal, Session, bad, done, no, sets, sort, thread};
use crate::message::Message;
use crate::session::Output;
use crate::store::Served;

/// What an extended answer contains.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    min: bool,
    max: bool,
    all: bool,
    count: bool,
    save: bool,
    partial: Option<(i64, i64)>,
    /// RFC 5267 §4.2: a hint, of which nothing is made here.
    context: bool,
    /// What to fetch of new messages, if the client wants updates.
    update: Option<Vec<Item>>,
}

/// A message that was found.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) number: u32,
    pub(super) message: &'a Message,
}

pub(super) const SORT: &[CommandRow] =
    &[CommandRow { keeps_numbers: true, ..CommandRow::of_messages("SORT", Answers::User(Session::results)) }];
pub(super) const THREAD: &[CommandRow] =
    &[CommandRow { keeps_numbers: true, ..CommandRow::of_messages("THREAD", Answers::User(Session::results)) }];

impl Session {
    pub(super) fn results(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let cursor = &mut command.cursor;
        cursor.space()?;
        self.selected()?;
        let wanted = wanted(cursor, command.name, store.capabilities)?;
        // RFC 5267 §4.3: a tag names one search.
        let goes_on = wanted.as_ref().is_some_and(|wanted| wanted.update.is_some());
        if goes_on && self.selected()?.contexts.iter().any(|context| context.tag == command.tag) {
            return Err(bad("the tag of another search that goes on"));
        }
        let mut criteria = Vec::new();
        let mut algorithm = thread::Algorithm::References;
        match command.name {
            "SORT" => {
                criteria = sort::criteria(cursor, store.capabilities.has(Capability::SortDisplay))?;
                cursor.space()?;
            }
            "THREAD" => {
                algorithm = thread::algorithm(cursor, store.capabilities)?;
                cursor.space()?;
            }
            _ => {}
        }
        let (utf8, rev2) = (self.enabled.utf8, self.enabled.rev2);
        if let Err(refusal) = charset(cursor, command.name != "SEARCH", utf8) {
            // RFC 5182 §2.1: a search with SAVE that is refused with NO empties the saved result.
            if matches!(refusal, Refusal::No(_)) && wanted.as_ref().is_some_and(|wanted| wanted.save) {
                self.selected()?.saved.clear();
            }
            return Err(refusal);
        }
        let key = search::keys(cursor, store.capabilities)?;
        if key.asks_modseq() {
            self.enable_condstore(store, output);
        }
        let selected = self.selected()?;
        let mut found = find(&key, selected, store)?;
        if command.name == "THREAD" {
            let id = |it: &Found<'_>| if command.by_uid { it.message.uid } else { it.number };
            output.line(&format!("* THREAD{}", thread::threads(algorithm, &found, &id)));
            return done("that is all");
        }
        if !criteria.is_empty() {
            sort::sort(&mut found, &criteria);
        }
        let modseq = if key.asks_modseq() { modseq_of(&found, wanted.as_ref()) } else { None };
        let ids: Vec<u32> = found.iter().map(|it| if command.by_uid { it.message.uid } else { it.number }).collect();
        let uids: Vec<u32> = found.iter().map(|it| it.message.uid).collect();
        match wanted {
            // RFC 9051 §6.4.4: ESEARCH answers SEARCH.
            None if rev2 && command.name == "SEARCH" => {
                let all = Wanted { all: true, ..Wanted::default() };
                output.line(&extended(command, &all, &ids, modseq));
            }
            None => output.line(&plain(command.name, &ids, modseq)),
            Some(wanted) => {
                if wanted.says_something() {
                    output.line(&extended(command, &wanted, &ids, modseq));
                }
                if wanted.save {
                    selected.saved = wanted.saved(&uids);
                }
                if let Some(items) = wanted.update {
                    let (tag, by_uid) = (command.tag.to_owned(), command.by_uid);
                    let key = key.with_numbers_of(selected);
                    watch(Context { tag, by_uid, key, criteria, found: uids, items }, selected, output);
                }
            }
        }
        done("that is all")
    }
}

/// The messages that match, in the order of the folder.
pub(super) fn find<'a>(key: &Key, selected: &Selected, store: &'a Served<'_>) -> Result<Vec<Found<'a>>, Refusal> {
    let folder = selected.folder(store)?;
    let (last_number, last_uid) = selected.last();
    let among = Among { selected, last_number, last_uid, now: store.now, faults: &store.faults };
    // Both are in the order of UIDs, so one pass finds every message.
    let mut messages = folder.messages.iter().peekable();
    let mut found = Vec::new();
    for (number, uid) in selected.numbered() {
        while messages.next_if(|message| message.uid < uid).is_some() {}
        let Some(message) = messages.next_if(|message| message.uid == uid) else { continue };
        if key.holds(number, message, &among) {
            found.push(Found { number, message });
        }
    }
    Ok(found)
}

/// ```abnf
/// search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"      ; RFC 4466 §6.1
/// ```
fn wanted(cursor: &mut Cursor<'_>, command: &str, capabilities: Capabilities) -> Result<Option<Wanted>, Refusal> {
    let mut ahead = *cursor;
    if command == "THREAD" || !ahead.atom().is_ok_and(|word| word.eq_ignore_ascii_case("RETURN")) {
        return Ok(None);
    }
    let (needed, context) = match command {
        "SORT" => (Capability::ESort, Capability::ContextSort),
        _ => (Capability::ESearch, Capability::ContextSearch),
    };
    let goes_on = capabilities.has(context);
    // RFC 5267 §4.1: CONTEXT=SORT includes the extended form of SORT.
    if !capabilities.has(needed) && !goes_on {
        return Err(bad("unknown search key"));
    }
    ahead.space()?;
    let mut wanted = Wanted::default();
    ahead.list(|cursor| -> Parsed<()> {
        match cursor.atom()?.to_ascii_uppercase().as_str() {
            "MIN" => wanted.min = true,
            "MAX" => wanted.max = true,
            "ALL" => wanted.all = true,
            "COUNT" => wanted.count = true,
            "SAVE" if capabilities.has(Capability::SearchRes) => wanted.save = true,
            "PARTIAL" if goes_on || capabilities.has(Capability::Partial) => {
                cursor.space()?;
                let (one, other) = fetching::range(cursor)?;
                // Dovecot puts the ends in order too.
                wanted.partial = Some(if one.abs() <= other.abs() { (one, other) } else { (other, one) });
            }
            "CONTEXT" if goes_on => wanted.context = true,
            "UPDATE" if goes_on => wanted.update = Some(contexts::update_items(cursor)?),
            _ => return Err(Malformed("unknown return option")),
        }
        Ok(())
    })?;
    ahead.space()?;
    *cursor = ahead;
    // RFC 4731 §3.1: ALL is the default.
    if wanted == Wanted::default() {
        wanted.all = true;
    }
    // RFC 9394 §3.1.
    if wanted.all && wanted.partial.is_some() {
        return Err(bad("ALL or PARTIAL, not both"));
    }
    Ok(Some(wanted))
}

impl Wanted {
    /// RFC 5182 §2.1: SAVE alone gets no ESEARCH response.
    fn says_something(&self) -> bool {
        self.min || self.max || self.all || self.count || self.partial.is_some() || !self.save
    }

    /// RFC 5182 §2.4: MIN and MAX without other options save only what they return.
    fn saved(&self, uids: &[u32]) -> Vec<u32> {
        let everything = self.all || self.count || !(self.min || self.max);
        let mut saved: Vec<u32> = match (everything, self.partial) {
            (_, Some(range)) => fetching::within(uids.to_vec(), range),
            (true, None) => uids.to_vec(),
            (false, None) => {
                let (min, max) = (uids.first().filter(|_| self.min), uids.last().filter(|_| self.max));
                min.into_iter().chain(max).copied().collect()
            }
        };
        saved.sort_unstable();
        saved.dedup();
        saved
    }
}

/// The character set, which SORT and THREAD always name (RFC 5256 §3) and SEARCH may. RFC 6855 §3: with UTF-8 enabled,
/// SEARCH "MUST NOT … contain a charset specification".
fn charset(cursor: &mut Cursor<'_>, always: bool, utf8: bool) -> Result<(), Refusal> {
    let mut ahead = *cursor;
    if !always {
        if !ahead.atom().is_ok_and(|word| word.eq_ignore_ascii_case("CHARSET")) {
            return Ok(());
        }
        if utf8 {
            return Err(bad("no CHARSET once UTF8=ACCEPT is enabled"));
        }
        ahead.space()?;
    }
    let charset = ahead.text()?.to_ascii_uppercase();
    if !matches!(charset.as_str(), "UTF-8" | "US-ASCII") {
        return Err(no("[BADCHARSET (UTF-8 US-ASCII)] another character set"));
    }
    ahead.space()?;
    *cursor = ahead;
    Ok(())
}

/// Keeps a search for as long as the folder is selected.
fn watch(context: Context, selected: &mut Selected, output: &mut Output) {
    if selected.contexts.len() >= CONTEXTS_MAX {
        output.line(&format!("* NO [NOUPDATE \"{}\"] too many of them", context.tag));
    } else {
        selected.contexts.push(context);
    }
}

/// The mod-sequence of a result. RFC 4731 §3.2: with only MIN or MAX that of the message found, with both the higher of
/// the two, otherwise the highest of all.
fn modseq_of(found: &[Found<'_>], wanted: Option<&Wanted>) -> Option<u64> {
    let ends = wanted.filter(|it| (it.min || it.max) && !it.all && !it.count && it.partial.is_none());
    let Some(ends) = ends else { return found.iter().map(|it| it.message.modseq).max() };
    let (min, max) = (found.first().filter(|_| ends.min), found.last().filter(|_| ends.max));
    min.into_iter().chain(max).map(|it| it.message.modseq).max()
}

fn plain(command: &str, ids: &[u32], modseq: Option<u64>) -> String {
    let ids: String = ids.iter().map(|id| format!(" {id}")).collect();
    let modseq = modseq.map_or(String::new(), |modseq| format!(" (MODSEQ {modseq})"));
    format!("* {command}{ids}{modseq}")
}

fn extended(command: &Command<'_>, wanted: &Wanted, ids: &[u32], modseq: Option<u64>) -> String {
    let mut line = format!("* ESEARCH (TAG \"{}\")", command.tag);
    if command.by_uid {
        line.push_str(" UID");
    }
    if let (true, Some(first)) = (wanted.min, ids.first()) {
        line.push_str(&format!(" MIN {first}"));
    }
    if let (true, Some(last)) = (wanted.max, ids.last()) {
        line.push_str(&format!(" MAX {last}"));
    }
    if wanted.all && !ids.is_empty() {
        line.push_str(&format!(" ALL {}", sets::written(ids)));
    }
    if let Some((first, last)) = wanted.partial {
        let part = fetching::within(ids.to_vec(), (first, last));
        let part = if part.is_empty() { "NIL".to_owned() } else { sets::written(&part) };
        line.push_str(&format!(" PARTIAL ({first}:{last} {part})"));
    }
    if wanted.count {
        line.push_str(&format!(" COUNT {}", ids.len()));
    }
    if let Some(modseq) = modseq {
        line.push_str(&format!(" MODSEQ {modseq}"));
    }
    line
}
