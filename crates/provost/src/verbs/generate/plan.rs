//! What a run of `generate` is to write, and for whom: it calls the writers, one after the other, and keeps nothing of what
//! they make. It touches no file.

use std::collections::BTreeSet;
use std::fmt;

use provost_account::{Account, DomainName, OrganizationId, Service};
use provost_profile::{
    DomainRequest, File, FileName, Format, OrganizationRequest, Passwords, Profile, Refusal, Request, Variant, Write,
};
use provost_settings::{User, Users};

use crate::arguments::{Generate, Only};
use crate::failure::Failure;
use crate::signing;
use provost_generate::Stems;
use provost_generate::manifest::Scope;

/// What is to be written, and for whom.
pub(super) struct Plan<'a> {
    pub(super) kinds: Vec<Kind>,
    pub(super) service: &'a Service,
    pub(super) users: &'a Users,
    pub(super) stems: Stems,
    pub(super) options: &'a Generate,
}

/// What a writer made for somebody.
pub(super) struct Made<'a> {
    pub(super) kind: Kind,
    pub(super) whom: Whom<'a>,
    /// What the files' names begin with.
    stem: String,
    pub(super) written: Result<Profile, Refusal>,
}

/// What is written: a format, and for which kind of device.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) format: &'static Format,
    pub(super) variant: &'static Variant,
}

/// Whom a file is for. One for several people is proven with the account of one whom it fits, if there is one.
#[derive(Clone, Copy)]
pub(super) enum Whom<'a> {
    User(&'a Account),
    Domain { domain: &'a DomainName, sample: Option<&'a Account> },
    Organization { id: &'a OrganizationId, sample: Option<&'a Account> },
}

impl<'a> Plan<'a> {
    /// Makes every profile, one after the other.
    pub(super) fn profiles(&self, take: &mut impl FnMut(Made<'a>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.kinds.iter().try_for_each(|kind| self.of_kind(*kind, take))
    }

    /// Whether files of this format and variant would be written now. Of a format that is written whole, also those of a
    /// variant that is no more.
    pub(super) fn asks_for(&self, format: &str, variant: Option<&str>) -> bool {
        let mut kinds = self.kinds.iter().filter(|kind| kind.format.name == format);
        kinds.any(|kind| kind.variant() == variant || self.is_whole(kind.format))
    }

    /// Where the files will lie.
    pub(super) fn folders(&self) -> BTreeSet<String> {
        let folder = |kind: &Kind| match self.is_whole(kind.format) {
            true => kind.format.name.to_owned(),
            false => kind.folder(),
        };
        self.kinds.iter().map(folder).collect()
    }

    fn is_whole(&self, format: &Format) -> bool {
        self.kinds.iter().filter(|kind| kind.format.name == format.name).count() == format.variants.len()
    }

    /// How many there are.
    pub(super) fn profile_count(&self) -> usize {
        let count = |kind: &Kind| match kind.variant.write {
            Write::User(_) => self.users.good.len(),
            Write::Domain(_) => self.service.domains.len(),
            Write::Organization(_) => 1,
        };
        self.kinds.iter().map(count).sum()
    }

    fn of_kind(&self, kind: Kind, take: &mut impl FnMut(Made<'a>) -> Result<(), Failure>) -> Result<(), Failure> {
        let (service, users, variant) = (self.service, &self.users.good, kind.variant);
        let mut made = |whom, stem, written| take(Made { kind, whom, stem, written });
        match variant.write {
            Write::User(write) => users.iter().try_for_each(|user| {
                let stem = self.stems.stem(&user.account.address);
                let request = |account, passwords| Request { service, account, variant, passwords };
                let written = match self.options.danger_embed_passwords {
                    true => write(&request(&with_password(user), Passwords::Embed)),
                    false => write(&request(&user.account, Passwords::LeaveOut)),
                };
                made(Whom::User(&user.account), stem, written)
            }),
            Write::Domain(write) => service.domains.iter().try_for_each(|domain| {
                let sample = sample(service, users, |account| account.address.domain() == domain);
                let written = write(&DomainRequest { service, domain, variant });
                made(Whom::Domain { domain, sample }, domain.to_string(), written)
            }),
            Write::Organization(write) => {
                let (id, sample) = (&service.organization.id, sample(service, users, |_| true));
                let written = write(&OrganizationRequest { service, variant });
                made(Whom::Organization { id, sample }, id.to_string(), written)
            }
        }
    }
}

impl Made<'_> {
    /// The path of one of its files, relative to the folder.
    pub(super) fn path(&self, file: &File) -> String {
        let (folder, stem) = (self.kind.folder(), &self.stem);
        match &file.name {
            FileName::Own { part: Some(part), extension } => format!("{folder}/{stem}.{part}.{extension}"),
            FileName::Own { part: None, extension } => format!("{folder}/{stem}.{extension}"),
            FileName::Below(path) => format!("{folder}/{stem}/{path}"),
        }
    }
}

impl Kind {
    /// Every format and variant, in the order of the table.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        provost_profile::formats()
            .iter()
            .flat_map(|format| format.variants.iter().map(move |variant| Self { format, variant }))
    }

