//! Elements of XML, and of HTML that is also XML: quick-xml escapes, and characters that neither may hold are replaced. It
//! knows nothing about mail.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// Something that elements are written to.
pub(super) struct Markup<W: Write>(Writer<W>);

impl<W: Write> Markup<W> {
    pub(super) fn new(to: W) -> Self {
        Self(Writer::new(to))
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))
    }

    pub(super) fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))?;
        self.raw("\n")
    }

    /// An element without contents.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(name, attributes)))?;
        self.raw("\n")
    }

    /// Text of one line.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(&clean(text))))
    }

    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.text(text)?;
        self.close(name)
    }

    /// What is markup already.
    pub(super) fn raw(&mut self, markup: &str) -> io::Result<()> {
        self.0.get_mut().write_all(markup.as_bytes())
    }

    pub(super) fn into_inner(self) -> W {
        self.0.into_inner()
    }
}

fn start<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, &*clean(value)));
    }
    start
}

/// The text without control characters and without those that XML 1.0 forbids (section 2.2).
fn clean(text: &str) -> Cow<'_, str> {
    let is_forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.contains(is_forbidden) {
        true => Cow::Owned(text.replace(is_forbidden, "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}
