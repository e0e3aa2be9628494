//! The account-import QR code of Thunderbird for Android: the picture as a phone's scanner reads it, then the payload as
//! strictly as the app does. One picture at a time: of several codes, each is read alone.

mod payload;
mod picture;

use provost_account::Finding;

use crate::findings::{Findings, OCTETS_MAX};
use crate::{Person, Reading, SourceFile, xml};

/// A PNG or SVG picture. Whether a code is on it is found out by reading.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    file.bytes.starts_with(picture::PNG) || xml::has_root(file.bytes, "svg")
}

/// Reads a picture. Whom it is for stands in it.
pub(super) fn read(bytes: &[u8], _person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let profiles = match bytes.len() > OCTETS_MAX {
        true => {
            findings.add("too-large", None, format!("{} octets", bytes.len()), "check that this is the right file");
            None
        }
        false => picture::text(bytes, &mut findings).and_then(|text| payload::accounts(&text, &mut findings)),
    };
    match (profiles, findings.has_error()) {
        (Some(profiles), false) => Ok(Reading { profiles, findings: findings.finish() }),
        (_, _) => Err(findings.finish()),
    }
}
