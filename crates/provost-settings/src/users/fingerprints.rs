//! Texts of which there may be ten million, as 64 bits each: enough to know that none occurs twice, or to suspect it.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use provost_account::EmailAddress;

/// 64 bits of something. Two things may have one fingerprint, so a hit is a suspicion until the things are compared.
///
/// Fingerprints are not the same in every version of Rust: they are for one run of the program.
#[must_use]
pub fn fingerprint(of: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A growing set of texts, as their fingerprints.
#[derive(Debug, Default)]
pub struct Fingerprints(Parts);

impl Fingerprints {
    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        self.0.push(fingerprint(text));
    }

    /// Adds an address; letter case does not count.
    pub fn add_address(&mut self, address: &EmailAddress) {
        self.0.push(of_address(address));
    }

    /// Adds those of another set.
    pub fn extend(&mut self, others: Self) {
        self.0.append(others.0);
    }

    /// All of them, in an order in which they are found.
    #[must_use]
    pub fn sorted(mut self) -> SortedFingerprints {
        self.0.sort();
        SortedFingerprints(self.0)
    }
}

/// A set of texts in which others are looked up.
#[derive(Debug, Default)]
pub struct SortedFingerprints(Parts);

impl SortedFingerprints {
    /// Whether the text may be one of them.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        !self.is_empty() && self.has(fingerprint(text))
    }

    /// Whether the address may be one of them; letter case does not count.
    #[must_use]
    pub fn contains_address(&self, address: &EmailAddress) -> bool {
        self.has(of_address(address))
    }

    /// Those that were added more than once.
    #[must_use]
    pub fn repeated(&self) -> Self {
        let pairs = self.0.0.iter().flat_map(|part| part.windows(2));
        let mut repeated: Vec<u64> = pairs.filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        repeated.dedup();
        Self(repeated.into_iter().collect())
    }

    /// Those that are in another set too.
    #[must_use]
    pub fn in_both(&self, others: &Self) -> Self {
        Self(self.0.0.iter().flatten().copied().filter(|it| others.has(*it)).collect())
    }

    /// These and those of another set.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.append(others.0);
        self.0.sort();
        self
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.0.iter().all(Vec::is_empty)
    }

    fn has(&self, fingerprint: u64) -> bool {
        self.0.0.get(part_of(fingerprint)).is_some_and(|part| part.binary_search(&fingerprint).is_ok())
    }
}

/// Fingerprints by their first octet, or nothing. One vector would be there twice whenever it grows.
#[derive(Debug, Default)]
struct Parts(Vec<Vec<u64>>);

impl Parts {
    fn push(&mut self, fingerprint: u64) {
        if self.0.is_empty() {
            self.0.resize_with(PARTS, Vec::new);
        }
        self.0[part_of(fingerprint)].push(fingerprint);
    }

    fn append(&mut self, others: Self) {
        if self.0.is_empty() {
            self.0 = others.0;
            return;
        }
        for (own, other) in self.0.iter_mut().zip(others.0) {
            own.extend(other);
        }
    }

    fn sort(&mut self) {
        self.0.iter_mut().for_each(|part| part.sort_unstable());
    }
}

/// Those in order stay so.
impl FromIterator<u64> for Parts {
    fn from_iter<I: IntoIterator<Item = u64>>(fingerprints: I) -> Self {
        let mut parts = Self::default();
        fingerprints.into_iter().for_each(|it| parts.push(it));
        parts
    }
}

fn part_of(fingerprint: u64) -> usize {
    usize::from(fingerprint.to_be_bytes()[0])
}

const PARTS: usize = 256;

/// That of the address's key, without making the key where it is plain.
fn of_address(address: &EmailAddress) -> u64 {
    let text = address.as_str();
    let mut lower = [0; ADDRESS_OCTETS_MAX];
    match lower.get_mut(..text.len()).filter(|_| text.is_ascii()) {
        Some(lower) => {
            lower.copy_from_slice(text.as_bytes());
            lower.make_ascii_lowercase();
            fingerprint(str::from_utf8(lower).expect("it is ASCII"))
        }
        None => fingerprint(&address.key()),
    }
}

/// RFC 5321 §4.5.3.1.3: a path of 256 octets, of which two are the angle brackets.
const ADDRESS_OCTETS_MAX: usize = 254;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_any_letter_case() {
        for text in ["Jane.Doe@example.org", "MÜLLER@example.org"] {
            let address = EmailAddress::try_from(text).expect("an address");
            let mut all = Fingerprints::default();
            all.add_address(&address);
            all.add("other");
            all.add("other");
            let all = all.sorted();
            assert!(all.contains(&address.key()) && all.contains_address(&address) && !all.contains(text));
            let repeated = all.repeated();
            assert!(repeated.contains("other") && !repeated.contains_address(&address));
        }
    }
}
