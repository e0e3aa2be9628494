//! A batch of people: what they get of every kind, compared with what is there, and handed to the folder or the archive.
//! It runs in any thread; what comes of it is taken in the order of the list.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use provost_account::{Account, EmailAddress, Login};
use provost_profile::{Buffers, DomainRequest, LossesOf, OrganizationRequest, Profile, Refusal, Write};
use provost_settings::{Batch, Person};
use serde_json::value::RawValue;

use crate::error::RunError;
use crate::kind::Kind;
use crate::ledger::{Key, Known, Ledger, Reader};
use crate::maker::{Made, MadeFile, Maker, Whole};
use crate::manifest::{Entry, Input, Loss, Row, Scope, ScopeName, losses_json};
use crate::population::Population;
use crate::run::Job;
use crate::signing::Signing;
use crate::sink::folder::{self, Present};
use crate::sink::pack::{Packer, Part};
use crate::tally::{Refused, Tally};
use crate::{Written, sha256};

/// What everything depends on.
pub(crate) struct Everything<'a> {
    pub(crate) job: &'a Job<'a>,
    pub(crate) people: &'a Population,
    pub(crate) maker: Maker<'a>,
    pub(crate) ledger: Ledger,
    /// Whether people's files lie in 256 folders.
    pub(crate) fans_out: bool,
}

/// Where a thread's files go.
pub(crate) enum Into<'a> {
    /// Into a folder, unless it is only compared.
    Folder {
        present: Present<'a>,
        batch: Option<folder::Batch<'a>>,
        rows: Reader<'a>,
    },
    Archive(Packer),
    /// Nowhere: an earlier run has written them.
    Nowhere,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    /// How many people are in it.
    pub(crate) people: u64,
    /// Its rows of the manifest.
    pub(crate) rows: Vec<u8>,
    /// Its part of the archive.
    pub(crate) part: Option<Part>,
    pub(crate) tally: Tally,
    /// Who gets no file of which kind, and why.
    pub(crate) refused: Vec<(Kind, String, Refusal)>,
    /// Files that somebody edited, and that are kept.
    pub(crate) edited: Vec<String>,
    /// Rows of earlier files in place of which there are none now.
    pub(crate) left: Vec<Entry>,
    /// Files that had another signer, and files that had one and have none.
    pub(crate) other_signers: [u64; 2],
}

/// What is made at once.
pub(crate) enum Item {
    /// The files for several people.
    Several,
    /// Those of some.
    People(Batch),
}

impl Everything<'_> {
    /// What the names of somebody's files begin with, with the folder above it where there are many people.
    pub(crate) fn stem(&self, address: &EmailAddress) -> String {
        let stem = self.people.stems.stem(address);
        match self.fans_out {
            false => stem,
            true => [&sha256(stem.as_bytes())[..2], "/", &stem].concat(),
        }
    }

    /// Makes the files of an item.
    pub(crate) fn portion(&self, item: &Item, mut into: Into<'_>) -> Result<Portion, RunError> {
        let rows = match &mut into {
            Into::Archive(packer) => packer.rows(),
            Into::Folder { .. } | Into::Nowhere => Vec::new(),
        };
        let portion = Portion { rows, ..Portion::default() };
        let (refused, shared, signed) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut making = Making { all: self, into, portion, refused, shared, signed };
        match item {
            Item::Several => making.several()?,
            Item::People(batch) => making.people(batch)?,
        }
        let Making { into, mut portion, .. } = making;
        match into {
            Into::Folder { batch: Some(batch), .. } => batch.finish()?,
            Into::Archive(packer) => {
                portion.part = Some(packer.finish(std::mem::take(&mut portion.rows)).map_err(RunError::Packing)?);
            }
            Into::Folder { batch: None, .. } | Into::Nowhere => {}
        }
        Ok(portion)
    }

    /// The files for several people: their kinds, whom they are for, with whose account they are proven, and what writers
    /// make.
    pub(crate) fn each_for_several(&self, take: TakeSeveral<'_>) -> Result<(), RunError> {
        let service = self.job.source.service;
        let people = &self.people.surveyed.people;
        let account = |person: Option<&Person>| person.map(|person| person.clone().user(service).account);
        for kind in self.job.kinds {
            let variant = kind.variant;
            let made = |stem: &str, profile: Result<Profile, Refusal>| {
                profile.map(|profile| Made::of(profile, *kind, &kind.folder(), stem))
            };
            match variant.write {
                Write::User(_) => {}
                Write::Domain(write) => {
                    for domain in &service.domains {
                        let sample = people.domains.get(domain).and_then(|group| account(group.sample.as_ref()));
                        let written = write(&DomainRequest { service, domain, variant });
                        let several = Several { kind: *kind, scope: Scope::Domain(domain.clone()), sample };
                        take(several, made(domain.as_str(), written))?;
                    }
                }
                Write::Organization(write) => {
                    let sample = account(people.all.sample.as_ref());
                    let written = write(&OrganizationRequest { service, variant });
                    let several = Several { kind: *kind, scope: Scope::Organization, sample };
                    take(several, made(service.organization.id.as_str(), written))?;
                }
            }
        }
        Ok(())
    }
}

