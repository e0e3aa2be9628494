//! Rows of a JSON array or of JSON Lines, with their places: a raw value is a slice of the text, so its offset is known.

use std::fmt;

use provost_account::Place;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::columns::{Column, column};
use super::{FIELD_OCTETS_MAX, Field, Row};
use crate::findings::Findings;
use crate::source_text;

/// The rows of a JSON array of objects.
pub(crate) fn array(text: &str, findings: &mut Findings) -> Vec<Row> {
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(values) => values.into_iter().map(|value| row(text, value.get(), findings)).collect(),
        Err(error) => {
            let place = Place { line: error.line().max(1), column: error.column().max(1) };
            findings.add(
                "json-syntax",
                Some(place),
                without_place(&error),
                "write a list of objects: [{\"email\": \"…\"}]",
            );
            Vec::new()
        }
    }
}

/// A row for every line that is not blank.
pub(crate) fn lines(text: &str, findings: &mut Findings) -> Vec<Row> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| row(text, line, findings)).collect()
}

/// One object; `json` is a slice of `text`.
fn row(text: &str, json: &str, findings: &mut Findings) -> Row {
    let place = source_text::place(text, offset(text, json));
    let mut row = Row { place, fields: Vec::new(), bad: false };
    let object: Object<'_> = match serde_json::from_str(json) {
        Ok(object) => object,
        Err(error) => {
            let at =
                Place { line: place.line + error.line().max(1) - 1, column: place.column + error.column().max(1) - 1 };
            findings.add(
                "json-syntax",
                Some(at),
                without_place(&error),
                "write one object for each user: {\"email\": \"…\"}",
            );
            row.bad = true;
            return row;
        }
    };
    for (key, value) in object.0 {
        let place = source_text::place(text, offset(text, value.get()));
        let Some(column) = column(&key, place, findings) else { continue };
        let repeated = row.fields.iter().any(|field| field.column == column);
        let values = values(column, value.get());
        let complaint = match &values {
            _ if repeated => Some(("duplicate-key", format!("{key:?} is there twice"), "remove one of them")),
            None => Some(("wrong-type", format!("{key:?} is no text"), "write a text in quotation marks")),
            Some(_) if value.get().len() > FIELD_OCTETS_MAX => {
                let octets = value.get().len();
                Some((
                    "too-large",
                    format!("a value of {octets} octets, at most {FIELD_OCTETS_MAX} are read"),
                    "check this row",
                ))
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

/// A text, nothing, or in the columns that hold several values a list of texts.
fn values(column: Column, json: &str) -> Option<Vec<String>> {
    match serde_json::from_str::<Option<String>>(json) {
        Ok(text) => Some(text.into_iter().collect()),
        Err(_) if matches!(column, Column::Aliases | Column::Groups) => serde_json::from_str(json).ok(),
        Err(_) => None,
    }
}

/// Where `part`, a slice of `text`, starts in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(at) => message[..at].to_owned(),
        None => message,
    }
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
