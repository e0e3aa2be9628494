//! What servers say of themselves and of a mailbox, which may be evidence and may be a cause: limits, room, folders. It asks
//! nothing and has no words.

use std::time::Duration;

/// What became of the test message where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// It is marked as deleted and stays: the server lacks UIDPLUS.
    Marked,
}

/// What a server announces of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The largest message that it takes: SMTP's SIZE, IMAP's APPENDLIMIT.
    MessageOctets(u64),
    /// POP3: how many days a message stays; 0: until it was read.
    KeptDays(u64),
    /// POP3: the server deletes nothing by itself.
    KeptForEver,
    /// POP3: the time between two logins.
    LoginDelay(Duration),
}

/// A limit of a mailbox, and how much of it is used (RFC 9208 §4.2.1). The limit is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Quota {
    pub counts: Counted,
    pub used: u64,
    pub limit: u64,
}

/// What a limit of a mailbox counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// STORAGE: RFC 9208 §5.1, "in units of 1024 octets".
    Kibibytes,
    /// MESSAGE.
    Messages,
}

impl Quota {
    /// How much is used, of a thousand parts.
    pub(crate) fn per_mille(&self) -> u128 {
        u128::from(self.used) * 1000 / u128::from(self.limit.max(1))
    }
}

/// What the server names a folder for (RFC 6154 §2), of what clients save and move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SpecialUse {
    Sent,
    Drafts,
    Trash,
    Junk,
}
