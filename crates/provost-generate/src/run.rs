//! A run: every person of a list, every kind, on all cores, into a folder or an archive.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use provost_profile::{Buffers, Passwords, Refusal};
use provost_settings::{Extent, write_service};

use crate::batch::{Everything, Into, Item, Portion};
use crate::error::RunError;
use crate::kind::Kind;
use crate::ledger::Ledger;
use crate::maker::{Made, Maker, Whole};
use crate::manifest::{self, Entry, Loss, Scope};
use crate::ordered::ordered;
use crate::population::{Population, Source};
use crate::signing::Signing;
use crate::sink::ArchiveFormat;
use crate::sink::archive::Archive;
use crate::sink::folder::{self, Folder, Present};
use crate::sink::pack::{Packer, Spare};
use crate::strangers::{Ours, Stranger, Strangers};
use crate::tally::{Sum, Tally};
use crate::work::{NoWork, Work};
use crate::{SERVICE_FILE, sha256};

/// What a run is to do.
pub struct Job<'a> {
    /// Whom for.
    pub source: Source<'a>,
    /// What.
    pub kinds: &'a [Kind],
    /// Whether files carry passwords.
    pub passwords: Passwords,
    /// Who signs what is signed.
    pub signing: Option<&'a Signing>,
    /// How many threads make files.
    pub threads: NonZero<usize>,
    /// What is done with files that are there.
    pub over: Over,
    /// A loss that depends on who is in the list, of a file for several people.
    pub more_losses: MoreLosses<'a>,
}

/// Says what a file for several people loses for some of them: its kind, whom it is for, and its files with their paths.
pub type MoreLosses<'a> = &'a (dyn Fn(Kind, &Scope, &[(&str, &[u8])]) -> Option<Loss> + Sync);

/// What is done with files that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over {
    /// Whether files are replaced that `generate` did not write, or that were edited.
    pub force: bool,
    /// Whether files are removed that an earlier run wrote and this one would not.
    pub prune: bool,
}

/// What a run tells while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many people are done.
    People(u64),
    /// Somebody gets no file of a kind.
    #[expect(missing_docs, reason = "the names say it")]
    Refused { kind: Kind, whom: &'a str, refusal: &'a Refusal },
    /// A file of an earlier run that this one would not write, and what became of it.
    Stale(&'a Entry, Fate),
    /// A file that was edited, and is kept.
    Edited(&'a str),
}

/// What became of a file that is no longer asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is removed.
    Removed,
    /// It stays.
    Kept,
    /// It was changed, and there is no `force`.
    KeptChanged,
    /// Nothing was written that could take its place.
    KeptNothingWritten,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// How many people got files, or were refused some.
    pub people: u64,
    /// What was made, refused and lost.
    pub tally: Tally,
    /// How many files are stale.
    pub stale: u64,
    /// How many files belong to people who may be in an invalid part of the list.
    pub unsure: u64,
    /// How many files were edited, and are kept.
    pub edited: u64,
    /// Files that had another signer before, and files that had one and have none.
    pub other_signers: [u64; 2],
    /// Whether `service.json` differs; only of [`check_folder`].
    pub is_service_different: bool,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// It is done; these files were replaced that are not ours.
    Done(Box<Report>, Clashes),
    /// Files that are not ours are in the way; nothing was written.
    Clashes(Clashes),
}

/// Files that are not ours where some are to be written.
#[derive(Debug, Default)]
pub struct Clashes {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<(String, Stranger)>,
    /// Whether some cannot be replaced at all.
    pub in_the_way: bool,
}

