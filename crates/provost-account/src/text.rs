//! Text that people see and that fits into every format. It does not judge what a name should look like.

use std::fmt;

use thiserror::Error;

/// A name for people: not empty, no control characters, nothing that XML 1.0 cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DisplayName(String);

impl DisplayName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for DisplayName {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Self, TextError> {
        check_text(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing is there.
    #[error("the text is empty")]
    Empty,
    /// A character that breaks lines, protocols or XML.
    #[error("control character U+{0:04X} in the text")]
    ControlCharacter(u32),
}

pub(crate) fn check_text(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    // XML 1.0 §2.2 leaves U+FFFE and U+FFFF out of Char.
    match text.chars().find(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')) {
        Some(found) => Err(TextError::ControlCharacter(found.into())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_are_taken() {
        for text in ["O'Brien & Söhne <IT>", "山田 太郎", "שרה", "👩‍🔬 Ada"] {
            assert_eq!(DisplayName::try_from(text).expect("a name").as_str(), text);
        }
    }

    #[test]
    fn characters_that_break_a_line_or_xml_are_refused() {
        for (text, code) in [("a\0", 0), ("a\nb", 10), ("a\u{85}", 0x85), ("a\u{ffff}", 0xffff), ("a\u{2028}", 0x2028)]
        {
            assert_eq!(DisplayName::try_from(text).expect_err("a refusal"), TextError::ControlCharacter(code));
        }
        assert_eq!(TextError::ControlCharacter(10).to_string(), "control character U+000A in the text");
        assert_eq!(DisplayName::try_from("").expect_err("a refusal").to_string(), "the text is empty");
    }
}
