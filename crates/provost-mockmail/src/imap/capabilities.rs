//! The table of IMAP capabilities: which are on by default, what each needs, and the commands that it adds. A
//! capability that is off is not just unannounced: its commands are unknown.

use std::borrow::Cow;

use thiserror::Error;

use super::commands::Answers::{Anybody, User};
use super::commands::CommandRow;
use super::notify::Known;
use super::{Session, acl, append, contexts, copy, list, metadata, quota, results, urls};
use crate::Limits;
use crate::session::Output;
use crate::store::{AccountId, Served};

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct CapabilityRow {
    /// As announced, without a value that follows `=` there.
    pub name: &'static str,
    /// The capability.
    pub capability: Capability,
    /// Whether it is on by default: the defaults suit every client.
    pub usual: bool,
    /// The capabilities that it builds on.
    pub needs: &'static [Capability],
    /// The announcement, if that is more than the name.
    says: Option<fn(&Limits) -> Cow<'static, str>>,
    /// The commands that it adds.
    pub(super) commands: &'static [CommandRow],
    /// What ENABLE does with it.
    pub(super) enable: Option<Enable>,
}

type Enable = fn(&mut Session, AccountId, &Served<'_>, &mut Output);

impl CapabilityRow {
    const fn new(name: &'static str, capability: Capability) -> Self {
        Self { name, capability, usual: true, needs: &[], says: None, commands: &[], enable: None }
    }

    /// Its announcement.
    pub(super) fn announcement(&self, limits: &Limits) -> Cow<'static, str> {
        self.says.map_or(Cow::Borrowed(self.name), |says| says(limits))
    }
}

/// Every capability.
#[must_use]
pub fn capabilities() -> &'static [CapabilityRow] {
    CAPABILITIES
}

/// The capabilities that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(u64);

/// The result of a choice of capabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The capabilities that are on.
    pub capabilities: Capabilities,
    /// Those that were switched off because they need one that is off: their names, and the name of that one.
    pub removed: Vec<(&'static str, &'static str)>,
}

/// Why a choice is impossible.
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
    /// The defaults, which suit every client.
    #[must_use]
    pub fn usual() -> Self {
        CAPABILITIES.iter().filter(|row| row.usual).map(|row| row.capability).collect()
    }

    /// A choice: `all` or `usual`, and `+NAME` or `-NAME` to switch one on or off, separated by commas. It starts from
    /// the defaults.
    ///
    /// # Errors
    ///
    /// An unknown name, or both kinds of literal.
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
        // Each one that is switched off may take others with it.
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

    /// The names of the capabilities that are on, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.rows().map(|row| row.name)
    }

    /// The rows of the capabilities that are on.
    pub(super) fn rows(self) -> impl Iterator<Item = &'static CapabilityRow> {
        CAPABILITIES.iter().filter(move |row| self.has(row.capability))
    }

    /// Whether clients can switch on UTF-8.
    pub(crate) fn take_utf8(self) -> bool {
        self.has(Capability::Utf8Accept) || self.has(Capability::Imap4Rev2)
    }
}

