//! The store: the mailboxes, their contents, and delivery. No sockets and no clock: the caller sets the time.

mod accounts;
mod changes;
mod directory;
mod places;
mod served;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use provost_account::{EmailAddress, Login, Secret, SyncWindow};
use time::{Duration, OffsetDateTime};

use crate::faults::{ArmedFaults, Fault, Faults};
use crate::imap::Capabilities;
use crate::mailbox::{Annotations, FIRST_FOLDERS_COUNT, Folder, Folders};
use crate::message::{Envelope, first_messages};
use crate::sessions::{Ending, Sessions};
use crate::transcript::Transcript;
use crate::uid_validity::{UidValidities, uid_validity_at};
use crate::{Config, Limits, Mailbox};
use accounts::{Account, Accounts};
use changes::Changes;

pub(crate) use accounts::AccountId;
pub(crate) use changes::Touched;
pub(crate) use places::{OTHER_USERS, Place};
pub(crate) use served::{Proof, Served};

/// Everything that the server keeps.
#[derive(Debug)]
pub(crate) struct Store {
    /// How it misbehaves.
    pub(crate) armed: ArmedFaults,
    /// What newly arrived mail is dated with.
    pub(crate) now: OffsetDateTime,
    /// Which rules of a mail server are lifted.
    pub(crate) rules: Rules,
    /// How much clients may take.
    pub(crate) limits: Limits,
    /// `None` if no transcript is kept.
    pub(crate) transcript: Option<Transcript>,
    /// Annotations of the server that everybody sees (RFC 5464).
    pub(crate) annotations: Annotations,
    /// Who is connected.
    pub(crate) sessions: Sessions,
    /// What IMAP announces and does where an account has no list of its own.
    pub(crate) usual_capabilities: Capabilities,
    own_capabilities: BTreeMap<AccountId, Capabilities>,
    pub(crate) accounts: Accounts,
    /// The date of the start, from which the first messages are dated, and how many days they reach back.
    start: OffsetDateTime,
    days: u32,
    uid_validities: UidValidities,
    /// When each sender first tried to reach each recipient (RFC 6647).
    first_tries: BTreeMap<(String, AccountId), OffsetDateTime>,
    /// The domain of a login name without one.
    domain: Option<String>,
    changes: Changes,
    /// The accounts that ever gave another one a right to a folder.
    sharing: BTreeSet<AccountId>,
    /// Kept mail of addresses without an account yet.
    unclaimed: BTreeMap<String, Folders>,
}

/// Rules of a mail server that a test may want out of its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// A login with an unknown name, even a bare local part, creates a mailbox with the password that was given.
    pub create_accounts: bool,
    /// Passwords are accepted without TLS.
    pub cleartext: bool,
    /// Mail from anyone is accepted without a login, and a login may use any sender. Before TLS only together with
    /// `cleartext`.
    pub any_sender: bool,
    /// An unknown recipient gets a mailbox, and the first password that logs in becomes its own.
    pub any_recipient: bool,
}

impl Store {
    /// A store of these mailboxes; those of `config` are ignored.
    pub(crate) fn new(config: &Config, mailboxes: Vec<Mailbox>) -> Self {
        let now = OffsetDateTime::from(config.now);
        let uid_validities =
            UidValidities::from(config.uid_validity.unwrap_or_else(|| uid_validity_at(config.now)).get());
        let accounts = Accounts::new(mailboxes, uid_validities.take(FIRST_FOLDERS_COUNT));
        Self {
            armed: ArmedFaults::new(&config.faults),
            now,
            rules: config.rules,
            limits: config.limits,
            transcript: config.transcript.then(Transcript::default),
            annotations: Annotations::new(),
            sessions: Sessions::default(),
            usual_capabilities: config.capabilities,
            own_capabilities: BTreeMap::new(),
            accounts,
            start: now,
            days: days(config),
            domain: config.service.domains.first().map(ToString::to_string),
            changes: Changes::new(config.state.is_some()),
            first_tries: BTreeMap::new(),
            sharing: BTreeSet::new(),
            unclaimed: BTreeMap::new(),
            uid_validities,
        }
    }

