//! Host and domain names, stored as lower-case A-labels, and IP addresses. No resolver, no public suffix list.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU16;
use std::sync::Arc;

use thiserror::Error;

/// A host: a name or an IP address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A DNS name.
    Name(DomainName),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

impl Host {
    /// The host as it stands before a port and in a URL: an IPv6 address in brackets (RFC 3986 §3.2.2).
    #[must_use]
    pub fn bracketed(&self) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Self::Address(IpAddr::V4(_)) | Self::Name(_) => self.to_string(),
        }
    }

    /// Whether it is the machine itself: `localhost`, a name below it (RFC 6761 §6.3), or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => name.as_str() == "localhost" || name.as_str().ends_with(".localhost"),
        }
    }

    /// `host:port`, an IPv6 address in brackets.
    #[must_use]
    pub fn authority(&self, port: NonZeroU16) -> String {
        format!("{}:{port}", self.bracketed())
    }
}

impl TryFrom<&str> for Host {
    type Error = HostError;

    /// Takes `imap.example.org`, `bücher.example`, `192.0.2.1`, `2001:db8::1` and `[2001:db8::1]`.
    fn try_from(text: &str) -> Result<Self, HostError> {
        if let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return match inside.parse::<Ipv6Addr>() {
                Ok(address) => Ok(Self::Address(address.into())),
                Err(_) => Err(HostError::Ipv6(inside.to_owned())),
            };
        }
        if text.contains(':') && !text.contains('/') {
            return match (text.parse::<Ipv6Addr>(), text.rsplit_once(':')) {
                (Ok(address), _) => Ok(Self::Address(address.into())),
                (Err(_), Some((host, port))) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
                    Err(HostError::Port)
                }
                (Err(_), _) => Err(HostError::Ipv6(text.to_owned())),
            };
        }
        match text.parse::<IpAddr>() {
            Ok(address) => Ok(Self::Address(address)),
            Err(_) => DomainName::try_from(text).map(Self::Name),
        }
    }
}

impl fmt::Display for Host {
    /// IPv6 without brackets, as settings screens take it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// A DNS name of letters, digits and hyphens, in A-labels and lower case, without a final dot. Clones share the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainName(Arc<str>);

impl DomainName {
    /// The name, as A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for DomainName {
    type Error = HostError;

    /// Takes U-labels and A-labels; U-labels are converted by UTS #46 with the checks that URLs use.
    fn try_from(text: &str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        // The idna crate passes ASCII that is no host name ("a_b", "a b") through; the loop below refuses it.
        let Ok(ascii) = idna::domain_to_ascii(text) else {
            return Err(HostError::Idna(text.to_owned()));
        };
        let name = ascii.strip_suffix('.').unwrap_or(&ascii);
        if name.len() > NAME_OCTETS_MAX {
            return Err(HostError::TooLong(name.len()));
        }
        for label in name.split('.') {
            if label.is_empty() {
                return Err(HostError::EmptyLabel);
            }
            if label.len() > LABEL_OCTETS_MAX {
                return Err(HostError::LabelTooLong(label.len()));
            }
            if let Some(found) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
                return Err(HostError::Character(found));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(HostError::Hyphen(label.to_owned()));
            }
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no host or domain name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// Nothing is there.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or a dot first.
    #[error("an empty label: two dots in a row, or a dot at the start")]
    EmptyLabel,
    /// A character that host names do not have.
    #[error("{0:?} in a host name, which may contain only letters, digits, hyphens and dots")]
    Character(char),
    /// A hyphen at an end of a label, RFC 1123 §2.1.
    #[error("the label {0:?} starts or ends with a hyphen")]
    Hyphen(String),
    /// RFC 1035 §2.3.4: 63 octets.
    #[error("a label of {0} bytes; at most 63 are allowed (RFC 1035 section 2.3.4)")]
    LabelTooLong(usize),
    /// RFC 1035 §2.3.4: 255 octets on the wire, 253 as text.
    #[error("a name of {0} bytes; at most 253 are allowed (RFC 1035 section 2.3.4)")]
    TooLong(usize),
    /// A non-ASCII name that IDNA does not allow.
    #[error("{0:?} is not a valid internationalized name")]
    Idna(String),
    /// Colons or brackets, but no IPv6 address.
    #[error("{0:?} is not an IPv6 address")]
    Ipv6(String),
    /// `host:port` where only a host belongs.
    #[error("a port after the host; it has its own key")]
    Port,
}

const LABEL_OCTETS_MAX: usize = 63;
const NAME_OCTETS_MAX: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Host::try_from(text).expect("a host").to_string(), expected);
    }

    #[track_caller]
    fn refused(text: &str, expected: &HostError, message: &str) {
        let error = Host::try_from(text).expect_err("a refusal");
        assert_eq!(&error, expected);
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn names_and_addresses_are_normalized() {
        check("IMAP.Example.ORG.", "imap.example.org");
        // RFC 3492 encoding of the standard's favourite bookshop.
        check("bücher.example", "xn--bcher-kva.example");
        check("192.0.2.1", "192.0.2.1");
        check("[2001:DB8::1]", "2001:db8::1");
        check("2001:db8:0:0::1", "2001:db8::1");
    }

    #[test]
    fn an_ipv6_address_before_a_port_has_brackets() {
        for (host, expected) in [
            ("imap.example.org", "imap.example.org:993"),
            ("192.0.2.1", "192.0.2.1:993"),
            ("2001:db8::1", "[2001:db8::1]:993"),
        ] {
            let port = NonZeroU16::new(993).expect("a port");
            assert_eq!(Host::try_from(host).expect("a host").authority(port), expected);
        }
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused("", &HostError::Empty, "the name is empty");
        refused("a..b", &HostError::EmptyLabel, "an empty label: two dots in a row, or a dot at the start");
        refused(
            "a_b.example",
            &HostError::Character('_'),
            "'_' in a host name, which may contain only letters, digits, hyphens and dots",
        );
        refused("-a.example", &HostError::Hyphen("-a".to_owned()), "the label \"-a\" starts or ends with a hyphen");
        refused(
            &format!("{}.example", "a".repeat(64)),
            &HostError::LabelTooLong(64),
            "a label of 64 bytes; at most 63 are allowed (RFC 1035 section 2.3.4)",
        );
        refused(
            &vec!["a".repeat(63); 4].join("."),
            &HostError::TooLong(255),
            "a name of 255 bytes; at most 253 are allowed (RFC 1035 section 2.3.4)",
        );
        refused("[2001:db8::g]", &HostError::Ipv6("2001:db8::g".to_owned()), "\"2001:db8::g\" is not an IPv6 address");
        refused("imap.example.org:993", &HostError::Port, "a port after the host; it has its own key");
        refused(
            "xn--a.example",
            &HostError::Idna("xn--a.example".to_owned()),
            "\"xn--a.example\" is not a valid internationalized name",
        );
    }
}
