//! Apple's configuration profile, as the documentation of iOS, macOS and visionOS describes it. No device was tried:
//! where the documentation is silent, the assumption is reported. A signature is removed, and verified by the key in the file.

mod certificates;
mod device;
mod directory;
pub(super) mod exchange;
mod groupware;
mod identity;
mod keys;
mod mail;
mod said;
mod smime;
mod terms;
mod variables;

use provost_account::{Account, Apple, Certificate, DisplayName, EmailAddress, Findings, codes::profile as codes};

use crate::apple_container;
use crate::apple_container::dictionary::{self, Dictionary};
use crate::apple_container::plist::{self, Kind};
use crate::person::{Person, nobodys_address};
use crate::reading::{Reading, Verdict};
use crate::source_file::SourceFile;
use crate::understood::{Assumption, Ignored, Provider, Understood};
use certificates::{CERTIFICATES, certificate};
use device::Device;
use groupware::Found as Groupware;
use identity::{identities, known_by};
use mail::MailPayload;

pub(super) use crate::apple_container::recognize;
pub(super) use mail::MAIL;

/// Reads a profile, and the one of the device's own channel that belongs to it on a Shared iPad: its users' channels take
/// no certificates ("sharedipad: userchannel: false" in Apple's schema of `com.apple.security.root`).
pub(super) fn read_parts(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let kinds = [MAIL, device::EAS, device::EWS];
    let of_a_user = |file: &SourceFile<'_>| kinds.iter().any(|kind| apple_container::mentions(file.bytes, kind));
    let at = files.iter().position(of_a_user).unwrap_or(0);
    let mut reading = read(files.get(at).expect("a file to read").bytes, person);
    // A profile that a declaration leads to lies beside that.
    let is_declaration = |file: &SourceFile<'_>| file.bytes.trim_ascii_start().starts_with(b"{");
    for (_, file) in files.iter().enumerate().filter(|(other, file)| *other != at && !is_declaration(file)) {
        let (trust, findings) = of_the_device(file.bytes);
        if findings.has_error() {
            reading.verdict = Verdict::Refused;
        }
        reading.findings.extend(findings.finish());
        for profile in &mut reading.profiles {
            let value = format!("{} by {}", trust.len(), file.path);
            profile.assumed.push(Assumption::of("certificates", value, SHARED_IPAD));
            profile.account.trust.extend(trust.iter().cloned());
            // Each of the two profiles is taken over, or is not, by itself.
            profile.payloads.clear();
        }
    }
    reading
}

/// The certificates of a device's own profile.
fn of_the_device(bytes: &[u8]) -> (Vec<Certificate>, Findings) {
    let mut findings = Findings::default();
    let mut trust = Vec::new();
    if let Some(content) = apple_container::content(bytes, &mut findings) {
        let top = Dictionary { entries: &content.entries, place: content.place, is_checked: true };
        let device = Device::of(&top, &mut findings);
        keys::check(&top, "", device, &mut findings);
        if let Some(mut payloads) = payloads(&top, &mut findings) {
            for payload in &mut payloads {
                let kind = payload.string("PayloadType", &mut findings).unwrap_or("");
                payload.is_checked = keys::check(payload, kind, device, &mut findings).is_some();
            }
            identities(&top, &payloads, &mut findings);
            trust.extend(payloads.iter().filter_map(|payload| certificate(payload, &mut findings)));
        }
    }
    (trust, findings)
}

/// Reads a profile.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let profiles = profile(bytes, person, &mut findings);
    Reading::of(profiles.into_iter().flatten(), findings)
}

