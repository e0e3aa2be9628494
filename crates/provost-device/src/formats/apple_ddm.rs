//! Apple's declarations, as Apple's schema says that a device accepts them: a mail configuration with the assets that
//! it refers to, in separate files or inside a profile for manual installation. No device was tried. Nothing is
//! fetched: a published file is looked for among the given files.

mod declarations;
mod exchange;
mod legacy;

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use provost_account::{
    Account, Authentication, Certificate, Collection, DisplayName, EmailAddress, Endpoint, Findings, Groupware, Host,
    HttpsUrl, Incoming, IncomingProtocol, Ldap, LdapSearch, LeftOpen, Login, Port, Protocol, SearchScope, Secret,
    Security, Server, TlsLeftOpen, codes::profile as codes,
};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::apple_mobileconfig;
use crate::apple_container;
use crate::contradictions::usual_security;
use crate::pem;
use crate::person::{Person, nobodys_address};
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling::did_you_mean;
use crate::understood::{Assumption, Identifier, Ignored, Said, Understood};
use declarations::{Declaration, Keys, Set};
use exchange::{EXCHANGE, SETTINGS};

/// An account's configuration in JSON, or one that leads to a whole profile, or a profile with declarations and no mail payload.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let is_json = [ACCOUNT, LEGACY].iter().any(|kind| holds_json(file, &format!("\"{kind}")));
    let mentions = |kind| apple_container::mentions(file.bytes, kind);
    is_json
        || apple_container::recognize(file) && mentions(declarations::PAYLOAD) && !mentions(apple_mobileconfig::MAIL)
}

/// Whether a file of a set is the one that the others belong to: the mail configuration, or the one that leads to
/// a profile.
pub(super) fn leads(file: &SourceFile<'_>) -> bool {
    !file.bytes.trim_ascii_start().starts_with(b"{")
        || [MAIL, LEGACY].iter().any(|kind| holds_json(file, &format!("\"{kind}\"")))
}

fn holds_json(file: &SourceFile<'_>, text: &str) -> bool {
    file.bytes.trim_ascii_start().starts_with(b"{")
        && file.bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Reads a set: the configuration or the profile first, then the files next to it.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let profiles = match Set::of(files, &mut findings) {
        Some(set) => accounts(&set, person, &mut findings),
        None => Vec::new(),
    };
    let fix = "add a declaration of the type com.apple.configuration.account.mail";
    Reading::of_some(profiles, findings, "no mail configuration that a device can use", fix)
}

fn accounts(set: &Set<'_>, person: &Person, findings: &mut Findings) -> Vec<Understood> {
    set.check(findings);
    let mut reader = Reader { set, findings, assumed: Vec::new(), ignored: Vec::new(), credentials: BTreeMap::new() };
    let mut understood = Vec::new();
    for kind in legacy::KINDS {
        for legacy in set.all(kind).filter(|it| it.is_opened) {
            understood.extend(reader.legacy(legacy, person));
        }
    }
    set.opened(EXCHANGE).for_each(|exchange| reader.web_services_end(exchange));
    set.opened(SETTINGS).for_each(|settings| reader.settings(settings));
    if !set.all(MAIL).any(|mail| mail.is_opened) {
        understood.extend(set.opened(ACCOUNT).filter_map(|it| reader.without_mail(it, person)));
    }
    for mail in set.all(MAIL).filter(|mail| mail.is_opened) {
        let Some(mut read) = reader.mail(mail, person) else { continue };
        let mut collection = |kind| set.beside(mail, kind).and_then(|it| reader.collection(it));
        let (calendar, contacts) = (collection(CALDAV), collection(CARDDAV));
        let ldap = set.beside(mail, LDAP).and_then(|it| reader.directory(it));
        read.account.groupware = Groupware { calendar, contacts, ldap };
        read.account.trust = reader.trust(mail);
        read.assumed.append(&mut reader.assumed);
        read.assumed.extend(set.signatures.clone());
        understood.push(read);
    }
    understood
}

