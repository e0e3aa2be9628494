//! The connected clients: what is shown of each session, and how one is asked to end. Whoever removes what a session
//! depends on asks it to end here, under the store's lock; the shell says goodbye. No sockets, no protocol.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use provost_account::{EmailAddress, Protocol};
use tokio::sync::Notify;

use crate::store::AccountId;

/// A client's session, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The number of its connection, from 1, as in the transcript.
    pub number: u64,
    /// What is spoken.
    pub protocol: Protocol,
    /// The host that the server plays.
    pub host: String,
    /// Where the client comes from.
    pub peer: SocketAddr,
    /// Whether the connection is inside TLS.
    pub is_tls: bool,
    /// Who is logged in.
    pub account: Option<EmailAddress>,
    /// How many commands the client has sent.
    pub commands: u32,
    /// The folder that is selected, by its owner's name for it.
    pub folder: Option<String>,
}

/// How a session ends that is not ended by its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The client is told: `* BYE` in IMAP, `-ERR` in POP3, 421 in SMTP.
    Said,
    /// The connection ends without a word of the protocol. TLS is closed as it should be.
    Silent,
}

/// Everybody who is connected.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: BTreeMap<u64, Open>,
    /// Why whoever comes is sent away.
    closed: Option<Ending>,
    /// Told each time that a session has ended.
    gone: Arc<Notify>,
}

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) origin: Origin,
    pub(crate) now: Now,
    ending: Option<Ending>,
    bell: Arc<Bell>,
}

/// What of a session stays as it is.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) protocol: Protocol,
    pub(crate) host: Arc<str>,
    pub(crate) peer: SocketAddr,
}

/// What of a session changes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Now {
    pub(crate) is_tls: bool,
    pub(crate) account: Option<AccountId>,
    pub(crate) commands: u32,
    /// The owner of the selected folder, and its UIDVALIDITY.
    pub(crate) selected: Option<(AccountId, u32)>,
}

/// Why a session is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    AccountRemoved,
    Asked(Farewell),
    Reset,
    Stopping,
}

/// What wakes a connection that is asked to end.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    /// Where it waits for its client.
    pub(crate) asked: Notify,
    /// Wherever else it waits.
    pub(crate) overdue: Notify,
}

impl Sessions {
    /// Takes note of a session that begins, and gives what wakes it.
    pub(crate) fn begin(&mut self, number: u64, origin: Origin) -> Arc<Bell> {
        let bell = Arc::new(Bell::default());
        let open = Open { origin, now: Now::default(), ending: None, bell: Arc::clone(&bell) };
        self.open.insert(number, open);
        if let Some(ending) = self.closed {
            self.end(|at, _| at == number, ending);
        }
        bell
    }

    /// Takes note of how it stands.
    pub(crate) fn note(&mut self, number: u64, now: Now) {
        if let Some(open) = self.open.get_mut(&number) {
            open.now = now;
        }
    }

    /// Takes note that it is over.
    pub(crate) fn is_over(&mut self, number: u64) {
        self.open.remove(&number);
        self.gone.notify_one();
    }

    /// Why it has to end, if it has to.
    pub(crate) fn ending(&self, number: u64) -> Option<Ending> {
        self.open.get(&number)?.ending
    }

    /// All that are not asked to end.
    pub(crate) fn open(&self) -> impl Iterator<Item = (u64, &Open)> {
        self.open.iter().filter(|(_, open)| open.ending.is_none()).map(|(number, open)| (*number, open))
    }

    /// Asks those to end that are meant, and says how many they are. From here on nothing that they say is done.
    pub(crate) fn end(&mut self, is_meant: impl Fn(u64, &Now) -> bool, ending: Ending) -> usize {
        let mut count = 0;
        for (number, open) in &mut self.open {
            if open.ending.is_none() && is_meant(*number, &open.now) {
                open.ending = Some(ending);
                open.bell.asked.notify_one();
                open.bell.overdue.notify_one();
                count += 1;
            }
        }
        count
    }

    /// Asks all to end, and whoever comes later.
    pub(crate) fn close(&mut self) {
        self.closed = Some(Ending::Stopping);
        self.end(|_, _| true, Ending::Stopping);
    }

    /// What tells that a session has ended; `None`: none is left.
    pub(crate) fn left(&self) -> Option<Arc<Notify>> {
        (!self.open.is_empty()).then(|| Arc::clone(&self.gone))
    }
}

impl Ending {
    /// What the client is told; `None`: nothing.
    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Self::AccountRemoved => Some("the account was removed"),
            Self::Asked(Farewell::Said) => Some("the session was ended by the server"),
            Self::Asked(Farewell::Silent) => None,
            Self::Reset => Some("the server was set back to its start"),
            Self::Stopping => Some("the server is shutting down"),
        }
    }
}
