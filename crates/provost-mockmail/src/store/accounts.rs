//! The accounts and their names. Finding one takes the same time, however many there are.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use provost_account::{EmailAddress, Secret};

use super::directory::Directory;
use crate::Mailbox;
use crate::mailbox::Folders;

/// One account, by its index in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountId(u32);

impl AccountId {
    fn of(index: usize) -> Self {
        Self(u32::try_from(index).expect("memory has no room for 2^32 accounts"))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
pub(crate) struct Account {
    /// `None`: it was added later and is gone. Its index stays.
    mailbox: Option<Mailbox>,
    /// Made when they are first looked at: most accounts of many are never opened.
    pub(super) folders: OnceCell<Box<Folders>>,
    /// The UIDVALIDITY of the first of them.
    pub(super) uid_validity: u32,
    /// Logins with a wrong password.
    pub(super) failures: u32,
    is_removed: bool,
    /// Whether mail created it: the first password that logs in becomes its own.
    pub(super) has_no_password: bool,
    /// Whether the first messages are in its INBOX.
    pub(crate) has_first_messages: bool,
}

impl Account {
    pub(super) fn new(mailbox: Mailbox, uid_validity: u32) -> Self {
        Self {
            mailbox: Some(mailbox),
            folders: OnceCell::new(),
            uid_validity,
            failures: 0,
            is_removed: false,
            has_no_password: false,
            has_first_messages: false,
        }
    }

    /// `None`: it is gone.
    pub(super) fn mailbox(&self) -> Option<&Mailbox> {
        self.mailbox.as_ref().filter(|_| !self.is_removed)
    }

    pub(super) fn set_password(&mut self, password: &str) {
        self.has_no_password = false;
        if let Some(mailbox) = &mut self.mailbox {
            mailbox.password = Secret::new(password.to_owned());
        }
    }

    /// As it was when it was new.
    fn empty(&mut self, uid_validity: u32) {
        self.folders = OnceCell::new();
        self.uid_validity = uid_validity;
    }
}

/// All accounts, and the names by which they are found.
#[derive(Debug)]
pub(crate) struct Accounts {
    all: Vec<Account>,
    by_login: Directory,
    /// By the keys of addresses and aliases.
    by_address: Directory,
    /// Made when it is first asked.
    by_local_part: OnceCell<Directory>,
    /// How many accounts, the first ones, were there at the start.
    given: usize,
}

impl std::ops::Index<AccountId> for Accounts {
    type Output = Account;

    fn index(&self, account: AccountId) -> &Account {
        &self.all[account.index()]
    }
}

impl std::ops::IndexMut<AccountId> for Accounts {
    fn index_mut(&mut self, account: AccountId) -> &mut Account {
        &mut self.all[account.index()]
    }
}

impl Accounts {
    pub(super) fn new(mailboxes: Vec<Mailbox>, uid_validity: u32) -> Self {
        let given = mailboxes.len();
        let mut accounts = Self {
            all: Vec::with_capacity(given),
            by_login: Directory::with_room_for(given),
            by_address: Directory::with_room_for(given),
            by_local_part: OnceCell::new(),
            given,
        };
        for mailbox in mailboxes {
            let account = Account { has_first_messages: true, ..Account::new(mailbox, uid_validity) };
            accounts.put(account);
        }
        accounts
    }

    /// Gives an account the next index.
    pub(super) fn put(&mut self, account: Account) -> AccountId {
        let id = AccountId::of(self.all.len());
        self.all.push(account);
        self.change_names(id, Directory::add);
        id
    }

    /// Adds an account's names to the directories, or removes them.
    fn change_names(&mut self, account: AccountId, change: fn(&mut Directory, &str, AccountId)) {
        let Some(mailbox) = &self.all[account.index()].mailbox else { return };
        change(&mut self.by_login, mailbox.login.as_str(), account);
        for address in addresses(mailbox) {
            change(&mut self.by_address, &address.key(), account);
        }
        self.by_local_part = OnceCell::new();
    }

    /// Every account as at the start; those that were added are gone, and their indexes stay.
    pub(super) fn reset(&mut self, uid_validity: u32) {
        for id in self.ids() {
            if !self.is_given(id) {
                self.change_names(id, Directory::remove);
                self[id].mailbox = None;
            } else if self[id].is_removed {
                self[id].is_removed = false;
                self.change_names(id, Directory::add);
            }
            let account = &mut self[id];
            account.failures = 0;
            account.has_no_password = false;
            account.empty(uid_validity);
        }
    }

    /// Removes an account and all that is in it. Its index stays.
    pub(super) fn remove(&mut self, id: AccountId, uid_validity: u32) {
        self.change_names(id, Directory::remove);
        let is_given = self.is_given(id);
        let account = &mut self[id];
        account.is_removed = true;
        if !is_given {
            account.mailbox = None;
        }
        account.empty(uid_validity);
    }

    /// Every index, including those of accounts that are gone.
    pub(super) fn ids(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..self.all.len()).map(AccountId::of)
    }

    /// Whether it was there at the start.
    fn is_given(&self, account: AccountId) -> bool {
        account.index() < self.given
    }

    /// Every mailbox that is there.
    pub(crate) fn mailboxes(&self) -> impl Iterator<Item = (AccountId, &Mailbox)> {
        self.ids().filter_map(|account| Some((account, self[account].mailbox()?)))
    }

    /// The account of that login name.
    pub(crate) fn of_login(&self, login: &str) -> Option<AccountId> {
        self.first(self.by_login.candidates(login), |mailbox| mailbox.login.as_str() == login)
    }

    /// The account whose address has that local part.
    pub(super) fn of_local_part(&self, local_part: &str) -> Option<AccountId> {
        let directory = self.by_local_part.get_or_init(|| {
            let mut directory = Directory::default();
            let mut known = BTreeSet::new();
            for (account, mailbox) in self.mailboxes() {
                if known.insert(mailbox.address.local_part()) {
                    directory.add(mailbox.address.local_part(), account);
                }
            }
            directory
        });
        self.first(directory.candidates(local_part), |mailbox| mailbox.address.local_part() == local_part)
    }

    /// The account of that address, aliases and details aside.
    pub(crate) fn of_address(&self, address: &EmailAddress) -> Option<AccountId> {
        let key = address.key();
        self.first(self.by_address.candidates(&key), |mailbox| mailbox.address.key() == key)
    }

    /// The account of that address or alias.
    pub(super) fn holder(&self, address: &EmailAddress) -> Option<AccountId> {
        let key = address.key();
        self.first(self.by_address.candidates(&key), |mailbox| addresses(mailbox).any(|it| it.key() == key))
    }

    /// The account that gets mail to `address`: its holder, or the holder of the address without `+detail`
    /// (RFC 5233 §4).
    pub(crate) fn recipient(&self, address: &str) -> Option<AccountId> {
        let address = EmailAddress::try_from(address).ok()?;
        let plain = address.local_part().split_once('+').filter(|(local_part, _)| !local_part.is_empty());
        let plain = plain.and_then(|(local_part, _)| {
            EmailAddress::try_from(format!("{local_part}@{}", address.domain()).as_str()).ok()
        });
        self.holder(&address).or_else(|| self.holder(&plain?))
    }

    /// The first of those whose name is the right one.
    fn first(
        &self,
        candidates: impl Iterator<Item = AccountId>,
        is_right: impl Fn(&Mailbox) -> bool,
    ) -> Option<AccountId> {
        candidates.filter(|account| self[*account].mailbox().is_some_and(&is_right)).min()
    }
}

/// Every address of a mailbox.
fn addresses(mailbox: &Mailbox) -> impl Iterator<Item = &EmailAddress> {
    std::iter::once(&mailbox.address).chain(&mailbox.aliases)
}
