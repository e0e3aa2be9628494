//! What limits does the server announce, and do they leave an account that can be used? IMAP's APPENDLIMIT (RFC 7889), SMTP's
//! SIZE (RFC 1870), POP3's EXPIRE and LOGIN-DELAY (RFC 2449).

use std::time::Duration;

use super::submit;
use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::facts::Limit;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let offers = clients::offers(attempt).await?;
    let limits: Vec<Limit> = offers.iter().filter_map(|offer| limit(offer)).collect();
    let smallest = submit::message(attempt).len();
    for limit in &limits {
        match limit {
            Limit::MessageOctets(octets) if *octets < u64::try_from(smallest).unwrap_or(u64::MAX) => {
                return Err(Stop::Judged(Cause::SizeLimited { limit: *octets, octets: smallest }));
            }
            // RFC 2449 §6.7: "the server MAY assume an implicit DELE for each message which was downloaded with RETR".
            Limit::KeptDays(0) => return Err(Stop::Judged(Cause::MailNotKept)),
            Limit::MessageOctets(_) | Limit::KeptDays(_) | Limit::KeptForEver | Limit::LoginDelay(_) => {}
        }
    }
    if limits.is_empty() { Err(Reason::NoLimitAnnounced.into()) } else { Ok(Evidence::Limits(limits)) }
}

/// The limit that an announcement has. One without a value says nothing yet: APPENDLIMIT then differs by folder.
fn limit(offer: &str) -> Option<Limit> {
    let (name, value) = offer.split_once('=')?;
    match (name, value.parse()) {
        // RFC 1870 §3: "A value of 0 (zero) indicates that no fixed maximum message size is in force."
        ("SIZE", Ok(0)) => None,
        ("SIZE" | "APPENDLIMIT", Ok(octets)) => Some(Limit::MessageOctets(octets)),
        ("EXPIRE", Ok(days)) => Some(Limit::KeptDays(days)),
        ("EXPIRE", Err(_)) if value == "NEVER" => Some(Limit::KeptForEver),
        ("LOGIN-DELAY", Ok(seconds)) => Some(Limit::LoginDelay(Duration::from_secs(seconds))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of RFC 7889 §2 and §5, RFC 1870 §3, RFC 2449 §5 and §6.7, in the form that `clients::offers` gives them.
    #[test]
    fn announcements_are_read_as_their_rfcs_have_them() {
        for (offer, expected) in [
            ("APPENDLIMIT=257890", Some(Limit::MessageOctets(257_890))),
            ("APPENDLIMIT", None),
            ("APPENDLIMIT=0", Some(Limit::MessageOctets(0))),
            ("SIZE=1000000", Some(Limit::MessageOctets(1_000_000))),
            ("SIZE=0", None),
            ("SIZE", None),
            ("EXPIRE=5", Some(Limit::KeptDays(5))),
            ("EXPIRE=NEVER", Some(Limit::KeptForEver)),
            ("EXPIRE=0", Some(Limit::KeptDays(0))),
            ("LOGIN-DELAY=900", Some(Limit::LoginDelay(Duration::from_secs(900)))),
            ("STARTTLS", None),
        ] {
            assert_eq!(limit(offer), expected, "{offer}");
        }
    }
}
