//! What Apple's Mail may do, and the terms of the profile: keys of the mail payload and of the profile itself. What a
//! system does not support is left out and reported.

use plist::{Date, Dictionary, Value};
use provost_account::Apple;
use time::OffsetDateTime;

use super::Platform;
use crate::apple_profile::MAIL;
use crate::profile::Loss;
use crate::writer::Variant;

/// Adds the switches of the mail payload.
pub(in super::super) fn switches(mail: &mut Dictionary, apple: &Apple, variant: &Variant) {
    let mut insert = |key: &str, value: Option<bool>| {
        if let Some(value) = value {
            mail.insert(key.to_owned(), value.into());
        }
    };
    if Platform::of(variant) != Platform::MacOs {
        insert("PreventMove", apple.prevent_move);
        insert("PreventAppSheet", apple.prevent_app_sheet);
    }
    insert("allowMailDrop", apple.mail_drop);
    insert("disableMailRecentsSyncing", apple.recents_syncing.map(|synced| !synced));
    vpn(mail, apple, variant);
}

/// Adds the VPN of an account, where the system has it.
pub(super) fn vpn(payload: &mut Dictionary, apple: &Apple, variant: &Variant) {
    if let Some(vpn) = apple.vpn.as_ref().filter(|_| Platform::of(variant) != Platform::MacOs) {
        payload.insert("VPNUUID".to_owned(), vpn.as_str().into());
    }
}

/// Adds the terms of the profile.
pub(super) fn terms(profile: &mut Dictionary, apple: &Apple, variant: &Variant) {
    let mut insert = |key: &str, value: Value| profile.insert(key.to_owned(), value);
    if !apple.consent.is_empty() {
        let texts = apple.consent.iter();
        let texts: Dictionary =
            texts.map(|(language, text)| (language.as_str().to_owned(), Value::from(text.as_str()))).collect();
        insert("ConsentText", Value::Dictionary(texts));
    }
    for (key, day) in [("PayloadExpirationDate", apple.expiration_date), ("RemovalDate", apple.removal_date)] {
        if let Some(day) = day {
            let midnight: OffsetDateTime = day.date().midnight().assume_utc();
            insert(key, Value::Date(Date::from(std::time::SystemTime::from(midnight))));
        }
    }
    if let Some(days) = apple.remove_after_days {
        insert("DurationUntilRemoval", Value::Real(f64::from(days.get()) * SECONDS_OF_A_DAY));
    }
    if let Some(disallowed) = apple.removal_disallowed.filter(|_| Platform::of(variant) != Platform::VisionOs) {
        insert("PayloadRemovalDisallowed", disallowed.into());
    }
}

/// What the system does not have.
pub(super) fn losses(apple: &Apple, variant: &Variant) -> Vec<Loss> {
    let loss = |setting: &str, asked: Option<String>, reason: &'static str, source: &'static str| {
        asked.map(|asked| Loss::of(format_args!("apple.{setting}"), asked, reason, source))
    };
    let said = |switch: Option<bool>| switch.map(|value| value.to_string());
    let losses = match Platform::of(variant) {
        Platform::Ios | Platform::SharedIpad => vec![],
        Platform::MacOs => vec![
            loss("prevent_move", said(apple.prevent_move), NOT_ON_MACOS, MAIL),
            loss("prevent_app_sheet", said(apple.prevent_app_sheet), NOT_ON_MACOS, MAIL),
            loss("vpn_uuid", apple.vpn.as_ref().map(|it| it.as_str().to_owned()), NOT_ON_MACOS, MAIL),
        ],
        Platform::VisionOs => {
            vec![loss("removal_disallowed", said(apple.removal_disallowed), "visionOS does not support it", TOP_LEVEL)]
        }
    };
    losses.into_iter().flatten().collect()
}

const SECONDS_OF_A_DAY: f64 = 86_400.0;
const NOT_ON_MACOS: &str = "macOS does not support it";
const TOP_LEVEL: &str = "https://developer.apple.com/documentation/devicemanagement/toplevel";