struct Reader<'a> {
    set: &'a Set<'a>,
    findings: &'a mut Findings,
    assumed: Vec<Assumption>,
    ignored: Vec<Ignored>,
    /// What was already read, so that findings about an asset are reported once.
    credentials: BTreeMap<String, Credential>,
}

/// What a credential gives.
#[derive(Debug, Clone)]
struct Credential {
    login: Option<Login>,
    password: Option<Secret>,
}

impl<'a> Reader<'a> {
    /// An account other than IMAP or POP3 mail, in a set without mail.
    fn without_mail(&mut self, configuration: &Declaration<'_>, person: &Person) -> Option<Understood> {
        let mut groupware = Groupware::default();
        match configuration.kind.as_str() {
            CALDAV => groupware.calendar = Some(self.collection(configuration)?),
            CARDDAV => groupware.contacts = Some(self.collection(configuration)?),
            LDAP => groupware.ldap = Some(self.directory(configuration)?),
            EXCHANGE => self.exchange(configuration)?,
            SETTINGS => {
                let reason = "it controls what a Mac tells its user about all accounts, and sets up none";
                self.ignored.push(Ignored::of(SETTINGS, None, reason));
            }
            other => self.ignored.push(Ignored::of(other, None, "it sets up no mail account")),
        }
        let collections = [&groupware.calendar, &groupware.contacts];
        let login = collections.into_iter().flatten().find_map(|it| it.login.as_ref());
        let own = login.and_then(|login| EmailAddress::try_from(login.as_str()).ok());
        let keys = configuration.keys();
        let said = keys.get("UserIdentityAssetReference").map(|_| self.identity(&keys, person));
        let (said, full_name) = said.unwrap_or((None, None));
        let own = said.or(own);
        let address = own.or(person.address.clone()).unwrap_or_else(nobodys_address);
        Some(Understood {
            label: configuration.keys().text("VisibleName", self.findings).map(str::to_owned),
            assumed: std::mem::take(&mut self.assumed),
            ignored: std::mem::take(&mut self.ignored),
            ..Understood::of("iOS and macOS, by declarations", Account { groupware, full_name, ..Account::of(address) })
        })
    }

    /// An Exchange account, whose server is shown but not verified here. With `ExternalURL` or OAuth the device needs no
    /// host name.
    fn exchange(&mut self, configuration: &Declaration<'_>) -> Option<()> {
        let keys = configuration.keys();
        let host = match keys.get("HostName") {
            Some(_) => self.host(&keys)?.to_string(),
            None => "found by the device".to_owned(),
        };
        self.assumed.push(Assumption::of("Exchange server, not proven here", &host, SCHEMA));
        if let Some(reference) = keys.text(CREDENTIALS, self.findings) {
            self.asset(&keys, reference, CREDENTIAL);
        }
        Some(())
    }

