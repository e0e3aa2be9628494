//! Where folders are, what users call them, and what they may do there.

use super::{AccountId, Store};
use crate::mailbox::{DELIMITER, Folder};
use crate::rights::Rights;

/// Where a folder lies: whose it is, and what its owner calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) owner: AccountId,
    pub(crate) name: String,
}

impl Store {
    /// Where the folder lies that a user calls by that name: among the user's own, or below `Other Users` among those of
    /// somebody else (RFC 2342 §5).
    pub(crate) fn place(&self, account: AccountId, name: &str) -> Place {
        let others = name.strip_prefix(OTHER_USERS).and_then(|rest| rest.split_once(DELIMITER));
        match others.and_then(|(login, rest)| Some((self.accounts.of_login(login)?, rest))) {
            Some((owner, rest)) => Place { owner, name: rest.to_owned() },
            None => Place { owner: account, name: name.to_owned() },
        }
    }

    /// What a user calls a folder.
    pub(crate) fn name_of(&self, account: AccountId, owner: AccountId, folder: &Folder) -> String {
        match account == owner {
            true => folder.name.clone(),
            false => format!("{OTHER_USERS}{}{DELIMITER}{}", self.login(owner), folder.name),
        }
    }

    /// What a user may do with a folder.
    pub(crate) fn rights(&self, account: AccountId, owner: AccountId, folder: &Folder) -> Rights {
        folder.access.of(self.login(account), account == owner)
    }

    /// Somebody else than the owner may have a right to one of the folders.
    pub(crate) fn shares(&mut self, owner: AccountId) {
        self.sharing.insert(owner);
    }

    /// The account, and the others of which some folder may be somebody else's to see, in their order.
    pub(crate) fn visible_to(&self, account: AccountId) -> impl Iterator<Item = AccountId> {
        let others =
            self.sharing.iter().copied().filter(move |owner| *owner != account && self.mailbox(*owner).is_some());
        std::iter::once(account).chain(others)
    }
}

/// What stands before the names of other users' folders.
pub(crate) const OTHER_USERS: &str = "Other Users/";
