//! The registry file that assigns domains to local Autodiscover answers: UTF-16LE with a byte order mark, as the
//! registry editor writes it, or UTF-8 text. Values of keys other than Outlook's are ignored.

use provost_account::{Findings, LOOK, Place, codes::profile as codes};

use crate::ini::{self, Dialect, Entry, Indented, Section};
use crate::person::Person;
use crate::source_text;

/// Where Outlook finds the answer for a domain.
pub(super) struct LocalXml {
    pub(super) domain: String,
    pub(super) path: String,
    pub(super) place: Place,
}

impl LocalXml {
    /// Whether the path ends in this file's name.
    pub(super) fn is_file(&self, name: &str) -> bool {
        self.path.rsplit(['/', '\\']).next().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

pub(super) fn recognize(bytes: &[u8]) -> bool {
    // Outlook's key stands at the start of such a file; what is longer is an export of something larger.
    decode(&bytes[..bytes.len().min(START_OCTETS)])
        .is_some_and(|text| text.starts_with(FIRST_LINE) && text.to_lowercase().contains(KEY))
}

/// The entry for the person's domain, or the first one.
pub(super) fn entry(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<LocalXml> {
    source_text::within_limit(bytes, findings)?;
    let Some(text) = decode(bytes) else {
        return findings.refuse(codes::CONFIG_SYNTAX, None, "neither UTF-16 with a byte order mark nor UTF-8", LOOK);
    };
    // The first line is no entry; without it the others keep their places.
    let lines = text.replacen(FIRST_LINE, "", 1);
    let dialect = Dialect { comments: &[';'], separators: &['='], indented: Indented::Line };
    let sections = ini::parse(lines.as_bytes(), dialect, findings)?;
    let section = sections.iter().find(|section| section.name.to_lowercase().ends_with(KEY));
    let Some(section) = section else {
        return findings.refuse(codes::NOTHING_TO_SET_UP, None, "no key of Outlook's Autodiscover with a value", LOOK);
    };
    let preferred =
        section.value("\"PreferLocalXML\"").is_some_and(|value| value.eq_ignore_ascii_case("dword:00000001"));
    if !preferred {
        let message = "PreferLocalXML is not 1: Outlook asks web servers before it reads the file";
        let fix = "add \"PreferLocalXML\"=dword:00000001";
        findings.add(codes::AUTODISCOVER_NOT_PREFERRED, Some(section.place), message, fix);
    }
    let found = for_domain(section, person);
    if found.is_none() {
        let whose = person.address.as_ref().map_or("any domain", |address| address.domain().as_str());
        let message = format!("no file for {whose}");
        findings.add(codes::NOTHING_TO_SET_UP, Some(section.place), message, "add \"DOMAIN\"=\"PATH\"");
    }
    let found = found?;
    if found.path.contains('%') {
        let message = format!("{}: Windows replaces no variable in such a value", found.path);
        return findings.refuse(codes::AUTODISCOVER_MISSING_FILE, Some(found.place), message, "write the whole path");
    }
    Some(found)
}

fn for_domain(section: &Section, person: &Person) -> Option<LocalXml> {
    let local = |entry: &Entry| {
        let domain = quoted(&entry.key)?;
        let path = quoted(&entry.value)?;
        Some(LocalXml { domain, path, place: entry.place })
    };
    section.entries.iter().filter_map(local).find(|it| {
        person.address.as_ref().is_none_or(|address| it.domain.eq_ignore_ascii_case(address.domain().as_str()))
    })
}

/// The text between quotation marks, its backslashes undone.
fn quoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        value.push(if character == '\\' { characters.next()? } else { character });
    }
    Some(value)
}

fn decode(bytes: &[u8]) -> Option<String> {
    match bytes.strip_prefix(b"\xff\xfe") {
        Some(rest) => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        None => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }
}

const FIRST_LINE: &str = "Windows Registry Editor Version 5.00";
const KEY: &str = r"\outlook\autodiscover";
const START_OCTETS: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The editor's own layout: the first line, an empty one, the key.
    #[test]
    fn an_entry_keeps_its_line() {
        let text = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\Outlook\\AutoDiscover]\r\n\"PreferLocalXML\"=dword:00000001\r\n\"example.org\"=\"C:\\\\a \\\"b\\\".xml\"\r\n";
        let mut findings = Findings::default();
        let found = entry(text.as_bytes(), &Person::default(), &mut findings).expect("an entry");
        assert_eq!((found.domain.as_str(), found.path.as_str()), ("example.org", "C:\\a \"b\".xml"));
        assert_eq!(found.place, Place { line: 5, column: 1 });
        assert_eq!(findings.finish(), []);
    }
}
