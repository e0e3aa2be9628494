//! Rows of a CSV file: where their fields lie, and what they hold. Our own walk, since places are needed for each field
//! and a crate's reader forgets them.

use std::borrow::Cow;
use std::ops::Range;

use provost_account::{EmailAddress, Findings, Place, codes::settings as codes};

use super::columns::{ColumnChoice, Columns, Unused, without_address};
use super::records::{Step, after};
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

/// What the header of a list says.
pub(crate) struct Header {
    pub(crate) separator: u8,
    pub(crate) columns: Columns,
    /// What each column holds.
    pub(crate) meanings: Vec<Option<Column>>,
    /// Where it ends.
    pub(crate) end: usize,
}

/// The header in the start of a list; `None`: no row can be read by it.
pub(crate) fn header(text: &str, choices: &[ColumnChoice], is_whole: bool, findings: &mut Findings) -> Option<Header> {
    let (start, said) = after_the_preamble(text, findings)?;
    let place = |at: usize| after(Place { line: 1, column: 1 }, &text.as_bytes()[..at]);
    let separator = said.map_or_else(|| separator(text, start, choices, is_whole, &place, findings), Some)?;
    let mut fields = Vec::new();
    let end = match next(text.as_bytes(), start, separator, is_whole, &mut fields) {
        Step::Nothing | Step::Broken { .. } => {
            let columns = Columns::of([].into_iter(), choices);
            return Some(Header { separator, columns, meanings: Vec::new(), end: text.len() });
        }
        Step::Record(range) => range.end,
        Step::Start { quote: Some(quote) } => {
            unclosed(place(quote), findings);
            return None;
        }
        Step::Start { quote: None } => {
            let message = format!("a first line of more than {} bytes", text.len());
            let fix = "put column names in the first line: email,name";
            return findings.refuse(codes::TOO_LARGE, Some(place(start)), message, fix);
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
    Some(Header { separator, columns, meanings, end })
}

/// What separates the names of the header: the only one of the usual separators in it, or the one that makes a name of it
/// that is an address's.
fn separator(
    text: &str,
    start: usize,
    choices: &[ColumnChoice],
    is_whole: bool,
    place: &dyn Fn(usize) -> Place,
    findings: &mut Findings,
) -> Option<u8> {
    let mut fields = Vec::new();
    let mut names = |separator: u8| match next(text.as_bytes(), start, separator, is_whole, &mut fields) {
        Step::Record(_) => fields.iter().map(|field| value(&text[field.clone()]).trim().to_owned()).collect(),
        Step::Nothing | Step::Start { .. } | Step::Broken { .. } => Vec::new(),
    };
    let candidates: Vec<(u8, Vec<String>)> =
        SEPARATORS.iter().map(|it| (*it, names(*it))).filter(|(_, names)| names.len() > 1).collect();
    let has_address = |names: &[String]| Columns::of(names.iter().map(String::as_str), choices).has_address();
    let with_address: Vec<u8> =
        candidates.iter().filter(|(_, names)| has_address(names)).map(|(separator, _)| *separator).collect();
    match (candidates.as_slice(), with_address.as_slice()) {
        ([], _) => Some(b','),
        ([(separator, _)], _) | (_, [separator]) => Some(*separator),
        (_, []) => candidates.iter().max_by_key(|(_, names)| names.len()).map(|(separator, _)| *separator),
        (_, [one, other, ..]) => {
            let message =
                format!("{} and {} can both separate the columns", separator_name(*one), separator_name(*other));
            let [one, other] = [*one, *other].map(char::from);
            let fix = format!("say which in a line before the header: sep={one} or sep={other}");
            findings.refuse(codes::WRONG_SEPARATOR, Some(place(start)), message, fix)
        }
    }
}

/// The plural of a separator.
pub(crate) fn separator_name(separator: u8) -> String {
    match separator {
        b',' => "commas".to_owned(),
        b';' => "semicolons".to_owned(),
        b'\t' => "tabs".to_owned(),
        b'|' => "vertical bars".to_owned(),
        other => format!("{:?}", char::from(other)),
    }
}

/// Reports a quotation mark that is not closed.
pub(crate) fn unclosed(place: Place, findings: &mut Findings) {
    let fix = "close it, or double it if it is part of the value";
    findings.add(codes::UNCLOSED_QUOTE, Some(place), "an unclosed quotation mark", fix);
}

/// Where the header starts, after PowerShell's `#TYPE` and Excel's `sep=`, which are not rows; and the separator that Excel
/// says.
fn after_the_preamble(text: &str, findings: &mut Findings) -> Option<(usize, Option<u8>)> {
    let (mut start, mut separator) = (0, None);
    for line in text.split_inclusive('\n') {
        let written = line.trim_end_matches(['\r', '\n']);
        let said = written.split_at_checked("sep=".len()).filter(|(key, _)| key.eq_ignore_ascii_case("sep="));
        match said.map(|(_, said)| said.as_bytes()) {
            None if written.get(..6).is_some_and(|it| it.eq_ignore_ascii_case("#type ")) => {}
            None => return Some((start, separator)),
            Some([one]) if !one.is_ascii_alphanumeric() && *one != b'"' => separator = Some(*one),
            Some(_) => {
                let place = Place { line: text[..start].lines().count() + 1, column: 1 };
                let message = format!("the line {written:?} names no separator");
                let fix = "write sep= and one character: sep=;";
                return findings.refuse(codes::WRONG_SEPARATOR, Some(place), message, fix);
            }
        }
        start += line.len();
    }
    Some((start, separator))
}

/// The columns of the header; `None` if the file cannot be read by it. The `first` rows show what a column holds.
fn columns(
    text: &str,
    header: &[Range<usize>],
    first: &[Vec<Range<usize>>],
    choices: &[ColumnChoice],
    place: &dyn Fn(usize) -> Place,
    findings: &mut Findings,
) -> Option<(Columns, Vec<Option<Column>>)> {
    let start = place(header[0].start);
    let value_of = |field: &Range<usize>| value(&text[field.clone()]).trim().to_owned();
    let names: Vec<String> = header.iter().map(value_of).collect();
    if let Some(address) = names.iter().find(|name| EmailAddress::try_from(name.as_str()).is_ok()) {
        let message = format!("the first line contains the address {address} instead of column names");
        findings.add(codes::MISSING_COLUMN, Some(start), message, "add a line with column names: email,name");
        return None;
    }
    let known = Columns::of(names.iter().map(String::as_str), choices);
    let mut unused = Unused::default();
    let place_of =
        |name: &str| place(names.iter().zip(header).rfind(|(it, _)| *it == name).map_or(0, |(_, it)| it.start));
    known.report_contradiction(place_of, findings);
    if let Some(missing) = known.missing_choice() {
        let message = format!("--columns names {missing:?}, and no column is called so");
        findings.add(codes::MISSING_COLUMN, Some(start), message, format!("the columns are {}", names.join(", ")));
    }
    let columns: Vec<Option<Column>> = names.iter().map(|name| known.meaning(name)).collect();
    for ((name, column), field) in names.iter().zip(&columns).zip(header) {
        if column.is_none() && !name.is_empty() {
            unused.add(name, || place(field.start));
        }
    }
    if !known.has_address() && !findings.has_error() {
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
pub(crate) fn read(
    row: &mut Row<'_>,
    fields: &[Range<usize>],
    columns: &[Option<Column>],
    separator: u8,
    findings: &mut Findings,
) {
    let text = row.text;
    // Spreadsheets write one more separator behind the last value.
    let fields = match fields {
        [rest @ .., last] if fields.len() == columns.len() + 1 && last.is_empty() => rest,
        fields => fields,
    };
    for (position, field) in fields.iter().enumerate() {
        let written = &text[field.clone()];
        let mut fail = |code, message: String, fix: &str| {
            findings.add(code, Some(row.place_of(field.start)), message, fix);
            row.bad = true;
        };
        match columns.get(position) {
            None => {
                let message = format!("field {} in a row; the header has {} fields", position + 1, columns.len());
                let fix = format!("quote values that contain {}", separator_name(separator));
                fail(codes::EXTRA_FIELD, message, &fix);
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
    if fields.len() < columns.len() && !row.bad {
        let message = format!("{} of {} fields in a row: what the others are is unknown", fields.len(), columns.len());
        let fix = "write every field of the header, empty ones too";
        findings.add(codes::MISSING_FIELD, Some(row.place), message, fix);
        row.bad = true;
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

/// What separates columns in the programs that people export from.
const SEPARATORS: &[u8] = b",;\t|";
/// How many rows show what a column contains.
const ROWS_LOOKED_AT: usize = 20;
