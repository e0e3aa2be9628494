//! What the proof compares with: the mock server that the settings describe, or the real servers. Never the file under
//! test, or a wrong port would make the mock listen on it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use provost_account::{Account, EmailAddress, Finding, LeftOpen, Secret, Service};
use provost_device::{Person, Reading};
use provost_mockmail::Mailbox;
use provost_settings::{self as settings, read_service};

use super::proven::{Origin, Proven};
use crate::arguments::{ListArguments, Verify};
use crate::failure::Failure;
use crate::mailboxes::{Mailboxes, login_or_address, made_up_password};
use crate::misfits::{Misfits, misfits, people_of};
use crate::road::generated::Generated;
use crate::road::profile::Profile;
use crate::{complaints, input};
use provost_generate::Holders;
use provost_generate::manifest::Scope;
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

/// The servers that profiles are proven against.
#[derive(Debug)]
pub(crate) enum Against {
    /// The mock server, built from this service and these accounts.
    Mock { known: Known },
    /// The real servers. Settings, if given, are proven directly too.
    Live { known: Option<Known>, passwords: BTreeMap<String, Secret>, password: Option<Secret> },
}

/// A service and the people who have accounts with it, as settings or a generated folder say them.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) service: Service,
    /// The file that says so.
    pub(crate) source: PathBuf,
    /// The account with which the servers themselves are proven.
    first: Option<Account>,
    /// The login names of everybody, where a file for several people asked for them.
    logins: OnceCell<provost_settings::People>,
    people: People,
}

/// Who has an account.
#[derive(Debug)]
enum People {
    /// Those whom the manifest of a generated folder names, which is not kept in memory.
    OfManifest(Rc<Generated>),
    /// Those of a user list.
    OfList {
        mailboxes: Vec<Mailbox>,
        /// The places of the mailboxes, by the keys of the addresses of those who open them.
        places: BTreeMap<String, usize>,
        /// Whose files have which names.
        holders: Holders,
    },
}

impl Known {
    /// Those of a user list. `each`: takes a person's address and password.
    fn of_list(
        service: Service,
        list: (&Path, &ListArguments),
        source: PathBuf,
        each: &mut dyn FnMut(&EmailAddress, Option<Secret>),
    ) -> Result<Self, Failure> {
        let mut mailboxes = Mailboxes::default();
        let (mut addresses, mut places, mut first) = (Vec::new(), BTreeMap::new(), None);
        let logins = input::each_good_person(list.0, list.1, &service, &mut |person| {
            let settings::Person { address, aliases, full_name, login, password, .. } = person;
            each(&address, password);
            if first.is_none() {
                first = Some(service.account(address.clone(), full_name, login.clone(), None));
            }
            let login = service.login(&address, login);
            let password = made_up_password(&address);
            places.insert(address.key(), mailboxes.add(address.clone(), aliases, login, password));
            addresses.push(address);
        })?;
        let holders = Holders::of(addresses.iter());
        let people = People::OfList { mailboxes: mailboxes.into_all(), places, holders };
        Ok(Self { service, source, first, logins: OnceCell::from(logins), people })
    }

    fn of_manifest(service: Service, generated: &Rc<Generated>, source: PathBuf) -> Result<Self, Failure> {
        let first = generated.people()?.next().transpose()?;
        let first = first.map(|(address, login)| service.account(address, None, login, None));
        let people = People::OfManifest(Rc::clone(generated));
        Ok(Self { service, source, first, logins: OnceCell::new(), people })
    }

    /// Whom a file does not fit that is for several people.
    pub(crate) fn misfits(
        &self,
        scope: &Scope,
        read: impl Fn(&Person) -> Result<Reading, Vec<Finding>>,
    ) -> Result<Option<Misfits>, Failure> {
        if let (None, People::OfManifest(generated)) = (self.logins.get(), &self.people) {
            let logins = people_of(generated, Some(&self.service.login))?;
            self.logins.get_or_init(|| logins);
        }
        Ok(self.logins.get().and_then(|people| misfits(people, scope, read)))
    }

