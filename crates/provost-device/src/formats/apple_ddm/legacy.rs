//! A whole profile that a declaration refers to: as an asset, from OS 27 on, or by a URL of the management server. The
//! profile is read as if it were installed by itself. Nothing is fetched.

use provost_account::{Finding, codes::profile as codes};

use super::super::apple_mobileconfig;
use super::declarations::Declaration;
use super::{Reader, declarations};
use crate::apple_container;
use crate::person::Person;
use crate::reading::Reading;
use crate::understood::{Assumption, Identifier, Understood};

impl<'a> Reader<'a> {
    /// The accounts of the profile to which a declaration leads.
    pub(super) fn legacy(&mut self, legacy: &'a Declaration<'a>, person: &Person) -> Vec<Understood> {
        let keys = legacy.keys();
        self.known(&keys, &["ProfileURL", ASSET]);
        let (reference, url) = (keys.text(ASSET, self.findings), keys.text("ProfileURL", self.findings));
        let bytes = match (reference, url) {
            (Some(reference), _) => {
                self.gate(legacy);
                let asset = self.asset(&keys, reference, "com.apple.asset.data");
                asset.and_then(|asset| self.published(asset, CONTENT_TYPES, "the profile")).map(|(_, bytes)| bytes)
            }
            (None, Some(url)) => {
                let bytes = self.set.published(url);
                if bytes.is_none() {
                    let message = format!("the file at {url} is not among the files, so the profile is unknown");
                    let fix = "put the file next to it, under the name at the end of the URL";
                    keys.add(codes::MISSING_ASSET, "ProfileURL", &message, fix, self.findings);
                }
                bytes
            }
            (None, None) => {
                let message = "neither ProfileAssetReference nor ProfileURL: Error.InvalidPayload";
                let fix = "add a com.apple.asset.data that refers to the profile";
                keys.add(codes::MISSING_KEY, ASSET, message, fix, self.findings);
                None
            }
        };
        let Some(bytes) = bytes else { return Vec::new() };
        for kind in [MDM, declarations::PAYLOAD] {
            if apple_container::mentions(bytes, kind) {
                let message = format!("the profile contains a payload of type {kind}");
                let fix = "remove the payload; only a management server or a person installs it";
                keys.add(codes::PAYLOAD_NOT_ALLOWED, ASSET, &message, fix, self.findings);
            }
        }
        let Reading { mut profiles, findings, verdict: _ } = apple_mobileconfig::read(bytes, person);
        for Finding { code, message, fix, .. } in findings {
            // Its places are in another file than the one that was opened.
            self.findings.add(code, None, format!("the profile: {message}"), fix);
        }
        for profile in &mut profiles {
            let value = legacy.identifier.clone();
            profile.identifiers.push(Identifier { key: "configuration Identifier", value });
            if reference.is_some() {
                let value = "27 or later".to_owned();
                profile.assumed.push(Assumption::of("the system's version", value, LEGACY));
            }
        }
        profiles
    }

    /// An earlier system knows no asset here, and refuses the declaration: the activation has to keep it from there.
    fn gate(&mut self, legacy: &Declaration<'_>) {
        let predicates = self.set.predicates(legacy);
        if !predicates.is_empty() && !predicates.iter().any(|predicate| predicate.contains(VERSION)) {
            let message = "systems before 27 reject ProfileAssetReference, and the activation includes them";
            let fix = "add to the activation the Predicate \"@status(device.operating-system.version) >= '27'\"";
            legacy.keys().add(codes::NEWER_SYSTEM, ASSET, message, fix, self.findings);
        }
    }
}

/// Both go by one profile; the second asks the person first.
pub(super) const KINDS: [&str; 2] = ["com.apple.configuration.legacy", "com.apple.configuration.legacy.interactive"];
const ASSET: &str = "ProfileAssetReference";
const MDM: &str = "com.apple.mdm";
const VERSION: &str = "device.operating-system.version";
/// The first by a third party's example; Apple says that the type has to match the data, which is a property list.
const CONTENT_TYPES: &[&str] =
    &["application/x-apple-aspen-config", "application/x-plist", "application/xml", "text/xml"];
const LEGACY: &str = "https://developer.apple.com/documentation/devicemanagement/legacyprofile";