    fn mail(&mut self, mail: &Declaration<'_>, person: &Person) -> Option<Understood> {
        let keys = mail.keys();
        self.known(&keys, &["VisibleName", "UserIdentityAssetReference", "IncomingServer", "OutgoingServer", "SMIME"]);
        let (address, full_name) = self.identity(&keys, person);
        let incoming = keys.required_inside("IncomingServer", self.findings);
        let outgoing = keys.required_inside("OutgoingServer", self.findings);
        let (incoming, outgoing) = (incoming?, outgoing?);
        self.known(&incoming, &[SERVER, &["ServerType", "IMAPPathPrefix"]].concat());
        self.known(&outgoing, SERVER);
        let protocol = match incoming.required("ServerType", self.findings) {
            Some("IMAP") => Some(IncomingProtocol::Imap),
            Some("POP") => Some(IncomingProtocol::Pop3),
            Some(other) => incoming.refuse("ServerType", other, "write IMAP or POP", self.findings),
            None => None,
        };
        let receiving =
            self.server(&incoming, protocol.map(|it| Protocol::from(it).registered(Security::ImplicitTls).port));
        let sending = self.server(&outgoing, Some(Protocol::Submission.registered(Security::StartTls).port));
        let (protocol, receiving, sending, address) = (protocol?, receiving?, sending?, address?);
        let account = Account {
            full_name,
            incoming: vec![Incoming { protocol, server: receiving }],
            outgoing: vec![sending],
            ..Account::of(address)
        };
        // What it signs and encrypts by are other assets, so its keys are shown as they are.
        let said = [("IMAPPathPrefix", incoming.get("IMAPPathPrefix")), ("SMIME", keys.get("SMIME"))];
        let said = said.into_iter().filter_map(|(key, value)| Some(Said::new(key, shown(value?))));
        Some(Understood {
            label: keys.text("VisibleName", self.findings).map(str::to_owned),
            said: said.collect(),
            left_open: LeftOpen { tls: TlsLeftOpen::Everything, ..LeftOpen::default() },
            assumed: std::mem::take(&mut self.assumed),
            ignored: std::mem::take(&mut self.ignored),
            identifiers: vec![Identifier { key: "configuration Identifier", value: mail.identifier.clone() }],
            ..Understood::of("iOS and macOS, by declarations", account)
        })
    }

    /// The person, from the asset or because the device asks.
    fn identity(&mut self, keys: &Keys<'_>, person: &Person) -> (Option<EmailAddress>, Option<DisplayName>) {
        let reference = keys.text("UserIdentityAssetReference", self.findings);
        let asset = reference.and_then(|reference| self.asset(keys, reference, IDENTITY));
        let said = asset.map(Declaration::keys);
        if let Some(said) = &said {
            self.known(said, &["FullName", "EmailAddress"]);
        }
        let name = said.as_ref().and_then(|said| said.text("FullName", self.findings));
        let name = name.and_then(|name| DisplayName::try_from(name).ok());
        if let Some((said, text)) = said.and_then(|said| said.text("EmailAddress", self.findings).map(|it| (said, it)))
        {
            return (said.read("EmailAddress", text, "write one address", self.findings), name);
        }
        let fix = "refer to a com.apple.asset.useridentity with EmailAddress, or say whose file it is";
        let place = keys.place("UserIdentityAssetReference");
        self.findings.add(codes::NO_ADDRESS, place, "the declaration does not say whose account it is", fix);
        if let Some(address) = &person.address {
            self.assumed.push(Assumption::of("EmailAddress", address, SCHEMA));
        }
        let address = person.address.clone().unwrap_or_else(nobodys_address);
        (Some(address), name.or_else(|| person.full_name.clone()))
    }

    fn server(&mut self, keys: &Keys<'_>, default: Option<Port>) -> Option<Server> {
        let host = self.host(keys);
        let authentication = match keys.required("AuthenticationMethod", self.findings) {
            Some("None") => Some(Authentication::None),
            Some("Password") => Some(Authentication::PasswordCleartext),
            Some("CRAMMD5") => Some(Authentication::PasswordEncrypted),
            Some("NTLM") => Some(Authentication::Ntlm),
            Some("HTTPMD5") => Some(Authentication::HttpMd5),
            Some(other) => {
                let fix = "write Password, or another of the five values that Apple lists";
                keys.refuse("AuthenticationMethod", other, fix, self.findings)
            }
            None => None,
        };
        let reference = keys.text(CREDENTIALS, self.findings);
        let credential = match (authentication == Some(Authentication::None), reference) {
            (true, Some(_)) => {
                let fix = "remove it: where the method is None, \"this field must be blank\"";
                keys.refuse(CREDENTIALS, "present although the method is None", fix, self.findings)
            }
            (true, None) => None,
            (false, Some(reference)) => Some(self.credential(keys, reference)),
            (false, None) => {
                keys.missing(CREDENTIALS, self.findings);
                None
            }
        };
        let credential = credential.unwrap_or(Credential { login: None, password: None });
        let port = self.port(keys, default);
        let (host, authentication, port) = (host?, authentication?, port?);
        let security = usual_security(port);
        self.assumed.push(Assumption::of(format_args!("TLS of {}", host.authority(port)), security.name(), TLS));
        let endpoint = Endpoint { host, port, security, authentication };
        Some(Server { endpoint, login: credential.login, password: credential.password })
    }

