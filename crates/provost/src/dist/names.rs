//! File names made from addresses: safe on every file system, short, and unique where letter case does not count. Not
//! reversible: the manifest says whose file it is.

use provost_account::EmailAddress;
use sha2::{Digest, Sha256};

/// The name, without extension, of the files of `address`.
///
/// The address in lower case, if it has only letters, digits and `@ . _ + -` and at most 100 characters. Otherwise every
/// other character becomes `_`, the rest is cut, and the first 8 hexadecimal digits of the address's SHA-256 follow, so
/// that two addresses never share a file.
pub(crate) fn stem(address: &EmailAddress) -> String {
    let key = address.key();
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '+');
    let safe: String = key
        .chars()
        .enumerate()
        .map(|(at, c)| if harmless(c) || (c == '-' && at > 0) { c } else { '_' })
        .take(STEM_CHARACTERS_MAX)
        .collect();
    if safe == key {
        return safe;
    }
    let digest = Sha256::digest(key.as_bytes());
    format!("{safe}-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

const STEM_CHARACTERS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        assert_eq!(stem(&EmailAddress::try_from(address).expect("an address")), expected);
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
        let long = format!("{}@{}.example", "a".repeat(64), ["b"; 60].join("."));
        let stem = stem(&EmailAddress::try_from(long.as_str()).expect("an address"));
        assert_eq!(stem.len(), 109);
    }
}