impl Capability {
    /// One of 64 bits: a 65th capability does not compile.
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

/// `Capability "NAME" "source" { what differs from one that is on by default and adds no command }`
macro_rules! table {
    ($($capability:ident $name:literal $source:literal { $($field:ident: $value:expr),* $(,)? })+) => {
        /// An extension of IMAP, or the protocol's own version.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Capability {
            $(#[doc = $source] $capability,)+
        }

        const CAPABILITIES: &[CapabilityRow] = {
            use Capability as C;
            &[$(CapabilityRow { $($field: $value,)* ..CapabilityRow::new($name, C::$capability) }),+]
        };
    };
}

table! {
    Imap4Rev1 "IMAP4rev1" "RFC 3501." {}
    Imap4Rev2 "IMAP4rev2" "RFC 9051." {
        usual: false,
        needs: FOLDED_INTO_REV2,
        enable: Some(|it, _, _, _| it.enabled.rev2 = true),
    }
    LiteralPlus "LITERAL+" "RFC 7888, without a limit." {}
    LiteralMinus "LITERAL-" "RFC 7888, up to 4096 octets." { usual: false }
    SaslIr "SASL-IR" "RFC 4959." {}
    Id "ID" "RFC 2971." { commands: &[CommandRow::new("ID", Anybody(Session::identify))] }
    Enable "ENABLE" "RFC 5161." { commands: &[CommandRow::new("ENABLE", User(Session::enable))] }
    Idle "IDLE" "RFC 2177." {
        commands: &[CommandRow { is_of_selected: true, ..CommandRow::new("IDLE", User(Session::idle)) }],
    }
    Namespace "NAMESPACE" "RFC 2342." {
        commands: &[CommandRow::new("NAMESPACE", User(|_, command, store, output| list::namespace(command, store, output)))],
    }
    Children "CHILDREN" "RFC 3348." {}
    SpecialUse "SPECIAL-USE" "RFC 6154." {}
    CreateSpecialUse "CREATE-SPECIAL-USE" "RFC 6154." { needs: &[C::SpecialUse] }
    ListExtended "LIST-EXTENDED" "RFC 5258." {}
    ListStatus "LIST-STATUS" "RFC 5819." { needs: &[C::ListExtended] }
    StatusSize "STATUS=SIZE" "RFC 8438." {}
    UidPlus "UIDPLUS" "RFC 4315." {}
    Move "MOVE" "RFC 6851." { commands: copy::MOVE }
    Unselect "UNSELECT" "RFC 3691." {
        commands: &[CommandRow::new("UNSELECT", User(|it, command, store, _| it.close(command, store)))],
    }
    MultiAppend "MULTIAPPEND" "RFC 3502." {}
    AppendLimit "APPENDLIMIT" "RFC 7889." { says: Some(|limits| format!("APPENDLIMIT={}", limits.message_octets).into()) }
    CondStore "CONDSTORE" "RFC 7162." { enable: Some(|it, _, store, output| it.enable_condstore(store, output)) }
    QResync "QRESYNC" "RFC 7162." {
        needs: &[C::CondStore, C::Enable],
        enable: Some(|it, _, store, output| {
            it.enable_condstore(store, output);
            it.enabled.qresync = true;
        }),
    }
    ESearch "ESEARCH" "RFC 4731." {}
    SearchRes "SEARCHRES" "RFC 5182." { needs: &[C::ESearch] }
    Within "WITHIN" "RFC 5032." {}
    Sort "SORT" "RFC 5256." { commands: results::SORT }
    SortDisplay "SORT=DISPLAY" "RFC 5957." { needs: &[C::Sort] }
    ESort "ESORT" "RFC 5267, for SORT." { needs: &[C::Sort, C::ESearch] }
    ThreadOrderedSubject "THREAD=ORDEREDSUBJECT" "RFC 5256." { commands: results::THREAD }
    ThreadReferences "THREAD=REFERENCES" "RFC 5256." { commands: results::THREAD }
    Partial "PARTIAL" "RFC 9394." { needs: &[C::ESearch] }
    Binary "BINARY" "RFC 3516." {}
    ObjectId "OBJECTID" "RFC 8474." {}
    SaveDate "SAVEDATE" "RFC 8514." {}
    Preview "PREVIEW" "RFC 8970." {}
    Replace "REPLACE" "RFC 8508." { commands: append::REPLACE }
    Quota "QUOTA" "RFC 9208." {
        says: Some(|_| "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE".into()),
        commands: quota::COMMANDS,
    }
    Acl "ACL" "RFC 4314." {
        // RFC 4314 §5.1.1.
        says: Some(|_| "ACL RIGHTS=texk".into()),
        commands: acl::COMMANDS,
    }
    ListMyRights "LIST-MYRIGHTS" "RFC 8440." { needs: &[C::Acl, C::ListExtended] }
    Metadata "METADATA" "RFC 5464." {
        commands: metadata::COMMANDS,
        enable: Some(|it, account, store, _| {
            it.enabled.metadata = true;
            it.known = Known::now(account, store);
        }),
    }
    Catenate "CATENATE" "RFC 4469." {}
    Utf8Accept "UTF8=ACCEPT" "RFC 9755, before it RFC 6855." {
        needs: &[C::Enable],
        enable: Some(|it, _, _, _| it.enabled.utf8 = true),
    }
    Compress "COMPRESS=DEFLATE" "RFC 4978." {
        commands: &[CommandRow::new("COMPRESS", User(|it, command, _, output| it.compress(command, output)))],
    }
    ContextSearch "CONTEXT=SEARCH" "RFC 5267." { usual: false, needs: &[C::ESearch], commands: contexts::COMMANDS }
    ContextSort "CONTEXT=SORT" "RFC 5267." {
        usual: false,
        needs: &[C::Sort, C::ESearch],
        commands: contexts::COMMANDS,
    }
    Notify "NOTIFY" "RFC 5465." { usual: false, commands: &[CommandRow::new("NOTIFY", User(Session::notify))] }
    UrlAuth "URLAUTH" "RFC 4467." { usual: false, commands: urls::COMMANDS }
    UrlAuthBinary "URLAUTH=BINARY" "RFC 5524." { usual: false, needs: &[C::UrlAuth, C::Binary] }
    Unauthenticate "UNAUTHENTICATE" "RFC 8437." {
        usual: false,
        commands: &[CommandRow::new("UNAUTHENTICATE", Anybody(Session::unauthenticate))],
    }
}

/// The extensions that RFC 9051 includes (appendix E), if they can be switched off here.
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
