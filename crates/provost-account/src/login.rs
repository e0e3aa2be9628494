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
        Login(self.expand_with(address, &str::to_owned))
    }

    /// The template in pieces, in their order.
    #[must_use]
    pub fn parts(&self) -> Vec<LoginPart<'_>> {
        let mut parts = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((before, found)) = first_placeholder(rest) {
            parts.push(LoginPart::Text(before));
            parts.push(match found {
                ADDRESS => LoginPart::Address,
                LOCAL_PART => LoginPart::LocalPart,
                _ => LoginPart::Domain,
            });
            rest = &rest[before.len() + found.len()..];
        }
        parts.push(LoginPart::Text(rest));
        parts.retain(|part| *part != LoginPart::Text(""));
        parts
    }

    /// The same with every value changed by `encode`.
    pub(crate) fn expand_with(&self, address: &EmailAddress, encode: &dyn Fn(&str) -> String) -> String {
        // Split at the placeholders rather than replaced one after the other: a local part may contain "%EMAILDOMAIN%".
        let mut name = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, found)) = first_placeholder(rest) {
            name.push_str(before);
            name.push_str(&encode(match found {
                ADDRESS => address.as_str(),
                LOCAL_PART => address.local_part(),
                _ => address.domain().as_str(),
            }));
            rest = &rest[before.len() + found.len()..];
        }
        name.push_str(rest);
        name
    }
}

impl LoginTemplate {
    /// The template that gives the holder of `address` this login name, and everybody else a name of the same kind.
    ///
    /// `None`: the name has nothing of the address in it, or is no template.
    #[must_use]
    pub fn of(login: &Login, address: &EmailAddress) -> Option<Self> {
        let (name, local, domain) = (login.as_str(), address.local_part(), address.domain().as_str());
        let template = match name {
            name if name == address.as_str() => ADDRESS.to_owned(),
            name if name == local => LOCAL_PART.to_owned(),
            name => {
                let (before, after) = name.split_once(local)?;
                // "jane" is not in "janet", nor is "e" in "hello".
                if before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric) {
                    return None;
                }
                format!("{before}{LOCAL_PART}{}", after.replacen(domain, DOMAIN, 1))
            }
        };
        Self::try_from(template.as_str()).ok()
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

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginPart<'a> {
    /// The same for everybody.
    Text(&'a str),
    /// `%EMAILADDRESS%`.
    Address,
    /// `%EMAILLOCALPART%`.
    LocalPart,
    /// `%EMAILDOMAIN%`.
    Domain,
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
    fn a_template_comes_in_pieces() {
        let template = LoginTemplate::try_from("x-%EMAILLOCALPART%%EMAILDOMAIN%").expect("a template");
        assert_eq!(template.parts(), [LoginPart::Text("x-"), LoginPart::LocalPart, LoginPart::Domain]);
    }

    #[test]
    fn a_login_name_is_turned_back_into_its_template() {
        let address = EmailAddress::try_from("Jane@example.org").expect("an address");
        let template = |name: &str| {
            let login = Login::try_from(name).expect("a login");
            LoginTemplate::of(&login, &address).map(|template| template.as_str().to_owned())
        };
        assert_eq!(template("Jane@example.org").as_deref(), Some("%EMAILADDRESS%"));
        assert_eq!(template("Jane").as_deref(), Some("%EMAILLOCALPART%"));
        assert_eq!(template("Jane.example.org").as_deref(), Some("%EMAILLOCALPART%.%EMAILDOMAIN%"));
        assert_eq!(template("CORP\\Jane").as_deref(), Some("CORP\\%EMAILLOCALPART%"));
        for another in ["jane", "u0042", "Janet"] {
            assert_eq!(template(another), None, "{another}");
        }
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
