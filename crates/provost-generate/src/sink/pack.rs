//! What a batch adds to an archive, made in any thread: its files, and its rows of the manifest, compressed where the
//! archive is. Batches follow each other without a seam.

use std::io;
use std::sync::{Mutex, PoisonError};

use crc32fast::Hasher as Crc;
use flate2::FlushCompress;

use super::ArchiveFormat;
use super::zip::{self, Record};

/// A batch's part of an archive.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) octets: Vec<u8>,
    /// Of a ZIP archive: its files, with offsets in this part.
    pub(crate) records: Vec<Record>,
    pub(crate) manifest: ManifestPart,
}

/// A batch's rows of the manifest, as the archive has them.
#[derive(Debug)]
pub(crate) struct ManifestPart {
    pub(crate) octets: Vec<u8>,
    /// How long they are as text.
    pub(crate) text_octets: u64,
    /// Of a ZIP archive: the CRC of the text.
    pub(crate) crc: Crc,
}

/// Collects a batch's files.
pub(crate) struct Packer {
    format: ArchiveFormat,
    octets: Vec<u8>,
    records: Vec<Record>,
    /// Memory for the rows.
    rows: Vec<u8>,
    /// Of a tar archive: a header that lacks only what differs from file to file.
    blank: Box<tar::Header>,
}

/// Memory of batches that are written, for those that come.
#[derive(Debug, Default)]
pub(crate) struct Spare(Mutex<Vec<(Vec<u8>, Vec<u8>)>>);

impl Spare {
    /// Takes back a part that is written.
    pub(crate) fn add(&self, part: Part) {
        let (mut octets, mut rows) = (part.octets, part.manifest.octets);
        octets.clear();
        rows.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((octets, rows));
    }

    fn take(&self) -> (Vec<u8>, Vec<u8>) {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| (Vec::new(), Vec::new()))
    }
}

impl Packer {
    pub(crate) fn new(format: ArchiveFormat, spare: &Spare) -> Self {
        let (octets, rows) = spare.take();
        Self { format, octets, records: Vec::new(), rows, blank: Box::new(blank()) }
    }

    /// Appends a file.
    pub(crate) fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match self.format {
            ArchiveFormat::Tar | ArchiveFormat::TarZst => {
                let octets = bytes.len() as u64;
                append_head(&self.blank, path, octets, &mut self.octets)?;
                self.octets.extend_from_slice(bytes);
                self.octets.extend_from_slice(padding(octets));
            }
            ArchiveFormat::Zip => self.records.push(zip::append(&mut self.octets, path.to_owned(), bytes)),
        }
        Ok(())
    }

    /// Memory for the rows.
    pub(crate) fn rows(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rows)
    }

    /// The part, with these rows.
    pub(crate) fn finish(self, rows: Vec<u8>) -> io::Result<Part> {
        let Self { format, octets, records, .. } = self;
        let mut crc = Crc::new();
        if format == ArchiveFormat::Zip {
            crc.update(&rows);
        }
        let text_octets = rows.len() as u64;
        let (octets, rows) = match format {
            ArchiveFormat::Tar => (octets, rows),
            ArchiveFormat::TarZst => (compressed(&octets)?, compressed(&rows)?),
            ArchiveFormat::Zip => (octets, zip::deflated(&rows, FlushCompress::Full)),
        };
        Ok(Part { octets, records, manifest: ManifestPart { octets: rows, crc, text_octets } })
    }
}

/// A tar header and its file's name, for a file of that length.
pub(crate) fn head(path: &str, octets: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    append_head(&blank(), path, octets, &mut head)?;
    Ok(head)
}

fn append_head(blank: &tar::Header, path: &str, octets: u64, to: &mut Vec<u8>) -> io::Result<()> {
    let mut header = blank.clone();
    if path.len() <= NAME {
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
    } else {
        // A longer name takes an entry of its own, and its beginning is in the header.
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_data(&mut header, path, io::empty())?;
        let entries = without_end(tar)?;
        to.extend_from_slice(&entries[..entries.len() - BLOCK]);
    }
    header.set_size(octets);
    header.set_cksum();
    to.extend_from_slice(header.as_bytes());
    Ok(())
}

/// What follows a file of that length up to the next block.
pub(crate) fn padding(octets: u64) -> &'static [u8] {
    let used = usize::try_from(octets % BLOCK as u64).expect("less than a block");
    &[0; BLOCK][..(BLOCK - used) % BLOCK]
}

/// The end of a tar archive.
pub(crate) const TAR_END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// A frame of its own (RFC 8878): frames can follow each other.
pub(crate) fn compressed(octets: &[u8]) -> io::Result<Vec<u8>> {
    match octets.is_empty() {
        true => Ok(Vec::new()),
        false => zstd::bulk::compress(octets, ZSTD_LEVEL),
    }
}

fn blank() -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    header.set_mtime(FIRST_OF_1980);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

fn without_end(tar: tar::Builder<Vec<u8>>) -> io::Result<Vec<u8>> {
    let mut octets = tar.into_inner()?;
    octets.truncate(octets.len() - TAR_END.len());
    Ok(octets)
}

const BLOCK: usize = 512;
const NAME: usize = 100;
/// The first second that a ZIP archive can express; GNU tar calls 1970 implausible.
const FIRST_OF_1980: u64 = 315_532_800;
const ZSTD_LEVEL: i32 = 3;