    /// The mailbox that the holder of `address` opens; people with the same login name share the first one's. `None`: nobody
    /// has that address.
    pub(crate) fn mailbox(&self, address: &EmailAddress) -> Result<Option<Mailbox>, Failure> {
        match &self.people {
            People::OfList { mailboxes, places, .. } => {
                Ok(places.get(&address.key()).map(|place| mailboxes[*place].clone()))
            }
            People::OfManifest(generated) => {
                let owner = generated.mailbox(address);
                Ok(generated.login(owner)?.map(|(owner, login)| Mailbox {
                    login: login_or_address(login, &owner),
                    password: made_up_password(&owner),
                    aliases: generated.shared_with(&owner).to_vec(),
                    address: owner,
                }))
            }
        }
    }

    /// The address of the mailbox that the holder of `address` opens.
    pub(crate) fn mailbox_address<'a>(&'a self, address: &'a EmailAddress) -> &'a EmailAddress {
        match &self.people {
            People::OfList { mailboxes, places, .. } => {
                places.get(&address.key()).map_or(address, |place| &mailboxes[*place].address)
            }
            People::OfManifest(generated) => generated.mailbox(address),
        }
    }
}

impl Against {
    /// Decides from the options, or from the folder that the first of the files lies in.
    pub(crate) fn find(options: &Verify, first: &Profile) -> Result<Self, Failure> {
        let mut passwords = BTreeMap::new();
        let known = match (&options.config, &options.users) {
            (Some(config), Some(users)) => {
                let service = input::settings(config)?;
                Some(Known::of_list(service, (users, &options.list), config.clone(), &mut |address, password| {
                    passwords.extend(password.filter(|_| options.live).map(|password| (address.key(), password)));
                })?)
            }
            (_, _) => None,
        };
        if options.live {
            let password = input::login_password_from_environment("PROVOST_PASSWORD")?;
            return Ok(Self::Live { known, passwords, password });
        }
        Ok(Self::Mock { known: known.map_or_else(|| generated(first), Ok)? })
    }

    /// Refuses a file that comes from elsewhere than what it would be compared with.
    pub(crate) fn admit(&self, profile: &Profile) -> Result<(), Failure> {
        let Some(People::OfManifest(generated)) = self.known().map(|known| &known.people) else { return Ok(()) };
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

    /// The password of an account.
    pub(crate) fn password(&self, account: &Account) -> Option<Secret> {
        match self {
            Self::Mock { known } => Some(made_up_password(known.mailbox_address(&account.address))),
            Self::Live { passwords, password, .. } => {
                passwords.get(&account.address.key()).or(password.as_ref()).cloned()
            }
        }
    }

    /// Whose file this is, if it bears the name that `generate` gives one, or lies in a folder of that name.
    pub(crate) fn holder_of(&self, path: &Path) -> Option<EmailAddress> {
        // Every file of a generated folder says itself whose it is.
        let People::OfList { holders, .. } = &self.known()?.people else { return None };
        let mut folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
        let of_file = holders.of_file(path.file_name()?.to_str()?);
        of_file.or_else(|| folders.find_map(|name| holders.of_stem(name))).cloned()
    }

    /// Every server of the settings, as an account of its own that uses it: the first person's.
    pub(crate) fn servers(&self) -> Vec<Proven> {
        let Some((known, person)) = self.known().and_then(|known| Some((known, known.first.as_ref()?))) else {
            return Vec::new();
        };
        (0..person.incoming.len().max(person.outgoing.len()))
            .map(|at| Proven {
                files: vec![known.source.display().to_string()],
                place: at,
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
    eprintln!("note: compared with {} and the login names in {}", path.display(), folder.join(MANIFEST_FILE).display());
    Known::of_manifest(service, generated, path)
}

fn nth_or_first<T: Clone>(servers: &[T], at: usize) -> Vec<T> {
    servers.get(at).or(servers.first()).cloned().into_iter().collect()
}
