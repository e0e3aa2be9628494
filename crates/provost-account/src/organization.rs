//! The organization that provides the accounts: a name for people, and an identifier for device profiles.

use std::fmt;

use thiserror::Error;

use crate::{DisplayName, DomainName};

/// The organization that the accounts belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Reverse-DNS, the prefix of every profile identifier.
    pub id: OrganizationId,
    /// The name that people read.
    pub name: DisplayName,
}

/// A reverse-DNS identifier: `net.centurylink`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrganizationId(String);

impl OrganizationId {
    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifier that is made of a domain, its labels in reverse. `None`: the domain has only one label.
    #[must_use]
    pub fn reversed(domain: &DomainName) -> Option<Self> {
        let labels: Vec<&str> = domain.as_str().rsplit('.').collect();
        Self::try_from(labels.join(".").as_str()).ok()
    }
}

impl TryFrom<&str> for OrganizationId {
    type Error = OrganizationIdError;

    fn try_from(text: &str) -> Result<Self, OrganizationIdError> {
        if let Some(found) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-')) {
            return Err(OrganizationIdError::Character(found));
        }
        if text.split('.').count() < 2 || text.split('.').any(str::is_empty) {
            return Err(OrganizationIdError::Labels);
        }
        if text.len() > ID_OCTETS_MAX {
            return Err(OrganizationIdError::TooLong(text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no reverse-DNS identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OrganizationIdError {
    /// A character that such identifiers do not have.
    #[error("{0:?} in a reverse-DNS identifier, which may contain only letters, digits, hyphens and dots")]
    Character(char),
    /// Fewer than two labels, or an empty one.
    #[error("a reverse-DNS identifier has at least two labels, such as \"org.example\"")]
    Labels,
    /// Longer than a domain name can be.
    #[error("an identifier of {0} bytes; at most 253 are allowed")]
    TooLong(usize),
}

const ID_OCTETS_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &OrganizationIdError, message: &str) {
        let error = OrganizationId::try_from(text).expect_err("a refusal");
        assert_eq!(&error, expected);
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused(
            "net.century link",
            &OrganizationIdError::Character(' '),
            "' ' in a reverse-DNS identifier, which may contain only letters, digits, hyphens and dots",
        );
        refused(
            "centurylink",
            &OrganizationIdError::Labels,
            "a reverse-DNS identifier has at least two labels, such as \"org.example\"",
        );
        refused(
            &"a.".repeat(127).replace("a.a", "ab.a"),
            &OrganizationIdError::Labels,
            "a reverse-DNS identifier has at least two labels, such as \"org.example\"",
        );
        refused(
            &format!("org.{}", "a".repeat(250)),
            &OrganizationIdError::TooLong(254),
            "an identifier of 254 bytes; at most 253 are allowed",
        );
    }
}
