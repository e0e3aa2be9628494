//! Apple's configuration profile, as iOS, macOS and visionOS document that they read it. No device was tried: where the
//! documentation is silent, what was assumed is said. A signature is taken off and not verified.

mod binary;
mod certificates;
mod container;
mod device;
mod dictionary;
mod identity;
mod mail;
mod plist;
mod signature;

use provost_account::{Certificate, DisplayName, Finding};

use crate::findings::Findings;
use crate::{Ignored, Person, Provider, Reading, Understood};
use certificates::{CERTIFICATES, certificate};
use device::Device;
use dictionary::Dictionary;
use identity::{identities, known_by};
use mail::{MAIL, MailPayload};
use plist::Kind;

pub(super) use container::recognize;

/// Reads a profile.
pub(super) fn read(bytes: &[u8], person: &Person) -> Result<Reading, Vec<Finding>> {
    let mut findings = Findings::default();
    let read = profile(bytes, person, &mut findings);
    match (read, findings.has_error()) {
        (Some(profiles), false) => Ok(Reading { profiles, findings: findings.finish() }),
        (_, _) => Err(findings.finish()),
    }
}

fn profile(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Vec<Understood>> {
    let content = container::content(bytes, findings)?;
    let top = Dictionary { entries: &content.entries, place: content.place };
    match top.string("PayloadType", findings) {
        Some("Configuration") => {}
        Some(other) => {
            let message = format!("PayloadType is {other:?}, of a profile it is \"Configuration\"");
            findings.add("wrong-value", top.place_of("PayloadType"), message, "write Configuration");
        }
        None => top.missing("PayloadType", findings),
    }
    let payloads = payloads(&top, findings)?;
    identities(&top, &payloads, findings);
    let device = Device::of(&top, findings);
    let trust: Vec<Certificate> = payloads.iter().filter_map(|payload| certificate(payload, findings)).collect();
    let mails = payloads.iter().filter(|payload| payload.string("PayloadType", findings) == Some(MAIL));
    let mails: Vec<Dictionary<'_>> = mails.copied().collect();
    if mails.is_empty() {
        let fix = format!("add a payload of the type {MAIL}");
        findings.add("nothing-to-set-up", top.place, "the profile has no mail account", fix);
    }
    let mut descriptions: Vec<&str> = Vec::new();
    let mut understood = Vec::new();
    for mail in &mails {
        if let Some(description) = mail.string("EmailAccountDescription", findings) {
            if descriptions.contains(&description) {
                let message = format!("two accounts are described as {description:?}");
                let fix = "put the address into each description";
                findings.add("description-not-unique", mail.place_of("EmailAccountDescription"), message, fix);
            }
            descriptions.push(description);
        }
        let ignored = other_payloads(&payloads);
        let read =
            MailPayload { mail, device, findings, assumed: content.signature.iter().cloned().collect(), ignored }
                .read(person, &trust);
        understood.extend(read.map(|read| Understood {
            identifiers: known_by(&top, mail, findings),
            provider: Provider {
                name: top.string("PayloadOrganization", findings).and_then(|name| DisplayName::try_from(name).ok()),
                domains: Vec::new(),
            },
            ..read
        }));
    }
    Some(understood)
}

/// The payloads that are dictionaries.
fn payloads<'a>(top: &Dictionary<'a>, findings: &mut Findings) -> Option<Vec<Dictionary<'a>>> {
    let payloads = match top.get("PayloadContent").map(|value| &value.kind) {
        Some(Kind::Array(payloads)) => payloads.as_slice(),
        Some(other) => {
            let message = format!("PayloadContent is a {}, of a profile it is an array", other.name());
            findings.add("wrong-type", top.place_of("PayloadContent"), message, "put the payloads into an array");
            return None;
        }
        None if top.get("EncryptedPayloadContent").is_some() => {
            let message = "the payloads are encrypted for one device, which alone can read them";
            findings.add("encrypted", top.place_of("EncryptedPayloadContent"), message, "look at the file before that");
            return None;
        }
        None => {
            top.missing("PayloadContent", findings);
            return None;
        }
    };
    let payloads = payloads.iter().filter_map(|payload| match &payload.kind {
        Kind::Dictionary(entries) => Some(Dictionary { entries, place: payload.place }),
        other => {
            let message = format!("a payload is a dict, this is a {}", other.name());
            findings.add("wrong-type", payload.place, message, "remove it");
            None
        }
    });
    Some(payloads.collect())
}

fn other_payloads(payloads: &[Dictionary<'_>]) -> Vec<Ignored> {
    let kind = |payload: &Dictionary<'_>| match payload.get("PayloadType").map(|value| &value.kind) {
        Some(Kind::String(kind)) if kind != MAIL && !CERTIFICATES.contains(&kind.as_str()) => Some(kind.clone()),
        _ => None,
    };
    let reason = "it concerns no mail account over IMAP, POP3 and SMTP".to_owned();
    payloads
        .iter()
        .filter_map(|payload| Some(Ignored { key: kind(payload)?, place: payload.place, reason: reason.clone() }))
        .collect()
}
