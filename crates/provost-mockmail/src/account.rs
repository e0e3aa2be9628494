//! The store: whose mailboxes there are, who may open them, and where mail goes. No sockets and no clock: the time is
//! set from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use provost_account::{AnswerProtocol, AnswerStep, EmailAddress, Login, ProviderAnswer, Secret, SyncWindow};
use time::{Duration, OffsetDateTime};

use crate::capabilities::Capabilities;
use crate::faults::{Fault, Faults};
use crate::mailbox::{Annotations, DELIMITER, Folder, Folders};
use crate::message::first_messages;
use crate::rights::Rights;
use crate::session::Setting;
use crate::sessions::{Ending, Sessions};
use crate::state::Kept;
use crate::transcript::Transcript;
use crate::{Config, Limits, Mailbox};

/// Everything that the server keeps.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) faults: Faults,
    /// What newly arrived mail is dated with.
    pub(crate) now: OffsetDateTime,
    /// What of a mail server's rules does not hold.
    pub(crate) rules: Rules,
    /// How much clients may take.
    pub(crate) limits: Limits,
    /// What IMAP announces and does for whoever is being served.
    pub(crate) capabilities: Capabilities,
    /// What was said; `None` if nobody wants to know.
    pub(crate) transcript: Option<Transcript>,
    /// Annotations of the server that everybody sees (RFC 5464).
    pub(crate) annotations: Annotations,
    /// Who is connected.
    pub(crate) sessions: Sessions,
    /// What IMAP announces and does where an account has no list of its own.
    usual_capabilities: Capabilities,
    own_capabilities: BTreeMap<AccountId, Capabilities>,
    /// Whose own list is in force.
    announced_to: Option<AccountId>,
    accounts: Vec<Account>,
    /// Whose name the last login gave.
    named: Option<AccountId>,
    /// The domain of accounts that are named without one.
    domain: Option<String>,
    touched: BTreeSet<AccountId>,
    /// Whose mail is not kept as it is now.
    unsaved: BTreeSet<AccountId>,
    /// Mail of people who have no account yet, by address.
    kept: BTreeMap<String, Folders>,
}

/// One account, by its place in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountId(usize);

#[derive(Debug)]
struct Account {
    /// `None`: it was added, and is gone since everything was set back.
    mailbox: Option<Mailbox>,
    folders: Folders,
    /// Logins with a wrong password.
    failures: u32,
    /// Whether mail has made it: who comes first says what its password is.
    has_no_password: bool,
}

/// Rules of a mail server that a test may want out of its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whoever logs in with an unknown name, be it a bare local part, gets a mailbox, and the password is the one given.
    pub create_accounts: bool,
    /// Passwords are taken outside of TLS.
    pub cleartext: bool,
    /// Mail is taken from anybody without a login, and whoever is logged in may name any sender. Before TLS only together
    /// with `cleartext`.
    pub any_sender: bool,
    /// Recipients that nobody has get a mailbox; the first password with which somebody logs in to it counts.
    pub any_recipient: bool,
}