    /// Whether `--only` or `--client` names it, or neither is given.
    pub(super) fn is_asked_for(&self, options: &Generate) -> bool {
        let is_named = |only: &Only| {
            let is_variant = only.variant.is_none_or(|variant| variant.name == self.variant.name);
            only.format.name == self.format.name && is_variant
        };
        let is_clients = options.client.is_none_or(|client| self.format.client_names.contains(&client));
        is_clients && (options.only.is_empty() || options.only.iter().any(is_named))
    }

    /// The variant, where the format has several.
    pub(super) fn variant(self) -> Option<&'static str> {
        Some(self.variant.name).filter(|name| !name.is_empty())
    }

    /// Whether that file of it is signed.
    pub(super) fn is_signed(self, path: &str) -> bool {
        matches!(self.variant.write, Write::User(_)) && signing::is_signed(self.format.name, self.variant(), path)
    }

    /// Where its files lie.
    pub(super) fn folder(self) -> String {
        with_variant(self.format.name, self.variant())
    }
}

/// `FORMAT/VARIANT`, or only the format where it has one variant.
pub(super) fn with_variant(format: &str, variant: Option<&str>) -> String {
    variant.map_or_else(|| format.to_owned(), |variant| format!("{format}/{variant}"))
}

impl<'a> Whom<'a> {
    /// The person, or the one with whom a file for several is proven.
    pub(super) fn account(self) -> Option<&'a Account> {
        match self {
            Self::User(account) => Some(account),
            Self::Domain { sample, .. } | Self::Organization { sample, .. } => sample,
        }
    }

    /// The same, as the manifest says it.
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::User(_) => Scope::User,
            Self::Domain { domain, .. } => Scope::Domain(domain.clone()),
            Self::Organization { .. } => Scope::Organization,
        }
    }
}

impl fmt::Display for Whom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(account) => account.address.fmt(f),
            Self::Domain { domain, .. } => domain.fmt(f),
            Self::Organization { id, .. } => id.fmt(f),
        }
    }
}

/// Somebody whom a file for several fits: one whose login name is the template's.
fn sample<'a>(service: &Service, users: &'a [User], among: impl Fn(&Account) -> bool) -> Option<&'a Account> {
    let mut accounts = users.iter().map(|user| &user.account).filter(|account| among(account));
    accounts.find(|account| account.login() == service.account(account.address.clone(), None, None, None).login())
}

fn with_password(user: &User) -> Account {
    let mut account = user.account.clone();
    for incoming in &mut account.incoming {
        incoming.server.password.clone_from(&user.password);
    }
    for server in &mut account.outgoing {
        server.password.clone_from(&user.password);
    }
    account
}
