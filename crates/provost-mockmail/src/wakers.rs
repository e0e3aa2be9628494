//! Who waits for changes of which account: IDLE, and callers of the library. It does not know what changed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::store::{AccountId, Touched};

/// Who waits for changes of which account.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    senders: Mutex<HashMap<AccountId, watch::Sender<()>>>,
    /// Told of every change of any account.
    pub(crate) any: Notify,
}

impl Wakers {
    /// Wakes them.
    pub(crate) fn wake(&self, touched: Touched) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        match touched {
            Touched::These(these) if these.is_empty() => return,
            Touched::These(these) => {
                for account in these {
                    match senders.get(&account) {
                        // Who listened is gone.
                        Some(sender) if sender.receiver_count() == 0 => drop(senders.remove(&account)),
                        Some(sender) => sender.send_replace(()),
                        None => {}
                    }
                }
            }
            Touched::All => {
                senders.retain(|_, sender| sender.receiver_count() > 0);
                senders.values().for_each(|sender| sender.send_replace(()));
            }
        }
        drop(senders);
        self.any.notify_one();
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
