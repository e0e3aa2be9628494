//! An archive that grows batch by batch. What is finished is written down after each, so that a run that was killed goes
//! on behind the last whole one; the archive gets its name when it is complete.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crc32fast::Hasher as Crc;
use serde::{Deserialize, Serialize};

use super::ArchiveFormat;
use super::folder::private;
use super::pack::{Part, TAR_END, compressed, head, padding};
use super::zip::{End, LAST_PART, Record};
use crate::work::Work;
use crate::{MANIFEST_FILE, SERVICE_FILE};

/// An archive that is being written.
pub(crate) struct Archive<'a> {
    format: ArchiveFormat,
    out: Out<'a>,
    /// The rows of the manifest, as the archive will have them.
    rows: BufWriter<File>,
    /// Of a ZIP archive: its directory.
    directory: BufWriter<File>,
    state: State,
}

enum Out<'a> {
    Pipe(&'a mut (dyn Write + Send)),
    File { archive: File, journal: File, work: Work, path: PathBuf },
}

/// How much is finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    batches: u64,
    octets: u64,
    files: u64,
    rows_octets: u64,
    rows_text: u64,
    rows_crc: u32,
    directory_octets: u64,
}

impl<'a> Archive<'a> {
    /// An archive into a pipe.
    pub(crate) fn piped(out: &'a mut (dyn Write + Send)) -> io::Result<Self> {
        Ok(Self {
            format: ArchiveFormat::Tar,
            out: Out::Pipe(out),
            rows: BufWriter::new(tempfile::tempfile()?),
            directory: BufWriter::new(tempfile::tempfile()?),
            state: State::default(),
        })
    }

    /// An archive in a file. `key` stands for all that it is made of: what another run left is gone on with if its key was
    /// the same.
    pub(crate) fn in_file(format: ArchiveFormat, path: &Path, key: &str, work: Work) -> io::Result<Self> {
        let state = finished(&work, key)?;
        let open = |name: &str, octets: u64| -> io::Result<File> {
            let mut file = private().read(true).create(true).truncate(false).open(work.file(name))?;
            file.set_len(octets)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let archive = open(ARCHIVE, state.octets)?;
        let rows = BufWriter::new(open(ROWS, state.rows_octets)?);
        let directory = BufWriter::new(open(DIRECTORY, state.directory_octets)?);
        let mut journal = File::create(work.file(JOURNAL))?;
        journal.write_all(format!("{key}\n").as_bytes())?;
        write_state(&mut journal, state)?;
        Ok(Self { format, out: Out::File { archive, journal, work, path: path.to_owned() }, rows, directory, state })
    }

    /// How many batches an earlier run has finished.
    pub(crate) fn finished_batches(&self) -> u64 {
        self.state.batches
    }

    /// Appends the next batch.
    pub(crate) fn append(&mut self, part: &Part) -> io::Result<()> {
        self.write(&part.octets)?;
        let mut directory = Vec::new();
        part.records.iter().for_each(|record| record.central(self.state.octets, &mut directory));
        self.directory.write_all(&directory)?;
        self.rows.write_all(&part.manifest.octets)?;
        let mut crc = self.crc();
        crc.combine(&part.manifest.crc);
        self.state = State {
            batches: self.state.batches + 1,
            octets: self.state.octets + part.octets.len() as u64,
            files: self.state.files + part.records.len() as u64,
            rows_octets: self.state.rows_octets + part.manifest.octets.len() as u64,
            rows_text: self.state.rows_text + part.manifest.text_octets,
            rows_crc: crc.finalize(),
            directory_octets: self.state.directory_octets + directory.len() as u64,
        };
        if let Out::File { journal, .. } = &mut self.out {
            self.rows.flush()?;
            self.directory.flush()?;
            write_state(journal, self.state)?;
        }
        Ok(())
    }

    /// Appends the service and the manifest, ends the archive, and gives it its name.
    pub(crate) fn finish(mut self, service: &[u8]) -> io::Result<()> {
        match self.format {
            ArchiveFormat::Tar | ArchiveFormat::TarZst => self.finish_tar(service)?,
            ArchiveFormat::Zip => self.finish_zip(service)?,
        }
        match self.out {
            Out::Pipe(out) => out.flush(),
            Out::File { archive, work, path, .. } => {
                drop(archive);
                fs::rename(work.file(ARCHIVE), path)?;
                work.remove()
            }
        }
    }

    fn finish_tar(&mut self, service: &[u8]) -> io::Result<()> {
        let mut last = head(SERVICE_FILE, service.len() as u64)?;
        last.extend_from_slice(service);
        last.extend_from_slice(padding(service.len() as u64));
        last.extend(head(MANIFEST_FILE, self.state.rows_text)?);
        self.write_framed(&last)?;
        self.copy_rows()?;
        self.write_framed(&[padding(self.state.rows_text), &TAR_END].concat())
    }

    fn finish_zip(&mut self, service: &[u8]) -> io::Result<()> {
        let mut octets = Vec::new();
        let service = super::zip::append(&mut octets, SERVICE_FILE.to_owned(), service);
        let manifest = Record {
            name: MANIFEST_FILE.to_owned(),
            crc: self.state.rows_crc,
            compressed: self.state.rows_octets + LAST_PART.len() as u64,
            octets: self.state.rows_text,
            offset: octets.len() as u64,
        };
        manifest.local_header(&mut octets);
        let base = self.state.octets;
        self.write(&octets)?;
        self.copy_rows()?;
        self.write(&LAST_PART)?;
        let mut directory = Vec::new();
        service.central(base, &mut directory);
        manifest.central(base, &mut directory);
        self.directory.write_all(&directory)?;
        let end = End {
            files: self.state.files + 2,
            directory_octets: self.state.directory_octets + directory.len() as u64,
            directory_offset: base + octets.len() as u64 + manifest.compressed,
        };
        copy(&mut self.directory, &mut self.out)?;
        self.write(&end.records())
    }

    fn copy_rows(&mut self) -> io::Result<()> {
        copy(&mut self.rows, &mut self.out)
    }

    /// Octets of the tar archive, compressed where it is.
    fn write_framed(&mut self, octets: &[u8]) -> io::Result<()> {
        match self.format {
            ArchiveFormat::TarZst => self.write(&compressed(octets)?),
            ArchiveFormat::Tar | ArchiveFormat::Zip => self.write(octets),
        }
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.out.write_all(octets)
    }

    fn crc(&self) -> Crc {
        Crc::new_with_initial_len(self.state.rows_crc, self.state.rows_text)
    }
}

impl Write for Out<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(out) => out.write(octets),
            Self::File { archive, .. } => archive.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Pipe(out) => out.flush(),
            Self::File { archive, .. } => archive.flush(),
        }
    }
}

