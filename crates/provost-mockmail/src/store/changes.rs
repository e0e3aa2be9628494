//! What has changed, for waiting clients and for what is kept outside memory.

use std::collections::BTreeSet;

use provost_account::EmailAddress;

use super::{AccountId, Store};
use crate::state::Snapshot;

/// Whose folders were opened for a change.
#[derive(Debug)]
pub(crate) enum Touched {
    These(BTreeSet<AccountId>),
    All,
}

impl Default for Touched {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

/// What has changed, and who has not taken note of it yet.
#[derive(Debug)]
pub(super) struct Changes {
    touched: Touched,
    /// Whose mail is not kept as it is now; `None`: no mail is kept outside of memory.
    unsaved: Option<BTreeSet<AccountId>>,
}

impl Changes {
    pub(super) fn new(keeps_mail: bool) -> Self {
        Self { touched: Touched::default(), unsaved: keeps_mail.then(BTreeSet::new) }
    }

    /// Something has changed in an account.
    pub(super) fn touch(&mut self, account: AccountId) {
        if let Touched::These(these) = &mut self.touched {
            these.insert(account);
        }
        self.unsaved.as_mut().map(|unsaved| unsaved.insert(account));
    }
}

impl Store {
    /// Something has changed that everybody sees.
    pub(crate) fn touch_all(&mut self) {
        self.changes.touched = Touched::All;
        if let Some(unsaved) = &mut self.changes.unsaved {
            unsaved.extend(self.accounts.ids());
        }
    }

    /// Whose folders were opened for a change since this was last asked.
    pub(crate) fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.changes.touched)
    }

    /// The next account whose mail is not kept as it is now, and its mail.
    pub(crate) fn take_unsaved(&mut self) -> Option<(AccountId, EmailAddress, Snapshot)> {
        loop {
            let account = self.changes.unsaved.as_mut()?.pop_first()?;
            if let Some(address) = self.address(account) {
                return Some((account, address.clone(), Snapshot::of(self.folders(account))));
            }
        }
    }

    /// What was taken was not kept after all.
    pub(crate) fn is_unsaved(&mut self, account: AccountId) {
        self.changes.unsaved.get_or_insert_default().insert(account);
    }
}
