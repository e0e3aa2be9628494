//! File names made from addresses: safe on every file system, short, and unique even if letter case does not count. Not
//! reversible: the manifest says whose file it is.

use std::collections::{BTreeMap, BTreeSet};

use provost_account::{DomainName, EmailAddress};
use provost_settings::{Fingerprints, SortedFingerprints};

use crate::sha256;

/// The names, without extension, of the files of several people. No two of them are the same.
#[derive(Debug)]
pub struct Stems {
    /// The short names that several of the people would have.
    shared: SortedFingerprints,
    /// Domains that are another one with a word behind it that may also be a part of a file's name.
    longer: Vec<DomainName>,
}

/// The names of people who come one after the other.
#[derive(Debug, Default)]
pub(crate) struct ShortNames {
    /// Those that are not the address itself. Whether one is somebody else's address shows at the end.
    masked: Fingerprints,
}

impl ShortNames {
    /// Takes note of somebody.
    pub(crate) fn add(&mut self, address: &EmailAddress) {
        if let Some(masked) = masked_name(address) {
            self.masked.add(&masked);
        }
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.masked.extend(others.masked);
    }

    /// The names of all of them. `addresses` are theirs, and perhaps others.
    pub(crate) fn stems(self, addresses: &SortedFingerprints, domains: &[&DomainName]) -> Stems {
        let masked = self.masked.sorted();
        let shared = masked.repeated().and(masked.in_both(addresses));
        Stems { shared, longer: longer(domains) }
    }
}

impl Stems {
    /// The names of these people's files. Each address is there once.
    pub fn of<'a>(people: impl Iterator<Item = &'a EmailAddress> + Clone) -> Self {
        let (mut names, mut addresses, mut domains) = (ShortNames::default(), Fingerprints::default(), BTreeSet::new());
        for address in people {
            names.add(address);
            addresses.add_address(address);
            domains.insert(address.domain());
        }
        names.stems(&addresses.sorted(), &domains.into_iter().collect::<Vec<_>>())
    }

    /// The name, without extension, of the files of `address`.
    ///
    /// The address in lower case, if it has only letters, digits and `@ . _ + -` and at most 100 characters. Otherwise
    /// every other character becomes `_`, the rest is cut, and the first 8 hexadecimal digits of the address's SHA-256
    /// follow. Where that is somebody else's name too, all 64 of them do, which no address ends in: a label of a domain
    /// name has 63 characters at most (RFC 1035 section 2.3.4).
    #[must_use]
    pub fn stem(&self, address: &EmailAddress) -> String {
        let short = masked_name(address).unwrap_or_else(|| address.key());
        let is_shared = self.shared.contains(&short) || self.longer.contains(address.domain());
        match is_shared {
            false => short,
            true => format!("{}-{}", masked(&address.key()), sha256(address.key().as_bytes())),
        }
    }
}

/// Domains that are another one with something behind it that may also stand behind the name of somebody there.
fn longer(domains: &[&DomainName]) -> Vec<DomainName> {
    let may_stand_behind = |rest: &str| {
        let mut extensions = provost_profile::formats().iter().flat_map(|format| format.extensions);
        extensions.any(|extension| is_behind_a_stem(&format!(".{rest}.{extension}"), extension))
    };
    let is_longer = |longer: &DomainName, shorter: &DomainName| {
        let rest = longer.as_str().strip_prefix(shorter.as_str()).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(may_stand_behind)
    };
    let is_any_longer = |longer: &&&DomainName| domains.iter().any(|shorter| is_longer(longer, shorter));
    domains.iter().filter(is_any_longer).map(|domain| (*domain).clone()).collect()
}

/// The owners of files, by their names.
#[derive(Debug)]
pub struct Holders(BTreeMap<String, EmailAddress>);

impl Holders {
    /// Each address is there once.
    pub fn of<'a>(people: impl Iterator<Item = &'a EmailAddress> + Clone) -> Self {
        let stems = Stems::of(people.clone());
        Self(people.map(|address| (stems.stem(address), address.clone())).collect())
    }

    /// Whose files have that name, without extension.
    #[must_use]
    pub fn of_stem(&self, stem: &str) -> Option<&EmailAddress> {
        self.0.get(stem)
    }

    /// Whose file has this name, with an extension and perhaps a part behind the person's. Of several people whose names
    /// it may begin with, the one with the longest: what is left is the extension, and no part of an address.
    #[must_use]
    pub fn of_file(&self, name: &str) -> Option<&EmailAddress> {
        let is_file = |rest: &str| {
            let mut formats = provost_profile::formats().iter();
            formats.any(|format| format.extensions.iter().any(|extension| is_behind_a_stem(rest, extension)))
        };
        // What is behind a person's name begins with a dot.
        name.rmatch_indices('.').find_map(|(at, _)| self.of_stem(&name[..at]).filter(|_| is_file(&name[at..])))
    }
}

/// Whether `rest` is `.EXTENSION`, or `.PART.EXTENSION` with a part that a format has.
fn is_behind_a_stem(rest: &str, extension: &str) -> bool {
    let before = rest.strip_suffix(extension).and_then(|rest| rest.strip_suffix('.'));
    match before.map(|before| before.strip_prefix('.').unwrap_or(before)) {
        None => false,
        Some("") => true,
        // An app's package, which has a dot in it; no other file of one person ends so.
        Some(part) if extension == "json" => part.contains('.'),
        Some(part) => PARTS.contains(&part) || is_one_of_several(part),
    }
}

