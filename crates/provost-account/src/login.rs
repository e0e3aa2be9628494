//! Login names, and the template that makes one from an address. No passwords.

use std::fmt;

use thiserror::Error;

use crate::text::check_text;
use crate::{EmailAddress, TextError};

/// A login name: not empty, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Login(Box<str>);

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
        Ok(Self(text.into()))
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
        match self.0.as_str() {
            // Nearly always; it needs no search for placeholders.
            ADDRESS => Login(address.as_str().into()),
            _ => Login(self.expand_with(address, &str::to_owned).into()),
        }
    }

    /// The template in pieces, in their order.
    #[must_use]
    pub fn parts(&self) -> Vec<LoginPart<'_>> {
        let part = |piece| match piece {
            Piece::Text(text) => LoginPart::Text(text),
            Piece::Placeholder(ADDRESS) => LoginPart::Address,
            Piece::Placeholder(LOCAL_PART) => LoginPart::LocalPart,
            Piece::Placeholder(_) => LoginPart::Domain,
        };
        pieces(&self.0, OF_THE_ADDRESS).into_iter().map(part).collect()
    }

    /// The same with every value changed by `encode`.
    pub(crate) fn expand_with(&self, address: &EmailAddress, encode: &dyn Fn(&str) -> String) -> String {
        filled(&self.0, OF_THE_ADDRESS, |name| encode(value(name, address, "")))
    }

    /// The template that makes this login name from `address`, and others of the same form from other addresses.
    ///
    /// `None`: the name contains no part of the address, or cannot be a template.
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
        check(text, OF_THE_ADDRESS)?;
        Ok(Self(text.to_owned()))
    }
}

/// A text about one person: the placeholders of login names, and `%USERNAME%` for a login name that is known already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonTemplate(String);

impl PersonTemplate {
    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The login name that this template gives the holder of `address`, whose `%USERNAME%` is `login`.
    #[must_use]
    pub fn expand(&self, address: &EmailAddress, login: &Login) -> Login {
        Login(self.expand_with(address, login.as_str(), &str::to_owned).into())
    }

    /// The template of everybody whose `%USERNAME%` is made by `login`.
    #[must_use]
    pub fn of_everybody(&self, login: &LoginTemplate) -> LoginTemplate {
        self.of_everybody_with(login, &str::to_owned)
    }

    /// The same as [`Self::expand`], with every value changed by `encode`.
    pub(crate) fn expand_with(&self, address: &EmailAddress, login: &str, encode: &dyn Fn(&str) -> String) -> String {
        filled(&self.0, OF_A_PERSON, |name| encode(value(name, address, login)))
    }

    /// The same as [`Self::of_everybody`], with what `login` says for everybody changed by `encode`.
    pub(crate) fn of_everybody_with(&self, login: &LoginTemplate, encode: &dyn Fn(&str) -> String) -> LoginTemplate {
        let of_login = |piece| match piece {
            Piece::Text(text) => encode(text),
            Piece::Placeholder(name) => name.to_owned(),
        };
        LoginTemplate(filled(&self.0, OF_A_PERSON, |name| match name {
            USERNAME => pieces(&login.0, OF_THE_ADDRESS).into_iter().map(of_login).collect(),
            name => name.to_owned(),
        }))
    }
}

impl From<LoginTemplate> for PersonTemplate {
    fn from(template: LoginTemplate) -> Self {
        Self(template.0)
    }
}

impl TryFrom<&str> for PersonTemplate {
    type Error = LoginTemplateError;

