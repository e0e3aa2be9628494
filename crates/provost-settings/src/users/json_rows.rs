//! Rows of a JSON array or of JSON Lines: where their objects lie, and what they hold. A raw value is a slice of the text,
//! so its offset is known.

use std::borrow::Cow;
use std::fmt;

use provost_account::{EmailAddress, Findings, Place, codes::settings as codes};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::columns::{ColumnChoice, Columns, Unused, without_address};
use super::foreign;
use super::records::Step;
use super::row::{Column, FIELD_OCTETS_MAX, Field, Row};
use crate::settings::without_place;

/// Where the next element of an array lies; the text begins behind its bracket.
pub(crate) fn next_element(octets: &[u8], from: usize, is_first: bool, is_last: bool) -> Step {
    let over = |at: usize| match is_last {
        true => Step::Broken { at, found: "the file ends inside the list" },
        false => Step::Start { quote: None },
    };
    let mut at = after_blanks(octets, from);
    match octets.get(at) {
        None => return over(at),
        Some(b']') => {
            let rest = after_blanks(octets, at + 1);
            return match octets.get(rest) {
                Some(_) => Step::Broken { at: rest, found: "something after the end of the list" },
                None if is_last => Step::Nothing,
                None => Step::Start { quote: None },
            };
        }
        Some(_) if is_first => {}
        Some(b',') => at = after_blanks(octets, at + 1),
        Some(_) => return Step::Broken { at, found: "no comma between two elements" },
    }
    match value_end(octets, at) {
        Some(end) if end == at => Step::Broken { at, found: "no value behind a comma" },
        Some(end) => Step::Record(at..end),
        // Nothing shows where a number ends but what follows it.
        None if is_last && !matches!(octets.get(at), None | Some(b'"' | b'{' | b'[')) => Step::Record(at..octets.len()),
        None => over(octets.len()),
    }
}

/// Where the next line lies that is not blank.
pub(crate) fn next_line(octets: &[u8], from: usize, is_last: bool) -> Step {
    let mut start = from;
    loop {
        let end = match memchr::memchr(b'\n', &octets[start..]) {
            Some(length) => start + length,
            None if is_last => octets.len(),
            None => return Step::Start { quote: None },
        };
        let line = octets[start..end].strip_suffix(b"\r").unwrap_or(&octets[start..end]);
        if !line.trim_ascii().is_empty() {
            return Step::Record(start..start + line.len());
        }
        if end == octets.len() {
            return Step::Nothing;
        }
        start = end + 1;
    }
}

fn after_blanks(octets: &[u8], from: usize) -> usize {
    let blanks = octets[from..].iter().take_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
    from + blanks.count()
}

/// Where a value ends; `None`: not in this text.
fn value_end(octets: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match octets.get(at)? {
            b'"' => at = string_end(octets, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return Some(at),
            _ => at += 1,
        }
        if depth == 0 && matches!(octets[at - 1], b'"' | b'}' | b']') {
            return Some(at);
        }
    }
}

