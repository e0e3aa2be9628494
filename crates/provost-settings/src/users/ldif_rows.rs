//! Entries of LDIF, what directories export (RFC 2849): where they lie, and what they hold. Records of changes are none, and
//! values in other files are not fetched.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{EmailAddress, Findings, Place, codes::settings as codes};

use super::columns::{ColumnChoice, Columns, without_address};
use super::records::{Step, after};
use super::row::{Column, FIELD_OCTETS_MAX, Field, Row};

/// Where the next entry lies: its lines up to a blank one.
///
/// ```abnf
/// ldif-content       = version-spec 1*(1*SEP ldif-attrval-record)   ; RFC 2849
/// ldif-attrval-record = dn-spec SEP 1*attrval-spec
/// SEP                = (CR LF / LF)
/// ```
pub(crate) fn next(octets: &[u8], from: usize, is_last: bool) -> Step {
    let blank = octets[from..].iter().position(|octet| !matches!(octet, b'\r' | b'\n'));
    let Some(start) = blank.map(|length| from + length) else { return Step::Nothing };
    match end_of_entry(&octets[start..]) {
        Some(length) => Step::Record(start..start + length),
        None if is_last => Step::Record(start..start + octets[start..].trim_ascii_end().len()),
        None => Step::Start { quote: None },
    }
}

/// Where the last line of an entry ends.
pub(crate) fn end_of_entry(octets: &[u8]) -> Option<usize> {
    let mut ends = memchr::memchr_iter(b'\n', octets);
    let end = ends.find(|end| matches!(octets[end + 1..], [b'\n', ..] | [b'\r', b'\n', ..]))?;
    Some(if octets[..end].ends_with(b"\r") { end - 1 } else { end })
}

/// What the attributes in the start of a list mean. `None`: none is an address.
pub(crate) fn columns(
    text: &str,
    choices: &[ColumnChoice],
    is_whole: bool,
    findings: &mut Findings,
) -> Option<Columns> {
    let mut names: Vec<String> = Vec::new();
    let mut examples: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    while let Step::Record(range) = next(text.as_bytes(), at, is_whole) {
        at = range.end;
        for (name, value) in lines(&text[range]).iter().filter_map(attribute) {
            if NO_ATTRIBUTES.contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
                if let Value::Text(value) = value
                    && EmailAddress::try_from(value).is_ok()
                {
                    examples.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    let columns = Columns::of_directory(names.iter().map(String::as_str), choices);
    if !columns.has_address() {
        let place = Place { line: 1, column: 1 };
        without_address(columns.program(), place, "export the attribute mail", &examples, findings);
        return None;
    }
    Some(columns)
}

/// What a record turns out to be.
pub(crate) enum Entry {
    /// Something that may be a person.
    Row,
    /// Comments, the version, a referral, or how a search ended.
    Nothing,
}

/// What an entry says.
pub(crate) fn read(row: &mut Row<'_>, columns: &Columns, findings: &mut Findings) -> Entry {
    let mut fail = |at: usize, code, message: String, fix: &str| {
        findings.add(code, Some(after(row.place, &row.text.as_bytes()[..at])), message, fix);
        row.bad = true;
    };
    let mut is_entry = false;
    let lines = lines(row.text);
    for line in &lines {
        let Some((name, value)) = attribute(line) else {
            let message = format!("a line without a colon: {:?}", line.text.chars().take(40).collect::<String>());
            fail(line.at, codes::LDIF_SYNTAX, message, "a line that goes on begins with a space");
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "dn" => is_entry = true,
            // `change-add = "add" SEP 1*attrval-spec` is an entry, and Microsoft's ldifde exports all of them so.
            "changetype" if !matches!(value, Value::Text("add")) => {
                let message = "a record of changes, not an entry".to_owned();
                fail(line.at, codes::LDIF_SYNTAX, message, "export the entries: ldapsearch -LLL … mail displayName");
            }
            "version" if !matches!(value, Value::Text("1")) => {
                fail(
                    line.at,
                    codes::LDIF_SYNTAX,
                    "a version of LDIF other than 1".to_owned(),
                    "export it as version 1",
                );
            }
            _ => {}
        }
        let Some(column) = columns.meaning(name) else { continue };
        let value = match value {
            Value::Text(text) => text.to_owned(),
            Value::Base64(written) => match BASE64_STANDARD.decode(written).map(String::from_utf8) {
                Ok(Ok(text)) => text,
                Ok(Err(_)) | Err(_) => {
                    let message = format!("the value of {name:?} is not UTF-8 in base64");
                    fail(line.at, codes::LDIF_SYNTAX, message, "export the list again");
                    continue;
                }
            },
            Value::InAFile => {
                let message = format!("the value of {name:?} is in another file");
                fail(line.at, codes::LDIF_SYNTAX, message, "write the value itself");
                continue;
            }
        };
        if value.len() > FIELD_OCTETS_MAX {
            let message = format!("a value of {} bytes; at most {FIELD_OCTETS_MAX} are read", value.len());
            fail(line.at, codes::TOO_LARGE, message, "check this entry");
            continue;
        }
        row.fields.push(Field { column, at: line.at, value: value.into() });
    }
    let mut addresses = row.fields.iter().filter(|field| field.column == Column::Email);
    if let (Some(first), Some(second)) = (addresses.next(), addresses.next()) {
        let message = format!("two addresses, {} and {}: a directory keeps no order", first.value, second.value);
        let place = row.place_of(second.at);
        let fix = "keep the person's address in this attribute, and the others in mailAlternateAddress";
        findings.add(codes::DUPLICATE_KEY, Some(place), message, fix);
        row.bad = true;
    }
    // What is no person has no address: organizational units, groups.
    let has_address = row.fields.iter().any(|field| matches!(field.column, Column::Email | Column::Proxies));
    match is_entry && (has_address || row.bad) {
        true => Entry::Row,
        false if row.bad => Entry::Row,
        false => Entry::Nothing,
    }
}

/// A line with those that continue it, and its offset.
struct Line<'a> {
    at: usize,
    text: Cow<'a, str>,
}

/// The lines of an entry without comments.
///
/// > Any non-empty line, including comment lines, in an LDIF file MAY be folded by inserting a line separator (SEP) and a
/// > SPACE. (RFC 2849, note 2 of "Notes on LDIF Syntax")
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some(last)) => last.text.to_mut().push_str(rest),
            (_, _) => lines.push(Line { at: start, text: line.into() }),
        }
    }
    lines.retain(|line| !line.text.starts_with('#'));
    lines
}

/// How a value is written.
enum Value<'a> {
    Text(&'a str),
    Base64(&'a str),
    InAFile,
}

/// The name and value of a line. Names with options (`cn;lang-de`) are names of their own.
fn attribute<'a>(line: &'a Line<'_>) -> Option<(&'a str, Value<'a>)> {
    let (name, value) = line.text.split_once(':')?;
    let value = match value.as_bytes().first() {
        Some(b':') => Value::Base64(value[1..].trim()),
        Some(b'<') => Value::InAFile,
        Some(_) | None => Value::Text(value.trim_start_matches(' ')),
    };
    Some((name, value))
}

/// What stands in LDIF and is not an attribute of an entry.
const NO_ATTRIBUTES: &[&str] = &["changetype", "control", "dn", "ref", "result", "search", "version"];
