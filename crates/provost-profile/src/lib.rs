//! A mail account in, the file that a device imports out. One file per format, one table.
//!
//! No I/O, no clock, no randomness: the same account gives the same bytes. It does not know how devices read: that is
//! another crate, on purpose.

mod authorities;
mod formats;
mod identifiers;
mod key_file;
mod losses;
mod mdm;
mod msmtprc;
mod picture;
mod python;
mod server_url;

pub use formats::{
    DomainRequest, File, FileName, Format, Loss, OrganizationRequest, Passwords, Profile, Refusal, Request, Variant,
    Write, formats, thunderbird_qr_codes,
};
