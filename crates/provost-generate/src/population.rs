//! The people of a list, after a first look at all of them: who they are, what is wrong with the list, and what their
//! files are called. The list itself is read again when files are made.

use std::io::{self, Read};
use std::num::NonZero;

use provost_account::{Finding, Service, Smime};
use provost_settings::{Batch, List, Person, Rows, Survey, Surveyed, identity_of};
use sha2::{Digest, Sha256};

use crate::error::RunError;
use crate::maker::ReadNamed;
use crate::names::{ShortNames, Stems};
use crate::ordered::ordered;

/// A list that can be read more than once, and the service that its people get accounts of.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// What its start says.
    pub list: &'a List,
    /// Opens it, from its very first octet.
    pub open: &'a (dyn Fn() -> io::Result<Box<dyn Read + Send>> + Sync),
    /// The service.
    pub service: &'a Service,
    /// Reads the files that the settings name.
    pub read_named: ReadNamed<'a>,
}

/// The people of a list.
#[derive(Debug)]
pub struct Population {
    /// What the first look found.
    pub surveyed: Surveyed,
    /// What their files are called.
    pub(crate) stems: Stems,
    /// A digest of the list's text.
    pub(crate) digest: [u8; 32],
}

/// A batch's rows, without people who lack the identity that the settings ask for, and their short names.
struct Looked {
    rows: Rows,
    names: ShortNames,
}

impl Source<'_> {
    /// Looks at the whole list, and again where addresses may be there twice. `watch` is told how many people were seen.
    ///
    /// # Errors
    ///
    /// The list cannot be read.
    pub fn survey(&self, threads: NonZero<usize>, watch: &mut dyn FnMut(u64)) -> Result<Population, RunError> {
        let mut survey = Survey::new(self.list, self.service);
        let mut names = ShortNames::default();
        let mut people = 0;
        let mut source = Digested { source: (self.open)().map_err(RunError::List)?, digest: Sha256::new() };
        self.each_batch(&mut source, threads, &|rows| self.look_at(rows), &mut |Looked { rows, names: more }| {
            people += rows.people.len() as u64;
            survey.add(&rows);
            names.extend(more);
            watch(people);
        })?;
        let mut duplicates = survey.duplicates();
        if !duplicates.is_empty() {
            let again = (self.open)().map_err(RunError::List)?;
            self.each_batch(again, threads, &|rows| self.look_at(rows).rows, &mut |rows| duplicates.look_at(&rows))?;
        }
        let surveyed = survey.finish(duplicates);
        let stems = names.stems(&surveyed.addresses, &self.service.domains.iter().collect::<Vec<_>>());
        Ok(Population { surveyed, stems, digest: source.digest.finalize().into() })
    }

    /// The rows of a batch, without people who lack the identity that the settings ask for.
    pub(crate) fn rows(&self, batch: &Batch) -> Rows {
        let mut rows = self.list.read(batch, self.service);
        if self.service.smime.is_some() {
            rows.check(|person| self.identity(person).map(drop));
        }
        rows
    }

    /// The identity of somebody, as the settings ask for it.
    pub(crate) fn identity(&self, person: &Person) -> Result<Option<Smime>, Finding> {
        identity_of(&person.address, person.place, self.service, &|name| (self.read_named)(name))
    }

    /// Reads the list batch by batch, on all cores; `take` gets what `work` makes of each, in the order of the list.
    fn each_batch<T: Send>(
        &self,
        source: impl Read + Send,
        threads: NonZero<usize>,
        work: &(dyn Fn(Rows) -> T + Sync),
        take: &mut dyn FnMut(T),
    ) -> Result<(), RunError> {
        let read = |batch: io::Result<Batch>| batch.map(|batch| work(self.rows(&batch)));
        ordered(threads, self.list.batches(source), read, |made| {
            take(made.map_err(RunError::List)?);
            Ok(())
        })
    }

    /// Looks at every row once more, in any order.
    pub(crate) fn each(
        &self,
        threads: NonZero<usize>,
        work: &(dyn Fn(Rows) -> Result<(), RunError> + Sync),
    ) -> Result<(), RunError> {
        let source = (self.open)().map_err(RunError::List)?;
        let work = |batch: io::Result<Batch>| work(self.rows(&batch.map_err(RunError::List)?));
        ordered(threads, self.list.batches(source), work, |done| done)
    }

    fn look_at(&self, rows: Rows) -> Looked {
        let mut names = ShortNames::default();
        rows.people.iter().for_each(|person| names.add(&person.address));
        Looked { rows, names }
    }
}

/// A list that is digested while it is read.
struct Digested<R> {
    source: R,
    digest: Sha256,
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let octets = self.source.read(to)?;
        self.digest.update(&to[..octets]);
        Ok(octets)
    }
}
