//! What the start of a list says of all of it, and the people of a batch. It keeps nothing of the list.

use std::io::Read;
use std::ops::Range;

use provost_account::{EmailAddress, Finding, Findings, NotUtf8, Place, Service, codes::settings as codes};

use super::batches::{Batch, BatchEnd, Batches, RECORD_OCTETS_MAX};
use super::columns::{ColumnChoice, Columns, Unused};
use super::decoded::{Decoded, Encoding};
use super::layout::Layout;
use super::person::{Domains, Person, person};
use super::records::{Step, after};
use super::remarks::Remarks;
use super::row::{Column, Row};
use super::{csv_rows, foreign, json_rows, ldif_rows};
use crate::source_text::{add_control, add_not_utf_8, controls, is_utf_16_without_mark};

/// What is known of a list besides its octets.
#[derive(Debug, Clone)]
pub struct ListOptions {
    /// The name of its file; its end says what the format is.
    pub name: Option<String>,
    /// The encoding, if the list has no mark and is not UTF-8.
    pub encoding: Option<Encoding>,
    /// What columns hold whose names do not say so.
    pub columns: Vec<ColumnChoice>,
}

impl ListOptions {
    /// Those of a list in a file of this name, of which nothing else is said.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        Self { name: name.map(str::to_owned), encoding: None, columns: Vec::new() }
    }
}

/// What the start of a list says: format, encoding, columns, and where the first record is.
#[derive(Debug)]
pub struct List {
    encoding: Encoding,
    layout: Layout,
    columns: Columns,
    /// What stands before the first record, in octets of text.
    preamble: usize,
    /// Of the first record.
    place: Place,
    /// What is odd about the start.
    pub(crate) warnings: Findings,
}

/// The rows of a batch.
#[derive(Debug)]
pub struct Rows {
    /// The people of the good rows, in the list's order.
    pub people: Vec<Person>,
    /// The bad rows, in the list's order.
    pub bad: Vec<BadRow>,
    pub(crate) findings: Findings,
    pub(crate) remarks: Remarks,
    pub(crate) unused: Unused,
    pub(crate) first_calendar_login: Option<Place>,
    pub(crate) first_contacts_login: Option<Place>,
}

/// A row of which no person can be made.
#[derive(Debug, Clone)]
pub struct BadRow {
    /// The number of the record in the list, from 0.
    pub record: u64,
    /// Whose it is, if that is known.
    pub address: Option<EmailAddress>,
}

impl Rows {
    /// Makes a bad row of everybody whom `check` refuses.
    pub fn check(&mut self, mut check: impl FnMut(&Person) -> Result<(), Finding>) {
        let Self { people, bad, findings, .. } = self;
        people.retain(|person| match check(person) {
            Ok(()) => true,
            Err(finding) => {
                findings.add(finding.code, finding.place, finding.message, finding.fix);
                bad.push(BadRow { record: person.record, address: Some(person.address.clone()) });
                false
            }
        });
        bad.sort_by_key(|row| row.record);
    }
}

impl List {
    /// Looks at the start of a list: its first [`LIST_START_OCTETS`], or all of a shorter one.
    ///
    /// # Errors
    ///
    /// Why no row can be read. What is merely odd comes with the survey.
    pub fn of(start: &[u8], options: &ListOptions) -> Result<Self, Vec<Finding>> {
        let mut findings = Findings::counted();
        let list = Self::by_its_start(start, options, &mut findings);
        match list {
            Some(list) if !findings.has_error() => Ok(Self { warnings: findings, ..list }),
            Some(_) | None => Err(findings.finish()),
        }
    }

    fn by_its_start(start: &[u8], options: &ListOptions, findings: &mut Findings) -> Option<Self> {
        if let Some(foreign) = foreign::by_its_start(start) {
            let message = format!("this is {}, not a user list", foreign.what);
            return findings.refuse(codes::NOT_A_LIST, Some(START), message, foreign.fix.as_str());
        }
        let said = Encoding::by_its_mark(start).or(options.encoding);
        if said.is_none() && is_utf_16_without_mark(start) {
            let fix = "save the file as UTF-8, or say --encoding utf-16le (of another machine utf-16be)";
            return findings.refuse(
                codes::UTF_16,
                Some(START),
                "the file is UTF-16 and does not say so by a mark",
                fix,
            );
        }
        let encoding = said.unwrap_or(Encoding::UTF_8);
        let is_whole = start.len() < LIST_START_OCTETS;
        let mut octets = Vec::new();
        Decoded::new(start, encoding).read(start.len(), &mut octets).expect("reading from memory succeeds");
        let mark = if octets.starts_with(MARK) { MARK.len() } else { 0 };
        let text = readable(&octets[mark..], is_whole, findings)?;
        let choices = options.columns.as_slice();
        let (layout, columns, begins) = match Format::detect(options.name.as_deref(), text) {
            Format::Csv => {
                let header = csv_rows::header(text, choices, is_whole, findings)?;
                let layout = Layout::Csv { separator: header.separator, columns: header.meanings };
                (layout, header.columns, header.end)
            }
            Format::Json => {
                let (columns, begins) = json_rows::array(text, choices, is_whole, findings)?;
                (Layout::JsonArray, columns, begins)
            }
            Format::JsonLines => (Layout::JsonLines, json_rows::lines(text, choices, is_whole, findings)?, 0),
            Format::Ldif => (Layout::Ldif, ldif_rows::columns(text, choices, is_whole, findings)?, 0),
        };
        for (at, control) in controls(&text[..begins]).take(CONTROLS_SHOWN) {
            add_control(control, after(START, &text.as_bytes()[..at]), findings);
        }
        let place = after(START, &text.as_bytes()[..begins]);
        Some(Self { encoding, layout, columns, preamble: mark + begins, place, warnings: Findings::counted() })
    }

