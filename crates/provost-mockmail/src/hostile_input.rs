//! Damage to real sessions and messages, the same in every run, for each parser: a bounded replacement for the fuzzer,
//! which needs another toolchain. The seeds are the fuzzer's corpus.

use std::fs;
use std::path::Path;

use crate::fuzzing;

/// Octets whose damage is most likely to matter.
const WORDS: [&str; 37] = [
    "\r\n", "\n", "\r", "\0", "{", "}", "{5+}\r\n", "~{3}", "(", ")", "((((((((", "\"", "\\", "*", "%", "$", "&", "&-",
    "&AAA-", "1:*", "0", "-1", "[", "]", "UID ", "NOT ", "OR ", "SAVE", "QRESYNC", "BODY[", "\u{fc}", "\u{ff}",
    ".\r\n", "DONE\r\n", "* ", "--b", "RETURN (",
];
/// The same, longer.
const PHRASES: [&str; 10] = [
    "{99999999999}",
    "4294967295",
    "4294967296",
    "<0.4294967295>",
    "CHANGEDSINCE 0",
    "BINARY[1]",
    "boundary=",
    "=?utf-8?Q?=C3?=",
    "BDAT 5 LAST\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n",
];

/// A generator of which only the sequence counts (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).expect("a small number")).expect("a small number")
    }

    fn word(&mut self) -> &'static str {
        let at = self.below(WORDS.len() + PHRASES.len());
        WORDS.get(at).unwrap_or_else(|| &PHRASES[at - WORDS.len()])
    }

    /// One to four places cut out, doubled, replaced, or filled.
    fn damaged(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut octets = seed.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(octets.len() + 1);
            let end = (at + self.below(12)).min(octets.len());
            match self.below(4) {
                0 => drop(octets.drain(at..end)),
                1 => {
                    let piece = octets[at..end].to_vec();
                    octets.splice(at..at, piece);
                }
                2 if at < octets.len() => octets[at] = u8::try_from(self.below(256)).expect("an octet"),
                _ => drop(octets.splice(at..at, self.word().bytes())),
            }
        }
        octets
    }
}

/// Every seed of a parser, in the order of their names.
fn seeds(parser: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/corpus").join(parser);
    let mut paths: Vec<_> =
        fs::read_dir(&folder).expect("a folder of seeds").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a seed")).collect()
}

#[track_caller]
fn survives(parser: &str, take: fn(&[u8])) {
    let seeds = seeds(parser);
    assert!(!seeds.is_empty(), "{parser} has no seeds");
    seeds.iter().for_each(|seed| take(seed));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..ROUNDS {
        take(&random.damaged(&seeds[round % seeds.len()]));
    }
}

#[test]
fn damaged_imap_hurts_nobody() {
    survives("imap", fuzzing::imap);
}

#[test]
fn damaged_pop3_hurts_nobody() {
    survives("pop3", fuzzing::pop3);
}

#[test]
fn damaged_smtp_hurts_nobody() {
    survives("smtp", fuzzing::smtp);
}

#[test]
fn damaged_messages_can_be_looked_at() {
    survives("message", fuzzing::message);
}

#[test]
fn damaged_urls_open_nothing() {
    survives("url", fuzzing::url);
}

/// A second or two each in a build without optimization.
const ROUNDS: usize = 1_500;
