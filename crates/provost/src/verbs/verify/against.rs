//! What the proof compares with: the mock server that the settings describe, or the real servers. Never the file under
//! test, or a wrong port would make the mock listen on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use provost_account::{Account, EmailAddress, LeftOpen, Login, Secret, Service};
use provost_mockmail::Mailbox;
use provost_settings::read_service;

use super::proven::{Origin, Proven};
use crate::arguments::Verify;
use crate::failure::Failure;
use crate::mailboxes::{Mailboxes, login, made_up_password};
use crate::road::generated::Generated;
use crate::road::profile::Profile;
use crate::{complaints, input};
use provost_generate::Holders;
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

/// The servers that profiles are proven against.
#[derive(Debug)]
pub(crate) enum Against {
    /// The mock server, built from this service and these accounts.
    Mock { known: Known },
    /// The real servers. Settings, if given, are proven directly too.
    Live { known: Option<Known>, passwords: BTreeMap<String, Secret>, password: Option<Secret> },
}

/// A service and its accounts, as settings or a generated folder say them.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) service: Service,
    pub(crate) accounts: Vec<Account>,
    /// The file that says so.
    pub(crate) source: PathBuf,
    /// The generated folder that says so, and not settings.
    generated: Option<Rc<Generated>>,
    /// Whose mailbox it is that people with one login name open, by their addresses' keys.
    shared: BTreeMap<String, EmailAddress>,
    /// Whose files have which names.
    holders: Holders,
}

impl Known {
    fn of(service: Service, accounts: Vec<Account>, source: PathBuf) -> Self {
        let mut first: BTreeMap<Login, EmailAddress> = BTreeMap::new();
        let mut shared = BTreeMap::new();
        for account in &accounts {
            let holder = first.entry(login(account)).or_insert_with(|| account.address.clone());
            if *holder != account.address {
                shared.insert(account.address.key(), holder.clone());
            }
        }
        let holders = Holders::of(accounts.iter().map(|account| &account.address));
        Self { service, accounts, source, generated: None, shared, holders }
    }

    /// The address of the mailbox that the holder of `address` opens.
    pub(crate) fn mailbox<'a>(&'a self, address: &'a EmailAddress) -> &'a EmailAddress {
        self.shared.get(&address.key()).unwrap_or(address)
    }
}

impl Against {
    /// Decides from the options, or from the folder that the first of the files lies in.
    pub(crate) fn find(options: &Verify, first: &Profile) -> Result<Self, Failure> {
        let mut passwords = BTreeMap::new();
        let known = match (&options.config, &options.users) {
            (Some(config), Some(users)) => {
                let service = input::settings(config)?;
                let users = input::good_users(users, &service)?;
                let mut accounts = Vec::new();
                for user in users.good {
                    passwords.extend(user.password.map(|password| (user.account.address.key(), password)));
                    accounts.push(user.account);
                }
                Some(Known::of(service, accounts, config.clone()))
            }
            (_, _) => None,
        };
        if options.live {
            let password = input::password_from_environment("PROVOST_PASSWORD")?;
            return Ok(Self::Live { known, passwords, password });
        }
        Ok(Self::Mock { known: known.map_or_else(|| generated(first), Ok)? })
    }

    /// Refuses a file that comes from elsewhere than what it would be compared with.
    pub(crate) fn admit(&self, profile: &Profile) -> Result<(), Failure> {
        let Some(generated) = self.known().and_then(|known| known.generated.as_ref()) else { return Ok(()) };
        match folder_of(profile)?.folder == generated.folder {
            true => Ok(()),
            false => Err(nothing_to_compare_with("the files come from several generated folders")),
        }
    }

