//! Declarations from files or from a profile, and the published files next to them. Places are those of a key's first
//! mention in its file; inside a profile there are none.

use std::fmt::Display;

use provost_account::{Code, Findings, Place, codes::profile as codes, place};
use serde_json::{Map, Value as Json};

use crate::apple_container::dictionary::Dictionary;
use crate::apple_container::plist::Kind;
use crate::apple_container::{self, Content};
use crate::source_file::SourceFile;
use crate::source_text;
use crate::understood::Assumption;

/// A declaration.
pub(super) struct Declaration<'a> {
    pub(super) kind: String,
    pub(super) identifier: String,
    payload: Map<String, Json>,
    /// The text of its file, if it has one of its own.
    text: Option<&'a str>,
    /// Whether it is in the file that was opened; the files next to it may be other people's.
    pub(super) is_opened: bool,
}

impl Declaration<'_> {
    /// The keys of its payload.
    pub(super) fn keys(&self) -> Keys<'_> {
        Keys { map: &self.payload, text: self.text, of: &self.kind }
    }
}

/// The keys of a payload, or of a dictionary in one.
pub(super) struct Keys<'a> {
    map: &'a Map<String, Json>,
    text: Option<&'a str>,
    /// The declaration's type, for messages.
    of: &'a str,
}

impl<'a> Keys<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Json> {
        self.map.get(key)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(String::as_str)
    }

    /// The dictionary of a key.
    pub(super) fn inside(&self, key: &str) -> Option<Keys<'a>> {
        Some(Keys { map: self.get(key)?.as_object()?, text: self.text, of: self.of })
    }

    /// The dictionaries of a list.
    pub(super) fn list(&self, key: &str) -> Vec<Keys<'a>> {
        let items = self.get(key).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let inside = |item: &'a Json| Some(Keys { map: item.as_object()?, text: self.text, of: self.of });
        items.iter().filter_map(inside).collect()
    }

    pub(super) fn text(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let value = self.get(key)?;
        if !value.is_string() {
            self.add(codes::WRONG_TYPE, key, &format!("{key} is not a text"), "write a text", findings);
        }
        value.as_str()
    }

    /// Where a key, or a text, stands first in the file.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        let text = self.text?;
        Some(place(text, text.find(&format!("\"{key}\"")).unwrap_or(0)))
    }

    pub(super) fn add(&self, code: &'static Code, key: &str, message: &str, fix: &str, findings: &mut Findings) {
        findings.add(code, self.place(key), format!("{}: {message}", self.of), fix);
    }

    /// A text that must be there.
    pub(super) fn required(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        let text = self.text(key, findings);
        if text.is_none() {
            self.missing(key, findings);
        }
        text
    }

    /// A dictionary that must be there.
    pub(super) fn required_inside(&self, key: &str, findings: &mut Findings) -> Option<Keys<'a>> {
        let inside = self.inside(key);
        if inside.is_none() {
            self.missing(key, findings);
        }
        inside
    }

    /// What a text is, or a finding about why it is none.
    pub(super) fn read<T: TryFrom<&'a str, Error: Display>>(
        &self,
        key: &str,
        text: &'a str,
        fix: &str,
        findings: &mut Findings,
    ) -> Option<T> {
        T::try_from(text).map_or_else(|error| self.refuse(key, &format!("{text}: {error}"), fix, findings), Some)
    }

    /// [`Self::wrong`], where nothing can be made of the value.
    pub(super) fn refuse<T>(&self, key: &str, found: &str, fix: &str, findings: &mut Findings) -> Option<T> {
        self.wrong(key, found, fix, findings);
        None
    }

    pub(super) fn missing(&self, key: &str, findings: &mut Findings) {
        let message = format!("{key} is missing: Error.InvalidPayload");
        self.add(codes::MISSING_KEY, key, &message, "add it; devices reject the declaration", findings);
    }

    pub(super) fn wrong(&self, key: &str, found: &str, fix: &str, findings: &mut Findings) {
        self.add(codes::WRONG_VALUE, key, &format!("{key} is {found}"), fix, findings);
    }
}

