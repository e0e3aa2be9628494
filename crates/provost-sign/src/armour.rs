//! PEM (RFC 7468): a file's blocks with their labels. What a block holds is read elsewhere.

use zeroize::Zeroizing;

/// One block.
pub(crate) struct Block {
    /// What stands after BEGIN.
    pub(crate) label: String,
    /// Whether a `Proc-Type: 4,ENCRYPTED` header says that the octets are encrypted (RFC 1421 §4.6.1.1).
    pub(crate) is_encrypted: bool,
    /// What the base64 stands for.
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

/// A block begins and has no end, or is not base64. The library's own errors quote the file, which may be a key.
#[derive(Debug)]
pub(crate) struct Damaged;

/// The blocks, in the file's order, or nothing if this is no PEM. Text between blocks is ignored, as OpenSSL ignores it.
pub(crate) fn blocks(file: &[u8]) -> Result<Option<Vec<Block>>, Damaged> {
    let begun = file.windows(BEGIN.len()).filter(|it| *it == BEGIN).count();
    if begun == 0 {
        return Ok(None);
    }
    let blocks: Vec<Block> =
        pem::parse_many(file).map_err(|_quotes_the_file| Damaged)?.into_iter().map(block).collect();
    // A block without an end is left out by the library without a word.
    if blocks.len() == begun { Ok(Some(blocks)) } else { Err(Damaged) }
}

fn block(pem: pem::Pem) -> Block {
    Block {
        label: pem.tag().to_owned(),
        is_encrypted: pem.headers().get("Proc-Type").is_some_and(|kind| kind.ends_with("ENCRYPTED")),
        octets: Zeroizing::new(pem.into_contents()),
    }
}

const BEGIN: &[u8] = b"-----BEGIN ";
