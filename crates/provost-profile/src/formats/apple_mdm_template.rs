//! One Apple profile for everyone, with the variables of a device management system (MDM) for a person's address, login
//! name and name. Unsigned, because a system cannot fill in a signed file. No password; nothing of the key `apple`.
//!
//! The profile's identifiers are the same for everyone, so that a system finds its own profile again. The mail
//! payload's identifier ends in the address variable: when a device goes to another person, the account is created
//! anew, not renamed ("the system updates payloads with the same `PayloadIdentifier` and `PayloadUUID`",
//! `CommonPayloadKeys`).

mod groupware;

use crate::apple_profile::{
    MAIL, account_type, authentication, certificate, dictionary, starttls, upper, use_ssl, xml,
};
use crate::identifiers;
use crate::losses::{further_servers, window};
use crate::mdm::{SYSTEMS, Spellings, anybody};
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::writer::{OrganizationRequest, Variant, Write};
use plist::{Dictionary, Value};
use provost_account::{Endpoint, Mdm, Security, Service};

/// One per known system, and one for those that only the settings know.
pub(super) const VARIANTS: &[Variant] = &variants();

const fn variants() -> [Variant; SYSTEMS.len() + 1] {
    let devices = "iPhone, iPad, Apple Vision Pro and Mac under the systems that the settings name";
    let mut variants =
        [Variant { name: OF_SETTINGS, devices, write: Write::Organization(of_settings) }; SYSTEMS.len() + 1];
    let mut at = 0;
    while at < SYSTEMS.len() {
        variants[at] =
            Variant { name: SYSTEMS[at].name, devices: SYSTEMS[at].devices, write: Write::Organization(known) };
        at += 1;
    }
    variants
}

/// Writes the files of a known system: with the settings' spellings, if they have some for it.
fn known(request: &OrganizationRequest<'_>) -> Result<Profile, Refusal> {
    let spellings = Spellings::of(request.service, request.variant.name)?;
    let mut losses = losses(request.service);
    losses.extend(spellings.losses());
    losses.extend(groupware::losses(request.service, &spellings));
    Ok(Profile { files: files(request.service, &spellings, "")?, losses })
}

/// Writes the files of all the systems that only the settings know; none if there are none.
fn of_settings(request: &OrganizationRequest<'_>) -> Result<Profile, Refusal> {
    let others = |mdm: &&Mdm| SYSTEMS.iter().all(|system| system.name != mdm.name.as_str());
    let mut profile = Profile { files: Vec::new(), losses: Vec::new() };
    for mdm in request.service.mdm.iter().filter(others) {
        let spellings = Spellings::of_settings(mdm);
        profile.files.extend(files(request.service, &spellings, &format!("{}.", mdm.name.as_str()))?);
        profile.losses.extend(spellings.losses());
        profile.losses.extend(groupware::losses(request.service, &spellings));
    }
    if !profile.files.is_empty() {
        profile.losses.extend(losses(request.service));
    }
    Ok(profile)
}

/// A file for each kind of device: a Mac takes mail in the user's scope only, which iOS over MDM does not have (reported
/// for Fleet, issue 34960).
fn files(service: &Service, spellings: &Spellings<'_>, part: &str) -> Result<Vec<File>, Refusal> {
    let mail = mail(service, spellings)?;
    let file = |(platform, devices, target): (&str, &str, u64)| {
        let mut payloads = vec![Value::Dictionary(mail.clone())];
        payloads.extend(groupware::payloads(service, spellings, platform).into_iter().map(Value::Dictionary));
        payloads.extend(service.trust.iter().map(|it| certificate(&service.organization, it)));
        let mut profile = dictionary([
            ("PayloadType", "Configuration".into()),
            ("PayloadVersion", 1.into()),
            // A system may hold both files, and tells them apart by these.
            ("PayloadIdentifier", format!("{}.template.{platform}", service.organization.id).into()),
            ("PayloadUUID", upper(uuid(service, platform)).into()),
            ("PayloadDisplayName", format!("{} mail for {devices}", service.organization.name).into()),
            ("PayloadOrganization", service.organization.name.as_str().into()),
            ("TargetDeviceType", target.into()),
            ("PayloadContent", Value::Array(payloads)),
        ]);
        if platform == "macos" {
            profile.insert("PayloadScope".to_owned(), "User".into());
        }
        let name = FileName::Own { part: Some(format!("{part}{platform}")), extension: "mobileconfig" };
        File { name, install: None, bytes: as_the_system_reads_it(xml(profile), spellings) }
    };
    Ok([("ios", "iPhone and iPad", 1), ("macos", "Mac", 5), ("visionos", "Apple Vision Pro", 6)].map(file).into())
}

