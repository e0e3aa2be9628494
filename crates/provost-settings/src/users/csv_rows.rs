//! Rows of a CSV file: where their fields lie, and what they hold. Our own walk, since places are needed for each field
//! and a crate's reader forgets them.

use std::borrow::Cow;
use std::ops::Range;

use provost_account::{EmailAddress, Findings, Place, codes::settings as codes};

use super::batches::{Step, after};
use super::columns::{Columns, without_address};
use super::list::Layout;
use super::row::{Column, FIELD_OCTETS_MAX, Field, Row};

/// Where the fields of the next record lie. Blank lines are none.
///
/// ```abnf
/// record  = field *("," field)                       ; RFC 4180 section 2
/// field   = (DQUOTE *(TEXTDATA / "," / CR / LF / 2DQUOTE) DQUOTE) / *TEXTDATA
/// ```
pub(crate) fn next(octets: &[u8], from: usize, separator: u8, is_last: bool, fields: &mut Vec<Range<usize>>) -> Step {
    fields.clear();
    let blank = octets[from..].iter().position(|octet| !matches!(octet, b'\r' | b'\n'));
    let Some(start) = blank.map(|length| from + length) else { return Step::Nothing };
    let mut at = start;
    loop {
        let field = at;
        if octets.get(at) == Some(&b'"') {
            match closing_quote(octets, at) {
                // The next octet may show that it closes nothing.
                Some(end) if is_last || end + 1 < octets.len() => at = end + 1,
                Some(_) | None => return Step::Start { quote: Some(field) },
            }
        }
        let rest = octets[at..].iter().position(|octet| *octet == separator || matches!(octet, b'\r' | b'\n'));
        at = match rest {
            Some(length) => at + length,
            None if is_last => octets.len(),
            None => return Step::Start { quote: None },
        };
        fields.push(field..at);
        if octets.get(at) != Some(&separator) {
            return Step::Record(start..at);
        }
        at += 1;
    }
}