fn profile(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Vec<Understood>> {
    let content = apple_container::content(bytes, findings)?;
    let top = Dictionary { entries: &content.entries, place: content.place, is_checked: true };
    let device = Device::of(&top, findings);
    let mut ignored: Vec<Ignored> = keys::check(&top, "", device, findings).into_iter().flatten().collect();
    check_type(&top, findings);
    let mut payloads = payloads(&top, findings)?;
    let mut accounts = Vec::new();
    for payload in &mut payloads {
        let Some(kind) = payload.string("PayloadType", findings) else { continue };
        let of_payload = keys::check(payload, kind, device, findings);
        payload.is_checked = of_payload.is_some();
        match kind {
            _ if !device::has(device, kind) => {
                let reason = format!("{} does not have it", device.name());
                ignored.push(Ignored::of(kind, payload.place, reason));
                ignored.extend(of_payload.into_iter().flatten());
            }
            MAIL | device::EAS | device::EWS => {
                accounts.push((*payload, of_payload.into_iter().flatten().collect::<Vec<_>>()))
            }
            _ => ignored.extend(of_payload.into_iter().flatten()),
        }
    }
    identities(&top, &payloads, findings);
    variables::check(&top, &payloads, findings);
    device::check(&top, &payloads, device, findings);
    ignored.extend(other_payloads(&payloads));
    let trust: Vec<Certificate> = payloads.iter().filter_map(|payload| certificate(payload, findings)).collect();
    if payloads.is_empty() {
        let fix = format!("add a payload of the type {MAIL}");
        findings.add(codes::NOTHING_TO_SET_UP, top.place, "the profile has no payload", fix);
    }
    descriptions(&accounts, findings);
    let identities = smime::identities(&payloads, findings);
    let mut groupware = Groupware::of(&payloads, device, findings);
    let mut understood = Vec::new();
    for (mail, of_mail) in accounts {
        let ignored = ignored.iter().cloned().chain(of_mail).collect();
        let assumed = content.signatures.clone();
        let kind = mail.string("PayloadType", findings).unwrap_or(MAIL);
        let read = match kind {
            MAIL => MailPayload { mail: &mail, device, findings, assumed, ignored }.read(person),
            _ => exchange::read(&mail, kind, device, person, ignored, findings)
                .map(|read| Understood { assumed: [assumed, read.assumed].concat(), ..read }),
        };
        let Some(mut read) = read else { continue };
        read.account.trust.clone_from(&trust);
        let login = read.account.login().cloned();
        let is_first = understood.is_empty();
        read.account.groupware = groupware.take(login.as_ref(), is_first, &mut read.assumed, &mut read.ignored);
        read.account.smime = smime::smime(&mail, &payloads, &identities, device, findings);
        read.account.apple = terms::apple(&top, &mail, device, &mut read.assumed, findings);
        read.said = said::said(&top, &mail, &payloads, read.account.smime.is_some(), &read.ignored);
        understood.push(Understood {
            payloads: said::payloads(&top, &payloads),
            identifiers: known_by(&top, &mail, findings),
            provider: Provider {
                name: top.string("PayloadOrganization", findings).and_then(|name| DisplayName::try_from(name).ok()),
                domains: Vec::new(),
            },
            ..read
        });
    }
    if understood.is_empty() {
        let terms = terms::apple(&top, &top, device, &mut Vec::new(), findings);
        understood = without_mail(groupware, &terms, &trust, device, person, ignored);
    }
    Some(understood)
}

fn check_type(top: &Dictionary<'_>, findings: &mut Findings) {
    match top.string("PayloadType", findings) {
        Some("Configuration") => {}
        Some(other) => {
            let message = format!("PayloadType is {other:?}; a profile has \"Configuration\"");
            findings.add(codes::WRONG_VALUE, top.place_of("PayloadType"), message, "write Configuration");
        }
        None => top.missing("PayloadType", findings),
    }
}

/// What a profile without a mail account sets up: calendars and the like, an account for each login name; or nothing that
/// is read here. Devices accept such profiles.
fn without_mail(
    mut groupware: Groupware,
    terms: &Apple,
    trust: &[Certificate],
    device: Device,
    person: &Person,
    ignored: Vec<Ignored>,
) -> Vec<Understood> {
    let mut understood = Vec::new();
    let (mut assumed, mut passed_over) = (Vec::new(), ignored);
    while let Some((login, collections)) = groupware.alone(&mut assumed, &mut passed_over) {
        let own = login.and_then(|login| EmailAddress::try_from(login.as_str()).ok());
        let address = own.or(person.address.clone()).unwrap_or_else(nobodys_address);
        let account =
            Account { groupware: collections, apple: terms.clone(), trust: trust.to_vec(), ..Account::of(address) };
        let (assumed, ignored) = (std::mem::take(&mut assumed), std::mem::take(&mut passed_over));
        understood.push(Understood { assumed, ignored, ..Understood::of(device.name(), account) });
    }
    if understood.is_empty() {
        let account = Account { apple: terms.clone(), trust: trust.to_vec(), ..Account::of(nobodys_address()) };
        understood.push(Understood { ignored: passed_over, ..Understood::of(device.name(), account) });
    }
    understood
}

/// "In iOS and iPadOS, if payloads have the same account description (or display name), they're treated as exclusive
/// payloads" (Apple Platform Deployment).
fn descriptions(mails: &[(Dictionary<'_>, Vec<Ignored>)], findings: &mut Findings) {
    let mut descriptions: Vec<&str> = Vec::new();
    for (mail, _) in mails {
        let Some(description) = mail.string("EmailAccountDescription", findings) else { continue };
        if descriptions.contains(&description) {
            let message = format!("two accounts have the description {description:?}");
            let fix = "put the address into each description";
            findings.add(codes::DESCRIPTION_NOT_UNIQUE, mail.place_of("EmailAccountDescription"), message, fix);
        }
        descriptions.push(description);
    }
}

/// The payloads that are dictionaries.
fn payloads<'a>(top: &Dictionary<'a>, findings: &mut Findings) -> Option<Vec<Dictionary<'a>>> {
    let payloads = match top.kind("PayloadContent") {
        Some(Kind::Array(payloads)) => payloads.as_slice(),
        Some(other) => {
            let message = format!("PayloadContent is a {}; a profile has an array", other.name());
            let fix = "put the payloads in an array";
            return findings.refuse(codes::WRONG_TYPE, top.place_of("PayloadContent"), message, fix);
        }
        None if top.get("EncryptedPayloadContent").is_some() => {
            let message = "the payloads are encrypted for one device; only that device can read them";
            let fix = "look at the file before encryption";
            return findings.refuse(codes::ENCRYPTED, top.place_of("EncryptedPayloadContent"), message, fix);
        }
        None => {
            top.missing("PayloadContent", findings);
            return None;
        }
    };
    let payloads = payloads.iter().filter_map(|payload| {
        let message = format!("a payload must be a dict; this is a {}", payload.kind.name());
        Dictionary::of(payload).or_else(|| findings.refuse(codes::WRONG_TYPE, payload.place, message, "remove it"))
    });
    Some(payloads.collect())
}

fn other_payloads(payloads: &[Dictionary<'_>]) -> Vec<Ignored> {
    let reason = "it is not about an IMAP, POP3 or SMTP account";
    let is_read = |kind: &&str| READ.contains(kind) || CERTIFICATES.contains(kind);
    let others = payloads
        .iter()
        .filter(|payload| matches!(payload.kind("PayloadType"), Some(Kind::String(kind)) if !is_read(&kind.as_str())));
    others.map(|payload| Ignored::of(payload.text("PayloadType"), payload.place, reason)).collect()
}

/// The payloads that become part of an account, apart from certificates.
const READ: &[&str] =
    &[MAIL, directory::LDAP, device::EAS, device::EWS, groupware::CALDAV, groupware::CARDDAV, smime::PKCS12];
const SHARED_IPAD: &str = "https://github.com/apple/device-management, mdm/profiles: supportedOS.iOS.sharedipad";
