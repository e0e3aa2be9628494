//! An account as a device understood it: the values from the file, what it assumed and what it ignored. Every reader
//! returns it, whatever the format.

#[cfg(test)]
pub(crate) mod samples;

use std::fmt::Display;

use provost_account::{
    Account, DisplayName, DomainName, EmailAddress, Exchange, Groupware, LeftOpen, Login, OAuth2, Place,
};

use crate::person::is_nobody;

/// An account as a device understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// Whose rules the file was read by.
    pub device: &'static str,
    /// What the device calls the account.
    pub label: Option<String>,
    /// The account.
    pub account: Account,
    /// What the file does not set, so that the device finds it out from the server.
    pub left_open: LeftOpen,
    /// What the device fills in.
    pub assumed: Vec<Assumption>,
    /// What it ignores.
    pub ignored: Vec<Ignored>,
    /// The identifiers by which the device knows the account again.
    pub identifiers: Vec<Identifier>,
    /// What the file says of the organization.
    pub provider: Provider,
    /// The commands that the client asks for passwords, each once.
    pub password_commands: Vec<String>,
    /// The Exchange server, if the file has one. Nothing here proves it.
    pub exchange: Option<Exchange>,
    /// Where tokens come from, if the file says so, even if the client ignores it.
    pub oauth2: Option<OAuth2>,
    /// What else the file says and the client uses.
    pub said: Vec<Said>,
    /// A configuration profile and its payloads, in their order; empty for everything else.
    pub payloads: Vec<Payload>,
}

impl Understood {
    /// An account for which the device assumed and ignored nothing.
    pub(crate) fn of(device: &'static str, account: Account) -> Self {
        Self {
            device,
            label: None,
            account,
            left_open: LeftOpen::default(),
            assumed: Vec::new(),
            ignored: Vec::new(),
            identifiers: Vec::new(),
            provider: Provider::default(),
            password_commands: Vec::new(),
            exchange: None,
            oauth2: None,
            said: Vec::new(),
            payloads: Vec::new(),
        }
    }

    /// The person's address. `None`: the file does not contain it, and was read for no particular person.
    #[must_use]
    pub fn address(&self) -> Option<&EmailAddress> {
        Some(&self.account.address).filter(|address| !is_nobody(address))
    }

    /// Whether a device sets up nothing that Provost reads: neither servers nor a calendar and the like.
    #[must_use]
    pub fn sets_up_nothing(&self) -> bool {
        let account = &self.account;
        let has_server = !account.incoming.is_empty() || !account.outgoing.is_empty();
        !has_server
            && account.groupware == Groupware::default()
            && self.assumed.is_empty()
            && self.identifiers.is_empty()
    }

    /// Whether another server of this person's belongs to the account: one without an address is known by its login name.
    pub(crate) fn is_for(&self, address: &EmailAddress, login: Option<&Login>) -> bool {
        self.account.address == *address && (self.address().is_some() || self.account.login() == login)
    }

    /// Adds commands that the client asks for a password.
    pub(crate) fn asks(&mut self, commands: impl IntoIterator<Item = String>) {
        for command in commands.into_iter().filter(|command| !command.is_empty()) {
            if !self.password_commands.contains(&command) {
                self.password_commands.push(command);
            }
        }
    }
}

/// A value that the client uses and that no account has a field for. Never a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The key as the file has it.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Said {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// A configuration profile or one of its payloads, by what a later one is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// `PayloadType`.
    pub kind: String,
    /// `PayloadIdentifier`.
    pub identifier: String,
    /// `PayloadUUID`.
    pub uuid: String,
}

/// An identifier by which a device knows an account again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identifier {
    /// The key that holds it, and of which payload: `profile PayloadIdentifier`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// The organization that provides the account, as far as the file names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provider {
    /// Its name.
    pub name: Option<DisplayName>,
    /// The domains that the file is for; empty where it says none.
    pub domains: Vec<DomainName>,
}

/// A value that the device uses and the file does not contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The key that is absent or unclear.
    pub key: String,
    /// The value used.
    pub value: String,
    /// How that is known.
    pub source: &'static str,
}

impl Assumption {
    pub(crate) fn of(key: impl Display, value: impl Display, source: &'static str) -> Self {
        Self { key: key.to_string(), value: value.to_string(), source }
    }
}

/// A key that the device does not know, or does not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The key.
    pub key: String,
    /// Where it is.
    pub place: Option<Place>,
    /// Why it is ignored.
    pub reason: String,
}

impl Ignored {
    pub(crate) fn of(key: impl Display, place: impl Into<Option<Place>>, reason: impl Display) -> Self {
        Self { key: key.to_string(), place: place.into(), reason: reason.to_string() }
    }
}
