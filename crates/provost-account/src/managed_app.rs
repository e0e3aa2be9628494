//! The configuration that a device management system gives to an Android app, if the settings list its keys. What the
//! keys mean is up to the app.

use thiserror::Error;

use crate::LoginTemplate;

/// An app and the values of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedApp {
    /// The app.
    pub package: PackageName,
    /// The keys in their order, each once.
    pub keys: Vec<(String, ManagedValue)>,
}

/// A value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagedValue {
    /// `bool`.
    Flag(bool),
    /// `integer`, within what Android's `int` holds.
    Number(i32),
    /// `string`, with the placeholders of login names.
    Text(LoginTemplate),
}

/// The name of an Android app: `com.example.mail`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageName(String);

impl PackageName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for PackageName {
    type Error = PackageNameError;

    /// Two segments or more of letters, digits and underscores, each of which begins with a letter
    /// (<https://developer.android.com/build/configure-app-module#set-application-id>).
    fn try_from(text: &str) -> Result<Self, PackageNameError> {
        let is_segment = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_alphabetic())
                && segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match text.split('.').count() >= 2 && text.split('.').all(is_segment) && text.len() <= OCTETS_MAX {
            true => Ok(Self(text.to_owned())),
            false => Err(PackageNameError),
        }
    }
}

/// Why a text is no name of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an app's name has at least two words separated by dots, such as \"com.example.mail\"")]
pub struct PackageNameError;

const OCTETS_MAX: usize = 150;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_apps_are_told_from_other_texts() {
        for name in ["com.google.android.gm", "com.ninefolders.hd3", "a.b_1"] {
            PackageName::try_from(name).expect(name);
        }
        for other in ["", "gmail", "com..gm", "com.1gm", "com.gm/x", "../a.b", "com.gm "] {
            let error = PackageName::try_from(other).expect_err(other);
            let expected = "an app's name has at least two words separated by dots, such as \"com.example.mail\"";
            assert_eq!(error.to_string(), expected);
        }
    }
}
