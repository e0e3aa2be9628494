//! Rows of a CSV file with their places. The csv crate splits the fields; it has no columns and miscounts lines after
//! CRLF and blank lines, so places come from a walk over the text.

use std::ops::Range;

use provost_account::{EmailAddress, Findings, Place, Places, codes::settings as codes, place};

use super::columns::{Columns, without_address};
use super::row::{Column, FIELD_OCTETS_MAX, Field, Row};

/// Passes on every row after the header as it is read.
pub(crate) fn each(text: &str, findings: &mut Findings, take: &mut dyn FnMut(Row, &mut Findings)) {
    let mut lines = Places::new(text);
    let Some(start) = after_the_preamble(text, findings) else { return };
    let mut records = Records { text, at: start };
    if let Some(quote) = records.clone().find_map(Result::err) {
        // In a file with another separator, a quotation mark may open anywhere.
        let header = text[start..].trim_start().lines().next().unwrap_or("");
        if !other_separator(header, lines.place(start), findings) {
            let fix = "close it, or double it if it is part of the value";
            findings.add(codes::UNCLOSED_QUOTE, Some(place(text, quote)), "an unclosed quotation mark", fix);
        }
        return;
    }
    let Some(Ok(header)) = records.next() else { return };
    let first: Vec<Vec<Range<usize>>> = records.clone().flatten().take(ROWS_LOOKED_AT).collect();
    let Some(columns) = columns(text, &header, &first, &mut lines, findings) else { return };
    for record in records.flatten() {
        let row = row(text, &record, &columns, &mut lines, findings);
        take(row, findings);
    }
}

/// Where the header starts: after PowerShell's `#TYPE` and Excel's `sep=`, which are not rows. `None` if `sep=` names another
/// separator.
fn after_the_preamble(text: &str, findings: &mut Findings) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let place = Place { line: text[..start].lines().count() + 1, column: 1 };
        let lower = line.trim_end().to_ascii_lowercase();
        match lower.strip_prefix("sep=") {
            None if lower.starts_with("#type ") => {}
            None => return Some(start),
            Some(",") => {
                let message = "the line \"sep=,\" is specific to Excel and ignored";
                findings.add(codes::SEPARATOR_LINE, Some(place), message, "remove the line");
            }
            Some(other) => {
                wrong_separator(other.chars().next().unwrap_or('\t'), place, "the line \"sep=\" says that", findings);
                return None;
            }
        }
        start += line.len();
    }
    Some(start)
}

/// Reports another separator if the header looks like it.
fn other_separator(header: &str, place: Place, findings: &mut Findings) -> bool {
    let found = [';', '\t', '|'].into_iter().find(|separator| {
        let names: Vec<&str> = header.split(*separator).map(|name| name.trim().trim_matches('"')).collect();
        let mut columns = Columns::of(names.iter().copied());
        let mut has_address = || names.iter().any(|name| columns.column(name, place) == Some(Column::Email));
        names.len() > 1 && (!header.contains(',') || has_address())
    });
    if let Some(separator) = found {
        wrong_separator(separator, place, "", findings);
    }
    found.is_some()
}

fn wrong_separator(separator: char, place: Place, who_says: &str, findings: &mut Findings) {
    let (code, what) = match separator {
        ';' => (codes::SEMICOLON_HEADER, "semicolons".to_owned()),
        '\t' => (codes::WRONG_SEPARATOR, "tabs".to_owned()),
        '|' => (codes::WRONG_SEPARATOR, "vertical bars".to_owned()),
        other => (codes::WRONG_SEPARATOR, format!("{other:?}")),
    };
    let message = format!("{who_says} the columns are separated by {what}");
    let fix = match separator {
        '\t' => "save the file as CSV with commas, in UTF-8 (\"Unicode Text\" of Excel has tabs)",
        _ => {
            "save the file with commas; Excel uses the List separator in the system's region settings, LibreOffice asks, PowerShell has -Delimiter ','"
        }
    };
    findings.add(code, Some(place), message.trim_start(), fix);
}

