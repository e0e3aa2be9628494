//! Apple's declarations (declarative device management) for one account: the mail configuration, calendar, address book
//! and directory, certificate authorities, the person, and the activation that all of them need. User names and
//! certificates are always in separate files that the device fetches; they contain no password.
//!
//! Declarations have no key for TLS: the system chooses how it starts. Which way it chooses was not tried.

mod legacy_asset;

use crate::apple_profile::{dictionary, scope, upper, xml};
use crate::losses::{aliases, further_servers, identity, trust, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request, Variant, Write};
use crate::{authorities, identifiers, json, servers};
use plist::{Dictionary, Value};
use provost_account::{
    Account, Authentication, Certificate, Collection, HttpsUrl, Incoming, IncomingProtocol, Ldap, LdapSearch, Login,
    Server,
};
use serde_json::{Map, Value as Json, json};

/// Apple's schema of declarations.
pub(super) const SOURCE: &str = "https://github.com/apple/device-management, declarative/declarations";

/// For a management server, for installing by hand, and a whole profile instead of a mail configuration.
pub(super) const VARIANTS: &[Variant] = &[
    Variant {
        name: "mdm",
        devices: "iPhone, iPad, Apple Vision Pro and Mac under management",
        write: Write::User(mdm),
    },
    Variant { name: "manual", devices: "iPhone and iPad (17), Mac (14), by hand", write: Write::User(manual) },
    Variant {
        name: "legacy-asset",
        devices: "iPhone and iPad (27) under management; the whole profile, to which a declaration leads",
        write: Write::User(legacy_asset::ios),
    },
    Variant {
        name: "legacy-asset-macos",
        devices: "Mac (27) under management; the whole profile, to which a declaration leads",
        write: Write::User(legacy_asset::macos),
    },
];

/// A file for each declaration.
fn mdm(request: &Request<'_>) -> Result<Profile, Refusal> {
    let set = Set::of(request)?;
    let files = set.declarations.iter().map(Declaration::file).chain(set.fetched()).collect();
    Ok(Profile { files, losses: losses(request.account) })
}

/// A profile that carries the declarations. It can be installed by hand only ("cannot be installed via an MDM server").
fn manual(request: &Request<'_>) -> Result<Profile, Refusal> {
    let set = Set::of(request)?;
    let organization = &request.service.organization;
    let prefix = format!("{}.{}", organization.id, uuid(request, "account"));
    let payload = dictionary([
        ("PayloadType", "com.apple.declarations".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{prefix}.declarations").into()),
        ("PayloadUUID", upper(uuid(request, "declarations")).into()),
        ("PayloadDisplayName", format!("Mail account {}", request.account.address).into()),
        ("Declarations", Value::Array(set.declarations.iter().map(|it| Value::Data(it.json())).collect())),
    ]);
    let profile: Dictionary = dictionary([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{prefix}.declared").into()),
        ("PayloadUUID", upper(uuid(request, "profile")).into()),
        ("PayloadDisplayName", format!("{} mail for {}", organization.name, request.account.address).into()),
        ("PayloadOrganization", organization.name.as_str().into()),
        // A Mac takes a mail configuration in the user's scope only; iOS has no scopes, and does not look.
        ("PayloadScope", "User".into()),
        ("PayloadContent", Value::Array(vec![Value::Dictionary(payload)])),
    ]);
    let first = File::below("mail.mobileconfig", None, xml(profile));
    let files = std::iter::once(first).chain(set.fetched()).collect();
    Ok(Profile { files, losses: losses(request.account) })
}

/// Everything that belongs to one account.
struct Set<'a> {
    request: &'a Request<'a>,
    /// The folder of the files that the device fetches.
    published: &'a HttpsUrl,
    /// The mail configuration first.
    declarations: Vec<Declaration>,
    assets: Vec<Asset>,
    /// The certificates, as they are published.
    certificates: Vec<File>,
}

