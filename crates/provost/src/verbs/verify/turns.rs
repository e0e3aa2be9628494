//! Proofs of one mailbox follow each other: each puts a message into it and takes it out again. Those of different mailboxes
//! do not wait. Only what is being proven is kept.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use tokio::sync::Mutex;

use super::proven::Proven;
use crate::failure::Failure;

/// The mailbox that a proof needs for itself, by its address's key; of an account without address: none in particular.
type Mailbox = Option<String>;

/// Subjects that follow each other and have the same mailbox, together.
pub(super) fn by_mailbox(
    subjects: impl Iterator<Item = Result<Proven, Failure>>,
    mailbox: impl Fn(&Proven) -> Mailbox,
) -> impl Iterator<Item = (Mailbox, Result<Vec<Proven>, Failure>)> {
    let mut subjects = subjects.peekable();
    std::iter::from_fn(move || {
        let first = match subjects.next()? {
            Ok(first) => first,
            Err(failure) => return Some((None, Err(failure))),
        };
        let key = mailbox(&first);
        let mut mine = vec![first];
        let is_mine = |other: &Result<Proven, Failure>| other.as_ref().is_ok_and(|other| mailbox(other) == key);
        while mine.len() < TOGETHER_MAX
            && let Some(Ok(other)) = subjects.next_if(is_mine)
        {
            mine.push(other);
        }
        Some((key, Ok(mine)))
    })
}

/// Who waits for which mailbox.
#[derive(Debug, Default)]
pub(super) struct Turns(RefCell<BTreeMap<Mailbox, Weak<Mutex<()>>>>);

impl Turns {
    /// What to hold while the mailbox is used.
    pub(super) fn of(&self, mailbox: Mailbox) -> Rc<Mutex<()>> {
        let mut turns = self.0.borrow_mut();
        turns.retain(|_, turn| turn.strong_count() > 0);
        let known = turns.get(&mailbox).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let turn = Rc::default();
            turns.insert(mailbox, Rc::downgrade(&turn));
            turn
        })
    }
}

/// More files than anybody has; the accounts of more are not kept at once.
const TOGETHER_MAX: usize = 128;
