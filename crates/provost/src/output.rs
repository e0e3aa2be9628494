//! Standard output: lines of text and lines of JSON. Standard error is written where the message arises.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

/// Writes one line.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes one JSON value as a line.
pub(crate) fn json_line(value: &impl Serialize) -> io::Result<()> {
    // As it is made: the accounts of a mock server may be a hundred megabytes.
    let mut out = BufWriter::with_capacity(BUFFER_OCTETS, io::stdout().lock());
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes one JSON value as a line to where the report goes.
pub(crate) fn json_line_to(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Writes rows as a table: every column as wide as its widest cell, the last one as it comes.
pub(crate) fn table(rows: &[Vec<String>]) -> io::Result<()> {
    table_to(&mut io::stdout().lock(), rows)
}

/// The same, to where the report goes.
pub(crate) fn table_to(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

const BUFFER_OCTETS: usize = 64 * 1024;
