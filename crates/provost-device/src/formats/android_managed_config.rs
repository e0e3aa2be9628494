//! Managed configuration of Android apps, in the JSON of the Android Management API, Play EMM and Intune. Gmail and
//! Outlook are known from their vendors' documentation: both take Exchange only. What another app does with its keys is
//! unknown, and reported so. No device was tried.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use provost_account::{Account, EmailAddress, Findings, Host, Place, codes::profile as codes, nearest, place};
use serde_json::{Map, Value as Json};

use crate::mdm::{self, Mdm};
use crate::person::{Person, nobodys_address};
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::source_text::{self, text};
use crate::understood::{Assumption, Identifier, Ignored, Understood};

/// One of the three shapes.
pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    let holds = |text: &str| file.bytes.windows(text.len()).any(|window| window == text.as_bytes());
    file.bytes.trim_ascii_start().starts_with(b"{")
        && (holds("\"managedConfiguration\"") && holds("\"packageName\"")
            || holds("\"managedProperty\"") && holds("\"productId\"")
            || holds("\"payloadJson\"") && holds("\"packageId\""))
}

/// Reads a configuration: an account for each app in it.
pub(super) fn read(bytes: &[u8], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let apps = apps(bytes, person, &mut findings);
    let profiles: Vec<Understood> =
        apps.into_iter().flatten().filter_map(|app| app.read(person, &mut findings)).collect();
    Reading::of_some(profiles, findings, "no app is configured", "name an app and its keys")
}

/// An app, with the values of its keys after variables were filled in.
struct App {
    package: String,
    values: BTreeMap<String, Json>,
    /// Where each key stands; empty inside an encoded payload.
    places: BTreeMap<String, Place>,
    assumed: Vec<Assumption>,
}

/// The apps of a file, whatever its shape.
fn apps(bytes: &[u8], person: &Person, findings: &mut Findings) -> Option<Vec<App>> {
    let text = text(bytes, findings)?;
    let json = source_text::json(text, findings)?;
    if json.get("payloadJson").is_some() {
        return Some(intune(&json, text, person, findings).into_iter().collect());
    }
    if json.get("managedProperty").is_some() {
        return Some(play_emm(&json, Some(text), findings).into_iter().collect());
    }
    let of_policy = |application: &Json| {
        let values = application.get("managedConfiguration")?.as_object()?;
        let package = application.get("packageName")?.as_str()?.to_owned();
        Some(App::of(package, values.clone(), Some(text)))
    };
    Some(match json.get("applications").and_then(Json::as_array) {
        Some(applications) => applications.iter().filter_map(of_policy).collect(),
        None => of_policy(&json).into_iter().collect(),
    })
}

fn play_emm(json: &Json, text: Option<&str>, findings: &mut Findings) -> Option<App> {
    let product = json.get("productId").and_then(Json::as_str).unwrap_or("");
    let Some(package) = product.strip_prefix("app:") else {
        let message = format!("productId is {product:?}; it must begin with \"app:\"");
        return findings.refuse(codes::WRONG_VALUE, None, message, "write app: before the package");
    };
    let mut values = Map::new();
    for property in json.get("managedProperty").and_then(Json::as_array).into_iter().flatten() {
        let key = property.get("key").and_then(Json::as_str).unwrap_or("");
        let value = VALUES.iter().find_map(|(name, fits)| Some((name, fits, property.get(*name)?)));
        let Some((name, fits, value)) = value.filter(|_| !key.is_empty()) else {
            let fix = "give it both";
            findings.add(codes::MISSING_KEY, None, format!("{key:?} is a property without a key or value"), fix);
            continue;
        };
        if !fits(value) {
            let at = text.map(|text| place(text, text.find(&format!("\"{key}\"")).unwrap_or(0)));
            findings.add(codes::WRONG_TYPE, at, format!("{name} of {key} is {value}"), "write a value of that kind");
        }
        values.insert(key.to_owned(), value.clone());
    }
    Some(App::of(package.to_owned(), values, text))
}

/// Intune wraps Play EMM's JSON and fills its tokens in.
fn intune(json: &Json, text: &str, person: &Person, findings: &mut Findings) -> Option<App> {
    let at = Some(place(text, text.find("\"payloadJson\"").unwrap_or(0)));
    let payload = json.get("payloadJson").and_then(Json::as_str).unwrap_or("");
    let inner = BASE64_STANDARD.decode(payload).ok().and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
    let Some(inner) = inner else {
        return findings.refuse(codes::WRONG_VALUE, at, "payloadJson is not JSON in base64", "encode Play EMM's JSON");
    };
    let (outer, named) = (json.get("packageId"), inner.get("productId"));
    if outer != named {
        let message = format!("packageId is {}, but productId inside is {}", shown(outer), shown(named));
        findings.add(codes::WRONG_VALUE, at, message, "name the same app in both");
    }
    let mut app = play_emm(&inner, None, findings)?;
    let variables = Mdm::with_address("{{mail}}").first().map_or(&[][..], |intune| intune.variables);
    let stand_in = EmailAddress::try_from(STAND_IN).expect("an address");
    let address = person.address.as_ref().unwrap_or(&stand_in);
    for value in app.values.values_mut() {
        let Some(text) = value.as_str() else { continue };
        let (filled, replaced) = mdm::fill_in(text, variables, address, person, &str::to_owned);
        let source = "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md";
        for (key, value) in replaced {
            let assumption = Assumption::of(key, value, source);
            app.assumed.extend((!app.assumed.contains(&assumption)).then_some(assumption));
        }
        *value = filled.into();
    }
    Some(app)
}

