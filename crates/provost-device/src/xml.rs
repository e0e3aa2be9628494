//! XML as a small tree with the place of every element. Stricter than many parsers, as devices are: undeclared
//! entities, custom declarations, and excessive nesting are rejected. No namespaces.

use provost_account::{Code, Findings, LOOK, Place, codes::profile as codes, place};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::encoding;
use crate::source_text::{Lines, text};

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// The name as written, prefix included.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// The text directly inside, of all pieces between the children.
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Whether bytes look like XML with this root element: cheap, and right for what is well-formed.
pub(crate) fn has_root(bytes: &[u8], name: &str) -> bool {
    let start = encoding::start(bytes);
    let mut rest = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    loop {
        let Some(after) = rest.strip_prefix('<') else { return false };
        let end = match after.get(..1) {
            Some("?") => "?>",
            Some("!") if after.starts_with("!--") => "-->",
            // A document type with declarations of its own, each of which has a > too.
            Some("!") if after.split('>').next().is_some_and(|start| start.contains('[')) => "]>",
            Some("!") => ">",
            _ => {
                let found: String =
                    after.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/')).collect();
                return found == name;
            }
        };
        let Some((_, after)) = after.split_once(end) else { return false };
        rest = after.trim_start();
    }
}

/// Reads a whole document.
pub(crate) fn parse(bytes: &[u8], findings: &mut Findings) -> Option<Element> {
    if std::str::from_utf8(bytes).is_err()
        && let Some((message, at)) = encoding::of_what_is_not_utf_8(bytes)
    {
        let fix = "save the file as UTF-8, and write encoding=\"UTF-8\"";
        return findings.refuse(codes::INVALID_UTF_8, at, message, fix);
    }
    parse_text(text(bytes, findings)?, findings)
}

/// Reads a whole document that is text already.
pub(crate) fn parse_text(text: &str, findings: &mut Findings) -> Option<Element> {
    if let Some((at, found)) = text.char_indices().find(|(_, c)| !is_xml(*c)) {
        let message = format!("the control character U+{:04X}", u32::from(found));
        let fix = "remove it; most editors do not show it";
        return findings.refuse(codes::CONTROL_CHARACTER, Some(place(text, at)), message, fix);
    }
    if let Some(at) = text.find("<?xml ").filter(|at| *at > 0) {
        let message = "the XML declaration is not at the start";
        let fix = "remove everything before it, including empty lines";
        return findings.refuse(codes::NOT_WELL_FORMED, Some(place(text, at)), message, fix);
    }
    let mut builder = Builder { text, open: Vec::new(), root: None, elements: 0, lines: Lines::of(text.as_bytes()) };
    match builder.run() {
        Ok(()) => builder.root,
        Err(fault) => {
            let at = text.floor_char_boundary(fault.offset.min(text.len()));
            findings.refuse(fault.code, Some(builder.lines.place(text.as_bytes(), at)), fault.message, fault.fix)
        }
    }
}

/// XML 1.0 §2.2, production `Char`.
pub(crate) fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

struct Fault {
    code: &'static Code,
    offset: usize,
    message: String,
    fix: &'static str,
}

fn malformed(offset: usize, message: impl Into<String>) -> Fault {
    Fault { code: codes::NOT_WELL_FORMED, offset, message: message.into(), fix: "correct the XML there" }
}

struct Builder<'a> {
    text: &'a str,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    lines: Lines,
}