    /// Sets accounts, messages and faults back to the start. Folders get a new UIDVALIDITY, so that no client trusts its
    /// cache; accounts that were added are gone, and their indexes stay.
    pub(crate) fn reset(&mut self, config: &Config) {
        self.sessions.end(|_, _| true, Ending::Reset);
        self.armed = ArmedFaults::new(&config.faults);
        self.own_capabilities.clear();
        self.annotations = Annotations::new();
        self.first_tries = BTreeMap::new();
        if let Some(transcript) = &mut self.transcript {
            transcript.clear();
        }
        self.accounts.reset(self.uid_validities.take(FIRST_FOLDERS_COUNT));
        self.sharing.clear();
        self.touch_all();
    }

    /// The source of UIDVALIDITY for new folders.
    pub(crate) fn uid_validities(&self) -> &UidValidities {
        &self.uid_validities
    }

    /// Gives accounts the mail that was kept for them: now, or when they are added.
    pub(crate) fn bring(&mut self, mut kept: BTreeMap<String, Folders>) {
        for account in self.accounts.ids() {
            let key = self.address(account).map(EmailAddress::key);
            if let Some(folders) = key.and_then(|key| kept.remove(&key)) {
                self.bring_to(account, folders);
            }
        }
        self.unclaimed = kept;
        self.touch_all();
    }

    fn bring_to(&mut self, account: AccountId, folders: Folders) {
        if folders.all().iter().any(|folder| !folder.access.others.is_empty()) {
            self.sharing.insert(account);
        }
        self.accounts[account].folders = OnceCell::from(Box::new(folders));
    }

    /// `None`: the account is gone.
    fn mailbox(&self, account: AccountId) -> Option<&Mailbox> {
        self.accounts[account].mailbox()
    }

    /// Adds a mailbox without messages; `None` if the address or the login name is taken.
    pub(crate) fn add(&mut self, mailbox: Mailbox) -> Option<AccountId> {
        if self.accounts.of_address(&mailbox.address).is_some()
            || self.accounts.of_login(mailbox.login.as_str()).is_some()
        {
            return None;
        }
        let kept = self.unclaimed.remove(&mailbox.address.key());
        let uid_validity = self.uid_validities.take(FIRST_FOLDERS_COUNT);
        let account = self.accounts.put(Account::new(mailbox, uid_validity));
        if let Some(folders) = kept {
            self.bring_to(account, folders);
        }
        self.changes.touch(account);
        Some(account)
    }

    /// Removes a mailbox and its messages. Its index stays.
    pub(crate) fn remove(&mut self, account: AccountId) {
        self.sessions.end(|_, now| now.account == Some(account), Ending::AccountRemoved);
        self.set_own_capabilities(account, None);
        self.sharing.remove(&account);
        self.accounts.remove(account, self.uid_validities.take(FIRST_FOLDERS_COUNT));
        self.changes.touch(account);
    }

    /// Gives an account its own list of capabilities, or the server's.
    pub(crate) fn set_own_capabilities(&mut self, account: AccountId, capabilities: Option<Capabilities>) {
        match capabilities {
            Some(capabilities) => self.own_capabilities.insert(account, capabilities),
            None => self.own_capabilities.remove(&account),
        };
    }

    /// What IMAP announces to an account, and whether that is its own list.
    pub(crate) fn capabilities_of(&self, account: AccountId) -> (Capabilities, bool) {
        let own = self.own_capabilities.get(&account);
        (*own.unwrap_or(&self.usual_capabilities), own.is_some())
    }

    /// Sets the time.
    pub(crate) fn at(&mut self, now: SystemTime, faults: &Faults) {
        self.now = now.into();
        if let Some(seconds) = faults.amount(Fault::ClockSkew) {
            faults.takes_hold(Fault::ClockSkew);
            self.now -= Duration::seconds(i64::try_from(seconds).unwrap_or(0));
        }
    }

