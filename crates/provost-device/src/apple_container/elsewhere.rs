//! Forms of property lists that CoreFoundation reads and other parsers reject or misread, with the names of those
//! parsers, as observed (`fixtures/property-lists/forms.jsonl`; libplist 2.2.0 and 2.6.0, howett.net/plist 1.0.1,
//! micromdm/plist 0.2.2, Rust's plist 1.10.3, Node's plist 5.0.0, Python's plistlib 3.11). It reads nothing itself.

use provost_account::{Findings, Place, codes::profile as codes};

/// What is unusual about a file: what it is, who refuses or misreads it, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    what: &'static str,
    who: &'static str,
    fix: &'static str,
}

/// Warns of each form once.
pub(super) fn warn(forms: &[(Form, Place)], findings: &mut Findings) {
    for (form, place) in forms {
        let message = format!("{}: devices read it, {}", form.what, form.who);
        findings.add(codes::FAILS_ELSEWHERE, Some(*place), message, form.fix);
    }
}

const fn form(what: &'static str, who: &'static str, fix: &'static str) -> Form {
    Form { what, who, fix }
}

pub(super) const AFTER_THE_END: Form =
    form("something follows the property list", "plistlib, libplist 2.2 and Rust plist refuse it", "remove it");
pub(super) const ATTRIBUTE: Form = form(
    "attributes that are not valid XML",
    "plistlib, howett.net/plist and micromdm/plist refuse them, or all read another value",
    "remove them",
);
pub(super) const BAD_OCTET: Form =
    form("a byte that is not UTF-8, outside of any value", "plistlib and Rust plist refuse it", SAVE);
pub(super) const BEFORE_DECLARATION: Form = form(
    "the XML declaration is not at the start",
    "plistlib, libplist 2.2 and Node plist refuse the file",
    "remove everything before it, including empty lines",
);
pub(super) const BLANK_AFTER_SIGN: Form = form(
    "a blank after the sign of an integer",
    "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, Node plist reads no number",
    DIGITS,
);
pub(super) const BLANK_BEFORE_NUMBER: Form =
    form("a blank or line break before a number", "howett.net/plist and Rust plist refuse it", DIGITS);
pub(super) const BYTE_ORDER_MARK: Form = form(
    "the file begins with a byte-order mark",
    "libplist 2.2 and 2.6, micromdm/plist and Node plist refuse it",
    "save the file as UTF-8 without one",
);
pub(super) const CDATA: Form = form("CDATA", "Rust plist leaves its text out", "write &amp; and &lt; instead");
pub(super) const CDATA_END: Form =
    form("]]> in a text", "plistlib, howett.net/plist and micromdm/plist refuse it", "write ]]&gt;");
pub(super) const COMMENT_DASHES: Form = form(
    "a comment with -- in it",
    "plistlib, howett.net/plist, micromdm/plist and Node plist refuse it",
    "write it without two hyphens in a row",
);
pub(super) const CONTROL_CHARACTER: Form = form(
    "a control character",
    "plistlib, howett.net/plist and micromdm/plist refuse it",
    "remove it; most editors do not show it",
);
pub(super) const DATA_CUT: Form = form(
    "truncated base64: the letters after the last four are dropped",
    "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, Node plist reads more of it",
    "write the whole value, up to the = signs",
);
pub(super) const DATA_ODD: Form = form(
    "data with characters outside base64, which are ignored",
    "howett.net/plist, micromdm/plist, Rust plist and Node plist refuse it, or all read another value",
    "write it in base64",
);
pub(super) const DECLARATION: Form = form(
    "an XML declaration or a document type that is not XML 1.0",
    "howett.net/plist, micromdm/plist, plistlib or Node plist refuse it",
    "begin the file with <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
);
pub(super) const DECLARED_OTHERWISE: Form = form(
    "the byte-order mark and the declaration name two encodings, and the mark counts",
    "plistlib, libplist, howett.net/plist, micromdm/plist and Node plist refuse or misread it",
    SAVE,
);
pub(super) const EMPTY_KEY: Form =
    form("<key/>, a key without a name", "libplist 2.2 and 2.6 refuse it", "give it a name");
pub(super) const ENCODING: Form = form(
    "an encoding other than UTF-8 is declared",
    "howett.net/plist and micromdm/plist refuse it; libplist 2.6, Rust plist and Node plist read it as UTF-8",
    SAVE,
);
pub(super) const HEX_INTEGER: Form = form(
    "a hexadecimal integer",
    "micromdm/plist refuses it, and Node plist reads 0; Rust plist refuses 0X, and plistlib a sign",
    "write the number in decimal",
);
pub(super) const INSTRUCTION: Form =
    form("a processing instruction", "micromdm/plist and Node plist refuse it", "remove it");
pub(super) const KEY_AS_VALUE: Form = form(
    "a <key> instead of a value, which is read as text",
    "plistlib, howett.net/plist and micromdm/plist refuse or misread it",
    "write <string>",
);
pub(super) const LEADING_ZERO: Form =
    form("an integer that begins with 0", "libplist 2.6 reads it as octal", "write it without");
pub(super) const LONG_REFERENCE: Form =
    form("a character reference of many digits", "libplist 2.2 and 2.6 refuse it", "write the character itself");
pub(super) const NO_PLIST: Form =
    form("no <plist> around the value", "Node plist refuses it", "put <plist version=\"1.0\"> around it");
pub(super) const NO_SUCH_DATE: Form = form(
    "a date that does not exist, whose days are counted on",
    "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, libplist and Node plist read another one",
    "write a date of the calendar, with a year of four digits",
);
pub(super) const NOT_FINITE: Form = form("a number without an end", "Node plist reads no number", "write a number");
pub(super) const PLUS_SIGN: Form =
    form("a plus sign before an integer", "howett.net/plist and micromdm/plist refuse it", DIGITS);
pub(super) const REFERENCE_IN_NUMBER: Form =
    form("a character reference in a number", "libplist 2.2 and 2.6 read another number", DIGITS);
pub(super) const UTF_16: Form = form(
    "the file is UTF-16 or UTF-32",
    "libplist 2.6, howett.net/plist, micromdm/plist, Rust plist and Node plist refuse it",
    SAVE,
);

const DIGITS: &str = "write the digits alone";
const SAVE: &str = "save the file as UTF-8, and write encoding=\"UTF-8\"";