fn shown(value: Option<&Json>) -> String {
    value.map_or_else(|| "missing".to_owned(), Json::to_string)
}

impl App {
    fn of(package: String, values: Map<String, Json>, text: Option<&str>) -> Self {
        let find = |key: &String| Some((key.clone(), place(text?, text?.find(&format!("\"{key}\""))?)));
        let places = values.keys().filter_map(find).collect();
        Self { package, values: values.into_iter().collect(), places, assumed: Vec::new() }
    }

    fn read(self, person: &Person, findings: &mut Findings) -> Option<Understood> {
        for (key, value) in &self.values {
            let Some(variable) = value.as_str().and_then(mdm::variable_in) else { continue };
            let message = format!("{key} contains {variable}, which no system replaces");
            let fix = "write the person's own value, or a variable that the system has";
            findings.add(codes::UNEXPANDED_PLACEHOLDER, self.place(key), message, fix);
        }
        match self.package.as_str() {
            "com.google.android.gm" => self.gmail(person, findings),
            "com.microsoft.office.outlook" => self.outlook(person, findings),
            _ => Some(self.unknown(person, findings)),
        }
    }

    fn gmail(mut self, person: &Person, findings: &mut Findings) -> Option<Understood> {
        self.known(GMAIL_KEYS, findings);
        let host = self.host("exchange_host", findings);
        if self.flag("exchange_ssl_required", findings) == Some(false) {
            let message = "exchange_ssl_required is false";
            findings.add(codes::CLEARTEXT, self.place("exchange_ssl_required"), message, "write true");
        }
        if self.flag("exchange_trust_all_certificates", findings) == Some(true) {
            let message = "exchange_trust_all_certificates is true: anyone can impersonate the server";
            findings.add(codes::ANY_CERTIFICATE, self.place("exchange_trust_all_certificates"), message, "write false");
        }
        let address = self.address("email_address", person, findings)?;
        let login = self.text("exchange_username", findings);
        self.exchange(host?, login, address, None, GMAIL)
    }

    fn outlook(mut self, person: &Person, findings: &mut Findings) -> Option<Understood> {
        let profile: Vec<String> = OUTLOOK_KEYS.iter().map(|key| format!("{PREFIX}{key}")).collect();
        let profile: Vec<&str> = profile.iter().map(String::as_str).collect();
        self.known(&profile, findings);
        let key = |name: &str| format!("{PREFIX}{name}");
        let modern = match self.text(&key("AccountType"), findings).as_deref() {
            Some("ModernAuth") => true,
            Some("BasicAuth") | None => false,
            Some(other) => {
                let message = format!("AccountType is {other:?}");
                let at = self.place(&key("AccountType"));
                findings.add(codes::WRONG_VALUE, at, message, "write BasicAuth or ModernAuth");
                false
            }
        };
        let host = match modern {
            true => Some("Exchange Online".to_owned()),
            false => self.host(&key("ServerHostName"), findings),
        };
        let address = self.address(&key("EmailAddress"), person, findings)?;
        let login = self.text(&key("EmailUPN"), findings);
        let label = self.text(&key("EmailAccountName"), findings);
        self.exchange(host?, login, address, label, OUTLOOK)
    }

    /// An account of Exchange has none of the servers that are proven here.
    fn exchange(
        self,
        host: String,
        login: Option<String>,
        address: EmailAddress,
        label: Option<String>,
        source: &'static str,
    ) -> Option<Understood> {
        let mut assumed = self.assumed;
        let login = login.unwrap_or_else(|| "asked of the person".to_owned());
        for (key, value) in [("Exchange server, not proven here", host), ("Exchange login", login)] {
            assumed.push(Assumption::of(key, value, source));
        }
        let identifiers = vec![Identifier { key: "package", value: self.package }];
        Some(Understood { label, assumed, identifiers, ..Understood::of("Android", Account::of(address)) })
    }