    /// The account that gets mail to `address`; if the rules say so, an unknown address gets one.
    pub(crate) fn recipient_or_stranger(&mut self, address: &str) -> Option<AccountId> {
        let known = self.accounts.recipient(address);
        if known.is_some() || !self.rules.any_recipient {
            return known;
        }
        let login = Login::try_from(address).ok()?;
        let address = EmailAddress::try_from(address).ok()?;
        let nobody = Secret::new(String::new());
        let account = self.add(Mailbox { address, aliases: Vec::new(), login, password: nobody })?;
        self.accounts[account].has_no_password = true;
        Some(account)
    }

    /// The address of an account; `None`: it is gone.
    pub(crate) fn address(&self, account: AccountId) -> Option<&EmailAddress> {
        self.mailbox(account).map(|mailbox| &mailbox.address)
    }

    /// The login name of an account.
    pub(crate) fn login(&self, account: AccountId) -> &str {
        self.mailbox(account).map_or("", |mailbox| mailbox.login.as_str())
    }

    /// The password of an account.
    pub(crate) fn password(&self, account: AccountId) -> &str {
        self.mailbox(account).map_or("", |mailbox| mailbox.password.expose())
    }

    pub(crate) fn folders(&self, account: AccountId) -> &Folders {
        let it = &self.accounts[account];
        it.folders.get_or_init(|| {
            let first = it.mailbox().filter(|_| it.has_first_messages);
            let messages =
                first.map_or_else(Vec::new, |mailbox| first_messages(&mailbox.address, self.start, self.days));
            Box::new(Folders::new(messages, it.uid_validity, self.uid_validities.clone()))
        })
    }

    /// The folders, to change them: clients that wait are woken.
    pub(crate) fn folders_mut(&mut self, account: AccountId) -> &mut Folders {
        self.changes.touch(account);
        self.folders_unwatched(account)
    }

    /// The folders, for a change that wakes nobody.
    pub(crate) fn folders_unwatched(&mut self, account: AccountId) -> &mut Folders {
        self.folders(account);
        self.accounts[account].folders.get_mut().expect("they were just looked at")
    }

    /// Whether a mailbox has room for this many more octets.
    pub(crate) fn leaves_room(&self, account: AccountId, more: usize) -> bool {
        let is_fresh = self.accounts[account].folders.get().is_none();
        let Limits { mailbox_messages, mailbox_octets, .. } = self.limits;
        // Its messages are made when someone looks: RCPT is no reason to make them.
        if is_fresh && mailbox_messages > FIRST_MESSAGES_MAX && mailbox_octets.saturating_sub(more) > FIRST_OCTETS_MAX {
            return true;
        }
        let folders = self.folders(account).all();
        let messages: usize = folders.iter().map(|folder| folder.messages.len()).sum();
        let octets: usize = folders.iter().map(Folder::octets).sum();
        messages < mailbox_messages && octets.saturating_add(more) <= mailbox_octets
    }

    /// Puts a message into the account's folder for a special use, or else into INBOX, with the envelope that it came in.
    pub(crate) fn deliver(
        &mut self,
        account: AccountId,
        special_use: Option<&'static str>,
        bytes: Arc<[u8]>,
        envelope: Envelope,
    ) {
        let now = self.now;
        self.folders_mut(account).deliver_in(special_use, bytes, now, Some(Arc::new(envelope)));
    }
}

/// The sync window: the first messages lie on both sides of it.
fn days(config: &Config) -> u32 {
    match config.service.sync {
        SyncWindow::Days(days) => u32::from(days.get()),
        SyncWindow::Unlimited => DAYS_WITHOUT_WINDOW,
    }
}

const DAYS_WITHOUT_WINDOW: u32 = 30;
/// More messages than any account starts with, and more octets.
const FIRST_MESSAGES_MAX: usize = 8;
const FIRST_OCTETS_MAX: usize = 16 * 1024;