    /// The octets of the list, from its very first on, in batches of whole records.
    pub fn batches<R: Read>(&self, source: R) -> Batches<'_, R> {
        self.batches_of(source, BATCH_OCTETS)
    }

    /// The same in batches of about this size.
    pub fn batches_of<R: Read>(&self, source: R, octets: usize) -> Batches<'_, R> {
        Batches::new(Decoded::new(source, self.encoding), &self.layout, self.preamble, self.place, octets)
    }

    /// The people of a batch.
    #[must_use]
    pub fn read(&self, batch: &Batch, service: &Service) -> Rows {
        let mut reader = Reader { list: self, domains: Domains::of(service), rows: Rows::new() };
        let (octets, end) = (&batch.octets, batch.end);
        let (mut at, mut place, mut record) = (0, batch.place, batch.first_record);
        let mut fields = Vec::new();
        while at < octets.len() || end == BatchEnd::Last {
            // What ends a record may not be in the batch.
            match self.layout.next(octets, at, record == 0, true, &mut fields) {
                Step::Nothing => break,
                Step::Record(range) => {
                    place = after(place, &octets[at..range.start]);
                    at = range.end;
                    fields.iter_mut().for_each(|it| *it = it.start - range.start..it.end - range.start);
                    let written = &octets[range];
                    reader.record(written, place, record, &fields, end);
                    place = after(place, written);
                    record += 1;
                }
                Step::Start { quote: Some(quote) } => {
                    let quote = after(place, &octets[at..quote]);
                    csv_rows::unclosed(quote, &mut reader.rows.findings);
                    reader.rows.bad.push(BadRow { record, address: None });
                    break;
                }
                Step::Start { quote: None } => {
                    let blanks = octets.len() - at - octets[at..].trim_ascii_start().len();
                    reader.too_long(after(place, &octets[at..at + blanks]), record);
                    break;
                }
                Step::Broken { .. } if end == BatchEnd::Cut => {
                    reader.too_long(place, record);
                    break;
                }
                Step::Broken { at: found_at, found } => {
                    let place = after(place, &octets[at..found_at]);
                    let fix = "write a list of objects: [{\"email\": \"…\"}]";
                    reader.rows.findings.add(codes::JSON_SYNTAX, Some(place), found, fix);
                    reader.rows.bad.push(BadRow { record, address: None });
                    break;
                }
            }
        }
        reader.rows
    }

    /// Which column became what, and how the list is written, in words; `None`: it says so itself.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let separator = match self.layout {
            Layout::Csv { separator: b',', .. } | Layout::JsonArray | Layout::JsonLines | Layout::Ldif => None,
            Layout::Csv { separator, .. } => Some(format!("separated by {}", csv_rows::separator_name(separator))),
        };
        let encoding = (self.encoding != Encoding::UTF_8).then(|| self.encoding.name().to_owned());
        let program = self.columns.program().map(|program| program.name.to_owned());
        let manner: Vec<String> = program.into_iter().chain(encoding).chain(separator).collect();
        let columns = self.columns.note().or_else(|| (!manner.is_empty()).then(String::new))?;
        let manner = manner.join(", ");
        let between = if manner.is_empty() || columns.is_empty() { "" } else { ": " };
        Some(format!("{manner}{between}{columns}"))
    }

    /// Says which columns are not used.
    pub(crate) fn report(&self, unused: Unused, findings: &mut Findings) {
        self.columns.report(unused, findings);
    }
}

impl Rows {
    fn new() -> Self {
        Self {
            people: Vec::new(),
            bad: Vec::new(),
            findings: Findings::counted(),
            remarks: Remarks::default(),
            unused: Unused::default(),
            first_calendar_login: None,
            first_contacts_login: None,
        }
    }
}

/// What turns records into rows.
struct Reader<'a> {
    list: &'a List,
    domains: Domains<'a>,
    rows: Rows,
}

