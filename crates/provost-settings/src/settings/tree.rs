//! YAML or JSON as a tree that keeps the order of keys and duplicate keys; and the place of a node in the text. It knows no
//! key of the settings.

use std::cell::Cell;
use std::fmt;

use provost_account::Place;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// A node of YAML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// `!tag value`: settings have none.
    Tagged(String),
}

impl Node {
    /// Its name in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a group of keys",
            Self::Tagged(_) => "a tagged value",
        }
    }
}

/// Which half of an entry a place is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    Key,
    Value,
}

/// Why a text has no tree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
}

/// Reads one document of YAML, of at most [`NODES_MAX`] nodes, which also ends a bomb of aliases.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let left = Cell::new(NODES_MAX);
    let document = serde_yaml::Deserializer::from_str(text);
    Tree { left: &left }.deserialize(document).map_err(|error| SyntaxError {
        place: error.location().map(|at| Place { line: at.line(), column: at.column() }),
        message: without_place(&error.to_string()),
    })
}

/// Reads one document of JSON, which has no aliases and so no limit.
pub(crate) fn parse_json(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let left = Cell::new(usize::MAX);
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let tree = Tree { left: &left }.deserialize(&mut document);
    tree.and_then(|tree| document.end().map(|()| tree)).map_err(|error| SyntaxError {
        place: Some(Place { line: error.line().max(1), column: error.column().max(1) }),
        message: without_place(&error.to_string()),
    })
}

/// The place of the node that `path`, a list of child positions, leads to. JSON is YAML here.
///
/// The parser gives places only in errors, so the text is parsed again by a visitor that raises an error there.
pub(crate) fn place(text: &str, path: &[usize], aim: Aim) -> Option<Place> {
    let document = serde_yaml::Deserializer::from_str(text);
    let error = Probe { path, aim }.deserialize(document).err()?;
    error.location().map(|at| Place { line: at.line(), column: at.column() })
}

/// The most nodes that a settings file may have, aliases counted as often as they are used.
pub(crate) const NODES_MAX: usize = 5_000;

/// A message without " at line 1 column 2": the finding has its place already.
pub(crate) fn without_place(message: &str) -> String {
    match message.rfind(" at line ") {
        Some(at) => message[..at].to_owned(),
        None => message.to_owned(),
    }
}

#[derive(Clone, Copy)]
struct Tree<'a> {
    left: &'a Cell<usize>,
}

impl Tree<'_> {
    fn count<E: Error>(self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(E::custom(format_args!("more than {NODES_MAX} values, with aliases expanded"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.count().map(|()| Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        self.count().map(|()| Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.count().map(|()| Node::Int(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.count().map(|()| Node::Int(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.count().map(|()| Node::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.count().map(|()| Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        self.count()?;
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element_seed(self)? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        self.count()?;
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(self)? {
            let Node::Text(key) = key else {
                return Err(A::Error::custom(format_args!("{} where the name of a key belongs", key.kind())));
            };
            entries.push((key, map.next_value_seed(self)?));
        }
        Ok(Node::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Node, A::Error> {
        self.count()?;
        let (tag, value) = tagged.variant::<String>()?;
        value.newtype_variant::<IgnoredAny>()?;
        Ok(Node::Tagged(tag))
    }
}

#[derive(Clone, Copy)]
struct Probe<'a> {
    path: &'a [usize],
    aim: Aim,
}

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    /// Never shown: every type error of this visitor is the place that was asked for.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((&position, rest)) = self.path.split_first() else { return Err(A::Error::custom("here")) };
        for _ in 0..position {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Probe { path: rest, ..self })?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((&position, rest)) = self.path.split_first() else { return Err(A::Error::custom("here")) };
        for _ in 0..position {
            map.next_entry::<IgnoredAny, IgnoredAny>()?;
        }
        if rest.is_empty() && self.aim == Aim::Key {
            map.next_key::<Here>()?;
        } else {
            map.next_key::<IgnoredAny>()?;
            map.next_value_seed(Probe { path: rest, ..self })?;
        }
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom("here"))
    }
}

/// Raises an error at the key that it is read from.
struct Here;

impl<'de> Deserialize<'de> for Here {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Probe { path: &[], aim: Aim::Value }.deserialize(deserializer)?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: 1\nb:\n  - x\n  - { c: yes, d: \"é\" }\n";

    #[track_caller]
    fn check(path: &[usize], aim: Aim, line: usize, column: usize) {
        assert_eq!(place(TEXT, path, aim), Some(Place { line, column }));
    }

    #[test]
    fn keys_and_values_have_their_places() {
        check(&[0], Aim::Key, 1, 1);
        check(&[0], Aim::Value, 1, 4);
        check(&[1], Aim::Key, 2, 1);
        check(&[1, 0], Aim::Value, 3, 5);
        check(&[1, 1, 1], Aim::Key, 4, 15);
        check(&[1, 1, 1], Aim::Value, 4, 18);
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let node = parse("a: 1\na: 2\n").expect("YAML");
        assert_eq!(node, Node::Map(vec![("a".to_owned(), Node::Int(1)), ("a".to_owned(), Node::Int(2))]));
    }

    #[test]
    fn nesting_ends_in_an_error() {
        parse(&"[".repeat(200_000)).expect_err("a refusal");
    }

    #[test]
    fn a_bomb_of_aliases_ends_in_an_error() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let error = parse(&bomb).expect_err("a refusal");
        assert!(error.message.contains("more than 5000 values"), "{}", error.message);
    }
}