/// Copies a file from its beginning.
fn copy(from: &mut BufWriter<File>, to: &mut Out<'_>) -> io::Result<()> {
    from.flush()?;
    let file = from.get_mut();
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; BUFFER];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            octets => to.write_all(&buffer[..octets])?,
        }
    }
}

/// What the run before finished, as far as all of it is still there.
fn finished(work: &Work, key: &str) -> io::Result<State> {
    let journal = match File::open(work.file(JOURNAL)) {
        Ok(journal) => BufReader::new(journal),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
        Err(error) => return Err(error),
    };
    let octets = |name: &str| fs::metadata(work.file(name)).map_or(0, |file| file.len());
    let (archive, rows, directory) = (octets(ARCHIVE), octets(ROWS), octets(DIRECTORY));
    let is_there = |it: &State| it.octets <= archive && it.rows_octets <= rows && it.directory_octets <= directory;
    let mut lines = journal.split(b'\n');
    if lines.next().transpose()?.as_deref() != Some(key.as_bytes()) {
        return Ok(State::default());
    }
    let mut state = State::default();
    for line in lines {
        // The last line may be cut.
        match serde_json::from_slice::<State>(&line?) {
            Ok(later) if is_there(&later) => state = later,
            Ok(_) | Err(_) => break,
        }
    }
    Ok(state)
}

fn write_state(journal: &mut File, state: State) -> io::Result<()> {
    let mut line = serde_json::to_vec(&state).expect("plain numbers");
    line.push(b'\n');
    journal.write_all(&line)
}

const ARCHIVE: &str = "archive";
const DIRECTORY: &str = "directory";
const JOURNAL: &str = "journal";
const ROWS: &str = "rows";
const BUFFER: usize = 256 << 10;