/// Gets what is made for several people.
type TakeSeveral<'a> = &'a mut dyn FnMut(Several, Result<Made<'_>, Refusal>) -> Result<(), RunError>;
/// A file as it is to be, and how it differs from what is there.
type Compared<'a> = (Cow<'a, [u8]>, Written);

/// Files for several people: of what kind, for whom, and with whose account they are proven.
pub(crate) struct Several {
    pub(crate) kind: Kind,
    pub(crate) scope: Scope,
    pub(crate) sample: Option<Account>,
}

impl Several {
    /// Whom they are for, in words.
    pub(crate) fn whom(&self, all: &Everything<'_>) -> String {
        match &self.scope {
            Scope::Domain(domain) => domain.to_string(),
            Scope::User | Scope::Organization => all.job.source.service.organization.id.to_string(),
        }
    }
}

/// A batch that is being made.
struct Making<'a, 'b> {
    all: &'b Everything<'a>,
    into: Into<'b>,
    portion: Portion,
    /// The formats that refuse somebody, and why: several variants of one are told of once.
    refused: Vec<(&'static str, &'static str)>,
    /// Losses that are many people's, by the place of the kind and the number that its patterns say.
    shared: BTreeMap<(usize, usize), (Rc<Losses>, u64)>,
    /// The memory of a signed file, for the next one.
    signed: Vec<u8>,
}

/// What files lose.
struct Losses {
    losses: Vec<Loss>,
    /// For rows.
    json: Box<RawValue>,
}

impl Losses {
    fn of(losses: Vec<Loss>) -> Self {
        Self { json: losses_json(&losses), losses }
    }
}

impl Making<'_, '_> {
    fn several(&mut self) -> Result<(), RunError> {
        self.all.each_for_several(&mut |several, made| {
            self.refused.clear();
            let kind = several.kind;
            let mut earlier = self.earlier(Key::of_several(kind.format.name, kind.variant_name(), &several.scope))?;
            let made = match made {
                Ok(made) => made,
                Err(refusal) => {
                    self.refuse(kind, &several.whom(self.all), refusal);
                    return self.leave(earlier);
                }
            };
            let files: Vec<(&str, &[u8])> =
                made.files.iter().map(|it| (it.install.as_deref().unwrap_or(&it.path), &*it.bytes)).collect();
            let more = (self.all.job.more_losses)(kind, &several.scope, &files);
            let losses = Losses::of(made.losses.iter().map(Loss::from).chain(more).collect());
            let (scope, domain) = match &several.scope {
                Scope::Domain(domain) => (ScopeName::Domain, Some(domain.as_str())),
                Scope::User | Scope::Organization => (ScopeName::Organization, None),
            };
            let row = Row {
                address: several.sample.as_ref().map(|account| account.address.as_str()),
                username: several.sample.as_ref().and_then(|account| account.login()).map(Login::as_str),
                scope,
                domain,
                ..blank(kind, &losses.json)
            };
            for file in &made.files {
                self.put(kind, file, &mut earlier, row)?;
            }
            self.lose(kind, &losses.losses, made.files.len() as u64);
            self.leave(earlier)
        })
    }

    fn people(&mut self, batch: &Batch) -> Result<(), RunError> {
        let all = self.all;
        let mut buffers: Vec<Buffers> = all.maker.kinds().iter().map(|_| Buffers::default()).collect();
        for person in all.job.source.rows(batch).people {
            if !all.people.surveyed.is_repeated(person.record) {
                self.person(&person, &mut buffers)?;
            }
        }
        for ((at, _), (shared, files)) in std::mem::take(&mut self.shared) {
            self.lose(all.maker.kinds()[at].kind, &shared.losses, files);
        }
        Ok(())
    }

