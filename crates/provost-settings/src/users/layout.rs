//! How a list is laid out: which format finds its records. It reads none of them.

use std::ops::Range;

use super::records::Step;
use super::row::Column;
use super::{csv_rows, json_rows, ldif_rows};

/// How a list is laid out.
#[derive(Debug)]
pub(crate) enum Layout {
    /// Comma-separated values with a header, RFC 4180.
    Csv { separator: u8, columns: Vec<Option<Column>> },
    /// One JSON array of objects.
    JsonArray,
    /// A JSON object a line.
    JsonLines,
    /// Entries of a directory, RFC 2849.
    Ldif,
}

impl Layout {
    /// Finds the next record. `fields` is where its fields lie, in CSV.
    pub(crate) fn next(
        &self,
        octets: &[u8],
        from: usize,
        is_first: bool,
        is_last: bool,
        fields: &mut Vec<Range<usize>>,
    ) -> Step {
        match self {
            Self::Csv { separator, .. } => csv_rows::next(octets, from, *separator, is_last, fields),
            Self::JsonArray => json_rows::next_element(octets, from, is_first, is_last),
            Self::JsonLines => json_rows::next_line(octets, from, is_last),
            Self::Ldif => ldif_rows::next(octets, from, is_last),
        }
    }

    /// Whether it is known where a record ends that is too long.
    pub(crate) fn is_in_lines(&self) -> bool {
        match self {
            Self::Csv { .. } | Self::JsonLines | Self::Ldif => true,
            Self::JsonArray => false,
        }
    }

    /// Where a record ends that began earlier.
    pub(crate) fn end_of_record(&self, octets: &[u8]) -> Option<usize> {
        match self {
            Self::Csv { .. } | Self::JsonLines => memchr::memchr(b'\n', octets),
            Self::JsonArray => None,
            Self::Ldif => ldif_rows::end_of_entry(octets),
        }
    }
}