/// Takes back the escapes inside variables: a system looks for its own spelling in the text of the file. They hold no
/// character that XML would not take as it is, so this concerns quotation marks.
fn as_the_system_reads_it(bytes: Vec<u8>, spellings: &Spellings<'_>) -> Vec<u8> {
    let mut text = String::from_utf8(bytes).expect("a plist in XML is UTF-8");
    let optional = [spellings.local_part, spellings.domain, spellings.full_name].into_iter().flatten();
    for variable in std::iter::once(spellings.address).chain(optional) {
        text = text.replace(&*quick_xml::escape::escape(variable), variable);
    }
    text.into_bytes()
}

fn mail(service: &Service, spellings: &Spellings<'_>) -> Result<Dictionary, Refusal> {
    let (Some((protocol, incoming)), Some(outgoing)) = (service.incoming.first(), service.outgoing.first()) else {
        let reason = "a mail payload needs both an incoming and an outgoing server";
        return Err(Refusal::of("incoming, outgoing", "no server", reason, MAIL));
    };
    spellings.check("organization.name", service.organization.name.as_str())?;
    let address = spellings.address;
    let identifier = format!("{}.template.mail.{address}", service.organization.id);
    let mut mail = dictionary([
        ("PayloadType", "com.apple.mail.managed".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadUUID", upper(uuid(service, "mail")).into()),
        ("PayloadDisplayName", "Mail account".into()),
        // Accounts of the same description exclude each other on iOS, so the address is in it.
        ("EmailAccountDescription", format!("{} ({address})", service.organization.name).into()),
        ("EmailAddress", address.into()),
        ("EmailAccountType", account_type(*protocol).into()),
    ]);
    if let Some(name) = spellings.full_name {
        mail.insert("EmailAccountName".to_owned(), name.into());
    }
    let login = spellings.expand(service, "username", &service.login)?;
    for (side, endpoint, setting) in
        [("Incoming", incoming, "incoming.authentication"), ("Outgoing", outgoing, "outgoing.authentication")]
    {
        let mut insert = |key: &str, value: Value| mail.insert(format!("{side}{key}"), value);
        insert("MailServerAuthentication", authentication(endpoint.authentication, setting)?.into());
        insert("MailServerHostName", endpoint.host.to_string().into());
        insert("MailServerPortNumber", u64::from(endpoint.port.get()).into());
        insert("MailServerUseSSL", use_ssl(endpoint.security).into());
        if endpoint.authentication != provost_account::Authentication::None {
            insert("MailServerUsername", login.as_str().into());
        }
    }
    Ok(mail)
}

/// What no system's file can say.
fn losses(service: &Service) -> Vec<Loss> {
    let mut losses = further_servers(&anybody(service), "the mail payload has one server of each kind", MAIL);
    losses.extend(window(service.sync, "the mail payload has no key for it; the person sets it on the device", MAIL));
    let first = |endpoint: &Endpoint| endpoint.security == Security::StartTls;
    let incoming = service.incoming.first().filter(|(_, endpoint)| first(endpoint)).map(|_| "incoming.socket_type");
    let outgoing = service.outgoing.first().filter(|endpoint| first(endpoint)).map(|_| "outgoing.socket_type");
    losses.extend(incoming.into_iter().chain(outgoing).map(starttls));
    losses
}

fn uuid(service: &Service, kind: &str) -> uuid::Uuid {
    identifiers::of_organization(&service.organization.id, &format!("apple-mdm-template {kind}"))
}

const OF_SETTINGS: &str = "of-settings";
