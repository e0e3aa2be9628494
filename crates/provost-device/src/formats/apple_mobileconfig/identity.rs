//! The identifiers, UUIDs and versions by which a device recognizes a profile and its payloads.

use super::dictionary::Dictionary;
use super::mail::MAIL;
use super::plist::Kind;
use provost_account::{Findings, codes::profile as codes};

use crate::understood::Identifier;

/// Identifiers, UUIDs and versions of the profile and its payloads.
pub(super) fn identities(top: &Dictionary<'_>, payloads: &[Dictionary<'_>], findings: &mut Findings) {
    let mut identifiers: Vec<&str> = Vec::new();
    let mut uuids: Vec<String> = Vec::new();
    for payload in std::iter::once(top).chain(payloads) {
        let identifier = payload.string("PayloadIdentifier", findings).unwrap_or("");
        if identifier.contains(char::is_whitespace) {
            let message = format!("the PayloadIdentifier {identifier:?} contains a blank");
            let fix = "write a reverse-DNS name: org.example.mail";
            findings.add(codes::IDENTIFIER_WITH_BLANK, payload.place_of("PayloadIdentifier"), message, fix);
        }
        match payload.string("PayloadIdentifier", findings) {
            Some(identifier) if identifiers.contains(&identifier) => {
                let message = format!("the PayloadIdentifier {identifier:?} is used twice");
                let fix = "give each payload its own, such as one that begins with the profile's";
                findings.add(codes::DUPLICATE_IDENTIFIER, payload.place_of("PayloadIdentifier"), message, fix);
            }
            Some(identifier) => identifiers.push(identifier),
            None => payload.missing("PayloadIdentifier", findings),
        }
        match payload.string("PayloadUUID", findings).map(str::to_uppercase) {
            Some(uuid) if uuids.contains(&uuid) => {
                let message = format!("the PayloadUUID {uuid} is used twice");
                let fix = "give each payload its own";
                findings.add(codes::DUPLICATE_UUID, payload.place_of("PayloadUUID"), message, fix);
            }
            Some(uuid) => uuids.push(uuid),
            None => payload.missing("PayloadUUID", findings),
        }
        let version = match payload.kind("PayloadVersion") {
            Some(Kind::Integer(1)) => continue,
            Some(Kind::Integer(number)) => format!("PayloadVersion is {number}"),
            Some(other) => format!("PayloadVersion is a {}", other.name()),
            None => "PayloadVersion is missing".to_owned(),
        };
        let fix = "write <integer>1</integer>";
        let message = format!("{version}; expected the integer 1");
        findings.add(codes::PAYLOAD_VERSION, payload.place_of("PayloadVersion"), message, fix);
    }
}

/// What a later profile is compared by: "the system updates payloads with the same PayloadIdentifier and PayloadUUID in the
/// old and new profiles" (`CommonPayloadKeys`), of a profile with the same identifier.
pub(super) fn known_by(top: &Dictionary<'_>, mail: &Dictionary<'_>, findings: &mut Findings) -> Vec<Identifier> {
    let (identifier_key, uuid_key) = match mail.string("PayloadType", findings) {
        Some(MAIL) | None => ("mail PayloadIdentifier", "mail PayloadUUID"),
        Some(_) => ("exchange PayloadIdentifier", "exchange PayloadUUID"),
    };
    let mut identifier = |key, dictionary: &Dictionary<'_>, name: &str| {
        dictionary.string(name, findings).map(|value| Identifier { key, value: value.to_owned() })
    };
    [
        identifier("profile PayloadIdentifier", top, "PayloadIdentifier"),
        identifier(identifier_key, mail, "PayloadIdentifier"),
        identifier(uuid_key, mail, "PayloadUUID"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
