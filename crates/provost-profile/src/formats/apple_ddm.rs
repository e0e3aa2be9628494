//! Apple's declarations (declarative device management) for one account: the mail configuration, calendar, address book
//! and directory, certificate authorities, the person, and the activation that all of them need. User names and
//! certificates are always in separate files that the device fetches; they contain no password.
//!
//! Declarations have no key for TLS: the system chooses how it starts. Which way it chooses was not tried.

mod legacy_asset;

use crate::apple_profile::{dictionary, upper, xml};
use crate::losses::{aliases, further_servers, identity, trust, window};
use crate::profile::{File, Loss, Profile, Refusal};
use crate::writer::{Passwords, Request, Variant, Write};
use crate::{authorities, identifiers, json, servers};
use plist::{Dictionary, Value};
use provost_account::{
    Account, Authentication, Certificate, Collection, HttpsUrl, Incoming, IncomingProtocol, Ldap, LdapSearch, Login,
    SearchScope, Server,
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
    let declarations = set.declarations.iter().map(|declaration| {
        let install = format!("management server, declaration {}", declaration.identifier);
        File::below(&declaration.file, Some(install), declaration.json())
    });
    let files = declarations.chain(set.published()).collect();
    Ok(Profile { files, losses: losses(request.account) })
}

/// A profile that carries the declarations. It can be installed by hand only ("cannot be installed via an MDM server").
fn manual(request: &Request<'_>) -> Result<Profile, Refusal> {
    let set = Set::of(request)?;
    let organization = &request.service.organization;
    let payload = dictionary([
        ("PayloadType", "com.apple.declarations".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.declarations", set.prefix(request)).into()),
        ("PayloadUUID", upper(uuid(request, "declarations")).into()),
        ("PayloadDisplayName", format!("Mail account {}", request.account.address).into()),
        ("Declarations", Value::Array(set.declarations.iter().map(|it| Value::Data(it.json())).collect())),
    ]);
    let profile: Dictionary = dictionary([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.declared", set.prefix(request)).into()),
        ("PayloadUUID", upper(uuid(request, "profile")).into()),
        ("PayloadDisplayName", format!("{} mail for {}", organization.name, request.account.address).into()),
        ("PayloadOrganization", organization.name.as_str().into()),
        // A Mac takes a mail configuration in the user's scope only; iOS has no scopes, and does not look.
        ("PayloadScope", "User".into()),
        ("PayloadContent", Value::Array(vec![Value::Dictionary(payload)])),
    ]);
    let first = File::below("mail.mobileconfig", None, xml(profile));
    let files = std::iter::once(first).chain(set.published()).collect();
    Ok(Profile { files, losses: losses(request.account) })
}

/// Everything that belongs to one account.
struct Set {
    /// The mail configuration first.
    declarations: Vec<Declaration>,
    assets: Vec<Asset>,
    /// The certificates, as they are published.
    certificates: Vec<File>,
}

struct Declaration {
    file: String,
    kind: &'static str,
    identifier: String,
    payload: Json,
}

impl Declaration {
    /// The token is the payload's hash, 64 octets long: another payload is another revision ("should not exceed 64
    /// octets").
    fn json(&self) -> Vec<u8> {
        let token = identifiers::sha256(self.payload.to_string().as_bytes());
        json::file(&json!({
            "Type": self.kind, "Identifier": self.identifier, "ServerToken": token, "Payload": self.payload,
        }))
    }
}

/// A user name, in a file that is published.
struct Asset {
    login: Login,
    identifier: String,
    path: String,
    url: String,
    bytes: Vec<u8>,
}

impl Asset {
    fn file(&self) -> File {
        File::below(&self.path, Some(self.url.clone()), self.bytes.clone())
    }
}

impl Set {
    fn of(request: &Request<'_>) -> Result<Self, Refusal> {
        let account = request.account;
        let reason = "a mail configuration needs both an incoming and an outgoing server";
        let (incoming, outgoing) = servers::one_of_each(account, reason, SOURCE)?;
        let Some(published) = &request.service.assets else {
            let reason =
                "the user name is in a file that the device fetches; set assets.url to where you publish such files";
            return Err(Refusal::of("assets", "nothing", reason, SOURCE));
        };
        if request.passwords == Passwords::Embed {
            let reason = "anyone who knows the URL could fetch the password";
            return Err(Refusal::of("passwords", "to be embedded", reason, SOURCE));
        }
        let mut set = Self { declarations: Vec::new(), assets: Vec::new(), certificates: Vec::new() };
        let mail = set.mail(request, published, incoming, outgoing)?;
        set.add(request, "configuration.account.mail", "com.apple.configuration.account.mail", mail);
        for (name, kind, collection) in [
            ("configuration.account.caldav", "com.apple.configuration.account.caldav", &account.groupware.calendar),
            ("configuration.account.carddav", "com.apple.configuration.account.carddav", &account.groupware.contacts),
        ] {
            if let Some(collection) = collection {
                let payload = set.collection(request, published, collection);
                set.add(request, name, kind, payload);
            }
        }
        if let Some(ldap) = &account.groupware.ldap {
            let payload = set.ldap(request, published, ldap);
            set.add(request, "configuration.account.ldap", "com.apple.configuration.account.ldap", payload);
        }
        let certificates: Vec<Declaration> = account
            .trust
            .iter()
            .enumerate()
            .map(|(at, certificate)| set.certificate(request, published, at, certificate))
            .collect();
        let configurations: Vec<&str> = set.declarations.iter().map(|it| it.identifier.as_str()).collect();
        let activation = json!({ "StandardConfigurations": configurations });
        set.add(request, "activation.simple", "com.apple.activation.simple", activation);
        let mut identity = Map::new();
        identity.extend(account.full_name.iter().map(|name| ("FullName".to_owned(), name.as_str().into())));
        identity.insert("EmailAddress".to_owned(), account.address.as_str().into());
        set.add(request, IDENTITY, "com.apple.asset.useridentity", Json::Object(identity));
        for at in 0..set.assets.len() {
            set.credential(at);
        }
        set.declarations.extend(certificates);
        Ok(set)
    }

    fn mail(
        &mut self,
        request: &Request<'_>,
        published: &HttpsUrl,
        incoming: &Incoming,
        outgoing: &Server,
    ) -> Result<Json, Refusal> {
        let protocol = match incoming.protocol {
            IncomingProtocol::Imap => "IMAP",
            IncomingProtocol::Pop3 => "POP",
        };
        let mut receiving = Map::new();
        receiving.insert("ServerType".to_owned(), protocol.into());
        receiving.extend(self.server(request, published, &incoming.server, "incoming.authentication")?);
        let sending = self.server(request, published, outgoing, "outgoing.authentication")?;
        Ok(json!({
            "VisibleName": format!("{} ({})", request.service.organization.name, request.account.address),
            "UserIdentityAssetReference": identifier(request, IDENTITY),
            "IncomingServer": receiving,
            "OutgoingServer": sending,
        }))
    }

    fn server(
        &mut self,
        request: &Request<'_>,
        published: &HttpsUrl,
        server: &Server,
        setting: &'static str,
    ) -> Result<Map<String, Json>, Refusal> {
        let endpoint = &server.endpoint;
        let mut keys = Map::new();
        keys.insert("HostName".to_owned(), endpoint.host.to_string().into());
        keys.insert("Port".to_owned(), endpoint.port.get().into());
        keys.insert("AuthenticationMethod".to_owned(), method(endpoint.authentication, setting)?.into());
        if let Some(login) = &server.login {
            let reference = self.reference(request, published, login);
            keys.insert("AuthenticationCredentialsAssetReference".to_owned(), reference.into());
        }
        Ok(keys)
    }

    fn collection(&mut self, request: &Request<'_>, published: &HttpsUrl, collection: &Collection) -> Json {
        let url = &collection.url;
        let mut keys = Map::new();
        let name = format!("{} ({})", request.service.organization.name, request.account.address);
        keys.insert("VisibleName".to_owned(), name.into());
        keys.insert("HostName".to_owned(), url.host().to_string().into());
        keys.insert("Port".to_owned(), url.port().get().into());
        keys.insert("Path".to_owned(), url.path().into());
        if let Some(login) = &collection.login {
            let reference = self.reference(request, published, login);
            keys.insert("AuthenticationCredentialsAssetReference".to_owned(), reference.into());
        }
        Json::Object(keys)
    }

    fn ldap(&mut self, request: &Request<'_>, published: &HttpsUrl, ldap: &Ldap) -> Json {
        let search = |search: &LdapSearch| {
            let mut keys = Map::new();
            keys.extend(search.description.iter().map(|it| ("VisibleDescription".to_owned(), it.as_str().into())));
            keys.insert("SearchBase".to_owned(), search.base.as_str().into());
            let scope = match search.scope {
                SearchScope::Base => "Base",
                SearchScope::One => "OneLevel",
                SearchScope::Sub => "Subtree",
            };
            keys.insert("Scope".to_owned(), scope.into());
            Json::Object(keys)
        };
        let mut keys = Map::new();
        let name = format!("{} ({})", request.service.organization.name, request.account.address);
        keys.insert("VisibleName".to_owned(), name.into());
        keys.insert("HostName".to_owned(), ldap.host.to_string().into());
        keys.insert("SearchSettings".to_owned(), ldap.searches.iter().map(search).collect());
        if let Some(login) = &ldap.login {
            let reference = self.reference(request, published, login);
            keys.insert("AuthenticationCredentialsAssetReference".to_owned(), reference.into());
        }
        Json::Object(keys)
    }

    /// The identifier of the asset with this user name, which all servers with the same one share.
    fn reference(&mut self, request: &Request<'_>, published: &HttpsUrl, login: &Login) -> String {
        if let Some(known) = self.assets.iter().find(|asset| asset.login == *login) {
            return known.identifier.clone();
        }
        let kind = format!("asset.credential.userpassword {}", self.assets.len());
        let identifier = identifier(request, &kind);
        let file = format!("{identifier}.json");
        let url = address(published, &file);
        let bytes = json::file(&json!({ "UserName": login.as_str() }));
        let path = format!("published/{file}");
        self.assets.push(Asset { login: login.clone(), identifier: identifier.clone(), path, url, bytes });
        identifier
    }

    /// The declaration of an asset.
    fn credential(&mut self, at: usize) {
        let asset = &self.assets[at];
        let name = if at == 0 { String::new() } else { format!(".{at}") };
        self.declarations.push(Declaration {
            file: format!("asset.credential.userpassword{name}.json"),
            kind: "com.apple.asset.credential.userpassword",
            identifier: asset.identifier.clone(),
            payload: json!({
                "Reference": reference(&asset.url, "application/json", &asset.bytes),
                // A plain GET, which any web server answers; the other type is a request to the management server.
                "Authentication": { "Type": "None" },
            }),
        });
    }

    /// Adds an authority, and gives the declaration of its asset.
    fn certificate(
        &mut self,
        request: &Request<'_>,
        published: &HttpsUrl,
        at: usize,
        certificate: &Certificate,
    ) -> Declaration {
        let number = if at == 0 { String::new() } else { format!(".{at}") };
        // Another certificate is another declaration.
        let which = identifiers::of_certificate(certificate);
        let asset = identifier(request, &format!("asset.credential.certificate {which}"));
        self.declarations.push(Declaration {
            file: format!("configuration.security.certificate{number}.json"),
            kind: "com.apple.configuration.security.certificate",
            identifier: identifier(request, &format!("configuration.security.certificate {which}")),
            payload: json!({ "CredentialAssetReference": asset }),
        });
        let name = format!("{asset}.pem");
        let (url, bytes) =
            (address(published, &name), authorities::pem(std::slice::from_ref(certificate)).into_bytes());
        let payload = json!({
            "Reference": reference(&url, "application/pem", &bytes),
            "Authentication": { "Type": "None" },
        });
        self.certificates.push(File::below(&format!("published/{name}"), Some(url), bytes));
        Declaration {
            file: format!("asset.credential.certificate{number}.json"),
            kind: "com.apple.asset.credential.certificate",
            identifier: asset,
            payload,
        }
    }

    /// The files that the device fetches.
    fn published(&self) -> impl Iterator<Item = File> {
        self.assets.iter().map(Asset::file).chain(self.certificates.iter().cloned())
    }

    fn add(&mut self, request: &Request<'_>, name: &str, kind: &'static str, payload: Json) {
        let identifier = identifier(request, name);
        self.declarations.push(Declaration { file: format!("{name}.json"), kind, identifier, payload });
    }

    /// What the profile's identifiers begin with.
    fn prefix(&self, request: &Request<'_>) -> String {
        format!("{}.{}", request.service.organization.id, uuid(request, "account"))
    }
}

/// Where a file is published.
fn address(published: &HttpsUrl, file: &str) -> String {
    let base = published.to_string();
    format!("{}/{file}", base.strip_suffix('/').unwrap_or(&base))
}

/// What leads to a published file, and tells whether it is the right one. The hash is written in lower-case hexadecimal,
/// as the one generator does that was found; Apple's schema says "string".
fn reference(url: &str, content_type: &str, bytes: &[u8]) -> Json {
    json!({ "DataURL": url, "ContentType": content_type, "Size": bytes.len(), "Hash-SHA-256": identifiers::sha256(bytes) })
}

/// "A UUID string value is a good choice": 36 octets of the 64.
fn identifier(request: &Request<'_>, kind: &str) -> String {
    upper(uuid(request, kind))
}

fn uuid(request: &Request<'_>, kind: &str) -> uuid::Uuid {
    let organization = &request.service.organization.id;
    identifiers::of_account(organization, &request.account.address, &format!("apple-ddm {kind}"))
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
            Loss::of(format_args!("ldap.searches[{at}]"), &search.base, reason, SOURCE).written(&search.base)
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
