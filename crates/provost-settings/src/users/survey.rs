//! A first look at a whole list, batch by batch: what is wrong, who is in it, in which domains, and with login names of
//! which kinds. It keeps a number of 64 bits for each address, and of the list nothing else.

use provost_account::{Finding, Findings, Place, Service, codes::settings as codes};

use super::columns::Unused;
use super::duplicates::Duplicates;
use super::fingerprints::{Fingerprints, SortedFingerprints};
use super::list::{List, Rows};
use super::people::{BadRows, People};
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
    bad: BadRows,
    people: People,
    addresses: Fingerprints,
    aliases: Fingerprints,
    /// The addresses, once all are there.
    sorted: SortedFingerprints,
}

/// What a first look at a list finds.
#[derive(Debug)]
pub struct Surveyed {
    /// What is wrong, in the order of the lines: the first 100, and how many more there are.
    pub findings: Vec<Finding>,
    /// The people of the good rows.
    pub people: People,
    /// Their addresses, without aliases; and those of the rows that repeat an address.
    pub addresses: SortedFingerprints,
    /// How many rows are left out: their accounts are disabled, a guest's, or no person's.
    pub left_out: u64,
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
            bad: BadRows::default(),
            people: People::default(),
            addresses: Fingerprints::default(),
            aliases: Fingerprints::default(),
            sorted: SortedFingerprints::default(),
        }
    }

    /// Adds the rows of the next batch, in the order of the list.
    pub fn add(&mut self, rows: &Rows) {
        let Rows { people, bad, findings, remarks, unused, first_calendar_login, first_contacts_login } = rows;
        self.findings.extend(findings);
        self.remarks.extend(remarks);
        self.unused.extend(unused);
        self.first_calendar_login = self.first_calendar_login.or(*first_calendar_login);
        self.first_contacts_login = self.first_contacts_login.or(*first_contacts_login);
        bad.iter().for_each(|row| self.bad.add(row.address.as_ref()));
        for person in people {
            self.addresses.add_address(&person.address);
            person.aliases.iter().for_each(|alias| self.aliases.add_address(alias));
            self.people.add(person, self.service);
        }
    }

    /// The addresses that seem to be there twice: a second look at the list compares them, if there are any.
    #[must_use]
    pub fn duplicates(&mut self) -> Duplicates<'a> {
        self.sorted = std::mem::take(&mut self.addresses).sorted();
        let aliases = std::mem::take(&mut self.aliases).sorted();
        let repeated = self.sorted.repeated().and(aliases.repeated()).and(aliases.in_both(&self.sorted));
        Duplicates::new(repeated, self.service)
    }

    /// What was found, after a second look if one was needed.
    #[must_use]
    pub fn finish(self, duplicates: Duplicates<'_>) -> Surveyed {
        let Self { mut findings, mut people, mut bad, sorted: addresses, .. } = self;
        let mut repeated = Vec::new();
        if let Some(found) = duplicates.found() {
            findings.extend(&found.findings);
            bad.extend(found.bad);
            (people, repeated) = (found.people, found.records);
        }
        let mut extent = if bad.is_any_unknown { Extent::InPart } else { Extent::Whole };
        if people.all.count == 0 && bad.count == 0 && !findings.has_error() {
            let (message, fix) = match self.remarks.left_out() {
                0 => ("no user in the list".to_owned(), "add a row for each user"),
                rows => {
                    (format!("no user is left: {rows} rows are left out"), "enable the accounts and export them again")
                }
            };
            findings.add(codes::EMPTY_LIST, None, message, fix);
            extent = Extent::InPart;
        }
        self.list.report(self.unused, &mut findings);
        unused_logins(self.first_calendar_login, self.first_contacts_login, self.service, &mut findings);
        let left_out = self.remarks.left_out();
        self.remarks.report(&mut findings);
        let (bad_rows, bad) = (bad.count, bad.addresses.sorted());
        Surveyed { findings: findings.finish(), people, addresses, left_out, bad_rows, bad, extent, repeated }
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