/// The columns of the header; `None` if the file cannot be read by it. The `first` rows show what a column holds.
fn columns(
    text: &str,
    header: &[Range<usize>],
    first: &[Vec<Range<usize>>],
    lines: &mut Places<'_>,
    findings: &mut Findings,
) -> Option<Vec<Option<Column>>> {
    let start = lines.place(header[0].start);
    let line = &text[header[0].start..header.last().map_or(header[0].start, |last| last.end)];
    if other_separator(line, start, findings) {
        return None;
    }
    let names: Vec<String> = header.iter().map(|field| value(&text[field.clone()]).trim().to_owned()).collect();
    if let Some(address) = names.iter().find(|name| EmailAddress::try_from(name.as_str()).is_ok()) {
        let message = format!("the first line contains the address {address} instead of column names");
        findings.add(codes::MISSING_COLUMN, Some(start), message, "add a line with column names: email,name");
        return None;
    }
    let mut known = Columns::of(names.iter().map(String::as_str));
    let mut columns: Vec<Option<Column>> = Vec::new();
    for (name, field) in names.iter().zip(header) {
        let place = lines.place(field.start);
        let found = known.column(name, place);
        if found.is_some_and(|column| !column.is_state()) && columns.contains(&found) {
            let message = format!("{name:?} is a second column with the same meaning");
            findings.add(codes::DUPLICATE_COLUMN, Some(place), message, "remove or rename one of them");
        }
        columns.push(found);
    }
    if !columns.contains(&Some(Column::Email)) && !columns.contains(&Some(Column::Proxies)) {
        let example = |at: usize| {
            let values = first.iter().filter_map(|record| record.get(at));
            let values: Vec<String> = values.map(|field| value(&text[field.clone()]).trim().to_owned()).collect();
            let filled = || values.iter().filter(|value| !value.is_empty());
            filled().all(|value| EmailAddress::try_from(value.as_str()).is_ok()).then(|| filled().next().cloned())?
        };
        let examples: Vec<(String, String)> =
            names.iter().enumerate().filter_map(|(at, name)| Some((name.clone(), example(at)?))).collect();
        without_address(known.program(), start, "put column names in the first line: email,name", &examples, findings);
        return None;
    }
    known.report(findings);
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
                let message = format!("field {} in a row; the header has {} fields", position + 1, columns.len());
                findings.add(codes::EXTRA_FIELD, Some(place), message, "quote values that contain a comma");
                row.bad = true;
                break;
            }
            Some(_) if field.len() > FIELD_OCTETS_MAX => {
                let message = format!("a field of {} bytes; at most {FIELD_OCTETS_MAX} are read", field.len());
                findings.add(codes::TOO_LARGE, Some(place), message, "check the quotation marks in this row");
                row.bad = true;
            }
            Some(_) if let Some((message, fix)) = odd_quotes(&text[field.clone()]) => {
                findings.add(codes::UNCLOSED_QUOTE, Some(place), message, fix);
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

/// Signs of a quotation mark in the wrong place: text follows it, or other people's rows are inside. The people in such a
/// row are unknown.
fn odd_quotes(written: &str) -> Option<(&'static str, &'static str)> {
    let closing = written.starts_with('"').then(|| closing_quote(written.as_bytes(), 0)).flatten()?;
    if !written[closing + 1..].trim().is_empty() {
        let fix = "close the quotation mark at the end of the value, and double those that are part of it";
        return Some(("text after a closing quotation mark", fix));
    }
    let lines = written.lines().skip(1).any(|line| line.contains('@') && line.contains(','));
    lines.then_some(("a value that contains other people's rows", "close the quotation mark at the end of the value"))
}

/// The value of one field as it is written, quotation marks and all.
fn value(written: &str) -> String {
    if !written.contains('"') {
        return written.to_owned();
    }
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
/// The error is the offset of an unclosed quotation mark; nothing follows it.
#[derive(Debug, Clone)]
struct Records<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<Range<usize>>, usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        self.at += bytes[self.at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if self.at == bytes.len() {
            return None;
        }
        let mut record = Vec::new();
        loop {
            let start = self.at;
            if bytes.get(start) == Some(&b'"') {
                let Some(end) = closing_quote(bytes, start) else {
                    self.at = bytes.len();
                    return Some(Err(start));
                };
                self.at = end + 1;
            }
            let rest = bytes[self.at..].iter().position(|byte| matches!(byte, b',' | b'\r' | b'\n'));
            self.at = rest.map_or(bytes.len(), |length| self.at + length);
            record.push(start..self.at);
            if bytes.get(self.at) != Some(&b',') {
                return Some(Ok(record));
            }
            self.at += 1;
        }
    }
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

/// How many rows show what a column contains.
const ROWS_LOOKED_AT: usize = 20;
