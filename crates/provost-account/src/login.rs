//! Login names, and the template that makes one from an address. No passwords.

use std::fmt;

use thiserror::Error;

use crate::text::check_text;
use crate::{EmailAddress, TextError};

/// A login name: not empty, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Login(String);

impl Login {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Login {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Self, TextError> {
        check_text(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A login name with Mozilla autoconfig's placeholders: `%EMAILADDRESS%`, `%EMAILLOCALPART%`, `%EMAILDOMAIN%`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginTemplate(String);

impl LoginTemplate {
    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The login name that this template gives the holder of `address`.
    #[must_use]
    pub fn expand(&self, address: &EmailAddress) -> Login {
        // Split at the placeholders rather than replaced one after the other: a local part may contain "%EMAILDOMAIN%".
        let mut name = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, found)) = first_placeholder(rest) {
            name.push_str(before);
            name.push_str(match found {
                ADDRESS => address.as_str(),
                LOCAL_PART => address.local_part(),
                _ => address.domain().as_str(),
            });
            rest = &rest[before.len() + found.len()..];
        }
        name.push_str(rest);
        Login(name)
    }
}

impl TryFrom<&str> for LoginTemplate {
    type Error = LoginTemplateError;

    fn try_from(text: &str) -> Result<Self, LoginTemplateError> {
        check_text(text).map_err(LoginTemplateError::Text)?;
        let mut rest = text;
        while let Some((before, found)) = first_placeholder(rest) {
            without_placeholder(before)?;
            rest = &rest[before.len() + found.len()..];
        }
        without_placeholder(rest)?;
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is no template of a login name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoginTemplateError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// `%NAME%`, or half of it, that is none of the three.
    #[error("{found:?} is none of %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%")]
    Placeholder {
        /// The text from its percent sign on.
        found: String,
    },
}

fn first_placeholder(text: &str) -> Option<(&str, &'static str)> {
    let at = |name: &'static str| text.find(name).map(|at| (&text[..at], name));
    [ADDRESS, LOCAL_PART, DOMAIN].into_iter().filter_map(at).min_by_key(|(before, _)| before.len())
}

/// Refuses `%WORD` in capitals, which is a misspelt placeholder: the provider database holds two of these.
fn without_placeholder(text: &str) -> Result<(), LoginTemplateError> {
    let Some((_, after)) = text.split_once('%') else { return Ok(()) };
    let word: String = after.chars().take_while(|c| c.is_ascii_uppercase() || *c == '%').collect();
    if word.is_empty() {
        return without_placeholder(after);
    }
    Err(LoginTemplateError::Placeholder { found: format!("%{word}") })
}

const ADDRESS: &str = "%EMAILADDRESS%";
const LOCAL_PART: &str = "%EMAILLOCALPART%";
const DOMAIN: &str = "%EMAILDOMAIN%";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let address = EmailAddress::try_from("%EMAILDOMAIN%@example.org").expect("an address");
        let template = LoginTemplate::try_from(template).expect("a template");
        assert_eq!(template.expand(&address).as_str(), expected);
    }

    #[test]
    fn placeholders_are_expanded_once() {
        check("%EMAILADDRESS%", "%EMAILDOMAIN%@example.org");
        check("%EMAILLOCALPART%.%EMAILDOMAIN%", "%EMAILDOMAIN%.example.org");
        check("fixed", "fixed");
        check("100% %EMAILDOMAIN%", "100% example.org");
    }

    #[test]
    fn a_misspelt_placeholder_is_refused() {
        let error = LoginTemplate::try_from("%EMAILADDRESS").expect_err("a refusal");
        assert_eq!(error, LoginTemplateError::Placeholder { found: "%EMAILADDRESS".to_owned() });
        assert_eq!(
            error.to_string(),
            "\"%EMAILADDRESS\" is none of %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%"
        );
        LoginTemplate::try_from("%EMAILDOMAIN%%REALNAME%").expect_err("a refusal");
    }
}
