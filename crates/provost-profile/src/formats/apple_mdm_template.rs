//! One Apple profile for everybody, with the variables of a device management system (MDM) where a person's address,
//! login name and name belong. Unsigned: a system cannot fill in a signed file. No password; nothing of
//! the key `apple`.
//!
//! The profile's identifiers are the same for everybody, so that a system finds its own profile again. That of the mail
//! payload ends in the address's variable: when a device goes to another person, the account is made anew and not
//! renamed ("the system updates payloads with the same `PayloadIdentifier` and `PayloadUUID`", `CommonPayloadKeys`).

mod groupware;

use plist::{Dictionary, Value};
use provost_account::{
    Account, EmailAddress, Endpoint, IncomingProtocol, LoginPart, LoginTemplate, Mdm, Security, Server, Service,
};

use super::apple_mobileconfig::{authentication, dictionary, upper, use_ssl};
use super::{File, FileName, Loss, OrganizationRequest, Profile, Refusal, Variant, Write};
use crate::identifiers;
use crate::losses::{further_servers, window};
use crate::mdm::{SYSTEMS, Spelling, System};

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

/// How a system spells what a file needs.
pub(super) struct Spellings<'a> {
    system: &'a str,
    address: &'a str,
    local_part: Option<&'a str>,
    domain: Option<&'a str>,
    full_name: Option<&'a str>,
    /// Why the file may not work, with what that is known from.
    doubts: Vec<(&'static str, &'static str)>,
}

impl<'a> Spellings<'a> {
    /// Of a known system: those of the settings, if they have some for it.
    pub(super) fn of(service: &'a Service, name: &str) -> Result<Self, Refusal> {
        let system = SYSTEMS.iter().find(|system| system.name == name).expect("a system of the table");
        match service.mdm.iter().find(|mdm| mdm.name.as_str() == name) {
            Some(mdm) => Ok(Self::of_settings(mdm)),
            None => Self::known(system),
        }
    }

    fn known(system: &'a System) -> Result<Self, Refusal> {
        let Some(address) = system.address else {
            return Err(Refusal {
                setting: "mdm",
                found: system.name.to_owned(),
                reason: "no variable is known that holds the person's address; write its spelling into the settings",
                known_from: system.source,
            });
        };
        let unconfirmed = match system.spelling {
            Spelling::Found => None,
            Spelling::Unconfirmed => Some("the spelling of its variables is unconfirmed; try one device first"),
        };
        Ok(Self {
            system: system.name,
            address,
            local_part: system.local_part,
            domain: system.domain,
            full_name: system.full_name,
            doubts: unconfirmed.into_iter().chain(system.caveat).map(|doubt| (doubt, system.source)).collect(),
        })
    }

    fn of_settings(mdm: &'a Mdm) -> Self {
        let doubt = "the spelling of its variables is the settings' own, and unproven";
        Self {
            system: mdm.name.as_str(),
            address: mdm.address.as_str(),
            local_part: mdm.local_part.as_ref().map(|variable| variable.as_str()),
            domain: mdm.domain.as_ref().map(|variable| variable.as_str()),
            full_name: mdm.full_name.as_ref().map(|variable| variable.as_str()),
            doubts: vec![(doubt, "the settings")],
        }
    }

    /// A text for everybody, with variables where the template has placeholders.
    pub(super) fn expand(
        &self,
        service: &Service,
        setting: &'static str,
        template: &LoginTemplate,
    ) -> Result<String, Refusal> {
        self.expand_parts(service, setting, template.as_str(), template.parts())
    }

    /// The same of a text in pieces; `found` is what the settings say.
    pub(super) fn expand_parts(
        &self,
        service: &Service,
        setting: &'static str,
        found: &str,
        mut parts: Vec<LoginPart<'_>>,
    ) -> Result<String, Refusal> {
        let refusal = |reason| Refusal { setting, found: found.to_owned(), reason, known_from: PAYLOADS };
        let address = [LoginPart::LocalPart, LoginPart::Text("@"), LoginPart::Domain];
        while let Some(at) = parts.windows(address.len()).position(|parts| parts == address) {
            parts.splice(at..at + address.len(), [LoginPart::Address]);
        }
        let mut expanded = String::new();
        for part in parts {
            let said = match part {
                LoginPart::Text(text) => {
                    self.check(setting, text)?;
                    Some(text)
                }
                LoginPart::Address => Some(self.address),
                LoginPart::LocalPart => self.local_part,
                LoginPart::Domain => match service.domains.as_slice() {
                    [only] => Some(only.as_str()),
                    _ => self.domain,
                },
            };
            let reason = match part {
                LoginPart::Domain => "the system has no variable for the domain, and the service has several",
                LoginPart::Text(_) | LoginPart::Address | LoginPart::LocalPart => {
                    "the system has no variable for what stands before the address's @; if its user name is that, \
                     write its spelling into the settings"
                }
            };
            expanded.push_str(said.ok_or_else(|| refusal(reason))?);
        }
        Ok(expanded)
    }

