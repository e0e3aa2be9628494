//! The table of what IMAP can announce: what is announced unless somebody says otherwise, and what needs what. A
//! capability that is off is not only unsaid: its commands are unknown.

use thiserror::Error;

/// An extension of IMAP, or the protocol's own version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// RFC 3501.
    Imap4Rev1,
    /// RFC 9051.
    Imap4Rev2,
    /// RFC 4314.
    Acl,
    /// RFC 7889.
    AppendLimit,
    /// RFC 3516.
    Binary,
    /// RFC 4469.
    Catenate,
    /// RFC 3348.
    Children,
    /// RFC 4978.
    Compress,
    /// RFC 7162.
    CondStore,
    /// RFC 5267.
    ContextSearch,
    /// RFC 5267.
    ContextSort,
    /// RFC 6154.
    CreateSpecialUse,
    /// RFC 5161.
    Enable,
    /// RFC 4731.
    ESearch,
    /// RFC 5267, for SORT.
    ESort,
    /// RFC 2971.
    Id,
    /// RFC 2177.
    Idle,
    /// RFC 5258.
    ListExtended,
    /// RFC 8440.
    ListMyRights,
    /// RFC 5819.
    ListStatus,
    /// RFC 7888, without a limit.
    LiteralPlus,
    /// RFC 7888, up to 4096 octets.
    LiteralMinus,
    /// RFC 5464.
    Metadata,
    /// RFC 6851.
    Move,
    /// RFC 3502.
    MultiAppend,
    /// RFC 2342.
    Namespace,
    /// RFC 5465.
    Notify,
    /// RFC 8474.
    ObjectId,
    /// RFC 9394.
    Partial,
    /// RFC 8970.
    Preview,
    /// RFC 7162.
    QResync,
    /// RFC 9208.
    Quota,
    /// RFC 8508.
    Replace,
    /// RFC 4959.
    SaslIr,
    /// RFC 8514.
    SaveDate,
    /// RFC 5182.
    SearchRes,
    /// RFC 5256.
    Sort,
    /// RFC 5957.
    SortDisplay,
    /// RFC 6154.
    SpecialUse,
    /// RFC 8438.
    StatusSize,
    /// RFC 5256.
    ThreadOrderedSubject,
    /// RFC 5256.
    ThreadReferences,
    /// RFC 4315.
    UidPlus,
    /// RFC 8437.
    Unauthenticate,
    /// RFC 3691.
    Unselect,
    /// RFC 4467.
    UrlAuth,
    /// RFC 5524.
    UrlAuthBinary,
    /// RFC 9755, before it RFC 6855.
    Utf8Accept,
    /// RFC 5032.
    Within,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilityRow {
    /// As it is announced; a value that follows `=` in the announcement is not part of it.
    pub name: &'static str,
    /// The capability.
    pub capability: Capability,
    /// Whether it is on when nothing else is said: what makes every client happy.
    pub usual: bool,
    /// Without these it makes no sense.
    pub needs: &'static [Capability],
}

/// Every capability.
#[must_use]
pub fn capabilities() -> &'static [CapabilityRow] {
    CAPABILITIES
}

/// The capabilities that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(u64);

/// What a choice of capabilities came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Those that are on.
    pub capabilities: Capabilities,
    /// Those that went because another one that they need is off: their names, and the other's.
    pub removed: Vec<(&'static str, &'static str)>,
}

/// A choice that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChoiceError {
    /// No capability has that name.
    #[error("no capability is called {0:?}")]
    Unknown(String),
    /// RFC 7888 §5: "servers MUST NOT advertise both of these capabilities at the same time".
    #[error("LITERAL+ and LITERAL- exclude each other")]
    BothLiterals,
}

impl Capabilities {
    /// What makes every client happy.
    #[must_use]
    pub fn usual() -> Self {
        CAPABILITIES.iter().filter(|row| row.usual).map(|row| row.capability).collect()
    }

