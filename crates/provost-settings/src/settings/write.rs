//! Settings as text: YAML in the style in which people write it, and JSON for `service.json`. The same service gives the same
//! bytes. It makes no comments: those come from whoever knows where the service comes from.

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

/// A key of the file, or an element of the list that is its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) key: &'static str,
    pub(crate) element: Option<usize>,
}

/// What is written above a key, or above an element of its list.
pub(crate) type Above<'a> = &'a dyn Fn(Spot) -> Option<&'a str>;

/// The keys of a file as YAML. `keys` are those that comments can be for.
pub(crate) fn yaml(file: &Value, keys: &[&'static str], above: Above<'_>) -> String {
    let mut written = String::new();
    let Value::Group(_, entries) = file else { return written };
    for entry in entries {
        let key = keys.iter().copied().find(|key| *key == entry.0);
        let comment = |element| key.and_then(|key| above(Spot { key, element }));
        remark(comment(None), "", &mut written);
        lines(std::slice::from_ref(entry), "", &|at| comment(Some(at)), &mut written);
    }
    written
}

/// A comment on a line of its own: what would end the line is a blank.
fn remark(text: Option<&str>, indent: &str, written: &mut String) {
    if let Some(text) = text {
        let hidden = |c: char| c.is_control() || HIDDEN.iter().any(|range| range.contains(&c));
        let text: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
        written.push_str(&format!("{indent}# {text}\n"));
    }
}

/// The same as JSON, indented.
pub(crate) fn json(file: &Value) -> String {
    serde_json::to_string_pretty(file).expect("texts, numbers, lists and groups are always JSON") + "\n"
}

fn lines<'a>(
    entries: &[(String, Value)],
    indent: &str,
    above: &dyn Fn(usize) -> Option<&'a str>,
    written: &mut String,
) {
    for (key, value) in entries {
        written.push_str(&format!("{indent}{}:", scalar(key)));
        match value {
            Value::Group(Layout::Lines, below) => {
                written.push('\n');
                lines(below, &format!("{indent}  "), &|_| None, written);
            }
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Group(..))) => {
                written.push('\n');
                for (at, item) in items.iter().enumerate() {
                    remark(above(at), &format!("{indent}  "), written);
                    written.push_str(&format!("{indent}  - {}\n", line(item)));
                }
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
