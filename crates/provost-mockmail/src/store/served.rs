//! The store as the current session sees it: which faults apply, what IMAP announces, and who may log in.

use std::collections::btree_map::Entry;
use std::ops::{Deref, DerefMut};

use provost_account::{AnswerProtocol, AnswerStep, EmailAddress, Login, ProviderAnswer, Secret};
use time::Duration;

use super::{AccountId, Store};
use crate::Mailbox;
use crate::faults::{Fault, Faults};
use crate::imap::Capabilities;
use crate::message::Message;
use crate::message::surrogate::surrogate;
use crate::session::Setting;

/// The store, and what holds for one command of whoever is being served.
#[derive(Debug)]
pub(crate) struct Served<'a> {
    store: &'a mut Store,
    pub(crate) faults: Faults,
    /// What IMAP announces and does.
    pub(crate) capabilities: Capabilities,
    /// Whose name the last login gave.
    named: Option<AccountId>,
}

/// What a client shows to prove who it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof<'a> {
    /// The password, or the token.
    Password(&'a str),
    /// A digest, and how the right one follows from the password.
    Digest { found: &'a str, expected: fn(challenge: &str, password: &str) -> String, challenge: &'a str },
}

impl Deref for Served<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl DerefMut for Served<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        self.store
    }
}

impl Store {
    /// Itself, as it is for that connection and who is logged in there.
    pub(crate) fn serve(&mut self, setting: &Setting, account: Option<AccountId>) -> Served<'_> {
        let faults = self.faults(setting, account);
        let capabilities = account.map_or(self.usual_capabilities, |account| self.capabilities_of(account).0);
        Served { store: self, faults, capabilities, named: None }
    }

    /// The faults that hold on that connection for who is logged in there.
    pub(crate) fn faults(&self, setting: &Setting, account: Option<AccountId>) -> Faults {
        let address = account.and_then(|account| self.address(account));
        self.armed.holding(&setting.host, address, setting.commands)
    }
}

impl Served<'_> {
    /// The next command has come, or somebody has logged in.
    pub(crate) fn go_on(&mut self, setting: &Setting, account: Option<AccountId>) {
        let Served { faults, capabilities, .. } = self.store.serve(setting, account);
        self.faults.give_way_to(faults);
        self.capabilities = capabilities;
    }

    /// How much of a fault is in force for somebody who is named; `None`: it is not.
    fn amount_for(&self, fault: Fault, account: AccountId) -> Option<u64> {
        self.faults.amount_for(fault, self.address(account)?)
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
        let wait = Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
        let now = self.now;
        let puts_off = match self.first_tries.entry((sender.to_lowercase(), account)) {
            Entry::Vacant(first) => {
                first.insert(now);
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
        self.faults.answer(protocol, step, named.and_then(|account| self.address(account)))
    }

    /// What a client that knows no UTF-8 sees of a message; `None`: the message itself, as where nobody announces UTF-8.
    pub(crate) fn surrogate(&self, message: &Message) -> Option<Message> {
        self.capabilities.take_utf8().then(|| surrogate(message)).flatten()
    }

    /// Whose name the login gave that was just tried, right or wrong.
    pub(crate) fn take_named(&mut self) -> Option<AccountId> {
        self.named.take()
    }

    /// The account that `login` and `proof` open.
    pub(crate) fn log_in(&mut self, login: &str, proof: Proof<'_>) -> Option<AccountId> {
        let known = match self.faults.has(Fault::LocalPartOnly) {
            true => self.accounts.of_local_part(login),
            false => self.accounts.of_login(login),
        };
        self.named = known.or_else(|| self.first_login(login, proof));
        let account = self.named?;
        if self.has_fault_for(Fault::PasswordRefused, account) {
            return None;
        }
        if let (true, Proof::Password(password)) = (self.accounts[account].has_no_password, proof) {
            self.accounts[account].set_password(password);
        }
        let mailbox = self.mailbox(account)?;
        let right = self.has_fault_for(Fault::AnyPasswordAccepted, account) || proof.holds(&mailbox.password);
        let failures = &mut self.accounts[account].failures;
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
        if let Some(account) = self.accounts.holder(&address) {
            return Some(account);
        }
        let login = Login::try_from(login).ok()?;
        self.add(Mailbox { address, aliases: Vec::new(), login, password: Secret::new(password.to_owned()) })
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
