//! Addresses that are in a list twice. Fingerprints show which may be; a second look at the list compares those.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use provost_account::{EmailAddress, Findings, Place, Service, codes::settings as codes};

use super::fingerprints::SortedFingerprints;
use super::list::Rows;
use super::people::{BadRows, People};
use super::person::Person;

/// A search for addresses that are there twice.
#[derive(Debug)]
pub struct Duplicates<'a> {
    suspects: SortedFingerprints,
    service: &'a Service,
    /// The lines of the suspects, by their keys.
    lines: HashMap<String, usize>,
    found: Found,
}

/// What a second look finds.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) findings: Findings,
    /// The records that repeat an address.
    pub(super) records: Vec<u64>,
    pub(super) bad: BadRows,
    /// The others.
    pub(super) people: People,
}

impl<'a> Duplicates<'a> {
    pub(super) fn new(suspects: SortedFingerprints, service: &'a Service) -> Self {
        let findings = Findings::counted();
        let found = Found { findings, records: Vec::new(), bad: BadRows::default(), people: People::default() };
        Self { suspects, service, lines: HashMap::new(), found }
    }

    /// Whether no address is there twice, so that a second look is not needed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.suspects.is_empty()
    }

    /// Looks at every batch once more, in the order of the list.
    pub fn look_at(&mut self, rows: &Rows) {
        rows.people.iter().for_each(|person| self.look_at_person(person));
    }

    fn look_at_person(&mut self, person: &Person) {
        let is_repeated = self.is_repeated(&person.address, person.address_place);
        let mut is_alias_repeated = false;
        for (alias, place) in person.aliases.iter().zip(&person.alias_places) {
            is_alias_repeated |= self.is_repeated(alias, *place);
        }
        if !is_repeated && !is_alias_repeated {
            return self.found.people.add(person, self.service);
        }
        self.found.records.push(person.record);
        self.found.bad.add((!is_repeated).then_some(&person.address));
    }

    fn is_repeated(&mut self, address: &EmailAddress, place: Place) -> bool {
        if !self.suspects.contains_address(address) {
            return false;
        }
        match self.lines.entry(address.key()) {
            Entry::Vacant(entry) => {
                entry.insert(place.line);
                false
            }
            Entry::Occupied(mut entry) => {
                let line = std::mem::replace(entry.get_mut(), place.line);
                if !self.found.findings.leave_out(codes::DUPLICATE_ADDRESS) {
                    let message = format!("{address} is already in line {line} (ignoring letter case)");
                    let fix = "remove one of them";
                    self.found.findings.add(codes::DUPLICATE_ADDRESS, Some(place), message, fix);
                }
                true
            }
        }
    }

    /// What was found; `None` if there was nothing to look for.
    pub(super) fn found(self) -> Option<Found> {
        (!self.suspects.is_empty()).then_some(self.found)
    }
}