    /// What the report calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Mock { .. } => "mock server",
            Self::Live { .. } => "live service",
        }
    }

    /// The mailboxes of the mock server.
    pub(crate) fn mailboxes(&self) -> Vec<Mailbox> {
        let mut mailboxes = Mailboxes::default();
        for account in self.known().map_or(&[][..], |known| &known.accounts) {
            let (address, login) = (account.address.clone(), account.login().cloned());
            let password = made_up_password(&address);
            mailboxes.add(address, account.aliases.clone(), login, password);
        }
        mailboxes.into_all()
    }

    /// The password of an account.
    pub(crate) fn password(&self, account: &Account) -> Option<Secret> {
        match self {
            Self::Mock { known } => Some(made_up_password(known.mailbox(&account.address))),
            Self::Live { passwords, password, .. } => {
                passwords.get(&account.address.key()).or(password.as_ref()).cloned()
            }
        }
    }

    /// Whose file this is, if it bears the name that `generate` gives one, or lies in a folder of that name.
    pub(crate) fn holder_of(&self, path: &Path) -> Option<EmailAddress> {
        let known = self.known()?;
        let mut folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
        known
            .holders
            .of_file(path.file_name()?.to_str()?)
            .or_else(|| folders.find_map(|name| known.holders.of_stem(name)))
            .cloned()
    }

    /// Every server of the settings, as an account of its own that uses it: the first person's.
    pub(crate) fn servers(&self) -> Vec<Proven> {
        let Some((known, person)) = self.known().and_then(|known| Some((known, known.accounts.first()?))) else {
            return Vec::new();
        };
        (0..person.incoming.len().max(person.outgoing.len()))
            .map(|at| Proven {
                files: vec![known.source.display().to_string()],
                origin: Origin::Settings,
                address: Some(person.address.clone()),
                left_open: LeftOpen::default(),
                account: Ok(Account {
                    incoming: nth_or_first(&person.incoming, at),
                    outgoing: nth_or_first(&person.outgoing, at),
                    ..person.clone()
                }),
            })
            .collect()
    }

    /// The settings' side, if there is one.
    pub(crate) fn known(&self) -> Option<&Known> {
        match self {
            Self::Mock { known } => Some(known),
            Self::Live { known, .. } => known.as_ref(),
        }
    }
}

fn nothing_to_compare_with(what: impl fmt::Display) -> Failure {
    Failure::hinted(
        anyhow::anyhow!("{what}, so there is nothing to compare the profiles with"),
        "give the settings with -c mail.yaml --users users.csv, or prove against the real servers with --live",
    )
}

/// The folder that `generate` wrote a file into.
fn folder_of(profile: &Profile) -> Result<&Rc<Generated>, Failure> {
    profile.generated().ok_or_else(|| {
        let path = profile.named().display();
        nothing_to_compare_with(format_args!("{path} is not in a folder that `provost generate` wrote"))
    })
}

/// What `generate` left beside a file.
fn generated(profile: &Profile) -> Result<Known, Failure> {
    let generated = folder_of(profile)?;
    let folder = &generated.folder;
    let path = folder.join(SERVICE_FILE);
    if !path.is_file() {
        return Err(nothing_to_compare_with(format_args!("{} has no {SERVICE_FILE}", folder.display())));
    }
    let read = read_service(&input::read(&path, input::PROFILE_OCTETS_MAX)?);
    complaints::print(&path, &read.findings);
    let service = read.value.with_context(|| format!("{} is not a resolved service", path.display()))?;
    let mut accounts: Vec<Account> = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in &generated.entries {
        let Some(address) = entry.address.clone().filter(|address| seen.insert(address.key())) else { continue };
        accounts.push(service.account(address, None, entry.username.clone(), None));
    }
    eprintln!("note: compared with {} and the login names in {}", path.display(), folder.join(MANIFEST_FILE).display());
    Ok(Known { generated: Some(Rc::clone(generated)), ..Known::of(service, accounts, path) })
}

fn nth_or_first<T: Clone>(servers: &[T], at: usize) -> Vec<T> {
    servers.get(at).or(servers.first()).cloned().into_iter().collect()
}
