//! One person in, files out: what each format and variant makes of somebody. It writes none of them.

use std::borrow::Cow;
use std::io;

use provost_account::{Account, Secret, Service, Smime};
use provost_profile::{
    Buffers, File, Filled, LossesOf, Passwords, Patterns, PlainPerson, Profile, Refusal, Request, Variant, Write,
};
use provost_settings::{Person, write_service};
use sha2::{Digest, Sha256};

use crate::kind::{Kind, is_a_profiles_name, path_of};
use crate::manifest::{Input, Loss};
use crate::signing::Signing;

/// Makes the files of people.
#[derive(Debug)]
pub(crate) struct Maker<'a> {
    service: &'a Service,
    passwords: Passwords,
    signing: Option<&'a Signing>,
    kinds: Vec<Personal<'a>>,
}

/// A kind of which everybody gets files of their own.
#[derive(Debug)]
pub(crate) struct Personal<'a> {
    pub(crate) kind: Kind,
    pub(crate) folder: String,
    write: fn(&Request<'_>) -> Result<Profile, Refusal>,
    patterns: Option<Patterns<'a>>,
    /// A digest of all that its files are made of, but for the person.
    pub(crate) base: [u8; 32],
}

/// What somebody gets of a kind.
pub(crate) struct Made<'a> {
    pub(crate) files: Vec<MadeFile<'a>>,
    pub(crate) losses: Cow<'a, [provost_profile::Loss]>,
    /// The same for everybody of whom this number is said.
    pub(crate) losses_of: LossesOf,
}

/// A file, not signed yet.
pub(crate) struct MadeFile<'a> {
    pub(crate) path: String,
    pub(crate) install: Option<Cow<'a, str>>,
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Whether it is one that is signed.
    pub(crate) is_signed: bool,
}

/// Somebody, with all that files may be made of.
pub(crate) struct Whole<'a> {
    pub(crate) person: &'a Person,
    pub(crate) smime: Option<Smime>,
    /// The account, once it was asked for.
    account: Option<Account>,
    digest: Option<[u8; 32]>,
}

impl<'a> Whole<'a> {
    pub(crate) fn new(person: &'a Person, smime: Option<Smime>) -> Self {
        Self { person, smime, account: None, digest: None }
    }

    /// The person, if the list says no more of them than a pattern knows.
    fn plain(&self) -> Option<PlainPerson<'a>> {
        let Person { address, full_name, login, aliases, groups, calendar_login, contacts_login, .. } = self.person;
        let has_more =
            !aliases.is_empty() || !groups.is_empty() || calendar_login.is_some() || contacts_login.is_some();
        let is_plain = !has_more && self.smime.is_none();
        is_plain.then_some(PlainPerson { address, full_name: full_name.as_ref(), login: login.as_ref() })
    }
}

impl<'a> Maker<'a> {
    /// `kinds` for several people are left out.
    pub(crate) fn new(
        service: &'a Service,
        kinds: &[Kind],
        passwords: Passwords,
        signing: Option<&'a Signing>,
    ) -> Self {
        let settings = write_service(service);
        let personal = |kind: &Kind| match kind.variant.write {
            Write::User(write) => {
                let signing = signing.filter(|_| kind.is_signed());
                let base = base(service, *kind, write, &settings, signing);
                // Patterns know no passwords.
                let patterns = match passwords {
                    Passwords::LeaveOut => Patterns::of(kind.variant, service),
                    Passwords::Embed => None,
                };
                Some(Personal { kind: *kind, folder: kind.folder(), write, patterns, base })
            }
            Write::Domain(_) | Write::Organization(_) => None,
        };
        Self { service, passwords, signing, kinds: kinds.iter().filter_map(personal).collect() }
    }

    /// The kinds.
    pub(crate) fn kinds(&self) -> &[Personal<'a>] {
        &self.kinds
    }

    /// Who signs files of a kind.
    pub(crate) fn signs(&self, file: &MadeFile<'_>) -> Option<&'a Signing> {
        self.signing.filter(|_| file.is_signed)
    }

    /// Whether what lies there is this file, signed if it is to be: no two ECDSA signatures are alike.
    pub(crate) fn matches(&self, file: &MadeFile<'_>, there: &[u8]) -> bool {
        match self.signs(file) {
            None => *there == *file.bytes,
            Some(signing) => signing.has_signed(&file.bytes, there),
        }
    }

    /// The digest of all that somebody's files of a kind are made of. None with passwords: a digest would give a guesser
    /// something to check against.
    pub(crate) fn input(&self, personal: &Personal<'_>, whole: &mut Whole<'_>) -> Option<Input> {
        if self.passwords == Passwords::Embed {
            return None;
        }
        let person = whole.digest.get_or_insert_with(|| digest(whole.person, whole.smime.as_ref()));
        let digest = Sha256::new().chain_update(personal.base).chain_update(person).finalize();
        let first = digest.first_chunk().expect("32 octets");
        Some(Input(u64::from_be_bytes(*first)))
    }

    /// What somebody gets of a kind; `stem` is the beginning of the files' names, with the folder that it may be in.
    pub(crate) fn make<'b>(
        &self,
        personal: &'b Personal<'_>,
        whole: &mut Whole<'_>,
        stem: &str,
        buffers: &'b mut Buffers,
    ) -> Result<Made<'b>, Refusal> {
        let filled = personal.patterns.as_ref().zip(whole.plain());
        if let Some(filled) = filled.and_then(|(patterns, person)| patterns.fill(&person, buffers)) {
            let Filled { files, losses, losses_of } = filled;
            let files = files.iter().map(|file| personal.file(file, stem)).collect();
            return Ok(Made { files, losses: Cow::Borrowed(losses), losses_of });
        }
        let Whole { person, smime, account, .. } = whole;
        let account = account.get_or_insert_with(|| {
            let user = person.clone().user(self.service);
            let account = Account { smime: smime.clone(), ..user.account };
            match self.passwords {
                Passwords::LeaveOut => account,
                Passwords::Embed => with_password(account, user.password.as_ref()),
            }
        });
        let (service, variant, passwords) = (self.service, personal.kind.variant, self.passwords);
        let profile = (personal.write)(&Request { service, account, variant, passwords })?;
        Ok(Made::of(profile, personal.kind, &personal.folder, stem))
    }
}

