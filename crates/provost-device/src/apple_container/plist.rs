//! XML property lists as a tree of values with their places. Keys that are there twice are refused, since which of the
//! two a device takes is not known.

use provost_account::Place;

use crate::findings::Findings;
use crate::xml::Element;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    /// `None` in a binary property list, which has no lines.
    pub(crate) place: Option<Place>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Array(Vec<Value>),
    Boolean(bool),
    Data(Vec<u8>),
    /// As XML writes it: `2027-01-31T00:00:00Z`.
    Date(String),
    Dictionary(Vec<(String, Value)>),
    Integer(i64),
    Real(f64),
    String(String),
}

impl Kind {
    /// The element's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Array(_) => "array",
            Self::Boolean(_) => "true or false",
            Self::Data(_) => "data",
            Self::Date(_) => "date",
            Self::Dictionary(_) => "dict",
            Self::Integer(_) => "integer",
            Self::Real(_) => "real",
            Self::String(_) => "string",
        }
    }
}

/// The value of an element, unless findings say why it has none.
pub(crate) fn value(element: &Element, findings: &mut Findings) -> Option<Value> {
    let place = Some(element.place);
    let mut wrong = |message: String| {
        findings.add("wrong-type", place, message, "see Apple's property list format");
        None
    };
    let text = element.text.trim();
    let kind = match element.name.as_str() {
        "string" => Kind::String(element.text.clone()),
        "true" => Kind::Boolean(true),
        "false" => Kind::Boolean(false),
        "date" => Kind::Date(text.to_owned()),
        "integer" => match text.parse() {
            Ok(number) => Kind::Integer(number),
            Err(_) => return wrong(format!("{text:?} is no integer")),
        },
        "real" => match text.parse() {
            Ok(number) => Kind::Real(number),
            Err(_) => return wrong(format!("{text:?} is no number")),
        },
        "data" => match base64(text) {
            Some(bytes) => Kind::Data(bytes),
            None => return wrong("data that is no base64".to_owned()),
        },
        "array" => Kind::Array(element.children.iter().filter_map(|child| value(child, findings)).collect()),
        "dict" => Kind::Dictionary(dictionary(element, findings)?),
        name => return wrong(format!("<{name}> is none of a property list's elements")),
    };
    Some(Value { kind, place })
}

fn dictionary(element: &Element, findings: &mut Findings) -> Option<Vec<(String, Value)>> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for pair in element.children.chunks(2) {
        let [key, of_key] = pair else {
            findings.add("wrong-type", Some(pair[0].place), "a key without a value", "give it one, or remove it");
            return None;
        };
        if key.name != "key" {
            let message = format!("<{}> where a <key> belongs", key.name);
            findings.add("wrong-type", Some(key.place), message, "keys and values take turns in a dict");
            return None;
        }
        if entries.iter().any(|(name, _)| *name == key.text) {
            let message = format!("the key {} is there twice", key.text);
            findings.add("duplicate-key", Some(key.place), message, "remove one of the two");
        }
        if let Some(value) = value(of_key, findings) {
            entries.push((key.text.clone(), Value { place: Some(key.place), ..value }));
        }
    }
    Some(entries)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
