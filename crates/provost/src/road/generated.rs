//! A folder that `generate` wrote, as its manifest describes it. A manifest may have millions of rows: they are read again
//! where they are needed, and what is kept of each is a few octets. It opens no profile.

use std::cell::{OnceCell, RefCell};
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context;
use provost_account::{Certificate, EmailAddress, Login};
use provost_settings::{fingerprint, read_service};

use crate::failure::Failure;
use crate::input;
use crate::mailboxes::login_or_address;
use provost_generate::manifest::{self, Entry, ManifestError, Scope};
use provost_generate::{MANIFEST_FILE, SERVICE_FILE};

mod rows;

pub(crate) use rows::{Profiles, Rows};

/// The folder, in the words in which it was given.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) folder: PathBuf,
    /// How many profiles the manifest lists.
    pub(crate) profiles: usize,
    /// Where the first row of each person is, by their addresses' keys.
    people: Vec<Place>,
    /// Whose mailbox it is that people with one login name open, by the keys of their addresses: the first one's.
    sharing: BTreeMap<String, EmailAddress>,
    /// The others who open it, by the key of its owner's address.
    shared: BTreeMap<String, Vec<EmailAddress>>,
    /// Where the rows of profiles are whose files lie apart in the manifest, by what they have in common.
    apart: BTreeMap<u64, Vec<u64>>,
    /// The manifest, to look at single rows.
    file: RefCell<BufReader<File>>,
    by_path: OnceCell<ByPath>,
    trust: OnceCell<Vec<Certificate>>,
}

/// A fingerprint, and the place of a row that has it: its first octet. 64 bits of two things may be the same.
type Place = (u64, u64);

/// Where the rows of files are.
#[derive(Debug, Default)]
struct ByPath {
    paths: Vec<Place>,
    /// Of those that may need others, by what they have in common.
    together: Vec<Place>,
}

impl Generated {
    /// Whether a folder has a manifest.
    pub(crate) fn is(folder: &Path) -> bool {
        folder.join(MANIFEST_FILE).is_file()
    }

