//! Settings as text: YAML in the style in which people write it, and JSON for `service.json`. The same service gives the same
//! bytes. It writes no comments: those belong to whoever knows where the service comes from.

use serde::{Serialize, Serializer};

use super::tree::{self, Node};

/// What is written for a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Flag(bool),
    Number(i64),
    Text(String),
    /// A text that no parser takes for anything else in its place: a date, an IPv4 address.
    Plain(String),
    List(Vec<Value>),
    Group(Layout, Vec<(String, Value)>),
}

/// How YAML has the keys of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In braces.
    Line,
    /// Each on a line of its own.
    Lines,
}

impl Value {
    /// Whether it is a list or a group with nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Group(_, entries) => entries.is_empty(),
            Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::Plain(_) => false,
        }
    }
}

/// A text that may need quotation marks.
pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The keys of a file as YAML.
pub(crate) fn yaml(file: &Value) -> String {
    let mut written = String::new();
    if let Value::Group(_, entries) = file {
        lines(entries, "", &mut written);
    }
    written
}

/// The same as JSON, indented.
pub(crate) fn json(file: &Value) -> String {
    serde_json::to_string_pretty(file).expect("texts, numbers, lists and groups are always JSON") + "\n"
}

fn lines(entries: &[(String, Value)], indent: &str, written: &mut String) {
    for (key, value) in entries {
        written.push_str(&format!("{indent}{}:", scalar(key)));
        match value {
            Value::Group(Layout::Lines, below) => {
                written.push('\n');
                lines(below, &format!("{indent}  "), written);
            }
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Group(..))) => {
                written.push('\n');
                written.extend(items.iter().map(|item| format!("{indent}  - {}\n", line(item))));
            }
            Value::Flag(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Plain(_)
            | Value::List(_)
            | Value::Group(Layout::Line, _) => written.push_str(&format!(" {}\n", line(value))),
        }
    }
}

fn line(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => scalar(text),
        Value::Plain(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Group(_, entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", scalar(key), line(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) | Self::Plain(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Group(_, entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

/// A text as a YAML scalar that every parser reads as this text, in a group of braces too.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_alphanumeric())
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || " .@_/+-".contains(c))
        && !YAML_1_1_WORDS.contains(&text.to_lowercase().as_str())
        // Numbers, dates and null are what our parser, and others, take for something else.
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && tree::parse(text) == Ok(Node::Text(text.to_owned()));
    if plain {
        return text.to_owned();
    }
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            hidden if hidden.is_control() || HIDDEN.iter().any(|range| range.contains(&hidden)) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(hidden)));
            }
            shown => quoted.push(shown),
        }
    }
    quoted.push('"');
    quoted
}

/// Words that YAML 1.1 takes for true, false or null (<https://yaml.org/type/bool.html>).
const YAML_1_1_WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
/// Characters that are not seen, or make a line look other than it is: a settings file shows them as numbers.
const HIDDEN: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];
