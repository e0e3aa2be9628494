//! The UIDVALIDITY of new folders: no folder ever gets one that an earlier folder of its name had. The time is passed
//! in.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// The number from which a server counts on that starts at `now`: RFC 9051 §2.3.1.1 has "a 32-bit representation of the
/// current date/time when the value is assigned: this ensures that the value is unique and always increases". Eighths of
/// a second since 2026, so that a start within the same second is another one; they last until 2043 and begin anew.
#[must_use]
pub fn uid_validity_at(now: SystemTime) -> NonZeroU32 {
    // A clock before 2026 is wrong, and the number is not said to be a date.
    let passed = now.duration_since(SystemTime::UNIX_EPOCH + START_OF_2026).unwrap_or(Duration::ZERO);
    let eighths = passed.as_millis() / 125 % u128::from(u32::MAX);
    u32::try_from(eighths).ok().and_then(|eighths| NonZeroU32::MIN.checked_add(eighths)).unwrap_or(NonZeroU32::MIN)
}

/// The same, and beyond whatever an earlier server of this program may have given.
pub(crate) fn claim(now: SystemTime) -> NonZeroU32 {
    let next = |given: u32| given.max(uid_validity_at(now).get());
    let given = GIVEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |given| Some(add(next(given), ROOM)));
    let given = given.unwrap_or_else(|given| given);
    NonZeroU32::new(next(given)).unwrap_or(NonZeroU32::MIN)
}

/// Takes note of what a server has given in the end.
pub(crate) fn given_up_to(next: u32) {
    GIVEN.fetch_max(next, Ordering::Relaxed);
}

/// The numbers that no folder of a server has had yet. Every account draws from the same.
#[derive(Debug, Clone)]
pub(crate) struct UidValidities(Arc<AtomicU32>);

impl UidValidities {
    pub(crate) fn from(first: u32) -> Self {
        Self(Arc::new(AtomicU32::new(first.max(1))))
    }

    /// The first of so many that belong to the caller from now on.
    pub(crate) fn take(&self, count: u32) -> u32 {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| Some(add(next, count)));
        taken.unwrap_or_else(|next| next)
    }

    /// The first that nobody has.
    pub(crate) fn next(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// From here on only numbers from `first` on are given.
    pub(crate) fn go_beyond(&self, first: u32) {
        self.0.fetch_max(first, Ordering::Relaxed);
    }
}

/// RFC 9051 §9: `nz-number`. The last one is followed by the first.
fn add(number: u32, count: u32) -> u32 {
    number.checked_add(count).unwrap_or(1)
}

/// What servers of this program have given, or may have.
static GIVEN: AtomicU32 = AtomicU32::new(0);
/// How many a server may give before it says how many it has given.
const ROOM: u32 = 4096;
/// 1 January 2026, 00:00 UTC, since 1970.
const START_OF_2026: Duration = Duration::from_secs(1_767_225_600);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> u32 {
        uid_validity_at(SystemTime::UNIX_EPOCH + START_OF_2026 + Duration::from_millis(milliseconds)).get()
    }

    #[test]
    fn a_later_start_has_a_greater_number() {
        assert_eq!([at(0), at(124), at(125), at(1000)], [1, 1, 2, 9]);
        assert_eq!(uid_validity_at(SystemTime::UNIX_EPOCH).get(), 1);
        // 2^32 - 1 eighths of a second are seventeen years.
        assert_eq!([at(125 * (u64::from(u32::MAX) - 1)), at(125 * u64::from(u32::MAX))], [u32::MAX, 1]);
    }

    #[test]
    fn two_servers_of_one_program_never_share_a_number() {
        let now = SystemTime::UNIX_EPOCH + START_OF_2026 + Duration::from_secs(365 * 86_400);
        let (one, other) = (claim(now).get(), claim(now).get());
        assert!(one < other, "{one}, {other}");
        given_up_to(other + 2 * ROOM);
        assert!(claim(now).get() >= other + 2 * ROOM);
    }

    #[test]
    fn no_number_is_0() {
        let numbers = UidValidities::from(u32::MAX);
        assert_eq!([numbers.take(1), numbers.take(1)], [u32::MAX, 1]);
    }
}
