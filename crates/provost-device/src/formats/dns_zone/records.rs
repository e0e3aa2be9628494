//! The records of a zone file (RFC 1035 §5) or of a JSON list, with absolute lower-case names without the final dot.
//! `$INCLUDE` is not followed, and of types that no mail client queries only the names are kept.

mod relative;

use std::collections::BTreeSet;

use crate::source_file::SourceFile;
use crate::source_text;
use provost_account::{Findings, Place, codes::profile as codes, place};
use serde_json::Value;

use relative::Relative;

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
    /// A or AAAA.
    Address,
    /// SOA, with which a zone begins.
    Start,
    /// Anything else.
    Other,
}

/// What names without a final dot are relative to.
#[derive(Debug, Clone)]
struct Origin {
    /// Absolute; empty for the root. `None`: unknown.
    name: Option<String>,
    said_by: SaidBy,
}

/// Who says what the origin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SaidBy {
    /// `$ORIGIN`, or the zone's SOA record, whose owner is the zone.
    File,
    /// The person's address.
    Address,
}

/// A JSON object with records, or lines of which one is an SRV record of TCP.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let start = file.start();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    match start.chars().next() {
        Some('<') | None => false,
        Some('{') => {
            let value = serde_json::from_str::<Value>(start);
            value.is_ok_and(|value| is_list(&value["records"]))
        }
        Some(_) => start.lines().any(is_service) || is_a_zone(start),
    }
}

/// A zone, whatever its records are about: it has an SOA record, or `$ORIGIN` or `$TTL` before records of the class IN.
fn is_a_zone(text: &str) -> bool {
    let words = |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_uppercase).collect() };
    let is_record = |line: &str| words(line).windows(2).any(|it| it[0] == "IN" && TYPES.contains(&it[1].as_str()));
    let begins = |line: &str| {
        ["$ORIGIN ", "$TTL "].iter().any(|it| line.to_uppercase().starts_with(it))
            || words(line).windows(2).any(|it| it[0] == "IN" && it[1] == "SOA")
    };
    text.lines().any(begins) && text.lines().any(is_record)
}

/// An SRV record, whether its line says a service of TCP as its owner or has that from `$ORIGIN` or the line before.
fn is_service(line: &str) -> bool {
    let line = line.to_lowercase();
    let mut words = line.split_whitespace().skip_while(|word| *word != "srv").skip(1);
    let numbers = words.by_ref().take(3).filter(|word| word.parse::<u16>().is_ok()).count();
    let whole = numbers == 3 && words.next().is_some();
    whole || line.starts_with('_') && line.contains("._tcp") && line.split_whitespace().any(|word| word == "srv")
}

fn is_list(records: &Value) -> bool {
    records
        .as_array()
        .is_some_and(|records| records.iter().any(|record| record["type"].is_string() && record["name"].is_string()))
}

/// The records of a file. `origin` is what names without a final dot are relative to if the file does not say.
pub(super) fn parse(text: &str, origin: Option<&str>, findings: &mut Findings) -> Option<Vec<Record>> {
    let origin = Origin { name: origin.map(str::to_owned), said_by: SaidBy::Address };
    let mut targets = Vec::new();
    let records = match text.trim_start().starts_with('{') {
        true => json(text, origin, &mut targets, findings)?,
        false => zone(text, origin, &mut targets, findings)?,
    };
    let includes = text.lines().any(|line| line.starts_with("$INCLUDE"));
    let is_whole = records.iter().any(|record| record.data == Data::Start) && !includes;
    relative::judge(&targets, &records, is_whole, findings);
    beside_an_alias(&records, findings);
    Some(records)
}

fn json(text: &str, mut origin: Origin, targets: &mut Vec<Relative>, findings: &mut Findings) -> Option<Vec<Record>> {
    let root = source_text::json(text, findings)?;
    let Some(list) = root["records"].as_array() else {
        return findings.refuse(codes::MISSING_KEY, None, "no list \"records\"", "add one");
    };
    // Lists for a registrar have whole names more often than not, so the domain counts as said by nobody's `$ORIGIN`.
    origin.name = root["domain"].as_str().map(str::to_lowercase).or(origin.name);
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
        targets.extend(Relative::of(member("type"), &words, &origin, place));
        let data = data(member("type"), &words, &origin, place, findings)?;
        records.push(Record { name: origin.absolute(member("name")), data, place });
    }
    Some(records)
}

