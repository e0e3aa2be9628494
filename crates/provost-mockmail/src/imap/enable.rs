//! Extensions that the client switches on: ENABLE (RFC 5161), and COMPRESS (RFC 4978).

use super::capabilities::Capability;
use super::envelope::Revision;
use super::{Answer, Command, Session, bad, done, no};
use crate::session::{Next, Output};
use crate::store::Served;

/// What the client understands: it has said so (RFC 5161) or shown it (RFC 7162 §3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Enabled {
    pub(super) condstore: bool,
    pub(super) qresync: bool,
    /// RFC 6855, RFC 9755.
    pub(super) utf8: bool,
    /// RFC 9051.
    pub(super) rev2: bool,
    /// RFC 5464 §4.1: the client is told which annotations others change.
    pub(super) metadata: bool,
}

impl Enabled {
    /// Whether names, quoted strings and headers may be UTF-8.
    pub(super) fn utf8_is_understood(self) -> bool {
        self.utf8 || self.rev2
    }

    /// The revision of IMAP in which structures are written.
    pub(super) fn revision(self) -> Revision {
        if self.rev2 { Revision::Two } else { Revision::One }
    }
}

impl Session {
    /// RFC 5161 §3.1: only what the server newly enabled is told.
    pub(super) fn enable(&mut self, command: &mut Command<'_>, store: &mut Served<'_>, output: &mut Output) -> Answer {
        let mut enabled = String::new();
        command.cursor.space()?;
        loop {
            let name = command.cursor.atom()?.to_ascii_uppercase();
            let mut on = store.capabilities.rows();
            if let Some(enable) = on.find(|row| row.name.eq_ignore_ascii_case(&name)).and_then(|row| row.enable) {
                enable(self, command.account, store, output);
                enabled.push_str(&format!(" {name}"));
            }
            if command.cursor.is_at_end() {
                break;
            }
            command.cursor.space()?;
        }
        output.line(&format!("* ENABLED{enabled}"));
        done("so be it")
    }

    /// From here on the client is told mod-sequences. RFC 7162 §3.1.2.1: with a folder selected, it learns the highest
    /// one.
    pub(super) fn enable_condstore(&mut self, store: &Served<'_>, output: &mut Output) {
        if self.enabled.condstore || !store.capabilities.has(Capability::CondStore) {
            return;
        }
        self.enabled.condstore = true;
        if let Some(selected) = &self.selected
            && let Ok(folder) = selected.folder(store)
        {
            output.line(&format!("* OK [HIGHESTMODSEQ {}] the last change", folder.highest_modseq));
        }
    }

    /// RFC 4978 §3.
    pub(super) fn compress(&mut self, command: &mut Command<'_>, output: &mut Output) -> Answer {
        command.cursor.space()?;
        let algorithm = command.cursor.atom()?;
        command.cursor.end()?;
        if !algorithm.eq_ignore_ascii_case("DEFLATE") {
            return Err(bad("DEFLATE only"));
        }
        if self.compressed {
            return Err(no("[COMPRESSIONACTIVE] already"));
        }
        output.next = Next::Compress;
        done("compressed from here on")
    }
}
