//! The text of someone's file: places in it, its bytes as UTF-8, and its words as messages quote and correct them. It
//! knows no format.

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The line and column of an offset. A line ends with LF; the CR before it belongs to the line.
#[must_use]
pub fn place(text: &str, offset: usize) -> Place {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Lines and columns of offsets that only grow, without counting from the start each time.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    at: Place,
    counted: usize,
}

impl<'a> Places<'a> {
    /// Before anything is counted.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: Place { line: 1, column: 1 }, counted: 0 }
    }

    /// As [`place`]; fast for an offset behind the one before.
    pub fn place(&mut self, offset: usize) -> Place {
        if offset < self.counted {
            return place(self.text, offset);
        }
        let next = &self.text[self.counted..offset];
        self.counted = offset;
        match next.rfind('\n') {
            None => self.at.column += next.chars().count(),
            Some(last) => {
                self.at.line += next.bytes().filter(|byte| *byte == b'\n').count();
                self.at.column = next[last + 1..].chars().count() + 1;
            }
        }
        self.at
    }
}

/// A byte that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUtf8 {
    /// The byte.
    pub octet: u8,
    /// Where it is.
    pub place: Place,
}

/// The text without its byte order mark, or the first byte that is not UTF-8.
///
/// # Errors
///
/// [`NotUtf8`].
pub fn utf_8(octets: &[u8]) -> Result<&str, NotUtf8> {
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
    std::str::from_utf8(octets).map_err(|error| {
        let (valid, rest) = octets.split_at(error.valid_up_to());
        let valid = std::str::from_utf8(valid).expect("valid up to here");
        NotUtf8 { octet: rest[0], place: place(valid, valid.len()) }
    })
}

/// The name that is spelled most like `found`, for a fix: a third of its letters may differ, and at least one.
#[must_use]
pub fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    // No name is this long, and the comparison takes time in proportion to both.
    if found.len() > WORD_OCTETS_MAX {
        return None;
    }
    let distance = |name: &&str| strsim::damerau_levenshtein(&name.to_lowercase(), &found.to_lowercase());
    known.iter().copied().min_by_key(distance).filter(|name| distance(name) <= (found.chars().count() / 3).max(1))
}

/// A word of a file as a message shows it: in quotation marks, and cut if it is longer than any real one.
#[must_use]
pub fn shown(word: &str) -> String {
    match word.char_indices().nth(WORD_OCTETS_MAX) {
        Some((end, _)) => format!("{:?}…", &word[..end]),
        None => format!("{word:?}"),
    }
}

/// Longer than any key of any format.
const WORD_OCTETS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_counting_from_the_start_gives() {
        let text = "aü\r\n\nb€c\n";
        let mut places = Places::new(text);
        for (offset, _) in text.char_indices() {
            assert_eq!(places.place(offset), place(text, offset), "{offset}");
        }
        assert_eq!(places.place(1), Place { line: 1, column: 2 });
    }
}