fn zone(text: &str, mut origin: Origin, targets: &mut Vec<Relative>, findings: &mut Findings) -> Option<Vec<Record>> {
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
            directive if directive.eq_ignore_ascii_case("$ORIGIN") => {
                let name = words.get(1).map(|name| origin.absolute(name));
                origin = Origin { name, said_by: SaidBy::File };
                continue;
            }
            directive if directive.starts_with('$') => continue,
            _ => {}
        }
        let written = if inherits { "" } else { words.remove(0) };
        // TTL and class, in any order (RFC 1035 §5.1).
        let is_class = |word: &str| ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
        while words.first().is_some_and(|word| is_class(word) || word.starts_with(|c: char| c.is_ascii_digit())) {
            words.remove(0);
        }
        let Some((kind, rest)) = words.split_first() else {
            let fix = "write NAME TTL IN TYPE DATA";
            return findings.refuse(codes::CONFIG_SYNTAX, Some(place), "a line without a type", fix);
        };
        if kind.eq_ignore_ascii_case("SOA") && written.ends_with('.') && origin.said_by == SaidBy::Address {
            origin = Origin { name: Some(origin.absolute(written)), said_by: SaidBy::File };
        }
        if !inherits {
            owner = origin.absolute(written);
        }
        targets.extend(Relative::of(kind, rest, &origin, place));
        records.push(Record { name: owner.clone(), data: data(kind, rest, &origin, place, findings)?, place });
    }
    if open > 0 {
        let message = "an unclosed parenthesis";
        return findings.refuse(codes::CONFIG_SYNTAX, Some(Place { line: first, column: 1 }), message, "close it");
    }
    Some(records)
}

fn data(kind: &str, words: &[&str], origin: &Origin, place: Place, findings: &mut Findings) -> Option<Data> {
    match kind.to_ascii_uppercase().as_str() {
        "SRV" => {
            let number = |at: usize| words.get(at).and_then(|word| word.parse::<u16>().ok());
            let (Some(priority), Some(weight), Some(port), Some(target)) =
                (number(0), number(1), number(2), words.get(3))
            else {
                let message = format!("SRV {}: not priority, weight, port and target", words.join(" "));
                let fix = "write SRV 0 1 993 imap.example.org.";
                return findings.refuse(codes::WRONG_VALUE, Some(place), message, fix);
            };
            Some(Data::Srv { priority, weight, port, target: origin.absolute(target) })
        }
        "TXT" => Some(Data::Txt(words.concat())),
        "CNAME" => Some(Data::Alias(words.first().map_or_else(String::new, |name| origin.absolute(name)))),
        "A" | "AAAA" => Some(Data::Address),
        "SOA" => Some(Data::Start),
        _ => Some(Data::Other),
    }
}

/// RFC 1034 §3.6.2: "If a CNAME RR is present at a node, no other data should be present". BIND 9.18 then loads nothing of
/// the zone. Of other types no more than the name is kept, and some may stand there (RRSIG, NSEC).
fn beside_an_alias(records: &[Record], findings: &mut Findings) {
    let is_other = |record: &&Record| matches!(record.data, Data::Srv { .. } | Data::Txt(_) | Data::Address);
    let others: BTreeSet<&str> = records.iter().filter(is_other).map(|record| record.name.as_str()).collect();
    for record in records.iter().filter(|record| matches!(record.data, Data::Alias(_))) {
        if others.contains(record.name.as_str()) {
            let message =
                format!("{} is an alias and has other records too: a name server rejects the zone", record.name);
            findings.add(codes::CONFIG_SYNTAX, Some(record.place), message, "remove the CNAME record, or the others");
        }
    }
}

impl Data {
    /// The target of an alias.
    pub(super) fn alias(&self) -> Option<&str> {
        match self {
            Data::Alias(target) => Some(target),
            Data::Srv { .. } | Data::Txt(_) | Data::Address | Data::Start | Data::Other => None,
        }
    }
}

impl Origin {
    /// The name in lower case, below the origin if it has no final dot.
    fn absolute(&self, name: &str) -> String {
        let name = name.to_lowercase();
        match (name.strip_suffix('.'), self.name.as_deref()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(origin)) if name == "@" => origin.to_owned(),
            (None, Some("") | None) => name,
            (None, Some(origin)) => format!("{name}.{origin}"),
        }
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

/// Types of records that every zone has some of.
const TYPES: [&str; 8] = ["SOA", "NS", "A", "AAAA", "CNAME", "MX", "TXT", "SRV"];

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reader says of targets in a file, as line and fix.
    #[track_caller]
    fn check(text: &str, origin: Option<&str>, expected: &[(usize, &str)]) {
        let mut findings = Findings::default();
        parse(text, origin, &mut findings).expect("a zone");
        let findings = findings.finish();
        let said: Vec<(usize, &str)> = findings
            .iter()
            .map(|finding| {
                assert_eq!(finding.code, codes::DNS_RELATIVE_NAME, "{finding:?}");
                (finding.place.expect("a place").line, finding.fix.as_str())
            })
            .collect();
        assert_eq!(said, expected);
    }

