//! The keys of each payload that is read, as in Apple's schema for iOS 18.1 and macOS 15.1: the type of each, and the
//! systems that support it. A test compares these tables with that schema. The reader decides which values are valid.

use super::device::Device;
use super::dictionary::Dictionary;
use super::plist::Kind;
use provost_account::{Findings, Place, codes::profile as codes};

use crate::spelling::did_you_mean;
use crate::understood::Ignored;

/// A key.
#[derive(Debug, Clone, Copy)]
struct Key {
    name: &'static str,
    holds: Holds,
    on: On,
    shown: Shown,
}

/// Where the value of a key is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// In the account or what belongs to it; or nowhere: it tells payloads apart, is for people, or is a password.
    InAccount,
    /// In the account's S/MIME identity; apart if it has none.
    InIdentity,
    /// Apart: the device acts upon it, and no account has a place for it.
    Apart,
}

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Array,
    Boolean,
    Data,
    Date,
    Dictionary,
    Integer,
    Real,
    String,
}

/// Which systems have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    All,
    MacOnly,
    NotMac,
}

/// Compares a dictionary with the keys that it may have: unknown ones, wrong types, and what the device has no use for.
///
/// `payload_type` is empty for the profile itself.
pub(super) fn check(
    found: &Dictionary<'_>,
    payload_type: &str,
    device: Device,
    findings: &mut Findings,
) -> Option<Vec<Ignored>> {
    let keys = PAYLOADS.iter().find(|(name, _)| *name == payload_type).map(|(_, keys)| *keys)?;
    let mut ignored = Vec::new();
    for (name, value) in found.entries {
        let mut ignore = |reason: &str| {
            ignored.push(Ignored::of(name, value.place, reason));
        };
        if name == "PayloadVersion" {
            continue;
        }
        let Some(key) = keys.iter().chain(COMMON).find(|key| key.name == name) else {
            ignore("Apple does not list this key");
            let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
            let (message, fix) = (format!("Apple lists no key {name} there"), did_you_mean(name, &known));
            findings.add(codes::UNKNOWN_KEY, value.place, message, fix);
            continue;
        };
        if is_a_whole_number(&value.kind) && key.holds == Holds::Integer {
            // CFNumber converts it; Mail-in-a-Box has handed out <real>443</real> as a port since 2014.
            let message =
                format!("{name} is a real where Apple lists an integer: devices convert it, a checker may not");
            findings.add(codes::FAILS_ELSEWHERE, value.place, message, "write it as <integer>");
        } else if !is(&value.kind, key.holds) {
            let message = format!("{name} is a {}; expected {}", value.kind.name(), element(key.holds));
            let fix = format!("write it as <{}>", element(key.holds).split(' ').next().unwrap_or("string"));
            findings.add(codes::WRONG_TYPE, value.place, message, fix);
        }
        match (key.on, device) {
            (On::NotMac, Device::MacOs) => ignore("macOS does not support it"),
            (On::MacOnly, Device::Ios | Device::VisionOs) => ignore("only macOS has it"),
            (On::All, _) | (On::NotMac, Device::Ios | Device::VisionOs) | (On::MacOnly, Device::MacOs) => {}
        }
        let dead_key = |(payload, key, _): &&(&str, &str, Dead)| *payload == payload_type && key == name;
        if let Some((_, _, note)) = DEAD.iter().find(dead_key) {
            dead(name, note, value.place, findings, &mut ignore);
        }
    }
    Some(ignored)
}

fn dead(name: &str, note: &Dead, place: Option<Place>, findings: &mut Findings, ignore: &mut impl FnMut(&str)) {
    match note {
        Dead::Ignored => {
            ignore("ignored since iOS 10");
            let fix = "remove it; SMIMESigningEnabled and SMIMEEncryptByDefault replace it";
            findings.add(codes::IGNORED_KEY, place, format!("{name} is ignored since iOS 10"), fix);
        }
        Dead::Deprecated(fix) => findings.add(codes::DEPRECATED_KEY, place, format!("{name} is deprecated"), *fix),
        Dead::Interactive => {
            let fix = "remove it, so that every installation method gives the same account";
            let message = format!("{name} works in interactive installations only");
            findings.add(codes::INTERACTIVE_ONLY_KEY, place, message, fix);
        }
    }
}

fn is_a_whole_number(found: &Kind) -> bool {
    matches!(found, Kind::Real(value) if value.fract() == 0.0)
}

