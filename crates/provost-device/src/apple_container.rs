//! What a profile is wrapped in: XML or a binary property list, with or without a signature.
//!
//! Places in a signed profile are places in the signed XML.

mod binary;
pub(crate) mod dictionary;
mod elsewhere;
pub(crate) mod plist;
mod scanner;
mod signature;

use std::borrow::Cow;

use elsewhere::Form;
use plist::{Kind, Value};
use provost_account::{Finding, Findings, Place, codes::profile as codes, shown};
pub(crate) use signature::certificate::Certificate;

use crate::encoding::{self, Declared, Rules, Unreadable, XmlText};
use crate::source_file::SourceFile;
use crate::source_text::{OCTETS_MAX, within_limit};
use crate::understood::Assumption;
use crate::xml;

/// A profile's own dictionary.
pub(crate) struct Content {
    pub(crate) entries: Vec<(String, Value)>,
    pub(crate) place: Option<Place>,
    /// Who signed it; empty if it is not signed.
    pub(crate) signatures: Vec<Assumption>,
}

/// XML with a plist in it, a binary property list, or either inside CMS.
pub(crate) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "plist") || file.bytes.starts_with(BINARY) || signature::recognize(file.bytes)
}

/// Whether a profile contains a payload type, judged by its bytes: text is stored as it is, inside of the signature if there
/// is one.
pub(crate) fn mentions(bytes: &[u8], payload_type: &str) -> bool {
    let content = match signature::recognize(bytes) {
        false => Cow::Borrowed(bytes),
        true if bytes.len() > OCTETS_MAX => return false,
        true => match signature::take_off(bytes, &mut Findings::default()) {
            Some(signed) => Cow::Owned(signed.content),
            None => return false,
        },
    };
    let text = if content.starts_with(BINARY) { payload_type.to_owned() } else { format!(">{payload_type}<") };
    content.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What is signed, octet for octet; `None` if nothing is. Whether the signature is good is not asked.
///
/// # Errors
///
/// Why the signature cannot be taken off.
pub fn without_signature(bytes: &[u8]) -> Option<Result<Vec<u8>, Vec<Finding>>> {
    if !signature::recognize(bytes) {
        return None;
    }
    let mut findings = Findings::default();
    let signed = within_limit(bytes, &mut findings).and_then(|()| signature::take_off(bytes, &mut findings));
    Some(signed.map(|signed| signed.content).ok_or_else(|| findings.finish()))
}

/// The certificates of those who signed, and all that are in the file. `None`: it is not signed, or cannot be read.
pub(crate) fn signed_by(bytes: &[u8]) -> Option<(Vec<Certificate>, Vec<Certificate>)> {
    if !signature::recognize(bytes) || bytes.len() > OCTETS_MAX {
        return None;
    }
    let signed = signature::take_off(bytes, &mut Findings::default())?;
    Some((signed.signers().into_iter().cloned().collect(), signed.certificates().to_vec()))
}

/// The profile without its wrapping.
pub(crate) fn content(bytes: &[u8], findings: &mut Findings) -> Option<Content> {
    within_limit(bytes, findings)?;
    if !signature::recognize(bytes) {
        return property_list(bytes, findings);
    }
    let signed = signature::take_off(bytes, findings)?;
    if signature::recognize(&signed.content) {
        let fix = "remove one of them: `openssl cms -verify -noverify -inform DER -in FILE`";
        findings.add(codes::NO_SIGNED_CONTENT, None, "a signature inside a signature", fix);
        return None;
    }
    let content = property_list(&signed.content, findings)?;
    Some(Content { signatures: signed.by(findings), ..content })
}

fn property_list(bytes: &[u8], findings: &mut Findings) -> Option<Content> {
    let content = match bytes.starts_with(BINARY) {
        true => binary::value(bytes, findings)?,
        false => of_xml(bytes, findings)?,
    };
    let Kind::Dictionary(entries) = content.kind else {
        findings.add(codes::WRONG_TYPE, content.place, "a profile is a dict", "put one dict into the plist");
        return None;
    };
    Some(Content { entries, place: content.place, signatures: Vec::new() })
}

fn of_xml(bytes: &[u8], findings: &mut Findings) -> Option<Value> {
    let (octets, mut forms) = utf_8(bytes, findings)?;
    let (value, more) = scanner::value(&octets, findings)?;
    forms.extend(more);
    elsewhere::warn(&forms, findings);
    if !octets.trim_ascii_start().starts_with(b"<?xml") {
        let fix = "begin the file with <?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        findings.add(codes::NO_XML_DECLARATION, value.place, "the file does not begin with <?xml", fix);
    }
    Some(value)
}

/// Forms that not all readers accept alike, and where they are.
type Forms = Vec<(Form, Place)>;

/// A property list in UTF-8, converted as CoreFoundation does it, and the forms of its encoding that other readers reject.
fn utf_8<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<(Cow<'a, [u8]>, Forms)> {
    let start = Place { line: 1, column: 1 };
    let read = match encoding::xml_text(bytes, Rules::CoreFoundation) {
        Ok(read) => read,
        Err(Unreadable::Unknown(declared)) => {
            let message = format!("{} is not a known encoding", shown(&declared.label));
            findings.add(codes::ENCODING, Some(declared.place), message, SAVE_AS_UTF_8);
            return None;
        }
        // It matters only inside of a value.
        Err(Unreadable::Octet { read_as: "UTF-8", place, .. }) => {
            let octets = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            return Some((Cow::Borrowed(octets), vec![(elsewhere::BAD_OCTET, place)]));
        }
        Err(Unreadable::Octet { octet, read_as, declared: _, place }) => {
            let message = format!("the byte 0x{octet:02X} is not {read_as}");
            findings.add(codes::INVALID_UTF_8, Some(place), message, SAVE_AS_UTF_8);
            return None;
        }
    };
    let is_wide = read.read_as.starts_with("UTF-16") || read.read_as.starts_with("UTF-32");
    let mut forms = Vec::new();
    if is_wide {
        forms.push((elsewhere::UTF_16, start));
    } else if read.has_mark {
        forms.push((elsewhere::BYTE_ORDER_MARK, start));
    }
    if let Some(declared) = &read.declared {
        if read.is_contradicted() && !read.has_mark {
            let message = format!("the file declares {}, but is {}", shown(&declared.label), read.read_as);
            findings.add(codes::ENCODING, Some(declared.place), message, SAVE_AS_UTF_8);
            return None;
        }
        let is_utf_8 = declared.label.eq_ignore_ascii_case("utf-8");
        match (read.has_mark, is_utf_8) {
            (true, _) if read.is_contradicted() || !is_wide && !is_utf_8 => {
                forms.push((elsewhere::DECLARED_OTHERWISE, declared.place));
            }
            (false, false) => forms.push((elsewhere::ENCODING, declared.place)),
            (_, _) => {}
        }
        if !read.has_mark {
            wrongly_declared(bytes, &read, declared, findings);
        }
    }
    let octets = match read.text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    Some((octets, forms))
}

/// UTF-8 that is declared as a single-byte encoding is shown as other letters.
fn wrongly_declared(bytes: &[u8], read: &XmlText<'_>, declared: &Declared, findings: &mut Findings) {
    let Ok(meant) = std::str::from_utf8(bytes) else { return };
    let Some((meant, shown_as)) = meant.lines().zip(read.text.lines()).find(|(meant, shown)| meant != shown) else {
        return;
    };
    let common = meant.chars().zip(shown_as.chars()).take_while(|(one, other)| one == other).count();
    let word = |line: &str| -> String {
        let from = line.chars().take(common).collect::<String>();
        let start = from.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| at + 1);
        line[start..].chars().take_while(|c| !matches!(c, '<' | ' ')).take(20).collect()
    };
    let message = format!(
        "the file declares {} but is UTF-8, so devices show {} instead of {}",
        shown(&declared.label),
        shown(&word(shown_as)),
        shown(&word(meant))
    );
    findings.add(codes::MISDECLARED_ENCODING, Some(declared.place), message, "write encoding=\"UTF-8\"");
}