    fn host(&mut self, keys: &Keys<'_>) -> Option<Host> {
        let text = keys.required("HostName", self.findings)?;
        keys.read("HostName", text, "write the server's bare host name", self.findings)
    }

    fn port(&mut self, keys: &Keys<'_>, default: Option<Port>) -> Option<Port> {
        let Some(value) = keys.get("Port") else {
            keys.add(codes::MISSING_PORT, "Port", "Port is missing", "write the port", self.findings);
            let port = default?;
            self.assumed.push(Assumption::of("Port", port, "unconfirmed: the registered port of the protocol"));
            return Some(port);
        };
        let port = value.as_u64().and_then(|port| u16::try_from(port).ok()).and_then(NonZeroU16::new);
        port.or_else(|| keys.refuse("Port", &value.to_string(), "write a number from 1 to 65535", self.findings))
    }

    fn collection(&mut self, configuration: &Declaration<'_>) -> Option<Collection> {
        let keys = configuration.keys();
        self.known(&keys, &["VisibleName", "HostName", "Port", "Path", CREDENTIALS]);
        let reference = keys.text(CREDENTIALS, self.findings);
        let login = reference.and_then(|reference| self.credential(&keys, reference).login);
        let host = self.host(&keys)?;
        let port = match keys.get("Port") {
            Some(_) => self.port(&keys, None)?,
            None => {
                self.assumed.push(Assumption::of("Port", "443", "unconfirmed: the registered port of https"));
                NonZeroU16::new(443)?
            }
        };
        let path = keys.text("Path", self.findings).unwrap_or("/");
        let authority = host.authority(port);
        let url = HttpsUrl::try_from(format!("https://{authority}/{}", path.trim_start_matches('/')).as_str());
        match url {
            Ok(url) => Some(Collection { url, login }),
            Err(error) => keys.refuse("Path", &format!("{path}: {error}"), "write the path alone", self.findings),
        }
    }

    fn directory(&mut self, configuration: &Declaration<'_>) -> Option<Ldap> {
        let keys = configuration.keys();
        self.known(&keys, &["VisibleName", "HostName", "Port", "SearchSettings", CREDENTIALS]);
        let reference = keys.text(CREDENTIALS, self.findings);
        let login = reference.and_then(|reference| self.credential(&keys, reference).login);
        let host = self.host(&keys)?;
        self.assumed.push(Assumption::of(format_args!("TLS of ldap {host}"), Security::ImplicitTls.name(), TLS));
        let places = keys.list("SearchSettings");
        if places.is_empty() {
            let fix = "add the search base, such as ou=people,dc=example,dc=org";
            keys.add(codes::MISSING_SEARCH, "SearchSettings", "SearchSettings has no search base", fix, self.findings);
        }
        let searches = places.iter().filter_map(|place| self.search(place)).collect();
        Some(Ldap { host, security: Security::ImplicitTls, login, searches })
    }

    fn search(&mut self, keys: &Keys<'_>) -> Option<LdapSearch> {
        self.known(keys, &["VisibleDescription", "SearchBase", "Scope"]);
        let scope = match keys.text("Scope", self.findings) {
            Some("Base") => SearchScope::Base,
            Some("OneLevel") => SearchScope::One,
            Some("Subtree") => SearchScope::Sub,
            Some(other) => return keys.refuse("Scope", other, "write Base, OneLevel or Subtree", self.findings),
            None => {
                self.assumed.push(Assumption::of("Scope", "Subtree", SCHEMA));
                SearchScope::Sub
            }
        };
        let text = keys.required("SearchBase", self.findings)?;
        let base = keys.read("SearchBase", text, "write a distinguished name", self.findings)?;
        let description = keys.text("VisibleDescription", self.findings);
        Some(LdapSearch { base, scope, description: description.and_then(|text| DisplayName::try_from(text).ok()) })
    }

