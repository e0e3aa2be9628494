//! COMPRESS=DEFLATE: compresses and decompresses the bytes of a connection. It knows no protocol.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// Raw DEFLATE in both directions (RFC 4978 §3, RFC 1951).
pub(crate) struct Deflate {
    packs: Compress,
    unpacks: Decompress,
}

impl Default for Deflate {
    fn default() -> Self {
        Self { packs: Compress::new(Compression::fast(), false), unpacks: Decompress::new(false) }
    }
}

impl Deflate {
    pub(crate) fn packed(&mut self, octets: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(octets.len() / 2 + 64);
        let mut from = 0;
        loop {
            let before = self.packs.total_in();
            self.packs.compress_vec(&octets[from..], &mut out, FlushCompress::Sync)?;
            from += usize::try_from(self.packs.total_in() - before).map_err(std::io::Error::other)?;
            if from == octets.len() && out.len() < out.capacity() {
                return Ok(out);
            }
            out.reserve(CHUNK_OCTETS);
        }
    }

    pub(crate) fn unpacked(&mut self, octets: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(octets.len() * 4);
        let mut from = 0;
        loop {
            let before = self.unpacks.total_in();
            self.unpacks.decompress_vec(&octets[from..], &mut out, FlushDecompress::Sync)?;
            from += usize::try_from(self.unpacks.total_in() - before).map_err(std::io::Error::other)?;
            if from == octets.len() && out.len() < out.capacity() {
                return Ok(out);
            }
            if out.len() > UNPACKED_OCTETS_MAX {
                return Err(std::io::Error::other("a bomb"));
            }
            out.reserve(CHUNK_OCTETS);
        }
    }
}

const CHUNK_OCTETS: usize = 4096;
/// What the octets of one read may become: more is a bomb.
const UNPACKED_OCTETS_MAX: usize = 1024 * CHUNK_OCTETS;