    fn person(&mut self, person: &Person, buffers: &mut [Buffers]) -> Result<(), RunError> {
        let all = self.all;
        let source = &all.job.source;
        // Without one, the row is bad.
        let Ok(smime) = source.identity(person) else { return Ok(()) };
        self.portion.people += 1;
        self.refused.clear();
        let (key, stem) = (person.address.key(), all.stem(&person.address));
        let login = source.service.login(&person.address, person.login.clone());
        let mut whole = Whole::new(person, smime);
        for ((at, personal), buffers) in all.maker.kinds().iter().enumerate().zip(buffers) {
            let kind = personal.kind;
            let input = all.maker.input(personal, &mut whole);
            let mut earlier = self.earlier(Key::of_user(kind.format.name, kind.variant_name(), &key))?;
            if self.is_unchanged(&earlier, input, &personal.folder, &stem)? {
                self.keep(kind, &earlier);
                continue;
            }
            let made = match all.maker.make(personal, &mut whole, &stem, buffers) {
                Ok(made) => made,
                Err(refusal) => {
                    self.refuse(kind, person.address.as_str(), refusal);
                    self.leave(earlier)?;
                    continue;
                }
            };
            let losses = self.losses(at, &made);
            let row = Row {
                address: Some(person.address.as_str()),
                username: login.as_ref().map(Login::as_str),
                input,
                ..blank(kind, &losses.json)
            };
            for file in &made.files {
                self.put(kind, file, &mut earlier, row)?;
            }
            self.leave(earlier)?;
        }
        Ok(())
    }

    /// Hands a file on, unless it is there already. `row` says all but what the file is.
    fn put(&mut self, kind: Kind, file: &MadeFile<'_>, earlier: &mut Vec<Known>, row: Row<'_>) -> Result<(), RunError> {
        let at = earlier.iter().position(|known| known.entry.path == file.path);
        let before = at.map(|at| earlier.swap_remove(at));
        let signing = self.all.maker.signs(file);
        let Some((bytes, mut written)) = self.compared(file, signing, before.as_ref())? else { return Ok(()) };
        let signature = signing.map(Signing::signature);
        let signed_before = before.as_ref().and_then(|known| known.entry.signature.as_ref());
        let row_at = self.portion.rows.len();
        let row = Row {
            path: &file.path,
            install: file.install.as_deref(),
            sha256: &sha256(&bytes),
            octets: Some(bytes.len() as u64),
            signer: signature.map(|it| it.signer.as_str()),
            signed_until: signing.map(Signing::until),
            ..row
        };
        row.write(&mut self.portion.rows);
        match (&mut self.into, written) {
            (Into::Folder { present, batch: Some(_), .. }, Written::Unchanged) => present.make_private(&file.path)?,
            (Into::Folder { batch: Some(batch), .. }, Written::New | Written::Changed) => {
                batch.put(&file.path, &bytes, &self.portion.rows[row_at..])?;
            }
            // Nothing is written, so another day on which the signature ends is a difference that stays.
            (Into::Folder { batch: None, .. }, Written::Unchanged) if signed_before != signature => {
                written = Written::Changed;
            }
            (Into::Archive(packer), _) => packer.append(&file.path, &bytes).map_err(RunError::Packing)?,
            (Into::Folder { .. } | Into::Nowhere, _) => {}
        }
        if let (Some(_), Cow::Owned(memory)) = (signing, bytes) {
            self.signed = memory;
        }
        self.portion.count(kind, written, 1);
        match (signed_before, signature) {
            (Some(before), Some(now)) if before.signer != now.signer => self.portion.other_signers[0] += 1,
            (Some(_), None) => self.portion.other_signers[1] += 1,
            (Some(_) | None, _) => {}
        }
        Ok(())
    }

