//! Apple's configuration profile: a payload each for mail, calendar, address book, directory, and for each certificate
//! authority. Unsigned, so that it can be read and compared; without passwords unless asked. If the service has an
//! Exchange server, the same profile also exists with an Exchange account instead of the mail payload.
//!
//! No file gets `SMIMEEnabled` (ignored since iOS 10), `SMIMEEnablePerMessageSwitch` (deprecated) or
//! `OutgoingPasswordSameAsIncomingPassword` (interactive installation only).

mod exchange;
mod groupware;
mod smime;
mod terms;

use crate::apple_profile::{
    MAIL, account_type, authentication, certificate, dictionary, starttls, upper, use_ssl, xml,
};
use crate::identifiers::{self, Kind};
use crate::losses::{aliases, further_servers, window};
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::servers;
use crate::writer::{Request, Variant, Write};
use plist::{Dictionary, Value};
use provost_account::{Account, Incoming, Security, Server};

/// One file per platform: `TargetDeviceType` names one kind of device and spares iOS 12.2 and later the question which
/// device is meant; a Mac takes mail in the user's scope only, which iOS over MDM does not have.
pub(super) const VARIANTS: &[Variant] =
    &[IOS, EXCHANGE_IOS, MACOS, EXCHANGE_MACOS, SHARED_IPAD, VISIONOS, EXCHANGE_VISIONOS];

const IOS: Variant = Variant { name: "ios", devices: "iPhone and iPad", write: Write::User(write) };
const MACOS: Variant = Variant { name: "macos", devices: "Mac", write: Write::User(write) };
/// Managed, with a channel for the device and one for each of its users.
const SHARED_IPAD: Variant =
    Variant { name: "shared-ipad", devices: "Shared iPad under management", write: Write::User(write) };
const VISIONOS: Variant = Variant { name: "visionos", devices: "Apple Vision Pro", write: Write::User(write) };

const EXCHANGE_IOS: Variant =
    Variant { name: "ios-exchange", devices: "iPhone and iPad, for Exchange", write: Write::User(write_exchange) };
const EXCHANGE_MACOS: Variant =
    Variant { name: "macos-exchange", devices: "Mac, for Exchange", write: Write::User(write_exchange) };
const EXCHANGE_VISIONOS: Variant = Variant {
    name: "visionos-exchange",
    devices: "Apple Vision Pro, for Exchange",
    write: Write::User(write_exchange),
};

/// Writes the profile of one account for one platform.
pub(super) fn write(request: &Request<'_>) -> Result<Profile, Refusal> {
    let account = request.account;
    let reason = "a mail payload needs both an incoming and an outgoing server";
    let (incoming, outgoing) = servers::one_of_each(account, reason, MAIL)?;
    let mut losses = losses(account, incoming, outgoing);
    losses.extend(terms::losses(&account.apple, request.variant));
    let mail = mail(request, incoming, outgoing)?;
    Ok(profile(request, mail, losses))
}

/// Writes the same with an Exchange account; nothing where the service has no Exchange server. It has the identifier of
/// the other one, and takes its place on a device.
fn write_exchange(request: &Request<'_>) -> Result<Profile, Refusal> {
    let Some(exchange) = &request.service.exchange else {
        return Ok(Profile { files: Vec::new(), losses: Vec::new() });
    };
    let mut losses = Vec::new();
    let account = exchange::exchange(request, exchange, &mut losses);
    losses.extend(terms::losses(&request.account.apple, request.variant));
    Ok(profile(request, account, losses))
}