    fn try_from(text: &str) -> Result<Self, LoginTemplateError> {
        check(text, OF_A_PERSON)?;
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is not a template of a login name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoginTemplateError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// `%NAME%`, or half of it, that is none of those that may stand here.
    #[error("{found:?} is not one of {}", listed(known))]
    Placeholder {
        /// The text from its percent sign on.
        found: String,
        /// Those that may stand here.
        known: &'static [&'static str],
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

/// A piece of any template.
#[derive(Clone, Copy)]
enum Piece<'a> {
    /// Never empty.
    Text(&'a str),
    Placeholder(&'static str),
}

/// A text taken apart at these placeholders.
fn pieces<'a>(text: &'a str, names: &[&'static str]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let first = |rest: &str| names.iter().filter_map(|name| Some((rest.find(name)?, *name))).min();
    while let Some((at, name)) = first(rest) {
        pieces.extend((at > 0).then_some(Piece::Text(&rest[..at])));
        pieces.push(Piece::Placeholder(name));
        rest = &rest[at + name.len()..];
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    pieces
}

/// The text with each of these placeholders replaced. In pieces rather than one after the other: a local part may contain
/// "%EMAILDOMAIN%".
pub(crate) fn filled(text: &str, names: &[&'static str], replace: impl Fn(&'static str) -> String) -> String {
    let piece = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Placeholder(name) => replace(name),
    };
    pieces(text, names).into_iter().map(piece).collect()
}

/// The value of a placeholder for a person who logs in as `login`.
pub(crate) fn value<'a>(name: &str, address: &'a EmailAddress, login: &'a str) -> &'a str {
    match name {
        ADDRESS => address.as_str(),
        LOCAL_PART => address.local_part(),
        DOMAIN => address.domain().as_str(),
        _ => login,
    }
}

/// Refuses a text that cannot be a template with these placeholders.
fn check(text: &str, known: &'static [&'static str]) -> Result<(), LoginTemplateError> {
    check_text(text).map_err(LoginTemplateError::Text)?;
    pieces(text, known).into_iter().try_for_each(|piece| match piece {
        Piece::Text(text) => without_placeholder(text, known),
        Piece::Placeholder(_) => Ok(()),
    })
}

/// Refuses `%WORD` in capitals, which is a misspelt placeholder: the provider database holds two of these.
fn without_placeholder(text: &str, known: &'static [&'static str]) -> Result<(), LoginTemplateError> {
    let Some((_, after)) = text.split_once('%') else { return Ok(()) };
    let word: String = after.chars().take_while(|c| c.is_ascii_uppercase() || *c == '%').collect();
    if word.is_empty() {
        return without_placeholder(after, known);
    }
    Err(LoginTemplateError::Placeholder { found: format!("%{word}"), known })
}

/// Several placeholders in a sentence.
fn listed(names: &[&str]) -> String {
    match names {
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
        [] => String::new(),
    }
}

/// The placeholders that an address fills.
const OF_THE_ADDRESS: &[&str] = &[ADDRESS, LOCAL_PART, DOMAIN];
/// The placeholders that an address and a login name fill.
pub(crate) const OF_A_PERSON: &[&str] = &[ADDRESS, LOCAL_PART, DOMAIN, USERNAME];
const ADDRESS: &str = "%EMAILADDRESS%";
const LOCAL_PART: &str = "%EMAILLOCALPART%";
const DOMAIN: &str = "%EMAILDOMAIN%";
const USERNAME: &str = "%USERNAME%";

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
        assert_eq!(error, LoginTemplateError::Placeholder { found: "%EMAILADDRESS".to_owned(), known: OF_THE_ADDRESS });
        assert_eq!(
            error.to_string(),
            "\"%EMAILADDRESS\" is not one of %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%"
        );
        LoginTemplate::try_from("%EMAILDOMAIN%%REALNAME%").expect_err("a refusal");
        LoginTemplate::try_from("%USERNAME%").expect_err("a login name is not made of itself");
        let error = PersonTemplate::try_from("%USER%").expect_err("a refusal");
        let message = "\"%USER%\" is not one of %EMAILADDRESS%, %EMAILLOCALPART%, %EMAILDOMAIN% and %USERNAME%";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_login_name_that_is_known_already_is_taken_as_it_is() {
        let address = EmailAddress::try_from("jane@example.org").expect("an address");
        let login = Login::try_from("%EMAILDOMAIN%").expect("a login");
        let template = PersonTemplate::try_from("DAV\\%USERNAME%.%EMAILLOCALPART%").expect("a template");
        assert_eq!(template.expand(&address, &login).as_str(), "DAV\\%EMAILDOMAIN%.jane");
        let everybody = LoginTemplate::try_from("u-%EMAILLOCALPART%").expect("a template");
        assert_eq!(template.of_everybody(&everybody).as_str(), "DAV\\u-%EMAILLOCALPART%.%EMAILLOCALPART%");
    }
}
