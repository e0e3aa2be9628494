//! A list's octets as UTF-8, read piece by piece. What is UTF-8 already is passed on as it is, and not checked.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_8};
use thiserror::Error;

/// The encoding of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    pub(crate) const UTF_8: Self = Self(UTF_8);

    /// What the mark at the start says, if there is one.
    pub(crate) fn by_its_mark(start: &[u8]) -> Option<Self> {
        encoding_rs::Encoding::for_bom(start).map(|(encoding, _)| Self(encoding))
    }

    /// Its name in the Encoding Standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl TryFrom<&str> for Encoding {
    type Error = EncodingError;

    /// Takes the labels of the Encoding Standard, <https://encoding.spec.whatwg.org/#names-and-labels>.
    fn try_from(label: &str) -> Result<Self, EncodingError> {
        let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
        found.map(Self).ok_or_else(|| EncodingError(label.to_owned()))
    }
}

/// A label that is no encoding's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no encoding; write one such as windows-1252, iso-8859-15 or utf-16le")]
pub struct EncodingError(String);

/// The text of a source, a mark at its start included.
pub(crate) struct Decoded<R> {
    source: R,
    /// `None` for UTF-8.
    decoder: Option<Decoder>,
    octets: Vec<u8>,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(source: R, encoding: Encoding) -> Self {
        let decoder = (encoding != Encoding::UTF_8).then(|| encoding.0.new_decoder_without_bom_handling());
        Self { source, decoder, octets: Vec::new() }
    }

    /// Adds the text of this many octets. `false`: the source ends here.
    pub(crate) fn read(&mut self, octets: usize, text: &mut Vec<u8>) -> io::Result<bool> {
        let wanted = u64::try_from(octets).expect("a usize has at most 64 bits");
        let Some(decoder) = &mut self.decoder else {
            return Ok(self.source.by_ref().take(wanted).read_to_end(text)? == octets);
        };
        self.octets.clear();
        let is_more = self.source.by_ref().take(wanted).read_to_end(&mut self.octets)? == octets;
        let mut rest = self.octets.as_slice();
        loop {
            let end = text.len();
            let needed = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len());
            text.resize(end + needed, 0);
            let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut text[end..], !is_more);
            text.truncate(end + written);
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                return Ok(is_more);
            }
        }
    }
}