    /// Reads the folder's manifest through.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let file = RefCell::new(BufReader::new(rows::open(folder)?));
        let mut survey = Survey::default();
        let mut last = None;
        for row in Rows::of(folder)? {
            let (at, entry) = row?;
            last = survey.add(at, &entry, last);
        }
        let mut generated = Self {
            folder: folder.to_owned(),
            profiles: survey.singles,
            people: Vec::new(),
            sharing: BTreeMap::new(),
            shared: BTreeMap::new(),
            apart: BTreeMap::new(),
            file,
            by_path: OnceCell::new(),
            trust: OnceCell::new(),
        };
        survey.runs.sort_unstable();
        for places in survey.runs.chunk_by(|(one, _), (other, _)| one == other) {
            generated.profiles += 1;
            if let [(common, _), _, ..] = places {
                generated.apart.insert(*common, places.iter().map(|(_, at)| *at).collect());
            }
        }
        survey.drop_repeated();
        generated.find_sharing(&mut survey.people)?;
        survey.people.sort_unstable();
        generated.people = survey.people.iter().map(|person| (person.address, person.at)).collect();
        Ok(generated)
    }

    /// The entries, in their order.
    pub(crate) fn entries(&self) -> Result<impl Iterator<Item = Result<Entry, Failure>>, Failure> {
        Ok(Rows::of(&self.folder)?.map(|row| row.map(|(_, entry)| entry)))
    }

    /// Everybody whom an entry names, and their login name, in the order of the manifest.
    pub(crate) fn people(
        &self,
    ) -> Result<impl Iterator<Item = Result<(EmailAddress, Option<Login>), Failure>>, Failure> {
        Ok(Rows::of(&self.folder)?.filter_map(|row| match row {
            Ok((at, entry)) => {
                let address = entry.address?;
                let is_first = at_of(&self.people, key_of(&address)).any(|first| first == at);
                is_first.then_some(Ok((address, entry.username)))
            }
            Err(failure) => Some(Err(failure)),
        }))
    }

    /// Somebody whom the manifest names, and their login name.
    pub(crate) fn login(&self, address: &EmailAddress) -> Result<Option<(EmailAddress, Option<Login>)>, Failure> {
        for at in at_of(&self.people, key_of(address)) {
            let entry = self.entry(at)?;
            if let Some(its) = entry.address.filter(|its| its.key() == address.key()) {
                return Ok(Some((its, entry.username)));
            }
        }
        Ok(None)
    }

    /// Whose mailbox it is that somebody opens: their own, or that of the first person with their login name.
    pub(crate) fn mailbox<'a>(&'a self, address: &'a EmailAddress) -> &'a EmailAddress {
        self.sharing.get(&address.key()).unwrap_or(address)
    }

    /// The others who open somebody's mailbox.
    pub(crate) fn shared_with(&self, owner: &EmailAddress) -> &[EmailAddress] {
        self.shared.get(&owner.key()).map_or(&[], Vec::as_slice)
    }

    /// The authorities that the settings trust, as they lie in the folder; nobody if they do not.
    pub(crate) fn trust(&self) -> &[Certificate] {
        self.trust.get_or_init(|| {
            let service = input::read(&self.folder.join(SERVICE_FILE), input::PROFILE_OCTETS_MAX).ok();
            service.and_then(|bytes| read_service(&bytes).value).map_or_else(Vec::new, |service| service.trust)
        })
    }

    /// The files in the folder itself that the manifest does not list.
    pub(crate) fn beside(&self, files: impl Iterator<Item = PathBuf>) -> Result<BTreeSet<PathBuf>, Failure> {
        let own = [MANIFEST_FILE, SERVICE_FILE].map(|name| self.folder.join(name));
        let mut files: BTreeSet<PathBuf> = files.filter(|path| !own.contains(path)).collect();
        if !files.is_empty() {
            for entry in self.entries()? {
                files.remove(&self.folder.join(entry?.path));
            }
        }
        Ok(files)
    }

    /// A file's entry, before those of the files that belong to it.
    pub(crate) fn profile_of(&self, path: &Path) -> Result<Option<Vec<Entry>>, Failure> {
        let by_path = self.by_path()?;
        for at in at_of(&by_path.paths, fingerprint(path)) {
            let first = self.entry(at)?;
            if Path::new(&first.path) != path {
                continue;
            }
            let mut profile = vec![first];
            if is_one_of_several(&profile[0]) {
                for other in at_of(&by_path.together, common(&profile[0])).filter(|other| *other != at) {
                    let other = self.entry(other)?;
                    if other.together() == profile[0].together() {
                        profile.push(other);
                    }
                }
                profile[1..].sort_by(|one, other| one.path.cmp(&other.path));
            }
            return Ok(Some(profile));
        }
        Ok(None)
    }

    /// An entry's file, and where it goes on the device.
    pub(crate) fn file(&self, entry: &Entry) -> (PathBuf, Option<String>) {
        (self.folder.join(&entry.path), entry.install.clone())
    }

    /// The entry at this place.
    fn entry(&self, at: u64) -> Result<Entry, Failure> {
        let entry = self.from(at, |entries| entries.next().transpose())?;
        let ended = || format!("{} became shorter while it was read", self.folder.join(MANIFEST_FILE).display());
        Ok(entry.with_context(ended)?)
    }

    /// Looks at entries from this place on.
    fn from<T>(
        &self,
        at: u64,
        look: impl FnOnce(&mut dyn Iterator<Item = Result<Entry, ManifestError>>) -> Result<T, ManifestError>,
    ) -> Result<T, Failure> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(at)).context("cannot read the manifest")?;
        look(&mut manifest::entries(&mut *file)).map_err(|error| rows::failure(&self.folder, error))
    }

    fn by_path(&self) -> Result<&ByPath, Failure> {
        if let Some(known) = self.by_path.get() {
            return Ok(known);
        }
        let mut found = ByPath::default();
        for row in Rows::of(&self.folder)? {
            let (at, entry) = row?;
            found.paths.push((fingerprint(Path::new(&entry.path)), at));
            if is_one_of_several(&entry) {
                found.together.push((common(&entry), at));
            }
        }
        found.paths.sort_unstable();
        found.together.sort_unstable();
        Ok(self.by_path.get_or_init(|| found))
    }

    /// Reads the rows again of people whose login names seem the same.
    fn find_sharing(&mut self, people: &mut [Surveyed]) -> Result<(), Failure> {
        people.sort_unstable_by_key(|person| (person.login, person.at));
        for alike in people.chunk_by(|one, other| one.login == other.login).filter(|alike| alike.len() > 1) {
            let mut first: BTreeMap<Login, EmailAddress> = BTreeMap::new();
            for person in alike {
                let entry = self.entry(person.at)?;
                let Some(address) = entry.address else { continue };
                match first.entry(login_or_address(entry.username, &address)) {
                    Slot::Vacant(slot) => drop(slot.insert(address)),
                    Slot::Occupied(owner) => {
                        self.sharing.insert(address.key(), owner.get().clone());
                        self.shared.entry(owner.get().key()).or_default().push(address);
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is kept while a manifest is read through.
#[derive(Default)]
struct Survey {
    /// Profiles of a format that has one file each.
    singles: usize,
    /// Where rows begin that follow each other and make up a profile, or a part of one, by what they have in common.
    runs: Vec<Place>,
    people: Vec<Surveyed>,
    /// With so many people, those are dropped who are there already.
    people_max: usize,
}

/// Fingerprints of somebody's address and login name, and the place of a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Surveyed {
    address: u64,
    at: u64,
    login: u64,
}

impl Survey {
    fn add(&mut self, at: u64, entry: &Entry, last: Option<u64>) -> Option<u64> {
        if let Some(address) = &entry.address {
            let person = Surveyed {
                address: key_of(address),
                at,
                login: fingerprint(&login_or_address(entry.username.clone(), address).as_str()),
            };
            if self.people.last().is_none_or(|last| last.address != person.address) {
                self.people.push(person);
            }
            if self.people.len() > self.people_max {
                self.drop_repeated();
                self.people_max = PEOPLE_MIN.max(2 * self.people.len());
            }
        }
        if !is_one_of_several(entry) {
            self.singles += 1;
            return None;
        }
        let common = common(entry);
        if last != Some(common) {
            self.runs.push((common, at));
        }
        Some(common)
    }

    /// Keeps each person's first row. Of a million people, two have the same fingerprint in one of 40 million lists.
    fn drop_repeated(&mut self) {
        self.people.sort_unstable();
        self.people.dedup_by_key(|person| person.address);
    }
}

/// Whether a file may need others to set an account up.
fn is_one_of_several(entry: &Entry) -> bool {
    let format = provost_device::formats().iter().find(|format| format.name == entry.format);
    format.is_some_and(provost_device::Format::is_of_several_files)
}

/// A fingerprint of what files have in common that belong together.
fn common(entry: &Entry) -> u64 {
    let (format, variant, scope, user) = entry.together();
    let scope = match scope {
        Scope::User => None,
        Scope::Domain(domain) => Some(domain.as_str()),
        Scope::Organization => Some(""),
    };
    fingerprint(&(format, variant, scope, user.map(EmailAddress::as_str)))
}

fn key_of(address: &EmailAddress) -> u64 {
    fingerprint(&address.key())
}

/// The places with this fingerprint, in their order.
fn at_of(places: &[Place], fingerprint: u64) -> impl Iterator<Item = u64> {
    let start = places.partition_point(|(its, _)| *its < fingerprint);
    places[start..].iter().take_while(move |(its, _)| *its == fingerprint).map(|(_, at)| *at)
}

const PEOPLE_MIN: usize = 1 << 16;
