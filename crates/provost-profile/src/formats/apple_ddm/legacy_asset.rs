//! A whole profile that a declaration refers to, from OS 27 on. It carries what a mail configuration has no key for
//! (TLS, the switches of Mail, identities). The profile is that of `apple-mobileconfig`, byte for byte, so that a
//! device that has it from its management server lets the declaration take it over (same identifiers in the same
//! order). It never has a payload that such a profile must not contain (`com.apple.mdm`, `com.apple.declarations`).

use serde_json::json;

use super::super::apple_mobileconfig;
use super::{Declaration, fetched, identifier, published, reference};
use crate::profile::{Loss, Profile, Refusal};
use crate::writer::Request;

/// The profile for iPhone and iPad, and what leads to it.
pub(super) fn ios(request: &Request<'_>) -> Result<Profile, Refusal> {
    write(request, "ios")
}

/// The same for a Mac.
pub(super) fn macos(request: &Request<'_>) -> Result<Profile, Refusal> {
    write(request, "macos")
}

fn write(request: &Request<'_>, platform: &str) -> Result<Profile, Refusal> {
    let reason = "the profile is a file that the device fetches; set assets.url to where you publish such files";
    let published = published(request, reason)?;
    let mut variants = apple_mobileconfig::VARIANTS.iter();
    let variant = variants.find(|variant| variant.name == platform).expect("a variant of the profile");
    let Profile { files, mut losses } = apple_mobileconfig::write(&Request { variant, ..*request })?;
    let name = |kind: &str| identifier(request, &format!("legacy-asset {platform} {kind}"));
    let (configuration, asset) = (name("configuration"), name("asset"));
    let mut declarations = vec![
        Declaration {
            kind: "configuration.legacy",
            at: 0,
            identifier: configuration.clone(),
            payload: json!({ "ProfileAssetReference": asset }),
        },
        Declaration {
            kind: "activation.simple",
            at: 0,
            identifier: name("activation"),
            payload: json!({ "StandardConfigurations": [configuration], "Predicate": PREDICATE }),
        },
    ];
    let mut profiles = Vec::new();
    for file in files {
        let profile = fetched(published, &format!("{asset}.mobileconfig"), file.bytes);
        let payload = reference(&profile, CONTENT_TYPE);
        declarations.push(Declaration { kind: "asset.data", at: 0, identifier: asset.clone(), payload });
        profiles.push(profile);
    }
    losses.extend(doubts());
    // A Mac's profile has no identity, which is among its own losses.
    let is_left_out = losses.iter().any(|loss| loss.setting == "smime");
    if request.account.smime.is_some() && !is_left_out {
        let reason = "anyone who knows the URL gets the identity, protected by its password";
        let loss = Loss::of("smime.identities", "for the person alone", reason, SOURCE);
        losses.push(loss.written("in the published profile"));
    }
    Ok(Profile { files: declarations.iter().map(Declaration::file).chain(profiles).collect(), losses })
}

/// What the profile's own losses do not say.
fn doubts() -> [Loss; 2] {
    let loss =
        |setting: &str, asked: &str, written: &str, reason| Loss::of(setting, asked, reason, SOURCE).written(written);
    [
        loss(
            "assets",
            "the media type of a profile",
            CONTENT_TYPE,
            "unconfirmed: Apple says that it must match the data, and a third party's example has this one",
        ),
        loss(
            "assets",
            "every system",
            "OS 27 and later",
            "earlier systems have no ProfileAssetReference; the activation's predicate excludes them, which was not tried",
        ),
    ]
}

const SOURCE: &str = "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
const CONTENT_TYPE: &str = "application/x-apple-aspen-config";
/// Versions are texts. Those of the systems that know declarations and are older than 27 come before "27" as texts too.
const PREDICATE: &str = "@status(device.operating-system.version) >= '27'";
