//! The store: whose mailboxes there are, who may open them, and where mail goes. No sockets and no clock: the time is
//! set from outside. However many accounts there are, one is found in the same time.

mod directory;

use std::cell::OnceCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use provost_account::{AnswerProtocol, AnswerStep, EmailAddress, Login, ProviderAnswer, Secret, SyncWindow};
use time::{Duration, OffsetDateTime};

use crate::capabilities::Capabilities;
use crate::faults::{Fault, Faults};
use crate::mailbox::{Annotations, DELIMITER, FIRST_FOLDERS_COUNT, Folder, Folders};
use crate::message::{Envelope, first_messages};
use crate::rights::Rights;
use crate::session::Setting;
use crate::sessions::{Ending, Sessions};
use crate::state::Kept;
use crate::transcript::Transcript;
use crate::uid_validity::{UidValidities, uid_validity_at};
use crate::{Config, Limits, Mailbox};
use directory::Directory;

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
    by_login: Directory,
    /// By the keys of addresses and aliases.
    by_address: Directory,
    /// Made when it is first asked.
    by_local_part: OnceCell<Directory>,
    /// So many accounts, the first ones, were there at the start.
    given: usize,
    /// What their messages are dated from, and how far back they reach.
    start: OffsetDateTime,
    days: u32,
    uid_validities: UidValidities,
    /// When which sender first tried to send to whom (RFC 6647).
    first_tries: BTreeMap<(String, AccountId), OffsetDateTime>,
    /// The domain of accounts that are named without one.
    domain: Option<String>,
    touched: Touched,
    /// Whether mail is kept outside of memory.
    keeps_mail: bool,
    /// Whose mail is not kept as it is now.
    unsaved: BTreeSet<AccountId>,
    /// Who has ever given somebody else a right to a folder.
    sharing: BTreeSet<AccountId>,
    /// Mail of people who have no account yet, by address.
    kept: BTreeMap<String, Folders>,
}

/// One account, by its place in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountId(u32);

impl AccountId {
    fn of(place: usize) -> Self {
        Self(u32::try_from(place).expect("memory has no room for 2^32 accounts"))
    }