fn string_end(octets: &[u8], opening: usize) -> Option<usize> {
    let mut at = opening + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', octets.get(at..)?)?;
        if octets[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// What the keys of an array with this start mean, and where its first element begins. `None`: it is no list.
pub(crate) fn array(
    text: &str,
    choices: &[ColumnChoice],
    is_whole: bool,
    findings: &mut Findings,
) -> Option<(Columns, usize)> {
    let opening = after_blanks(text.as_bytes(), 0);
    let start = opening + 1;
    let is_array = text.as_bytes().get(opening) == Some(&b'[');
    // Of a list, one is enough to know it by.
    let document = match is_array {
        true => elements(text, start, is_whole)
            .next()
            .map(|first| Value::Array(serde_json::from_str(first).into_iter().collect())),
        false => serde_json::from_str(&closed(text)).ok(),
    };
    if let Some(foreign) = document.as_ref().and_then(|it| foreign::by_its_structure(it, !choices.is_empty())) {
        findings.add(codes::NOT_A_LIST, Some(START), format!("this is {}", foreign.what), foreign.fix);
        return None;
    }
    if !is_array {
        let fix = "write a list of objects: [{\"email\": \"…\"}]";
        let error = serde_json::from_str::<Vec<&RawValue>>(text).err();
        let place = error.as_ref().map(|it| Place { line: it.line().max(1), column: it.column().max(1) });
        let found = error.map_or_else(|| "no list".to_owned(), |it| without_place(&it.to_string()));
        findings.add(codes::JSON_SYNTAX, place, found, fix);
        return None;
    }
    Some((columns(elements(text, start, is_whole), choices, findings)?, start))
}

/// What the keys mean of a list with an object in every line that is not blank.
pub(crate) fn lines(text: &str, choices: &[ColumnChoice], is_whole: bool, findings: &mut Findings) -> Option<Columns> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let first = lines().next().map(serde_json::from_str::<Value>);
    // One document in several lines is one mistake, and not one in each line.
    let is_document = matches!(first, Some(Err(_))) && serde_json::from_str::<IgnoredAny>(&closed(text)).is_ok();
    let one_line = lines().nth(1).is_none();
    let is_answer =
        matches!(&first, Some(Ok(first)) if one_line && first.get("email").is_none() && first.get("mail").is_none());
    if (is_document && lines().nth(1).is_some())
        || (is_answer
            && first.is_some_and(|first| {
                first.is_ok_and(|it| foreign::by_its_structure(&it, !choices.is_empty()).is_some())
            }))
    {
        // The array's own complaint; a document that is an array would be read as one.
        array(text, choices, is_whole, findings);
        let place = Some(START);
        let fix = "write one object in each line, or name the file .json";
        return match findings.has_error() {
            true => None,
            false => findings.refuse(codes::JSON_SYNTAX, place, "one document in several lines", fix),
        };
    }
    columns(lines_of(text, is_whole), choices, findings)
}

/// The text with the brackets that it lacks, since it is only the start of a document: cut after the last bracket that
/// closes something.
fn closed(text: &str) -> String {
    let octets = text.as_bytes();
    let (mut open, mut whole, mut at) = (Vec::new(), String::new(), 0);
    let mut end = None;
    while let Some(octet) = octets.get(at) {
        match octet {
            b'"' => match string_end(octets, at) {
                Some(end) => at = end - 1,
                None => break,
            },
            b'{' => open.push('}'),
            b'[' => open.push(']'),
            b'}' | b']' => {
                open.pop();
                end = Some((at + 1, open.clone()));
            }
            _ => {}
        }
        at += 1;
    }
    match end {
        Some((end, open)) if !open.is_empty() => {
            whole.push_str(&text[..end]);
            whole.extend(open.into_iter().rev());
            whole
        }
        Some(_) | None => text.to_owned(),
    }
}

/// The elements in the start of an array.
fn elements(text: &str, from: usize, is_whole: bool) -> impl Iterator<Item = &str> {
    records(text, from, move |octets, at| next_element(octets, at, at == from, is_whole))
}

/// The lines in the start of a list.
fn lines_of(text: &str, is_whole: bool) -> impl Iterator<Item = &str> {
    records(text, 0, move |octets, at| next_line(octets, at, is_whole))
}

fn records(text: &str, from: usize, next: impl Fn(&[u8], usize) -> Step) -> impl Iterator<Item = &str> {
    let mut at = from;
    std::iter::from_fn(move || match next(text.as_bytes(), at) {
        Step::Record(range) => {
            at = range.end;
            Some(&text[range])
        }
        Step::Nothing | Step::Start { .. } | Step::Broken { .. } => None,
    })
}

/// What the keys mean. If no object has an address, the list is wrong, and not each row.
fn columns<'a>(
    records: impl Iterator<Item = &'a str>,
    choices: &[ColumnChoice],
    findings: &mut Findings,
) -> Option<Columns> {
    let mut unreadable = 0;
    let mut readable = records.filter_map(|json| {
        let object = serde_json::from_str::<Object<'_>>(json);
        unreadable += usize::from(object.is_err());
        object.ok()
    });
    let Some(Object(first)) = readable.next() else { return Some(Columns::of([].into_iter(), choices)) };
    let is_repeated = |at: usize, key: &str| first[..at].iter().any(|(other, _)| other == key);
    let keys = first.iter().map(|(key, _)| key.as_ref()).enumerate();
    let columns = Columns::of(keys.filter(|(at, key)| !is_repeated(*at, key)).map(|(_, key)| key), choices);
    columns.report_contradiction(|_| START, findings);
    let is_address =
        |key: &str| matches!(columns.meaning(key), Some(Column::Email | Column::Proxies)) || columns.lead_on(key);
    let has_address = |Object(pairs): &Object<'_>| pairs.iter().any(|(key, _)| is_address(key));
    let examples = first.iter().filter_map(|(key, value)| Some((key.to_string(), text_of(value.get())?)));
    let examples: Vec<_> = examples.filter(|(_, value)| EmailAddress::try_from(value.as_str()).is_ok()).collect();
    if has_address(&Object(first)) || readable.any(|object| has_address(&object)) || unreadable > 0 {
        return Some(columns);
    }
    without_address(columns.program(), START, "give each object a key \"email\"", &examples, findings);
    None
}

