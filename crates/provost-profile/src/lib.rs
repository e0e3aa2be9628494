//! A mail account in, the file that a device imports out. One file per format, one table.
//!
//! No I/O, no clock, no randomness: the same account gives the same bytes. It does not know how devices read: that is
//! another crate, on purpose.

mod formats;
mod identifiers;

pub use formats::{
    File, Format, Loss, Passwords, Profile, Refusal, Request, Variant, formats, thunderbird_autoconfig_for_domain,
    thunderbird_qr_codes,
};
