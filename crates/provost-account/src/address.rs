//! E-mail addresses: a mailbox of RFC 5321 §4.1.2, with a local part that may be UTF-8 (RFC 6531 §3.3). Not header
//! syntax: no display names, comments or routes.

use std::fmt;
use std::net::Ipv4Addr;

use thiserror::Error;

use crate::{DomainName, HostError};

/// An e-mail address.
///
/// ```abnf
/// Mailbox    = Local-part "@" Domain              ; RFC 5321 §4.1.2, without address literals
/// Local-part = Dot-string / Quoted-string
/// atext      =/ UTF8-non-ascii                    ; RFC 6531 §3.3
/// ```
///
/// The local part keeps its letter case; the domain is kept as A-labels in lower case. Two addresses are equal when they
/// differ in nothing; [`EmailAddress::key`] is what decides whether two rows name the same person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmailAddress {
    text: Box<str>,
    /// A local part has 64 octets at most.
    at: u8,
    domain: DomainName,
}

impl EmailAddress {
    /// The part before the `@`, quotes included if it is a quoted string.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.text[..usize::from(self.at)]
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The address with this local part in a domain, if the local part is a plain one: an ASCII dot-string. `None` says only
    /// that it has to be read with care. For lists of millions: nothing is parsed, and the domain's text is shared.
    #[must_use]
    pub fn plain(local: &str, domain: &DomainName) -> Option<Self> {
        let is_atext = |octet: u8| octet.is_ascii_alphanumeric() || ATEXT_MARKS.as_bytes().contains(&octet);
        let mut before = b'.';
        for octet in local.bytes() {
            if !is_atext(octet) && (octet != b'.' || before == b'.') {
                return None;
            }
            before = octet;
        }
        let at = u8::try_from(local.len()).ok().filter(|at| usize::from(*at) <= LOCAL_PART_OCTETS_MAX)?;
        let length = local.len() + 1 + domain.as_str().len();
        if before == b'.' || length > ADDRESS_OCTETS_MAX {
            return None;
        }
        let mut text = String::with_capacity(length);
        text.push_str(local);
        text.push('@');
        text.push_str(domain.as_str());
        Some(Self { text: text.into(), at, domain: domain.clone() })
    }

    /// An address at an IPv4 address instead of a domain, as some programs take it: `jane@[192.0.2.1]`. Settings never have
    /// one: nobody delivers mail of an organization there.
    ///
    /// ```abnf
    /// Mailbox              = Local-part "@" address-literal    ; RFC 5321 §4.1.2
    /// address-literal      = "[" IPv4-address-literal "]"      ; RFC 5321 §4.1.3, without IPv6 and General
    /// ```
    ///
    /// The domain is the address without brackets.
    ///
    /// # Errors
    ///
    /// What is wrong with either part.
    pub fn at_literal(text: &str) -> Result<Self, AddressError> {
        let literal = text.strip_suffix(']').and_then(|text| text.rsplit_once("@["));
        let Some((local, literal)) = literal else { return Self::try_from(text) };
        if literal.parse::<Ipv4Addr>().is_err() {
            return Err(AddressError::Literal(literal.to_owned()));
        }
        let plain = Self::try_from(format!("{local}@{literal}").as_str())?;
        Ok(Self { text: format!("{local}@[{literal}]").into(), ..plain })
    }

    /// Shares the text of the domain with an equal name: a million people may be in one domain.
    pub fn share_domain(&mut self, domain: &DomainName) {
        if self.domain == *domain {
            self.domain = domain.clone();
        }
    }

    /// The whole address, its domain as A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same text for every address that differs only in letter case: identifiers, file names and the search for
    /// duplicates rest on it.
    #[must_use]
    pub fn key(&self) -> String {
        self.text.to_lowercase()
    }

    /// Whether the address has the plain form that every client accepts: an ASCII dot-string before the `@`.
    #[must_use]
    pub fn is_ascii_dot_string(&self) -> bool {
        self.local_part().is_ascii() && !self.local_part().starts_with('"')
    }
}

