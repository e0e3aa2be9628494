//! The people of a list, counted: how many in which domain, and with login names of which kind. It keeps one of each.

use std::collections::BTreeMap;

use provost_account::{DomainName, EmailAddress, Login, Service};

use super::fingerprints::Fingerprints;
use super::person::Person;

/// The people of a list, counted.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// All of them.
    pub all: Group,
    /// Those of each domain that has any.
    pub domains: BTreeMap<DomainName, Group>,
}

/// Some of the people of a list, counted.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// How many there are.
    pub count: u64,
    /// The first one whose login name is the template's, or who needs none.
    pub sample: Option<Person>,
    /// Those with a login name of their own: their address.
    pub address: Kind,
    /// The same: what is before the `@` of their address.
    pub local_part: Kind,
    /// The same: any other name.
    pub other: Kind,
}

/// The people whose own login names are of one kind.
#[derive(Debug, Clone, Default)]
pub struct Kind {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Option<(EmailAddress, Login)>,
}

/// The bad rows.
#[derive(Debug, Default)]
pub(super) struct BadRows {
    pub(super) count: u64,
    pub(super) addresses: Fingerprints,
    pub(super) is_any_unknown: bool,
}

impl BadRows {
    pub(super) fn add(&mut self, address: Option<&EmailAddress>) {
        self.count += 1;
        match address {
            Some(address) => self.addresses.add_address(address),
            None => self.is_any_unknown = true,
        }
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.count += others.count;
        self.addresses.extend(others.addresses);
        self.is_any_unknown |= others.is_any_unknown;
    }
}

impl People {
    pub(super) fn add(&mut self, person: &Person, service: &Service) {
        let is_own = |login: &&Login| service.login(&person.address, None).is_some_and(|it| it != **login);
        let own = person.login.as_ref().filter(is_own);
        self.all.add(person, own);
        match self.domains.get_mut(person.address.domain()) {
            Some(group) => group.add(person, own),
            None => self.domains.entry(person.address.domain().clone()).or_default().add(person, own),
        }
    }
}

impl Group {
    /// Adds a person, whose login name is `own` if it is not the template's.
    fn add(&mut self, person: &Person, own: Option<&Login>) {
        self.count += 1;
        let kind = match own.map(Login::as_str) {
            None => {
                if self.sample.is_none() {
                    self.sample = Some(person.clone());
                }
                return;
            }
            Some(name) if name == person.address.as_str() => &mut self.address,
            Some(name) if name == person.address.local_part() => &mut self.local_part,
            Some(_) => &mut self.other,
        };
        kind.count += 1;
        if kind.first.is_none() {
            kind.first = own.map(|login| (person.address.clone(), login.clone()));
        }
    }
}
