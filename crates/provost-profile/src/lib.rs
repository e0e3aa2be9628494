//! From a mail account to the file that a device imports. One file per format, one table.
//!
//! No I/O, no clock, no randomness: the same account gives the same bytes. It does not know how devices read: that is
//! another crate, on purpose.

mod apple_profile;
mod authorities;
mod encoded_words;
mod formats;
mod identifiers;
mod json;
mod key_file;
mod losses;
mod mdm;
mod msmtprc;
mod outlook;
mod pattern;
mod picture;
mod profile;
mod python;
mod server_url;
mod servers;
mod writer;
mod xml;

pub use formats::{DnsData, DnsRecord, Format, dns_records, formats, thunderbird_qr_codes};
pub use pattern::{Buffers, Filled, LossesOf, Patterns, PlainPerson};
pub use profile::{File, FileName, Loss, Profile, Refusal};
pub use writer::{DomainRequest, OrganizationRequest, Passwords, Request, Variant, Write};
