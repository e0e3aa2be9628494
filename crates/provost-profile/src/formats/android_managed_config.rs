//! Managed configuration of Android apps: values that a device management system gives to an app. Gmail and Outlook,
//! which take Exchange only, and one app whose keys the settings list. No other mail app documents keys for IMAP.
//!
//! The Android Management API and Play EMM have no variables, so their files are for one person; Intune's tokens make
//! one file work for everyone. Nothing was tried on a device.

use crate::json;
use crate::losses::{groupware, name_and_aliases, no_mail, trust, window};
use crate::mdm::{Spellings, anybody};
use crate::profile::{File, FileName, Loss, Profile, Refusal};
use crate::writer::{OrganizationRequest, Request, Variant, Write};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Account, Exchange, LoginTemplate, ManagedApp, ManagedValue, Service};
use serde_json::{Map, Value as Json, json};

/// One per interface of the systems.
pub(super) const VARIANTS: &[Variant] = &[
    Variant { name: "amapi", devices: "Android under the Android Management API", write: Write::User(amapi) },
    Variant { name: "intune", devices: "Android under Microsoft Intune", write: Write::Organization(intune) },
    Variant { name: "play-emm", devices: "Android under the Play EMM API", write: Write::User(play_emm) },
];

/// A fragment of a policy for each app: `Policy.applications`.
fn amapi(request: &Request<'_>) -> Result<Profile, Refusal> {
    let apps = Apps::of_person(request)?;
    let policy = |app: &App| {
        let values: Map<String, Json> = app.values.iter().map(|(key, value)| (key.clone(), value.1.clone())).collect();
        json!({ "applications": [{
            "packageName": app.package,
            // Unconfirmed: that the app need not be installed by force for its configuration to reach it.
            "installType": "AVAILABLE",
            "managedConfiguration": values,
        }] })
    };
    apps.profile(request.account, policy)
}

/// A `managedConfiguration` for each app.
fn play_emm(request: &Request<'_>) -> Result<Profile, Refusal> {
    Apps::of_person(request)?.profile(request.account, |app| app.play_emm())
}

/// An `androidManagedStoreAppConfiguration` for each app, which carries Play EMM's JSON in base64.
fn intune(request: &OrganizationRequest<'_>) -> Result<Profile, Refusal> {
    let service = request.service;
    let spellings = Spellings::of(service, "intune")?;
    spellings.check("organization.name", service.organization.name.as_str())?;
    let apps = Apps::of(service, &|setting, template| spellings.expand(service, setting, template))?;
    let configuration = |app: &App| {
        json!({
            "@odata.type": "#microsoft.graph.androidManagedStoreAppConfiguration",
            "displayName": format!("{} mail: {}", service.organization.name, app.package),
            "description": "",
            "targetedMobileApps": [],
            "packageId": format!("app:{}", app.package),
            "payloadJson": BASE64_STANDARD.encode(app.play_emm().to_string()),
            "profileApplicability": "default",
            "permissionActions": [],
            "appSupportsOemConfig": false,
            "connectedAppsEnabled": false,
        })
    };
    let mut profile = apps.profile(&anybody(service), configuration)?;
    profile.losses.extend(spellings.doubts());
    let reason = "only the tenant knows it; fill it in before you create the configuration";
    let unsaid = Loss::of("android", "the app's number in the tenant", reason, INTUNE);
    profile.losses.push(unsaid.written("targetedMobileApps: []"));
    Ok(profile)
}

/// The apps that get a file.
struct Apps(Vec<App>);

struct App {
    package: String,
    values: Vec<(String, Value)>,
    source: &'static str,
}

