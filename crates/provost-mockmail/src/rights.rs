//! Access rights to a folder (RFC 4314 §2), and the access list. No protocol.

use std::fmt::{self, Display, Formatter};

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights(u16);

/// One right, by its letter in RFC 4314 §2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Lookup,
    Read,
    Seen,
    Write,
    Insert,
    Post,
    CreateFolder,
    DeleteFolder,
    DeleteMessages,
    Expunge,
    Administer,
}

/// Every right, in the order of RFC 4314 §2.1.
pub(crate) const RIGHTS: [(char, Right); 11] = [
    ('l', Right::Lookup),
    ('r', Right::Read),
    ('s', Right::Seen),
    ('w', Right::Write),
    ('i', Right::Insert),
    ('p', Right::Post),
    ('k', Right::CreateFolder),
    ('x', Right::DeleteFolder),
    ('t', Right::DeleteMessages),
    ('e', Right::Expunge),
    ('a', Right::Administer),
];

impl Rights {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self((1 << RIGHTS.len()) - 1);
    /// What an owner keeps whatever is said: else nobody could ever grant them again.
    pub(crate) const OF_ANY_OWNER: Self = Self(1 << Right::Lookup as u16 | 1 << Right::Administer as u16);

    /// Reads letters. RFC 4314 §2.1.1: `c` stands for `kx`, `d` for `et`. `None` for a letter that is no right.
    pub(crate) fn parse(letters: &str) -> Option<Self> {
        let mut rights = Self::NONE;
        for letter in letters.chars() {
            let members = match letter {
                'c' => vec![Right::CreateFolder, Right::DeleteFolder],
                'd' => vec![Right::Expunge, Right::DeleteMessages],
                _ => vec![RIGHTS.iter().find(|(known, _)| *known == letter)?.1],
            };
            rights = members.into_iter().fold(rights, |rights, right| rights.and(Self(1 << right as u16)));
        }
        Some(rights)
    }

    pub(crate) fn has(self, right: Right) -> bool {
        self.0 & 1 << right as u16 != 0
    }

    pub(crate) fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    pub(crate) fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    /// Whether these allow to set or to clear that flag.
    pub(crate) fn allow_flag(self, flag: &str) -> bool {
        match flag.to_ascii_lowercase().as_str() {
            "\\seen" => self.has(Right::Seen),
            "\\deleted" => self.has(Right::DeleteMessages),
            _ => self.has(Right::Write),
        }
    }
}

/// RFC 4314 §2.1.1: `c` and `d` are told where one of their members is there.
impl Display for Rights {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (letter, _) in RIGHTS.iter().filter(|(_, right)| self.has(*right)) {
            write!(formatter, "{letter}")?;
        }
        if self.has(Right::CreateFolder) || self.has(Right::DeleteFolder) {
            formatter.write_str("c")?;
        }
        if self.has(Right::Expunge) || self.has(Right::DeleteMessages) {
            formatter.write_str("d")?;
        }
        Ok(())
    }
}

/// Who has which rights to a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessList {
    pub(crate) owner: Rights,
    /// Identifiers of others: login names, `anyone`, and either with `-` before it for what is taken away.
    pub(crate) others: Vec<(String, Rights)>,
}

impl Default for AccessList {
    fn default() -> Self {
        Self { owner: Rights::ALL, others: Vec::new() }
    }
}

impl AccessList {
    /// RFC 4314 §2: "a negative right is added to the ACL and is a part of the calculation of the rights". All that
    /// apply to a user are put together, then what is taken away is.
    pub(crate) fn of(&self, login: &str, is_owner: bool) -> Rights {
        let applies = |identifier: &str| identifier == login || identifier == "anyone";
        let mut granted = if is_owner { self.owner } else { Rights::NONE };
        let mut taken = Rights::NONE;
        for (identifier, rights) in &self.others {
            match identifier.strip_prefix('-') {
                Some(identifier) if applies(identifier) => taken = taken.and(*rights),
                None if applies(identifier) => granted = granted.and(*rights),
                Some(_) | None => {}
            }
        }
        let rights = granted.without(taken);
        if is_owner { rights.and(Rights::OF_ANY_OWNER) } else { rights }
    }

    /// The entry of another identifier than the owner's, made if it is missing.
    pub(crate) fn other(&mut self, identifier: &str) -> &mut Rights {
        let known = self.others.iter().position(|(it, _)| it == identifier);
        let at = known.unwrap_or_else(|| {
            self.others.push((identifier.to_owned(), Rights::NONE));
            self.others.len() - 1
        });
        &mut self.others[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4314 §2.1.1 and its examples.
    #[test]
    fn the_old_letters_stand_for_their_members() {
        let written = |letters: &str| Rights::parse(letters).map(|rights| rights.to_string());
        assert_eq!(written("lrswida").as_deref(), Some("lrswitead"));
        assert_eq!(written("lrswikda").as_deref(), Some("lrswikteacd"));
        assert_eq!(written("q"), None);
        assert_eq!(written("L"), None);
        assert_eq!(Rights::ALL.to_string(), "lrswipkxteacd");
    }

    #[test]
    fn what_is_taken_away_counts_last() {
        let rights = |letters| Rights::parse(letters).expect("rights");
        let list = AccessList {
            owner: Rights::ALL,
            others: vec![
                ("anyone".to_owned(), rights("lr")),
                ("fred".to_owned(), rights("w")),
                ("-fred".to_owned(), rights("r")),
            ],
        };
        assert_eq!(list.of("fred", false), rights("lw"));
        assert_eq!(list.of("chris", false), rights("lr"));
    }
}
