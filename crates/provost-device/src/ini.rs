//! Files of sections, keys and values, with the place of every value. The reader of a format chooses the dialect and
//! knows what keys mean.

use provost_account::{Findings, Place, codes::profile as codes};

use crate::source_text::text;

/// How dialects differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// What a line of comment starts with.
    pub(crate) comments: &'static [char],
    /// What stands between key and value; the first one in a line counts.
    pub(crate) separators: &'static [char],
    /// What an indented line is.
    pub(crate) indented: Indented,
}

/// What an indented line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indented {
    /// A line like any other.
    Line,
    /// More of the value before it, if it is further in than that value's key (Python's configparser).
    Continuation,
}

/// A section: `[name]`, and the lines up to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value, without the spaces around each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) place: Place,
}

/// The text of a literal of Python in quotation marks of one kind, if nothing else stands there.
pub(crate) fn python_text(literal: &str) -> Option<String> {
    let mark = literal.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let inside = literal.strip_prefix(mark)?.strip_suffix(mark)?;
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            // The other escapes are rare, and no text is better than a wrong one.
            '\\' => text.push(characters.next().filter(|escaped| matches!(escaped, '\\' | '"' | '\''))?),
            _ if character == mark => return None,
            _ => text.push(character),
        }
    }
    Some(text)
}

impl Section {
    /// The last entry of a key: a later one replaces an earlier one.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key.eq_ignore_ascii_case(key))
    }

    /// The last value of a key.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.get(key).map(|entry| entry.value.as_str())
    }

    /// The place of a key, or the section's.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or(self.place, |entry| entry.place)
    }
}

/// Reads a file. Lines before the first section are in a section without a name. A line that is neither section, key nor
/// comment ends the reading.
pub(crate) fn parse(bytes: &[u8], dialect: Dialect, findings: &mut Findings) -> Option<Vec<Section>> {
    let text = text(bytes, findings)?;
    let mut sections = vec![Section { name: String::new(), place: Place { line: 1, column: 1 }, entries: Vec::new() }];
    let mut key_column = 1;
    for (at, line) in text.lines().enumerate() {
        let content = line.trim();
        let place = Place { line: at + 1, column: line.chars().take_while(|c| c.is_whitespace()).count() + 1 };
        if content.is_empty() || content.starts_with(dialect.comments) {
            continue;
        }
        let section = sections.last_mut().expect("there is a first section");
        if dialect.indented == Indented::Continuation
            && place.column > key_column
            && let Some(entry) = section.entries.last_mut()
        {
            entry.value.push('\n');
            entry.value.push_str(content);
            continue;
        }
        key_column = place.column;
        if let Some(name) = section_name(content, dialect) {
            if sections.len() >= SECTIONS_MAX {
                let message = format!("more than {SECTIONS_MAX} sections");
                return findings.refuse(codes::TOO_LARGE, Some(place), message, "check that this is the right file");
            }
            sections.push(Section { name: name.to_owned(), place, entries: Vec::new() });
            continue;
        }
        let Some((key, value)) = content.split_once(dialect.separators) else {
            let message = "a line that is neither a section, nor a key with a value, nor a comment";
            let fix = "write KEY = VALUE, or remove the line";
            return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
        };
        section.entries.push(Entry { key: key.trim().to_owned(), value: value.trim().to_owned(), place });
    }
    Some(sections)
}

/// The name in brackets. Python's configparser takes everything up to the last bracket, since 3.10 (`\[(?P<header>.+)\]`).
fn section_name(line: &str, dialect: Dialect) -> Option<&str> {
    let rest = line.strip_prefix('[')?;
    let (name, _) = match dialect.indented {
        Indented::Line => rest.split_once(']')?,
        Indented::Continuation => rest.rsplit_once(']').filter(|(name, _)| !name.is_empty())?,
    };
    Some(name)
}

const SECTIONS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: Dialect =
        Dialect { comments: &['#', ';'], separators: &['=', ':'], indented: Indented::Continuation };

    #[test]
    fn keys_have_places_and_later_ones_count() {
        let mut findings = Findings::default();
        let file = b"a = 0\n# c\n[One]\n  ; c\nkey: 1\n  and 2\nKEY = 3\n[two]\n";
        let sections = parse(file, PYTHON, &mut findings).expect("a file");
        assert_eq!(sections.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["", "One", "two"]);
        assert_eq!(sections[1].entries[0].value, "1\nand 2");
        assert_eq!(sections[1].value("key"), Some("3"));
        assert_eq!(sections[1].place_of("key"), Place { line: 7, column: 1 });
        assert_eq!(sections[1].place_of("none"), Place { line: 3, column: 1 });
    }

    /// `configparser.ConfigParser().read_string(...)` of Python 3.11.
    #[test]
    fn a_file_that_is_indented_as_a_whole_has_no_continuations() {
        let mut findings = Findings::default();
        let sections = parse(b" [a]\n b = 1\n  c\n d = 2\n", PYTHON, &mut findings).expect("a file");
        let entries: Vec<_> = sections[1].entries.iter().map(|it| (it.key.as_str(), it.value.as_str())).collect();
        assert_eq!(entries, [("b", "1\nc"), ("d", "2")]);
    }

    /// As `configparser.ConfigParser().read_string(...)` of Python 3.11 has them.
    #[test]
    fn a_section_ends_at_the_last_bracket() {
        let name = |line| section_name(line, PYTHON);
        assert_eq!(name("[Account a[b]]"), Some("Account a[b]"));
        assert_eq!(name("[Account a]b]"), Some("Account a]b"));
        assert_eq!(name("[Account a] ; c ]"), Some("Account a] ; c "));
        assert_eq!(name("[Account a] trailing"), Some("Account a"));
        assert_eq!(name("[ a ]"), Some(" a "));
        assert_eq!(name("[]"), None);
        assert_eq!(name("[a"), None);
    }

    #[test]
    fn a_line_that_is_none_ends_the_reading() {
        let mut findings = Findings::default();
        assert_eq!(parse(b"[a]\n  what is this", PYTHON, &mut findings), None);
        assert_eq!(findings.finish()[0].place, Some(Place { line: 2, column: 3 }));
    }
}
