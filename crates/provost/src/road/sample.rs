//! Some of many people, the same ones for everybody and, as long as nobody joins who comes before them, the same ones
//! tomorrow: those whose addresses have the lowest SHA-256. No randomness.

use std::fmt;
use std::num::NonZeroUsize;

use provost_account::EmailAddress;
use provost_generate::manifest::Entry;
use sha2::{Digest, Sha256};

/// The people who are looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// How many they are.
    pub(crate) people: usize,
    /// Of how many.
    pub(crate) of: usize,
    highest: u64,
}

impl Sample {
    /// Whether somebody is one of them.
    pub(crate) fn has(&self, address: &EmailAddress) -> bool {
        digest(address) <= self.highest
    }

    /// How many are not.
    pub(crate) fn left_out(&self) -> usize {
        self.of - self.people
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { people, of, .. } = self;
        write!(f, "{people} of {of} people, by a hash of their addresses; {} left out", self.left_out())
    }
}

/// All the people.
#[derive(Debug, Default)]
pub(crate) struct Everybody {
    digests: Vec<u64>,
    /// With so many digests, those are dropped that are there already.
    digests_max: usize,
}

impl Everybody {
    /// Adds whose file it is, if it is one person's.
    pub(crate) fn add(&mut self, entry: Option<&Entry>) {
        let Some(digest) = entry.and_then(Entry::user).map(digest) else { return };
        if self.digests.last() != Some(&digest) {
            self.digests.push(digest);
        }
        if self.digests.len() > self.digests_max {
            self.drop_repeated();
            self.digests_max = DIGESTS_MIN.max(2 * self.digests.len());
        }
    }

    /// So many of them, or all; `None` if there is nobody.
    pub(crate) fn sample(mut self, people: NonZeroUsize) -> Option<Sample> {
        self.drop_repeated();
        let of = self.digests.len();
        let people = people.get().min(of);
        Some(Sample { people, of, highest: *self.digests.get(people.checked_sub(1)?)? })
    }

    fn drop_repeated(&mut self) {
        self.digests.sort_unstable();
        self.digests.dedup();
    }
}

/// The first 64 bits of an address's SHA-256.
fn digest(address: &EmailAddress) -> u64 {
    let digest = Sha256::digest(address.key());
    digest.iter().take(8).fold(0, |number, octet| number << 8 | u64::from(*octet))
}

const DIGESTS_MIN: usize = 1 << 16;
