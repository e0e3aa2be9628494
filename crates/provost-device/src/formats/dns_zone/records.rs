//! The records of a zone file (RFC 1035 §5) or of a JSON list, with absolute names in lower case and without their last
//! dot. `$INCLUDE` is not followed, and types that no mail client asks for are kept by their names alone.

use provost_account::Place;
use serde_json::Value;

use crate::findings::{Findings, place};

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) data: Data,
    pub(super) place: Place,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    /// RFC 2782. The target is empty where it is the root: the service is not offered.
    Srv { priority: u16, weight: u16, port: u16, target: String },
    /// Its strings put together.
    Txt(String),
    /// CNAME.
    Alias(String),
    /// Anything else.
    Other,
}

/// A JSON object with records, or lines of which one is an SRV record of TCP.
pub(super) fn recognize(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(START_OCTETS)]);
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match start.chars().next() {
        Some('<') | None => false,
        Some('{') => {
            let value = (bytes.len() <= START_OCTETS).then(|| serde_json::from_str::<Value>(start));
            value.and_then(Result::ok).is_some_and(|value| is_list(&value["records"]))
        }
        Some(_) => start.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            line.starts_with('_') && line.contains("._tcp") && words.iter().any(|word| word.eq_ignore_ascii_case("SRV"))
        }),
    }
}

fn is_list(records: &Value) -> bool {
    records
        .as_array()
        .is_some_and(|records| records.iter().any(|record| record["type"].is_string() && record["name"].is_string()))
}

/// The records of a file. `origin` is what a name without a dot at its end lies in, where the file does not say.
pub(super) fn parse(text: &str, origin: Option<&str>, findings: &mut Findings) -> Option<Vec<Record>> {
    match text.trim_start().starts_with('{') {
        true => json(text, origin, findings),
        false => zone(text, origin, findings),
    }
}

fn json(text: &str, origin: Option<&str>, findings: &mut Findings) -> Option<Vec<Record>> {
    let root: Value = match serde_json::from_str(text) {
        Ok(root) => root,
        Err(error) => {
            let at = Place { line: error.line().max(1), column: error.column().max(1) };
            findings.add("json-syntax", Some(at), error.to_string(), "mend the JSON there");
            return None;
        }
    };
    let Some(list) = root["records"].as_array() else {
        findings.add("missing-key", None, "no list \"records\"", "add one");
        return None;
    };
    let origin = root["domain"].as_str().or(origin);
    let mut records = Vec::new();
    let mut from = 0;
    for record in list {
        let member = |key: &str| record[key].as_str().unwrap_or("");
        // The parser keeps no places: the next one of this name after the last one.
        let quoted = format!("\"{}\"", member("name"));
        let at = text[from..].find(&quoted).map_or(from, |at| from + at);
        from = (at + quoted.len()).min(text.len());
        from = text.floor_char_boundary(from);
        let place = place(text, at);
        let words = words(member("data"));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let data = data(member("type"), &words, origin, place, findings)?;
        records.push(Record { name: absolute(member("name"), origin), data, place });
    }
    Some(records)
}

fn zone(text: &str, origin: Option<&str>, findings: &mut Findings) -> Option<Vec<Record>> {
    let mut origin = origin.map(str::to_owned);
    let mut owner = String::new();
    let mut records = Vec::new();
    let mut entry: Vec<String> = Vec::new();
    let (mut open, mut first, mut inherits) = (0_usize, 1, false);
    for (at, line) in text.lines().enumerate() {
        if open == 0 {
            (first, inherits) = (at + 1, line.starts_with([' ', '\t']));
        }
        for word in words(line) {
            match word.as_str() {
                "(" => open += 1,
                ")" => open = open.saturating_sub(1),
                _ => entry.push(word),
            }
        }
        if open > 0 || entry.is_empty() {
            continue;
        }
        let place = Place { line: first, column: 1 };
        let words = std::mem::take(&mut entry);
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[0] {
            "$ORIGIN" => {
                origin = words.get(1).map(|name| absolute(name, origin.as_deref()));
                continue;
            }
            directive if directive.starts_with('$') => continue,
            _ => {}
        }
        if !inherits {
            owner = absolute(words.remove(0), origin.as_deref());
        }
        // TTL and class, in any order (RFC 1035 §5.1).
        let is_class = |word: &str| ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
        while words.first().is_some_and(|word| is_class(word) || word.starts_with(|c: char| c.is_ascii_digit())) {
            words.remove(0);
        }
        let Some((kind, rest)) = words.split_first() else {
            findings.add("config-syntax", Some(place), "a line without a type", "write NAME TTL IN TYPE DATA");
            return None;
        };
        records.push(Record {
            name: owner.clone(),
            data: data(kind, rest, origin.as_deref(), place, findings)?,
            place,
        });
    }
    if open > 0 {
        let message = "a parenthesis that is never closed";
        findings.add("config-syntax", Some(Place { line: first, column: 1 }), message, "close it");
        return None;
    }
    Some(records)
}

