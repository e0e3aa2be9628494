//! A TLS mock IMAP, POP3 and SMTP server, built from the settings that clients get, that misbehaves on request.
//!
//! It listens on loopback only, keeps mail in memory unless it has a folder, and knows nothing about who will check it,
//! or how.

mod deflate;
#[cfg(any(test, feature = "fuzzing"))]
mod example;
mod faults;
mod flags;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod handle;
#[cfg(test)]
mod hostile_input;
mod imap;
mod limits;
mod mailbox;
mod message;
mod pop3;
mod rights;
mod sasl;
mod session;
mod sessions;
mod shell;
mod smtp;
mod state;
mod store;
mod tls;
mod transcript;
#[cfg(test)]
mod transcripts;
mod uid_validity;
mod wakers;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use provost_account::{Certificate, EmailAddress, Host, Login, Port, Protocol, Secret, Security, Service};
use thiserror::Error;

use state::State;

pub use transcript::{Line, Speaker};
use uid_validity::UidValidities;
use wakers::Wakers;

pub use faults::{Amount, Armed, ArmedError, Fault, FaultRow, ProviderName, Stage, When, faults};
pub use flags::{FlagError, flag};
pub use handle::{Filter, FlagChange, FolderStatus, HandleError, Kept, NewMessage, Placed, Preloaded, Text, Wanted};
pub use imap::{Capabilities, Capability, CapabilityRow, ChoiceError, Chosen, capabilities};
pub use limits::Limits;
pub use message::Envelope;
pub use sessions::{Farewell, OpenSession};
pub use state::StateError;
pub use store::Rules;
pub use tls::{ClientCertificate, KeyKind, TlsOptions};
pub use uid_validity::uid_validity_at;

/// What the server is made from.
#[derive(Debug, Clone)]
pub struct Config {
    /// The service whose servers it plays.
    pub service: Service,
    /// The mailboxes that it keeps.
    pub mailboxes: Vec<Mailbox>,
    /// Messages that are there from the start, behind the first ones of every INBOX.
    pub preload: Vec<Preloaded>,
    /// How it misbehaves.
    pub faults: Vec<Armed>,
    /// What IMAP announces and does.
    pub capabilities: Capabilities,
    /// Rules that are lifted.
    pub rules: Rules,
    /// How much clients may take.
    pub limits: Limits,
    /// How TLS is spoken.
    pub tls: TlsOptions,
    /// Ports on loopback for the first server of a kind; the others get free ones.
    pub ports: Vec<FixedPort>,
    /// The folder in which mail is kept as maildirs; `None`: in memory only.
    pub state: Option<PathBuf>,
    /// The UIDVALIDITY of every INBOX at the start, from which new folders count on; `None`: one that comes from the time
    /// and was never there before in this program, see [`uid_validity_at`]. Mail that is kept keeps its own.
    pub uid_validity: Option<NonZeroU32>,
    /// Whether a transcript is kept.
    pub transcript: bool,
    /// The time at the start: certificates and the first messages are dated from it.
    pub now: SystemTime,
}

/// A port on loopback that is not left to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedPort {
    /// What is spoken there.
    pub protocol: Protocol,
    /// How the connection is protected.
    pub security: Security,
    /// The port; 0 for any that is free.
    pub port: u16,
}

/// A mailbox and who may open it.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// The address that mail comes to.
    pub address: EmailAddress,
    /// Further addresses.
    pub aliases: Vec<EmailAddress>,
    /// The login name, compared octet by octet.
    pub login: Login,
    /// The password; for OAuth 2, the token.
    pub password: Secret,
}

/// A server that listens, or that a fault keeps from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What is spoken.
    pub protocol: Protocol,
    /// How the connection is protected.
    pub security: Security,
    /// The host that it plays.
    pub host: Host,
    /// The port that it plays.
    pub port: Port,
    /// Where it listens; `None` if a fault closes the port or removes the name.
    pub socket: Option<SocketAddr>,
    /// Whether the service names it. The six standard servers are always there, for clients under development.
    pub named: bool,
    /// Whether the host has an address; a fault can take it away.
    pub resolves: bool,
}

/// The running server. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct MockMail {
    listeners: Vec<Listener>,
    authority: Arc<tls::Authority>,
    store: Arc<Mutex<store::Store>>,
    wakers: Arc<Wakers>,
    uid_validities: UidValidities,
    /// Without the mailboxes: the store has them.
    config: Config,
    state: Option<State>,
    tasks: tokio::task::JoinSet<()>,
}

