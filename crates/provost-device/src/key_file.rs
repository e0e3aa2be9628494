//! Key files as GLib reads them, with the place of every value. What keys mean is not known here.
//!
//! Measured: `GLib.KeyFile` of GLib 2.74, 2026-11. A semicolon does not begin a comment, the last value of a repeated
//! key counts, a repeated group is one group, and a byte order mark is not white space.

use provost_account::{Findings, Place, codes::profile as codes, shown};

use crate::source_text::text;

/// The groups of a file.
#[derive(Debug, Default)]
pub(crate) struct KeyFile(Vec<Group>);

/// A group: `[name]`, and the lines up to the next one.
#[derive(Debug)]
pub(crate) struct Group {
    name: String,
    pub(crate) place: Place,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    key: String,
    /// With its escapes.
    value: String,
    place: Place,
}

impl KeyFile {
    /// Reads a file. A line that is neither group, key nor comment ends the reading.
    pub(crate) fn parse(bytes: &[u8], findings: &mut Findings) -> Option<Self> {
        let text = text(bytes, findings)?;
        let mut groups: Vec<Group> = Vec::new();
        let mut current = None;
        let mut wrong = bytes.starts_with(b"\xef\xbb\xbf").then_some(Place { line: 1, column: 1 });
        for (at, line) in text.lines().enumerate() {
            let content = line.trim_start_matches(SPACES);
            let place = Place { line: at + 1, column: line.chars().count() - content.chars().count() + 1 };
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let name = content.trim_end_matches(SPACES).strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            if let Some(name) = name.filter(|name| !name.is_empty() && !name.contains(['[', ']'])) {
                let known = groups.iter().position(|group| group.name == name);
                current = Some(known.unwrap_or(groups.len()));
                if known.is_none() {
                    groups.push(Group { name: name.to_owned(), place, entries: Vec::new() });
                }
                continue;
            }
            match (content.split_once('='), current.and_then(|at| groups.get_mut(at))) {
                (Some((key, value)), Some(group)) if !key.is_empty() => {
                    let (key, value) = (key.trim_end_matches(SPACES), value.trim_start_matches(SPACES));
                    group.entries.push(Entry { key: key.to_owned(), value: value.to_owned(), place });
                }
                (Some(_) | None, Some(_) | None) => {
                    wrong = wrong.or(Some(place));
                }
            }
        }
        if let Some(place) = wrong {
            let message = "no group, no key with a value, and no comment: GLib rejects the file";
            let fix = "write KEY=VALUE below a [Group], without a byte order mark";
            return findings.refuse(codes::CONFIG_SYNTAX, Some(place), message, fix);
        }
        Some(Self(groups))
    }

    pub(crate) fn group(&self, name: &str) -> Option<&Group> {
        self.0.iter().find(|group| group.name == name)
    }
}

impl Group {
    fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// The place of a key, or the group's.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.entry(key).map_or(self.place, |entry| entry.place)
    }

    /// A text. An escape that is none makes GLib give nothing.
    pub(crate) fn text(&self, key: &str, findings: &mut Findings) -> Option<String> {
        let entry = self.entry(key)?;
        entry.read(unescaped(&entry.value, false), findings)
    }

    /// A list of texts.
    pub(crate) fn list(&self, key: &str, findings: &mut Findings) -> Option<Vec<String>> {
        let entry = self.entry(key)?;
        let mut pieces = vec![String::new()];
        let mut characters = entry.value.chars();
        while let Some(character) = characters.next() {
            if character == ';' {
                pieces.push(String::new());
                continue;
            }
            let piece = pieces.last_mut().expect("there is a first piece");
            piece.push(character);
            if character == '\\' {
                piece.extend(characters.next());
            }
        }
        if pieces.last().is_some_and(String::is_empty) {
            pieces.pop();
        }
        entry.read(pieces.iter().map(|piece| unescaped(piece, true)).collect(), findings)
    }

    /// `true` or `1`, `false` or `0`. `None`: it is not there, or neither of them.
    pub(crate) fn switch(&self, key: &str) -> Option<bool> {
        match self.entry(key)?.value.trim_end_matches(SPACES) {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// A number. `None`: it is not there, or none.
    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.entry(key)?.value.trim_end_matches(SPACES).parse().ok()
    }
}

impl Entry {
    /// What the value is without its escapes, if they are some.
    fn read<T>(&self, unescaped: Option<T>, findings: &mut Findings) -> Option<T> {
        if unescaped.is_none() {
            let Self { key, value, place } = self;
            let message = format!("{key} is {}, with a backslash that does not begin an escape", shown(value));
            findings.add(codes::WRONG_VALUE, Some(*place), message, "write \\\\ for a backslash");
        }
        unescaped
    }
}

/// A value with its escapes replaced, of which `\;` is one of lists alone.
fn unescaped(value: &str, in_a_list: bool) -> Option<String> {
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next()? {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                ';' if in_a_list => ';',
                _ => return None,
            },
            _ => character,
        });
    }
    Some(text)
}

/// What `g_ascii_isspace` takes for spaces.
const SPACES: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as `GLib.KeyFile` has it: `load_from_data`, then `get_string` and `get_string_list`.
    #[test]
    fn values_are_what_glib_makes_of_them() {
        let file = b"# c\n[a]\n  x  =  \\sa\\\\b ;c \nx[de]=d\nl=a\\;b;\\sc;d\\\\;\nbad=a\\;b\nn= 993 \nm=993x\n[b]\ny==\n[a]\nz=true \n";
        let mut findings = Findings::default();
        let file = KeyFile::parse(file, &mut findings).expect("a file");
        let a = file.group("a").expect("a group");
        let mut text = |key: &str| a.text(key, &mut findings);
        assert_eq!(text("x").as_deref(), Some(" a\\b ;c "));
        assert_eq!(text("bad"), None);
        assert_eq!(text("n").as_deref(), Some("993 "));
        assert_eq!(a.list("l", &mut findings), Some(["a;b", " c", "d\\"].map(str::to_owned).to_vec()));
        assert_eq!((a.number("n"), a.number("m"), a.switch("z")), (Some(993), None, Some(true)));
        assert_eq!(file.group("b").expect("a group").text("y", &mut findings).as_deref(), Some("="));
    }

    #[test]
    fn what_glib_refuses_is_refused() {
        for file in ["[a]\n; c\nx=1\n", "x=1\n[a]\n", "[a]\nfoo\n", "[a]b\nx=1\n", "\u{feff}[a]\nx=1\n", "[]\nx=1\n"] {
            assert!(KeyFile::parse(file.as_bytes(), &mut Findings::default()).is_none(), "{file:?}");
        }
    }
}
