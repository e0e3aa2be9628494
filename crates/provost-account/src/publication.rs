//! How an organization publishes its settings: the web host that serves them, and the TTL of the DNS records. It
//! publishes nothing.

use thiserror::Error;

use crate::DomainName;

/// How settings are published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Publication {
    /// The host that serves autoconfig, Autodiscover and the PACC document for every domain.
    pub web_host: Option<DomainName>,
    /// How long a DNS answer may be kept. `None`: the zone's own default applies.
    pub dns_ttl: Option<Ttl>,
}

/// How long a DNS answer may be kept, in seconds: 1 to 2147483647.
///
/// RFC 2181 §8 also allows 0, for answers that must not be kept; resolvers treat it differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(u32);

impl Ttl {
    /// The number of seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl TryFrom<i128> for Ttl {
    type Error = TtlError;

    fn try_from(found: i128) -> Result<Self, TtlError> {
        match u32::try_from(found) {
            Ok(seconds @ 1..=SECONDS_MAX) => Ok(Self(seconds)),
            Ok(_) | Err(_) => Err(TtlError { found }),
        }
    }
}

/// Why a number is no TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{found} seconds; 1 to {SECONDS_MAX} are allowed (RFC 2181 section 8)")]
pub struct TtlError {
    /// The number.
    pub found: i128,
}

const SECONDS_MAX: u32 = i32::MAX.cast_unsigned();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_has_31_bits_and_is_not_zero() {
        assert_eq!(Ttl::try_from(3600).expect("a TTL").seconds(), 3600);
        assert_eq!(Ttl::try_from(2_147_483_647).expect("a TTL").seconds(), 2_147_483_647);
        for found in [0, -1, 2_147_483_648] {
            assert_eq!(Ttl::try_from(found), Err(TtlError { found }));
        }
        let message = TtlError { found: 0 }.to_string();
        assert_eq!(message, "0 seconds; 1 to 2147483647 are allowed (RFC 2181 section 8)");
    }
}