/// What an object says.
pub(crate) fn read(row: &mut Row<'_>, columns: &Columns, unused: &mut Unused, findings: &mut Findings) {
    let text = row.text;
    let Object(pairs) = match serde_json::from_str::<Object<'_>>(text) {
        Ok(object) => object,
        Err(error) => {
            let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let place = row.place_of(at.min(text.len()));
            let fix = "write one object per user: {\"email\": \"…\"}";
            findings.add(codes::JSON_SYNTAX, Some(place), without_place(&error.to_string()), fix);
            row.bad = true;
            return;
        }
    };
    let mut known: Vec<Column> = Vec::new();
    for (key, value) in pairs {
        let json = value.get();
        match columns.meaning(&key) {
            Some(column) => {
                let is_repeated = !column.is_state() && known.contains(&column);
                known.push(column);
                take(row, column, &key, json, is_repeated, findings);
            }
            None if columns.lead_on(&key) => inside(row, columns, &key, json, findings),
            None => unused.add(&key, || row.place_of(offset(text, json))),
        }
    }
}

/// Takes the values of an object inside of another that somebody chose by their paths.
fn inside<'a>(row: &mut Row<'a>, columns: &Columns, path: &str, json: &'a str, findings: &mut Findings) {
    let Ok(Object(pairs)) = serde_json::from_str::<Object<'_>>(json) else { return };
    for (key, value) in pairs {
        let path = format!("{path}.{key}");
        match columns.chosen(&path) {
            Some(column) => take(row, column, &path, value.get(), false, findings),
            None if columns.lead_on(&path) => inside(row, columns, &path, value.get(), findings),
            None => {}
        }
    }
}

/// Takes the value of a key.
fn take<'a>(row: &mut Row<'a>, column: Column, key: &str, json: &'a str, is_repeated: bool, findings: &mut Findings) {
    let at = offset(row.text, json);
    let values = values(column, json);
    let complaint = match &values {
        _ if is_repeated => Some((codes::DUPLICATE_KEY, format!("{key:?} occurs twice"), "remove one of them")),
        None => Some((codes::WRONG_TYPE, format!("{key:?} is not a text"), "write a quoted text")),
        Some(_) if json.len() > FIELD_OCTETS_MAX => {
            let message = format!("a value of {} bytes; at most {FIELD_OCTETS_MAX} are read", json.len());
            Some((codes::TOO_LARGE, message, "check this row"))
        }
        Some(_) => None,
    };
    match (complaint, values) {
        (Some((code, message, fix)), _) => {
            findings.add(code, Some(row.place_of(at)), message, fix);
            row.bad = true;
        }
        (None, values) => {
            let values = values.into_iter().flatten();
            row.fields.extend(values.map(|value| Field { column, at, value }));
        }
    }
}

/// A text, nothing, or a list of texts in columns with several values. A state may be a number or a boolean.
fn values(column: Column, json: &str) -> Option<Vec<Cow<'_, str>>> {
    match serde_json::from_str::<Option<Text<'_>>>(json) {
        Ok(text) => Some(text.into_iter().map(|Text(text)| text).collect()),
        Err(_) if column.is_list() => {
            let texts = serde_json::from_str::<Vec<Text<'_>>>(json).ok()?;
            Some(texts.into_iter().map(|Text(text)| text).collect())
        }
        Err(_) => column.is_state().then(|| vec![json.into()]),
    }
}

fn text_of(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// Where `part`, a slice of `text`, starts in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// A text, borrowed if nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object with its keys in order, repeated ones too.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

const START: Place = Place { line: 1, column: 1 };