fn is(found: &Kind, expected: Holds) -> bool {
    match (found, expected) {
        (Kind::Array(_), Holds::Array)
        | (Kind::Boolean(_), Holds::Boolean)
        | (Kind::Data(_), Holds::Data)
        | (Kind::Date(_), Holds::Date)
        | (Kind::Dictionary(_), Holds::Dictionary)
        | (Kind::Integer(_), Holds::Integer)
        | (Kind::Real(_), Holds::Real)
        | (Kind::String(_), Holds::String) => true,
        (
            Kind::Array(_)
            | Kind::Boolean(_)
            | Kind::Data(_)
            | Kind::Date(_)
            | Kind::Dictionary(_)
            | Kind::Integer(_)
            | Kind::Real(_)
            | Kind::String(_),
            _,
        ) => false,
    }
}

fn element(holds: Holds) -> &'static str {
    match holds {
        Holds::Array => "array",
        Holds::Boolean => "true or false",
        Holds::Data => "data",
        Holds::Date => "date",
        Holds::Dictionary => "dict",
        Holds::Integer => "integer",
        Holds::Real => "real",
        Holds::String => "string",
    }
}

/// What is said of a key that exists and should not be used.
enum Dead {
    Ignored,
    Deprecated(&'static str),
    Interactive,
}

/// Whether what a key of a payload holds is shown apart from the account.
pub(super) fn is_shown_apart(name: &str, payload_type: &str, has_identity: bool) -> bool {
    let keys = PAYLOADS.iter().filter(|(kind, _)| *kind == payload_type).flat_map(|(_, keys)| *keys);
    keys.filter(|key| key.name == name).any(|key| match key.shown {
        Shown::InAccount => false,
        Shown::InIdentity => !has_identity,
        Shown::Apart => true,
    })
}

const fn key(name: &'static str, holds: Holds, on: On) -> Key {
    Key { name, holds, on, shown: Shown::InAccount }
}

const fn identity(name: &'static str, holds: Holds, on: On) -> Key {
    Key { name, holds, on, shown: Shown::InIdentity }
}

const fn apart(name: &'static str, holds: Holds, on: On) -> Key {
    Key { name, holds, on, shown: Shown::Apart }
}

const DEAD: &[(&str, &str, Dead)] = &[
    ("com.apple.eas.account", "HeaderMagic", Dead::Deprecated("remove it")),
    ("com.apple.eas.account", "SMIMEEnablePerMessageSwitch", PER_MESSAGE),
    ("com.apple.eas.account", "SMIMEEnabled", Dead::Ignored),
    (
        "com.apple.eas.account",
        "SMIMEEncryptionEnabled",
        Dead::Deprecated("remove it; SMIMEEncryptByDefault replaces it"),
    ),
    ("com.apple.mail.managed", "OutgoingPasswordSameAsIncomingPassword", Dead::Interactive),
    ("com.apple.mail.managed", "SMIMEEnablePerMessageSwitch", PER_MESSAGE),
    ("com.apple.mail.managed", "SMIMEEnabled", Dead::Ignored),
];
const PER_MESSAGE: Dead = Dead::Deprecated("remove it; SMIMEEnableEncryptionPerMessageSwitch replaces it");

const PAYLOADS: &[(&str, &[Key])] = &[
    ("", TOP),
    ("com.apple.caldav.account", CALDAV),
    ("com.apple.carddav.account", CARDDAV),
    ("com.apple.eas.account", EAS),
    ("com.apple.ews.account", EWS),
    ("com.apple.ldap.account", LDAP),
    ("com.apple.mail.managed", MAIL),
    ("com.apple.security.pem", PEM),
    ("com.apple.security.pkcs1", PKCS1),
    ("com.apple.security.pkcs12", PKCS12),
    ("com.apple.security.root", ROOT),
];

/// What every payload may have.
const COMMON: &[Key] = &[
    key("PayloadDescription", Holds::String, On::All),
    key("PayloadDisplayName", Holds::String, On::All),
    key("PayloadIdentifier", Holds::String, On::All),
    key("PayloadOrganization", Holds::String, On::All),
    key("PayloadType", Holds::String, On::All),
    key("PayloadUUID", Holds::String, On::All),
    key("PayloadVersion", Holds::Integer, On::All),
];
const CALDAV: &[Key] = &[
    key("CalDAVAccountDescription", Holds::String, On::All),
    key("CalDAVHostName", Holds::String, On::All),
    key("CalDAVPassword", Holds::String, On::All),
    key("CalDAVPort", Holds::Integer, On::All),
    key("CalDAVPrincipalURL", Holds::String, On::All),
    key("CalDAVUseSSL", Holds::Boolean, On::All),
    key("CalDAVUsername", Holds::String, On::All),
    apart("VPNUUID", Holds::String, On::NotMac),
];

const CARDDAV: &[Key] = &[
    key("CardDAVAccountDescription", Holds::String, On::All),
    key("CardDAVHostName", Holds::String, On::All),
    key("CardDAVPassword", Holds::String, On::All),
    key("CardDAVPort", Holds::Integer, On::All),
    key("CardDAVPrincipalURL", Holds::String, On::NotMac),
    key("CardDAVUseSSL", Holds::Boolean, On::All),
    key("CardDAVUsername", Holds::String, On::All),
    apart("CommunicationServiceRules", Holds::Dictionary, On::NotMac),
    apart("VPNUUID", Holds::String, On::NotMac),
];

const EAS: &[Key] = &[
    apart("Certificate", Holds::Data, On::All),
    apart("CertificateName", Holds::String, On::All),
    key("CertificatePassword", Holds::String, On::All),
    apart("CommunicationServiceRules", Holds::Dictionary, On::All),
    key("EmailAddress", Holds::String, On::All),
    apart("EnableCalendars", Holds::Boolean, On::All),
    apart("EnableCalendarsUserOverridable", Holds::Boolean, On::All),
    apart("EnableContacts", Holds::Boolean, On::All),
    apart("EnableContactsUserOverridable", Holds::Boolean, On::All),
    apart("EnableMail", Holds::Boolean, On::All),
    apart("EnableMailUserOverridable", Holds::Boolean, On::All),
    apart("EnableNotes", Holds::Boolean, On::All),
    apart("EnableNotesUserOverridable", Holds::Boolean, On::All),
    apart("EnableReminders", Holds::Boolean, On::All),
    apart("EnableRemindersUserOverridable", Holds::Boolean, On::All),
    apart("HeaderMagic", Holds::String, On::All),
    key("Host", Holds::String, On::All),
    key("MailNumberOfPastDaysToSync", Holds::Integer, On::All),
    apart("OAuth", Holds::Boolean, On::All),
    apart("OAuthSignInURL", Holds::String, On::All),
    apart("OAuthTokenRequestURL", Holds::String, On::All),
    apart("OverridePreviousPassword", Holds::Boolean, On::All),
    key("Password", Holds::String, On::All),
    apart("PayloadCertificateUUID", Holds::String, On::All),
    key("PreventAppSheet", Holds::Boolean, On::All),
    key("PreventMove", Holds::Boolean, On::All),
    identity("SMIMEEnableEncryptionPerMessageSwitch", Holds::Boolean, On::All),
    apart("SMIMEEnablePerMessageSwitch", Holds::Boolean, On::All),
    apart("SMIMEEnabled", Holds::Boolean, On::All),
    identity("SMIMEEncryptByDefault", Holds::Boolean, On::All),
    apart("SMIMEEncryptByDefaultUserOverrideable", Holds::Boolean, On::All),
    identity("SMIMEEncryptionCertificateUUID", Holds::String, On::All),
    apart("SMIMEEncryptionCertificateUUIDUserOverrideable", Holds::Boolean, On::All),
    apart("SMIMEEncryptionEnabled", Holds::Boolean, On::All),
    identity("SMIMESigningCertificateUUID", Holds::String, On::All),
    apart("SMIMESigningCertificateUUIDUserOverrideable", Holds::Boolean, On::All),
    identity("SMIMESigningEnabled", Holds::Boolean, On::All),
    apart("SMIMESigningUserOverrideable", Holds::Boolean, On::All),
    apart("SSL", Holds::Boolean, On::All),
    key("UserName", Holds::String, On::All),
    key("VPNUUID", Holds::String, On::All),
    key("allowMailDrop", Holds::Boolean, On::All),
    key("disableMailRecentsSyncing", Holds::Boolean, On::All),
];

const EWS: &[Key] = &[
    apart("AuthenticationCertificateUUID", Holds::String, On::All),
    key("EmailAddress", Holds::String, On::All),
    apart("ExternalHost", Holds::String, On::All),
    apart("ExternalPath", Holds::String, On::All),
    apart("ExternalPort", Holds::Integer, On::All),
    apart("ExternalSSL", Holds::Boolean, On::All),
    key("Host", Holds::String, On::All),
    apart("OAuth", Holds::Boolean, On::All),
    apart("OAuthSignInURL", Holds::String, On::All),
    key("Password", Holds::String, On::All),
    apart("Path", Holds::String, On::All),
    apart("PayloadCertificateUUID", Holds::String, On::All),
    apart("Port", Holds::Integer, On::All),
    apart("SSL", Holds::Boolean, On::All),
    key("UserName", Holds::String, On::All),
    key("allowMailDrop", Holds::Boolean, On::All),
];

const LDAP: &[Key] = &[
    key("LDAPAccountDescription", Holds::String, On::All),
    key("LDAPAccountHostName", Holds::String, On::All),
    key("LDAPAccountPassword", Holds::String, On::All),
    key("LDAPAccountUseSSL", Holds::Boolean, On::All),
    key("LDAPAccountUserName", Holds::String, On::All),
    key("LDAPSearchSettings", Holds::Array, On::All),
    apart("VPNUUID", Holds::String, On::NotMac),
];

const MAIL: &[Key] = &[
    key("EmailAccountDescription", Holds::String, On::All),
    key("EmailAccountName", Holds::String, On::All),
    key("EmailAccountType", Holds::String, On::All),
    key("EmailAddress", Holds::String, On::All),
    key("IncomingMailServerAuthentication", Holds::String, On::All),
    key("IncomingMailServerHostName", Holds::String, On::All),
    apart("IncomingMailServerIMAPPathPrefix", Holds::String, On::All),
    key("IncomingMailServerPortNumber", Holds::Integer, On::All),
    key("IncomingMailServerUseSSL", Holds::Boolean, On::All),
    key("IncomingMailServerUsername", Holds::String, On::All),
    key("IncomingPassword", Holds::String, On::All),
    key("OutgoingMailServerAuthentication", Holds::String, On::All),
    key("OutgoingMailServerHostName", Holds::String, On::All),
    key("OutgoingMailServerPortNumber", Holds::Integer, On::All),
    key("OutgoingMailServerUseSSL", Holds::Boolean, On::All),
    key("OutgoingMailServerUsername", Holds::String, On::All),
    key("OutgoingPassword", Holds::String, On::All),
    apart("OutgoingPasswordSameAsIncomingPassword", Holds::Boolean, On::All),
    key("PreventAppSheet", Holds::Boolean, On::NotMac),
    key("PreventMove", Holds::Boolean, On::NotMac),
    identity("SMIMEEnableEncryptionPerMessageSwitch", Holds::Boolean, On::NotMac),
    apart("SMIMEEnablePerMessageSwitch", Holds::Boolean, On::NotMac),
    apart("SMIMEEnabled", Holds::Boolean, On::NotMac),
    identity("SMIMEEncryptByDefault", Holds::Boolean, On::NotMac),
    apart("SMIMEEncryptByDefaultUserOverrideable", Holds::Boolean, On::NotMac),
    identity("SMIMEEncryptionCertificateUUID", Holds::String, On::NotMac),
    apart("SMIMEEncryptionCertificateUUIDUserOverrideable", Holds::Boolean, On::NotMac),
    apart("SMIMEEncryptionEnabled", Holds::Boolean, On::NotMac),
    identity("SMIMESigningCertificateUUID", Holds::String, On::NotMac),
    apart("SMIMESigningCertificateUUIDUserOverrideable", Holds::Boolean, On::NotMac),
    identity("SMIMESigningEnabled", Holds::Boolean, On::NotMac),
    apart("SMIMESigningUserOverrideable", Holds::Boolean, On::NotMac),
    key("VPNUUID", Holds::String, On::NotMac),
    key("allowMailDrop", Holds::Boolean, On::All),
    key("disableMailRecentsSyncing", Holds::Boolean, On::All),
];

const PEM: &[Key] =
    &[key("PayloadCertificateFileName", Holds::String, On::All), key("PayloadContent", Holds::Data, On::All)];

const PKCS1: &[Key] =
    &[key("PayloadCertificateFileName", Holds::String, On::All), key("PayloadContent", Holds::Data, On::All)];

const PKCS12: &[Key] = &[
    key("AllowAllAppsAccess", Holds::Boolean, On::MacOnly),
    key("KeyIsExtractable", Holds::Boolean, On::MacOnly),
    key("Password", Holds::String, On::All),
    key("PayloadCertificateFileName", Holds::String, On::All),
    key("PayloadContent", Holds::Data, On::All),
];

const ROOT: &[Key] =
    &[key("PayloadCertificateFileName", Holds::String, On::All), key("PayloadContent", Holds::Data, On::All)];

const TOP: &[Key] = &[
    key("ConsentText", Holds::Dictionary, On::All),
    key("DurationUntilRemoval", Holds::Real, On::All),
    apart("EncryptedPayloadContent", Holds::Data, On::All),
    apart("HasRemovalPasscode", Holds::Boolean, On::All),
    apart("IsEncrypted", Holds::Boolean, On::All),
    key("PayloadContent", Holds::Array, On::All),
    key("PayloadExpirationDate", Holds::Date, On::All),
    key("PayloadRemovalDisallowed", Holds::Boolean, On::All),
    key("PayloadScope", Holds::String, On::All),
    key("RemovalDate", Holds::Date, On::All),
    key("TargetDeviceType", Holds::Integer, On::All),
];
