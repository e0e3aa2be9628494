//! Who waits for changes of which account: IDLE, and callers of the library. It knows not what changed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::account::AccountId;

/// Who waits for changes of which account.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    senders: Mutex<BTreeMap<AccountId, watch::Sender<()>>>,
    /// Told of every change of any account.
    pub(crate) any: Notify,
}

impl Wakers {
    /// Wakes them.
    pub(crate) fn wake(&self, account: AccountId) {
        self.any.notify_one();
        if let Some(sender) = self.senders.lock().unwrap_or_else(PoisonError::into_inner).get(&account) {
            sender.send_replace(());
        }
    }

    /// What tells of the changes of an account, the one before the first look included.
    pub(crate) fn listen(&self, account: AccountId) -> watch::Receiver<()> {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut receiver = senders.entry(account).or_insert_with(|| watch::channel(()).0).subscribe();
        // What changed before the first look is told by it.
        receiver.mark_changed();
        receiver
    }
}