/// `1-of-2`, as QR codes of several accounts are called.
fn is_one_of_several(part: &str) -> bool {
    let numbers = part.split_once("-of-");
    numbers.is_some_and(|(at, count)| at.parse::<u16>().is_ok() && count.parse::<u16>().is_ok())
}

/// The name of somebody whose address cannot be one.
fn masked_name(address: &EmailAddress) -> Option<String> {
    let text = address.as_str();
    let is_safe = text.len() <= STEM_CHARACTERS_MAX && !text.starts_with('-');
    if is_safe && text.bytes().all(|octet| is_harmless(char::from(octet)) || octet == b'-') {
        return None;
    }
    let key = address.key();
    Some(format!("{}-{}", masked(&key), &sha256(key.as_bytes())[..SHORT_DIGITS]))
}

fn masked(key: &str) -> String {
    key.chars()
        .enumerate()
        .map(|(at, c)| if is_harmless(c) || (c == '-' && at > 0) { c } else { '_' })
        .take(STEM_CHARACTERS_MAX)
        .collect()
}

fn is_harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '+')
}

const STEM_CHARACTERS_MAX: usize = 100;
const SHORT_DIGITS: usize = 8;
/// The words that writers put between a person's name and the extension (`FileName::Own`).
const PARTS: &[&str] = &["authorities", "password", "system"];

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::try_from(text).expect("an address")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let address = address(text);
        assert_eq!(Stems::of(std::iter::once(&address)).stem(&address), expected);
    }

    #[test]
    fn a_plain_address_is_its_own_name() {
        check("Jane.Doe+tag@Example.ORG", "jane.doe+tag@example.org");
    }

    // The digests are those of `printf %s ADDRESS | sha256sum`.
    #[test]
    fn other_characters_give_way_to_a_digest() {
        check("o'brien@example.org", "o_brien@example.org-ed48960d");
        check("\"../../x\"@example.org", "_.._.._x_@example.org-7dc6ebbe");
        check("-rf@example.org", "_rf@example.org-f52efab9");
        check("müller@example.org", "m_ller@example.org-6ec259ef");
    }

    #[test]
    fn long_addresses_stay_short() {
        let long = address(&format!("{}@{}.example", "a".repeat(64), ["b"; 60].join(".")));
        assert_eq!(Stems::of(std::iter::once(&long)).stem(&long).len(), 109);
    }

    // Both digests begin with deb4b0c0, as `printf %s ADDRESS | sha256sum` shows.
    #[test]
    fn two_people_never_share_a_name() {
        let names = |people: [&str; 2]| {
            let people = people.map(address);
            let stems = Stems::of(people.iter());
            people.map(|address| stems.stem(&address))
        };
        let alike = [
            "____@example.org-deb4b0c0e194632781b381d634991c9cfec557966ddbe57ab7619ce91206f1e7",
            "____@example.org-deb4b0c014d6df88fb59e693098a98e4e9f3b8b48d130ea646d78b97d0492243",
        ];
        assert_eq!(names(["азтр@example.org", "бяср@example.org"]), alike);
        // Where nobody else has the short name, it stays.
        check("азтр@example.org", "____@example.org-deb4b0c0");

        let [one, looks_masked] = names(["müller@example.org", "m_ller@example.org-6ec259ef"]);
        assert_ne!(one, looks_masked);
    }

    /// `jane@example.org.system.mobileconfig` may be Jane's second file at example.org, or the first of another Jane.
    #[test]
    fn a_domain_that_looks_like_a_part_of_a_name_makes_no_two_files_one() {
        let people = ["jane@example.org", "jane@example.org.system", "jane@example.org.de"].map(address);
        let stems = Stems::of(people.iter());
        let names = people.each_ref().map(|person| stems.stem(person));
        assert_eq!([names[0].as_str(), names[2].as_str()], ["jane@example.org", "jane@example.org.de"]);
        assert!(names[1].starts_with("jane@example.org.system-"), "{}", names[1]);
    }

    #[test]
    fn a_file_is_of_the_longest_address_that_it_begins_with() {
        let people = [address("jane@example.com"), address("jane@example.com.br"), address("азтр@example.org")];
        let holder = |name: &str, count: usize| {
            Holders::of(people.iter().take(count)).of_file(name).map(|address| address.as_str().to_owned())
        };
        assert_eq!(holder("jane@example.com.br.k9s", 2).as_deref(), Some("jane@example.com.br"));
        assert_eq!(holder("jane@example.com.k9s", 2).as_deref(), Some("jane@example.com"));
        assert_eq!(holder("jane@example.com.system.mobileconfig", 2).as_deref(), Some("jane@example.com"));
        assert_eq!(holder("jane@example.com.com.google.android.gm.json", 2).as_deref(), Some("jane@example.com"));
        assert_eq!(holder("____@example.org-deb4b0c0.k9s", 3).as_deref(), Some("азтр@example.org"));
        // Its owner is not known: it is nobody's, and not another person's.
        assert_eq!(holder("jane@example.com.br.k9s", 1), None);
        assert_eq!(holder("jane@example.community.k9s", 1), None);
        assert_eq!(holder("jane@example.com.bak", 1), None);
    }
}
