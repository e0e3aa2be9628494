//! A message as clients see it, and the initial messages of every mailbox. The files in its folder read its parts,
//! addresses and texts.

pub(crate) mod addresses;
pub(crate) mod mime;
pub(crate) mod summary;
pub(crate) mod surrogate;
pub(crate) mod text;
pub(crate) mod tokens;

use std::sync::{Arc, OnceLock};

use provost_account::EmailAddress;
use time::format_description::well_known::Rfc2822;
use time::{Duration, OffsetDateTime};

use summary::Summary;

/// A message in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Never used again in its folder.
    pub(crate) uid: u32,
    /// As the client wrote them, without `\Recent`.
    pub(crate) flags: Vec<String>,
    pub(crate) internal_date: OffsetDateTime,
    /// The whole message, with CRLF line ends.
    pub(crate) bytes: Arc<[u8]>,
    /// The mod-sequence of its last change (RFC 7162).
    pub(crate) modseq: u64,
    /// The same in every copy in the account (RFC 8474).
    pub(crate) email_id: u64,
    /// When it was saved in this folder (RFC 8514).
    pub(crate) saved: OffsetDateTime,
    /// `None` unless it came by SMTP.
    pub(crate) envelope: Option<Arc<Envelope>>,
    summary: OnceLock<Arc<Summary>>,
}

/// How a message came by SMTP (RFC 5321 §2.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM; empty for the null sender.
    pub mail_from: String,
    /// The RCPT TO that led to this mailbox.
    pub rcpt_to: String,
    /// Every accepted RCPT TO of the same transaction, this one included. Bcc recipients are only here.
    pub recipients: Arc<[String]>,
    /// The login name of the client.
    pub username: Option<String>,
    /// What the client called itself in EHLO or HELO.
    pub ehlo: String,
}

impl Message {
    pub(crate) fn new(
        uid: u32,
        flags: Vec<String>,
        internal_date: OffsetDateTime,
        bytes: Arc<[u8]>,
        modseq: u64,
        email_id: u64,
        saved: OffsetDateTime,
    ) -> Self {
        Self { uid, flags, internal_date, bytes, modseq, email_id, saved, envelope: None, summary: OnceLock::new() }
    }

    /// The same message with another content.
    pub(crate) fn in_other_words(&self, bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), summary: OnceLock::new(), ..self.clone() }
    }

    /// What SORT and THREAD need from its header; read when it is first needed.
    pub(crate) fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| Arc::new(Summary::of(self)))
    }

    /// The header, with the empty line that ends it.
    pub(crate) fn header(&self) -> &[u8] {
        &self.bytes[..header_octets(&self.bytes)]
    }

    /// What follows the header.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[header_octets(&self.bytes)..]
    }

    /// The unfolded values of the header fields with that name.
    pub(crate) fn field(&self, name: &str) -> Vec<String> {
        named(self.header(), name).map(|field| field.value()).collect()
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it.eq_ignore_ascii_case(flag))
    }
}

/// A header field with its line breaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    /// From the name to the final CRLF.
    pub(crate) bytes: &'a [u8],
}

impl Field<'_> {
    /// The value as text; invalid UTF-8 is replaced.
    pub(crate) fn value(&self) -> String {
        String::from_utf8_lossy(&self.octets()).into_owned()
    }

    /// The value's octets, unfolded.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let colon = self.bytes.iter().position(|octet| *octet == b':');
        let value = colon.map_or(self.bytes, |colon| &self.bytes[colon + 1..]);
        let mut unfolded = Vec::with_capacity(value.len());
        for line in value.split_inclusive(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
            unfolded.extend_from_slice(line);
        }
        unfolded.trim_ascii().to_vec()
    }
}

/// The fields of a header with that name.
pub(crate) fn named<'a>(header: &'a [u8], name: &str) -> impl Iterator<Item = Field<'a>> {
    fields(header).into_iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
}

/// The fields of a header; lines that are no fields are left out.
pub(crate) fn fields(header: &[u8]) -> Vec<Field<'_>> {
    let mut fields = lines(header);
    fields.retain(|field| !field.name.is_empty());
    fields
}