struct Declaration {
    /// Apple's type without `com.apple.`.
    kind: &'static str,
    /// Which of several of its kind, from 0.
    at: usize,
    identifier: String,
    payload: Json,
}

impl Declaration {
    /// The token is the payload's hash, 64 octets long: another payload is another revision ("should not exceed 64
    /// octets").
    fn json(&self) -> Vec<u8> {
        let kind = format!("com.apple.{}", self.kind);
        let token = identifiers::sha256(self.payload.to_string().as_bytes());
        json::file(&json!({
            "Type": kind, "Identifier": self.identifier, "ServerToken": token, "Payload": self.payload,
        }))
    }

    /// The file for a management server.
    fn file(&self) -> File {
        let number = if self.at == 0 { String::new() } else { format!(".{}", self.at) };
        let install = format!("management server, declaration {}", self.identifier);
        File::below(&format!("{}{number}.json", self.kind), Some(install), self.json())
    }
}

/// A user name, in a file that is published.
struct Asset {
    login: Login,
    identifier: String,
    file: File,
}

impl<'a> Set<'a> {
    fn of(request: &'a Request<'a>) -> Result<Self, Refusal> {
        let account = request.account;
        let reason = "a mail configuration needs both an incoming and an outgoing server";
        let (incoming, outgoing) = servers::one_of_each(account, reason, SOURCE)?;
        let reason =
            "the user name is in a file that the device fetches; set assets.url to where you publish such files";
        let published = published(request, reason)?;
        let mut set =
            Self { request, published, declarations: Vec::new(), assets: Vec::new(), certificates: Vec::new() };
        let mail = set.mail(incoming, outgoing)?;
        set.add("configuration.account.mail", mail);
        for (kind, collection) in [
            ("configuration.account.caldav", &account.groupware.calendar),
            ("configuration.account.carddav", &account.groupware.contacts),
        ] {
            if let Some(collection) = collection {
                let payload = set.collection(collection);
                set.add(kind, payload);
            }
        }
        if let Some(ldap) = &account.groupware.ldap {
            let payload = set.ldap(ldap);
            set.add("configuration.account.ldap", payload);
        }
        let certificates = account.trust.iter().enumerate();
        let certificates: Vec<Declaration> = certificates.map(|(at, it)| set.certificate(at, it)).collect();
        let configurations: Vec<&str> = set.declarations.iter().map(|it| it.identifier.as_str()).collect();
        let activation = json!({ "StandardConfigurations": configurations });
        set.add("activation.simple", activation);
        let mut identity = Map::new();
        identity.extend(account.full_name.iter().map(|name| ("FullName".to_owned(), name.as_str().into())));
        identity.insert("EmailAddress".to_owned(), account.address.as_str().into());
        set.add(IDENTITY, Json::Object(identity));
        set.declarations.extend(set.assets.iter().enumerate().map(|(at, asset)| asset.declaration(at)));
        set.declarations.extend(certificates);
        Ok(set)
    }

    fn mail(&mut self, incoming: &Incoming, outgoing: &Server) -> Result<Json, Refusal> {
        let protocol = match incoming.protocol {
            IncomingProtocol::Imap => "IMAP",
            IncomingProtocol::Pop3 => "POP",
        };
        let receiving = json!({ "ServerType": protocol });
        Ok(json!({
            "VisibleName": self.visible_name(),
            "UserIdentityAssetReference": identifier(self.request, IDENTITY),
            "IncomingServer": self.server(receiving, &incoming.server, "incoming.authentication")?,
            "OutgoingServer": self.server(json!({}), outgoing, "outgoing.authentication")?,
        }))
    }

    fn server(&mut self, mut keys: Json, server: &Server, setting: &'static str) -> Result<Json, Refusal> {
        let endpoint = &server.endpoint;
        keys["HostName"] = endpoint.host.to_string().into();
        keys["Port"] = endpoint.port.get().into();
        keys["AuthenticationMethod"] = method(endpoint.authentication, setting)?.into();
        Ok(self.with_login(keys, server.login.as_ref()))
    }

