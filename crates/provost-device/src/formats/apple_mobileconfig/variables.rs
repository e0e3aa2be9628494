//! Variables of a device management system that are still in a profile, in every key that names a person, an address or
//! the payload itself. It replaces none of them.

use super::dictionary::Dictionary;
use super::plist::{Kind, Value};
use crate::mdm;
use provost_account::Findings;

/// Looks at the profile's own keys and at those of its payloads.
pub(super) fn check(top: &Dictionary<'_>, payloads: &[Dictionary<'_>], findings: &mut Findings) {
    for (key, value) in top.entries.iter().filter(|(key, _)| OF_EVERY_PAYLOAD.contains(&key.as_str())) {
        text(key, value, findings);
    }
    for payload in payloads {
        let kind = payload.text("PayloadType");
        let is_an_account = kind.ends_with(".account") || ACCOUNTS.contains(&kind);
        for (key, value) in payload.entries {
            within(key, value, is_an_account, findings);
        }
    }
}

/// The texts of a key, which may hold lists and dictionaries.
fn within(key: &str, value: &Value, is_an_account: bool, findings: &mut Findings) {
    match &value.kind {
        Kind::Dictionary(entries) => {
            for (key, value) in entries {
                within(key, value, is_an_account, findings);
            }
        }
        Kind::Array(values) => {
            for value in values {
                within(key, value, is_an_account, findings);
            }
        }
        Kind::String(_) if names_somebody(key, is_an_account) => text(key, value, findings),
        Kind::Boolean(_) | Kind::Data(_) | Kind::Date(_) | Kind::Integer(_) | Kind::Real(_) | Kind::String(_) => {}
    }
}

fn text(key: &str, value: &Value, findings: &mut Findings) {
    if let Kind::String(text) = &value.kind {
        mdm::unfilled(key, text, value.place, findings);
    }
}

/// In an account, every key but for secrets and what is one of a list of Apple's; elsewhere the ones that hold a login name or
/// an address, or name the payload: other programs' settings have placeholders of their own.
fn names_somebody(key: &str, is_an_account: bool) -> bool {
    match is_an_account {
        true => !key.ends_with("Password") && !["PayloadType", "PayloadUUID"].contains(&key),
        false => OF_EVERY_PAYLOAD.contains(&key) || LOGINS.contains(&key),
    }
}

/// Account payloads whose types do not end in `.account`.
const ACCOUNTS: &[&str] = &[super::MAIL, "com.apple.google-oauth"];
const OF_EVERY_PAYLOAD: &[&str] =
    &["PayloadDescription", "PayloadDisplayName", "PayloadIdentifier", "PayloadOrganization"];
/// Of Wi-Fi, VPN, identities and Outlook.
const LOGINS: &[&str] = &[
    "AuthName",
    "DefaultEmailAddressOrDomain",
    "EmailAddress",
    "LocalIdentifier",
    "OuterIdentity",
    "UserName",
    "Username",
    "XAuthName",
    "ntPrincipalName",
    "rfc822Name",
];
