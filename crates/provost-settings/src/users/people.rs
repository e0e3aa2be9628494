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
        self.each_of(person.address.domain(), |group| {
            group.add(&person.address, own);
            if own.is_none() && group.sample.is_none() {
                group.sample = Some(person.clone());
            }
        });
    }

    /// Counts somebody of whom no more is known: their login name, if it is not the template's.
    pub fn add_login(&mut self, address: &EmailAddress, own: Option<&Login>) {
        self.each_of(address.domain(), |group| group.add(address, own));
    }

    fn each_of(&mut self, domain: &DomainName, add: impl Fn(&mut Group)) {
        add(&mut self.all);
        match self.domains.get_mut(domain) {
            Some(group) => add(group),
            None => add(self.domains.entry(domain.clone()).or_default()),
        }
    }
}

impl Group {
    fn add(&mut self, address: &EmailAddress, own: Option<&Login>) {
        self.count += 1;
        let Some(login) = own else { return };
        let kind = match login.as_str() {
            name if name == address.as_str() => &mut self.address,
            name if name == address.local_part() => &mut self.local_part,
            _ => &mut self.other,
        };
        kind.count += 1;
        if kind.first.is_none() {
            kind.first = Some((address.clone(), login.clone()));
        }
    }
}
