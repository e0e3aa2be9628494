//! What the checks of one server share: a connection, at the stage to which they have brought it, and the TLS sessions
//! that further connections resume. It judges nothing, and connects nowhere.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Network;
use crate::clients::{Stream, imap, pop3, smtp};

/// What the checks of one server share. Once a check has failed, nothing of it is used any more.
pub(crate) struct Shared<'a> {
    network: &'a Network,
    state: Mutex<State>,
}

struct State {
    /// It knows no TLS session until the first full handshake.
    tls: TlsConnector,
    is_used: bool,
    held: Held,
}

/// The connection, at one of these stages; or none.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) tcp: Option<TcpStream>,
    pub(crate) secured: Option<Stream>,
    pub(crate) imap: Option<imap::Connected>,
    pub(crate) imap_session: Option<imap::LoggedIn>,
    pub(crate) pop3: Option<pop3::Session<Stream>>,
    pub(crate) pop3_session: Option<pop3::Session<Stream>>,
    pub(crate) smtp: Option<smtp::Connected>,
    pub(crate) smtp_session: Option<smtp::Connected>,
}

/// A stage of the connection.
pub(crate) type Stage<T> = fn(&mut Held) -> &mut Option<T>;

impl<'a> Shared<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        Self { network, state: Mutex::new(State::new(network)) }
    }

    /// Takes the connection, if it is at that stage.
    pub(crate) fn take<T>(&self, stage: Stage<T>) -> Option<T> {
        stage(&mut self.state().held).take()
    }

    /// Keeps the connection at that stage for the next check.
    pub(crate) fn keep<T>(&self, connection: T, stage: Stage<T>) {
        let mut state = self.state();
        *stage(&mut state.held) = Some(connection);
        state.is_used |= state.held.tcp.is_none();
    }

    /// What starts TLS.
    pub(crate) fn tls(&self) -> TlsConnector {
        let mut state = self.state();
        state.is_used = true;
        state.tls.clone()
    }

    /// Whether a check would not be alone with its server any more.
    pub(crate) fn is_used(&self) -> bool {
        self.state().is_used
    }

    /// Begins anew: the connection is closed, and the TLS sessions are forgotten.
    pub(crate) fn forget(&self) {
        *self.state() = State::new(self.network);
    }

    /// Ends the session as a client does.
    pub(crate) async fn end(&self) {
        let held = std::mem::take(&mut self.state().held);
        if let Some(session) = held.imap_session {
            imap::leave(session).await;
        }
        if let Some(session) = held.smtp_session {
            session.leave().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(network: &Network) -> Self {
        Self { tls: network.resuming(), is_used: false, held: Held::default() }
    }
}

impl fmt::Debug for Shared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
