//! XML documents, indented by two spaces. It knows no element name.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// The document with what `write` writes into it.
pub(crate) fn document(
    declaration: BytesDecl<'_>,
    write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(declaration)).and_then(|()| write(&mut xml)).expect("writing to memory");
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    bytes
}

/// An element that holds what `write` writes into it.
pub(crate) fn element(
    xml: &mut Writer<Vec<u8>>,
    name: &str,
    attributes: &[(&str, &str)],
    write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).with_attributes(attributes.iter().copied()).write_inner_content(write).map(|_| ())
}

/// An element that holds a text.
pub(crate) fn text(xml: &mut Writer<Vec<u8>>, name: &str, value: &str) -> io::Result<()> {
    text_with(xml, name, &[], value)
}

/// The same with attributes.
pub(crate) fn text_with(
    xml: &mut Writer<Vec<u8>>,
    name: &str,
    attributes: &[(&str, &str)],
    value: &str,
) -> io::Result<()> {
    let element = xml.create_element(name).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::new(value)).map(|_| ())
}