/// The fields of a header, with lines that are no fields as ones without a name; without the empty line at the end.
pub(crate) fn lines(header: &[u8]) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut start = 0;
    while start < header.len() {
        let mut end = line_end(header, start);
        while matches!(header.get(end), Some(b' ' | b'\t')) {
            end = line_end(header, end);
        }
        let bytes = &header[start..end];
        let name = bytes.iter().position(|byte| *byte == b':').map(|colon| &bytes[..colon]);
        let name = name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or("");
        // A name is on one line, and blanks may follow it (RFC 5322 §4.5).
        let name = if name.contains('\n') { "" } else { name.trim_end() };
        if !matches!(bytes, b"\r\n" | b"\n") {
            fields.push(Field { name, bytes });
        }
        start = end;
    }
    fields
}

/// The initial messages of a mailbox: on both sides of the edge of a window of `days`, and on it.
pub(crate) fn first_messages(address: &EmailAddress, now: OffsetDateTime, days: u32) -> Vec<(OffsetDateTime, Vec<u8>)> {
    let ages = [days.saturating_mul(12), days.saturating_add(2), days.saturating_add(1), days, days / 2, 1, 0];
    let mut ages: Vec<u32> = ages.into_iter().map(|age| age.min(DAYS_MAX)).collect();
    ages.dedup();
    ages.into_iter()
        .map(|age| (age, now - Duration::days(age.into())))
        .map(|(age, at)| (at, first_message(address, at, age)))
        .collect()
}

fn first_message(address: &EmailAddress, at: OffsetDateTime, age: u32) -> Vec<u8> {
    let date = at.format(&Rfc2822).expect("the years that systems know are within RFC 5322's");
    // Every client must be able to parse this message, so it has no local part in quotes or beyond ASCII.
    let to = if address.is_ascii_dot_string() { address.as_str() } else { "undisclosed-recipients:;" };
    let body = match age % 2 {
        0 => "Content-Type: text/plain; charset=us-ascii\r\n\r\n.A line that starts with a dot, and a plain one.\r\n\
              This message was there when the server started.\r\n"
            .to_owned(),
        _ => "Content-Type: multipart/alternative; boundary=\"provost\"\r\n\r\n\
              --provost\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
              Gr=C3=BC=C3=9Fe in two forms.\r\n\
              --provost\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr&uuml;&szlig;e in two forms.</p>\r\n\
              --provost--\r\n"
            .to_owned(),
    };
    format!(
        "Date: {date}\r\nFrom: \"Mock server\" <postmaster@{domain}>\r\nTo: {to}\r\n\
         Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from {age} days before\r\n\
         Message-ID: <{age}.days@{domain}>\r\nMIME-Version: 1.0\r\n{body}",
        domain = address.domain(),
    )
    .into_bytes()
}

/// How many octets the header has, with the empty line.
pub(crate) fn header_octets(bytes: &[u8]) -> usize {
    let mut start = 0;
    while start < bytes.len() {
        let end = line_end(bytes, start);
        if matches!(&bytes[start..end], b"\r\n" | b"\n") {
            return end;
        }
        start = end;
    }
    bytes.len()
}

/// A header has lines that end in a bare CR, which neither mail servers nor clients see as lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CarriageReturns;

/// The words for that in every protocol.
pub(crate) const CARRIAGE_RETURNS: &str = "lines of the header end in CR alone; write CRLF or LF";

/// A message as it is stored, with CRLF line ends, whatever it arrived with; other servers accept LF too.
pub(crate) fn received(message: Vec<u8>) -> Result<Vec<u8>, CarriageReturns> {
    let message = if ends_lines_in_crlf(&message) { message } else { with_crlf(&message) };
    match has_carriage_returns(&message[..header_octets(&message)]) {
        true => Err(CarriageReturns),
        false => Ok(message),
    }
}

/// Text with CRLF line ends. CR CR LF, the result of converting twice, counts as one line end.
pub(crate) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

fn ends_lines_in_crlf(message: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', message).all(|at| message[..at].ends_with(b"\r") && !message[..at].ends_with(b"\r\r"))
}

/// Whether a field, or the end of the header, follows a bare CR.
fn has_carriage_returns(header: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', header).any(|at| {
        let after = &header[at + 1..];
        let name = after.iter().position(|octet| !octet.is_ascii_graphic() || *octet == b':').unwrap_or(0);
        after.starts_with(b"\r") || name > 0 && after[name] == b':'
    })
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at + 1)
}

/// A hundred years: dates before the epoch are of no use.
const DAYS_MAX: u32 = 18_000;
