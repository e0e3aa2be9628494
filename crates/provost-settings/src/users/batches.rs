//! A list of any length in batches of whole records. It looks at nothing but where a record ends.

use std::io::{self, Read};

use provost_account::Place;

use super::decoded::Decoded;
use super::layout::Layout;
use super::records::{Step, after};

/// Whole records of a list, and where they are. Blank lines may stand around them.
#[derive(Clone)]
pub struct Batch {
    pub(crate) octets: Vec<u8>,
    /// Of the first octet.
    pub(crate) place: Place,
    /// How many records there are before it.
    pub(crate) first_record: u64,
    pub(crate) end: BatchEnd,
}

impl std::fmt::Debug for Batch {
    /// Without the text: passwords may be in it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} octets from {:?} on)", self.octets.len(), self.place)
    }
}

/// What comes after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchEnd {
    /// More records.
    Next,
    /// The rest of a record that is too long.
    Cut,
    /// Nothing.
    Last,
}

/// The batches of a list.
pub struct Batches<'a, R> {
    source: Decoded<R>,
    layout: &'a Layout,
    octets_wanted: usize,
    /// What was read and is in no batch yet.
    pending: Vec<u8>,
    /// What stands before the first record, in octets of text.
    preamble: usize,
    place: Place,
    records: u64,
    reading: Reading,
    is_at_its_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Records,
    /// Up to the end of a record that is too long.
    ToTheEndOfARecord,
    Over,
}

impl<'a, R: Read> Batches<'a, R> {
    pub(crate) fn new(
        source: Decoded<R>,
        layout: &'a Layout,
        preamble: usize,
        place: Place,
        octets_wanted: usize,
    ) -> Self {
        let octets_wanted = octets_wanted.clamp(1, RECORD_OCTETS_MAX);
        let (pending, reading) = (Vec::new(), Reading::Records);
        Self { source, layout, octets_wanted, pending, preamble, place, records: 0, reading, is_at_its_end: false }
    }

    fn batch(&mut self) -> io::Result<Batch> {
        let mut wanted = self.octets_wanted;
        loop {
            self.fill(wanted)?;
            // So that no record is too long in small batches and short enough in large ones.
            wanted = (self.pending.len() + self.octets_wanted).min(RECORD_OCTETS_MAX);
            if self.reading == Reading::ToTheEndOfARecord {
                self.leave_out_the_rest_of_a_record();
                continue;
            }
            let (end, records, step) = self.whole_records();
            match step {
                Step::Broken { .. } => return Ok(self.cut_off(self.pending.len(), records, BatchEnd::Last)),
                _ if self.is_at_its_end => return Ok(self.cut_off(self.pending.len(), records, BatchEnd::Last)),
                _ if end > 0 => return Ok(self.cut_off(end, records, BatchEnd::Next)),
                Step::Start { quote } if self.pending.len() >= RECORD_OCTETS_MAX => {
                    // What ends the record may have been read in part.
                    let batch = self.cut_off(self.pending.len() - RECORD_END_OCTETS_MAX, 1, BatchEnd::Cut);
                    // Behind a quotation mark, nobody knows where a record ends.
                    self.reading = match quote {
                        None if self.layout.is_in_lines() => Reading::ToTheEndOfARecord,
                        None | Some(_) => Reading::Over,
                    };
                    return Ok(batch);
                }
                Step::Start { .. } | Step::Nothing | Step::Record(_) => {}
            }
        }
    }

    /// Reads until this much is pending.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        while !self.is_at_its_end && self.pending.len() < wanted {
            self.is_at_its_end = !self.source.read(wanted - self.pending.len(), &mut self.pending)?;
            let length = self.preamble.min(self.pending.len());
            self.pending.drain(..length);
            self.preamble -= length;
        }
        Ok(())
    }

    /// Where the last whole record ends, how many there are, and what comes then.
    fn whole_records(&self) -> (usize, u64, Step) {
        let (mut end, mut records, mut fields) = (0, 0, Vec::new());
        loop {
            let is_first = self.records + records == 0;
            match self.layout.next(&self.pending, end, is_first, self.is_at_its_end, &mut fields) {
                Step::Record(range) => {
                    records += 1;
                    end = range.end;
                }
                step @ Step::Nothing => return (self.pending.len(), records, step),
                step @ (Step::Start { .. } | Step::Broken { .. }) => return (end, records, step),
            }
        }
    }

    fn cut_off(&mut self, end: usize, records: u64, what: BatchEnd) -> Batch {
        let rest = self.pending.split_off(end);
        let octets = std::mem::replace(&mut self.pending, rest);
        let batch = Batch { place: self.place, first_record: self.records, end: what, octets };
        self.place = after(self.place, &batch.octets);
        self.records += records;
        if what == BatchEnd::Last {
            self.reading = Reading::Over;
        }
        batch
    }

    fn leave_out_the_rest_of_a_record(&mut self) {
        let end = self.layout.end_of_record(&self.pending);
        // What ends a record may have been read in part.
        let kept = if self.is_at_its_end { 0 } else { self.pending.len().min(RECORD_END_OCTETS_MAX) };
        let left_out: Vec<u8> = self.pending.drain(..end.unwrap_or(self.pending.len() - kept)).collect();
        self.place = after(self.place, &left_out);
        if end.is_some() || self.is_at_its_end {
            self.reading = Reading::Records;
        }
    }
}

impl<R: Read> Iterator for Batches<'_, R> {
    type Item = io::Result<Batch>;

    fn next(&mut self) -> Option<io::Result<Batch>> {
        if self.reading == Reading::Over {
            return None;
        }
        let batch = self.batch();
        if batch.is_err() {
            self.reading = Reading::Over;
        }
        Some(batch)
    }
}

/// The longest record.
pub(crate) const RECORD_OCTETS_MAX: usize = 1 << 20;
/// `\n\r\n`.
const RECORD_END_OCTETS_MAX: usize = 3;
