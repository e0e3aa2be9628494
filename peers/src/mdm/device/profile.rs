//! What a device makes of a profile: whether it takes it, and how it lists it. Nothing is read beyond that.

use std::io::Cursor;

use anyhow::Context;
use plist::{Dictionary, Value};

use super::{Platform, string};

/// Why a device refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAProfile,
    /// No key that the schema requires, or one of another type.
    KeyMissing,
    /// The payload is not for this channel.
    Channel,
    /// The device may install nothing.
    Forbidden,
    NotInstalled,
    UnknownCommand,
}

impl Refusal {
    /// What the answer tells. The structure is Apple's; that code 12021 means an unknown command is in mdmb. The other
    /// codes are in no published description, so nothing may depend on them.
    pub(super) fn chain(self) -> Value {
        let (domain, code, text) = match self {
            Self::NotAProfile => ("MCProfileErrorDomain", 1000, "The profile is not valid."),
            Self::KeyMissing => ("MCProfileErrorDomain", 1003, "The profile lacks a required key."),
            Self::Forbidden => ("MCInstallationErrorDomain", 4001, "The profile may not be installed."),
            Self::Channel => ("MCInstallationErrorDomain", 4000, "The payload cannot be installed in this channel."),
            Self::NotInstalled => ("MCInstallationErrorDomain", 4034, "The profile is not installed."),
            Self::UnknownCommand => ("MCMDMErrorDomain", 12021, "Unknown command"),
        };
        let mut error = Dictionary::new();
        error.insert("ErrorDomain".to_owned(), domain.into());
        error.insert("ErrorCode".to_owned(), code.into());
        error.insert("LocalizedDescription".to_owned(), text.into());
        error.insert("USEnglishDescription".to_owned(), text.into());
        Value::Array(vec![Value::Dictionary(error)])
    }
}

/// The identifier of a profile that the device takes.
pub(super) fn accepted(bytes: &[u8], platform: Platform, is_user_channel: bool) -> Result<String, Refusal> {
    let profile = Value::from_reader(Cursor::new(bytes)).ok().and_then(Value::into_dictionary);
    let profile = profile.ok_or(Refusal::NotAProfile)?;
    let text = |dictionary: &Dictionary, key| dictionary.get(key).and_then(Value::as_string).map(str::to_owned);
    if text(&profile, "PayloadType").as_deref() != Some("Configuration") {
        return Err(Refusal::NotAProfile);
    }
    let identifier = text(&profile, "PayloadIdentifier").ok_or(Refusal::KeyMissing)?;
    text(&profile, "PayloadUUID").ok_or(Refusal::KeyMissing)?;
    profile.get("PayloadVersion").and_then(Value::as_signed_integer).ok_or(Refusal::KeyMissing)?;
    for payload in profile.get("PayloadContent").and_then(Value::as_array).ok_or(Refusal::KeyMissing)? {
        let payload = payload.as_dictionary().ok_or(Refusal::KeyMissing)?;
        let kind = text(payload, "PayloadType").ok_or(Refusal::KeyMissing)?;
        // `macOS: devicechannel: false`, com.apple.mail.managed.yaml.
        if kind == "com.apple.mail.managed" && platform == Platform::Mac && !is_user_channel {
            return Err(Refusal::Channel);
        }
    }
    // An iPhone has no user's channel: https://github.com/fleetdm/fleet/issues/34960
    if platform == Platform::Iphone && text(&profile, "PayloadScope").as_deref() == Some("User") {
        return Err(Refusal::Channel);
    }
    Ok(identifier)
}

/// Its entry in the list of profiles.
pub(super) fn listed(bytes: &[u8]) -> anyhow::Result<Value> {
    let profile = Value::from_reader(Cursor::new(bytes))?.into_dictionary().context("it was a profile")?;
    let mut entry = Dictionary::new();
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        entry.insert(key.to_owned(), string(&profile, key)?.into());
    }
    entry.insert("IsManaged".to_owned(), true.into());
    Ok(Value::Dictionary(entry))
}
