//! The records of a ZIP archive (PKWARE APPNOTE 6.3.10), with 64-bit sizes where they are needed. The directory is not kept
//! in memory, which is why no library for whole archives is used: `zip` 8 keeps about 200 octets a file.

use flate2::{Compress, Compression, FlushCompress, Status};

/// A file in the archive, as the directory at its end lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) crc: u32,
    pub(crate) compressed: u64,
    pub(crate) octets: u64,
    /// Where its local header begins.
    pub(crate) offset: u64,
}

/// The end of the archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) files: u64,
    pub(crate) directory_octets: u64,
    pub(crate) directory_offset: u64,
}

/// Appends a file, compressed.
pub(crate) fn append(to: &mut Vec<u8>, name: String, bytes: &[u8]) -> Record {
    let compressed = deflated(bytes, FlushCompress::Finish);
    let record = Record {
        name,
        crc: crc32fast::hash(bytes),
        compressed: compressed.len() as u64,
        octets: bytes.len() as u64,
        offset: to.len() as u64,
    };
    record.local_header(to);
    to.extend_from_slice(&compressed);
    record
}

/// A part of a deflated stream (RFC 1951) that ends on a whole octet: parts can follow each other, and [`LAST_PART`] ends
/// them. With [`FlushCompress::Finish`] it is a stream of its own.
pub(crate) fn deflated(bytes: &[u8], end: FlushCompress) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::default(), false);
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let taken = usize::try_from(deflate.total_in()).expect("as much as there is in memory");
        let status = deflate.compress_vec(&bytes[taken..], &mut out, end).expect("parameters are right");
        let is_all = deflate.total_in() == bytes.len() as u64;
        match status {
            Status::StreamEnd => return out,
            _ if is_all && out.len() < out.capacity() && end != FlushCompress::Finish => return out,
            _ => out.reserve(out.capacity().max(64)),
        }
    }
}

impl Record {
    /// Appends what stands before the file.
    pub(crate) fn local_header(&self, to: &mut Vec<u8>) {
        let is_long = self.compressed > SHORT || self.octets > SHORT;
        to.extend_from_slice(b"PK\x03\x04");
        self.common(to, is_long, if is_long { 20 } else { 0 });
        to.extend_from_slice(self.name.as_bytes());
        if is_long {
            extra(to, &[self.octets, self.compressed]);
        }
    }

    /// Writes its row of the directory, `base` octets further in the archive than it thinks.
    pub(crate) fn central(&self, base: u64, to: &mut Vec<u8>) {
        let offset = self.offset + base;
        let (long_sizes, long_offset) = (self.compressed > SHORT || self.octets > SHORT, offset > SHORT);
        let mut long = Vec::new();
        if long_sizes {
            long.extend([self.octets, self.compressed]);
        }
        if long_offset {
            long.push(offset);
        }
        to.extend_from_slice(b"PK\x01\x02");
        // Made by version 4.5 on a Unix, which is where the mode means something.
        to.extend_from_slice(&(3_u16 << 8 | 45).to_le_bytes());
        self.common(to, long_sizes, if long.is_empty() { 0 } else { long.len() * 8 + 4 });
        // No comment, the first disk, no internal attributes; a file that its owner may read and write.
        to.extend_from_slice(&[0; 6]);
        to.extend_from_slice(&(0o100_600_u32 << 16).to_le_bytes());
        to.extend_from_slice(&short(offset, long_offset).to_le_bytes());
        to.extend_from_slice(self.name.as_bytes());
        if !long.is_empty() {
            extra(to, &long);
        }
    }

    /// What both headers have: version, flags, method, time, CRC, sizes, lengths of name and extra field.
    fn common(&self, to: &mut Vec<u8>, is_long: bool, extra_octets: usize) {
        let version: u16 = if extra_octets > 0 { 45 } else { 20 };
        // Bit 11: the name is UTF-8. Method 8: deflated. 1980-01-01, the first day that there is.
        for half in [version, 1 << 11, 8, 0, 1 << 5 | 1] {
            to.extend_from_slice(&half.to_le_bytes());
        }
        for word in [self.crc, short(self.compressed, is_long), short(self.octets, is_long)] {
            to.extend_from_slice(&word.to_le_bytes());
        }
        let name = u16::try_from(self.name.len()).expect("a path of some hundred octets");
        to.extend_from_slice(&name.to_le_bytes());
        to.extend_from_slice(&u16::try_from(extra_octets).expect("three numbers at most").to_le_bytes());
    }
}

impl End {
    /// The last records, behind the directory.
    pub(crate) fn records(self) -> Vec<u8> {
        let mut to = Vec::new();
        let Self { files, directory_octets, directory_offset } = self;
        let is_long = files >= 0xFFFF || directory_octets > SHORT || directory_offset > SHORT;
        if is_long {
            to.extend_from_slice(b"PK\x06\x06");
            to.extend_from_slice(&44_u64.to_le_bytes());
            to.extend_from_slice(&(3_u16 << 8 | 45).to_le_bytes());
            to.extend_from_slice(&45_u16.to_le_bytes());
            to.extend_from_slice(&[0; 8]);
            for number in [files, files, directory_octets, directory_offset] {
                to.extend_from_slice(&number.to_le_bytes());
            }
            to.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            to.extend_from_slice(&(directory_offset + directory_octets).to_le_bytes());
            to.extend_from_slice(&1_u32.to_le_bytes());
        }
        to.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        let few = if is_long { 0xFFFF } else { u16::try_from(files).expect("fewer than 65535") };
        to.extend_from_slice(&few.to_le_bytes());
        to.extend_from_slice(&few.to_le_bytes());
        to.extend_from_slice(&short(directory_octets, is_long).to_le_bytes());
        to.extend_from_slice(&short(directory_offset, is_long).to_le_bytes());
        to.extend_from_slice(&[0; 2]);
        to
    }
}

/// The extra field with 64-bit numbers.
fn extra(to: &mut Vec<u8>, numbers: &[u64]) {
    to.extend_from_slice(&1_u16.to_le_bytes());
    to.extend_from_slice(&u16::try_from(numbers.len() * 8).expect("three numbers at most").to_le_bytes());
    numbers.iter().for_each(|number| to.extend_from_slice(&number.to_le_bytes()));
}

/// A number in 32 bits; all of them are set if it stands in the extra field.
fn short(number: u64, is_long: bool) -> u32 {
    if is_long { u32::MAX } else { u32::try_from(number).expect("it fits, or it is long") }
}

/// The largest number that a 32-bit field may hold.
const SHORT: u64 = u32::MAX as u64 - 1;
/// An empty last block (RFC 1951, section 3.2.3: BFINAL, fixed codes, the end of the block).
pub(crate) const LAST_PART: [u8; 2] = [3, 0];
