//! How a device management system (MDM) spells the variables that it replaces with a person's values, if the settings
//! say so. The spellings of known systems belong to the format that is written for them, not here.

use thiserror::Error;

use crate::TextError;
use crate::text::check_text;

/// A system's variables. What is `None` it cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mdm {
    /// The system.
    pub name: MdmName,
    /// The person's address.
    pub address: MdmVariable,
    /// What stands before the address's `@`.
    pub local_part: Option<MdmVariable>,
    /// What stands behind it.
    pub domain: Option<MdmVariable>,
    /// The person's name.
    pub full_name: Option<MdmVariable>,
}

/// The name of a system, which is also that of a file: lower-case letters, digits, and hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MdmName(String);

impl MdmName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for MdmName {
    type Error = MdmError;

    fn try_from(text: &str) -> Result<Self, MdmError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let whole = text.split('-').all(|part| !part.is_empty() && part.chars().all(plain));
        match whole && text.len() <= NAME_OCTETS_MAX {
            true => Ok(Self(text.to_owned())),
            false => Err(MdmError::Name),
        }
    }
}

/// A text that a system replaces: `$EMAIL`, `{{mail}}`, `%Email%`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MdmVariable(String);

impl MdmVariable {
    /// The variable as the system spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for MdmVariable {
    type Error = MdmError;

    fn try_from(text: &str) -> Result<Self, MdmError> {
        check_text(text).map_err(MdmError::Text)?;
        if text.starts_with(|c: char| c.is_alphanumeric() || c.is_whitespace()) {
            return Err(MdmError::Mark);
        }
        match text.chars().find(|c| matches!(c, '<' | '>' | '&')) {
            Some(found) => Err(MdmError::Markup(found)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// Why a text names no system, or no variable of one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MdmError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// Not a name that a file can have everywhere.
    #[error("a system's name has at most 40 lower-case letters and digits, separated by hyphens")]
    Name,
    /// A plain word, which the system would have to find in the middle of a text.
    #[error("a variable begins with a special character, such as $, % or {{")]
    Mark,
    /// What means something else in XML, where the variable is to stand as it is.
    #[error("{0:?} in a variable, which must be valid in XML without escaping")]
    Markup(char),
}

const NAME_OCTETS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(MdmVariable::try_from(text).expect_err("a refusal").to_string(), message);
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused("", "the text is empty");
        refused("mail", "a variable begins with a special character, such as $, % or {");
        refused("<mail>", "'<' in a variable, which must be valid in XML without escaping");
        for name in ["", "Acme", "acme-", "a.b", "../acme"] {
            let error = MdmName::try_from(name).expect_err("a refusal");
            let expected = "a system's name has at most 40 lower-case letters and digits, separated by hyphens";
            assert_eq!(error.to_string(), expected, "{name}");
        }
    }
}
