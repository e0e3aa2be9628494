//! The journal on disk: for its owner's eyes, locked while it is written, and synced where something depends on it. What its
//! lines mean, `provost-mdm` knows.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use provost_mdm::journal::{self, Event, Journal, Known, LineError, Record};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::failure::Failure;
use crate::today;

/// A journal that can be added to.
pub(super) struct JournalFile {
    path: PathBuf,
    file: File,
    /// What it says.
    pub(super) journal: Journal,
    /// How far it was read or written.
    read: u64,
    /// This run, in every record.
    pub(super) run: String,
}

/// What a record is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) enrollment: &'a str,
    pub(super) address: &'a str,
    pub(super) identifier: &'a str,
    pub(super) sha256: Option<provost_mdm::Digest>,
    pub(super) attempt: u32,
    pub(super) command: Uuid,
}

impl<'a> About<'a> {
    /// What is known.
    pub(super) fn known(enrollment: &'a str, known: &'a Known) -> Self {
        let Known { identifier, address, sha256, attempt, command, .. } = known;
        Self { enrollment, address, identifier, sha256: *sha256, attempt: *attempt, command: *command }
    }
}

/// What a journal says, without adding to it; one that is not there says nothing.
pub(super) fn read(path: &Path) -> Result<Journal, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Journal::new(Uuid::nil())),
        Err(error) => return Err(anyhow::Error::from(error).context(format!("cannot read {}", path.display())).into()),
    };
    let mut journal = None;
    add_lines(&file, path, &mut journal)?;
    Ok(journal.unwrap_or_else(|| Journal::new(Uuid::nil())))
}

/// Adds the lines from where the file is; the octets of the whole ones.
fn add_lines(file: &File, path: &Path, journal: &mut Option<Journal>) -> Result<u64, Failure> {
    let mut source = BufReader::with_capacity(BUFFER, file);
    let (mut octets, mut line, mut number) = (0, Vec::new(), 0);
    loop {
        line.clear();
        let read = source.read_until(b'\n', &mut line).with_context(|| format!("cannot read {}", path.display()))?;
        if journal::whole_lines(&line).is_empty() {
            return Ok(octets);
        }
        number += 1;
        octets += u64::try_from(read).expect("a line has a length");
        let added: Result<(), LineError> = match journal {
            None => Journal::begun(&line).map(|begun| *journal = Some(begun)),
            Some(journal) => Record::read(&line).map(|record| journal.add(&record)),
        };
        if let Err(error) = added {
            let what = format!("{}, line {number}, is none of a journal of `provost deploy`", path.display());
            let hint = "write another file's name in deploy.yaml, or put back the journal as it was";
            return Err(Failure::hinted(anyhow::Error::from(error).context(what), hint));
        }
    }
}

impl JournalFile {
    /// Opens or begins a journal. With `Held::Always`, nobody else writes it until this is dropped.
    pub(super) fn open(path: &Path, held: Held) -> Result<Self, Failure> {
        let cannot = || format!("cannot write {}", path.display());
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).with_context(cannot)?;
        make_private(&file).with_context(cannot)?;
        match (held, file.try_lock()) {
            (_, Ok(())) => {}
            (Held::Always, Err(TryLockError::WouldBlock)) => {
                let error = anyhow::anyhow!("another run of `provost deploy` holds {}", path.display());
                return Err(Failure::hinted(error, "wait until it has ended"));
            }
            (Held::WhileWriting, Err(TryLockError::WouldBlock)) => file.lock().with_context(cannot)?,
            (_, Err(TryLockError::Error(error))) => return Err(anyhow::Error::from(error).context(cannot()).into()),
        }
        let mut journal = None;
        let mut read = add_lines(&file, path, &mut journal)?;
        // What a crash tore would run into the next line.
        if file.metadata().with_context(cannot)?.len() > read {
            file.set_len(read).with_context(cannot)?;
        }
        let journal = match journal {
            Some(journal) => journal,
            None => {
                let id = random()?;
                let head = journal::head(id);
                (&file).write_all(&head).and_then(|()| file.sync_all()).with_context(cannot)?;
                read = u64::try_from(head.len()).expect("a line has a length");
                Journal::new(id)
            }
        };
        if held == Held::WhileWriting {
            file.unlock().with_context(cannot)?;
        }
        let run = random()?.simple().to_string()[..8].to_owned();
        Ok(Self { path: path.to_owned(), file, journal, read, run })
    }

    /// Adds a record to what is to be written, and to what is known.
    pub(super) fn note(&mut self, event: Event, about: About<'_>, status: Option<String>, lines: &mut Vec<u8>) {
        let About { enrollment, address, identifier, sha256, attempt, command } = about;
        let now = today::now().replace_nanosecond(0).unwrap_or_else(|_| today::now());
        let record = Record {
            at: now.format(&Rfc3339).expect("a time of this century has a text"),
            run: self.run.clone(),
            event,
            enrollment: enrollment.to_owned(),
            address: address.to_owned(),
            identifier: identifier.to_owned(),
            sha256,
            attempt,
            command,
            status,
        };
        record.write(lines);
        self.journal.add(&record);
    }

    /// Writes lines.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<(), Failure> {
        self.file.write_all(lines).with_context(|| format!("cannot write {}", self.path.display()))?;
        self.read += u64::try_from(lines.len()).expect("lines have a length");
        Ok(())
    }

    /// What was written stays, whatever happens to the machine.
    pub(super) fn sync(&self) -> Result<(), Failure> {
        Ok(self.file.sync_data().with_context(|| format!("cannot write {}", self.path.display()))?)
    }

    /// Takes the lock, and reads what others have written.
    pub(super) fn hold(&mut self) -> Result<(), Failure> {
        let cannot = || format!("cannot read {}", self.path.display());
        self.file.lock().with_context(cannot)?;
        self.file.seek(SeekFrom::Start(self.read)).with_context(cannot)?;
        let mut journal = Some(std::mem::replace(&mut self.journal, Journal::new(Uuid::nil())));
        self.read += add_lines(&self.file, &self.path, &mut journal)?;
        self.journal = journal.expect("it was there");
        Ok(())
    }

    /// Lets others write.
    pub(super) fn release(&self) -> Result<(), Failure> {
        Ok(self.file.unlock().with_context(|| format!("cannot write {}", self.path.display()))?)
    }
}

/// How long nobody else may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Always,
    WhileWriting,
}

#[cfg(unix)]
fn make_private(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match file.metadata()?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => file.set_permissions(std::fs::Permissions::from_mode(0o600)),
    }
}

#[cfg(not(unix))]
fn make_private(_file: &File) -> std::io::Result<()> {
    Ok(())
}

/// A random UUID (version 4).
fn random() -> Result<Uuid, Failure> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(uuid::Builder::from_random_bytes(octets).into_uuid())
}

const BUFFER: usize = 64 << 10;
