//! What a profile lets Mail do, and the terms of the profile. Keys that the system does not support are not read.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use provost_account::{Apple, ConsentText, Findings, Language, ProfileDate, VpnUuid, codes::profile as codes};

use super::device::Device;
use super::dictionary::Dictionary;
use super::plist::Kind;

use crate::understood::Assumption;

/// Reads the profile's own keys and those of the mail payload.
pub(super) fn apple(
    top: &Dictionary<'_>,
    mail: &Dictionary<'_>,
    device: Device,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Apple {
    let is_mac = device == Device::MacOs;
    let unless = |absent: bool, dictionary: &Dictionary<'_>, key: &str, findings: &mut Findings| match absent {
        true => None,
        false => dictionary.boolean(key, findings),
    };
    let vpn = mail.string("VPNUUID", findings).filter(|_| !is_mac).map(VpnUuid::try_from);
    let (place, fix) = (mail.place_of("VPNUUID"), "write the UUID of the VPN");
    let vpn = vpn.and_then(|vpn| findings.ok(vpn, codes::WRONG_VALUE, place, |error| error.to_string(), fix));
    Apple {
        prevent_move: unless(is_mac, mail, "PreventMove", findings),
        prevent_app_sheet: unless(is_mac, mail, "PreventAppSheet", findings),
        mail_drop: mail.boolean("allowMailDrop", findings),
        recents_syncing: mail.boolean("disableMailRecentsSyncing", findings).map(|disabled| !disabled),
        vpn,
        consent: consent(top, findings),
        expiration_date: date(top, "PayloadExpirationDate", assumed, findings),
        removal_date: date(top, "RemovalDate", assumed, findings),
        remove_after_days: remove_after(top, assumed),
        removal_disallowed: unless(device == Device::VisionOs, top, "PayloadRemovalDisallowed", findings),
    }
}

fn consent(top: &Dictionary<'_>, findings: &mut Findings) -> BTreeMap<Language, ConsentText> {
    let Some(Kind::Dictionary(entries)) = top.kind("ConsentText") else {
        return BTreeMap::new();
    };
    let mut texts = BTreeMap::new();
    for (name, value) in entries {
        let text = match &value.kind {
            Kind::String(text) => ConsentText::try_from(text.as_str()),
            other => {
                let message = format!("ConsentText {name} is a {}; expected string", other.name());
                findings.add(codes::WRONG_TYPE, value.place, message, "write it as <string>");
                continue;
            }
        };
        match (Language::try_from(name.as_str()), text) {
            (Ok(language), Ok(text)) => {
                texts.insert(language, text);
            }
            (Err(error), _) | (_, Err(error)) => {
                let fix = "write it anew";
                findings.add(codes::WRONG_VALUE, value.place, format!("ConsentText {name:?}: {error}"), fix);
            }
        }
    }
    texts
}

fn date(
    top: &Dictionary<'_>,
    key: &str,
    assumed: &mut Vec<Assumption>,
    findings: &mut Findings,
) -> Option<ProfileDate> {
    let Some(Kind::Date(text)) = top.kind(key) else { return None };
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let (message, fix) = (|error| format!("{text:?}: {error}"), "write it as 2027-01-31T00:00:00Z");
    let day = findings.ok(ProfileDate::try_from(day), codes::WRONG_VALUE, top.place_of(key), message, fix)?;
    if time != "00:00:00Z" {
        assumed.push(assumption(key, format!("{text}: here the day alone")));
    }
    Some(day)
}

/// The device counts seconds, an account days: what is left of a day counts as one.
fn remove_after(top: &Dictionary<'_>, assumed: &mut Vec<Assumption>) -> Option<NonZeroU16> {
    let Some(Kind::Real(seconds)) = top.kind("DurationUntilRemoval") else { return None };
    let days = (1..=u16::MAX).find(|days| f64::from(*days) * SECONDS_OF_A_DAY >= *seconds)?;
    if f64::from(days) * SECONDS_OF_A_DAY > *seconds {
        assumed.push(assumption("DurationUntilRemoval", format!("{seconds} seconds: here as {days} days")));
    }
    NonZeroU16::new(days)
}

fn assumption(key: &str, value: String) -> Assumption {
    Assumption::of(key, value, PAGE)
}

const SECONDS_OF_A_DAY: f64 = 86_400.0;
const PAGE: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";