    /// What each target means is what named-compilezone of BIND 9.18.49 writes; which of them have no address, what
    /// named-checkzone complains of.
    #[test]
    fn a_target_below_its_origin_is_right_and_no_fix_breaks_the_zone() {
        let zone = "$ORIGIN reef.example.\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n";
        let in_zone = |lines: &str| format!("{zone}{lines}");
        check(&in_zone("_imaps._tcp SRV 0 1 993 ns1\n_pop3s._tcp SRV 0 1 995 @\n_imap._tcp SRV 0 0 0 .\n"), None, &[]);
        check(&in_zone("_imaps._tcp SRV 0 1 993 a.b\n*.b A 192.0.2.2\n_pop3s._tcp CNAME _imaps._tcp\n"), None, &[]);
        let other = "add an address for mail.reef.example., or write another server's full name with a final dot";
        check(&in_zone("_imaps._tcp SRV 0 1 993 mail\n"), None, &[(5, other)]);
        check(&in_zone("$INCLUDE hosts\n_imaps._tcp SRV 0 1 993 mail\n"), None, &[]);
        check(&in_zone("_imaps._tcp SRV 0 1 993 NS1.reef.example\n"), None, &[(5, "write ns1.reef.example.")]);
        let either =
            "write mail.example. if that is the server's full name, mail.example.reef.example. if it is in the zone";
        check(&in_zone("_imaps._tcp SRV 0 1 993 mail.example\n"), None, &[(5, either)]);
        check(&in_zone("$ORIGIN sub\n_imaps._tcp SRV 0 1 993 ns1\nns1 A 192.0.2.3\n"), None, &[]);
        check("$ORIGIN reef.example.\n_imaps._tcp SRV 0 1 993 mail\n", None, &[]);
        check("_imaps._tcp SRV 0 1 993 mail\n", Some("reef.example"), &[(1, "write mail.reef.example.")]);
        check("_imaps._tcp SRV 0 1 993 mail\nmail A 192.0.2.1\n", Some("reef.example"), &[]);
        let whole = "write the server's full name with a final dot";
        check("_imaps._tcp.reef.example. SRV 0 1 993 mail\n", None, &[(1, whole)]);
        check("_imaps._tcp SRV 0 1 993 mail\n", None, &[]);
    }

    /// As named-compilezone of BIND 9.18.49 writes a zone with `-s relative`.
    #[test]
    fn the_root_may_be_the_origin_and_an_origin_may_end_in_tcp() {
        let text = "$ORIGIN .\nreef.example\t\tIN SOA\tns1.reef.example. h.reef.example. (\n\t1 2 3 4 5 )\n\t\t\tNS\tns1.reef.example.\n$ORIGIN _tcp.reef.example.\n_imaps\t\t\tSRV\t0 1 993 mail.reef.example.\n";
        assert!(recognize(&SourceFile::nameless(text.as_bytes())));
        let records = parse(text, None, &mut Findings::default()).expect("a zone");
        let target = "mail.reef.example".to_owned();
        assert_eq!(
            records.iter().map(|it| (it.name.as_str(), it.data.clone())).collect::<Vec<_>>(),
            [
                ("reef.example", Data::Start),
                ("reef.example", Data::Other),
                ("_imaps._tcp.reef.example", Data::Srv { priority: 0, weight: 1, port: 993, target }),
            ]
        );
    }

    /// named-checkzone of BIND 9.18.49: "CNAME and other data", and "not loaded due to errors".
    #[test]
    fn nothing_may_stand_beside_an_alias() {
        let mut findings = Findings::default();
        let text = "$ORIGIN a.example.\n_imaps._tcp CNAME x\n_imaps._tcp SRV 0 1 993 x\nx A 192.0.2.1\n";
        parse(text, None, &mut findings);
        let found: Vec<_> = findings.finish().iter().map(|finding| finding.code).collect();
        assert_eq!(found, [codes::CONFIG_SYNTAX]);
    }

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
                ("isi.edu", 1, Data::Start),
                ("isi.edu", 5, Data::Other),
                ("_imap._tcp.isi.edu", 6, Data::Srv { priority: 0, weight: 1, port: 143, target }),
                ("b.a.example", 8, Data::Txt("one t;wo".to_owned())),
            ]
        );
        assert_eq!(findings.finish(), []);
    }
}
