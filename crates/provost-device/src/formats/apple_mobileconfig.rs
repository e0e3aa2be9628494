//! Apple's configuration profile, as iOS, macOS and visionOS document that they read it. No device was tried: where the
//! documentation is silent, what was assumed is said. Signed and binary profiles are recognized and not read.

mod plist;

use std::num::NonZeroU16;

use provost_account::{
    Account, Authentication, Certificate, DisplayName, EmailAddress, Endpoint, Finding, Host, Incoming,
    IncomingProtocol, Login, Place, Port, Secret, Security, Server,
};

use crate::findings::{Findings, nearest};
use crate::{Assumption, Identifier, Ignored, Person, Provider, Reading, SourceFile, Understood, xml};
use plist::{Kind, Value};

/// XML with a plist in it, a binary property list, or CMS.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "plist") || file.bytes.starts_with(BINARY) || file.bytes.starts_with(CMS)
}

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
    let (entries, place) = content(bytes, findings)?;
    let top = Dictionary { entries: &entries, place };
    match top.string("PayloadType", findings) {
        Some("Configuration") => {}
        Some(other) => {
            let message = format!("PayloadType is {other:?}, of a profile it is \"Configuration\"");
            findings.add("wrong-value", top.place_of("PayloadType"), message, "write Configuration");
        }
        None => top.missing("PayloadType", findings),
    }
    let payloads = match top.get("PayloadContent").map(|value| &value.kind) {
        Some(Kind::Array(payloads)) => payloads.as_slice(),
        Some(other) => {
            let message = format!("PayloadContent is a {}, of a profile it is an array", other.name());
            findings.add("wrong-type", top.place_of("PayloadContent"), message, "put the payloads into an array");
            return None;
        }
        None => {
            top.missing("PayloadContent", findings);
            return None;
        }
    };
    let payloads: Vec<Dictionary<'_>> = payloads
        .iter()
        .filter_map(|payload| match &payload.kind {
            Kind::Dictionary(entries) => Some(Dictionary { entries, place: payload.place }),
            other => {
                let message = format!("a payload is a dict, this is a {}", other.name());
                findings.add("wrong-type", Some(payload.place), message, "remove it");
                None
            }
        })
        .collect();
    identities(&top, &payloads, findings);
    let device = Device::of(&top, findings);
    let trust: Vec<Certificate> = payloads.iter().filter_map(|payload| certificate(payload, findings)).collect();
    let mails = payloads.iter().filter(|payload| payload.string("PayloadType", findings) == Some(MAIL));
    let mails: Vec<Dictionary<'_>> = mails.copied().collect();
    if mails.is_empty() {
        let fix = format!("add a payload of the type {MAIL}");
        findings.add("nothing-to-set-up", Some(top.place), "the profile has no mail account", fix);
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
        let read = MailPayload { mail, device, findings, assumed: Vec::new(), ignored }.read(person, &trust);
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

/// What a later profile is compared by: "the system updates payloads with the same PayloadIdentifier and PayloadUUID in the
/// old and new profiles" (`CommonPayloadKeys`), of a profile with the same identifier.
fn known_by(top: &Dictionary<'_>, mail: &Dictionary<'_>, findings: &mut Findings) -> Vec<Identifier> {
    let mut identifier = |key, dictionary: &Dictionary<'_>, name: &str| {
        dictionary.string(name, findings).map(|value| Identifier { key, value: value.to_owned() })
    };
    [
        identifier("profile PayloadIdentifier", top, "PayloadIdentifier"),
        identifier("mail PayloadIdentifier", mail, "PayloadIdentifier"),
        identifier("mail PayloadUUID", mail, "PayloadUUID"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The profile's own dictionary.
fn content(bytes: &[u8], findings: &mut Findings) -> Option<(Vec<(String, Value)>, Place)> {
    if bytes.starts_with(BINARY) {
        let fix = "convert it with `plutil -convert xml1`";
        findings.add("binary-plist", None, "a binary property list", fix);
        return None;
    }
    if bytes.starts_with(CMS) {
        let fix = "take the signature off: `openssl cms -verify -noverify -inform DER -in FILE`";
        findings.add("signed", None, "a profile inside a CMS signature", fix);
        return None;
    }
    let root = xml::parse(bytes, findings)?;
    if !bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"<?xml") {
        let fix = "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        findings.add("no-xml-declaration", Some(root.place), "the file does not begin with <?xml", fix);
    }
    let [content] = root.children.as_slice() else {
        findings.add("wrong-type", Some(root.place), "a plist holds one value", "put one dict into it");
        return None;
    };
    let content = plist::value(content, findings)?;
    let Kind::Dictionary(entries) = content.kind else {
        findings.add("wrong-type", Some(content.place), "a profile is a dict", "put one dict into the plist");
        return None;
    };
    Some((entries, content.place))
}

/// A dictionary with its place.
#[derive(Debug, Clone, Copy)]
struct Dictionary<'a> {
    entries: &'a [(String, Value)],
    place: Place,
}

impl<'a> Dictionary<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn place_of(&self, key: &str) -> Option<Place> {
        Some(self.get(key).map_or(self.place, |value| value.place))
    }

    fn string(&self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        match &self.get(key)?.kind {
            Kind::String(text) => Some(text),
            other => {
                self.wrong(key, "string", other, findings);
                None
            }
        }
    }

    fn boolean(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        match &self.get(key)?.kind {
            Kind::Boolean(value) => Some(*value),
            other => {
                self.wrong(key, "true or false", other, findings);
                None
            }
        }
    }

    fn integer(&self, key: &str, findings: &mut Findings) -> Option<i64> {
        match &self.get(key)?.kind {
            Kind::Integer(value) => Some(*value),
            other => {
                self.wrong(key, "integer", other, findings);
                None
            }
        }
    }

    fn wrong(&self, key: &str, expected: &str, found: &Kind, findings: &mut Findings) {
        let message = format!("{key} is a {}, it should be {expected}", found.name());
        let fix = format!("write it as <{}>", expected.split(' ').next().unwrap_or(expected));
        findings.add("wrong-type", self.place_of(key), message, fix);
    }

    fn missing(&self, key: &str, findings: &mut Findings) {
        findings.add("missing-key", Some(self.place), format!("{key} is missing"), "add it; devices refuse the file");
    }
}

