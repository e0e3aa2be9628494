//! A first look at a whole list, batch by batch: what is wrong, who is in it, in which domains, and with login names of
//! which kinds. It keeps a number of 64 bits for each address, and of the list nothing else.

use std::collections::BTreeMap;

use provost_account::{DomainName, EmailAddress, Finding, Findings, Login, Place, Service, codes::settings as codes};

use super::columns::Unused;
use super::duplicates::Duplicates;
use super::fingerprints::{Fingerprints, SortedFingerprints};
use super::list::{List, Rows};
use super::person::Person;
use super::remarks::Remarks;

/// A first look at a list, not finished yet.
#[derive(Debug)]
pub struct Survey<'a> {
    list: &'a List,
    service: &'a Service,
    findings: Findings,
    remarks: Remarks,
    unused: Unused,
    first_calendar_login: Option<Place>,
    first_contacts_login: Option<Place>,
    is_empty: bool,
    bad: BadRows,
    people: People,
    addresses: Fingerprints,
}

/// What a first look at a list finds.
#[derive(Debug)]
pub struct Surveyed {
    /// What is wrong, in the order of the lines: the first 100, and how many more there are.
    pub findings: Vec<Finding>,
    /// The people of the good rows.
    pub people: People,
    /// How many rows are bad.
    pub bad_rows: u64,
    /// The addresses of the bad rows, if known.
    pub bad: SortedFingerprints,
    /// Whether everyone in the list is known.
    pub extent: Extent,
    /// The numbers of the records that repeat an address, in their order.
    repeated: Vec<u64>,
}

/// Whether everyone in a list is known, so that a person who was not read is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every row names its person.
    Whole,
    /// The list or a row could not be read, so anyone may be in it.
    InPart,
}

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
    count: u64,
    addresses: Fingerprints,
    is_any_unknown: bool,
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

impl<'a> Survey<'a> {
    /// Before the first batch.
    #[must_use]
    pub fn new(list: &'a List, service: &'a Service) -> Self {
        let mut findings = Findings::counted();
        findings.extend(&list.warnings);
        Self {
            list,
            service,
            findings,
            remarks: Remarks::default(),
            unused: Unused::default(),
            first_calendar_login: None,
            first_contacts_login: None,
            is_empty: true,
            bad: BadRows::default(),
            people: People::default(),
            addresses: Fingerprints::default(),
        }
    }

    /// Adds the rows of the next batch, in the order of the list.
    pub fn add(&mut self, rows: &Rows) {
        let Rows { people, bad, findings, remarks, unused, first_calendar_login, first_contacts_login } = rows;
        self.is_empty &= people.is_empty() && bad.is_empty();
        self.findings.extend(findings);
        self.remarks.extend(remarks);
        self.unused.extend(unused);
        self.first_calendar_login = self.first_calendar_login.or(*first_calendar_login);
        self.first_contacts_login = self.first_contacts_login.or(*first_contacts_login);
        bad.iter().for_each(|row| self.bad.add(row.address.as_ref()));
        for person in people {
            self.addresses.add_address(&person.address);
            person.aliases.iter().for_each(|alias| self.addresses.add_address(alias));
            self.people.add(person, self.service);
        }
    }

    /// The addresses that seem to be there twice: a second look at the list compares them, if there are any.
    #[must_use]
    pub fn duplicates(&mut self) -> Duplicates<'a> {
        let repeated = std::mem::take(&mut self.addresses).sorted().repeated();
        Duplicates::new(repeated, self.service)
    }

    /// What was found, after a second look if one was needed.
    #[must_use]
    pub fn finish(self, duplicates: Duplicates<'_>) -> Surveyed {
        let Self { mut findings, mut people, mut bad, .. } = self;
        let mut repeated = Vec::new();
        if let Some(found) = duplicates.found() {
            findings.extend(&found.findings);
            bad.extend(found.bad);
            (people, repeated) = (found.people, found.records);
        }
        let mut extent = if bad.is_any_unknown || self.is_empty { Extent::InPart } else { Extent::Whole };
        if self.is_empty && !findings.has_error() {
            findings.add(codes::EMPTY_LIST, None, "no user in the list", "add a row for each user");
            extent = Extent::InPart;
        }
        self.list.report(self.unused, &mut findings);
        unused_logins(self.first_calendar_login, self.first_contacts_login, self.service, &mut findings);
        self.remarks.report(&mut findings);
        let (bad_rows, bad) = (bad.count, bad.addresses.sorted());
        Surveyed { findings: findings.finish(), people, bad_rows, bad, extent, repeated }
    }
}

impl Surveyed {
    /// Whether the row of this record is bad because an address in it is somebody else's. All other bad rows are no
    /// people's.
    #[must_use]
    pub fn is_repeated(&self, record: u64) -> bool {
        self.repeated.binary_search(&record).is_ok()
    }
}

impl People {
    pub(super) fn add(&mut self, person: &Person, service: &Service) {
        let asked_for = service.login(&person.address, person.login.clone());
        let own = person.login.as_ref().filter(|_| asked_for.is_some());
        let own = own.filter(|login| service.login.expand(&person.address) != **login);
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

/// Reports login names for services that the settings lack.
fn unused_logins(calendar: Option<Place>, contacts: Option<Place>, service: &Service, findings: &mut Findings) {
    let missing =
        [(calendar, "calendar", service.calendar.is_none()), (contacts, "contacts", service.contacts.is_none())];
    for (first, setting, is_missing) in missing {
        if let Some(place) = first.filter(|_| is_missing) {
            let message = format!("a login name for {setting}, which is not in the settings");
            let fix = format!("add {setting}: {{ url: … }} to the settings, or remove the column");
            findings.add(codes::UNUSED_COLUMN, Some(place), message, fix);
        }
    }
}