impl Personal<'_> {
    fn file<'b>(&self, file: &'b File, stem: &str) -> MadeFile<'b> {
        let path = path_of(&self.folder, stem, &file.name);
        let install = file.install.as_deref().or(self.kind.format.install).map(Cow::Borrowed);
        MadeFile { is_signed: is_signed(self.kind, &path), path, install, bytes: Cow::Borrowed(&file.bytes) }
    }
}

impl Made<'_> {
    /// The files of a profile, by their paths.
    pub(crate) fn of(profile: Profile, kind: Kind, folder: &str, stem: &str) -> Self {
        let file = |file: File| {
            let path = path_of(folder, stem, &file.name);
            let install = file.install.map(Cow::Owned).or_else(|| kind.format.install.map(Cow::Borrowed));
            MadeFile { is_signed: is_signed(kind, &path), path, install, bytes: Cow::Owned(file.bytes) }
        };
        let files = profile.files.into_iter().map(file).collect();
        Self { files, losses: Cow::Owned(profile.losses), losses_of: LossesOf::ThePerson }
    }
}

fn is_signed(kind: Kind, path: &str) -> bool {
    kind.is_signed() && is_a_profiles_name(path.as_ref())
}

impl From<&provost_profile::Loss> for Loss {
    fn from(loss: &provost_profile::Loss) -> Self {
        let provost_profile::Loss { setting, asked, written, reason, source: _ } = loss.clone();
        Self { setting, asked, written, reason: reason.to_owned() }
    }
}

fn with_password(mut account: Account, password: Option<&Secret>) -> Account {
    for incoming in &mut account.incoming {
        incoming.server.password = password.cloned();
    }
    for server in &mut account.outgoing {
        server.password = password.cloned();
    }
    account
}

/// What all files of a kind are made of: the settings, the kind, the signer, and the program. Two programs count as one if
/// their versions are the same and they write the same file for an invented person.
fn base(
    service: &Service,
    kind: Kind,
    write: fn(&Request<'_>) -> Result<Profile, Refusal>,
    settings: &[u8],
    signing: Option<&Signing>,
) -> [u8; 32] {
    let mut digest = Fields::default();
    digest.add(env!("CARGO_PKG_VERSION").as_bytes());
    digest.add(settings);
    digest.add(kind.folder().as_bytes());
    digest.list(signing.iter().flat_map(|it| it.certificates()));
    digest.list(signing.iter().map(|it| it.signature().signed_until.to_string()));
    let variant: &'static Variant = kind.variant;
    let sample = service.domains.first().and_then(|domain| {
        let address = format!("provost.sample@{domain}");
        Some(service.account(address.as_str().try_into().ok()?, "Sample Person".try_into().ok(), None, None))
    });
    let made =
        sample.as_ref().map(|account| write(&Request { service, account, variant, passwords: Passwords::LeaveOut }));
    match made {
        Some(Ok(profile)) => digest.list(profile.files.iter().map(|file| file.bytes.as_slice())),
        Some(Err(refusal)) => digest.add(refusal.reason.as_bytes()),
        None => {}
    }
    digest.finish()
}

/// A digest of all that the list says of somebody, but for the password.
fn digest(person: &Person, smime: Option<&Smime>) -> [u8; 32] {
    let mut digest = Fields::default();
    digest.add(person.address.as_str().as_bytes());
    digest.list(person.full_name.iter().map(|it| it.as_str()));
    for login in [&person.login, &person.calendar_login, &person.contacts_login] {
        digest.list(login.iter().map(|it| it.as_str()));
    }
    digest.list(person.aliases.iter().map(|it| it.as_str()));
    digest.list(person.groups.iter());
    digest.list(smime.iter().map(|it| it.identity.pkcs12()));
    digest.finish()
}

/// A digest of fields that cannot run into each other.
#[derive(Default)]
struct Fields(Sha256);

impl Fields {
    fn add(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    fn list<T: AsRef<[u8]>>(&mut self, fields: impl Iterator<Item = T>) {
        for field in fields {
            self.add(field.as_ref());
        }
        // No field is that long.
        self.0.update(u64::MAX.to_be_bytes());
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Reads the files that settings name, such as people's identities.
pub type ReadNamed<'a> = &'a (dyn Fn(&str) -> io::Result<Vec<u8>> + Sync);