/// Declarations that belong together, and the files next to them.
pub(super) struct Set<'a> {
    declarations: Vec<Declaration<'a>>,
    /// Who signed the profile that they are in.
    pub(super) signatures: Vec<Assumption>,
    others: Vec<SourceFile<'a>>,
}

impl<'a> Set<'a> {
    /// Of the files, the first one is a configuration or a profile; of the others some are declarations.
    pub(super) fn of(files: &[SourceFile<'a>], findings: &mut Findings) -> Option<Self> {
        let (first, others) = files.split_first()?;
        let mut set = Self { declarations: Vec::new(), signatures: Vec::new(), others: Vec::new() };
        if apple_container::recognize(first) {
            let profile = apple_container::content(first.bytes, findings)?;
            for json in in_profile(&profile, findings) {
                let Ok(json) = serde_json::from_slice(&json) else {
                    let message = "an entry of Declarations is not JSON in base64";
                    findings.add(codes::JSON_SYNTAX, None, message, "encode each declaration's JSON");
                    continue;
                };
                set.declarations.extend(declaration(&json, None, true, findings));
            }
            set.signatures = profile.signatures;
        } else {
            let content = source_text::text(first.bytes, findings)?;
            let json = source_text::json(content, findings)?;
            set.declarations.extend(declaration(&json, Some(content), true, findings));
        }
        for file in others {
            let content = std::str::from_utf8(file.bytes).ok();
            let json = content.and_then(|content| serde_json::from_str::<Json>(content).ok());
            match json.filter(|json| json.get("Type").is_some() && json.get("Payload").is_some()) {
                Some(json) => set.declarations.extend(declaration(&json, content, false, findings)),
                None => set.others.push(*file),
            }
        }
        Some(set)
    }

    /// The declarations of a type.
    pub(super) fn all<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Declaration<'a>> {
        self.declarations.iter().filter(move |declaration| declaration.kind == kind)
    }

    /// The declarations of the opened file whose types begin so.
    pub(super) fn opened<'s>(&'s self, kinds: &'s str) -> impl Iterator<Item = &'s Declaration<'a>> {
        self.declarations.iter().filter(move |declaration| declaration.is_opened && declaration.kind.starts_with(kinds))
    }

    /// What is published at a URL: the file for that URL, or a file with the name at its end.
    pub(super) fn published(&self, url: &str) -> Option<&'a [u8]> {
        let name = url.rsplit('/').next().filter(|name| !name.is_empty())?;
        let exact = self.others.iter().find(|file| file.path == url);
        let alike = || self.others.iter().find(|file| file.path.rsplit('/').next() == Some(name));
        exact.or_else(alike).map(|file| file.bytes)
    }

    /// The first configuration of a type that is activated together with another one.
    pub(super) fn beside<'s>(&'s self, other: &Declaration<'_>, kind: &'s str) -> Option<&'s Declaration<'a>> {
        self.all_beside(other, kind).into_iter().next()
    }

    /// The configurations of a type that are activated together with another one.
    pub(super) fn all_beside<'s>(&'s self, other: &Declaration<'_>, kind: &'s str) -> Vec<&'s Declaration<'a>> {
        let mut activations = self.activations();
        let activated = activations.find(|(activated, _)| activated.contains(&other.identifier.as_str()));
        let Some((activated, _)) = activated else { return Vec::new() };
        self.all(kind).filter(|it| activated.contains(&it.identifier.as_str())).collect()
    }

    /// Which configurations each activation names, and for which devices; an empty text is for all of them.
    fn activations(&self) -> impl Iterator<Item = (Vec<&str>, &str)> {
        self.all("com.apple.activation.simple").filter_map(|activation| {
            let names = activation.payload.get("StandardConfigurations")?.as_array()?;
            let predicate = activation.payload.get("Predicate").and_then(Json::as_str).unwrap_or("");
            Some((names.iter().filter_map(Json::as_str).collect(), predicate))
        })
    }

    /// For which devices the activations of a configuration are.
    pub(super) fn predicates(&self, configuration: &Declaration<'_>) -> Vec<&str> {
        let of_it = self.activations().filter(|(names, _)| names.contains(&configuration.identifier.as_str()));
        of_it.map(|(_, predicate)| predicate).collect()
    }

    /// Identifiers, and whether every configuration of the opened file is activated.
    pub(super) fn check(&self, findings: &mut Findings) {
        for (at, declaration) in self.declarations.iter().enumerate().filter(|(_, it)| it.is_opened) {
            let (keys, identifier) = (declaration.keys(), declaration.identifier.as_str());
            let mut others = self.declarations.iter().enumerate().filter(|(other, it)| *other < at || !it.is_opened);
            if others.any(|(_, other)| other.identifier == identifier) {
                let message = format!("the Identifier {identifier:?} is used twice");
                let fix = "give each declaration its own";
                keys.add(codes::DUPLICATE_IDENTIFIER, identifier, &message, fix, findings);
            }
            let is_configuration = declaration.kind.starts_with("com.apple.configuration.");
            if is_configuration && !self.activations().any(|(activated, _)| activated.contains(&identifier)) {
                let message = "no activation here refers to it: Info.NotReferencedByActivation";
                let fix = "add a com.apple.activation.simple; some management servers, such as Fleet, add their own";
                keys.add(codes::NOT_ACTIVATED, identifier, message, fix, findings);
            }
        }
    }
}

