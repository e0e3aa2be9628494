//! A node of a settings file, with its path and the place where findings go. It knows no key.

use std::cell::RefCell;
use std::io;
use std::num::NonZeroU16;

use provost_account::{Code, Findings, codes::settings as codes, foreign_placeholder, nearest};

use super::tree::{self, Aim, Node};

/// What is known about the whole file while it is read.
pub(crate) struct Report<'a> {
    /// The text, for places; `None` if the tree is not that of the text.
    pub(crate) text: Option<&'a str>,
    /// Which version the file has to have.
    pub(crate) version: Version,
    /// What gives the files that the settings name.
    pub(crate) read_file: ReadFile<'a>,
    /// Whether `danger_allow_cleartext` is there.
    pub(crate) cleartext: Cleartext,
    pub(crate) findings: RefCell<&'a mut Findings>,
}

/// What gives the bytes of a file that the settings name, or for `service.json` of its text.
pub(crate) type ReadFile<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// The kind of file, by its key `provost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// The first one of settings files.
    Settings,
    /// The second one of `service.json`, which is settings in JSON with the certificates in it.
    Service,
}

impl Version {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Settings => 1,
            Self::Service => 2,
        }
    }
}

/// Whether servers may be used without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cleartext {
    Allowed,
    Refused,
}

/// A node, and how the tree leads to it.
pub(crate) struct At<'a, 'r> {
    pub(crate) report: &'a Report<'r>,
    path: Vec<usize>,
    pub(crate) node: &'a Node,
}

/// The known keys of a node, each once.
pub(crate) struct Entries<'a, 'r> {
    at: At<'a, 'r>,
    entries: Vec<(&'a str, At<'a, 'r>)>,
}

impl<'a, 'r> At<'a, 'r> {
    /// The file itself.
    pub(crate) fn root(report: &'a Report<'r>, node: &'a Node) -> Self {
        Self { report, path: Vec::new(), node }
    }

    /// Adds a finding at this node.
    pub(crate) fn add(&self, code: &'static Code, aim: Aim, message: impl Into<String>, fix: impl Into<String>) {
        let mut findings = self.report.findings.borrow_mut();
        // Finding a place means parsing the file again, so findings that are cut off get none.
        if !findings.leave_out(code) {
            let place = self.report.text.and_then(|text| tree::place(text, &self.path, aim));
            findings.add(code, place, message, fix);
        }
    }

    /// Reports that `expected` belongs here.
    pub(crate) fn wrong_type(&self, expected: &str) {
        let message = format!("found {}; expected {expected}", self.node.kind());
        self.add(codes::WRONG_TYPE, Aim::Value, message, format!("write {expected}"));
    }

    /// The keys of this node. Unknown and repeated ones are findings.
    pub(crate) fn map(&self, known: &[&str]) -> Option<Entries<'a, 'r>> {
        let Node::Map(nodes) = self.node else {
            self.wrong_type(&format!("a group of keys ({})", known.join(", ")));
            return None;
        };
        let mut entries: Vec<(&str, At<'_, '_>)> = Vec::new();
        for (position, (key, node)) in nodes.iter().enumerate() {
            let entry = self.child(position, node);
            if key == "<<" {
                entry.add(codes::MERGE_KEY, Aim::Key, "the merge key <<", "write the keys out");
            } else if !known.contains(&key.as_str()) {
                entry.add(codes::UNKNOWN_KEY, Aim::Key, format!("unknown key {key:?}"), did_you_mean(key, known));
            } else if entries.iter().any(|(present, _)| present == key) {
                entry.twice(key);
            } else {
                entries.push((key, entry));
            }
        }
        Some(Entries { at: At { report: self.report, path: self.path.clone(), node: self.node }, entries })
    }

    /// The entries of a group whose keys the author chooses: at least one, each once.
    pub(crate) fn named(&self, what: &str) -> Option<Vec<(&'a str, At<'a, 'r>)>> {
        let Node::Map(nodes) = self.node else {
            self.wrong_type(&format!("a group of keys, each {what}"));
            return None;
        };
        if nodes.is_empty() {
            self.add(codes::EMPTY_LIST, Aim::Value, "an empty group", format!("write at least one key, {what}"));
            return None;
        }
        let mut entries: Vec<(&str, At<'_, '_>)> = Vec::new();
        for (position, (key, node)) in nodes.iter().enumerate() {
            let entry = self.child(position, node);
            if entries.iter().any(|(present, _)| present == key) {
                entry.twice(key);
                return None;
            }
            entries.push((key, entry));
        }
        Some(entries)
    }

    fn twice(&self, key: &str) {
        self.add(codes::DUPLICATE_KEY, Aim::Key, format!("the key {key:?} occurs twice"), "remove one of them");
    }

    /// The elements of this list, which must have one.
    pub(crate) fn list(&self, what: &str) -> Option<Vec<At<'a, 'r>>> {
        let Node::List(nodes) = self.node else {
            self.wrong_type(&format!("a list, each element {what}"));
            return None;
        };
        if nodes.is_empty() {
            self.add(codes::EMPTY_LIST, Aim::Value, "an empty list", format!("write at least {what}"));
            return None;
        }
        Some(nodes.iter().enumerate().map(|(position, node)| self.child(position, node)).collect())
    }