    fn collection(&mut self, Collection { url, login }: &Collection) -> Json {
        let keys = json!({
            "VisibleName": self.visible_name(),
            "HostName": url.host().to_string(),
            "Port": url.port().get(),
            "Path": url.path(),
        });
        self.with_login(keys, login.as_ref())
    }

    fn ldap(&mut self, ldap: &Ldap) -> Json {
        let search = |search: &LdapSearch| {
            let mut keys = json!({});
            if let Some(description) = &search.description {
                keys["VisibleDescription"] = description.as_str().into();
            }
            keys["SearchBase"] = search.base.as_str().into();
            keys["Scope"] = scope(search.scope).into();
            keys
        };
        let keys = json!({
            "VisibleName": self.visible_name(),
            "HostName": ldap.host.to_string(),
            "SearchSettings": ldap.searches.iter().map(search).collect::<Json>(),
        });
        self.with_login(keys, ldap.login.as_ref())
    }

    fn visible_name(&self) -> String {
        format!("{} ({})", self.request.service.organization.name, self.request.account.address)
    }

    /// The same keys, and the reference to the asset with the user name, which all servers with the same one share.
    fn with_login(&mut self, mut keys: Json, login: Option<&Login>) -> Json {
        let Some(login) = login else { return keys };
        let known = self.assets.iter().position(|asset| asset.login == *login);
        let at = known.unwrap_or(self.assets.len());
        if known.is_none() {
            let identifier = identifier(self.request, &format!("asset.credential.userpassword {at}"));
            let bytes = json::file(&json!({ "UserName": login.as_str() }));
            let file = fetched(self.published, &format!("{identifier}.json"), bytes);
            self.assets.push(Asset { login: login.clone(), identifier, file });
        }
        keys["AuthenticationCredentialsAssetReference"] = self.assets[at].identifier.as_str().into();
        keys
    }

    /// Adds an authority, and gives the declaration of its asset.
    fn certificate(&mut self, at: usize, certificate: &Certificate) -> Declaration {
        // Another certificate is another declaration.
        let which = identifiers::of_certificate(certificate);
        let asset = identifier(self.request, &format!("asset.credential.certificate {which}"));
        self.declarations.push(Declaration {
            kind: "configuration.security.certificate",
            at,
            identifier: identifier(self.request, &format!("configuration.security.certificate {which}")),
            payload: json!({ "CredentialAssetReference": asset }),
        });
        let pem = authorities::pem(std::slice::from_ref(certificate)).into_bytes();
        let file = fetched(self.published, &format!("{asset}.pem"), pem);
        let payload = reference(&file, "application/pem");
        self.certificates.push(file);
        Declaration { kind: "asset.credential.certificate", at, identifier: asset, payload }
    }

    /// The files that the device fetches.
    fn fetched(&self) -> impl Iterator<Item = File> {
        self.assets.iter().map(|asset| &asset.file).chain(&self.certificates).cloned()
    }

    fn add(&mut self, kind: &'static str, payload: Json) {
        let identifier = identifier(self.request, kind);
        self.declarations.push(Declaration { kind, at: 0, identifier, payload });
    }
}

impl Asset {
    fn declaration(&self, at: usize) -> Declaration {
        let payload = reference(&self.file, "application/json");
        Declaration { kind: "asset.credential.userpassword", at, identifier: self.identifier.clone(), payload }
    }
}

/// The folder of the files that the device fetches, none of which may contain a password.
fn published<'a>(request: &Request<'a>, reason: &'static str) -> Result<&'a HttpsUrl, Refusal> {
    let Some(published) = &request.service.assets else {
        return Err(Refusal::of("assets", "nothing", reason, SOURCE));
    };
    match request.passwords {
        Passwords::LeaveOut => Ok(published),
        Passwords::Embed => {
            let reason = "anyone who knows the URL could fetch the password";
            Err(Refusal::of("passwords", "to be embedded", reason, SOURCE))
        }
    }
}