/// Where a folder lies: whose it is, and what its owner calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) owner: AccountId,
    pub(crate) name: String,
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
        let account = |mailbox: &Mailbox| Account {
            mailbox: Some(mailbox.clone()),
            folders: Folders::new(first_messages(&mailbox.address, now, days(config)), 1),
            failures: 0,
            has_no_password: false,
        };
        Self {
            faults: Faults::new(&config.faults),
            now,
            rules: config.rules,
            limits: config.limits,
            domain: config.service.domains.first().map(ToString::to_string),
            capabilities: config.capabilities.clone(),
            transcript: config.transcript.then(Transcript::default),
            annotations: Annotations::new(),
            sessions: Sessions::default(),
            usual_capabilities: config.capabilities.clone(),
            own_capabilities: BTreeMap::new(),
            announced_to: None,
            accounts: config.mailboxes.iter().map(account).collect(),
            named: None,
            touched: BTreeSet::new(),
            unsaved: BTreeSet::new(),
            kept: BTreeMap::new(),
        }
    }

    /// Everything as it was at the start: accounts, messages, faults. Folders get a new UIDVALIDITY, so that no client
    /// takes what it kept for what is there; accounts that were added are gone, and their places stay.
    pub(crate) fn reset(&mut self, config: &Config) {
        self.sessions.end(|_, _| true, Ending::Reset);
        let fresh = Self::new(config);
        self.faults = fresh.faults;
        self.capabilities = fresh.capabilities;
        self.own_capabilities = fresh.own_capabilities;
        self.announced_to = None;
        self.annotations = fresh.annotations;
        if let Some(transcript) = &mut self.transcript {
            transcript.clear();
        }
        for (at, account) in self.accounts.iter_mut().enumerate() {
            account.mailbox = config.mailboxes.get(at).cloned();
            let first = account
                .mailbox
                .as_ref()
                .map_or_else(Vec::new, |mailbox| first_messages(&mailbox.address, config.now.into(), days(config)));
            account.failures = 0;
            account.has_no_password = false;
            account.folders = Folders::new(first, account.folders.next_uid_validity());
        }
        self.touch_all();
    }

    /// Gives accounts the mail that was kept for them, now or when they are made.
    pub(crate) fn bring(&mut self, mut kept: BTreeMap<String, Folders>) {
        for account in &mut self.accounts {
            let key = account.mailbox.as_ref().map(|mailbox| mailbox.address.key());
            if let Some(folders) = key.and_then(|key| kept.remove(&key)) {
                account.folders = folders;
            }
        }
        self.kept = kept;
        self.touch_all();
    }

    /// The next account whose mail is not kept as it is now, and its mail.
    pub(crate) fn take_unsaved(&mut self) -> Option<(AccountId, EmailAddress, Kept)> {
        loop {
            let account = self.unsaved.pop_first()?;
            let place = &self.accounts[account.0];
            if let Some(mailbox) = &place.mailbox {
                return Some((account, mailbox.address.clone(), Kept::of(&place.folders)));
            }
        }
    }

    /// What was taken was not kept after all.
    pub(crate) fn is_unsaved(&mut self, account: AccountId) {
        self.unsaved.insert(account);
    }

    /// Who has mailboxes here.
    pub(crate) fn mailboxes(&self) -> impl Iterator<Item = (AccountId, &Mailbox)> {
        let all = self.accounts.iter().enumerate();
        all.filter_map(|(at, account)| account.mailbox.as_ref().map(|mailbox| (AccountId(at), mailbox)))
    }

    /// Adds a mailbox without messages; `None` if the address or the login name is taken.
    pub(crate) fn add(&mut self, mailbox: Mailbox) -> Option<AccountId> {
        let taken = self
            .mailboxes()
            .any(|(_, other)| other.address.key() == mailbox.address.key() || other.login == mailbox.login);
        if taken {
            return None;
        }
        let kept = self.kept.remove(&mailbox.address.key());
        self.unsaved.insert(AccountId(self.accounts.len()));
        self.accounts.push(Account {
            mailbox: Some(mailbox),
            folders: kept.unwrap_or_else(|| Folders::new(Vec::new(), 1)),
            failures: 0,
            has_no_password: false,
        });
        Some(AccountId(self.accounts.len() - 1))
    }

    /// Removes a mailbox and all that is in it. Its place stays.
    pub(crate) fn remove(&mut self, account: AccountId) {
        self.sessions.end(|_, now| now.account == Some(account), Ending::AccountRemoved);
        self.set_own_capabilities(account, None);
        let place = &mut self.accounts[account.0];
        place.mailbox = None;
        place.folders = Folders::new(Vec::new(), place.folders.next_uid_validity());
        self.touched.insert(account);
    }

    /// Says whose connection is being served: faults may be meant for it.
    pub(crate) fn serve(&mut self, setting: &Setting, account: Option<AccountId>) {
        let announced_to = account.filter(|account| self.own_capabilities.contains_key(account));
        if self.announced_to != announced_to {
            let own = announced_to.and_then(|account| self.own_capabilities.get(&account));
            self.capabilities = own.unwrap_or(&self.usual_capabilities).clone();
            self.announced_to = announced_to;
        }
        let mailbox = account.and_then(|account| self.accounts[account.0].mailbox.as_ref());
        self.faults.enter(&setting.host, mailbox.map(|mailbox| &mailbox.address), setting.commands);
    }

    /// Gives an account its own list of capabilities, or the server's.
    pub(crate) fn set_own_capabilities(&mut self, account: AccountId, capabilities: Option<Capabilities>) {
        match capabilities {
            Some(capabilities) => self.own_capabilities.insert(account, capabilities),
            None => self.own_capabilities.remove(&account),
        };
        // Whoever is served next gets what is right then.
        self.capabilities = self.usual_capabilities.clone();
        self.announced_to = None;
    }

    /// What IMAP announces to an account, and whether that is its own list.
    pub(crate) fn capabilities_of(&self, account: AccountId) -> (Capabilities, bool) {
        let own = self.own_capabilities.get(&account);
        (own.unwrap_or(&self.usual_capabilities).clone(), own.is_some())
    }

    /// How much of a fault is in force for somebody who is named; `None`: it is not.
    fn amount_for(&self, fault: Fault, account: AccountId) -> Option<u64> {
        let mailbox = self.accounts[account.0].mailbox.as_ref()?;
        self.faults.amount_for(fault, &mailbox.address)
    }

    /// Whether a fault is in force for somebody who is named.
    pub(crate) fn has_fault_for(&self, fault: Fault, account: AccountId) -> bool {
        self.amount_for(fault, account).is_some()
    }

    /// What a provider says at that step to whoever is being served, or of an account that is named.
    pub(crate) fn answer(
        &self,
        protocol: AnswerProtocol,
        step: AnswerStep,
        named: Option<AccountId>,
    ) -> Option<&'static ProviderAnswer> {
        let mailbox = named.and_then(|account| self.accounts[account.0].mailbox.as_ref());
        self.faults.answer(protocol, step, mailbox.map(|mailbox| &mailbox.address))
    }

    /// Whose name the login gave that was just tried, right or wrong.
    pub(crate) fn take_named(&mut self) -> Option<AccountId> {
        self.named.take()
    }

    /// Sets the time.
    pub(crate) fn at(&mut self, now: SystemTime) {
        self.now = now.into();
        let skew = self.faults.amount(Fault::ClockSkew).unwrap_or(0);
        self.now -= Duration::seconds(i64::try_from(skew.min(SKEW_SECONDS_MAX)).unwrap_or(0));
    }

    /// The account that `login` and `proof` open.
    pub(crate) fn log_in(&mut self, login: &str, proof: Proof<'_>) -> Option<AccountId> {
        let named = |mailbox: &Mailbox| match self.faults.has(Fault::LocalPartOnly) {
            true => mailbox.address.local_part() == login,
            false => mailbox.login.as_str() == login,
        };
        let known = self.mailboxes().find(|(_, mailbox)| named(mailbox)).map(|(account, _)| account);
        self.named = known.or_else(|| self.first_login(login, proof));
        let account = self.named?;
        if self.has_fault_for(Fault::PasswordRefused, account) {
            return None;
        }
        if let (true, Proof::Password(password)) = (self.accounts[account.0].has_no_password, proof) {
            self.set_password(account, password);
        }
        let mailbox = self.accounts[account.0].mailbox.as_ref()?;
        let right = self.has_fault_for(Fault::AnyPasswordAccepted, account) || proof.holds(&mailbox.password);
        let failures = &mut self.accounts[account.0].failures;
        *failures = failures.saturating_add(u32::from(!right));
        let failures = u64::from(*failures);
        let locked_out = self.amount_for(Fault::Lockout, account).is_some_and(|max| failures >= max);
        (right && !locked_out).then_some(account)
    }

    /// The account of somebody who is not known by that name, where the rules give everybody one.
    fn first_login(&mut self, login: &str, proof: Proof<'_>) -> Option<AccountId> {
        let Proof::Password(password) = proof else { return None };
        if !self.rules.create_accounts {
            return None;
        }
        let address = EmailAddress::try_from(login).ok();
        let address =
            address.or_else(|| EmailAddress::try_from(format!("{login}@{}", self.domain.as_ref()?).as_str()).ok());
        let address = address?;
        if let Some(account) = self.holder(&address) {
            return Some(account);
        }
        let login = Login::try_from(login).ok()?;
        self.add(Mailbox { address, aliases: Vec::new(), login, password: Secret::new(password.to_owned()) })
    }

    fn set_password(&mut self, account: AccountId, password: &str) {
        let account = &mut self.accounts[account.0];
        account.has_no_password = false;
        if let Some(mailbox) = &mut account.mailbox {
            mailbox.password = Secret::new(password.to_owned());
        }
    }

    /// Whose mail comes to `address`; where the rules have it so, whoever that is.
    pub(crate) fn recipient_or_stranger(&mut self, address: &str) -> Option<AccountId> {
        let known = self.recipient(address);
        if known.is_some() || !self.rules.any_recipient {
            return known;
        }
        let login = Login::try_from(address).ok()?;
        let address = EmailAddress::try_from(address).ok()?;
        let nobody = Secret::new(String::new());
        let account = self.add(Mailbox { address, aliases: Vec::new(), login, password: nobody })?;
        self.accounts[account.0].has_no_password = true;
        Some(account)
    }

    /// The address of an account; `None`: it is gone.
    pub(crate) fn address(&self, account: AccountId) -> Option<&EmailAddress> {
        self.accounts[account.0].mailbox.as_ref().map(|mailbox| &mailbox.address)
    }

    /// The login name of an account.
    pub(crate) fn login(&self, account: AccountId) -> &str {
        self.accounts[account.0].mailbox.as_ref().map_or("", |mailbox| mailbox.login.as_str())
    }

    /// The account of that login name.
    pub(crate) fn account(&self, login: &str) -> Option<AccountId> {
        self.mailboxes().find(|(_, mailbox)| mailbox.login.as_str() == login).map(|(account, _)| account)
    }

    /// Where the folder lies that a user calls by that name: among the user's own, or below `Other Users` among those of
    /// somebody else (RFC 2342 §5).
    pub(crate) fn place(&self, account: AccountId, name: &str) -> Place {
        let others = name.strip_prefix(OTHER_USERS).and_then(|rest| rest.split_once(DELIMITER));
        match others.and_then(|(login, rest)| Some((self.account(login)?, rest))) {
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

    /// The password of an account.
    pub(crate) fn password(&self, account: AccountId) -> &str {
        self.accounts[account.0].mailbox.as_ref().map_or("", |mailbox| mailbox.password.expose())
    }

    pub(crate) fn folders(&self, account: AccountId) -> &Folders {
        &self.accounts[account.0].folders
    }

    /// The folders, to change them: whoever waits for changes is woken.
    pub(crate) fn folders_mut(&mut self, account: AccountId) -> &mut Folders {
        self.touched.insert(account);
        self.unsaved.insert(account);
        &mut self.accounts[account.0].folders
    }

    /// Something has changed that everybody sees.
    pub(crate) fn touch_all(&mut self) {
        let all = (0..self.accounts.len()).map(AccountId);
        self.touched.extend(all.clone());
        self.unsaved.extend(all);
    }

    /// The folders, for a change that nobody waits for.
    pub(crate) fn folders_unwatched(&mut self, account: AccountId) -> &mut Folders {
        &mut self.accounts[account.0].folders
    }

    /// Whose folders were opened for a change since this was last asked.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<AccountId> {
        std::mem::take(&mut self.touched)
    }

    /// Whose mail comes to `address`: its holder's, or that of the holder of the address without `+detail`
    /// (RFC 5233 §4).
    pub(crate) fn recipient(&self, address: &str) -> Option<AccountId> {
        let address = EmailAddress::try_from(address).ok()?;
        let plain = address.local_part().split_once('+').filter(|(local_part, _)| !local_part.is_empty());
        let plain = plain.and_then(|(local_part, _)| {
            EmailAddress::try_from(format!("{local_part}@{}", address.domain()).as_str()).ok()
        });
        self.holder(&address).or_else(|| self.holder(&plain?))
    }

    fn holder(&self, address: &EmailAddress) -> Option<AccountId> {
        let key = address.key();
        let receives =
            |mailbox: &Mailbox| mailbox.address.key() == key || mailbox.aliases.iter().any(|alias| alias.key() == key);
        self.mailboxes().find(|(_, mailbox)| receives(mailbox)).map(|(account, _)| account)
    }

    /// Whether a mailbox takes so many octets more.
    pub(crate) fn leaves_room(&self, account: AccountId, more: usize) -> bool {
        let folders = self.folders(account).all();
        let messages: usize = folders.iter().map(|folder| folder.messages.len()).sum();
        let octets: usize = folders.iter().map(Folder::octets).sum();
        messages < self.limits.mailbox_messages && octets.saturating_add(more) <= self.limits.mailbox_octets
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

/// How far back the first messages reach, on both sides of it.
fn days(config: &Config) -> u32 {
    match config.service.sync {
        SyncWindow::Days(days) => u32::from(days.get()),
        SyncWindow::Unlimited => DAYS_WITHOUT_WINDOW,
    }
}

/// What stands before the names of other users' folders.
pub(crate) const OTHER_USERS: &str = "Other Users/";
const DAYS_WITHOUT_WINDOW: u32 = 30;
/// Dates before the epoch help nobody.
const SKEW_SECONDS_MAX: u64 = 40 * 366 * 86_400;
