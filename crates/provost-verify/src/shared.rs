//! What the checks of one server share: a connection, at the stage to which they have brought it, and the TLS sessions
//! that further connections resume. It judges nothing, and connects nowhere.

use std::any::Any;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use provost_network::Network;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What the checks of one server share. Once a check has failed, nothing of it is used any more.
pub(crate) struct Shared<'a> {
    network: &'a Network,
    state: Mutex<State>,
}

struct State {
    /// It knows no TLS session until the first full handshake.
    tls: TlsConnector,
    is_used: bool,
    /// Its type says at which stage it is.
    held: Option<Box<dyn Any + Send>>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(network: &'a Network) -> Self {
        Self { network, state: Mutex::new(State::new(network)) }
    }

    /// Takes the connection, if it is at that stage.
    pub(crate) fn take<Stage: Any>(&self) -> Option<Stage> {
        self.state().held.take_if(|held| held.is::<Stage>())?.downcast().ok().map(|held| *held)
    }

    /// Keeps the connection for the next check.
    pub(crate) fn keep<Stage: Any + Send>(&self, connection: Stage) {
        let connection: Box<dyn Any + Send> = Box::new(connection);
        let mut state = self.state();
        state.is_used |= !connection.is::<TcpStream>();
        state.held = Some(connection);
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(network: &Network) -> Self {
        Self { tls: network.resuming(), is_used: false, held: None }
    }
}

impl fmt::Debug for Shared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