/// How a run reports what happens: an error ends it.
pub type Watch<'a> = &'a mut dyn FnMut(Event<'_>) -> io::Result<()>;

/// Writes everything into a folder.
///
/// # Errors
///
/// See [`RunError`]. What was written is whole, and the same run goes on from there.
pub fn write_folder(job: &Job<'_>, people: &Population, root: &Path, watch: Watch<'_>) -> Result<Ended, RunError> {
    let work = take(root.join(folder::WORK), root)?;
    let (all, strangers) = open(job, people, root)?;
    let clashes = clashes(&all, root, &strangers)?;
    if clashes.count > 0 && (clashes.in_the_way || !job.over.force) {
        return Ok(Ended::Clashes(clashes));
    }
    let (folder, mut rows) = Folder::begin(root, work)?;
    let present = Present { root };
    let mut report = Report::of(job);
    let mut left = Left::new()?;
    let into = |number| Into::Folder { present, batch: Some(folder.batch(number)), rows: all.ledger.reader() };
    run(&all, &into, &mut |portion| {
        rows.append(&portion.rows)?;
        left.add(&portion.left)?;
        report.add(portion, watch)
    })?;
    let is_anything_written = report.tally.sums.values().any(|sum| sum.all() > 0);
    left.each(&all, present, &mut |entry| {
        let fate = match judge(&all, &entry) {
            Judgement::Unsure => {
                report.unsure += 1;
                None
            }
            Judgement::NotAskedFor => None,
            Judgement::Stale => Some(match () {
                () if !job.over.prune => Fate::Kept,
                () if !is_anything_written => Fate::KeptNothingWritten,
                () if !job.over.force && present.is_edited(&entry)? => Fate::KeptChanged,
                () => Fate::Removed,
            }),
        };
        if let Some(fate) = fate {
            report.stale += 1;
            tell(watch, Event::Stale(&entry, fate))?;
        }
        if fate == Some(Fate::Removed) {
            return folder.remove(&entry.path);
        }
        let mut row = Vec::new();
        entry.write(&mut row);
        rows.append(&row)
    })?;
    folder.finish(rows, &write_service(job.source.service))?;
    Ok(Ended::Done(Box::new(report), clashes))
}

/// Compares a folder with what would be written into it, and writes nothing. Its new and changed files, and the stale
/// ones, are the differences.
///
/// # Errors
///
/// See [`RunError`].
pub fn check_folder(job: &Job<'_>, people: &Population, root: &Path, watch: Watch<'_>) -> Result<Report, RunError> {
    let (all, _) = open(job, people, root)?;
    let present = Present { root };
    let mut report = Report::of(job);
    let mut left = Left::new()?;
    let into = |_| Into::Folder { present, batch: None, rows: all.ledger.reader() };
    run(&all, &into, &mut |portion| {
        left.add(&portion.left)?;
        report.add(portion, watch)
    })?;
    left.each(&all, present, &mut |entry| {
        match judge(&all, &entry) {
            Judgement::Unsure => report.unsure += 1,
            Judgement::NotAskedFor => {}
            Judgement::Stale => {
                report.stale += 1;
                tell(watch, Event::Stale(&entry, Fate::Kept))?;
            }
        }
        Ok(())
    })?;
    let service = present.bytes(SERVICE_FILE)?;
    report.is_service_different = service.is_none_or(|bytes| bytes != write_service(job.source.service));
    Ok(report)
}

/// Writes everything into an archive, which appears when it is complete. A run that was killed is gone on with.
///
/// # Errors
///
/// See [`RunError`].
pub fn write_archive(
    job: &Job<'_>,
    people: &Population,
    format: ArchiveFormat,
    path: &Path,
    watch: Watch<'_>,
) -> Result<Report, RunError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(PARTIAL);
    let work = take(partial.into(), path)?;
    let all = everything(job, people, Ledger::default(), None);
    let written = RunError::io("write", path);
    let archive = Archive::in_file(format, path, &key(&all, format), work).map_err(written)?;
    pack(&all, format, archive, path, watch)
}

/// Writes everything into a pipe, as a tar archive.
///
/// # Errors
///
/// See [`RunError`].
pub fn write_pipe(
    job: &Job<'_>,
    people: &Population,
    out: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<Report, RunError> {
    let all = everything(job, people, Ledger::default(), None);
    let path = Path::new("standard output");
    let archive = Archive::piped(out).map_err(RunError::io("write to", path))?;
    pack(&all, ArchiveFormat::Tar, archive, path, watch)
}

fn pack(
    all: &Everything<'_>,
    format: ArchiveFormat,
    mut archive: Archive<'_>,
    path: &Path,
    watch: Watch<'_>,
) -> Result<Report, RunError> {
    let mut report = Report::of(all.job);
    let (finished, spare) = (archive.finished_batches(), Spare::default());
    let into = |number| match number < finished {
        true => Into::Nowhere,
        false => Into::Archive(Packer::new(format, &spare)),
    };
    run(all, &into, &mut |mut portion| {
        if let Some(part) = portion.part.take() {
            archive.append(&part).map_err(RunError::io("write", path))?;
            spare.add(part);
        }
        report.add(portion, watch)
    })?;
    let service = write_service(all.job.source.service);
    archive.finish(&service).map_err(RunError::io("write", path))?;
    Ok(report)
}

/// Makes everything, batch by batch.
fn run<'a>(
    all: &'a Everything<'_>,
    into: &(dyn Fn(u64) -> Into<'a> + Sync),
    take: &mut dyn FnMut(Portion) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let job = all.job;
    let source = (job.source.open)().map_err(RunError::List)?;
    // A batch of files of some megabytes, whatever is made of a person.
    let octets = BATCH_OCTETS / all.maker.kinds().len().max(1);
    let batches = job.source.list.batches_of(source, octets.max(1)).map(|batch| batch.map(Item::People));
    let items = (0..).zip(std::iter::once(Ok(Item::Several)).chain(batches));
    let work = |(number, item): (u64, io::Result<Item>)| all.portion(&item.map_err(RunError::List)?, into(number));
    ordered(job.threads, items, work, |portion| take(portion?))
}

/// The folder of a run's own, that nobody else has.
fn take(path: PathBuf, target: &Path) -> Result<Work, RunError> {
    Work::take(path).map_err(|error| match error {
        NoWork::Taken => RunError::Taken(target.to_owned()),
        NoWork::Io(error) => RunError::io("write to", target)(error),
    })
}

fn everything<'a>(job: &'a Job<'a>, people: &'a Population, ledger: Ledger, fans_out: Option<bool>) -> Everything<'a> {
    let maker = Maker::new(job.source.service, job.kinds, job.passwords, job.signing);
    let fans_out = fans_out.unwrap_or(people.surveyed.people.all.count > FAN_OUT_FROM);
    Everything { job, people, maker, ledger, fans_out }
}

