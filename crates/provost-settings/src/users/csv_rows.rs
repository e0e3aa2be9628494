//! Rows of a CSV file with their places. The csv crate splits the fields; it has no columns and counts lines wrongly after
//! CRLF and blank lines, so places come from a walk over the text.

use std::ops::Range;

use provost_account::Place;

use super::columns::{Column, column};
use super::{FIELD_OCTETS_MAX, Field, Row};
use crate::findings::Findings;
use crate::source_text;

/// Every row after the header.
pub(crate) fn rows(text: &str, findings: &mut Findings) -> Vec<Row> {
    let mut lines = Places::new(text);
    let records = match records(text) {
        Ok(records) => records,
        Err(quote) => {
            findings.add(
                "unclosed-quote",
                Some(source_text::place(text, quote)),
                "a quotation mark that is never closed",
                "close it, or double it if it belongs to the value",
            );
            return Vec::new();
        }
    };
    let Some((header, records)) = records.split_first() else { return Vec::new() };
    let Some(columns) = columns(text, header, &mut lines, findings) else { return Vec::new() };
    records.iter().map(|record| row(text, record, &columns, &mut lines, findings)).collect()
}

/// The columns of the header; `None` if the file cannot be read by it.
fn columns(
    text: &str,
    header: &[Range<usize>],
    lines: &mut Places<'_>,
    findings: &mut Findings,
) -> Option<Vec<Option<Column>>> {
    if let [only] = header
        && text[only.clone()].contains(';')
    {
        findings.add(
            "semicolon-header",
            Some(lines.place(only.start)),
            "the columns are separated by semicolons",
            "save the file with commas (spreadsheets: CSV UTF-8, comma delimited)",
        );
        return None;
    }
    let mut columns: Vec<Option<Column>> = Vec::new();
    for field in header {
        let place = lines.place(field.start);
        let found = column(value(&text[field.clone()]).trim(), place, findings);
        if found.is_some() && columns.contains(&found) {
            findings.add(
                "duplicate-column",
                Some(place),
                "a second column of the same meaning",
                "remove or rename one of them",
            );
        }
        columns.push(found);
    }
    if !columns.contains(&Some(Column::Email)) {
        findings.add(
            "missing-column",
            Some(lines.place(0)),
            "no column is named email",
            "name the columns in the first line: email,name",
        );
    }
    (!findings.has_error()).then_some(columns)
}

fn row(
    text: &str,
    record: &[Range<usize>],
    columns: &[Option<Column>],
    lines: &mut Places<'_>,
    findings: &mut Findings,
) -> Row {
    let mut row = Row { place: lines.place(record[0].start), fields: Vec::new(), bad: false };
    for (position, field) in record.iter().enumerate() {
        let place = lines.place(field.start);
        match columns.get(position) {
            None => {
                findings.add(
                    "extra-field",
                    Some(place),
                    format!("field {} of a row, the header has {}", position + 1, columns.len()),
                    "put a value that has a comma in quotation marks",
                );
                row.bad = true;
                break;
            }
            Some(_) if field.len() > FIELD_OCTETS_MAX => {
                findings.add(
                    "too-large",
                    Some(place),
                    format!("a field of {} octets, at most {FIELD_OCTETS_MAX} are read", field.len()),
                    "check the quotation marks of this row",
                );
                row.bad = true;
            }
            Some(_) if let Some((message, fix)) = odd_quotes(&text[field.clone()]) => {
                findings.add("unclosed-quote", Some(place), message, fix);
                row.bad = true;
            }
            Some(None) => {}
            Some(Some(column)) => {
                row.fields.push(Field { column: *column, place, values: vec![value(&text[field.clone()])] });
            }
        }
    }
    row
}

/// What a quotation mark that is closed elsewhere than its author meant looks like: text follows it, or other people's
/// rows are inside. Whoever is in such a row is not known.
fn odd_quotes(written: &str) -> Option<(&'static str, &'static str)> {
    let closing = written.starts_with('"').then(|| closing_quote(written.as_bytes(), 0)).flatten()?;
    if !written[closing + 1..].trim().is_empty() {
        return Some((
            "text after a closing quotation mark",
            "close the quotation mark at the end of the value, and double one that belongs to it",
        ));
    }
    let lines = written.lines().skip(1).any(|line| line.contains('@') && line.contains(','));
    lines.then_some(("a value with other people's rows in it", "close the quotation mark at the end of the value"))
}

/// The value of one field as it is written, quotation marks and all.
fn value(written: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => record.get(0).map_or_else(String::new, str::to_owned),
        Ok(false) | Err(_) => String::new(),
    }
}

/// Where the fields of each record lie, blank lines left out.
///
/// ```abnf
/// record  = field *("," field)                       ; RFC 4180 section 2
/// field   = (DQUOTE *(TEXTDATA / "," / CR / LF / 2DQUOTE) DQUOTE) / *TEXTDATA
/// ```
///
/// The error is the offset of a quotation mark that is never closed.
fn records(text: &str) -> Result<Vec<Vec<Range<usize>>>, usize> {
    let bytes = text.as_bytes();
    let mut records = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let mut record = Vec::new();
        loop {
            let start = at;
            if bytes.get(at) == Some(&b'"') {
                at = closing_quote(bytes, at).ok_or(start)? + 1;
            }
            while at < bytes.len() && !matches!(bytes[at], b',' | b'\r' | b'\n') {
                at += 1;
            }
            record.push(start..at);
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at += 1;
        }
        records.push(record);
    }
    Ok(records)
}

fn closing_quote(bytes: &[u8], opening: usize) -> Option<usize> {
    let mut at = opening + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Lines and columns of offsets that only grow, without counting from the start each time.
struct Places<'a> {
    text: &'a str,
    line: usize,
    line_start: usize,
    counted: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, line: 1, line_start: 0, counted: 0 }
    }

    fn place(&mut self, offset: usize) -> Place {
        if offset < self.counted {
            return source_text::place(self.text, offset);
        }
        let newlines = self.text[self.counted..offset].match_indices('\n');
        for (at, _) in newlines {
            self.line += 1;
            self.line_start = self.counted + at + 1;
        }
        self.counted = offset;
        Place { line: self.line, column: self.text[self.line_start..offset].chars().count() + 1 }
    }
}
