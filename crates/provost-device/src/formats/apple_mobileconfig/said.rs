//! Keys of a profile that the device acts upon and that are not part of an account. Names and descriptions are for
//! people, and passwords are never repeated.

use sha2::{Digest as _, Sha256};

use super::dictionary::Dictionary;
use super::directory::LDAP;
use super::groupware::{CALDAV, CARDDAV};
use super::keys::is_shown_apart;
use super::plist::{Kind, Value};

use crate::understood::{Ignored, Payload, Said};

/// What the profile, the account's payload and the payloads next to it say, without what the device ignores.
pub(super) fn said(
    top: &Dictionary<'_>,
    account: &Dictionary<'_>,
    payloads: &[Dictionary<'_>],
    has_identity: bool,
    ignored: &[Ignored],
) -> Vec<Said> {
    let beside = payloads.iter().filter_map(|payload| match payload.text("PayloadType") {
        kind @ CALDAV => Some((payload, kind, "calendar ")),
        kind @ CARDDAV => Some((payload, kind, "contacts ")),
        kind @ LDAP => Some((payload, kind, "ldap ")),
        _ => None,
    });
    let own = [(top, "", ""), (account, account.text("PayloadType"), "")];
    let mut said = Vec::new();
    for (dictionary, kind, prefix) in own.into_iter().chain(beside) {
        for (key, value) in dictionary.entries.iter().filter(|(key, _)| is_shown_apart(key, kind, has_identity)) {
            if !ignored.iter().any(|it| it.key == *key) {
                said.push(Said::new(format!("{prefix}{key}"), shown(value)));
            }
        }
    }
    said
}

/// The profile and its payloads, as far as each says what it is.
pub(super) fn payloads(top: &Dictionary<'_>, payloads: &[Dictionary<'_>]) -> Vec<Payload> {
    let payload = |dictionary: &Dictionary<'_>| Payload {
        kind: dictionary.text("PayloadType").to_owned(),
        identifier: dictionary.text("PayloadIdentifier").to_owned(),
        uuid: dictionary.text("PayloadUUID").to_uppercase(),
    };
    std::iter::once(top).chain(payloads).map(payload).collect()
}

fn shown(value: &Value) -> String {
    match &value.kind {
        Kind::String(text) | Kind::Date(text) => text.clone(),
        Kind::Boolean(on) => on.to_string(),
        Kind::Integer(number) => number.to_string(),
        Kind::Real(number) => number.to_string(),
        Kind::Data(octets) => {
            let digest: String = Sha256::digest(octets).iter().take(8).map(|octet| format!("{octet:02x}")).collect();
            format!("{} octets, SHA-256 {digest}...", octets.len())
        }
        Kind::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Kind::Dictionary(entries) => {
            entries.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect::<Vec<_>>().join(", ")
        }
    }
}