    /// An asset of the set.
    fn asset(&mut self, keys: &Keys<'_>, reference: &str, kind: &'static str) -> Option<&'a Declaration<'a>> {
        let set = self.set;
        let found = set.all(kind).find(|asset| asset.identifier == reference);
        if found.is_none() {
            let message = format!("{reference:?} is not a declaration of type {kind} here: Error.MissingAssets");
            keys.add(codes::MISSING_ASSET, reference, &message, "put the asset next to it", self.findings);
        }
        found
    }

    /// The user name that an asset leads to.
    fn credential(&mut self, keys: &Keys<'_>, reference: &str) -> Credential {
        if let Some(known) = self.credentials.get(reference) {
            return known.clone();
        }
        let asset = self.asset(keys, reference, CREDENTIAL);
        let published = asset.and_then(|asset| self.published(asset, &["application/json"], "the user name"));
        let credential = published.and_then(|(reference, data)| self.body(&reference, data));
        let credential = credential.unwrap_or(Credential { login: None, password: None });
        self.credentials.insert(reference.to_owned(), credential.clone());
        credential
    }

    /// The authorities that are to be trusted.
    fn trust(&mut self, mail: &Declaration<'_>) -> Vec<Certificate> {
        let set = self.set;
        let added = set.all_beside(mail, CERTIFICATE);
        if !added.is_empty() {
            let source = "unconfirmed: the schema says that they are added";
            self.assumed.push(Assumption::of("added certificates", "trusted for TLS", source));
        }
        added.into_iter().filter_map(|it| self.certificate(it)).collect()
    }

    fn certificate(&mut self, configuration: &Declaration<'_>) -> Option<Certificate> {
        let keys = configuration.keys();
        self.known(&keys, &["CredentialAssetReference"]);
        let reference = keys.required("CredentialAssetReference", self.findings)?;
        let asset = self.asset(&keys, reference, CREDENTIAL_CERTIFICATE)?;
        let (reference, data) = self.published(asset, CERTIFICATE_TYPES, "the certificate")?;
        let of_pem = pem::certificates(data).and_then(|found| found.into_iter().next());
        of_pem.or_else(|| Certificate::try_from(data.to_vec()).ok()).or_else(|| {
            let found = "the URL of a file that is not a certificate: Error.AssetCannotBeDeserialized";
            reference.refuse("DataURL", found, "publish the certificate in PEM", self.findings)
        })
    }

    /// The file that an asset leads to, with the keys that do so.
    fn published(&mut self, asset: &'a Declaration<'a>, types: &[&str], what: &str) -> Option<(Keys<'a>, &'a [u8])> {
        let keys = asset.keys();
        self.known(&keys, &["Reference", "Authentication"]);
        let reference = keys.required_inside("Reference", self.findings)?;
        self.known(&reference, &["DataURL", "ContentType", "Size", HASH]);
        let url = reference.required("DataURL", self.findings)?;
        if !url.starts_with("https://") {
            let fix = "publish the file over https: \"the URL must start with 'https://'\"";
            reference.wrong("DataURL", url, fix, self.findings);
        }
        if let Some(kind) = reference.text("ContentType", self.findings).filter(|kind| !types.contains(kind)) {
            reference.wrong("ContentType", kind, &format!("write {}", types.join(" or ")), self.findings);
        }
        let Some(data) = self.set.published(url) else {
            let message = format!("the file published at {url} is not among the files, so {what} is unknown");
            let fix = "put the file next to it, under the name at the end of the URL";
            reference.add(codes::MISSING_ASSET, "DataURL", &message, fix, self.findings);
            return None;
        };
        self.verify(&reference, data);
        Some((reference, data))
    }

