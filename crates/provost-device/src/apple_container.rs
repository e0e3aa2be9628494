//! What a profile comes wrapped in: XML or a binary property list, alone or inside a signature. It looks at no key.
//!
//! Places in a signed profile are those in the XML that was signed.

mod binary;
pub(crate) mod dictionary;
pub(crate) mod plist;
mod signature;

use std::borrow::Cow;

use plist::{Kind, Value};
use provost_account::Place;

use crate::encoding::{self, Rules, Unreadable};
use crate::findings::{Findings, LOOK, OCTETS_MAX, shown};
use crate::{Assumption, SourceFile, xml};

/// A profile's own dictionary.
pub(crate) struct Content {
    pub(crate) entries: Vec<(String, Value)>,
    pub(crate) place: Option<Place>,
    /// Who signed it: nobody if it is not signed.
    pub(crate) signatures: Vec<Assumption>,
}

/// XML with a plist in it, a binary property list, or either inside CMS.
pub(crate) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "plist") || file.bytes.starts_with(BINARY) || signature::recognize(file.bytes)
}

/// Whether a profile holds a payload of a type, as far as its octets say: texts lie in it as they are, but for a signature
/// around them.
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

/// Takes the wrapping off.
pub(crate) fn content(bytes: &[u8], findings: &mut Findings) -> Option<Content> {
    if bytes.len() > OCTETS_MAX {
        findings.add("too-large", None, format!("{} octets, at most {OCTETS_MAX} are read", bytes.len()), LOOK);
        return None;
    }
    if !signature::recognize(bytes) {
        return property_list(bytes, findings);
    }
    let signed = signature::take_off(bytes, findings)?;
    if signature::recognize(&signed.content) {
        let fix = "take one of them off: `openssl cms -verify -noverify -inform DER -in FILE`";
        findings.add("no-signed-content", None, "a signature inside a signature", fix);
        return None;
    }
    let content = property_list(&signed.content, findings)?;
    Some(Content { signatures: signed.by, ..content })
}

fn property_list(bytes: &[u8], findings: &mut Findings) -> Option<Content> {
    let content = match bytes.starts_with(BINARY) {
        true => binary::value(bytes, findings)?,
        false => of_xml(bytes, findings)?,
    };
    let Kind::Dictionary(entries) = content.kind else {
        findings.add("wrong-type", content.place, "a profile is a dict", "put one dict into the plist");
        return None;
    };
    Some(Content { entries, place: content.place, signatures: Vec::new() })
}

fn of_xml(bytes: &[u8], findings: &mut Findings) -> Option<Value> {
    let text = text(bytes, findings)?;
    let root = xml::parse_text(&text, findings)?;
    if !text.starts_with("<?xml") {
        let fix = "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        findings.add("no-xml-declaration", Some(root.place), "the file does not begin with <?xml", fix);
    }
    let [content] = root.children.as_slice() else {
        findings.add("wrong-type", Some(root.place), "a plist holds one value", "put one dict into it");
        return None;
    };
    plist::value(content, findings)
}

/// The text of a property list, as CoreFoundation finds it.
fn text<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<Cow<'a, str>> {
    let read = match encoding::xml_text(bytes, Rules::CoreFoundation) {
        Ok(read) => read,
        Err(Unreadable::Unknown(declared)) => {
            let message = format!("{} is no encoding that is known here", shown(&declared.label));
            findings.add("encoding", Some(declared.place), message, SAVE_AS_UTF_8);
            return None;
        }
        Err(Unreadable::Octet { octet, read_as, declared: _, place }) => {
            let message = format!("the byte 0x{octet:02X} is not {read_as}");
            findings.add("invalid-utf-8", Some(place), message, SAVE_AS_UTF_8);
            return None;
        }
    };
    let declared = read.declared.as_ref();
    if read.is_contradicted()
        && !read.has_mark
        && let Some(declared) = declared
    {
        let message = format!("the file says that it is {}, and it is {}", shown(&declared.label), read.read_as);
        findings.add("encoding", Some(declared.place), message, SAVE_AS_UTF_8);
        return None;
    }
    Some(read.text)
}

const SAVE_AS_UTF_8: &str = "save the file as UTF-8, and write encoding=\"UTF-8\"";
const BINARY: &[u8] = b"bplist00";
