//! One person's mail account, as settings describe it or as a device understood it. The organization's settings are
//! [`Service`](crate::Service).

use std::num::NonZeroU16;

use crate::{
    Apple, Certificate, DisplayName, EmailAddress, Endpoint, Groupware, IncomingProtocol, Login, Protocol, Secret,
    Smime,
};

/// A mail account: who it is for, and the servers it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The address that mail is sent from.
    pub address: EmailAddress,
    /// The name shown next to the address, if one is known.
    pub full_name: Option<DisplayName>,
    /// Further addresses whose mail arrives here.
    pub aliases: Vec<EmailAddress>,
    /// Names of the groups that the user list puts the person in.
    pub groups: Vec<String>,
    /// Servers to receive from, the preferred one first. A client uses the first one. Empty: the client only sends.
    pub incoming: Vec<Incoming>,
    /// Servers to send through, the preferred one first. A client uses the first one. Empty: the client only receives.
    pub outgoing: Vec<Server>,
    /// How much mail is kept on the device.
    pub sync: SyncWindow,
    /// Certificate authorities to trust besides the device's own.
    pub trust: Vec<Certificate>,
    /// Calendar, address book and directory.
    pub groupware: Groupware,
    /// What Apple's Mail is asked to do.
    pub apple: Apple,
    /// The S/MIME identity, if the person has one.
    pub smime: Option<Smime>,
}

impl Account {
    /// An account with an address and nothing else, to be filled in.
    #[must_use]
    pub fn of(address: EmailAddress) -> Self {
        Self {
            address,
            full_name: None,
            aliases: Vec::new(),
            groups: Vec::new(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
            sync: SyncWindow::Unlimited,
            trust: Vec::new(),
            groupware: Groupware::default(),
            apple: Apple::default(),
            smime: None,
        }
    }

    /// Every server with its protocol, those to receive from first.
    pub fn servers(&self) -> impl Iterator<Item = (Protocol, &Server)> + Clone {
        let incoming = self.incoming.iter().map(|it| (it.protocol.into(), &it.server));
        incoming.chain(self.outgoing.iter().map(|server| (Protocol::Submission, server)))
    }

    /// The servers that a client uses: the first to receive from, and the first to send through.
    pub fn first_servers(&self) -> impl Iterator<Item = (Protocol, &Server)> + Clone {
        let incoming = self.incoming.first().map(|it| (it.protocol.into(), &it.server));
        incoming.into_iter().chain(self.outgoing.first().map(|server| (Protocol::Submission, server)))
    }

    /// The login name: that of the first server that wants one.
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.servers().find_map(|(_, server)| server.login.as_ref())
    }
}

/// A server to receive from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The protocol spoken there.
    pub protocol: IncomingProtocol,
    /// Where it is and how to log in.
    pub server: Server,
}

/// Where a server is and how this account logs in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host, port, protection and authentication.
    pub endpoint: Endpoint,
    /// The login name. `None` only where [`Authentication::None`](crate::Authentication::None) needs none.
    pub login: Option<Login>,
    /// The password, where the file or the user list carries one. `None`: the person types it.
    pub password: Option<Secret>,
}

/// How much mail a client keeps on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncWindow {
    /// No limit is set: the client's default applies.
    Unlimited,
    /// Mail of the last days, today included.
    Days(NonZeroU16),
}
