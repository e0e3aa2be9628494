//! What a profile comes wrapped in. Signed and binary profiles are recognized and not read.

use provost_account::Place;

use super::plist::{self, Kind, Value};
use crate::findings::Findings;
use crate::{SourceFile, xml};

/// XML with a plist in it, a binary property list, or CMS.
pub(in crate::formats) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "plist") || file.bytes.starts_with(BINARY) || file.bytes.starts_with(CMS)
}

/// The profile's own dictionary.
pub(super) fn content(bytes: &[u8], findings: &mut Findings) -> Option<(Vec<(String, Value)>, Place)> {
    if bytes.starts_with(BINARY) {
        let fix = "convert it with `plutil -convert xml1`";
        findings.add("binary-plist", None, "a binary property list", fix);
        return None;
    }
    if bytes.starts_with(CMS) {
        let fix = "take the signature off: `openssl cms -verify -noverify -inform DER -in FILE`";
        findings.add("signed", None, "a profile inside a CMS signature", fix);
        return None;
    }
    let root = xml::parse(bytes, findings)?;
    if !bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"<?xml") {
        let fix = "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        findings.add("no-xml-declaration", Some(root.place), "the file does not begin with <?xml", fix);
    }
    let [content] = root.children.as_slice() else {
        findings.add("wrong-type", Some(root.place), "a plist holds one value", "put one dict into it");
        return None;
    };
    let content = plist::value(content, findings)?;
    let Kind::Dictionary(entries) = content.kind else {
        findings.add("wrong-type", Some(content.place), "a profile is a dict", "put one dict into the plist");
        return None;
    };
    Some((entries, content.place))
}

const BINARY: &[u8] = b"bplist00";
/// The start of a CMS structure: an ASN.1 SEQUENCE with its length in two or more octets.
const CMS: &[u8] = b"\x30\x82";