/// A file that the device fetches.
fn fetched(published: &HttpsUrl, name: &str, bytes: Vec<u8>) -> File {
    let base = published.to_string();
    let url = format!("{}/{name}", base.strip_suffix('/').unwrap_or(&base));
    File::below(&format!("published/{name}"), Some(url), bytes)
}

/// The reference to a published file, with its hash in lower-case hexadecimal, as in the only other generator that was found;
/// Apple's schema says "string". Authentication `None` is a plain GET, which any web server answers; the other type asks the
/// management server.
fn reference(file: &File, content_type: &str) -> Json {
    let hash = identifiers::sha256(&file.bytes);
    json!({
        "Reference": {
            "DataURL": file.install, "ContentType": content_type, "Size": file.bytes.len(), "Hash-SHA-256": hash,
        },
        "Authentication": { "Type": "None" },
    })
}

/// "A UUID string value is a good choice": 36 octets of the 64.
fn identifier(request: &Request<'_>, kind: &str) -> String {
    upper(uuid(request, kind))
}

fn uuid(request: &Request<'_>, kind: &str) -> uuid::Uuid {
    let organization = &request.service.organization.id;
    identifiers::of_one_of_several(organization, &request.account.address, &format!("apple-ddm {kind}"))
}

fn method(method: Authentication, setting: &'static str) -> Result<&'static str, Refusal> {
    match method {
        Authentication::PasswordCleartext => Ok("Password"),
        Authentication::PasswordEncrypted => Ok("CRAMMD5"),
        Authentication::Ntlm => Ok("NTLM"),
        Authentication::HttpMd5 => Ok("HTTPMD5"),
        Authentication::None => Ok("None"),
        Authentication::OAuth2 | Authentication::ClientCertificate | Authentication::Gssapi => {
            Err(Refusal::of(setting, method.name(), "the mail configuration has no value for it", SOURCE))
        }
    }
}

fn losses(account: &Account) -> Vec<Loss> {
    let mut losses = further_servers(account, "the mail configuration has one server of each kind", SOURCE);
    let endpoints = [
        ("incoming[0].socket_type", account.incoming.first().map(|it| &it.server.endpoint)),
        ("outgoing[0].socket_type", account.outgoing.first().map(|it| &it.endpoint)),
    ];
    for (setting, endpoint) in endpoints {
        let reason = "declarations have no key for TLS; the system chooses whether and how it starts";
        losses.extend(endpoint.map(|endpoint| {
            let asked = format_args!("{} on port {}", endpoint.security.name(), endpoint.port);
            Loss::of(setting, asked, reason, SOURCE)
        }));
    }
    if let Some(ldap) = &account.groupware.ldap {
        let asked = format_args!("{} with {}", ldap.host, ldap.security.name());
        let reason = "declarations have no key for TLS; the system chooses";
        losses.push(Loss::of("ldap.socket_type", asked, reason, SOURCE));
        let reason = "macOS uses the first search base only";
        losses.extend(ldap.searches.iter().enumerate().skip(1).map(|(at, search)| {
            let base = search.base.as_str();
            Loss::of(format_args!("ldap.searches[{at}]"), base, reason, SOURCE).written(base)
        }));
    }
    losses.extend(identity(account, SOURCE));
    losses.extend(aliases(account, "a user identity has one address", SOURCE));
    let reason = "the mail configuration has no key for it; the person sets it on the device";
    losses.extend(window(account.sync, reason, SOURCE));
    let reason =
        "the schema says that the certificate is added to the device; whether TLS then trusts it is unconfirmed";
    let doubt = trust(account, reason, SOURCE);
    losses.extend(doubt.map(|loss| loss.written("security.certificate")));
    losses
}

/// What names the declaration of who the person is.
const IDENTITY: &str = "asset.useridentity";