    /// Whether the published file is the one that the declaration was made for.
    fn verify(&mut self, reference: &Keys<'_>, data: &[u8]) {
        let fix = "publish the file that was generated with the declaration, unchanged";
        let size = reference.get("Size").and_then(Json::as_u64);
        if size.is_some_and(|size| usize::try_from(size) != Ok(data.len())) {
            let message = format!("the published file has {} bytes: Error.AssetCannotBeVerified", data.len());
            reference.add(codes::ASSET_CHANGED, "Size", &message, fix, self.findings);
        }
        let Some(said) = reference.text(HASH, self.findings) else { return };
        let is_hash = said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            let fix = "write it in hexadecimal; whether Apple means that is unconfirmed";
            return reference.wrong(HASH, said, fix, self.findings);
        }
        let hash: String = Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect();
        if !said.eq_ignore_ascii_case(&hash) {
            let message = "the published file has another SHA-256: Error.AssetCannotBeVerified";
            reference.add(codes::ASSET_CHANGED, HASH, message, fix, self.findings);
        }
    }

    fn body(&mut self, reference: &Keys<'_>, data: &[u8]) -> Option<Credential> {
        let body: Option<Json> = serde_json::from_slice(data).ok();
        let text = |key: &str| body.as_ref().and_then(|body| body.get(key)?.as_str()).filter(|text| !text.is_empty());
        let login = text("UserName").map(Login::try_from);
        let Some(Ok(login)) = login else {
            let message = "the published file is not JSON with UserName: Error.AssetCannotBeDeserialized";
            reference.add(codes::MISSING_KEY, "DataURL", message, "publish {\"UserName\": \"…\"}", self.findings);
            return None;
        };
        let password = text("Password").map(|password| Secret::new(password.to_owned()));
        if password.is_some() {
            let message = "the published file contains a password, readable by anyone who knows the URL";
            let fix = "remove it; the device asks for it";
            reference.add(codes::PASSWORD_IN_FILE, "DataURL", message, fix, self.findings);
        }
        Some(Credential { login: Some(login), password })
    }

    /// Names the keys that Apple does not list here.
    fn known(&mut self, keys: &Keys<'_>, known: &[&str]) {
        for key in keys.names().filter(|key| !known.contains(key)) {
            let message = format!("{key} is not a key that Apple lists there: Error.UnknownPayloadKeys");
            keys.add(codes::UNKNOWN_KEY, key, &message, &did_you_mean(key, known), self.findings);
        }
    }
}

/// A value without the quotation marks of a text.
fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const ACCOUNT: &str = "com.apple.configuration.account.";
const MAIL: &str = "com.apple.configuration.account.mail";
const LEGACY: &str = "com.apple.configuration.legacy";
const CALDAV: &str = "com.apple.configuration.account.caldav";
const CARDDAV: &str = "com.apple.configuration.account.carddav";
const LDAP: &str = "com.apple.configuration.account.ldap";
const CERTIFICATE: &str = "com.apple.configuration.security.certificate";
const CREDENTIAL_CERTIFICATE: &str = "com.apple.asset.credential.certificate";
const CERTIFICATE_TYPES: &[&str] = &["application/pem", "application/pkcs1"];
const CREDENTIAL: &str = "com.apple.asset.credential.userpassword";
const IDENTITY: &str = "com.apple.asset.useridentity";
const CREDENTIALS: &str = "AuthenticationCredentialsAssetReference";
const HASH: &str = "Hash-SHA-256";
const SERVER: &[&str] = &["HostName", "Port", "AuthenticationMethod", CREDENTIALS];
const SCHEMA: &str = "https://github.com/apple/device-management, declarative/declarations";
const TLS: &str = "unconfirmed: no key says it, the system chooses; here by the registered use of the port (RFC 8314)";
