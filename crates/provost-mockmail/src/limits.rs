//! How much a client may use. Limits that cannot be set are constants next to the code that they limit.

/// Limits of the server. Clients are told those that a protocol has words for: APPENDLIMIT, SIZE, QUOTA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one listener at once; those beyond are closed.
    pub connections: usize,
    /// Octets of a message.
    pub message_octets: usize,
    /// Octets of all messages of an account.
    pub mailbox_octets: usize,
    /// Messages of an account.
    pub mailbox_messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            message_octets: 25 * 1024 * 1024,
            mailbox_octets: 1024 * 1024 * 1024,
            mailbox_messages: 1_000_000,
        }
    }
}