    fn unknown(self, person: &Person, findings: &mut Findings) -> Understood {
        let message = format!("how {} uses its keys is unknown, so nothing is proven", self.package);
        let fix = "try it on one device";
        findings.add(codes::UNPROVEN_MAPPING, self.places.values().min().copied(), message, fix);
        let stand_in = EmailAddress::try_from(STAND_IN).expect("an address");
        let mut assumed = self.assumed;
        if person.address.is_none() {
            let source = "a placeholder, because no known key says whose account it is";
            assumed.push(Assumption::of("address", STAND_IN, source));
        }
        let ignored = |(key, value): (&String, &Json)| {
            Ignored::of(format_args!("{key} = {value}"), self.places.get(key).copied(), "its meaning is unknown")
        };
        Understood {
            ignored: self.values.iter().map(ignored).collect(),
            assumed,
            identifiers: vec![Identifier { key: "package", value: self.package }],
            ..Understood::of("Android", Account::of(person.address.clone().unwrap_or(stand_in)))
        }
    }

    fn known(&self, known: &[&str], findings: &mut Findings) {
        for key in self.values.keys().filter(|key| !known.contains(&key.as_str())) {
            let fix = match nearest(key, known) {
                Some(known) => format!("did you mean {known}?"),
                None => "compare it with the app's documentation".to_owned(),
            };
            let message = format!("{key} is not a known key of {}", self.package);
            findings.add(codes::UNKNOWN_KEY, self.place(key), message, fix);
        }
    }

    fn place(&self, key: &str) -> Option<Place> {
        self.places.get(key).copied()
    }

    fn text(&self, key: &str, findings: &mut Findings) -> Option<String> {
        let value = self.values.get(key)?;
        if !value.is_string() {
            let fix = "write a string";
            findings.add(codes::WRONG_TYPE, self.place(key), format!("{key} is {value}; expected a string"), fix);
        }
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn flag(&self, key: &str, findings: &mut Findings) -> Option<bool> {
        let value = self.values.get(key)?;
        if !value.is_boolean() {
            let message = format!("{key} is {value}; expected true or false");
            findings.add(codes::WRONG_TYPE, self.place(key), message, "write it without quotation marks");
        }
        value.as_bool()
    }

    /// `host`, or `host:port`.
    fn host(&self, key: &str, findings: &mut Findings) -> Option<String> {
        let Some(text) = self.text(key, findings) else {
            let fix = "add the Exchange server; the app supports no other protocol";
            return findings.refuse(codes::MISSING_KEY, self.place(key), format!("{key} is missing"), fix);
        };
        let host = match text.rsplit_once(':') {
            Some((host, port)) if port.parse::<std::num::NonZeroU16>().is_ok() => host,
            _ => &text,
        };
        let message = |error| format!("{key} is {text:?}: {error}");
        findings.ok(Host::try_from(host), codes::WRONG_VALUE, self.place(key), message, "write the host")?;
        Some(text)
    }

    fn address(&mut self, key: &str, person: &Person, findings: &mut Findings) -> Option<EmailAddress> {
        let Some(text) = self.text(key, findings) else {
            let message = format!("{key} is missing, so the app asks for it");
            findings.add(codes::NO_ADDRESS, self.place(key), message, "add it, or say whose file it is");
            let Some(address) = person.address.clone() else { return Some(nobodys_address()) };
            self.assumed.push(Assumption::of(key, &address, "the person"));
            return Some(address);
        };
        let (address, message) = (EmailAddress::try_from(text.as_str()), |error| format!("{key} is {text:?}: {error}"));
        findings.ok(address, codes::WRONG_VALUE, self.place(key), message, "write one address")
    }
}

/// A property's value is in the key of its kind.
type Fits = fn(&Json) -> bool;
const VALUES: &[(&str, Fits)] = &[
    ("valueBool", Json::is_boolean),
    ("valueBundle", Json::is_object),
    ("valueBundleArray", Json::is_array),
    ("valueInteger", Json::is_i64),
    ("valueString", Json::is_string),
    ("valueStringArray", Json::is_array),
];
/// In a domain that nobody has (RFC 2606).
const STAND_IN: &str = "person@example.org";
const GMAIL: &str = "https://support.google.com, Android Enterprise help, answer 7065453";
const GMAIL_KEYS: &[&str] = &[
    "default_signature",
    "email_address",
    "exchange_device_id",
    "exchange_host",
    "exchange_login_certificate_alias",
    "exchange_ssl_required",
    "exchange_trust_all_certificates",
    "exchange_username",
];
const OUTLOOK: &str = "Microsoft's documentation of Outlook for Android, app configuration";
const PREFIX: &str = "com.microsoft.outlook.EmailProfile.";
const OUTLOOK_KEYS: &[&str] = &[
    "AccountDomain",
    "AccountType",
    "EmailAccountName",
    "EmailAddress",
    "EmailUPN",
    "ServerAuthentication",
    "ServerHostName",
];
