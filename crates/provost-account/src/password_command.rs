//! The command that prints a person's password, from a template with placeholders. It does not run it: clients do, through
//! the POSIX shell.

use thiserror::Error;

use crate::login::{OF_A_PERSON, filled, value};
use crate::text::check_text;
use crate::{EmailAddress, Login, TextError};

/// A command for the POSIX shell with the placeholders `%EMAILADDRESS%`, `%EMAILLOCALPART%`, `%EMAILDOMAIN%` and
/// `%USERNAME%` (the login name), each outside of quotation marks: what takes their place is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordCommand(String);

impl PasswordCommand {
    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The command for one person: every value in single quotation marks, in which the shell expands nothing
    /// (POSIX.1-2024, Shell Command Language, section 2.2.2).
    #[must_use]
    pub fn expand(&self, address: &EmailAddress, login: Option<&Login>) -> String {
        let login = login.map_or(address.as_str(), Login::as_str);
        filled(&self.0, OF_A_PERSON, |name| quoted(value(name, address, login)))
    }
}

impl TryFrom<&str> for PasswordCommand {
    type Error = PasswordCommandError;

    fn try_from(text: &str) -> Result<Self, PasswordCommandError> {
        check_text(text).map_err(PasswordCommandError::Text)?;
        let mut quote = None;
        let mut rest = text;
        let placeholder = |rest: &str| OF_A_PERSON.iter().copied().find(|name| rest.starts_with(name));
        while let Some(character) = rest.chars().next() {
            if let Some(found) = placeholder(rest) {
                if quote.is_some() {
                    return Err(PasswordCommandError::Quoted(found));
                }
                rest = &rest[found.len()..];
                continue;
            }
            match (character, quote) {
                ('\\', None | Some('"')) => {
                    rest = rest.get(1..).expect("a backslash has one octet");
                    // An escaped placeholder would lose the backslash's character, not its own first one.
                    if placeholder(rest).is_some() {
                        return Err(PasswordCommandError::Escaped);
                    }
                    let Some(escaped) = rest.chars().next() else { return Err(PasswordCommandError::Unfinished) };
                    rest = &rest[escaped.len_utf8()..];
                    continue;
                }
                ('\'' | '"', None) => quote = Some(character),
                (_, Some(open)) if open == character => quote = None,
                (_, None | Some(_)) => {}
            }
            rest = &rest[character.len_utf8()..];
        }
        match quote {
            Some(_) => Err(PasswordCommandError::Unfinished),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// Why a text is no template of a password command.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordCommandError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// A placeholder inside quotation marks: the value brings its own.
    #[error("{0} inside quotation marks; what takes its place is quoted already")]
    Quoted(&'static str),
    /// A placeholder behind a backslash.
    #[error("a backslash before a placeholder; its value is quoted already")]
    Escaped,
    /// A quotation mark that is never closed, or a backslash at the end.
    #[error("the command is incomplete for the shell: an unclosed quotation mark, or a final backslash")]
    Unfinished,
}

/// The text as one word of the POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, address: &str, expected: &str) {
        let address = EmailAddress::try_from(address).expect("an address");
        let command = PasswordCommand::try_from(template).expect("a template");
        assert_eq!(command.expand(&address, None), expected);
    }

    #[test]
    fn values_come_in_single_quotation_marks() {
        check("pass show mail/%EMAILADDRESS%", "jane@example.org", "pass show mail/'jane@example.org'");
        check("get %EMAILLOCALPART% \"at %%\"", "o'brien@example.org", "get 'o'\\''brien' \"at %%\"");
        check("get %USERNAME%", "`id`$HOME@example.org", "get '`id`$HOME@example.org'");
        check("get %EMAILADDRESS%", "%EMAILDOMAIN%@example.org", "get '%EMAILDOMAIN%@example.org'");
    }

    #[track_caller]
    fn refused(template: &str, expected: &PasswordCommandError, message: &str) {
        let error = PasswordCommand::try_from(template).expect_err("a refusal");
        assert_eq!(&error, expected);
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused(
            "pass \"mail/%EMAILADDRESS%\"",
            &PasswordCommandError::Quoted("%EMAILADDRESS%"),
            "%EMAILADDRESS% inside quotation marks; what takes its place is quoted already",
        );
        refused(
            r"pass \%USERNAME%",
            &PasswordCommandError::Escaped,
            "a backslash before a placeholder; its value is quoted already",
        );
        let unfinished = "the command is incomplete for the shell: an unclosed quotation mark, or a final backslash";
        refused("pass 'a", &PasswordCommandError::Unfinished, unfinished);
        refused("pass a\\", &PasswordCommandError::Unfinished, unfinished);
        refused(
            "pass a\nb",
            &PasswordCommandError::Text(TextError::ControlCharacter(10)),
            "control character U+000A in the text",
        );
    }

    #[test]
    fn a_quotation_mark_behind_a_backslash_opens_nothing() {
        check(r"get \' %USERNAME%", "a@example.org", r"get \' 'a@example.org'");
        check("get '\\' %USERNAME%", "a@example.org", "get '\\' 'a@example.org'");
    }
}