    /// A choice: `all` or `usual`, and `+NAME` or `-NAME` to switch one on or off, separated by commas. It starts from
    /// the usual ones.
    ///
    /// # Errors
    ///
    /// A name that is none, or both kinds of literal.
    pub fn choose(choice: &str) -> Result<Chosen, ChoiceError> {
        let mut on = Self::usual();
        for word in choice.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match word.to_ascii_lowercase().as_str() {
                "all" => {
                    on = CAPABILITIES.iter().map(|row| row.capability).collect();
                    on.set(Capability::LiteralMinus, false);
                }
                "usual" => on = Self::usual(),
                _ => {
                    let (name, wanted) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
                        (Some(name), _) => (name, false),
                        (None, Some(name)) => (name, true),
                        (None, None) => (word, true),
                    };
                    let row = CAPABILITIES.iter().find(|row| row.name.eq_ignore_ascii_case(name));
                    on.set(row.ok_or_else(|| ChoiceError::Unknown(name.to_owned()))?.capability, wanted);
                }
            }
        }
        if on.has(Capability::LiteralPlus) && on.has(Capability::LiteralMinus) {
            return Err(ChoiceError::BothLiterals);
        }
        let mut removed = Vec::new();
        // What goes may take others with it, so until nothing more goes.
        loop {
            let lost = CAPABILITIES.iter().filter(|row| on.has(row.capability)).find_map(|row| {
                row.needs.iter().find(|needed| !on.has(**needed)).map(|needed| (row.capability, *needed))
            });
            let Some((lost, needed)) = lost else { break };
            on.set(lost, false);
            removed.push((name(lost), name(needed)));
        }
        Ok(Chosen { capabilities: on, removed })
    }

    /// Whether it is on.
    #[must_use]
    pub fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    fn set(&mut self, capability: Capability, on: bool) {
        match on {
            true => self.0 |= capability.bit(),
            false => self.0 &= !capability.bit(),
        }
    }

    /// The names of those that are on, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        CAPABILITIES.iter().filter(move |row| self.has(row.capability)).map(|row| row.name)
    }
}

impl Capability {
    /// One of 64: one more would not compile.
    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<T: IntoIterator<Item = Capability>>(all: T) -> Self {
        let mut capabilities = Self::default();
        all.into_iter().for_each(|capability| capabilities.set(capability, true));
        capabilities
    }
}

fn name(capability: Capability) -> &'static str {
    CAPABILITIES.iter().find(|row| row.capability == capability).map_or("", |row| row.name)
}

const fn row(name: &'static str, capability: Capability, needs: &'static [Capability]) -> CapabilityRow {
    CapabilityRow { name, capability, usual: true, needs }
}

const fn unusual(name: &'static str, capability: Capability, needs: &'static [Capability]) -> CapabilityRow {
    CapabilityRow { name, capability, usual: false, needs }
}

