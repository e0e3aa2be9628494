//! What a writer is, and its request. It does not know what a file looks like.

use provost_account::{Account, DomainName, Secret, Server, Service};

use crate::profile::{Profile, Refusal};

/// A kind of device, or of use, for which a file of the format differs.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The name of its folder; empty for the one whose files lie in the format's own.
    pub name: &'static str,
    /// The devices.
    pub devices: &'static str,
    /// Whom a file is for, and the writer.
    pub write: Write,
}

/// Whom a file is for, and the writer.
#[derive(Debug, Clone, Copy)]
pub enum Write {
    /// One person.
    User(fn(&Request<'_>) -> Result<Profile, Refusal>),
    /// Everybody in one of the service's domains.
    Domain(fn(&DomainRequest<'_>) -> Result<Profile, Refusal>),
    /// Everybody in the organization.
    Organization(fn(&OrganizationRequest<'_>) -> Result<Profile, Refusal>),
}

impl Write {
    /// The scope's name: `user`, `domain`, `organization`.
    #[must_use]
    pub fn scope(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Domain(_) => "domain",
            Self::Organization(_) => "organization",
        }
    }
}

/// The request for one person's files.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What the organization offers.
    pub service: &'a Service,
    /// The account.
    pub account: &'a Account,
    /// One of the format's variants.
    pub variant: &'static Variant,
    /// Whether the file carries passwords.
    pub passwords: Passwords,
}

/// The request for a domain's files.
#[derive(Debug, Clone, Copy)]
pub struct DomainRequest<'a> {
    /// What the organization offers.
    pub service: &'a Service,
    /// One of its domains.
    pub domain: &'a DomainName,
    /// One of the format's variants.
    pub variant: &'static Variant,
}

/// The request for an organization's files.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationRequest<'a> {
    /// What the organization offers.
    pub service: &'a Service,
    /// One of the format's variants.
    pub variant: &'static Variant,
}

/// Whether a file carries the account's passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// No: the person types them.
    LeaveOut,
    /// Yes: anyone who has the file has the password.
    Embed,
}

impl Passwords {
    /// The password of a server that the file carries.
    pub(crate) fn carried(self, server: &Server) -> Option<&Secret> {
        match self {
            Self::Embed => server.password.as_ref(),
            Self::LeaveOut => None,
        }
    }
}

/// How a file gives a client the password of a server.
pub(crate) enum Password<'a> {
    /// The file carries it.
    Carried(&'a Secret),
    /// A shell runs this command, which prints it.
    Printed(String),
    /// The person types it.
    Typed,
}

impl Request<'_> {
    /// How the file gives the password of a server, to a client that runs commands.
    pub(crate) fn password<'a>(&self, server: &'a Server) -> Password<'a> {
        match (self.passwords.carried(server), self.password_command(server)) {
            (Some(password), _) => Password::Carried(password),
            (None, Some(command)) => Password::Printed(command),
            (None, None) => Password::Typed,
        }
    }

    /// The command that prints the password of a server, or its token.
    pub(crate) fn password_command(&self, server: &Server) -> Option<String> {
        let command = self.service.password_command.as_ref()?;
        Some(command.expand(&self.account.address, server.login.as_ref()))
    }
}
