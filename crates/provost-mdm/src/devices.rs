//! The map of devices, `devices.csv`: whose enrollment is which, and what it gets. Findings have the line, and what to do.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use provost_account::codes::settings as codes;
use provost_account::{EmailAddress, Findings, Place};

use crate::target::Recipient;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Whose it is.
    pub address: EmailAddress,
    /// The enrollment, or the group.
    pub recipient: String,
    /// Which of the kinds that are delivered it gets: a variant's name, or `FORMAT/VARIANT`; `None`: the only one.
    pub variant: Option<String>,
    /// The line, from 1.
    pub line: usize,
}

/// What a map says.
#[derive(Debug, Default)]
pub struct Devices {
    /// The rows that say whose the enrollment is.
    pub devices: Vec<Device>,
    /// Enrollments that are nobody's yet: `provost deploy watch` writes such rows.
    pub nobodys: Vec<String>,
    /// The names of the columns; empty if there is no map.
    pub columns: Vec<String>,
}

/// Reads a map. What is wrong is a finding, and the row is left out.
#[must_use]
pub fn read(bytes: &[u8], recipient: Recipient, findings: &mut Findings) -> Devices {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let named = match recipient {
        Recipient::Enrollment => "enrollment",
        Recipient::Group => "group",
    };
    let mut devices = Devices::default();
    let Some(columns) = columns(&mut reader, named, findings) else { return devices };
    devices.columns.clone_from(&columns.names);
    let mut seen: HashMap<(String, String, Option<String>), usize> = HashMap::new();
    let mut record = csv::StringRecord::new();
    let mut lines = Lines { bytes, read: 0, line: 1 };
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return devices,
            Err(error) => {
                let line = lines.at(error.position().map_or(0, csv::Position::byte));
                let message = "the row is not UTF-8, or cannot be read";
                findings.add(codes::INVALID_UTF_8, place(line), message, "write the row again, in UTF-8");
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    return devices;
                }
                continue;
            }
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        let cell = |column: Option<usize>| column.and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let Some(enrollment) = cell(Some(columns.recipient)) else {
            let message = format!("no {named}");
            findings.add(codes::MISSING_FIELD, place(line), message, format!("write the {named}, or remove the row"));
            continue;
        };
        if let Some(found) = enrollment.chars().find(|it| it.is_control() || it.is_whitespace() || *it == ',') {
            let message = format!("{found:?} in the {named} {enrollment:?}");
            findings.add(codes::WRONG_VALUE, place(line), message, format!("write the {named} as the server has it"));
            continue;
        }
        let Some(email) = cell(Some(columns.email)) else {
            devices.nobodys.push(enrollment.to_owned());
            continue;
        };
        let address = match EmailAddress::try_from(email) {
            Ok(address) => address,
            Err(error) => {
                let message = format!("{email:?}: {error}");
                findings.add(codes::INVALID_ADDRESS, place(line), message, "correct the address");
                continue;
            }
        };
        let variant = cell(columns.variant).map(ToOwned::to_owned);
        match seen.entry((address.as_str().to_lowercase(), enrollment.to_owned(), variant.clone())) {
            Entry::Occupied(first) => {
                let message = format!("the same as line {}", first.get());
                findings.add(
                    codes::DUPLICATE_ADDRESS,
                    Some(Place { line, column: 1 }),
                    message,
                    "remove one of the rows",
                );
            }
            Entry::Vacant(new) => {
                new.insert(line);
                devices.devices.push(Device { address, recipient: enrollment.to_owned(), variant, line });
            }
        }
    }
}

/// A row as `watch` writes it: an enrollment that nobody has named yet, or whose user's name is that of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The address, if the user's name says it.
    pub email: Option<&'a str>,
    /// The enrollment.
    pub enrollment: &'a str,
    /// What it probably is.
    pub variant: Option<&'a str>,
    /// Of a user's channel, the device's enrollment.
    pub parent: Option<&'a str>,
    /// Of a user's channel, the user's name.
    pub user: Option<&'a str>,
}

/// Whether a map has its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// It is to be written.
    First,
    /// It is there.
    AreThere,
}

/// Rows as CSV, in the columns of a map; without a map, in all that there are.
#[must_use]
pub fn write(rows: &[Seen<'_>], columns: &[String], first: Columns) -> Vec<u8> {
    let own: Vec<String> = OWN.iter().map(|name| (*name).to_owned()).collect();
    let columns = if columns.is_empty() { &own } else { columns };
    let mut writer = csv::Writer::from_writer(Vec::new());
    if first == Columns::First {
        writer.write_record(columns).expect("memory takes everything");
    }
    for Seen { email, enrollment, variant, parent, user } in rows {
        let cell = |name: &String| match name.as_str() {
            "email" => *email,
            "enrollment" => Some(*enrollment),
            "variant" => *variant,
            "parent" => *parent,
            "user" => *user,
            _ => None,
        };
        writer.write_record(columns.iter().map(|name| cell(name).unwrap_or(""))).expect("memory takes everything");
    }
    writer.into_inner().expect("memory takes everything")
}

/// The columns that `watch` writes.
const OWN: &[&str] = &["email", "enrollment", "variant", "parent", "user"];

/// The lines of a text. `csv` counts a line that ends in CR and LF with the one that follows.
struct Lines<'a> {
    bytes: &'a [u8],
    read: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a row that begins there, or after the line ends that are there.
    fn at(&mut self, octet: u64) -> usize {
        let start = usize::try_from(octet).map_or(self.bytes.len(), |octet| octet.min(self.bytes.len()));
        let ends = self.bytes[start..].iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        let (from, to) = (self.read, (start + ends).max(self.read));
        self.line += self.bytes[from..to].iter().filter(|octet| **octet == b'\n').count();
        self.read = to;
        self.line
    }
}