fn data(kind: &str, words: &[&str], origin: Option<&str>, place: Place, findings: &mut Findings) -> Option<Data> {
    match kind.to_ascii_uppercase().as_str() {
        "SRV" => {
            let number = |at: usize| words.get(at).and_then(|word| word.parse::<u16>().ok());
            let (Some(priority), Some(weight), Some(port), Some(target)) =
                (number(0), number(1), number(2), words.get(3))
            else {
                let message = format!("SRV {}: not priority, weight, port and target", words.join(" "));
                findings.add("wrong-value", Some(place), message, "write SRV 0 1 993 imap.example.org.");
                return None;
            };
            if !target.ends_with('.') {
                let within = origin.unwrap_or("the zone");
                let message = format!("the target {target} has no dot at its end, so it lies in {within}");
                findings.add("dns-relative-name", Some(place), message, format!("write {target}."));
            }
            Some(Data::Srv { priority, weight, port, target: absolute(target, origin) })
        }
        "TXT" => Some(Data::Txt(words.concat())),
        "CNAME" => Some(Data::Alias(words.first().map_or_else(String::new, |name| absolute(name, origin)))),
        _ => Some(Data::Other),
    }
}

/// The name in lower case, within the origin if it has no dot at its end.
fn absolute(name: &str, origin: Option<&str>) -> String {
    let name = name.to_lowercase();
    match (name.strip_suffix('.'), origin) {
        (Some(name), _) => name.to_owned(),
        (None, Some(origin)) if name == "@" => origin.to_owned(),
        (None, Some(origin)) => format!("{name}.{origin}"),
        (None, None) => name,
    }
}

/// The words of a line, without comments, quotation marks and backslashes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, quoted) {
            ('\\', _) => word.get_or_insert_default().extend(characters.next()),
            ('"', _) => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            (';', false) => break,
            ('(' | ')', false) => {
                words.extend(word.take());
                words.push(character.to_string());
            }
            (space, false) if space.is_whitespace() => words.extend(word.take()),
            (character, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

const START_OCTETS: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1035 §5.3, with an SRV record of RFC 6186 §3.2.
    #[test]
    fn names_are_absolute_and_lines_may_inherit_their_owner() {
        let mut findings = Findings::default();
        let text = "@ IN SOA VENERA Action\\.domains (\n 20 ; SERIAL\n 7200 )\n\n NS A.ISI.EDU.\n_imap._tcp 3600 SRV 0 1 143 imap.isi.edu.\n$ORIGIN a.example.\nb TXT \"one \" \"t;wo\"\n";
        let records = parse(text, Some("isi.edu"), &mut findings).expect("a zone");
        let target = "imap.isi.edu".to_owned();
        assert_eq!(
            records.iter().map(|it| (it.name.as_str(), it.place.line, it.data.clone())).collect::<Vec<_>>(),
            [
                ("isi.edu", 1, Data::Other),
                ("isi.edu", 5, Data::Other),
                ("_imap._tcp.isi.edu", 6, Data::Srv { priority: 0, weight: 1, port: 143, target }),
                ("b.a.example", 8, Data::Txt("one t;wo".to_owned())),
            ]
        );
        assert_eq!(findings.finish(), []);
    }
}
