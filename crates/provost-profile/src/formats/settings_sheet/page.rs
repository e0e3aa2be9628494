//! HTML that is also XML: quick-xml's writer escapes, and elements are closed by an end tag unless HTML has none for
//! them. It knows nothing about mail.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::picture::Picture;

/// A page that is being written.
pub(super) struct Page(Writer<Vec<u8>>);

impl Page {
    pub(super) fn new() -> Self {
        Self(Writer::new(b"<!DOCTYPE html>\n".to_vec()))
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
        self.event(Event::Text(BytesText::new("\n")));
    }

    /// An element that has no end tag in HTML.
    pub(super) fn void(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())));
        self.event(Event::Text(BytesText::new("\n")));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.event(Event::Text(BytesText::new(text)));
    }

    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close(name);
    }

    /// A row with a head and a value, in the value's own direction of writing.
    pub(super) fn row(&mut self, setting: &str, head: &str, value: &str) {
        self.open("tr", &[("data-setting", setting)]);
        self.element("th", &[("scope", "row")], head);
        self.element("td", &[("dir", "auto")], value);
        self.close("tr");
    }

    /// A code, black on white in every colour scheme, with a name for those who do not see it.
    pub(super) fn code(&mut self, name: &str, picture: &Picture, title: &str) {
        let (side, path) = picture.path();
        let view = format!("0 0 {side} {side}");
        let side = side.to_string();
        let id = format!("{name}-title");
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("data-code", name),
            ("role", "img"),
            ("aria-labelledby", id.as_str()),
            ("viewBox", view.as_str()),
            ("shape-rendering", "crispEdges"),
        ];
        self.open("svg", &attributes);
        self.element("title", &[("id", id.as_str())], title);
        self.void("rect", &[("width", side.as_str()), ("height", side.as_str()), ("fill", "#fff")]);
        self.void("path", &[("fill", "#000"), ("d", path.as_str())]);
        self.close("svg");
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("writing to memory");
    }
}