    /// A file as it is to be, signed if it is, and how it differs from what is there; `None` if somebody edited that, which
    /// is noted.
    fn compared<'f>(
        &mut self,
        file: &'f MadeFile<'_>,
        signing: Option<&Signing>,
        before: Option<&Known>,
    ) -> Result<Option<Compared<'f>>, RunError> {
        let memory = std::mem::take(&mut self.signed);
        let new = |written| -> Result<Option<Compared<'f>>, RunError> {
            let bytes = match signing {
                None => Cow::Borrowed(&*file.bytes),
                Some(signing) => Cow::Owned(signing.around(&file.bytes, memory)?),
            };
            Ok(Some((bytes, written)))
        };
        let (present, is_compared_only) = match &self.into {
            Into::Nowhere => return Ok(Some((Cow::Borrowed(&*file.bytes), Written::New))),
            Into::Archive(_) => return new(Written::New),
            Into::Folder { present, batch, .. } => (present, batch.is_none()),
        };
        let Some(there) = present.bytes(&file.path)? else { return new(Written::New) };
        if self.all.maker.matches(file, &there) {
            return Ok(Some((Cow::Owned(there), Written::Unchanged)));
        }
        let is_edited = before.is_none_or(|known| known.is_certain && known.entry.sha256 != sha256(&there));
        if is_edited && !is_compared_only && !self.all.job.over.force {
            before.into_iter().for_each(|known| known.entry.write(&mut self.portion.rows));
            self.portion.edited.push(file.path.clone());
            return Ok(None);
        }
        new(Written::Changed)
    }

    /// What somebody's files of a kind lose, which is counted.
    fn losses(&mut self, at: usize, made: &Made<'_>) -> Rc<Losses> {
        let of = |made: &Made<'_>| Rc::new(Losses::of(made.losses.iter().map(Loss::from).collect()));
        let files = made.files.len() as u64;
        match made.losses_of {
            LossesOf::ThePerson => {
                let losses = of(made);
                self.lose(self.all.maker.kinds()[at].kind, &losses.losses, files);
                losses
            }
            LossesOf::Everybody(number) => {
                let (losses, count) = self.shared.entry((at, number)).or_insert_with(|| (of(made), 0));
                *count += files;
                Rc::clone(losses)
            }
        }
    }

    /// The rows of an earlier run.
    fn earlier(&mut self, key: Key<'_>) -> Result<Vec<Known>, RunError> {
        match &mut self.into {
            Into::Folder { rows, .. } => Ok(rows.rows(key)?),
            Into::Archive(_) | Into::Nowhere => Ok(Vec::new()),
        }
    }

    /// Whether all files of a kind are as an earlier run made them of the same things.
    fn is_unchanged(
        &self,
        earlier: &[Known],
        input: Option<Input>,
        folder: &str,
        stem: &str,
    ) -> Result<bool, RunError> {
        let Into::Folder { present, batch: Some(_), .. } = &self.into else { return Ok(false) };
        let is_called_so = |path: &str| {
            let rest = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')?.strip_prefix(stem));
            rest.is_some_and(|rest| rest.starts_with(['.', '/']))
        };
        for Known { entry, is_certain } in earlier {
            let is_made_of_it = *is_certain && input.is_some() && entry.input == input && is_called_so(&entry.path);
            if !is_made_of_it || !present.has(&entry.path, entry.octets)? {
                return Ok(false);
            }
        }
        Ok(!earlier.is_empty())
    }

    /// Keeps files that are as they should be.
    fn keep(&mut self, kind: Kind, rows: &[Known]) {
        rows.iter().for_each(|row| row.entry.write(&mut self.portion.rows));
        self.portion.count(kind, Written::Unchanged, rows.len() as u64);
        self.lose(kind, &rows[0].entry.losses, rows.len() as u64);
    }

    /// Takes note of rows in place of which nothing was written.
    fn leave(&mut self, rows: Vec<Known>) -> Result<(), RunError> {
        let Into::Folder { present, .. } = &self.into else { return Ok(()) };
        for row in rows {
            self.portion.left.extend(present.certain(row)?);
        }
        Ok(())
    }

    fn lose(&mut self, kind: Kind, losses: &[Loss], files: u64) {
        self.portion.tally.lose(kind.format.name, losses, files);
    }

    fn refuse(&mut self, kind: Kind, whom: &str, refusal: Refusal) {
        self.portion.tally.refused += 1;
        let what = (kind.format.name, refusal.reason);
        if !self.refused.contains(&what) {
            self.refused.push(what);
            self.portion.tally.refuse(kind.format.name, Refused { whom: whom.to_owned(), refusal: refusal.clone() });
        }
        self.portion.refused.push((kind, whom.to_owned(), refusal));
    }
}

/// A row that says nothing of the file yet.
fn blank(kind: Kind, losses: &RawValue) -> Row<'_> {
    Row {
        address: None,
        username: None,
        format: kind.format.name,
        variant: kind.variant_name().unwrap_or(""),
        scope: ScopeName::User,
        domain: None,
        path: "",
        install: None,
        sha256: "",
        octets: None,
        input: None,
        signer: None,
        signed_until: None,
        losses,
    }
}

impl Portion {
    fn count(&mut self, kind: Kind, written: Written, files: u64) {
        self.tally.sums.entry((kind.format.name, kind.variant_name())).or_default().count(written, files);
    }
}
