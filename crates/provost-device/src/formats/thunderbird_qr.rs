//! The account-import QR code of Thunderbird for Android: the picture as a phone's scanner reads it, then the payload
//! as strictly as the app does. One picture at a time: each of several codes is read alone.

mod payload;

use provost_account::Findings;

use crate::person::Person;
use crate::picture;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::understood::Understood;

/// A picture whose code holds a JSON list, or has no readable code; reading then says why. Other codes belong to other
/// formats.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    picture::is_one(file.bytes) && picture::peek(file.bytes).is_none_or(|text| text.trim_start().starts_with('['))
}

/// Reads a picture, which says whom it is for.
pub(super) fn read(bytes: &[u8], _person: &Person) -> Reading {
    let mut findings = Findings::default();
    let profiles = picture::text(bytes, &mut findings).and_then(|text| payload::accounts(&text, &mut findings));
    Reading::of(profiles.into_iter().flatten(), findings)
}

/// The first account of a code's text, for formats that have a code in them.
pub(super) fn account_of(text: &str, findings: &mut Findings) -> Option<Understood> {
    payload::accounts(text, findings)?.into_iter().next()
}