impl Reader<'_> {
    fn record(&mut self, written: &[u8], place: Place, record: u64, fields: &[Range<usize>], end: BatchEnd) {
        let text = match std::str::from_utf8(written) {
            Ok(text) => text,
            // Nobody looked where a character ends.
            Err(error) if end == BatchEnd::Cut && error.error_len().is_none() => return self.too_long(place, record),
            Err(error) => {
                let at = error.valid_up_to();
                let error = NotUtf8 { octet: written[at], place: after(place, &written[..at]) };
                add_not_utf_8(error, OR_SAY_THE_ENCODING, &mut self.rows.findings);
                return self.rows.bad.push(BadRow { record, address: None });
            }
        };
        let is_decoded = self.list.encoding != Encoding::UTF_8;
        if let Some(at) = text.find(char::REPLACEMENT_CHARACTER).filter(|_| is_decoded) {
            let message = format!("something that is not {}", self.list.encoding.name());
            let place = Some(after(place, &written[..at]));
            self.rows.findings.add(codes::INVALID_UTF_8, place, message, "say the right --encoding");
            return self.rows.bad.push(BadRow { record, address: None });
        }
        if let Some((at, control)) = controls(text).next() {
            add_control(control, after(place, &written[..at]), &mut self.rows.findings);
            return self.rows.bad.push(BadRow { record, address: None });
        }
        let Rows { people, bad, findings, remarks, unused, .. } = &mut self.rows;
        let mut row = Row { text, place, fields: Vec::new(), bad: false };
        match &self.list.layout {
            Layout::Csv { separator, columns } => csv_rows::read(&mut row, fields, columns, *separator, findings),
            Layout::JsonArray | Layout::JsonLines => json_rows::read(&mut row, &self.list.columns, unused, findings),
            Layout::Ldif => match ldif_rows::read(&mut row, &self.list.columns, findings) {
                ldif_rows::Entry::Row => {}
                ldif_rows::Entry::Nothing => return,
            },
        }
        if end == BatchEnd::Cut && !row.bad {
            return self.too_long(place, record);
        }
        if !row.bad && remarks.leaves_out(&row) {
            return;
        }
        match person(&row, record, &self.domains, remarks, findings) {
            Ok(person) => people.push(person),
            Err(address) => bad.push(BadRow { record, address }),
        }
        let place = |column| row.text(column).map(|(_, at)| row.place_of(at));
        self.rows.first_calendar_login = self.rows.first_calendar_login.or_else(|| place(Column::CalendarUsername));
        self.rows.first_contacts_login = self.rows.first_contacts_login.or_else(|| place(Column::ContactsUsername));
    }

    fn too_long(&mut self, place: Place, record: u64) {
        let and_then = if self.list.layout.is_in_lines() { "" } else { "; nothing behind it is read" };
        let message = format!("a row of more than {RECORD_OCTETS_MAX} bytes{and_then}");
        self.rows.findings.add(codes::TOO_LARGE, Some(place), message, "check this row");
        self.rows.bad.push(BadRow { record, address: None });
    }
}

/// The start of a list as far as it is UTF-8; its first line must be.
fn readable<'a>(octets: &'a [u8], is_whole: bool, findings: &mut Findings) -> Option<&'a str> {
    let error = match std::str::from_utf8(octets) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let (valid, rest) = octets.split_at(error.valid_up_to());
    let text = std::str::from_utf8(valid).expect("valid up to here");
    let is_cut = error.error_len().is_none() && !is_whole;
    if !is_cut && !text.contains('\n') {
        add_not_utf_8(NotUtf8 { octet: rest[0], place: after(START, valid) }, OR_SAY_THE_ENCODING, findings);
        return None;
    }
    Some(text)
}

/// The format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
    JsonLines,
    Ldif,
}

impl Format {
    /// By the end of the file's name, else by how it begins: `[` is JSON, `{` is JSON Lines, a version or a distinguished
    /// name LDIF, anything else CSV.
    fn detect(name: Option<&str>, text: &str) -> Self {
        let end = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
        match (end.as_deref(), text.trim_start().bytes().next()) {
            (Some("ldif" | "ldi"), _) => Self::Ldif,
            _ if foreign::is_ldif(text) => Self::Ldif,
            (Some("csv" | "tsv"), _) => Self::Csv,
            (Some("json"), _) => Self::Json,
            (Some("jsonl" | "ndjson"), _) => Self::JsonLines,
            (_, Some(b'[')) => Self::Json,
            (_, Some(b'{')) => Self::JsonLines,
            (_, Some(_) | None) => Self::Csv,
        }
    }
}

/// How much of a list says what all of it is.
pub const LIST_START_OCTETS: usize = 64 << 10;
const OR_SAY_THE_ENCODING: &str = ", or say what it is: --encoding windows-1252";
/// Some thousands of people.
const BATCH_OCTETS: usize = 256 << 10;
const CONTROLS_SHOWN: usize = 10;
/// U+FEFF in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
const START: Place = Place { line: 1, column: 1 };
