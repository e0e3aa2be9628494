//! What a client is told unasked: with an answer, during IDLE, and at any time after NOTIFY.

use super::selected::Telling;
use super::{Answer, Command, Phase, Refusal, Session};
use crate::faults::Fault;
use crate::session::{Next, Output};
use crate::store::{AccountId, Served, Store};

impl Session {
    /// The account whose changes the client waits for.
    pub(crate) fn listens_to(&self) -> Option<AccountId> {
        let listens = match self.phase {
            Phase::Idling(_) => true,
            // In the middle of a command, a client takes the next line for the continuation.
            Phase::Commands => self.notify.is_some() && self.framing.is_empty(),
            Phase::Authenticating(..) | Phase::Fetching(_) | Phase::AwaitingTls | Phase::Closed => false,
        };
        let account = self.account.filter(|_| listens)?;
        Some(self.selected.as_ref().map_or(account, |selected| selected.owner))
    }

    /// Tells a waiting client what has changed.
    pub(crate) fn changed(&mut self, store: &mut Served<'_>) -> Output {
        let mut output = Output::default();
        // RFC 5465 §4: "while processing any IDLE command, the server MUST send exactly the same events as instructed by
        // the client using the NOTIFY command".
        match self.phase {
            Phase::Idling(_) => self.announce(true, store, &mut output),
            Phase::Commands if self.notify.is_some() => self.announce(false, store, &mut output),
            Phase::Commands | Phase::Authenticating(..) | Phase::Fetching(_) | Phase::AwaitingTls | Phase::Closed => {}
        }
        if self.listens_to().is_some() && self.selected_is_gone(store) {
            self.leave_gone_folder(&mut output);
        }
        output
    }

    pub(super) fn selected_is_gone(&self, store: &Store) -> bool {
        self.selected.as_ref().is_some_and(|selected| selected.folder(store).is_err())
    }

    /// RFC 9051 §7.1.5: BYE ends a session that cannot go on. The words are Dovecot 2.3.19's, observed.
    pub(super) fn leave_gone_folder(&mut self, output: &mut Output) {
        output.line("* BYE Selected mailbox was deleted, have to disconnect.");
        output.next = Next::Close;
        self.phase = Phase::Closed;
    }

    /// RFC 2177. Earlier changes are told in a write of their own: imapclient waits for the socket, and ignores what it
    /// has read together with the continuation.
    pub(super) fn idle(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        command.cursor.end()?;
        self.storm(store)?;
        output.line(&store.faults.continuation("idling"));
        if store.faults.has(Fault::IdleEnded) {
            output.line("* BYE [UNAVAILABLE] idle for too long");
            output.next = Next::Close;
        }
        self.phase = Phase::Idling(command.tag.to_owned());
        Ok(None)
    }

    /// The fault `expunge-storm`: the first half of the messages was removed, as if by another client.
    pub(super) fn storm(&mut self, store: &mut Served<'_>) -> Result<(), Refusal> {
        if let Some(selected) = self.selected.as_ref().filter(|_| store.faults.has(Fault::ExpungeStorm)) {
            let folder = selected.folder_mut(store)?;
            let gone = &folder.messages[..folder.messages.len() / 2];
            let gone: Vec<u32> = gone.iter().map(|message| message.uid).collect();
            folder.remove(&gone);
        }
        Ok(())
    }

    /// Tells what others have changed since the last time; removals only where they cannot change what numbers in the
    /// client's commands mean.
    pub(super) fn announce(&mut self, removals: bool, store: &mut Served<'_>, output: &mut Output) {
        self.tell_selected(removals, false, store, output);
        self.tell_elsewhere(true, store, output);
    }

    /// Tells what the client's own command has changed, unless the client knows it already.
    pub(super) fn announce_own(&mut self, removals: bool, store: &mut Served<'_>, output: &mut Output) {
        self.tell_selected(removals, true, store, output);
        self.tell_elsewhere(false, store, output);
    }

    pub(super) fn tell_selected(&mut self, removals: bool, own: bool, store: &mut Served<'_>, output: &mut Output) {
        let Some(selected) = &mut self.selected else { return };
        let enabled = self.enabled;
        let told = match &self.notify {
            None => Some((removals, true, &[][..])),
            Some(notify) => notify.selected.as_ref().map(|it| (removals || !it.delayed, it.flags, it.items.as_slice())),
        };
        // What a command did belongs to its answer, whatever the client subscribed to.
        let told = told.or_else(|| own.then_some((removals, true, &[][..])));
        if let Some((removals, flags, items)) = told {
            if let Some(account) = self.account {
                selected.tell_keywords(account, store, output);
            }
            selected.announce(store, &Telling { enabled, removals, flags, items, own }, output);
        }
    }
}
