//! The store: whose mailboxes there are, who may open them, and where mail goes. No sockets and no clock: the time is
//! set from outside.

use std::collections::BTreeSet;
use std::time::SystemTime;

use provost_account::{EmailAddress, Secret, SyncWindow};
use time::OffsetDateTime;

use crate::capabilities::Capabilities;
use crate::faults::{Fault, Faults};
use crate::mailbox::Folders;
use crate::message::first_messages;
use crate::{Config, Mailbox};

/// Everything that the server keeps.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) faults: Faults,
    /// What newly arrived mail is dated with.
    pub(crate) now: OffsetDateTime,
    /// What IMAP announces and does.
    pub(crate) capabilities: Capabilities,
    accounts: Vec<Account>,
    touched: BTreeSet<AccountId>,
}

/// One account, by its place in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountId(usize);

#[derive(Debug)]
struct Account {
    mailbox: Mailbox,
    folders: Folders,
}

/// What a client shows to prove who it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof<'a> {
    /// The password, or the token.
    Password(&'a str),
    /// A digest, and how the right one follows from the password.
    Digest { found: &'a str, expected: fn(challenge: &str, password: &str) -> String, challenge: &'a str },
}

impl Store {
    pub(crate) fn new(config: &Config) -> Self {
        let now = OffsetDateTime::from(config.now);
        let days = match config.service.sync {
            SyncWindow::Days(days) => u32::from(days.get()),
            SyncWindow::Unlimited => DAYS_WITHOUT_WINDOW,
        };
        let account = |mailbox: &Mailbox| Account {
            mailbox: mailbox.clone(),
            folders: Folders::new(first_messages(&mailbox.address, now, days)),
        };
        Self {
            faults: Faults::new(&config.faults),
            now,
            capabilities: config.capabilities.clone(),
            accounts: config.mailboxes.iter().map(account).collect(),
            touched: BTreeSet::new(),
        }
    }

    /// Sets the time.
    pub(crate) fn at(&mut self, now: SystemTime) {
        self.now = now.into();
    }

    /// The account that `login` and `proof` open.
    pub(crate) fn log_in(&self, login: &str, proof: Proof<'_>) -> Option<AccountId> {
        if self.faults.has(Fault::PasswordRefused) {
            return None;
        }
        let named = |account: &Account| match self.faults.has(Fault::LocalPartOnly) {
            true => account.mailbox.address.local_part() == login,
            false => account.mailbox.login.as_str() == login,
        };
        let at = self.accounts.iter().position(named)?;
        let right = self.faults.has(Fault::AnyPasswordAccepted) || proof.holds(&self.accounts[at].mailbox.password);
        right.then_some(AccountId(at))
    }

    pub(crate) fn folders(&self, account: AccountId) -> &Folders {
        &self.accounts[account.0].folders
    }

    /// The folders, to change them: whoever waits for changes is woken.
    pub(crate) fn folders_mut(&mut self, account: AccountId) -> &mut Folders {
        self.touched.insert(account);
        &mut self.accounts[account.0].folders
    }

    /// The folders, for a change that nobody waits for.
    pub(crate) fn folders_unwatched(&mut self, account: AccountId) -> &mut Folders {
        &mut self.accounts[account.0].folders
    }

    /// Whose folders were opened for a change since this was last asked.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<AccountId> {
        std::mem::take(&mut self.touched)
    }

    /// Whose mail comes to `address`.
    pub(crate) fn recipient(&self, address: &str) -> Option<AccountId> {
        let key = EmailAddress::try_from(address).ok()?.key();
        let receives = |account: &Account| {
            account.mailbox.address.key() == key || account.mailbox.aliases.iter().any(|alias| alias.key() == key)
        };
        self.accounts.iter().position(receives).map(AccountId)
    }

    /// Puts a message into the account's INBOX.
    pub(crate) fn deliver(&mut self, account: AccountId, bytes: Vec<u8>) {
        let now = self.now;
        self.folders_mut(account).deliver(bytes, now);
    }
}

impl Proof<'_> {
    fn holds(self, password: &Secret) -> bool {
        match self {
            Self::Password(found) => found == password.expose(),
            Self::Digest { found, expected, challenge } => found == expected(challenge, password.expose()),
        }
    }
}

const DAYS_WITHOUT_WINDOW: u32 = 30;