    fn place(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
struct Account {
    /// `None`: it was added, and is gone. Its place stays.
    mailbox: Option<Mailbox>,
    /// Made when they are first looked at: most accounts of many are never opened.
    folders: OnceCell<Box<Folders>>,
    /// The UIDVALIDITY of the first of them.
    uid_validity: u32,
    /// Logins with a wrong password.
    failures: u32,
    is_removed: bool,
    /// Whether mail has made it: who comes first says what its password is.
    has_no_password: bool,
}

impl Account {
    fn new(mailbox: Mailbox, uid_validity: u32) -> Self {
        Self {
            mailbox: Some(mailbox),
            folders: OnceCell::new(),
            uid_validity,
            failures: 0,
            is_removed: false,
            has_no_password: false,
        }
    }

    /// Who has it; `None`: it is gone.
    fn mailbox(&self) -> Option<&Mailbox> {
        self.mailbox.as_ref().filter(|_| !self.is_removed)
    }
}

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
    /// A store of these mailboxes, whatever `config` says of them.
    pub(crate) fn new(config: &Config, mailboxes: Vec<Mailbox>) -> Self {
        let now = OffsetDateTime::from(config.now);
        let uid_validities =
            UidValidities::from(config.uid_validity.unwrap_or_else(|| uid_validity_at(config.now)).get());
        let mut store = Self {
            faults: Faults::new(&config.faults),
            now,
            rules: config.rules,
            limits: config.limits,
            capabilities: config.capabilities.clone(),
            transcript: config.transcript.then(Transcript::default),
            annotations: Annotations::new(),
            sessions: Sessions::default(),
            usual_capabilities: config.capabilities.clone(),
            own_capabilities: BTreeMap::new(),
            announced_to: None,
            named: None,
            accounts: Vec::with_capacity(mailboxes.len()),
            by_login: Directory::with_room_for(mailboxes.len()),
            by_address: Directory::with_room_for(mailboxes.len()),
            by_local_part: OnceCell::new(),
            given: mailboxes.len(),
            start: now,
            days: days(config),
            domain: config.service.domains.first().map(ToString::to_string),
            touched: Touched::default(),
            keeps_mail: config.state.is_some(),
            first_tries: BTreeMap::new(),
            unsaved: BTreeSet::new(),
            sharing: BTreeSet::new(),
            kept: BTreeMap::new(),
            uid_validities,
        };
        let uid_validity = store.uid_validities.take(FIRST_FOLDERS_COUNT);
        for mailbox in mailboxes {
            store.put(Account::new(mailbox, uid_validity));
        }
        store
    }

    /// Gives an account the next place.
    fn put(&mut self, account: Account) -> AccountId {
        let id = AccountId::of(self.accounts.len());
        self.accounts.push(account);
        self.enter_names(id);
        id
    }

    /// Makes an account known by its names.
    fn enter_names(&mut self, account: AccountId) {
        let Some(mailbox) = &self.accounts[account.place()].mailbox else { return };
        self.by_login.add(mailbox.login.as_str(), account);
        for address in addresses(mailbox) {
            self.by_address.add(&address.key(), account);
        }
        self.by_local_part = OnceCell::new();
    }

    /// The opposite.
    fn strike_names(&mut self, account: AccountId) {
        let Some(mailbox) = &self.accounts[account.place()].mailbox else { return };
        self.by_login.remove(mailbox.login.as_str(), account);
        for address in addresses(mailbox) {
            self.by_address.remove(&address.key(), account);
        }
        self.by_local_part = OnceCell::new();
    }

    /// Everything as it was at the start: accounts, messages, faults. Folders get a new UIDVALIDITY, so that no client
    /// takes what it kept for what is there; accounts that were added are gone, and their places stay.
    pub(crate) fn reset(&mut self, config: &Config) {
        self.sessions.end(|_, _| true, Ending::Reset);
        self.faults = Faults::new(&config.faults);
        self.capabilities = self.usual_capabilities.clone();
        self.own_capabilities.clear();
        self.announced_to = None;
        self.annotations = Annotations::new();
        self.first_tries = BTreeMap::new();
        if let Some(transcript) = &mut self.transcript {
            transcript.clear();
        }
        let uid_validity = self.uid_validities.take(FIRST_FOLDERS_COUNT);
        for place in 0..self.accounts.len() {
            let account = AccountId::of(place);
            if place >= self.given {
                self.strike_names(account);
                self.accounts[place].mailbox = None;
            } else if self.accounts[place].is_removed {
                self.accounts[place].is_removed = false;
                self.enter_names(account);
            }
            let account = &mut self.accounts[place];
            account.failures = 0;
            account.has_no_password = false;
            account.folders = OnceCell::new();
            account.uid_validity = uid_validity;
        }
        self.sharing.clear();
        self.touch_all();
    }

    /// Where the UIDVALIDITY of new folders comes from.
    pub(crate) fn uid_validities(&self) -> &UidValidities {
        &self.uid_validities
    }

    /// Gives accounts the mail that was kept for them, now or when they are made.
    pub(crate) fn bring(&mut self, mut kept: BTreeMap<String, Folders>) {
        for place in 0..self.accounts.len() {
            let key = self.accounts[place].mailbox().map(|mailbox| mailbox.address.key());
            if let Some(folders) = key.and_then(|key| kept.remove(&key)) {
                self.bring_to(AccountId::of(place), folders);
            }
        }
        self.kept = kept;
        self.touch_all();
    }

    fn bring_to(&mut self, account: AccountId, folders: Folders) {
        if folders.all().iter().any(|folder| !folder.access.others.is_empty()) {
            self.sharing.insert(account);
        }
        self.accounts[account.place()].folders = OnceCell::from(Box::new(folders));
    }

    /// The next account whose mail is not kept as it is now, and its mail.
    pub(crate) fn take_unsaved(&mut self) -> Option<(AccountId, EmailAddress, Kept)> {
        loop {
            let account = self.unsaved.pop_first()?;
            if let Some(mailbox) = self.mailbox(account) {
                return Some((account, mailbox.address.clone(), Kept::of(self.folders(account))));
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
        all.filter_map(|(place, account)| account.mailbox().map(|mailbox| (AccountId::of(place), mailbox)))
    }

    /// Who has the account; `None`: it is gone.
    fn mailbox(&self, account: AccountId) -> Option<&Mailbox> {
        self.accounts[account.place()].mailbox()
    }

    /// Adds a mailbox without messages; `None` if the address or the login name is taken.
    pub(crate) fn add(&mut self, mailbox: Mailbox) -> Option<AccountId> {
        if self.addressed(&mailbox.address).is_some() || self.account(mailbox.login.as_str()).is_some() {
            return None;
        }
        let kept = self.kept.remove(&mailbox.address.key());
        let uid_validity = self.uid_validities.take(FIRST_FOLDERS_COUNT);
        let account = self.put(Account::new(mailbox, uid_validity));
        if let Some(folders) = kept {
            self.bring_to(account, folders);
        }
        self.touch(account);
        Some(account)
    }

    /// Removes a mailbox and all that is in it. Its place stays.
    pub(crate) fn remove(&mut self, account: AccountId) {
        self.sessions.end(|_, now| now.account == Some(account), Ending::AccountRemoved);
        self.set_own_capabilities(account, None);
        self.strike_names(account);
        self.sharing.remove(&account);
        let uid_validity = self.uid_validities.take(FIRST_FOLDERS_COUNT);
        let place = &mut self.accounts[account.place()];
        place.is_removed = true;
        if account.place() >= self.given {
            place.mailbox = None;
        }
        place.folders = OnceCell::new();
        place.uid_validity = uid_validity;
        self.touch(account);
    }

    /// Says whose connection is being served: faults may be meant for it.
    pub(crate) fn serve(&mut self, setting: &Setting, account: Option<AccountId>) {
        let announced_to = account.filter(|account| self.own_capabilities.contains_key(account));
        if self.announced_to != announced_to {
            let own = announced_to.and_then(|account| self.own_capabilities.get(&account));
            self.capabilities = own.unwrap_or(&self.usual_capabilities).clone();
            self.announced_to = announced_to;
        }
        let mailbox = account.and_then(|account| self.accounts[account.place()].mailbox());
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
        let mailbox = self.mailbox(account)?;
        self.faults.amount_for(fault, &mailbox.address)
    }

    /// Whether a fault is in force for somebody who is named.
    pub(crate) fn has_fault_for(&self, fault: Fault, account: AccountId) -> bool {
        let has = self.amount_for(fault, account).is_some();
        if has {
            self.faults.takes_hold(fault);
        }
        has
    }

    /// Whether mail from a sender to an account is put off: RFC 6647 §2.1, the first time that the two are seen together,
    /// and until some time has passed, whatever the connection.
    pub(crate) fn puts_off(&mut self, sender: &str, account: AccountId) -> bool {
        let Some(seconds) = self.amount_for(Fault::Greylisting, account) else { return false };
        let wait = Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX).min(GREYLISTED_SECONDS_MAX));
        let now = self.now;
        let puts_off = match self.first_tries.entry((sender.to_lowercase(), account)) {
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
            Entry::Occupied(first) => now - *first.get() < wait,
        };
        if puts_off {
            self.faults.takes_hold(Fault::Greylisting);
        }
        puts_off
    }

    /// What a provider says at that step to whoever is being served, or of an account that is named.
    pub(crate) fn answer(
        &self,
        protocol: AnswerProtocol,
        step: AnswerStep,
        named: Option<AccountId>,
    ) -> Option<&'static ProviderAnswer> {
        let mailbox = named.and_then(|account| self.mailbox(account));
        self.faults.answer(protocol, step, mailbox.map(|mailbox| &mailbox.address))
    }

