//! A guide as rows of cells, each with its line: lines of text, or what a browser would show of HTML. It knows nothing about
//! mail.

use encoding_rs::{Encoding, WINDOWS_1252};
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// What stands beside each other: a line, a paragraph, a table row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line that it starts in, from 1.
    pub(super) line: usize,
    /// Its cells; a paragraph has one. None is empty, blanks are single.
    pub(super) cells: Vec<String>,
}

impl Row {
    /// Its text.
    pub(super) fn text(&self) -> String {
        self.cells.join(" | ")
    }
}

/// The rows of a guide in any common encoding.
pub(super) fn rows(bytes: &[u8]) -> Vec<Row> {
    let text = decoded(bytes);
    let start: String = text.trim_start().chars().take(START_CHARACTERS).collect::<String>().to_lowercase();
    let is_html = HTML_MARKS.iter().any(|mark| start.contains(mark));
    if is_html { of_html(&text) } else { of_text(&text) }
}

/// UTF-8, or what a byte order mark says, or as a browser takes what is neither.
fn decoded(bytes: &[u8]) -> String {
    match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, _)), _) => encoding.decode(bytes).0.into_owned(),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// Lines; a tab, a vertical bar, or two blanks separate cells.
fn of_text(text: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.replace(['|', '\t'], "  ").replace('\u{a0}', " ");
        line.split("  ").map(plain).filter(|cell| cell.chars().any(char::is_alphanumeric)).collect()
    };
    let rows = (1..).zip(text.lines()).map(|(line, text)| Row { line, cells: cells(text) });
    rows.filter(|row| !row.cells.is_empty()).collect()
}

/// Table rows, and what else begins a new line; the contents of scripts and styles are not shown.
fn of_html(text: &str) -> Vec<Row> {
    let emitter = DefaultEmitter::<usize>::new_with_span();
    let (mut rows, mut hidden) = (Rows::default(), None);
    let mut lines = Lines { text: text.as_bytes(), offset: 0, line: 1 };
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) if hidden.is_none() => match &tag.name[..] {
                b"td" | b"th" | b"dd" => rows.cell(),
                name if HIDDEN.contains(&name) => hidden = Some(name.to_vec()),
                name if INLINE.contains(&name) => {}
                _ => rows.end(),
            },
            Token::EndTag(tag) => match (&hidden, &tag.name[..]) {
                (Some(open), name) if open == name => hidden = None,
                (Some(_), _) => {}
                (None, name) if INLINE.contains(&name) || CELLS.contains(&name) => {}
                (None, _) => rows.end(),
            },
            Token::String(shown) if hidden.is_none() => {
                rows.text(&String::from_utf8_lossy(&shown.value), lines.at(shown.span.start));
            }
            Token::StartTag(_) | Token::String(_) | Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    rows.end();
    rows.done
}

/// The lines of ever later places.
struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, offset: usize) -> usize {
        let offset = offset.clamp(self.offset, self.text.len());
        self.line += self.text[self.offset..offset].iter().filter(|octet| **octet == b'\n').count();
        self.offset = offset;
        self.line
    }
}

/// Rows while they are made.
#[derive(Default)]
struct Rows {
    done: Vec<Row>,
    line: Option<usize>,
    cells: Vec<String>,
}

impl Rows {
    fn text(&mut self, text: &str, line: usize) {
        let blank_before = text.len() - text.trim_start().len();
        if self.line.is_none() && !text.trim().is_empty() {
            self.line = Some(line + text[..blank_before].matches('\n').count());
        }
        if self.cells.is_empty() {
            self.cells.push(String::new());
        }
        self.cells.last_mut().expect("one was just added").push_str(text);
    }

    fn cell(&mut self) {
        self.cells.push(String::new());
    }

    fn end(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).filter(|cell| !cell.is_empty()).collect();
        if let (Some(line), false) = (self.line.take(), cells.is_empty()) {
            self.done.push(Row { line, cells });
        }
    }
}

/// A text with single blanks, without the mark of a list in front, and without what only says where a line may break.
fn plain(text: &str) -> String {
    let text = text.replace(INVISIBLE, "").replace(HYPHENS, "-");
    let cut = text.char_indices().nth(CELL_CHARACTERS_MAX).map_or(&text[..], |(at, _)| &text[..at]);
    let text = cut.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_start_matches(['*', '-', '•', '·', '–', '#', '>', '▪', ' ']).replace("**", "").trim_end().to_owned()
}

/// What is longer is not meant for people.
const CELL_CHARACTERS_MAX: usize = 4000;
/// The soft hyphen, the zero width space, the word joiner, the byte order mark.
const INVISIBLE: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
/// The hyphen that is no minus, and the one at which no line ends.
const HYPHENS: [char; 2] = ['\u{2010}', '\u{2011}'];
const START_CHARACTERS: usize = 2000;
/// What is found at the start of HTML, whole or in part.
const HTML_MARKS: &[&str] =
    &["<!doctype html", "<html", "<body", "<table", "<div", "<p>", "<ul", "<ol", "<dl", "<h1", "<h2", "<h3"];
/// Elements within a line.
const INLINE: &[&[u8]] = &[
    b"a", b"abbr", b"b", b"bdi", b"big", b"cite", b"code", b"em", b"font", b"i", b"img", b"kbd", b"mark", b"q", b"s",
    b"samp", b"small", b"span", b"strong", b"sub", b"sup", b"tt", b"u", b"var", b"wbr",
];
const CELLS: &[&[u8]] = &[b"td", b"th", b"dd", b"dt"];
/// Elements whose text is not shown.
const HIDDEN: &[&[u8]] = &[b"script", b"style", b"template", b"noscript", b"head", b"title", b"svg"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(guide: &str, expected: &[(usize, &[&str])]) {
        let found = rows(guide.as_bytes());
        let found: Vec<(usize, Vec<&str>)> =
            found.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(usize, Vec<&str>)> = expected.iter().map(|(line, cells)| (*line, cells.to_vec())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_tabs_bars_and_wide_gaps_make_cells() {
        check(
            "* IMAP server: a.example\n\n| Port | 993 |\n|---|---|\nSSL\tyes   no",
            &[(1, &["IMAP server: a.example"]), (3, &["Port", "993"]), (5, &["SSL", "yes", "no"])],
        );
    }

    #[test]
    fn html_is_read_as_a_browser_shows_it() {
        let guide = "<!DOCTYPE html><head><title>no</title></head><body>\n<p>Use <b>IMAP</b>\nplease.</p>\n\
                     <table><tr><td>Port<td>993</tr>\n<tr><th>Host</th><td>a&#46;example</td></tr></table>\n\
                     <dl><dt>User</dt><dd>you</dd></dl><script>var port = 1;</script>";
        check(
            guide,
            &[(2, &["Use IMAP please."]), (4, &["Port", "993"]), (5, &["Host", "a.example"]), (6, &["User", "you"])],
        );
    }

    #[test]
    fn other_encodings_are_read() {
        for bytes in [&b"f\xfcr"[..], "für".as_bytes(), b"\xff\xfef\0\xfc\0r\0"] {
            assert_eq!(rows(bytes)[0].cells, ["für"]);
        }
    }
}