impl Builder<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_comments = true;
        loop {
            let start = offset(reader.buffer_position());
            let event =
                reader.read_event().map_err(|error| malformed(offset(reader.error_position()), error.to_string()))?;
            match event {
                Event::Start(tag) => self.start(&tag, start)?,
                Event::Empty(tag) => {
                    self.start(&tag, start)?;
                    self.close();
                }
                Event::End(_) => self.close(),
                Event::Text(text) => self.add(&text, start)?,
                Event::CData(text) => self.add(&text, start)?,
                Event::GeneralRef(name) => {
                    let resolved = resolve(&name)
                        .ok_or_else(|| malformed(start, format!("the undeclared entity &{};", &*name)))?;
                    self.add(&resolved.to_string(), start)?;
                }
                Event::DocType(declared) if declared.contains('[') => {
                    let (code, fix) = (codes::DOCUMENT_TYPE, "remove the declarations");
                    let message = "a document type with its own declarations".to_owned();
                    return Err(Fault { code, offset: start, message, fix });
                }
                Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => break,
            }
        }
        match (self.open.last(), &self.root) {
            (Some(open), _) => {
                Err(malformed(self.text.len(), format!("<{}> in line {} is never closed", open.name, open.place.line)))
            }
            (None, None) => Err(malformed(self.text.len(), "no element")),
            (None, Some(_)) => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<(), Fault> {
        self.elements += 1;
        if self.open.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            let message = format!("more than {DEPTH_MAX} levels, or more than {ELEMENTS_MAX} elements");
            return Err(Fault { code: codes::TOO_DEEP, offset: start, message, fix: LOOK });
        }
        if self.root.is_some() {
            return Err(malformed(start, "a second root element"));
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| malformed(start, error.to_string()))?;
            let value =
                quick_xml::escape::unescape(&attribute.value).map_err(|error| malformed(start, error.to_string()))?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        self.open.push(Element {
            name: tag.name().as_ref().to_owned(),
            attributes,
            children: Vec::new(),
            text: String::new(),
            place: self.lines.place(self.text.as_bytes(), start),
        });
        Ok(())
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn add(&mut self, text: &str, start: usize) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(malformed(start, "text outside every element")),
        }
        Ok(())
    }
}

/// The character that a reference stands for: a number, or one of the five names that XML declares.
fn resolve(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return quick_xml::escape::resolve_xml_entity(name)?.chars().next();
    };
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|character| is_xml(*character))
}

fn offset(position: u64) -> usize {
    usize::try_from(position).expect("a position in memory")
}

const DEPTH_MAX: usize = 64;
const ELEMENTS_MAX: usize = 200_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(document: &str, code: &'static Code, line: usize, column: usize) {
        let mut findings = Findings::default();
        assert_eq!(parse(document.as_bytes(), &mut findings), None, "{document}");
        let finding = &findings.finish()[0];
        assert_eq!((finding.code, finding.place), (code, Some(Place { line, column })), "{}", finding.message);
    }

    #[test]
    fn what_is_not_well_formed_is_refused_in_its_place() {
        refused("\n<?xml version=\"1.0\"?><a/>", codes::NOT_WELL_FORMED, 2, 1);
        refused("<a>\n  <b></a>", codes::NOT_WELL_FORMED, 2, 6);
        refused("<a>\n  <b>", codes::NOT_WELL_FORMED, 2, 6);
        refused("<a>&foo;</a>", codes::NOT_WELL_FORMED, 1, 4);
        refused("<a/>\n<b/>", codes::NOT_WELL_FORMED, 2, 1);
        refused("<a/>\nrest", codes::NOT_WELL_FORMED, 1, 5);
        refused("<a b=\"1\" b=\"2\"/>", codes::NOT_WELL_FORMED, 1, 1);
        refused("", codes::NOT_WELL_FORMED, 1, 1);
        refused("<a>\u{1}</a>", codes::CONTROL_CHARACTER, 1, 4);
        refused("<a>&#0;</a>", codes::NOT_WELL_FORMED, 1, 4);
        refused("<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a/>", codes::DOCUMENT_TYPE, 1, 1);
    }

    #[test]
    fn two_hundred_thousand_brackets_end_in_a_finding() {
        refused(&"<a>".repeat(200_000), codes::TOO_DEEP, 1, 64 * 3 + 1);
    }

    #[test]
    fn text_is_put_together_from_its_pieces() {
        let mut findings = Findings::default();
        let root = parse("<a>x&amp;<![CDATA[<y>]]>&#x1F600;</a>".as_bytes(), &mut findings).expect("a document");
        assert_eq!(root.text, "x&<y>😀");
    }

    #[test]
    fn the_root_is_seen_behind_what_may_precede_it() {
        assert!(has_root(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"a\" \"b\">\n<!-- c -->\n<plist version=\"1.0\">", "plist"));
        assert!(has_root(b"<!DOCTYPE plist [<!ENTITY a \"b\">]>\n<plist>", "plist"));
        assert!(has_root(b"<clientConfig>", "clientConfig"));
        assert!(!has_root(b"<plists>", "plist"));
        assert!(!has_root(b"plist", "plist"));
    }
}