/// The profile with an account and all that belongs to it.
fn profile(request: &Request<'_>, first: Dictionary, mut losses: Vec<Loss>) -> Profile {
    let account = request.account;
    let mut payloads = vec![Value::Dictionary(first)];
    payloads.extend(groupware::payloads(request, &mut losses).into_iter().map(Value::Dictionary));
    payloads.extend(smime::identity(request, &mut losses).map(Value::Dictionary));
    let is_shared = Platform::of(request.variant) == Platform::SharedIpad;
    if !is_shared {
        payloads.extend(certificates(request));
    }
    let mut profile = dictionary([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.profile", identifier(request)).into()),
        ("PayloadUUID", upper(uuid(request, Kind::APPLE_PROFILE)).into()),
        ("PayloadDisplayName", format!("{} mail for {}", request.service.organization.name, account.address).into()),
        ("PayloadOrganization", request.service.organization.name.as_str().into()),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    terms::terms(&mut profile, &account.apple, request.variant);
    let first = File::own("mobileconfig", xml(with_target(profile, request.variant)));
    let files = match is_shared {
        false => vec![first],
        true => {
            let first = File { install: Some("management server, user channel".to_owned()), ..first };
            std::iter::once(first).chain(device_channel(request)).collect()
        }
    };
    Profile { files, losses }
}

fn certificates(request: &Request<'_>) -> impl Iterator<Item = Value> {
    request.account.trust.iter().map(|it| certificate(&request.service.organization, it))
}

/// The profile of a Shared iPad itself: its users' channels take no certificates ("sharedipad: userchannel: false"), so
/// these are in a profile of their own, the same for everybody.
fn device_channel(request: &Request<'_>) -> Option<File> {
    let certificates: Vec<Value> = certificates(request).collect();
    if certificates.is_empty() {
        return None;
    }
    let organization = &request.service.organization;
    let profile = dictionary([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.shared-ipad.certificates", organization.id).into()),
        ("PayloadUUID", upper(identifiers::of_organization(&organization.id, "apple-mobileconfig shared-ipad")).into()),
        ("PayloadDisplayName", format!("{} certificate authorities", organization.name).into()),
        ("PayloadOrganization", organization.name.as_str().into()),
        ("PayloadContent", Value::Array(certificates)),
    ]);
    // Its name comes after that of the user channel's, which the reader is to open first.
    let name = FileName::Own { part: Some("system".to_owned()), extension: "mobileconfig" };
    let install = Some("management server, device channel".to_owned());
    Some(File { name, install, bytes: xml(with_target(profile, request.variant)) })
}

/// The `TargetDeviceType` numbers and the scope are those of Apple's `TopLevel` schema.
fn with_target(mut profile: Dictionary, variant: &Variant) -> Dictionary {
    let target = match Platform::of(variant) {
        Platform::Ios | Platform::SharedIpad => 1,
        Platform::MacOs => 5,
        Platform::VisionOs => 6,
    };
    profile.insert("TargetDeviceType".to_owned(), target.into());
    if target == 5 {
        profile.insert("PayloadScope".to_owned(), "User".into());
    }
    profile
}

/// The system that a variant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Ios,
    MacOs,
    SharedIpad,
    VisionOs,
}

impl Platform {
    pub(super) fn of(variant: &Variant) -> Self {
        match variant.name {
            "macos" | "macos-exchange" => Self::MacOs,
            "shared-ipad" => Self::SharedIpad,
            "visionos" | "visionos-exchange" => Self::VisionOs,
            _ => Self::Ios,
        }
    }
}

/// The keys of the mail payload.
pub(super) fn mail(request: &Request<'_>, incoming: &Incoming, outgoing: &Server) -> Result<Dictionary, Refusal> {
    let (organization, account) = (&request.service.organization.name, request.account);
    let mut mail =
        payload(request, "com.apple.mail.managed", Kind::APPLE_MAIL, &format!("Mail account {}", account.address));
    mail.extend([
        // "In iOS and iPadOS, if payloads have the same account description (or display name), they're treated as
        // exclusive payloads" (Apple Platform Deployment): so the address is in it.
        ("EmailAccountDescription".to_owned(), format!("{organization} ({})", account.address).into()),
        ("EmailAddress".to_owned(), account.address.as_str().into()),
        ("EmailAccountType".to_owned(), account_type(incoming.protocol).into()),
    ]);
    if let Some(name) = &account.full_name {
        mail.insert("EmailAccountName".to_owned(), name.as_str().into());
    }
    for (side, server, setting) in
        [("Incoming", &incoming.server, "incoming.authentication"), ("Outgoing", outgoing, "outgoing.authentication")]
    {
        let mut insert = |key: &str, value: Value| mail.insert(format!("{side}{key}"), value);
        insert("MailServerAuthentication", authentication(server.endpoint.authentication, setting)?.into());
        insert("MailServerHostName", server.endpoint.host.to_string().into());
        insert("MailServerPortNumber", u64::from(server.endpoint.port.get()).into());
        insert("MailServerUseSSL", use_ssl(server.endpoint.security).into());
        if let Some(login) = &server.login {
            insert("MailServerUsername", login.as_str().into());
        }
        if let Some(password) = request.passwords.carried(server) {
            insert("Password", password.expose().into());
        }
    }
    smime::keys(&mut mail, request);
    terms::switches(&mut mail, &account.apple, request.variant);
    Ok(mail)
}

fn losses(account: &Account, incoming: &Incoming, outgoing: &Server) -> Vec<Loss> {
    let mut losses = further_servers(account, "the mail payload has one server of each kind", MAIL);
    losses.extend(window(account.sync, "the mail payload has no key for it; the person sets it on the device", MAIL));
    for (setting, server) in [("incoming.socket_type", &incoming.server), ("outgoing.socket_type", outgoing)] {
        if server.endpoint.security == Security::StartTls {
            losses.push(starttls(setting));
        }
    }
    losses.extend(aliases(account, "the mail payload has one address", MAIL));
    losses
}

/// What every payload of an account has. Its `kind` is in the identifier and in the UUID.
fn payload(request: &Request<'_>, payload_type: &str, kind: Kind, name: &str) -> Dictionary {
    dictionary([
        ("PayloadType", payload_type.into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.{}", identifier(request), kind.part).into()),
        ("PayloadUUID", upper(uuid(request, kind)).into()),
        ("PayloadDisplayName", name.into()),
    ])
}

/// What the device calls an account: another name for each, since equal ones exclude each other (see `mail`).
fn described(request: &Request<'_>, what: &str) -> String {
    format!("{} {what} ({})", request.service.organization.name, request.account.address)
}

/// The identifiers of one account start alike and differ from every other account's.
fn identifier(request: &Request<'_>) -> String {
    format!("{}.{}", request.service.organization.id, uuid(request, Kind::APPLE_ACCOUNT))
}

fn uuid(request: &Request<'_>, kind: Kind) -> uuid::Uuid {
    identifiers::of_account(&request.service.organization.id, &request.account.address, kind)
}