impl TryFrom<&str> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: &str) -> Result<Self, AddressError> {
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(AddressError::ControlCharacter(character.into()));
        }
        if local.is_empty() {
            return Err(AddressError::EmptyLocalPart);
        }
        if local.len() > LOCAL_PART_OCTETS_MAX {
            return Err(AddressError::LocalPartTooLong(local.len()));
        }
        match local.strip_prefix('"') {
            Some(rest) => quoted_string(rest)?,
            None => dot_string(local)?,
        }
        let domain = DomainName::try_from(domain).map_err(AddressError::Domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > ADDRESS_OCTETS_MAX {
            return Err(AddressError::TooLong(text.len()));
        }
        let at = u8::try_from(local.len()).expect("a local part of more than 64 octets was refused above");
        Ok(Self { at, text: text.into(), domain })
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a value is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is no `@`.
    #[error("no \"@\" in the address")]
    NoAt,
    /// Nothing stands before the `@`.
    #[error("nothing before the \"@\"")]
    EmptyLocalPart,
    /// A control character, which no address has.
    #[error("control character U+{0:04X} in the address")]
    ControlCharacter(u32),
    /// A character that needs quotes, or may not appear at all.
    #[error("{0:?} before the \"@\" is allowed only inside quotes")]
    Character(char),
    /// A dot at the start or the end of the local part, or two in a row.
    #[error("a dot before the \"@\" must be between two other characters")]
    MisplacedDot,
    /// A quoted local part without its closing quote, or with more after it.
    #[error("the quoted part before the \"@\" is not closed right before the \"@\"")]
    Quote,
    /// RFC 5321 §4.5.3.1.1: 64 octets.
    #[error("{0} bytes before the \"@\"; at most 64 are allowed (RFC 5321 section 4.5.3.1.1)")]
    LocalPartTooLong(usize),
    /// RFC 5321 §4.5.3.1.3: a path of 256 octets, of which two are the angle brackets.
    #[error("{0} bytes in the address; at most 254 are allowed (RFC 5321 section 4.5.3.1.3)")]
    TooLong(usize),
    /// Brackets after the `@` without an IPv4 address in them.
    #[error("{0:?} in brackets after the \"@\" is not an IPv4 address")]
    Literal(String),
    /// What follows the `@` is no domain.
    #[error("no domain after the \"@\"")]
    Domain(#[source] HostError),
}

fn dot_string(local: &str) -> Result<(), AddressError> {
    if local.split('.').any(str::is_empty) {
        return Err(AddressError::MisplacedDot);
    }
    let atext = |c: char| !c.is_ascii() && !c.is_whitespace() || c.is_ascii_alphanumeric() || ATEXT_MARKS.contains(c);
    match local.chars().find(|&c| c != '.' && !atext(c)) {
        Some(found) => Err(AddressError::Character(found)),
        None => Ok(()),
    }
}

fn quoted_string(after_quote: &str) -> Result<(), AddressError> {
    let mut characters = after_quote.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next().ok_or(AddressError::Quote)?;
            }
            '"' if characters.as_str().is_empty() => return Ok(()),
            '"' => return Err(AddressError::Quote),
            _ => {}
        }
    }
    Err(AddressError::Quote)
}