const SAVE_AS_UTF_8: &str = "save the file as UTF-8, and write encoding=\"UTF-8\"";
const BINARY: &[u8] = b"bplist00";

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// As `peers/corefoundation/corefoundation.c` prints it; numbers and dates are compared as numbers.
    fn shown_value(value: &Value) -> Json {
        let real =
            |number: f64| if number.is_finite() { json!(number) } else { json!(number.to_string().to_lowercase()) };
        match &value.kind {
            Kind::Array(items) => json!({ "array": items.iter().map(shown_value).collect::<Vec<_>>() }),
            Kind::Boolean(value) => json!(value),
            Kind::Data(octets) => {
                json!({ "data": octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>() })
            }
            Kind::Date(text) => {
                let date = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
                #[expect(clippy::cast_precision_loss, reason = "seconds of honest dates")]
                let since_2001 = (date.expect("a date").unix_timestamp() - 978_307_200) as f64;
                json!({ "date": since_2001 })
            }
            Kind::Dictionary(entries) => {
                let mut pairs: Vec<(&String, Json)> = entries.iter().map(|(key, it)| (key, shown_value(it))).collect();
                pairs.sort_by_key(|(key, _)| *key);
                json!({ "dict": pairs })
            }
            Kind::Integer(number) => json!({ "integer": number.to_string() }),
            Kind::Real(number) => json!({ "real": real(*number) }),
            Kind::String(text) => json!(text),
        }
    }

    fn with_numbers(seen: &Json) -> Json {
        match seen {
            Json::Array(items) => items.iter().map(with_numbers).collect(),
            Json::Object(object) => object
                .iter()
                .map(|(key, value)| match (key.as_str(), value.as_str().and_then(|text| text.parse::<f64>().ok())) {
                    ("real" | "date", Some(number)) if number.is_finite() => (key.clone(), json!(number)),
                    (_, _) => (key.clone(), with_numbers(value)),
                })
                .collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => seen.clone(),
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let of = |levels: usize| format!("<plist>{}{}</plist>", "<array>".repeat(levels), "</array>".repeat(levels));
        assert!(of_xml(of(100).as_bytes(), &mut Findings::default()).is_some());
        let mut findings = Findings::default();
        assert!(of_xml(of(200_000).as_bytes(), &mut findings).is_none());
        assert_eq!(findings.finish()[0].code, codes::TOO_DEEP);
    }

    /// The table is what CoreFoundation and others were seen to do; `cargo xtask e2e --clients --only corefoundation` asks
    /// CoreFoundation again.
    #[test]
    fn every_form_is_read_or_refused_as_core_foundation_does() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/property-lists/forms.jsonl");
        let table = std::fs::read_to_string(path).expect("the table");
        let mut wrong = Vec::new();
        for line in table.lines() {
            let row: Json = serde_json::from_str(line).expect("a row");
            let name = &row["form"];
            let octets: Vec<u8> = row["octets"].as_str().expect("octets").chars().map(|c| c as u8).collect();
            let mut findings = Findings::default();
            let ours = of_xml(&octets, &mut findings).map_or(Json::Null, |value| shown_value(&value));
            let seen = with_numbers(&row["CoreFoundation"]);
            let findings = findings.finish();
            if ours != seen {
                wrong.push(format!("{name}: {ours}, CoreFoundation {seen}: {findings:?}"));
            }
            let is_refused = findings
                .iter()
                .any(|it| it.severity == provost_account::Severity::Error && it.code != codes::DUPLICATE_KEY);
            if is_refused != seen.is_null() {
                wrong.push(format!("{name}: refused {is_refused}: {findings:?}"));
            }
            // What two or more take otherwise is warned of, and what all read alike is not.
            let others = row["refuse"].as_array().map_or(0, Vec::len)
                + row["misread"].as_object().map_or(0, serde_json::Map::len);
            let warned =
                findings.iter().any(|it| [codes::FAILS_ELSEWHERE, codes::NO_XML_DECLARATION].contains(&it.code));
            if !seen.is_null()
                && (others > 1 && !warned || others == 0 && findings.iter().any(|it| it.code == codes::FAILS_ELSEWHERE))
            {
                wrong.push(format!("{name}: {others} take it otherwise: {}", row["refuse"]));
            }
        }
        assert!(wrong.is_empty(), "{} of the forms:\n{}", wrong.len(), wrong.join("\n"));
    }
}