/// Identifiers, UUIDs and versions of the profile and its payloads.
fn identities(top: &Dictionary<'_>, payloads: &[Dictionary<'_>], findings: &mut Findings) {
    let mut identifiers: Vec<&str> = Vec::new();
    let mut uuids: Vec<String> = Vec::new();
    for payload in std::iter::once(top).chain(payloads) {
        match payload.string("PayloadIdentifier", findings) {
            Some(identifier) if identifiers.contains(&identifier) => {
                let message = format!("the PayloadIdentifier {identifier:?} is used twice");
                let fix = "give each payload its own, such as one that begins with the profile's";
                findings.add("duplicate-identifier", payload.place_of("PayloadIdentifier"), message, fix);
            }
            Some(identifier) => identifiers.push(identifier),
            None => payload.missing("PayloadIdentifier", findings),
        }
        match payload.string("PayloadUUID", findings).map(str::to_uppercase) {
            Some(uuid) if uuids.contains(&uuid) => {
                let message = format!("the PayloadUUID {uuid} is used twice");
                findings.add("duplicate-uuid", payload.place_of("PayloadUUID"), message, "give each payload its own");
            }
            Some(uuid) => uuids.push(uuid),
            None => payload.missing("PayloadUUID", findings),
        }
        let version = match payload.get("PayloadVersion").map(|value| &value.kind) {
            Some(Kind::Integer(1)) => continue,
            Some(Kind::Integer(number)) => format!("PayloadVersion is {number}"),
            Some(other) => format!("PayloadVersion is a {}", other.name()),
            None => "PayloadVersion is missing".to_owned(),
        };
        let fix = "write <integer>1</integer>";
        findings.add(
            "payload-version",
            payload.place_of("PayloadVersion"),
            format!("{version}, it should be the integer 1"),
            fix,
        );
    }
}

/// Which kind of device a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Ios,
    MacOs,
    VisionOs,
}

impl Device {
    /// `TargetDeviceType` decides; else the scope, which a Mac has and an iPhone has not.
    fn of(top: &Dictionary<'_>, findings: &mut Findings) -> Self {
        match top.integer("TargetDeviceType", findings) {
            Some(5) => Self::MacOs,
            Some(6) => Self::VisionOs,
            Some(_) => Self::Ios,
            None if top.string("PayloadScope", findings) == Some("User") => Self::MacOs,
            None => Self::Ios,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::MacOs => "macOS",
            Self::VisionOs => "visionOS",
        }
    }
}

/// The authority that a certificate payload asks to trust.
fn certificate(payload: &Dictionary<'_>, findings: &mut Findings) -> Option<Certificate> {
    if !CERTIFICATES.contains(&payload.string("PayloadType", findings)?) {
        return None;
    }
    let Some(Kind::Data(bytes)) = payload.get("PayloadContent").map(|value| &value.kind) else {
        payload.missing("PayloadContent", findings);
        return None;
    };
    match Certificate::try_from(der(bytes)) {
        Ok(certificate) => Some(certificate),
        Err(error) => {
            let fix = "put the certificate's DER there";
            findings.add("wrong-value", payload.place_of("PayloadContent"), error.to_string(), fix);
            None
        }
    }
}