const CAPABILITIES: &[CapabilityRow] = {
    use Capability as C;
    &[
        row("IMAP4rev1", C::Imap4Rev1, &[]),
        unusual("IMAP4rev2", C::Imap4Rev2, FOLDED_INTO_REV2),
        row("LITERAL+", C::LiteralPlus, &[]),
        unusual("LITERAL-", C::LiteralMinus, &[]),
        row("SASL-IR", C::SaslIr, &[]),
        row("ID", C::Id, &[]),
        row("ENABLE", C::Enable, &[]),
        row("IDLE", C::Idle, &[]),
        row("NAMESPACE", C::Namespace, &[]),
        row("CHILDREN", C::Children, &[]),
        row("SPECIAL-USE", C::SpecialUse, &[]),
        row("CREATE-SPECIAL-USE", C::CreateSpecialUse, &[C::SpecialUse]),
        row("LIST-EXTENDED", C::ListExtended, &[]),
        row("LIST-STATUS", C::ListStatus, &[C::ListExtended]),
        row("STATUS=SIZE", C::StatusSize, &[]),
        row("UIDPLUS", C::UidPlus, &[]),
        row("MOVE", C::Move, &[]),
        row("UNSELECT", C::Unselect, &[]),
        row("MULTIAPPEND", C::MultiAppend, &[]),
        row("APPENDLIMIT", C::AppendLimit, &[]),
        row("CONDSTORE", C::CondStore, &[]),
        row("QRESYNC", C::QResync, &[C::CondStore, C::Enable]),
        row("ESEARCH", C::ESearch, &[]),
        row("SEARCHRES", C::SearchRes, &[C::ESearch]),
        row("WITHIN", C::Within, &[]),
        row("SORT", C::Sort, &[]),
        row("SORT=DISPLAY", C::SortDisplay, &[C::Sort]),
        row("ESORT", C::ESort, &[C::Sort, C::ESearch]),
        row("THREAD=ORDEREDSUBJECT", C::ThreadOrderedSubject, &[]),
        row("THREAD=REFERENCES", C::ThreadReferences, &[]),
        row("PARTIAL", C::Partial, &[C::ESearch]),
        row("BINARY", C::Binary, &[]),
        row("OBJECTID", C::ObjectId, &[]),
        row("SAVEDATE", C::SaveDate, &[]),
        row("PREVIEW", C::Preview, &[]),
        row("REPLACE", C::Replace, &[]),
        row("QUOTA", C::Quota, &[]),
        row("ACL", C::Acl, &[]),
        row("LIST-MYRIGHTS", C::ListMyRights, &[C::Acl, C::ListExtended]),
        row("METADATA", C::Metadata, &[]),
        row("CATENATE", C::Catenate, &[]),
        row("UTF8=ACCEPT", C::Utf8Accept, &[C::Enable]),
        row("COMPRESS=DEFLATE", C::Compress, &[]),
        unusual("CONTEXT=SEARCH", C::ContextSearch, &[C::ESearch]),
        unusual("CONTEXT=SORT", C::ContextSort, &[C::Sort, C::ESearch]),
        unusual("NOTIFY", C::Notify, &[]),
        unusual("URLAUTH", C::UrlAuth, &[]),
        unusual("URLAUTH=BINARY", C::UrlAuthBinary, &[C::UrlAuth, C::Binary]),
        unusual("UNAUTHENTICATE", C::Unauthenticate, &[]),
    ]
};

/// RFC 9051 appendix E, what it takes over from extensions, as far as it can be switched off here.
const FOLDED_INTO_REV2: &[Capability] = {
    use Capability as C;
    &[
        C::Binary,
        C::Children,
        C::Enable,
        C::ESearch,
        C::Idle,
        C::ListExtended,
        C::ListStatus,
        C::Move,
        C::Namespace,
        C::SaslIr,
        C::SearchRes,
        C::SpecialUse,
        C::StatusSize,
        C::UidPlus,
        C::Unselect,
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_capability_goes_with_it() {
        let chosen = Capabilities::choose("-enable,-special-use,-SORT").expect("a choice");
        assert_eq!(
            chosen.removed,
            [
                ("CREATE-SPECIAL-USE", "SPECIAL-USE"),
                ("QRESYNC", "ENABLE"),
                ("SORT=DISPLAY", "SORT"),
                ("ESORT", "SORT"),
                ("UTF8=ACCEPT", "ENABLE"),
            ],
        );
        assert!(!chosen.capabilities.has(Capability::QResync) && chosen.capabilities.has(Capability::CondStore));
    }

    #[test]
    fn never_both_kinds_of_literal() {
        assert_eq!(Capabilities::choose("+LITERAL-"), Err(ChoiceError::BothLiterals));
        let all = Capabilities::choose("all").expect("a choice").capabilities;
        assert!(all.has(Capability::LiteralPlus) && !all.has(Capability::LiteralMinus));
        let minus = Capabilities::choose("-LITERAL+,LITERAL-").expect("a choice").capabilities;
        assert!(!minus.has(Capability::LiteralPlus) && minus.has(Capability::LiteralMinus));
    }

    #[test]
    fn a_name_that_is_none_is_said() {
        assert_eq!(Capabilities::choose("-IDEL"), Err(ChoiceError::Unknown("IDEL".to_owned())));
    }
}