    /// The text of this node.
    pub(crate) fn text(&self, expected: &str) -> Option<&'a str> {
        let Node::Text(text) = self.node else {
            self.wrong_type(expected);
            return None;
        };
        Some(text)
    }

    /// The text of this node as something that not every text is.
    pub(crate) fn parsed<T, E: std::error::Error>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let text = self.text("a text")?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("{text:?}: {}", with_cause(&error));
                self.add(codes::WRONG_VALUE, Aim::Value, message, "correct the value");
                None
            }
        }
    }

    /// The text of this node as a template: what another program would replace in it is a finding, and so are blanks that are
    /// hard to see.
    pub(crate) fn template<T, E: std::error::Error>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let template = self.parsed(parse)?;
        let text = self.text("a text")?;
        if let Some(found) = foreign_placeholder(text).filter(|found| !SHELLS_OWN.contains(found)) {
            let message = format!("{found} looks like another program's placeholder; it is used as it is");
            let fix = "write %EMAILADDRESS%, %EMAILLOCALPART% or %EMAILDOMAIN%, in capitals between percent signs";
            self.add(codes::FOREIGN_PLACEHOLDER, Aim::Value, message, fix);
        }
        if text.trim() != text {
            let message = format!("{text:?} begins or ends with a blank, which becomes part of the value");
            self.add(codes::BLANK_AT_AN_END, Aim::Value, message, "remove the blank");
        }
        Some(template)
    }

    /// The number of this node.
    pub(crate) fn number(&self, expected: &str) -> Option<i128> {
        let Node::Int(number) = self.node else {
            self.wrong_type(expected);
            return None;
        };
        Some(*number)
    }

    /// A whole number from 1 to 65535.
    pub(crate) fn count(&self, of_what: &str) -> Option<NonZeroU16> {
        let number = self.number(&format!("a number of {of_what}"))?;
        let count = u16::try_from(number).ok().and_then(NonZeroU16::new);
        if count.is_none() {
            let fix = "write a number from 1 to 65535, or remove the key";
            self.add(codes::WRONG_VALUE, Aim::Value, format!("{number} {of_what}"), fix);
        }
        count
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        let Node::Bool(value) = self.node else {
            self.wrong_type("true or false");
            return None;
        };
        Some(*value)
    }

    /// One of a few words, in any letter case.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let text = self.text(&format!("one of {}", names.join(", ")))?;
        let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
        if found.is_none() {
            let message = format!("{text:?} is not allowed here");
            self.add(codes::WRONG_VALUE, Aim::Value, message, did_you_mean(text, &names));
        }
        found
    }

    fn child(&self, position: usize, node: &'a Node) -> At<'a, 'r> {
        At { report: self.report, path: [&self.path[..], &[position]].concat(), node }
    }
}

impl<'a, 'r> Entries<'a, 'r> {
    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str) -> Option<&At<'a, 'r>> {
        let found = self.optional(key);
        if found.is_none() {
            self.at.add(codes::MISSING_KEY, Aim::Value, format!("the key {key:?} is missing"), format!("add {key}"));
        }
        found
    }

    /// The value of a key that may be there.
    pub(crate) fn optional(&self, key: &str) -> Option<&At<'a, 'r>> {
        self.entries.iter().find(|(present, _)| *present == key).map(|(_, at)| at)
    }
}

/// The values of all items, if all are good. Each is read, for its findings.
pub(crate) fn all<T>(items: &[At<'_, '_>], read: impl Fn(&At<'_, '_>) -> Option<T>) -> Option<Vec<T>> {
    items.iter().map(read).collect::<Vec<_>>().into_iter().collect()
}

/// An error and its cause.
pub(crate) fn with_cause(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.as_deref().unwrap_or(""))
}

/// The known name that looks most like `found`, or that it goes on from, as a fix; all of them where none is near.
pub(crate) fn did_you_mean(found: &str, known: &[&str]) -> String {
    let found = found.to_lowercase();
    let start = |name: &&&str| name.len() > 2 && found.starts_with(&name.to_lowercase());
    match near(&found, known).or_else(|| known.iter().find(start).copied()) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("known: {}", known.join(", ")),
    }
}

/// The known name that looks most like `found`, or goes on from it.
pub(crate) fn near<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase();
    let goes_on = known.iter().find(|name| name.to_lowercase().starts_with(&found));
    match found.len() {
        0 | 1 => None,
        2.. => goes_on.filter(|_| found.len() >= START_OCTETS_MIN).copied().or_else(|| nearest(&found, known)),
    }
}

/// How many letters of a name identify it.
const START_OCTETS_MIN: usize = 4;

/// Variables that every shell has, in a password command.
const SHELLS_OWN: &[&str] = &["$USER", "${USER}", "$LOGNAME", "${LOGNAME}"];
