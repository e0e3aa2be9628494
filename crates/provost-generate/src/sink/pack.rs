//! What a batch adds to an archive, made in any thread: its files, and its rows of the manifest, compressed where the
//! archive is. Batches follow each other without a seam.

use std::io;

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
    /// The length and the CRC of the text.
    pub(crate) crc: Crc,
    pub(crate) text_octets: u64,
}

/// Collects a batch's files.
pub(crate) struct Packer {
    format: ArchiveFormat,
    tar: Option<tar::Builder<Vec<u8>>>,
    zip: Vec<u8>,
    records: Vec<Record>,
}

impl Packer {
    pub(crate) fn new(format: ArchiveFormat) -> Self {
        let tar = match format {
            ArchiveFormat::Tar | ArchiveFormat::TarZst => Some(tar::Builder::new(Vec::with_capacity(PART_OCTETS))),
            ArchiveFormat::Zip => None,
        };
        Self { format, tar, zip: Vec::new(), records: Vec::new() }
    }

    /// Appends a file.
    pub(crate) fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tar {
            Some(tar) if path.len() <= NAME => {
                // What the library does for a short name, without taking it apart.
                let mut header = header(bytes.len() as u64);
                header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                tar.append(&header, bytes)
            }
            Some(tar) => tar.append_data(&mut header(bytes.len() as u64), path, bytes),
            None => {
                self.records.push(zip::append(&mut self.zip, path.to_owned(), bytes));
                Ok(())
            }
        }
    }

    /// The part, with these rows.
    pub(crate) fn finish(self, rows: Vec<u8>) -> io::Result<Part> {
        let mut crc = Crc::new();
        crc.update(&rows);
        let text_octets = rows.len() as u64;
        let entries = self.tar.map(without_end).transpose()?;
        let (octets, rows) = match (self.format, entries) {
            (ArchiveFormat::Tar, Some(entries)) => (entries, rows),
            (ArchiveFormat::TarZst, Some(entries)) => (compressed(&entries)?, compressed(&rows)?),
            (_, _) => (self.zip, zip::deflated(&rows, FlushCompress::Full)),
        };
        let manifest = ManifestPart { octets: rows, crc, text_octets };
        Ok(Part { octets, records: self.records, manifest })
    }
}

/// A tar header and its file's name, for a file of that length.
pub(crate) fn head(path: &str, octets: u64) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    // The name first: one of more than 100 octets takes an entry of its own.
    tar.append_data(&mut header(0), path, io::empty())?;
    let mut head = without_end(tar)?;
    let mut own = header(octets);
    let at = head.len() - BLOCK;
    own.as_mut_bytes()[..NAME].copy_from_slice(&head[at..at + NAME]);
    own.set_cksum();
    head[at..].copy_from_slice(own.as_bytes());
    Ok(head)
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

fn header(octets: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    header.set_mtime(FIRST_OF_1980);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(octets);
    header
}

fn without_end(tar: tar::Builder<Vec<u8>>) -> io::Result<Vec<u8>> {
    let mut octets = tar.into_inner()?;
    octets.truncate(octets.len() - TAR_END.len());
    Ok(octets)
}

/// About as much as a batch of small files has.
const PART_OCTETS: usize = 2 << 20;
const BLOCK: usize = 512;
const NAME: usize = 100;
/// The first second that a ZIP archive can express; GNU tar calls 1970 implausible.
const FIRST_OF_1980: u64 = 315_532_800;
const ZSTD_LEVEL: i32 = 3;