fn closing_quote(octets: &[u8], opening: usize) -> Option<usize> {
    let mut at = opening + 1;
    loop {
        at += memchr::memchr(b'"', octets.get(at..)?)?;
        if octets.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// How a list with this start is laid out, what its columns mean, and where its first row begins.
pub(crate) fn layout(
    text: &str,
    choices: &[super::columns::ColumnChoice],
    is_whole: bool,
    findings: &mut Findings,
) -> Option<(Layout, Columns, usize)> {
    let separator = b',';
    let start = after_the_preamble(text, findings)?;
    let mut fields = Vec::new();
    let step = next(text.as_bytes(), start, separator, is_whole, &mut fields);
    let place = |at: usize| after(Place { line: 1, column: 1 }, &text.as_bytes()[..at]);
    let end = match step {
        Step::Nothing | Step::Broken { .. } => {
            return Some((
                Layout::Csv { separator, columns: Vec::new() },
                Columns::of([].into_iter(), choices),
                text.len(),
            ));
        }
        Step::Record(range) => range.end,
        Step::Start { quote } => {
            // In a file with another separator, a quotation mark may open anywhere.
            let header = text[start..].trim_start().lines().next().unwrap_or("");
            if !other_separator(header, place(start), findings) {
                match quote {
                    Some(quote) => unclosed(place(quote), findings),
                    None => {
                        let message = format!("a first line of more than {} bytes", text.len());
                        findings.add(
                            codes::TOO_LARGE,
                            Some(place(start)),
                            message,
                            "put column names in the first line: email,name",
                        );
                    }
                }
            }
            return None;
        }
    };
    let header = std::mem::take(&mut fields);
    let mut first = Vec::new();
    let mut at = end;
    while first.len() < ROWS_LOOKED_AT
        && let Step::Record(range) = next(text.as_bytes(), at, separator, is_whole, &mut fields)
    {
        at = range.end;
        first.push(std::mem::take(&mut fields));
    }
    let (columns, meanings) = columns(text, &header, &first, choices, &place, findings)?;
    Some((Layout::Csv { separator, columns: meanings }, columns, end))
}

/// Reports a quotation mark that is not closed.
pub(crate) fn unclosed(place: Place, findings: &mut Findings) {
    let fix = "close it, or double it if it is part of the value";
    findings.add(codes::UNCLOSED_QUOTE, Some(place), "an unclosed quotation mark", fix);
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
        let columns = Columns::of(names.iter().copied(), &[]);
        let has_address = || names.iter().any(|name| columns.meaning(name) == Some(Column::Email));
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
    choices: &[super::columns::ColumnChoice],
    place: &dyn Fn(usize) -> Place,
    findings: &mut Findings,
) -> Option<(Columns, Vec<Option<Column>>)> {
    let start = place(header[0].start);
    let line = &text[header[0].start..header.last().map_or(header[0].start, |last| last.end)];
    if other_separator(line, start, findings) {
        return None;
    }
    let value_of = |field: &Range<usize>| value(&text[field.clone()]).trim().to_owned();
    let names: Vec<String> = header.iter().map(value_of).collect();
    if let Some(address) = names.iter().find(|name| EmailAddress::try_from(name.as_str()).is_ok()) {
        let message = format!("the first line contains the address {address} instead of column names");
        findings.add(codes::MISSING_COLUMN, Some(start), message, "add a line with column names: email,name");
        return None;
    }
    let known = Columns::of(names.iter().map(String::as_str), choices);
    let mut unused = super::columns::Unused::default();
    let mut columns: Vec<Option<Column>> = Vec::new();
    for (name, field) in names.iter().zip(header) {
        let place = place(field.start);
        let found = known.meaning(name);
        match found {
            None => unused.add(name, || place),
            Some(column) if !column.is_state() && columns.contains(&found) => {
                let message = format!("{name:?} is a second column with the same meaning");
                findings.add(codes::DUPLICATE_COLUMN, Some(place), message, "remove or rename one of them");
            }
            Some(_) => {}
        }
        columns.push(found);
    }
    if !columns.contains(&Some(Column::Email)) && !columns.contains(&Some(Column::Proxies)) {
        let example = |at: usize| {
            let values: Vec<String> = first.iter().filter_map(|record| record.get(at)).map(value_of).collect();
            let filled = || values.iter().filter(|value| !value.is_empty());
            filled().all(|value| EmailAddress::try_from(value.as_str()).is_ok()).then(|| filled().next().cloned())?
        };
        let examples: Vec<(String, String)> =
            names.iter().enumerate().filter_map(|(at, name)| Some((name.clone(), example(at)?))).collect();
        without_address(known.program(), start, "put column names in the first line: email,name", &examples, findings);
        return None;
    }
    known.report(unused, findings);
    (!findings.has_error()).then_some((known, columns))
}

/// What the fields of a record say.
pub(crate) fn read(row: &mut Row<'_>, fields: &[Range<usize>], columns: &[Option<Column>], findings: &mut Findings) {
    let text = row.text;
    for (position, field) in fields.iter().enumerate() {
        let written = &text[field.clone()];
        let mut fail = |code, message: String, fix: &str| {
            findings.add(code, Some(row.place_of(field.start)), message, fix);
            row.bad = true;
        };
        match columns.get(position) {
            None => {
                let message = format!("field {} in a row; the header has {} fields", position + 1, columns.len());
                fail(codes::EXTRA_FIELD, message, "quote values that contain a comma");
                break;
            }
            Some(_) if written.len() > FIELD_OCTETS_MAX => {
                let message = format!("a field of {} bytes; at most {FIELD_OCTETS_MAX} are read", written.len());
                fail(codes::TOO_LARGE, message, "check the quotation marks in this row");
            }
            Some(_) if let Some((message, fix)) = odd_quotes(written) => {
                fail(codes::UNCLOSED_QUOTE, message.to_owned(), fix);
            }
            Some(None) => {}
            Some(Some(column)) => {
                row.fields.push(Field { column: *column, at: field.start, value: value(written) });
            }
        }
    }
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
fn value(written: &str) -> Cow<'_, str> {
    let closing = written.starts_with('"').then(|| closing_quote(written.as_bytes(), 0)).flatten();
    let Some(closing) = closing else { return written.into() };
    let inside = &written[1..closing];
    match inside.contains('"') {
        true => inside.replace("\"\"", "\"").into(),
        false => inside.into(),
    }
}

/// How many rows show what a column contains.
const ROWS_LOOKED_AT: usize = 20;
