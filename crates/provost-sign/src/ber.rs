//! BER to DER (X.690 §8 and §10), for the PKCS#12 files of programs that leave lengths open. It changes lengths and joins
//! strings that come in pieces, and knows nothing of what a file means.

use zeroize::Zeroizing;

/// The same element with definite, shortest lengths and whole OCTET STRINGs. `None` if it is cut short, has something
/// after it, or is nested deeper than any PKCS#12 file.
///
/// Observed: Bouncy Castle 1.70 writes PKCS#12 with open lengths (<https://github.com/bcgit/bc-java/issues/1276>).
pub(crate) fn to_der(ber: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut rest = ber;
    let mut der = Zeroizing::new(Vec::with_capacity(ber.len()));
    element(&mut rest, &mut der, DEPTH_MAX)?;
    rest.is_empty().then_some(der)
}

/// The contents of the OCTET STRINGs that stand one after the other in `pieces`, which is DER.
pub(crate) fn joined(mut pieces: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(pieces.len()));
    while let Some((&OCTET_STRING, after)) = pieces.split_first() {
        pieces = after;
        let length = length(&mut pieces)??;
        whole.extend_from_slice(take(&mut pieces, length)?);
    }
    pieces.is_empty().then_some(whole)
}

fn element(rest: &mut &[u8], der: &mut Vec<u8>, depth: usize) -> Option<()> {
    let [tag] = *take(rest, 1)? else { return None };
    if tag & TAG_NUMBER == TAG_NUMBER {
        return None;
    }
    let length = length(rest)?;
    if tag & CONSTRUCTED == 0 {
        return write(tag, take(rest, length?)?, der);
    }
    let depth = depth.checked_sub(1)?;
    let mut inner = Zeroizing::new(Vec::new());
    match length {
        Some(length) => {
            let mut within = take(rest, length)?;
            while !within.is_empty() {
                element(&mut within, &mut inner, depth)?;
            }
        }
        None => {
            while !rest.starts_with(END_OF_CONTENTS) {
                element(rest, &mut inner, depth)?;
            }
            take(rest, END_OF_CONTENTS.len())?;
        }
    }
    match tag {
        OCTET_STRING_IN_PIECES => write(OCTET_STRING, &joined(&inner)?, der),
        _ => write(tag, &inner, der),
    }
}

fn write(tag: u8, value: &[u8], der: &mut Vec<u8>) -> Option<()> {
    write_header(der, tag, value.len());
    der.extend_from_slice(value);
    Some(())
}

/// Tag and length in DER's shortest form (X.690 §10.1).
pub(crate) fn write_header(der: &mut Vec<u8>, tag: u8, length: usize) {
    der.push(tag);
    let octets = length.to_be_bytes();
    let zeros = length.leading_zeros() as usize / 8;
    match u8::try_from(length) {
        Ok(short @ ..0x80) => der.push(short),
        _ => {
            let long = &octets[zeros..];
            der.push(0x80 | u8::try_from(long.len()).expect("a usize has eight octets at most"));
            der.extend_from_slice(long);
        }
    }
}

/// The outer `None`: damaged. The inner one: the length is open.
fn length(rest: &mut &[u8]) -> Option<Option<usize>> {
    let [first] = *take(rest, 1)? else { return None };
    match first {
        0..0x80 => Some(Some(usize::from(first))),
        0x80 => Some(None),
        0x81..=0x84 => {
            let octets = take(rest, usize::from(first & 0x7f))?;
            Some(Some(octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet))))
        }
        0x85.. => None,
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

const TAG_NUMBER: u8 = 0x1f;
const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;
const OCTET_STRING_IN_PIECES: u8 = 0x24;
const END_OF_CONTENTS: &[u8] = &[0, 0];
const DEPTH_MAX: usize = 32;
