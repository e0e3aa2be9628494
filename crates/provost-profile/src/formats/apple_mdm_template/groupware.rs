//! Calendar, address book and directory in a template. What a system cannot fill in is left out and reported; the mail
//! account is written in any case. Mail itself is not handled here.

use plist::{Dictionary, Value};
use provost_account::{CollectionService, EmailAddress, Login, LoginPart, Service, UrlTemplate};

use super::uuid;
use crate::apple_profile::{MAIL, dictionary, searches, upper, use_ssl};
use crate::mdm::Spellings;
use crate::profile::{Loss, Refusal};

/// The payloads for a platform, as far as the system can fill them in.
pub(super) fn payloads(service: &Service, spellings: &Spellings<'_>, platform: &str) -> Vec<Dictionary> {
    let collections = COLLECTIONS.iter().filter_map(|kind| {
        let collection = (kind.of)(service)?;
        kind.payload(service, spellings, collection, platform).ok()
    });
    collections.chain(directory(service, spellings).and_then(Result::ok)).collect()
}

/// What is left out, or comes out otherwise than the settings have it.
pub(super) fn losses(service: &Service, spellings: &Spellings<'_>) -> Vec<Loss> {
    let mut losses = Vec::new();
    let loss = |setting: &str, asked: &str, written: Option<String>, reason| Loss {
        written,
        ..Loss::of(setting, asked, reason, MAIL)
    };
    for kind in COLLECTIONS {
        let Some(collection) = (kind.of)(service) else { continue };
        let asked = collection.url.as_str();
        match (kind.path(service, spellings, collection), kind.payload(service, spellings, collection, "ios")) {
            (Err(refusal), _) | (_, Err(refusal)) => losses.push(loss(kind.setting, asked, None, refusal.reason)),
            (Ok(path), Ok(_)) => {
                let authority = authority(&collection.url);
                if asked.contains("%EMAIL") || asked.contains("%USERNAME%") {
                    let reason = "the system inserts the value as it is, without URL encoding";
                    losses.push(loss(kind.setting, asked, Some(format!("{authority}{path}")), reason));
                }
                if kind.prefix == "CardDAV" && path != "/" {
                    let reason = "macOS has no key for the path of an address book and asks the server for it";
                    losses.push(loss(kind.setting, asked, Some(authority), reason));
                }
            }
        }
    }
    if let (Some(ldap), Some(written)) = (&service.ldap, directory(service, spellings)) {
        let login = ldap.login.as_ref().map_or("", |login| login.as_str());
        match written {
            Err(refusal) => losses.push(loss("ldap", login, None, refusal.reason)),
            Ok(_) if login.contains("%EMAIL") && login.contains('=') => {
                let reason = "the system inserts the value as it is, without escaping it for a distinguished name";
                losses.push(loss("ldap.username", login, Some("the value as it is".to_owned()), reason));
            }
            Ok(_) => {}
        }
    }
    losses
}

/// A kind of collection.
struct Kind {
    setting: &'static str,
    payload_type: &'static str,
    prefix: &'static str,
    name: &'static str,
    of: fn(&Service) -> Option<&CollectionService>,
}

impl Kind {
    fn payload(
        &self,
        service: &Service,
        spellings: &Spellings<'_>,
        collection: &CollectionService,
        platform: &str,
    ) -> Result<Dictionary, Refusal> {
        let (stand_in, path) = (stand_in(&collection.url), self.path(service, spellings, collection)?);
        let mut payload = payload(service, spellings, self.payload_type, self.setting, self.name);
        let mut insert = |key: &str, value: Value| payload.insert(format!("{}{key}", self.prefix), value);
        let organization = &service.organization.name;
        insert("AccountDescription", format!("{organization} {} ({})", self.setting, spellings.address).into());
        insert("HostName", stand_in.host().to_string().into());
        insert("Port", u64::from(stand_in.port().get()).into());
        insert("UseSSL", true.into());
        if !(self.prefix == "CardDAV" && platform == "macos") {
            insert("PrincipalURL", path.into());
        }
        let login = collection.login_of_everybody(&service.login);
        insert("Username", spellings.expand(service, self.setting, &login)?.into());
        Ok(payload)
    }

    /// The path with the system's variables in it.
    fn path(
        &self,
        service: &Service,
        spellings: &Spellings<'_>,
        collection: &CollectionService,
    ) -> Result<String, Refusal> {
        let url = collection.url_of_everybody(&service.login);
        let mut parts = url.parts();
        // No placeholder stands before the path, so host and port are in the first piece.
        if let Some(LoginPart::Text(first)) = parts.first_mut() {
            let after_scheme = first.strip_prefix("https://").unwrap_or(first);
            *first = after_scheme.find('/').map_or("/", |slash| &after_scheme[slash..]);
        }
        spellings.expand_parts(service, self.setting, collection.url.as_str(), parts)
    }
}

/// The directory; `None` where the service has none.
fn directory(service: &Service, spellings: &Spellings<'_>) -> Option<Result<Dictionary, Refusal>> {
    let ldap = service.ldap.as_ref()?;
    let mut payload = payload(service, spellings, "com.apple.ldap.account", "directory", "Directory");
    let mut insert = |key: &str, value: Value| payload.insert(format!("LDAP{key}"), value);
    insert("AccountDescription", format!("{} directory ({})", service.organization.name, spellings.address).into());
    insert("AccountHostName", ldap.host.to_string().into());
    insert("AccountUseSSL", use_ssl(ldap.security).into());
    let login = ldap.login.as_ref().map(|login| spellings.expand(service, "ldap.username", login)).transpose();
    match login {
        Ok(login) => login.map(|login| insert("AccountUserName", login.into())),
        Err(refusal) => return Some(Err(refusal)),
    };
    let texts = ldap.searches.iter().flat_map(|search| {
        let description = search.description.as_ref().map_or("", |text| text.as_str());
        [("ldap.searches", search.base.as_str()), ("ldap.searches", description)]
    });
    for (setting, text) in texts {
        if let Err(refusal) = spellings.check(setting, text) {
            return Some(Err(refusal));
        }
    }
    insert("SearchSettings", searches(&ldap.searches));
    Some(Ok(payload))
}

/// What every payload has: its identifier ends in the address's variable, as that of the mail payload does.
fn payload(service: &Service, spellings: &Spellings<'_>, payload_type: &str, kind: &str, name: &str) -> Dictionary {
    dictionary([
        ("PayloadType", payload_type.into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", format!("{}.template.{kind}.{}", service.organization.id, spellings.address).into()),
        ("PayloadUUID", upper(uuid(service, kind)).into()),
        ("PayloadDisplayName", name.into()),
    ])
}

/// The URL of no particular person: host and port are the same for everybody.
fn stand_in(url: &UrlTemplate) -> provost_account::HttpsUrl {
    let login = Login::try_from("person").expect("a login name");
    url.expand(&EmailAddress::try_from("person@example.org").expect("an address"), &login)
}

fn authority(url: &UrlTemplate) -> String {
    let url = stand_in(url);
    url.host().authority(url.port())
}

const COLLECTIONS: &[Kind] = &[
    Kind {
        setting: "calendar",
        payload_type: "com.apple.caldav.account",
        prefix: "CalDAV",
        name: "Calendar",
        of: |service| service.calendar.as_ref(),
    },
    Kind {
        setting: "contacts",
        payload_type: "com.apple.carddav.account",
        prefix: "CardDAV",
        name: "Contacts",
        of: |service| service.contacts.as_ref(),
    },
];