    /// Whose name the login gave that was just tried, right or wrong.
    pub(crate) fn take_named(&mut self) -> Option<AccountId> {
        self.named.take()
    }

    /// Sets the time.
    pub(crate) fn at(&mut self, now: SystemTime) {
        self.now = now.into();
        let has_skew = self.faults.has(Fault::ClockSkew);
        let skew = self.faults.amount(Fault::ClockSkew).filter(|_| has_skew).unwrap_or(0);
        self.now -= Duration::seconds(i64::try_from(skew.min(SKEW_SECONDS_MAX)).unwrap_or(0));
    }

    /// The account that `login` and `proof` open.
    pub(crate) fn log_in(&mut self, login: &str, proof: Proof<'_>) -> Option<AccountId> {
        let known = match self.faults.has(Fault::LocalPartOnly) {
            true => self.local(login),
            false => self.account(login),
        };
        self.named = known.or_else(|| self.first_login(login, proof));
        let account = self.named?;
        if self.has_fault_for(Fault::PasswordRefused, account) {
            return None;
        }
        if let (true, Proof::Password(password)) = (self.accounts[account.place()].has_no_password, proof) {
            self.set_password(account, password);
        }
        let mailbox = self.mailbox(account)?;
        let right = self.has_fault_for(Fault::AnyPasswordAccepted, account) || proof.holds(&mailbox.password);
        let failures = &mut self.accounts[account.place()].failures;
        *failures = failures.saturating_add(u32::from(!right));
        let failures = u64::from(*failures);
        let locked_out = self.amount_for(Fault::Lockout, account).is_some_and(|max| failures >= max);
        if right && locked_out {
            self.faults.takes_hold(Fault::Lockout);
        }
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
        let account = &mut self.accounts[account.place()];
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
        self.accounts[account.place()].has_no_password = true;
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

    /// The account of that login name.
    pub(crate) fn account(&self, login: &str) -> Option<AccountId> {
        self.first(self.by_login.candidates(login), |mailbox| mailbox.login.as_str() == login)
    }

    /// The account whose address has that local part.
    fn local(&self, local_part: &str) -> Option<AccountId> {
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
    pub(crate) fn addressed(&self, address: &EmailAddress) -> Option<AccountId> {
        let key = address.key();
        self.first(self.by_address.candidates(&key), |mailbox| mailbox.address.key() == key)
    }

    fn holder(&self, address: &EmailAddress) -> Option<AccountId> {
        let key = address.key();
        self.first(self.by_address.candidates(&key), |mailbox| addresses(mailbox).any(|it| it.key() == key))
    }

    /// The one that came first of those whose names are right.
    fn first(
        &self,
        candidates: impl Iterator<Item = AccountId>,
        is_right: impl Fn(&Mailbox) -> bool,
    ) -> Option<AccountId> {
        candidates.filter(|account| self.mailbox(*account).is_some_and(&is_right)).min()
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
        self.mailbox(account).map_or("", |mailbox| mailbox.password.expose())
    }

    pub(crate) fn folders(&self, account: AccountId) -> &Folders {
        let place = &self.accounts[account.place()];
        place.folders.get_or_init(|| {
            let first = place.mailbox().filter(|_| account.place() < self.given);
            let messages =
                first.map_or_else(Vec::new, |mailbox| first_messages(&mailbox.address, self.start, self.days));
            Box::new(Folders::new(messages, place.uid_validity, self.uid_validities.clone()))
        })
    }

    /// The folders, to change them: whoever waits for changes is woken.
    pub(crate) fn folders_mut(&mut self, account: AccountId) -> &mut Folders {
        self.touch(account);
        self.folders_unwatched(account)
    }

    /// The folders, for a change that nobody waits for.
    pub(crate) fn folders_unwatched(&mut self, account: AccountId) -> &mut Folders {
        self.folders(account);
        self.accounts[account.place()].folders.get_mut().expect("they were just looked at")
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

    /// Something has changed in an account.
    fn touch(&mut self, account: AccountId) {
        if let Touched::These(these) = &mut self.touched {
            these.insert(account);
        }
        if self.keeps_mail {
            self.unsaved.insert(account);
        }
    }

    /// Something has changed that everybody sees.
    pub(crate) fn touch_all(&mut self) {
        self.touched = Touched::All;
        if self.keeps_mail {
            self.unsaved.extend((0..self.accounts.len()).map(AccountId::of));
        }
    }

    /// Whose folders were opened for a change since this was last asked.
    pub(crate) fn take_touched(&mut self) -> Touched {
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

    /// Whether a mailbox takes so many octets more.
    pub(crate) fn leaves_room(&self, account: AccountId, more: usize) -> bool {
        let is_fresh = self.accounts[account.place()].folders.get().is_none();
        let Limits { mailbox_messages, mailbox_octets, .. } = self.limits;
        // Nobody has looked at it yet: mail that only asks is no reason to make all that is in it.
        if is_fresh && mailbox_messages > FIRST_MESSAGES_MAX && mailbox_octets.saturating_sub(more) > FIRST_OCTETS_MAX {
            return true;
        }
        let folders = self.folders(account).all();
        let messages: usize = folders.iter().map(|folder| folder.messages.len()).sum();
        let octets: usize = folders.iter().map(Folder::octets).sum();
        messages < mailbox_messages && octets.saturating_add(more) <= mailbox_octets
    }

    /// Puts a message into the account's INBOX, with the envelope that it came in.
    pub(crate) fn deliver(&mut self, account: AccountId, bytes: Arc<[u8]>, envelope: Envelope) {
        let now = self.now;
        self.folders_mut(account).deliver_in(bytes, now, Some(Arc::new(envelope)));
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

/// Everything that mail for a mailbox may be addressed to.
fn addresses(mailbox: &Mailbox) -> impl Iterator<Item = &EmailAddress> {
    std::iter::once(&mailbox.address).chain(&mailbox.aliases)
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
/// More messages than any account starts with, and more octets.
const FIRST_MESSAGES_MAX: usize = 8;
const FIRST_OCTETS_MAX: usize = 16 * 1024;
/// Dates before the epoch help nobody.
/// A year.
const GREYLISTED_SECONDS_MAX: i64 = 366 * 86_400;
const SKEW_SECONDS_MAX: u64 = 40 * 366 * 86_400;