fn declaration<'a>(
    json: &Json,
    text: Option<&'a str>,
    is_opened: bool,
    findings: &mut Findings,
) -> Option<Declaration<'a>> {
    let string = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or("").to_owned();
    let payload = json.get("Payload").and_then(Json::as_object).cloned();
    let found = Declaration {
        kind: string("Type"),
        identifier: string("Identifier"),
        payload: payload.clone().unwrap_or_else(Map::new),
        text,
        is_opened,
    };
    if !is_opened {
        return payload.is_some().then_some(found);
    }
    let keys = found.keys();
    for key in ["Type", "Identifier", "Payload"] {
        if string(key).is_empty() && (key != "Payload" || payload.is_none()) {
            keys.missing(key, findings);
        }
    }
    // A management server makes tokens of its own; nobody does for a profile that is installed by hand.
    if text.is_none() && string("ServerToken").is_empty() {
        keys.missing("ServerToken", findings);
    }
    for key in ["Identifier", "ServerToken"] {
        let octets = string(key).len();
        if octets > IDENTIFIER_OCTETS_MAX {
            let message = format!("{key} has {octets} bytes; at most {IDENTIFIER_OCTETS_MAX} are allowed");
            keys.add(codes::IDENTIFIER_TOO_LONG, key, &message, "write a UUID", findings);
        }
    }
    payload.is_some().then_some(found)
}

/// The entries of the declarations payloads of a profile.
fn in_profile(profile: &Content, findings: &mut Findings) -> Vec<Vec<u8>> {
    let top = Dictionary { entries: &profile.entries, place: profile.place, is_checked: false };
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        if top.get(key).is_none() {
            top.missing(key, findings);
        }
    }
    let mut entries = Vec::new();
    for payload in top.list("PayloadContent").iter().filter_map(Dictionary::of) {
        if payload.string("PayloadType", findings) != Some(PAYLOAD) {
            continue;
        }
        for entry in payload.list("Declarations") {
            match &entry.kind {
                Kind::Data(json) => entries.push(json.clone()),
                other => {
                    let message = format!("a {} in Declarations", other.name());
                    findings.add(codes::WRONG_TYPE, entry.place, message, "write the declaration's JSON as data");
                }
            }
        }
    }
    entries
}

/// The type of the payload that holds declarations.
pub(super) const PAYLOAD: &str = "com.apple.declarations";
const IDENTIFIER_OCTETS_MAX: usize = 64;
