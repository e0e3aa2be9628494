//! Keys of a profile that the device acts upon and that are not part of an account. Names and descriptions are for
//! people, and passwords are never repeated.

use sha2::{Digest as _, Sha256};

use super::dictionary::Dictionary;
use super::plist::{Kind, Value};
use super::{groupware, mail};

use crate::understood::{Ignored, Payload, Said};

/// What the profile, the account's payload and the payloads beside it say. What the device passes over is left out.
pub(super) fn said(
    top: &Dictionary<'_>,
    account: &Dictionary<'_>,
    payloads: &[Dictionary<'_>],
    has_identity: bool,
    ignored: &[Ignored],
) -> Vec<Said> {
    let kind = text(account, "PayloadType");
    let is_ignored = |key: &str| ignored.iter().any(|it| it.key == key);
    let of = |dictionary: &Dictionary<'_>, prefix: &str, held: &[&str]| -> Vec<Said> {
        let entries = dictionary.entries.iter().filter(|(key, _)| !held.contains(&key.as_str()) && !is_ignored(key));
        entries.filter_map(|(key, value)| Some(Said::new(format!("{prefix}{key}"), shown(value)?))).collect()
    };
    let held: Vec<&str> = match (kind, has_identity) {
        (mail::MAIL, true) => [COMMON, TERMS, MAIL, SMIME].concat(),
        (mail::MAIL, false) => [COMMON, TERMS, MAIL].concat(),
        (_, true) => [COMMON, TERMS, EXCHANGE, SMIME].concat(),
        (_, false) => [COMMON, TERMS, EXCHANGE].concat(),
    };
    let mut said = of(top, "", &[COMMON, PROFILE].concat());
    said.extend(of(account, "", &held));
    for payload in payloads {
        match text(payload, "PayloadType") {
            groupware::CALDAV => said.extend(of(payload, "calendar ", &[COMMON, CALDAV].concat())),
            groupware::CARDDAV => said.extend(of(payload, "contacts ", &[COMMON, CARDDAV].concat())),
            LDAP => said.extend(of(payload, "ldap ", &[COMMON, DIRECTORY].concat())),
            _ => {}
        }
    }
    said
}

/// The profile and its payloads, as far as each says what it is.
pub(super) fn payloads(top: &Dictionary<'_>, payloads: &[Dictionary<'_>]) -> Vec<Payload> {
    let payload = |dictionary: &Dictionary<'_>| Payload {
        kind: text(dictionary, "PayloadType").to_owned(),
        identifier: text(dictionary, "PayloadIdentifier").to_owned(),
        uuid: text(dictionary, "PayloadUUID").to_uppercase(),
    };
    std::iter::once(top).chain(payloads).map(payload).collect()
}

fn text<'a>(dictionary: &Dictionary<'a>, key: &str) -> &'a str {
    match dictionary.get(key).map(|value| &value.kind) {
        Some(Kind::String(text)) => text,
        Some(_) | None => "",
    }
}

fn shown(value: &Value) -> Option<String> {
    Some(match &value.kind {
        Kind::String(text) => text.clone(),
        Kind::Boolean(on) => on.to_string(),
        Kind::Integer(number) => number.to_string(),
        Kind::Real(number) => number.to_string(),
        Kind::Date(text) => text.clone(),
        Kind::Data(octets) => {
            let digest: String = Sha256::digest(octets).iter().take(8).map(|octet| format!("{octet:02x}")).collect();
            format!("{} octets, SHA-256 {digest}...", octets.len())
        }
        Kind::Array(values) => values.iter().map(shown).collect::<Option<Vec<_>>>()?.join(", "),
        Kind::Dictionary(entries) => {
            let pair = |(key, value): &(String, Value)| Some(format!("{key}: {}", shown(value)?));
            entries.iter().map(pair).collect::<Option<Vec<_>>>()?.join(", ")
        }
    })
}

/// What tells payloads apart, or is for people.
const COMMON: &[&str] = &[
    "PayloadContent",
    "PayloadDescription",
    "PayloadDisplayName",
    "PayloadIdentifier",
    "PayloadOrganization",
    "PayloadType",
    "PayloadUUID",
    "PayloadVersion",
];
/// Part of the account, or of what a device is.
const PROFILE: &[&str] = &[
    "ConsentText",
    "DurationUntilRemoval",
    "PayloadExpirationDate",
    "PayloadRemovalDisallowed",
    "PayloadScope",
    "RemovalDate",
    "TargetDeviceType",
];
const TERMS: &[&str] = &["PreventAppSheet", "PreventMove", "VPNUUID", "allowMailDrop", "disableMailRecentsSyncing"];
const MAIL: &[&str] = &[
    "EmailAccountDescription",
    "EmailAccountName",
    "EmailAccountType",
    "EmailAddress",
    "IncomingMailServerAuthentication",
    "IncomingMailServerHostName",
    "IncomingMailServerPortNumber",
    "IncomingMailServerUseSSL",
    "IncomingMailServerUsername",
    "IncomingPassword",
    "OutgoingMailServerAuthentication",
    "OutgoingMailServerHostName",
    "OutgoingMailServerPortNumber",
    "OutgoingMailServerUseSSL",
    "OutgoingMailServerUsername",
    "OutgoingPassword",
];
const EXCHANGE: &[&str] =
    &["CertificatePassword", "EmailAddress", "Host", "MailNumberOfPastDaysToSync", "Password", "UserName"];
/// Part of the account where it has an identity.
const SMIME: &[&str] = &[
    "SMIMEEnableEncryptionPerMessageSwitch",
    "SMIMEEncryptByDefault",
    "SMIMEEncryptionCertificateUUID",
    "SMIMESigningCertificateUUID",
    "SMIMESigningEnabled",
];
const CALDAV: &[&str] = &[
    "CalDAVAccountDescription",
    "CalDAVHostName",
    "CalDAVPassword",
    "CalDAVPort",
    "CalDAVPrincipalURL",
    "CalDAVUseSSL",
    "CalDAVUsername",
];
const CARDDAV: &[&str] = &[
    "CardDAVAccountDescription",
    "CardDAVHostName",
    "CardDAVPassword",
    "CardDAVPort",
    "CardDAVPrincipalURL",
    "CardDAVUseSSL",
    "CardDAVUsername",
];
const DIRECTORY: &[&str] = &[
    "LDAPAccountDescription",
    "LDAPAccountHostName",
    "LDAPAccountPassword",
    "LDAPAccountUseSSL",
    "LDAPAccountUserName",
    "LDAPSearchSettings",
];
const LDAP: &str = super::directory::LDAP;