struct Places {
    names: Vec<String>,
    email: usize,
    recipient: usize,
    variant: Option<usize>,
}

fn columns(reader: &mut csv::Reader<&[u8]>, recipient: &str, findings: &mut Findings) -> Option<Places> {
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(str::to_lowercase).collect(),
        Err(_) => {
            let message = "the line of the columns is not UTF-8, or cannot be read";
            return findings.refuse(codes::INVALID_UTF_8, place(1), message, "write the map as CSV, in UTF-8");
        }
    };
    let find = |name: &str| names.iter().position(|it| it == name);
    let mut needed = |name: &str| {
        let found = find(name);
        if found.is_none() {
            let message = format!("no column is called {name}; found: {}", names.join(", "));
            let fix = format!("begin the file with the line: email,{recipient},variant");
            findings.add(codes::MISSING_COLUMN, place(1), message, fix);
        }
        found
    };
    let (email, at) = (needed("email"), needed(recipient));
    for (at, name) in names.iter().enumerate() {
        let is_known = [recipient, "email", "variant", "parent", "user"].contains(&name.as_str());
        let fix = format!("remove it; the columns are email, {recipient} and variant");
        if names[..at].contains(name) {
            findings.add(codes::DUPLICATE_COLUMN, place(1), format!("two columns are called {name}"), fix);
        } else if !is_known {
            findings.add(codes::UNKNOWN_COLUMN, place(1), format!("the column {name:?} is not used"), fix);
        }
    }
    let (email, recipient, variant) = (email?, at?, find("variant"));
    Some(Places { names, email, recipient, variant })
}

fn place(line: usize) -> Option<Place> {
    Some(Place { line, column: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(usize, &str)]) -> Devices {
        let mut findings = Findings::counted();
        let devices = read(text.as_bytes(), Recipient::Enrollment, &mut findings);
        let found: Vec<(usize, String)> =
            findings.finish().into_iter().map(|it| (it.place.map_or(0, |at| at.line), it.message)).collect();
        let found: Vec<(usize, &str)> = found.iter().map(|(line, message)| (*line, message.as_str())).collect();
        assert_eq!(found, expected);
        devices
    }

    #[test]
    fn rows_say_whose_an_enrollment_is() {
        let devices =
            check("email,enrollment,variant\njane@example.org,D1,ios\r\njane@example.org,D2:U, macos\n,D3,\n", &[]);
        let rows: Vec<(&str, &str, Option<&str>, usize)> = devices
            .devices
            .iter()
            .map(|it| (it.address.as_str(), it.recipient.as_str(), it.variant.as_deref(), it.line))
            .collect();
        assert_eq!(rows, [("jane@example.org", "D1", Some("ios"), 2), ("jane@example.org", "D2:U", Some("macos"), 3)]);
        assert_eq!(devices.nobodys, ["D3"]);
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        check(
            "email,udid\n",
            &[(1, "no column is called enrollment; found: email, udid"), (1, "the column \"udid\" is not used")],
        );
        check(
            "email,enrollment\njane,D1\njane@example.org,\njane@example.org,\"D 1\"\na@example.org,D1\nA@example.org,D1\n",
            &[
                (2, "\"jane\": no \"@\" in the address"),
                (3, "no enrollment"),
                (4, "' ' in the enrollment \"D 1\""),
                (6, "the same as line 5"),
            ],
        );
        check("", &[(1, "no column is called email; found: "), (1, "no column is called enrollment; found: ")]);
    }

    #[test]
    fn what_watch_writes_can_be_read() {
        let device = Seen { email: None, enrollment: "D1", variant: None, parent: None, user: None };
        let user = Seen {
            email: Some("jane@example.org"),
            enrollment: "D1:U",
            variant: Some("macos"),
            parent: Some("D1"),
            user: Some("jane, j"),
        };
        let text = String::from_utf8(write(&[device, user], &[], Columns::First)).expect("UTF-8");
        assert_eq!(text, "email,enrollment,variant,parent,user\n,D1,,,\njane@example.org,D1:U,macos,D1,\"jane, j\"\n");
        let devices = check(&text, &[]);
        assert_eq!((devices.devices.len(), devices.nobodys.len()), (1, 1));
    }
}