/// PEM is taken as well, as the type `com.apple.security.pem` says.
fn der(bytes: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let decoded = std::str::from_utf8(bytes).ok().and_then(|text| {
        let inside = text.split_once("-----BEGIN CERTIFICATE-----")?.1.split_once("-----END")?.0;
        let inside: String = inside.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        base64::engine::general_purpose::STANDARD.decode(inside).ok()
    });
    decoded.unwrap_or_else(|| bytes.to_vec())
}

fn other_payloads(payloads: &[Dictionary<'_>]) -> Vec<Ignored> {
    let kind = |payload: &Dictionary<'_>| match payload.get("PayloadType").map(|value| &value.kind) {
        Some(Kind::String(kind)) if kind != MAIL && !CERTIFICATES.contains(&kind.as_str()) => Some(kind.clone()),
        _ => None,
    };
    let reason = "it concerns no mail account over IMAP, POP3 and SMTP".to_owned();
    payloads
        .iter()
        .filter_map(|payload| Some(Ignored { key: kind(payload)?, place: Some(payload.place), reason: reason.clone() }))
        .collect()
}

/// A `com.apple.mail.managed` payload on its way to an account.
struct MailPayload<'a> {
    mail: &'a Dictionary<'a>,
    device: Device,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
}

impl MailPayload<'_> {
    fn read(mut self, person: &Person, trust: &[Certificate]) -> Option<Understood> {
        self.keys();
        let protocol = match self.mail.string("EmailAccountType", self.findings) {
            Some("EmailTypeIMAP") => Some(IncomingProtocol::Imap),
            Some("EmailTypePOP") => Some(IncomingProtocol::Pop3),
            Some(other) => {
                let message = format!("EmailAccountType is {other:?}");
                let fix = "write EmailTypeIMAP or EmailTypePOP";
                self.findings.add("wrong-value", self.mail.place_of("EmailAccountType"), message, fix);
                None
            }
            None => {
                self.mail.missing("EmailAccountType", self.findings);
                None
            }
        };
        let incoming = self.servers("Incoming", protocol);
        let outgoing = self.servers("Outgoing", protocol);
        let address = self.address(person)?;
        let (protocol, incoming, outgoing) = (protocol?, incoming?, outgoing?);
        let full_name = match self.mail.string("EmailAccountName", self.findings).filter(|name| !name.is_empty()) {
            Some(name) => DisplayName::try_from(name).ok(),
            None => person.full_name.clone(),
        };
        let account = Account {
            full_name,
            incoming: incoming.into_iter().map(|server| Incoming { protocol, server }).collect(),
            outgoing,
            trust: trust.to_vec(),
            ..Account::of(address)
        };
        let label = self.mail.string("EmailAccountDescription", self.findings).map(str::to_owned);
        Some(Understood {
            label,
            assumed: self.assumed,
            ignored: self.ignored,
            ..Understood::of(self.device.name(), account)
        })
    }

    /// Apple lets several addresses stand in one string, separated by a comma; the first is the account's.
    fn address(&mut self, person: &Person) -> Option<EmailAddress> {
        let place = self.mail.place_of("EmailAddress");
        let text = self.mail.string("EmailAddress", self.findings).unwrap_or("");
        let first = text.split(", ").next().unwrap_or("").trim();
        if !first.is_empty() {
            return match EmailAddress::try_from(first) {
                Ok(address) => Some(address),
                Err(error) => {
                    self.findings.add("wrong-value", place, format!("{first:?}: {error}"), "write one address");
                    None
                }
            };
        }
        let fix = "write EmailAddress, or say for whom the file is";
        self.findings.add("no-address", place, "EmailAddress is empty: the device asks for it", fix);
        let address = person.address.clone()?;
        self.assume("EmailAddress", address.as_str(), MAIL_PAGE);
        Some(address)
    }

    fn servers(&mut self, side: &'static str, protocol: Option<IncomingProtocol>) -> Option<Vec<Server>> {
        let key = |name: &str| format!("{side}{name}");
        let host = self.host(&key("MailServerHostName"));
        let authentication = self.authentication(&key("MailServerAuthentication"));
        let use_ssl = self.mail.boolean(&key("MailServerUseSSL"), self.findings);
        let ssl = use_ssl.unwrap_or(false);
        if use_ssl.is_none() {
            self.assume(&key("MailServerUseSSL"), "false", MAIL_PAGE);
        }
        if !ssl {
            let message = format!("{} is off", key("MailServerUseSSL"));
            let fix = "write true; it covers STARTTLS as well";
            self.findings.add("cleartext", self.mail.place_of(&key("MailServerUseSSL")), message, fix);
        }
        let login = self.login(&key("MailServerUsername"), authentication);
        let password = self.mail.string(&key("Password"), self.findings).filter(|password| !password.is_empty());
        if password.is_some() {
            let message = format!("{} is in the file", key("Password"));
            let fix = "leave it out; the device asks for it";
            self.findings.add("password-in-file", self.mail.place_of(&key("Password")), message, fix);
        }
        let ports = self.ports(side, protocol, ssl);
        let (host, authentication) = (host?, authentication?);
        let password = password.map(|password| Secret::new(password.to_owned()));
        let server = |port: Port| Server {
            endpoint: Endpoint { host: host.clone(), port, security: security(ssl, port), authentication },
            login: login.clone(),
            password: password.clone(),
        };
        Some(ports?.into_iter().map(server).collect())
    }

    fn host(&mut self, key: &str) -> Option<Host> {
        let Some(text) = self.mail.string(key, self.findings) else {
            self.mail.missing(key, self.findings);
            return None;
        };
        match Host::try_from(text) {
            Ok(host) => Some(host),
            Err(error) => {
                let message = format!("{key} is {text:?}: {error}");
                self.findings.add(
                    "wrong-value",
                    self.mail.place_of(key),
                    message,
                    "write the server's host name alone",
                );
                None
            }
        }
    }

    fn authentication(&mut self, key: &str) -> Option<Authentication> {
        let Some(text) = self.mail.string(key, self.findings) else {
            self.mail.missing(key, self.findings);
            return None;
        };
        let found = match text {
            "EmailAuthNone" => Authentication::None,
            "EmailAuthPassword" => Authentication::PasswordCleartext,
            "EmailAuthCRAMMD5" => Authentication::PasswordEncrypted,
            "EmailAuthNTLM" => Authentication::Ntlm,
            "EmailAuthHTTPMD5" => Authentication::HttpMd5,
            _ => {
                let message = format!("{key} is {text:?}");
                let fix = "write EmailAuthPassword, or another of the five values that Apple lists";
                self.findings.add("wrong-value", self.mail.place_of(key), message, fix);
                return None;
            }
        };
        Some(found)
    }

    fn login(&mut self, key: &str, authentication: Option<Authentication>) -> Option<Login> {
        let text = self.mail.string(key, self.findings).unwrap_or("");
        if text.is_empty() {
            if authentication != Some(Authentication::None) {
                let fix = "write it; an installation without a person cannot ask";
                self.findings.add("missing-username", self.mail.place_of(key), format!("{key} is missing"), fix);
                self.assume(key, "asked of the person", MAIL_PAGE);
            }
            return None;
        }
        match Login::try_from(text) {
            Ok(login) => Some(login),
            Err(error) => {
                self.findings.add("wrong-value", self.mail.place_of(key), format!("{key}: {error}"), "write it anew");
                None
            }
        }
    }

    /// The ports that the device tries, in their order.
    fn ports(&mut self, side: &str, protocol: Option<IncomingProtocol>, ssl: bool) -> Option<Vec<Port>> {
        let key = format!("{side}MailServerPortNumber");
        if let Some(number) = self.mail.integer(&key, self.findings) {
            let port = u16::try_from(number).ok().and_then(NonZeroU16::new);
            if port.is_none() {
                let message = format!("{key} is {number}");
                self.findings.add("wrong-value", self.mail.place_of(&key), message, "write a number from 1 to 65535");
            }
            return port.map(|port| vec![port]);
        }
        if self.mail.get(&key).is_some() {
            return None;
        }
        self.findings.add("missing-port", Some(self.mail.place), format!("{key} is missing"), "write the port");
        let (ports, source): (&[u16], _) = match (side, protocol?, ssl) {
            ("Outgoing", _, _) => (&[25, 587, 465], MAIL_PAGE),
            (_, IncomingProtocol::Imap, true) => (&[993], PORTS),
            (_, IncomingProtocol::Imap, false) => (&[143], PORTS),
            (_, IncomingProtocol::Pop3, true) => (&[995], PORTS),
            (_, IncomingProtocol::Pop3, false) => (&[110], PORTS),
        };
        let said: Vec<String> = ports.iter().map(ToString::to_string).collect();
        self.assume(&key, &said.join(", then "), source);
        Some(ports.iter().filter_map(|port| NonZeroU16::new(*port)).collect())
    }

    /// Keys that the device does not know or does not look at.
    fn keys(&mut self) {
        for (key, value) in self.mail.entries {
            let place = Some(value.place);
            let mut ignore = |reason: &str| {
                self.ignored.push(Ignored { key: key.clone(), place, reason: reason.to_owned() });
            };
            match key.as_str() {
                "SMIMEEnabled" => {
                    ignore("ignored since iOS 10");
                    let fix = "remove it; SMIMESigningEnabled and SMIMEEncryptionEnabled replace it";
                    self.findings.add("ignored-key", place, "SMIMEEnabled is ignored since iOS 10", fix);
                }
                "SMIMEEnablePerMessageSwitch" => {
                    let fix = "remove it; SMIMEEnableEncryptionPerMessageSwitch replaces it";
                    let message = "SMIMEEnablePerMessageSwitch is deprecated";
                    self.findings.add("deprecated-key", place, message, fix);
                }
                "OutgoingPasswordSameAsIncomingPassword" => {
                    let message = "OutgoingPasswordSameAsIncomingPassword works in interactive installations only";
                    let fix = "remove it, so that every way to install gives the same account";
                    self.findings.add("interactive-only-key", place, message, fix);
                }
                key if IOS_KEYS.contains(&key) || key.starts_with("SMIME") && self.device == Device::MacOs => {
                    if self.device == Device::MacOs {
                        ignore("macOS does not have it");
                    }
                }
                key if KEYS.contains(&key) || SMIME_KEYS.contains(&key) || key.starts_with("Payload") => {}
                key => {
                    ignore("it is not among the keys that Apple lists");
                    let fix = match nearest(key, KEYS) {
                        Some(known) => format!("did you mean {known}?"),
                        None => "remove it".to_owned(),
                    };
                    self.findings.add("unknown-key", place, format!("{key} is no key of a mail payload"), fix);
                }
            }
        }
    }

    fn assume(&mut self, key: &str, value: &str, source: &'static str) {
        self.assumed.push(Assumption { key: key.to_owned(), value: value.to_owned(), source });
    }
}

