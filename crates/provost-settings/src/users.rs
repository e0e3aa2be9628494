//! The user list: CSV, JSON, JSON Lines or LDIF to people. Every bad row is reported; the good ones are returned as well.
//!
//! A list may be of any length: [`List`] is what its start says, `batches` cuts it, `read` makes people of a batch on any
//! thread, and [`Survey`] is what a first look at all of them finds.

mod batches;
mod columns;
mod csv_rows;
mod decoded;
mod duplicates;
mod fingerprints;
mod foreign;
mod json_rows;
mod layout;
mod ldif_rows;
mod list;
mod people;
mod person;
mod programs;
mod proxies;
mod records;
mod remarks;
mod row;
mod survey;

use std::io::{self, Read};

use provost_account::{EmailAddress, Finding, Service};

pub use batches::{Batch, Batches};
pub use columns::{ColumnChoice, ColumnChoiceError};
pub use decoded::{Encoding, EncodingError};
pub use duplicates::Duplicates;
pub use fingerprints::{Fingerprints, SortedFingerprints, fingerprint};
pub use list::{BadRow, LIST_START_OCTETS, List, ListOptions, Rows};
pub use people::{Group, Kind, People};
pub use person::{Person, User};
pub use survey::{Extent, Survey, Surveyed};

/// All that a user list says, in memory.
#[derive(Debug)]
pub struct Users {
    /// The users of the good rows, in the order of the list.
    pub good: Vec<User>,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
    /// How many rows are bad.
    pub bad_rows: u64,
    /// The people of the bad rows, if known.
    pub bad: Vec<EmailAddress>,
    /// Whether everyone in the list is known.
    pub extent: Extent,
}

impl Users {
    /// All of a list, from its very first octet.
    ///
    /// # Errors
    ///
    /// What `source` fails with.
    pub fn read<R: Read>(list: &List, source: R, service: &Service) -> io::Result<Self> {
        let mut all = Vec::new();
        let mut survey = Survey::new(list, service);
        for batch in list.batches(source) {
            let rows = list.read(&batch?, service);
            survey.add(&rows);
            all.push(rows);
        }
        let mut duplicates = survey.duplicates();
        all.iter().for_each(|rows| duplicates.look_at(rows));
        let surveyed = survey.finish(duplicates);
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for rows in all {
            bad.extend(rows.bad.into_iter().filter_map(|row| row.address));
            for person in rows.people {
                match surveyed.is_repeated(person.record) {
                    false => good.push(person.user(service)),
                    true => bad.extend(Some(person.address).filter(|address| surveyed.bad.contains_address(address))),
                }
            }
        }
        Ok(Self { good, findings: surveyed.findings, bad_rows: surveyed.bad_rows, bad, extent: surveyed.extent })
    }

    /// None, since the list cannot be read.
    #[must_use]
    pub fn none(findings: Vec<Finding>) -> Self {
        Self { good: Vec::new(), findings, bad_rows: 0, bad: Vec::new(), extent: Extent::InPart }
    }
}

/// Reads a user list that is in memory. Columns are in docs/settings.md; aliases and groups are separated by semicolons,
/// or JSON lists. Spaces around a value are not part of it, except in a password.
#[must_use]
pub fn read_users(octets: &[u8], options: &ListOptions, service: &Service) -> Users {
    let start = &octets[..octets.len().min(LIST_START_OCTETS)];
    match List::of(start, options) {
        Ok(list) => Users::read(&list, octets, service).expect("reading from memory succeeds"),
        Err(findings) => Users::none(findings),
    }
}
