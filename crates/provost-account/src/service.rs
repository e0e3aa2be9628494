//! What an organization offers to everyone: the servers and rules that make its accounts. One person's account is
//! [`Account`].

use crate::{
    Account, Apple, Authentication, Certificate, CollectionService, DisplayName, DomainName, EmailAddress, Endpoint,
    Groupware, Host, HttpsUrl, Incoming, IncomingProtocol, LdapService, Login, LoginTemplate, ManagedApp, Mdm,
    Organization, PasswordCommand, Protocol, Publication, Secret, Server, SmimeRules, SyncWindow,
};

/// One organization's mail service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Who offers it.
    pub organization: Organization,
    /// The domains of its addresses.
    pub domains: Vec<DomainName>,
    /// How a login name is made from an address.
    pub login: LoginTemplate,
    /// Servers to receive from, the preferred one first.
    pub incoming: Vec<(IncomingProtocol, Endpoint)>,
    /// Servers to send through, the preferred one first.
    pub outgoing: Vec<Endpoint>,
    /// How far back a device keeps mail.
    pub sync: SyncWindow,
    /// Certificate authorities that a device must trust besides its own.
    pub trust: Vec<Certificate>,
    /// Where tokens come from, if some server wants OAuth 2.
    pub oauth2: Option<OAuth2>,
    /// The command that prints a person's password, for clients that run one.
    pub password_command: Option<PasswordCommand>,
    /// Everybody's calendar.
    pub calendar: Option<CollectionService>,
    /// Everybody's address book.
    pub contacts: Option<CollectionService>,
    /// The directory of everybody.
    pub ldap: Option<LdapService>,
    /// How the settings are published.
    pub publication: Publication,
    /// Switches of Apple's Mail and terms of its profiles.
    pub apple: Apple,
    /// Device management systems whose variables are not known here, or are spelled differently.
    pub mdm: Vec<Mdm>,
    /// The folder of files that devices fetch: the user names of Apple's declarations.
    pub assets: Option<HttpsUrl>,
    /// Where people's S/MIME identities are.
    pub smime: Option<SmimeRules>,
    /// The same mailboxes over Exchange, for clients that support nothing else.
    pub exchange: Option<Exchange>,
    /// An Android app that takes its configuration from a management system.
    pub android: Option<ManagedApp>,
}

impl Service {
    /// A service with nothing but what every service has, to be filled in: no window, nothing to trust, no OAuth 2.
    #[must_use]
    pub fn of(
        organization: Organization,
        domains: Vec<DomainName>,
        login: LoginTemplate,
        incoming: Vec<(IncomingProtocol, Endpoint)>,
        outgoing: Vec<Endpoint>,
    ) -> Self {
        Self {
            organization,
            domains,
            login,
            incoming,
            outgoing,
            sync: SyncWindow::Unlimited,
            trust: Vec::new(),
            oauth2: None,
            password_command: None,
            calendar: None,
            contacts: None,
            ldap: None,
            publication: Publication::default(),
            apple: Apple::default(),
            mdm: Vec::new(),
            assets: None,
            smime: None,
            exchange: None,
            android: None,
        }
    }

    /// Every server with its protocol, those to receive from first.
    pub fn servers(&self) -> impl Iterator<Item = (Protocol, &Endpoint)> + Clone {
        let incoming = self.incoming.iter().map(|(protocol, endpoint)| ((*protocol).into(), endpoint));
        incoming.chain(self.outgoing.iter().map(|endpoint| (Protocol::Submission, endpoint)))
    }

    /// The login name of `address` here: `login`, or what the template makes. `None`: no server asks for one.
    #[must_use]
    pub fn login(&self, address: &EmailAddress, login: Option<Login>) -> Option<Login> {
        let asks = self.servers().any(|(_, endpoint)| endpoint.authentication != Authentication::None);
        asks.then(|| login.unwrap_or_else(|| self.login.expand(address)))
    }

    /// The account of `address` here. `login` takes the place of the template's; `password` goes to every server.
    /// It has no S/MIME identity: that is a file of its own.
    #[must_use]
    pub fn account(
        &self,
        address: EmailAddress,
        full_name: Option<DisplayName>,
        login: Option<Login>,
        password: Option<&Secret>,
    ) -> Account {
        let login = login.unwrap_or_else(|| self.login.expand(&address));
        let server = |endpoint: &Endpoint| Server {
            endpoint: endpoint.clone(),
            login: (endpoint.authentication != Authentication::None).then(|| login.clone()),
            password: password.cloned(),
        };
        let collection = |it: &CollectionService| it.expand(&address, &login);
        let groupware = Groupware {
            calendar: self.calendar.as_ref().map(collection),
            contacts: self.contacts.as_ref().map(collection),
            ldap: self.ldap.as_ref().map(|ldap| ldap.expand(&address)),
        };
        Account {
            incoming: self
                .incoming
                .iter()
                .map(|(protocol, endpoint)| Incoming { protocol: *protocol, server: server(endpoint) })
                .collect(),
            outgoing: self.outgoing.iter().map(server).collect(),
            address,
            full_name,
            aliases: Vec::new(),
            groups: Vec::new(),
            sync: self.sync,
            trust: self.trust.clone(),
            groupware,
            apple: self.apple.clone(),
            smime: None,
        }
    }
}

/// Exchange ActiveSync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The server, over TLS.
    pub host: Host,
}

/// An OAuth 2 provider, as Mozilla autoconfig's `oAuth2` element describes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2 {
    /// The provider's name, usually its host.
    pub issuer: String,
    /// The scopes to ask for, separated by spaces.
    pub scope: String,
    /// The authorization endpoint (RFC 6749 §3.1).
    pub auth_url: String,
    /// The token endpoint (RFC 6749 §3.2).
    pub token_url: String,
}