/// What `UseSSL` means on a port. On the ports of implicit TLS it is that; elsewhere it covers STARTTLS, as Apple's own
/// example has it (587 with true). No device was tried.
fn security(ssl: bool, port: Port) -> Security {
    match (ssl, port.get()) {
        (false, _) => Security::Cleartext,
        (true, 25 | 110 | 143 | 587) => Security::StartTls,
        (true, _) => Security::ImplicitTls,
    }
}

const MAIL: &str = "com.apple.mail.managed";
const CERTIFICATES: &[&str] = &["com.apple.security.pem", "com.apple.security.pkcs1", "com.apple.security.root"];
const BINARY: &[u8] = b"bplist00";
/// The start of a CMS structure: an ASN.1 SEQUENCE with its length in two or more octets.
const CMS: &[u8] = b"\x30\x82";
const MAIL_PAGE: &str = "https://developer.apple.com/documentation/devicemanagement/mail";
const PORTS: &str =
    "https://developer.apple.com/documentation/devicemanagement/mail: \"the default port for the protocol\"";

const KEYS: &[&str] = &[
    "EmailAccountDescription",
    "EmailAccountName",
    "EmailAccountType",
    "EmailAddress",
    "IncomingMailServerAuthentication",
    "IncomingMailServerHostName",
    "IncomingMailServerIMAPPathPrefix",
    "IncomingMailServerPortNumber",
    "IncomingMailServerUseSSL",
    "IncomingMailServerUsername",
    "IncomingPassword",
    "OutgoingMailServerAuthentication",
    "OutgoingMailServerHostName",
    "OutgoingMailServerPortNumber",
    "OutgoingMailServerUseSSL",
    "OutgoingMailServerUsername",
    "OutgoingPassword",
    "allowMailDrop",
    "disableMailRecentsSyncing",
];
/// Keys that macOS does not have.
const IOS_KEYS: &[&str] = &["PreventAppSheet", "PreventMove", "VPNUUID"];
const SMIME_KEYS: &[&str] = &[
    "SMIMEEnableEncryptionPerMessageSwitch",
    "SMIMEEncryptByDefault",
    "SMIMEEncryptByDefaultUserOverrideable",
    "SMIMEEncryptionCertificateUUID",
    "SMIMEEncryptionCertificateUUIDUserOverrideable",
    "SMIMEEncryptionEnabled",
    "SMIMESigningCertificateUUID",
    "SMIMESigningCertificateUUIDUserOverrideable",
    "SMIMESigningEnabled",
    "SMIMESigningUserOverrideable",
];