    /// Refuses a text of the settings in which the system would look for a variable.
    pub(super) fn check(&self, setting: &'static str, text: &str) -> Result<(), Refusal> {
        let mark = self.address.chars().next().expect("a variable is not empty");
        match text.contains(mark) {
            false => Ok(()),
            true => Err(Refusal {
                setting,
                found: text.to_owned(),
                reason: "the system would look for a variable in it, since its variables begin with that mark",
                known_from: PAYLOADS,
            }),
        }
    }

    fn losses(&self) -> Vec<Loss> {
        let mut losses = self.doubts();
        if self.full_name.is_none() {
            losses.push(Loss {
                setting: "name".to_owned(),
                asked: "the person's name".to_owned(),
                written: None,
                reason: "no variable of the system is known that holds it",
                source: PAYLOADS,
            });
        }
        losses
    }

    /// Why a file with these spellings may not work.
    pub(super) fn doubts(&self) -> Vec<Loss> {
        self.doubts
            .iter()
            .map(|(reason, source)| Loss {
                setting: format!("mdm.{}", self.system),
                asked: "the person's values".to_owned(),
                written: Some(self.address.to_owned()),
                reason,
                source,
            })
            .collect()
    }
}

/// A file for each kind of device: a Mac takes mail in the user's scope only, which iOS over MDM does not have (reported
/// for Fleet, issue 34960).
fn files(service: &Service, spellings: &Spellings<'_>, part: &str) -> Result<Vec<File>, Refusal> {
    let mail = mail(service, spellings)?;
    let mut certificates = Vec::new();
    certificates.extend(service.trust.iter().map(|certificate| {
        let uuid = identifiers::of_certificate(certificate);
        Value::Dictionary(dictionary([
            ("PayloadType", "com.apple.security.root".into()),
            ("PayloadVersion", 1.into()),
            ("PayloadIdentifier", format!("{}.certificate.{uuid}", service.organization.id).into()),
            ("PayloadUUID", upper(uuid).into()),
            ("PayloadDisplayName", format!("{} certificate authority", service.organization.name).into()),
            ("PayloadContent", Value::Data(certificate.der().to_vec())),
        ]))
    }));
    let file = |(platform, devices, target): (&str, &str, u64)| {
        let mut payloads = vec![Value::Dictionary(mail.clone())];
        payloads.extend(groupware::payloads(service, spellings, platform).into_iter().map(Value::Dictionary));
        payloads.extend(certificates.iter().cloned());
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
        let mut bytes = Vec::new();
        Value::Dictionary(profile).to_writer_xml(&mut bytes).expect("writing a plist to memory");
        bytes.push(b'\n');
        let name = FileName::Own { part: Some(format!("{part}{platform}")), extension: "mobileconfig" };
        File { name, install: None, bytes: as_the_system_reads_it(bytes, spellings) }
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
        return Err(Refusal {
            setting: "incoming, outgoing",
            found: "no server".to_owned(),
            reason: "a mail payload needs both an incoming and an outgoing server",
            known_from: MAIL,
        });
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
        (
            "EmailAccountType",
            match protocol {
                IncomingProtocol::Imap => "EmailTypeIMAP",
                IncomingProtocol::Pop3 => "EmailTypePOP",
            }
            .into(),
        ),
    ]);
    if let Some(name) = spellings.full_name {
        mail.insert("EmailAccountName".to_owned(), name.into());
    }
    let login = spellings.expand(service, "username", &service.login)?;
    for (side, endpoint, setting) in
        [("Incoming", incoming, "incoming.authentication"), ("Outgoing", outgoing, "outgoing.authentication")]
    {
        let server = Server { endpoint: endpoint.clone(), login: None, password: None };
        let mut insert = |key: &str, value: Value| mail.insert(format!("{side}{key}"), value);
        insert("MailServerAuthentication", authentication(&server, setting)?.into());
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
    let stand_in = format!("person@{}", service.domains.first().map_or("example.org", |domain| domain.as_str()));
    let account: Option<Account> =
        EmailAddress::try_from(stand_in.as_str()).ok().map(|address| service.account(address, None, None, None));
    let reason = "the mail payload holds one server of each kind";
    let mut losses = account.map_or_else(Vec::new, |account| further_servers(&account, reason, MAIL));
    losses.extend(window(service.sync, "the mail payload has no key for it; the person sets it on the device", MAIL));
    let first = |endpoint: &Endpoint| endpoint.security == Security::StartTls;
    let incoming = service.incoming.first().filter(|(_, endpoint)| first(endpoint)).map(|_| "incoming.socket_type");
    let outgoing = service.outgoing.first().filter(|endpoint| first(endpoint)).map(|_| "outgoing.socket_type");
    losses.extend(incoming.into_iter().chain(outgoing).map(|setting| Loss {
        setting: setting.to_owned(),
        asked: "STARTTLS".to_owned(),
        written: Some("UseSSL".to_owned()),
        reason: "the mail payload says that TLS is used, and leaves it to the device how it starts",
        source: MAIL,
    }));
    losses
}

fn uuid(service: &Service, kind: &str) -> uuid::Uuid {
    identifiers::of_organization(&service.organization.id, &format!("apple-mdm-template {kind}"))
}

const OF_SETTINGS: &str = "of-settings";
const MAIL: &str = "https://developer.apple.com/documentation/devicemanagement/mail";
/// What systems call the replacement of variables in a profile.
const PAYLOADS: &str = "the system's documentation of payload variables";
