//! What an organization asks of Apple's Mail in addition to the servers. Only Apple's formats can express it. Each key
//! is Apple's own, and `None` keeps the device's default, which is false for every switch.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU16;

use thiserror::Error;
use time::Date;

use crate::TextError;
use crate::text::check_text;

/// Switches and terms of the profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Apple {
    /// Messages stay in this account, and answers leave by it. Not on macOS.
    pub prevent_move: Option<bool>,
    /// No other app sends through this account. Not on macOS.
    pub prevent_app_sheet: Option<bool>,
    /// Large attachments may go by Apple's Mail Drop.
    pub mail_drop: Option<bool>,
    /// Addresses that were written to are kept in step between the person's devices.
    pub recents_syncing: Option<bool>,
    /// The per-app VPN that the account uses. Not on macOS.
    pub vpn: Option<VpnUuid>,
    /// What the person must agree to before the installation.
    pub consent: BTreeMap<Language, ConsentText>,
    /// The day from which the profile is no longer valid, and the device offers to update it.
    pub expiration_date: Option<ProfileDate>,
    /// The day on which the device removes the profile.
    pub removal_date: Option<ProfileDate>,
    /// How long after its installation the device removes it.
    pub remove_after_days: Option<NonZeroU16>,
    /// The person cannot remove it. On supervised devices only; not on visionOS.
    pub removal_disallowed: Option<bool>,
}

/// The identifier of a VPN: a UUID in its usual form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpnUuid(String);

impl VpnUuid {
    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for VpnUuid {
    type Error = AppleError;

    fn try_from(text: &str) -> Result<Self, AppleError> {
        let groups = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        match groups && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
            true => Ok(Self(text.to_owned())),
            false => Err(AppleError::Uuid),
        }
    }
}

/// A language by its BCP 47 tag (RFC 5646 §2.1), or `default` for everybody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Language(String);

impl Language {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Language {
    type Error = AppleError;

    fn try_from(text: &str) -> Result<Self, AppleError> {
        let mut parts = text.split('-');
        let first = parts.next().unwrap_or("");
        let is_language = (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        let rest = parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric()));
        match is_language && rest {
            true => Ok(Self(text.to_owned())),
            false => Err(AppleError::Language),
        }
    }
}

/// A text to agree to: paragraphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText(String);

impl ConsentText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for ConsentText {
    type Error = AppleError;

    fn try_from(text: &str) -> Result<Self, AppleError> {
        check_text(text.trim()).or_else(|error| match error {
            TextError::ControlCharacter(0x0a) => {
                text.split('\n').filter(|line| !line.is_empty()).try_for_each(check_text).map_err(AppleError::Text)
            }
            TextError::ControlCharacter(_) | TextError::Empty => Err(AppleError::Text(error)),
        })?;
        Ok(Self(text.trim().to_owned()))
    }
}

/// A day, written `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileDate(Date);

impl ProfileDate {
    /// The day.
    #[must_use]
    pub fn date(&self) -> Date {
        self.0
    }
}

impl From<Date> for ProfileDate {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl TryFrom<&str> for ProfileDate {
    type Error = AppleError;

    fn try_from(text: &str) -> Result<Self, AppleError> {
        let format = time::macros::format_description!("[year]-[month]-[day]");
        Date::parse(text, format).map(Self).map_err(AppleError::Date)
    }
}

impl fmt::Display for ProfileDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

/// Why a text is none of the above.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AppleError {
    /// No UUID.
    #[error("not a UUID, such as 5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001")]
    Uuid,
    /// No language.
    #[error("neither a language tag, such as de or pt-BR, nor default")]
    Language,
    /// No text.
    #[error(transparent)]
    Text(TextError),
    /// No day of the calendar.
    #[error("not a date, such as 2027-01-31")]
    Date(#[source] time::error::Parse),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert_eq!(ProfileDate::try_from("2028-02-29").expect("a leap day").to_string(), "2028-02-29");
        for text in ["2027-02-29", "2027-1-31", "31.1.2027", ""] {
            let error = ProfileDate::try_from(text).expect_err("a refusal");
            assert_eq!(error.to_string(), "not a date, such as 2027-01-31", "{text}");
        }
    }

    #[test]
    fn languages_are_tags() {
        for text in ["de", "pt-BR", "zh-Hant-TW", "default"] {
            assert_eq!(Language::try_from(text).expect("a tag").as_str(), text);
        }
        for text in ["", "d", "de_DE", "de-", "german language"] {
            assert_eq!(Language::try_from(text), Err(AppleError::Language), "{text}");
        }
        assert_eq!(AppleError::Language.to_string(), "neither a language tag, such as de or pt-BR, nor default");
    }

    #[test]
    fn a_text_to_agree_to_has_paragraphs_and_no_other_controls() {
        assert_eq!(ConsentText::try_from("One.\n\nTwo <&>.\n").expect("a text").as_str(), "One.\n\nTwo <&>.");
        for (text, message) in [(" \n", "the text is empty"), ("a\nb\u{1}", "control character U+0001 in the text")] {
            assert_eq!(ConsentText::try_from(text).expect_err("a refusal").to_string(), message);
        }
    }

    #[test]
    fn a_vpn_is_named_by_a_uuid() {
        let text = "5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001";
        assert_eq!(VpnUuid::try_from(text).expect("a UUID").as_str(), text);
        for text in ["5B1B5E0A6C0D4F3E9C4B0A55D5B7A001", "5B1B5E0G-6C0D-4F3E-9C4B-0A55D5B7A001", ""] {
            let error = VpnUuid::try_from(text).expect_err("a refusal");
            assert_eq!(error.to_string(), "not a UUID, such as 5B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001", "{text}");
        }
    }
}
