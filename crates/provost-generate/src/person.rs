//! One person in, files out, for whoever delivers them in another way than into a folder or an archive. Nothing is signed.

use provost_account::{Service, Smime};
use provost_profile::{Buffers, Passwords, Refusal};
use provost_settings::Person;

use crate::kind::Kind;
use crate::maker::{Maker, Whole};

/// Makes the files of one person after the other.
#[derive(Debug)]
pub struct OfPerson<'a>(Maker<'a>);

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFile {
    /// Its path below the person's place in the kind's folder.
    pub path: String,
    /// Where it goes, if there is one such place.
    pub install: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl<'a> OfPerson<'a> {
    /// For these kinds; those for several people are left out.
    #[must_use]
    pub fn new(service: &'a Service, kinds: &[Kind], passwords: Passwords) -> Self {
        Self(Maker::new(service, kinds, passwords, None))
    }

    /// What somebody gets of a kind that [`OfPerson::new`] was told of; of another one, nothing.
    ///
    /// # Errors
    ///
    /// The kind has no file for this person.
    pub fn files(&self, person: &Person, smime: Option<Smime>, kind: Kind) -> Result<Vec<PersonFile>, Refusal> {
        let mut personal = self.0.kinds().iter();
        let Some(personal) = personal.find(|it| it.kind.folder() == kind.folder()) else { return Ok(Vec::new()) };
        let mut buffers = Buffers::default();
        let made = self.0.make(personal, &mut Whole::new(person, smime), STEM, &mut buffers)?;
        let file = |file: crate::maker::MadeFile<'_>| PersonFile {
            path: file.path,
            install: file.install.map(std::borrow::Cow::into_owned),
            bytes: file.bytes.into_owned(),
        };
        Ok(made.files.into_iter().map(file).collect())
    }
}

/// What the names of files begin with.
const STEM: &str = "person";
