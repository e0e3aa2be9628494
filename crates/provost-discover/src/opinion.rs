//! What one source says about a mail service. It does not judge which source counts.

use std::num::NonZeroU16;

use provost_account::{
    Authentication, CollectionService, DisplayName, DomainName, Endpoint, LoginTemplate, OAuth2, Port, Protocol,
    Security,
};

use crate::source::Source;

/// Everything that a source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The source.
    pub source: Source,
    /// Whose service it is, as people call it.
    pub name: Option<DisplayName>,
    /// The domains that it is about.
    pub domains: Vec<Said<DomainName>>,
    /// How a login name is made from an address.
    pub login: Option<Said<LoginTemplate>>,
    /// The servers, the preferred one of each protocol first.
    pub servers: Vec<Said<(Protocol, Endpoint)>>,
    /// How many days of mail a device keeps.
    pub sync_days: Option<Said<NonZeroU16>>,
    /// The calendar.
    pub calendar: Option<Said<CollectionService>>,
    /// The address book.
    pub contacts: Option<Said<CollectionService>>,
    /// Where tokens come from, for servers that want OAuth 2.
    pub oauth2: Option<Said<OAuth2>>,
    /// What is not certain about it, and what was left out.
    pub notes: Vec<Said<Note>>,
}

impl Opinion {
    /// An opinion about nothing, to be filled in.
    #[must_use]
    pub fn of(source: Source) -> Self {
        Self {
            source,
            name: None,
            domains: Vec::new(),
            login: None,
            servers: Vec::new(),
            sync_days: None,
            calendar: None,
            contacts: None,
            oauth2: None,
            notes: Vec::new(),
        }
    }

    /// The same without the servers that settings do not have: those without TLS, unless somebody insists, and those that want
    /// a login which no setting describes. They become notes.
    #[must_use]
    pub fn for_settings(mut self) -> Self {
        let mut kept = Vec::new();
        for said in self.servers {
            let endpoint = &said.value.1;
            let host = || endpoint.host.to_string();
            let note = match (endpoint.security, endpoint.authentication) {
                (Security::Cleartext, _) => Some(Note::WithoutTls { host: host(), port: Some(endpoint.port) }),
                (_, Authentication::Gssapi | Authentication::Ntlm | Authentication::HttpMd5) => {
                    Some(Note::Login { host: host(), authentication: endpoint.authentication })
                }
                (
                    Security::ImplicitTls | Security::StartTls,
                    Authentication::PasswordCleartext
                    | Authentication::PasswordEncrypted
                    | Authentication::OAuth2
                    | Authentication::ClientCertificate
                    | Authentication::None,
                ) => None,
            };
            match note {
                None => kept.push(said),
                Some(value) => self.notes.push(Said { value, by: said.by, line: said.line }),
            }
        }
        self.servers = kept;
        self
    }
}

/// A value with the words that say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// The sentence, row, record or element; empty if the source as a whole says it.
    pub by: String,
    /// The line of the source.
    pub line: Option<usize>,
}

/// What a reader of a source should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A server without TLS, which is left out.
    WithoutTls {
        /// Its host, if one is named.
        host: String,
        /// Its port, if one is named.
        port: Option<Port>,
    },
    /// A server that wants a login which settings do not describe, which is left out.
    Login {
        /// Its host.
        host: String,
        /// What it wants.
        authentication: Authentication,
    },
    /// A user name that is not made of an address by a rule that is known, which is left out.
    OtherLogin,
    /// A server of the past, which is left out.
    Old(String),
    /// A name that stands for the reader's own, which is no host.
    Placeholder(String),
    /// A server whose port or TLS the source does not say, which is left out.
    Incomplete(String),
    /// The port is the one that is registered for this way to start TLS: the source names none.
    RegisteredPort(Port),
    /// A host outside of the domain, which a record names that nobody proves (RFC 6186 §6).
    Outside {
        /// The host.
        host: String,
        /// The domain.
        domain: DomainName,
    },
    /// The source is about other domains too.
    OtherDomains {
        /// The one that is asked about.
        domain: DomainName,
        /// The others.
        others: Vec<DomainName>,
    },
    /// Words of the table of providers.
    Unsure(&'static str),
}
