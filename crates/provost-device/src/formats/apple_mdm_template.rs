//! An Apple profile in which a device management system (MDM) fills in the person: first as the system would, then as
//! the device reads any profile. A file is a template if its address is a variable; with an address it is a profile for
//! one person. No system was tried.

use provost_account::{EmailAddress, Finding, Findings, codes::profile as codes, place};

use super::apple_mobileconfig;
use crate::mdm::{Filled, Holds, Mdm, fill_in, looks_like_one, nearest_address, variable_in};
use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text;
use crate::understood::Assumption;
use crate::xml;

/// A profile whose address is a variable.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let text = std::str::from_utf8(file.bytes).unwrap_or("");
    xml::has_root(file.bytes, "plist") && value_of(text, "EmailAddress").is_some_and(|it| looks_like_one(&it.text))
}

/// Fills one person's values in, and reads what comes out.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut found = Findings::default();
    let Some(text) = source_text::text(bytes, &mut found) else { return Reading::of([], found) };
    let Some(variable) = value_of(text, "EmailAddress").filter(|it| looks_like_one(&it.text)) else {
        let message = "EmailAddress is not a variable, so this is a profile for one person, or not a profile";
        found.add(codes::NOTHING_TO_SET_UP, None, message, "read it as apple-mobileconfig");
        return Reading::of([], found);
    };
    let at = Some(place(text, variable.at));
    let stand_in = EmailAddress::try_from(STAND_IN).expect("an address");
    let address = person.address.as_ref().unwrap_or(&stand_in);
    let system = System::of(text, &variable.text);
    if system.names.is_empty() {
        let message = format!("{} is not a variable of a known system; it is read as the address", variable.text);
        let fix = match nearest_address(&variable.text) {
            Some(known) => format!("did you mean {known}? Letter case counts"),
            None => "try it on one device: a system that does not know it leaves it unchanged".to_owned(),
        };
        found.add(codes::UNEXPANDED_PLACEHOLDER, at, message, fix);
    }
    let variables: Vec<(&str, Holds)> = system.variables.iter().map(|(text, holds)| (text.as_str(), *holds)).collect();
    let (filled, replaced) =
        fill_in(text, &variables, address, person, &|value| quick_xml::escape::escape(value).into_owned());
    let mut reading = apple_mobileconfig::read(filled.as_bytes(), person);
    let mut assumed = system.assumed(&replaced);
    if person.address.is_none() {
        let source = "a placeholder, because the file is for no particular person";
        assumed.insert(0, Assumption::of("address", STAND_IN, source));
    }
    for profile in &mut reading.profiles {
        profile.assumed.splice(0..0, assumed.iter().cloned());
    }
    // What the system fills in and nobody here knows, beside the mail keys that were looked at as one of them.
    let is_filled_in = |finding: &Finding| system.variables.iter().any(|(text, _)| finding.message.contains(text));
    let is_of_mail = |finding: &Finding| OF_MAIL.iter().any(|key| finding.message.starts_with(key));
    reading.findings.retain(|it| it.code != codes::UNEXPANDED_PLACEHOLDER || is_of_mail(it) || !is_filled_in(it));
    reading.findings.splice(0..0, found.finish());
    reading
}

/// The system that a template is for.
struct System {
    /// Those that fit alike; none: only the address's variable is known, from its place.
    names: Vec<&'static str>,
    variables: Vec<(String, Holds)>,
    source: &'static str,
}

impl System {
    /// Of the systems with this variable for the address, those that leave the fewest others over.
    fn of(text: &str, address: &str) -> Self {
        let others: Vec<String> = KEYS.iter().filter_map(|key| Some(value_of(text, key)?.text)).collect();
        let left_over = |mdm: &Mdm| {
            let blank = |value: &String| {
                mdm.variables.iter().fold(value.clone(), |text, (variable, _)| text.replace(variable, ""))
            };
            others.iter().filter(|value| variable_in(&blank(value)).is_some()).count()
        };
        let candidates = Mdm::with_address(address);
        let fewest = candidates.iter().map(|mdm| left_over(mdm)).min();
        let best: Vec<&Mdm> = candidates.into_iter().filter(|mdm| Some(left_over(mdm)) == fewest).collect();
        match best.first() {
            Some(first) => Self {
                names: best.iter().map(|mdm| mdm.name).collect(),
                variables: first.variables.iter().map(|(text, holds)| ((*text).to_owned(), *holds)).collect(),
                source: first.source,
            },
            None => {
                let name = value_of(text, "EmailAccountName").filter(|name| looks_like_one(&name.text));
                let name = name.map(|name| (name.text, Holds::FullName));
                Self {
                    names: Vec::new(),
                    variables: [(address.to_owned(), Holds::Address)].into_iter().chain(name).collect(),
                    source: "the keys in which the variables stand",
                }
            }
        }
    }

    fn assumed(&self, replaced: &[Filled]) -> Vec<Assumption> {
        let value = match self.names.is_empty() {
            true => "an unknown system".to_owned(),
            false => self.names.join(", or "),
        };
        let by = Assumption::of("variables are filled in by", value, self.source);
        let each = replaced.iter().map(|(variable, value)| Assumption::of(variable, value, self.source));
        std::iter::once(by).chain(each).collect()
    }
}

/// A value in the text of a profile.
struct Found {
    text: String,
    /// Where it begins, in bytes.
    at: usize,
}

/// The string that follows a key, without its escapes: cheap, and right for what is well-formed. The first one counts.
fn value_of(text: &str, key: &str) -> Option<Found> {
    let key = format!("<key>{key}</key>");
    let after_key = text.find(&key)? + key.len();
    let between = text[after_key..].find("<string>")?;
    let at = after_key + between + "<string>".len();
    if !text[after_key..after_key + between].trim().is_empty() {
        return None;
    }
    let raw = &text[at..at + text[at..].find("</string>")?];
    Some(Found { text: quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), Into::into), at })
}

/// In a domain that nobody has (RFC 2606).
const STAND_IN: &str = "person@example.org";
/// The keys of one person's values in a mail payload.
const OF_MAIL: &[&str] = &["EmailAccount", "EmailAddress", "IncomingMailServer", "OutgoingMailServer"];
/// Where variables tell one system from another.
const KEYS: &[&str] = &["EmailAccountName", "IncomingMailServerUsername", "OutgoingMailServerUsername"];
