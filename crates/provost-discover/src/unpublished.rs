//! What nobody says: what the person who writes the settings has to know. It does not know who was asked.

use provost_account::{Authentication, Protocol};

use crate::choice::Choice;

/// Something that settings can have, and that no source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unpublished {
    /// A server of this protocol.
    Server(Protocol),
    /// The rule for login names: the address is taken.
    Username,
    /// A calendar.
    Calendar,
    /// An address book.
    Contacts,
    /// Where tokens come from, which a server wants.
    OAuth2,
    /// How much mail a device keeps. Only guides say that.
    Sync,
}

impl Unpublished {
    /// The name in JSON: a protocol, or the key of the settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Server(protocol) => protocol.name(),
            Self::Username => "username",
            Self::Calendar => "calendar",
            Self::Contacts => "contacts",
            Self::OAuth2 => "oauth2",
            Self::Sync => "sync",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Server(Protocol::Imap) => "an IMAP server",
            Self::Server(Protocol::Pop3) => "a POP3 server",
            Self::Server(Protocol::Submission) => "a server to send through",
            Self::Username => "the login name",
            Self::Calendar => "a calendar",
            Self::Contacts => "an address book",
            Self::OAuth2 => "where tokens for OAuth 2 come from, which a server wants",
            Self::Sync => "how many days of mail a device keeps",
        }
    }
}

/// What nobody says, in the order of the settings.
#[must_use]
pub fn unpublished(choice: &Choice) -> Vec<Unpublished> {
    let has = |protocol| choice.servers.iter().any(|it| it.value.0 == protocol);
    let servers = Protocol::ALL.into_iter().filter(|it| !has(*it)).map(Unpublished::Server);
    let wants_tokens = choice.servers.iter().any(|it| it.value.1.authentication == Authentication::OAuth2);
    let others = [
        (choice.login.is_none(), Unpublished::Username),
        (choice.calendar.is_none(), Unpublished::Calendar),
        (choice.contacts.is_none(), Unpublished::Contacts),
        (wants_tokens && choice.oauth2.is_none(), Unpublished::OAuth2),
        (choice.sync_days.is_none(), Unpublished::Sync),
    ];
    servers.chain(others.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, it)| it)).collect()
}
