//! The kind of device that a profile is for, and what in it that kind does not support: a scope that it does not have,
//! a payload that it does not know. Not whether that device would accept the rest.

use provost_account::{Findings, Place, codes::profile as codes};

use super::dictionary::Dictionary;

/// Which kind of device a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Ios,
    MacOs,
    VisionOs,
}

impl Device {
    /// `TargetDeviceType` decides; else what only a Mac has: Exchange Web Services, or the user's scope.
    pub(super) fn of(top: &Dictionary<'_>, findings: &mut Findings) -> Self {
        match top.integer("TargetDeviceType", findings) {
            Some(5) => Self::MacOs,
            Some(6) => Self::VisionOs,
            Some(1) => Self::Ios,
            Some(0) | None if holds(top, EWS) => Self::MacOs,
            Some(0) | None if top.string("PayloadScope", findings) == Some("User") => Self::MacOs,
            Some(_) | None => Self::Ios,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::MacOs => "macOS",
            Self::VisionOs => "visionOS",
        }
    }
}

/// Whether a profile has a payload of this type.
fn holds(top: &Dictionary<'_>, kind: &str) -> bool {
    top.list("PayloadContent").iter().filter_map(Dictionary::of).any(|payload| payload.text("PayloadType") == kind)
}

/// Whether the device has this payload, as far as it is one of an account.
pub(super) fn has(device: Device, kind: &str) -> bool {
    ACCOUNTS.iter().find(|(name, _)| *name == kind).is_none_or(|(_, on)| on.contains(&device))
}

/// Compares what the profile is for with the payloads that it holds.
pub(super) fn check(top: &Dictionary<'_>, payloads: &[Dictionary<'_>], device: Device, findings: &mut Findings) {
    let kinds: Vec<(&str, Option<Place>)> = payloads
        .iter()
        .filter_map(|payload| Some((payload.string("PayloadType", findings)?, payload.place_of("PayloadType"))))
        .collect();
    let rows = |kind: &str| ACCOUNTS.iter().find(|(name, _)| *name == kind);
    for (kind, place) in &kinds {
        let Some((_, on)) = rows(kind) else { continue };
        if !on.contains(&device) {
            let names: Vec<&str> = on.iter().map(|device| device.name()).collect();
            let message = format!("{} does not support {kind}; it is for {}", device.name(), names.join(" and "));
            findings.add(codes::PAYLOAD_OF_ANOTHER_SYSTEM, *place, message, "write a profile for each system");
        }
    }
    target(top, findings);
    if kinds.iter().any(|(kind, _)| rows(kind).is_some()) {
        scope(top, device, findings);
    }
}

/// The numbers that Apple's `TopLevel` schema lists.
fn target(top: &Dictionary<'_>, findings: &mut Findings) {
    let message = match top.integer("TargetDeviceType", findings) {
        None | Some(0 | 1 | 5 | 6) => return,
        Some(number @ 2..=4) => {
            let names = ["Apple Watch", "HomePod", "Apple TV"];
            let name = usize::try_from(number - 2).ok().and_then(|at| names.get(at)).unwrap_or(&"another device");
            format!("TargetDeviceType {number} is {name}, which has no mail accounts")
        }
        Some(number) => format!("Apple lists no TargetDeviceType {number}"),
    };
    let fix = "write 1 for iPhone and iPad, 5 for Mac, 6 for Apple Vision Pro";
    findings.add(codes::WRONG_TARGET, top.place_of("TargetDeviceType"), message, fix);
}

/// Accounts are the user's on a Mac (the schema's `devicechannel: false`), and iPhones have no scopes.
fn scope(top: &Dictionary<'_>, device: Device, findings: &mut Findings) {
    let may_be_a_mac = device == Device::MacOs || matches!(top.integer("TargetDeviceType", findings), None | Some(0));
    let (message, fix) = match (top.string("PayloadScope", findings), device == Device::MacOs) {
        (Some("User"), true) | (None, false) => return,
        (Some("System"), _) if !may_be_a_mac => return,
        (Some("System"), _) => ("PayloadScope is System, but a Mac has accounts only in the user scope", "write User"),
        (None, true) => ("PayloadScope is missing, but a Mac has accounts only in the user scope", "write User"),
        (Some("User"), false) => {
            ("PayloadScope is User, which only a Mac supports", "remove it, and write a profile for each")
        }
        (Some(_), _) => {
            ("PayloadScope is neither System nor User", "write User for a Mac, and no scope for other devices")
        }
    };
    findings.add(codes::WRONG_SCOPE, top.place_of("PayloadScope"), message, fix);
}

/// The payloads that set up accounts, and the systems that have them, as Apple's schema for iOS 18.1 lists them: none of
/// them by way of a Mac's device channel.
const ACCOUNTS: &[(&str, &[Device])] = &[
    ("com.apple.caldav.account", EVERYWHERE),
    ("com.apple.carddav.account", EVERYWHERE),
    (EAS, NOT_ON_MAC),
    (EWS, &[Device::MacOs]),
    ("com.apple.google-oauth", NOT_ON_MAC),
    ("com.apple.ldap.account", EVERYWHERE),
    ("com.apple.mail.managed", EVERYWHERE),
    ("com.apple.subscribedcalendar.account", NOT_ON_MAC),
];

/// Exchange ActiveSync, and Exchange Web Services.
pub(super) const EAS: &str = "com.apple.eas.account";
pub(super) const EWS: &str = "com.apple.ews.account";
const EVERYWHERE: &[Device] = &[Device::Ios, Device::MacOs, Device::VisionOs];
const NOT_ON_MAC: &[Device] = &[Device::Ios, Device::VisionOs];
