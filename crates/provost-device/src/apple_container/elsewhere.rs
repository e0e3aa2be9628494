//! Forms of property lists that CoreFoundation reads and other parsers reject or misread, with the names of those
//! parsers, as observed (`fixtures/property-lists/forms.jsonl`; libplist 2.2.0 and 2.6.0, howett.net/plist 1.0.1,
//! micromdm/plist 0.2.2, Rust's plist 1.10.3, Node's plist 5.0.0, Python's plistlib 3.11). It reads nothing itself.

use provost_account::{Findings, Place, codes::profile as codes};

/// What is unusual about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    AfterTheEnd,
    Attribute,
    BadOctet,
    BeforeDeclaration,
    BlankAfterSign,
    BlankBeforeNumber,
    ByteOrderMark,
    Cdata,
    CdataEnd,
    CommentDashes,
    ControlCharacter,
    DataCut,
    DataOdd,
    Declaration,
    DeclaredOtherwise,
    EmptyKey,
    Encoding,
    HexInteger,
    Instruction,
    KeyAsValue,
    LeadingZero,
    LongReference,
    NoPlist,
    NoSuchDate,
    NotFinite,
    PlusSign,
    ReferenceInNumber,
    Utf16,
}

impl Form {
    /// What it is, who refuses or misreads it, and what to do.
    #[expect(clippy::too_many_lines, reason = "a table, a row for each form")]
    fn says(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::AfterTheEnd => {
                ("something follows the property list", "plistlib, libplist 2.2 and Rust plist refuse it", "remove it")
            }
            Self::Attribute => (
                "attributes that are not valid XML",
                "plistlib, howett.net/plist and micromdm/plist refuse them, or all read another value",
                "remove them",
            ),
            Self::BadOctet => {
                ("an octet that is not UTF-8, where no value is", "plistlib and Rust plist refuse it", SAVE)
            }
            Self::BeforeDeclaration => (
                "the XML declaration is not at the start",
                "plistlib, libplist 2.2 and Node plist refuse the file",
                "remove everything before it, including empty lines",
            ),
            Self::BlankAfterSign => (
                "a blank after the sign of an integer",
                "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, Node plist reads no number",
                DIGITS,
            ),
            Self::BlankBeforeNumber => {
                ("a blank or line break before a number", "howett.net/plist and Rust plist refuse it", DIGITS)
            }
            Self::ByteOrderMark => (
                "the file begins with a byte-order mark",
                "libplist 2.2 and 2.6, micromdm/plist and Node plist refuse it",
                "save the file as UTF-8 without one",
            ),
            Self::Cdata => ("CDATA", "Rust plist leaves its text out", "write &amp; and &lt; instead"),
            Self::CdataEnd => {
                ("]]> in a text", "plistlib, howett.net/plist and micromdm/plist refuse it", "write ]]&gt;")
            }
            Self::CommentDashes => (
                "a comment with -- in it",
                "plistlib, howett.net/plist, micromdm/plist and Node plist refuse it",
                "write it without two hyphens in a row",
            ),
            Self::ControlCharacter => (
                "a control character",
                "plistlib, howett.net/plist and micromdm/plist refuse it",
                "remove it; most editors do not show it",
            ),
            Self::DataCut => (
                "truncated base64: the letters after the last four are dropped",
                "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, Node plist reads more of it",
                "write the whole value, up to the = signs",
            ),
            Self::DataOdd => (
                "data with characters outside base64, which are ignored",
                "howett.net/plist, micromdm/plist, Rust plist and Node plist refuse it, or all read another value",
                "write it in base64",
            ),
            Self::Declaration => (
                "an XML declaration or a document type that is not XML 1.0",
                "howett.net/plist, micromdm/plist, plistlib or Node plist refuse it",
                "begin the file with <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            ),
            Self::DeclaredOtherwise => (
                "the byte-order mark and the declaration name two encodings, and the mark counts",
                "plistlib, libplist, howett.net/plist, micromdm/plist and Node plist refuse or misread it",
                SAVE,
            ),
            Self::EmptyKey => ("<key/>, a key without a name", "libplist 2.2 and 2.6 refuse it", "give it a name"),
            Self::Encoding => (
                "an encoding other than UTF-8 is declared",
                "howett.net/plist and micromdm/plist refuse it; libplist 2.6, Rust plist and Node plist read it as UTF-8",
                SAVE,
            ),
            Self::HexInteger => (
                "a hexadecimal integer",
                "micromdm/plist refuses it, and Node plist reads 0; Rust plist refuses 0X, and plistlib a sign",
                "write the number in decimal",
            ),
            Self::Instruction => ("a processing instruction", "micromdm/plist and Node plist refuse it", "remove it"),
            Self::KeyAsValue => (
                "a <key> instead of a value, which is read as text",
                "plistlib, howett.net/plist and micromdm/plist refuse or misread it",
                "write <string>",
            ),
            Self::LeadingZero => {
                ("an integer that begins with 0", "libplist 2.6 reads it as octal", "write it without")
            }
            Self::LongReference => {
                ("a character reference of many digits", "libplist 2.2 and 2.6 refuse it", "write the character itself")
            }
            Self::NoPlist => {
                ("no <plist> around the value", "Node plist refuses it", "put <plist version=\"1.0\"> around it")
            }
            Self::NoSuchDate => (
                "a date that does not exist, whose days are counted on",
                "plistlib, howett.net/plist, micromdm/plist and Rust plist refuse it, libplist and Node plist read another one",
                "write a date of the calendar, with a year of four digits",
            ),
            Self::NotFinite => ("a number without an end", "Node plist reads no number", "write a number"),
            Self::PlusSign => {
                ("a plus sign before an integer", "howett.net/plist and micromdm/plist refuse it", DIGITS)
            }
            Self::ReferenceInNumber => {
                ("a character reference in a number", "libplist 2.2 and 2.6 read another number", DIGITS)
            }
            Self::Utf16 => (
                "the file is UTF-16 or UTF-32",
                "libplist 2.6, howett.net/plist, micromdm/plist, Rust plist and Node plist refuse it",
                SAVE,
            ),
        }
    }
}

/// Warns of each form once.
pub(super) fn warn(forms: &[(Form, Place)], findings: &mut Findings) {
    for (form, place) in forms {
        let (what, who, fix) = form.says();
        findings.add(codes::FAILS_ELSEWHERE, Some(*place), format!("{what}: devices read it, {who}"), fix);
    }
}

const DIGITS: &str = "write the digits alone";
const SAVE: &str = "save the file as UTF-8, and write encoding=\"UTF-8\"";