/// What earlier runs left in a folder, and what in it is not theirs.
fn open<'a>(job: &'a Job<'a>, people: &'a Population, root: &Path) -> Result<(Everything<'a>, Strangers), RunError> {
    let (mut ours, mut fans_out) = (Ours::default(), None);
    let read = Ledger::read(folder::sources(root), &mut |row, kind| {
        ours.add(row, kind);
        fans_out = fans_out.or_else(|| row.fans_out());
    });
    let ledger = match read {
        Err(_) if job.over.force => {
            (ours, fans_out) = (Ours::default(), None);
            Ledger::default()
        }
        ledger => ledger?,
    };
    let strangers = Strangers::find(root, &folders(job.kinds), ours)?;
    Ok((everything(job, people, ledger, fans_out), strangers))
}

/// Where files will lie: in the folder of a format if all of its variants are asked for, or else of each variant.
fn folders(kinds: &[Kind]) -> BTreeSet<String> {
    let folder = |kind: &Kind| match is_whole(kinds, kind.format.name) {
        true => kind.format.name.to_owned(),
        false => kind.folder(),
    };
    kinds.iter().map(folder).collect()
}

/// Whether every variant of a format is asked for.
fn is_whole(kinds: &[Kind], format: &str) -> bool {
    let mut of_it = kinds.iter().filter(|kind| kind.format.name == format).peekable();
    let variants = of_it.peek().map(|kind| kind.format.variants.len());
    variants == Some(of_it.count())
}

/// The files that are not ours and would be replaced.
fn clashes(all: &Everything<'_>, root: &Path, strangers: &Strangers) -> Result<Clashes, RunError> {
    let present = Present { root };
    let clashes = Mutex::new(Clashes::default());
    let add = |path: &str, stranger| {
        let mut clashes = clashes.lock().unwrap_or_else(PoisonError::into_inner);
        clashes.add(path, stranger);
    };
    let service = write_service(all.job.source.service);
    if present.bytes(SERVICE_FILE)?.is_some_and(|bytes| !is_service(&bytes) && bytes != service) {
        add(SERVICE_FILE, Stranger::Unnamed);
    }
    if strangers.is_empty() {
        return Ok(clashes.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    let look_at = |made: Result<Made<'_>, Refusal>| -> Result<(), RunError> {
        for file in made.iter().flat_map(|made| &made.files) {
            if let Some(stranger) = strangers.at(&file.path, |there| all.maker.matches(file, there))? {
                add(&file.path, stranger);
            }
        }
        Ok(())
    };
    all.each_for_several(&mut |_, made| look_at(made))?;
    let (stems, is_everybody) = (strangers.stems(), strangers.are_above(&all.maker));
    let source = &all.job.source;
    source.each(all.job.threads, &|rows| {
        for person in &rows.people {
            let stem = all.stem(&person.address);
            let name = stem.rsplit('/').next().unwrap_or(&stem);
            if !is_everybody && !stems.contains(name) || all.people.surveyed.is_repeated(person.record) {
                continue;
            }
            let Ok(smime) = source.identity(person) else { continue };
            let mut whole = Whole::new(person, smime);
            for personal in all.maker.kinds() {
                look_at(all.maker.make(personal, &mut whole, &stem, &mut Buffers::default()))?;
            }
        }
        Ok(())
    })?;
    let mut clashes = clashes.into_inner().unwrap_or_else(PoisonError::into_inner);
    clashes.first.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(clashes)
}

/// Whether a file is what `write_service` writes, now or in another version.
fn is_service(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|json| json["provost"].is_number())
}