const LOCAL_PART_OCTETS_MAX: usize = 64;
const ADDRESS_OCTETS_MAX: usize = 254;
/// The marks of `atext`, RFC 5322 §3.2.3.
const ATEXT_MARKS: &str = "!#$%&'*+-/=?^_`{|}~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_literal_is_read_only_where_it_is_asked_for() {
        let address = EmailAddress::at_literal("jane@[192.0.2.1]").expect("an address");
        assert_eq!(address.as_str(), "jane@[192.0.2.1]");
        assert_eq!((address.local_part(), address.domain().as_str()), ("jane", "192.0.2.1"));
        assert_eq!(EmailAddress::at_literal("jane@example.org"), EmailAddress::try_from("jane@example.org"));
        assert!(EmailAddress::try_from("jane@[192.0.2.1]").is_err());
        let error = EmailAddress::at_literal("jane@[192.0.2]").expect_err("a refusal");
        assert_eq!(error, AddressError::Literal("192.0.2".to_owned()));
        assert_eq!(error.to_string(), "\"192.0.2\" in brackets after the \"@\" is not an IPv4 address");
    }

    #[track_caller]
    fn refused(text: &str, expected: &AddressError, message: &str) {
        let error = EmailAddress::try_from(text).expect_err("a refusal");
        assert_eq!(&error, expected);
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused("jane", &AddressError::NoAt, "no \"@\" in the address");
        refused("@example.org", &AddressError::EmptyLocalPart, "nothing before the \"@\"");
        refused("a\u{7}b@example.org", &AddressError::ControlCharacter(7), "control character U+0007 in the address");
        refused("a b@example.org", &AddressError::Character(' '), "' ' before the \"@\" is allowed only inside quotes");
        refused(
            "../../etc/passwd@example.org",
            &AddressError::MisplacedDot,
            "a dot before the \"@\" must be between two other characters",
        );
        refused(
            "\"a\"b\"@example.org",
            &AddressError::Quote,
            "the quoted part before the \"@\" is not closed right before the \"@\"",
        );
        let long = format!("{}@example.org", "a".repeat(65));
        refused(
            &long,
            &AddressError::LocalPartTooLong(65),
            "65 bytes before the \"@\"; at most 64 are allowed (RFC 5321 section 4.5.3.1.1)",
        );
        let long = format!("{}@{}.example.org", "a".repeat(10), vec!["b".repeat(58); 4].join("."));
        refused(
            &long,
            &AddressError::TooLong(258),
            "258 bytes in the address; at most 254 are allowed (RFC 5321 section 4.5.3.1.3)",
        );
        refused("jane@", &AddressError::Domain(HostError::Empty), "no domain after the \"@\"");
    }

    #[test]
    fn addresses_of_rfc_5321_and_6531_are_taken() {
        for text in [
            "jane.doe+tag@example.org",
            "o'brien@example.org",
            "\"jane doe\"@example.org",
            "\"a@b\"@example.org",
            "müller@example.org",
            "用户@example.org",
            "customer/department=shipping@example.org",
        ] {
            assert_eq!(EmailAddress::try_from(text).expect("an address").as_str(), text);
        }
    }

    #[test]
    fn a_plain_address_is_what_reading_with_care_gives() {
        let domain = DomainName::try_from("example.org").expect("a domain");
        for (local, is_plain) in [
            ("jane.doe+tag", true),
            ("O'Brien", true),
            ("", false),
            (".a", false),
            ("a.", false),
            ("a..b", false),
            ("a b", false),
            ("a@b", false),
            ("\"a\"", false),
            ("müller", false),
            ("a\u{7f}", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            let expected = EmailAddress::try_from(format!("{local}@example.org").as_str()).ok();
            assert_eq!(EmailAddress::plain(local, &domain), expected.filter(|_| is_plain), "{local}");
        }
    }

    #[test]
    fn the_domain_is_kept_as_lower_case_a_labels() {
        let address = EmailAddress::try_from("Jane@BÜCHER.example").expect("an address");
        assert_eq!(address.as_str(), "Jane@xn--bcher-kva.example");
        assert_eq!(address.local_part(), "Jane");
        assert_eq!(address.key(), "jane@xn--bcher-kva.example");
    }

    #[test]
    fn only_an_unquoted_ascii_local_part_is_a_plain_one() {
        let plain = |text: &str| EmailAddress::try_from(text).expect("an address").is_ascii_dot_string();
        assert!(plain("jane.doe@example.org"));
        assert!(!plain("\"jane\"@example.org"));
        assert!(!plain("jané@example.org"));
    }
}