impl Config {
    /// A server without faults that announces what makes every client happy, on free ports.
    #[must_use]
    pub fn of(service: Service, mailboxes: Vec<Mailbox>, now: SystemTime) -> Self {
        Self {
            service,
            mailboxes,
            preload: Vec::new(),
            faults: Vec::new(),
            capabilities: Capabilities::usual(),
            rules: Rules::default(),
            limits: Limits::default(),
            tls: TlsOptions::default(),
            ports: Vec::new(),
            state: None,
            uid_validity: None,
            transcript: false,
            now,
        }
    }
}

impl MockMail {
    /// Starts it. When this returns, every listener accepts.
    ///
    /// # Errors
    ///
    /// A loopback socket cannot be opened, or a certificate cannot be made.
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        let authority = Arc::new(tls::Authority::new(config.now)?);
        let state = config.state.as_deref().map(State::new);
        config.uid_validity.get_or_insert_with(|| uid_validity::claim(config.now));
        let mailboxes = std::mem::take(&mut config.mailboxes);
        let mut store = store::Store::new(&config, mailboxes);
        if let Some(state) = &state {
            let kept = state.load(store.uid_validities())?;
            store.bring(kept);
        }
        handle::preload(&mut store, &config)?;
        let uid_validities = store.uid_validities().clone();
        let store = Arc::new(Mutex::new(store));
        let wakers = Arc::new(Wakers::default());
        let mut started = shell::listen(&config, &authority, &store, &wakers).await?;
        if let Some(state) = &state {
            started.tasks.spawn(shell::keep_saving(state.clone(), Arc::clone(&store), Arc::clone(&wakers)));
        }
        Ok(Self {
            listeners: started.listeners,
            authority,
            store,
            wakers,
            uid_validities,
            config,
            state,
            tasks: started.tasks,
        })
    }

    /// Every server, those that the service names first.
    #[must_use]
    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// The certificate of the authority that vouches for every server here, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The same, DER.
    #[must_use]
    pub fn ca(&self) -> Certificate {
        self.authority.certificate()
    }

    /// A certificate with which a client can log in as `login` where [`TlsOptions::client_certificates`] is on.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn client_certificate(&self, login: &Login) -> Result<ClientCertificate, StartError> {
        self.authority.client(login.as_str())
    }

    /// Keeps everything that has changed, where mail is kept. It is done after every change, too; here a failure is told.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn save(&self) -> Result<(), StateError> {
        self.state.as_ref().map_or(Ok(()), |state| shell::save(state, &self.store))
    }

    /// The UIDVALIDITY that no folder has had yet: what a server that takes this one's place may start from.
    #[must_use]
    pub fn next_uid_validity(&self) -> u32 {
        self.uid_validities.next()
    }

    /// Takes leave of every client, and of those who still come: BYE in IMAP, `-ERR` in POP3, 421 in SMTP, and an end of TLS
    /// as it should be. When this returns, all connections have ended, or had two seconds to do so.
    pub async fn take_leave(&self) {
        self.store.lock().unwrap_or_else(PoisonError::into_inner).sessions.close();
        let all_gone = async {
            loop {
                let left = self.store.lock().unwrap_or_else(PoisonError::into_inner).sessions.left();
                let Some(gone) = left else { return };
                gone.notified().await;
            }
        };
        // Who has not ended by then is cut off with the server.
        tokio::time::timeout(LEAVE_MAX, all_gone).await.ok();
    }

    /// Takes leave of every client and ends.
    pub async fn stop(mut self) {
        self.take_leave().await;
        self.tasks.shutdown().await;
    }
}

impl Drop for MockMail {
    /// What is not kept yet is kept. A failure has nobody to be told to; see [`MockMail::save`].
    fn drop(&mut self) {
        uid_validity::given_up_to(self.next_uid_validity());
        self.save().ok();
    }
}

/// Why the server did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The system did not give the port that was asked for.
    #[error("cannot listen on port {port} of loopback")]
    Fixed {
        /// The port.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system gave no socket on loopback.
    #[error("no socket on loopback for {}", host.authority(*port))]
    Listen {
        /// The host that would have been played.
        host: Host,
        /// Its port.
        port: Port,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A message cannot be there from the start.
    #[error("cannot put a message into {folder:?} of {address}")]
    Preload {
        /// Whose it would be.
        address: EmailAddress,
        /// Its folder.
        folder: String,
        /// Why not.
        #[source]
        source: Box<HandleError>,
    },
    /// A certificate or key could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// What was kept of mail cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The TLS library refused a certificate that was just made.
    #[error("cannot use the certificate that was just made")]
    Tls(#[from] rustls::Error),
}

/// How long it takes at most to take leave of all clients.
const LEAVE_MAX: Duration = Duration::from_secs(2);
