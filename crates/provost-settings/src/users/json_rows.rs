//! Rows of a JSON array or of JSON Lines, with their places: a raw value is a slice of the text, so its offset is
//! known.

use std::fmt;

use provost_account::{EmailAddress, Findings, Place, Places, codes::settings as codes};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::columns::{Columns, without_address};
use super::foreign;
use super::row::{Column, FIELD_OCTETS_MAX, Field, Row};
use crate::settings::without_place;

/// Passes on the rows of a JSON array of objects as they are read.
pub(crate) fn array(text: &str, findings: &mut Findings, take: &mut dyn FnMut(Row, &mut Findings)) {
    let values = serde_json::from_str::<Vec<&RawValue>>(text);
    // Of a list, one is enough to know it by.
    let document = match &values {
        Ok(values) => values.first().map(|first| Value::Array(serde_json::from_str(first.get()).into_iter().collect())),
        Err(_) => serde_json::from_str(text).ok(),
    };
    if let Some(foreign) = document.as_ref().and_then(foreign::by_its_structure) {
        findings.add(codes::NOT_A_LIST, Some(START), format!("this is {}", foreign.what), foreign.fix);
        return;
    }
    match values {
        Ok(values) => rows(text, values.into_iter().map(RawValue::get), findings, take),
        Err(error) => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            let fix = "write a list of objects: [{\"email\": \"…\"}]";
            findings.add(codes::JSON_SYNTAX, Some(place), without_place(&error.to_string()), fix);
        }
    }
}

/// A row for every line that is not blank.
pub(crate) fn lines(text: &str, findings: &mut Findings, take: &mut dyn FnMut(Row, &mut Findings)) {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let first = lines().next().map(serde_json::from_str::<Value>);
    // One document in several lines is one mistake, and not one in each line.
    let is_document = matches!(first, Some(Err(_))) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    let one_line = lines().nth(1).is_none();
    let is_answer =
        matches!(&first, Some(Ok(first)) if one_line && first.get("email").is_none() && first.get("mail").is_none());
    if is_document
        || (is_answer && first.is_some_and(|first| first.is_ok_and(|it| foreign::by_its_structure(&it).is_some())))
    {
        return array(text, findings, take);
    }
    rows(text, lines(), findings, take);
}

/// A row for each object. Each is a slice of `text`, and they come in its order. Rows are held back until one has an
/// address: if none has, the list is wrong, not each row.
fn rows<'a>(
    text: &'a str,
    objects: impl Iterator<Item = &'a str>,
    findings: &mut Findings,
    take: &mut dyn FnMut(Row, &mut Findings),
) {
    let mut places = Places::new(text);
    let mut columns: Option<Columns> = None;
    let mut example: Vec<(String, String)> = Vec::new();
    let mut has_address = false;
    let mut held: Vec<Row> = Vec::new();
    let mut give = |row: Row, findings: &mut Findings| {
        has_address |= row.bad || row.field(Column::Email).is_some() || row.field(Column::Proxies).is_some();
        held.push(row);
        if has_address {
            held.drain(..).for_each(|row| take(row, findings));
        }
    };
    for json in objects {
        let place = places.place(offset(text, json));
        let object: Object<'_> = match serde_json::from_str(json) {
            Ok(object) => object,
            Err(error) => {
                let (line, column) = (error.line().max(1) - 1, error.column().max(1) - 1);
                let inside = Place { line: place.line + line, column: place.column + column };
                let fix = "write one object per user: {\"email\": \"…\"}";
                findings.add(codes::JSON_SYNTAX, Some(inside), without_place(&error.to_string()), fix);
                give(Row { place, fields: Vec::new(), bad: true }, findings);
                continue;
            }
        };
        let columns = columns.get_or_insert_with(|| {
            example = object.0.iter().filter_map(|(key, value)| Some((key.clone(), text_of(value.get())?))).collect();
            Columns::of(object.0.iter().map(|(key, _)| key.as_str()))
        });
        let row = row(text, place, object, columns, &mut places, findings);
        give(row, findings);
    }
    let Some(columns) = columns else { return };
    if !has_address {
        example.retain(|(_, value)| EmailAddress::try_from(value.as_str()).is_ok());
        without_address(columns.program(), START, "give each object a key \"email\"", &example, findings);
        return;
    }
    columns.report(findings);
}

fn row(
    text: &str,
    place: Place,
    object: Object<'_>,
    columns: &mut Columns,
    places: &mut Places<'_>,
    findings: &mut Findings,
) -> Row {
    let mut row = Row { place, fields: Vec::new(), bad: false };
    for (key, value) in object.0 {
        let place = places.place(offset(text, value.get()));
        let Some(column) = columns.column(&key, place) else { continue };
        let repeated = !column.is_state() && row.fields.iter().any(|field| field.column == column);
        let values = values(column, value.get());
        let complaint = match &values {
            _ if repeated => Some((codes::DUPLICATE_KEY, format!("{key:?} occurs twice"), "remove one of them")),
            None => Some((codes::WRONG_TYPE, format!("{key:?} is not a text"), "write a quoted text")),
            Some(_) if value.get().len() > FIELD_OCTETS_MAX => {
                let message = format!("a value of {} bytes; at most {FIELD_OCTETS_MAX} are read", value.get().len());
                Some((codes::TOO_LARGE, message, "check this row"))
            }
            Some(_) => None,
        };
        match (complaint, values) {
            (Some((code, message, fix)), _) => {
                findings.add(code, Some(place), message, fix);
                row.bad = true;
            }
            (None, values) => row.fields.extend(values.map(|values| Field { column, place, values })),
        }
    }
    row
}

/// A text, nothing, or a list of texts in columns with several values. A state may be a number or a boolean.
fn values(column: Column, json: &str) -> Option<Vec<String>> {
    match serde_json::from_str::<Option<String>>(json) {
        Ok(text) => Some(text.into_iter().collect()),
        Err(_) if column.is_list() => serde_json::from_str(json).ok(),
        Err(_) => column.is_state().then(|| vec![json.to_owned()]),
    }
}

fn text_of(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// Where `part`, a slice of `text`, starts in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// An object with its keys in order, repeated ones too.
struct Object<'a>(Vec<(String, &'a RawValue)>);

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
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

const START: Place = Place { line: 1, column: 1 };