/// What is to be thought of a row for which nothing was written.
enum Judgement {
    /// Its person may be in an invalid part of the list.
    Unsure,
    /// This run has nothing to do with it.
    NotAskedFor,
    /// A run of everything that is asked for now would not have written it.
    Stale,
}

fn judge(all: &Everything<'_>, entry: &Entry) -> Judgement {
    let surveyed = &all.people.surveyed;
    let user = entry.user();
    let is_good = user.is_none_or(|user| surveyed.addresses.contains_address(user));
    let is_gone = match &entry.scope {
        Scope::Domain(domain) => !all.job.source.service.domains.contains(domain),
        Scope::User | Scope::Organization => !is_good,
    };
    let is_bad = user.is_some_and(|user| surveyed.bad.contains_address(user));
    if is_bad || !is_good && surveyed.extent == Extent::InPart {
        return Judgement::Unsure;
    }
    let kinds = all.job.kinds;
    let mut of_format = kinds.iter().filter(|kind| kind.format.name == entry.format);
    let is_asked_for =
        of_format.any(|kind| kind.variant_name() == entry.variant.as_deref() || is_whole(kinds, kind.format.name));
    if is_gone || is_asked_for { Judgement::Stale } else { Judgement::NotAskedFor }
}

/// What an archive is made of.
fn key(all: &Everything<'_>, format: ArchiveFormat) -> String {
    let mut parts: Vec<u8> = format!("{format:?} {:?} {}\n", all.job.passwords, all.fans_out).into_bytes();
    parts.extend(write_service(all.job.source.service));
    parts.extend(all.people.digest);
    all.job.kinds.iter().for_each(|kind| parts.extend(kind.folder().into_bytes()));
    all.maker.kinds().iter().for_each(|personal| parts.extend(personal.base));
    sha256(&parts)
}

/// Rows for which nothing was written, until all is written.
struct Left(BufWriter<File>);

impl Left {
    fn new() -> Result<Self, RunError> {
        let file = tempfile::tempfile().map_err(RunError::io("write to", Path::new("a temporary file")))?;
        Ok(Self(BufWriter::new(file)))
    }

    fn add(&mut self, entries: &[Entry]) -> Result<(), RunError> {
        self.0.write_all(&manifest::write(entries)).map_err(RunError::io("write to", Path::new("a temporary file")))
    }

    /// Gives them, and then the rows that nobody asked for.
    fn each(
        mut self,
        all: &Everything<'_>,
        present: Present<'_>,
        take: &mut dyn FnMut(Entry) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let rewound = self.0.flush().and_then(|()| self.0.get_mut().seek(SeekFrom::Start(0)));
        rewound.map_err(RunError::io("write to", Path::new("a temporary file")))?;
        for entry in manifest::entries(BufReader::new(self.0.get_mut())) {
            take(entry.map_err(|error| error.why)?)?;
        }
        all.ledger.reader().unseen(|row| present.certain(row)?.map_or(Ok(()), &mut *take))
    }
}

impl Report {
    fn of(job: &Job<'_>) -> Self {
        let sums = job.kinds.iter().map(|kind| ((kind.format.name, kind.variant_name()), Sum::default())).collect();
        Self { tally: Tally { sums, ..Tally::default() }, ..Self::default() }
    }

    fn add(&mut self, portion: Portion, watch: Watch<'_>) -> Result<(), RunError> {
        self.people += portion.people;
        self.edited += portion.edited.len() as u64;
        self.tally.add(portion.tally);
        for (sum, more) in self.other_signers.iter_mut().zip(portion.other_signers) {
            *sum += more;
        }
        for (kind, whom, refusal) in &portion.refused {
            tell(watch, Event::Refused { kind: *kind, whom, refusal })?;
        }
        for path in &portion.edited {
            tell(watch, Event::Edited(path))?;
        }
        tell(watch, Event::People(self.people))
    }

    /// Whether every profile that was asked for is refused.
    #[must_use]
    pub fn is_all_refused(&self) -> bool {
        self.tally.refused > 0 && self.tally.sums.values().all(|sum| sum.all() == 0)
    }
}

impl Clashes {
    fn add(&mut self, path: &str, stranger: Stranger) {
        self.count += 1;
        self.in_the_way |= stranger == Stranger::InTheWay;
        if self.first.len() < CLASHES_KEPT {
            self.first.push((path.to_owned(), stranger));
        }
    }
}

fn tell(watch: Watch<'_>, event: Event<'_>) -> Result<(), RunError> {
    watch(event).map_err(RunError::Reporting)
}

/// More people than this have their files in 256 folders.
const FAN_OUT_FROM: u64 = 10_000;
/// Of the list, in a batch of one kind.
const BATCH_OCTETS: usize = 16 << 10;
const CLASHES_KEPT: usize = 100;
const PARTIAL: &str = ".partial";