/// A value, and the name of its kind in Play EMM's JSON.
struct Value(&'static str, Json);

fn flag(flag: bool) -> Value {
    Value("valueBool", flag.into())
}

fn text(text: impl Into<Json>) -> Value {
    Value("valueString", text.into())
}

/// Makes a text of a template, or says which setting it cannot.
type Expand<'a> = &'a dyn Fn(&'static str, &LoginTemplate) -> Result<String, Refusal>;

impl Apps {
    fn of_person(request: &Request<'_>) -> Result<Self, Refusal> {
        let Request { service, account, .. } = request;
        let login = account.login().map_or(account.address.as_str(), |login| login.as_str());
        Self::of(service, &|setting, template| {
            // The person may have a login name of their own.
            Ok(match setting {
                "username" => login.to_owned(),
                _ => template.expand(&account.address).to_string(),
            })
        })
    }

    fn of(service: &Service, expand: Expand<'_>) -> Result<Self, Refusal> {
        let mut apps = Vec::new();
        if let Some(exchange) = &service.exchange {
            apps.push(gmail(service, exchange, expand)?);
            apps.push(outlook(service, exchange, expand)?);
        }
        if let Some(app) = &service.android {
            let own = |known: &App| known.package == app.package.as_str();
            apps.retain(|known| !own(known));
            apps.push(of_settings(app, expand)?);
        }
        match apps.is_empty() {
            false => Ok(Self(apps)),
            true => Err(Refusal::of(
                "incoming",
                service.incoming.first().map_or("nothing", |(protocol, _)| protocol.name()),
                "Gmail and Outlook support Exchange only, and no other app documents its keys; add an Exchange server, or an app and its keys, to the settings",
                GMAIL,
            )),
        }
    }

    /// A file for each app. What the apps cannot say holds for all of them, since each goes with one.
    fn profile(&self, account: &Account, json: impl Fn(&App) -> Json) -> Result<Profile, Refusal> {
        let file = |app: &App| {
            let name = FileName::Own { part: Some(app.package.clone()), extension: "json" };
            File { name, install: None, bytes: json::file(&json(app)) }
        };
        Ok(Profile { files: self.0.iter().map(file).collect(), losses: self.losses(account) })
    }

    fn losses(&self, account: &Account) -> Vec<Loss> {
        let mut losses = Vec::new();
        if self.0.iter().any(|app| app.source != OWN) {
            let reason = "Gmail and Outlook support Exchange only";
            losses.extend(no_mail(account, reason, GMAIL));
        }
        if self.0.iter().any(|app| app.source == OWN) {
            let reason = "the keys come from the settings; how the app uses them is not proven";
            losses.extend(no_mail(account, reason, OWN));
        }
        let reason = "the apps have no key for it";
        losses.extend(name_and_aliases(account, reason, GMAIL));
        losses.extend(window(account.sync, reason, GMAIL));
        losses.extend(trust(account, reason, GMAIL));
        losses.extend(groupware(account, reason, GMAIL));
        losses
    }
}

impl App {
    fn play_emm(&self) -> Json {
        let property = |(key, Value(kind, value)): &(String, Value)| json!({ "key": key, *kind: value });
        let properties: Vec<Json> = self.values.iter().map(property).collect();
        json!({
            "kind": "androidenterprise#managedConfiguration",
            "productId": format!("app:{}", self.package),
            "managedProperty": properties,
        })
    }
}

/// The keys of Google's help. Those for the sync window and the kind of authentication have no confirmed names.
fn gmail(service: &Service, exchange: &Exchange, expand: Expand<'_>) -> Result<App, Refusal> {
    let address = LoginTemplate::try_from("%EMAILADDRESS%").expect("a template");
    Ok(App {
        package: "com.google.android.gm".to_owned(),
        values: vec![
            ("email_address".to_owned(), text(expand("address", &address)?)),
            ("exchange_host".to_owned(), text(exchange.host.to_string())),
            ("exchange_username".to_owned(), text(expand("username", &service.login)?)),
            ("exchange_ssl_required".to_owned(), flag(true)),
            ("exchange_trust_all_certificates".to_owned(), flag(false)),
        ],
        source: GMAIL,
    })
}

/// The keys of Microsoft's documentation: all of them strings.
fn outlook(service: &Service, exchange: &Exchange, expand: Expand<'_>) -> Result<App, Refusal> {
    let address = LoginTemplate::try_from("%EMAILADDRESS%").expect("a template");
    let value = |key: &str, value: String| (format!("com.microsoft.outlook.EmailProfile.{key}"), text(value));
    // What Outlook makes of EmailAccountName and EmailUPN is taken from their names (unconfirmed).
    Ok(App {
        package: "com.microsoft.office.outlook".to_owned(),
        values: vec![
            value("EmailAccountName", service.organization.name.to_string()),
            value("EmailAddress", expand("address", &address)?),
            value("EmailUPN", expand("username", &service.login)?),
            value("ServerAuthentication", "Username and Password".to_owned()),
            value("ServerHostName", exchange.host.to_string()),
            value("AccountType", "BasicAuth".to_owned()),
        ],
        source: OUTLOOK,
    })
}

fn of_settings(app: &ManagedApp, expand: Expand<'_>) -> Result<App, Refusal> {
    let value = |value: &ManagedValue| {
        Ok(match value {
            ManagedValue::Flag(on) => flag(*on),
            ManagedValue::Number(number) => Value("valueInteger", (*number).into()),
            ManagedValue::Text(template) => text(expand("android.keys", template)?),
        })
    };
    Ok(App {
        package: app.package.as_str().to_owned(),
        values: app.keys.iter().map(|(key, it)| Ok((key.clone(), value(it)?))).collect::<Result<_, Refusal>>()?,
        source: OWN,
    })
}

/// Gmail's keys.
pub(super) const GMAIL: &str = "https://support.google.com, Android Enterprise help, answer 7065453";
const OUTLOOK: &str = "Microsoft's documentation of Outlook for Android, app configuration";
const INTUNE: &str = "https://learn.microsoft.com/graph, androidManagedStoreAppConfiguration";
const OWN: &str = "the settings";
