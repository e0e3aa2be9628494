//! Every `.mobileconfig` that the fixtures produce, against Apple's own schema: no unknown key, none missing, none of
//! another type, none deprecated, no value out of range.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plist::{Dictionary, Value};
use provost_account::{EmailAddress, codes};
use provost_device::{Person, SourceFile};
use provost_profile::{FileName, OrganizationRequest, Passwords, Request, Write};
use provost_tests::{root, shared};
use serde_json::Value as Json;

use crate::fixtures::{Fixture, fixtures};

#[test]
fn every_mobileconfig_is_as_apples_schema_has_it() {
    let Some(folder) = shared("data/apple-schema/mdm/profiles") else { return };
    let top = keys(&folder, "TopLevel");
    let common = keys(&folder, "CommonPayloadKeys");
    let mut problems = Vec::new();
    let mut files = 0;
    for (name, profile) in profiles().into_iter().chain(templates()) {
        files += 1;
        let system = system(name.rsplit(' ').next().unwrap());
        judge(&name, system, &profile, &top, &mut problems);
        for payload in profile.get("PayloadContent").and_then(Value::as_array).unwrap() {
            let payload = payload.as_dictionary().unwrap();
            let kind = payload.get("PayloadType").and_then(Value::as_string).unwrap();
            let on = &schema(&folder, kind)["payload"]["supportedOS"][system];
            if on["introduced"] == "n/a" {
                problems.push(format!("{name}: {kind} is not on {system}"));
            }
            let own =
                common.iter().chain(&keys(&folder, kind)).map(|(key, rule)| (key.clone(), rule.clone())).collect();
            judge(&format!("{name}, {kind}"), system, payload, &own, &mut problems);
            if name.ends_with(" shared-ipad") {
                let channel = if kind.starts_with("com.apple.security.") { "devicechannel" } else { "userchannel" };
                let mode = &on["sharedipad"];
                let (is_allowed, is_device) = (mode["mode"] == "allowed", profile_is_the_devices(&profile));
                if !is_allowed || mode[channel] != true || is_device != (channel == "devicechannel") {
                    problems.push(format!("{name}: {kind} by the wrong channel: {mode}"));
                }
            }
        }
    }
    assert!(files > 90, "only {files} files");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether a Shared iPad gets it by its own channel.
fn profile_is_the_devices(profile: &Dictionary) -> bool {
    profile["PayloadIdentifier"].as_string().unwrap().ends_with(".shared-ipad.certificates")
}

/// An identifier that two accounts share makes the second one replace the first on the device.
#[test]
fn no_two_accounts_share_an_identifier() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (name, profile) in profiles().into_iter().filter(|(_, profile)| !profile_is_the_devices(profile)) {
        let account = name.split(' ').next().unwrap();
        let payloads = profile.get("PayloadContent").and_then(Value::as_array).unwrap().iter();
        let mails = payloads.filter_map(Value::as_dictionary).filter(|payload| payload.contains_key("EmailAddress"));
        for payload in mails.chain([&profile]) {
            for key in ["PayloadIdentifier", "PayloadUUID"] {
                let identifier = payload.get(key).and_then(Value::as_string).unwrap().to_owned();
                let owner = owners.entry(identifier.clone()).or_insert_with(|| account.to_owned());
                assert_eq!(owner, account, "{identifier}");
            }
        }
    }
    assert!(owners.len() > 100, "only {} identifiers", owners.len());
}

/// What the profile says, by address and variant.
fn profiles() -> Vec<(String, Dictionary)> {
    let format = provost_profile::formats().iter().find(|it| it.name == "apple-mobileconfig").unwrap();
    let mut profiles = Vec::new();
    for Fixture { service, users, .. } in fixtures() {
        for user in &users {
            for variant in format.variants {
                let Write::User(write) = variant.write else { continue };
                let (service, passwords) = (&service, Passwords::LeaveOut);
                let Ok(profile) = write(&Request { service, account: &user.account, variant, passwords }) else {
                    continue;
                };
                for file in profile.files {
                    let value = Value::from_reader_xml(file.bytes.as_slice()).unwrap();
                    let name = format!("{} {}", user.account.address.as_str().replace(' ', "_"), variant.name);
                    profiles.push((name, value.into_dictionary().unwrap()));
                }
            }
        }
    }
    profiles
}

/// With a second person's values, a system must not take over the first one's account, and must recognize the
/// profile.
#[test]
fn a_template_filled_in_for_two_people_makes_two_accounts_of_one_profile() {
    let reader = provost_device::formats().iter().find(|it| it.name == "apple-mdm-template").unwrap();
    let mut files = 0;
    for (name, bytes) in template_files() {
        files += 1;
        let [one, other] = ["one@centurylink.net", "other@centurylink.net"].map(|address| {
            let address = Some(EmailAddress::try_from(address).unwrap());
            let file = SourceFile::nameless(&bytes);
            reader.read(&[file], &Person { address, full_name: None }).unwrap().profiles.remove(0)
        });
        assert_eq!(one.identifiers[0], other.identifiers[0], "{name}");
        assert_ne!(one.identifiers[1], other.identifiers[1], "{name}");
        assert_ne!(one.label, other.label, "{name}");
    }
    assert!(files > 50, "only {files} files");
}

/// What the templates say.
fn templates() -> Vec<(String, Dictionary)> {
    let read = |bytes: Vec<u8>| Value::from_reader_xml(bytes.as_slice()).unwrap().into_dictionary().unwrap();
    template_files().into_iter().map(|(name, bytes)| (name, read(bytes))).collect()
}

/// The templates of every fixture, by system.
fn template_files() -> Vec<(String, Vec<u8>)> {
    let format = provost_profile::formats().iter().find(|it| it.name == "apple-mdm-template").unwrap();
    let mut templates = Vec::new();
    for Fixture { service, .. } in fixtures() {
        for variant in format.variants {
            let Write::Organization(write) = variant.write else { continue };
            let Ok(profile) = write(&OrganizationRequest { service: &service, variant }) else { continue };
            for file in profile.files {
                let FileName::Own { part: Some(part), .. } = &file.name else { panic!("{:?}", file.name) };
                let platform = part.rsplit('.').next().unwrap();
                templates.push((format!("{} {} {platform}", service.organization.id, variant.name), file.bytes));
            }
        }
    }
    templates
}

/// The rules of a schema file, by key.
fn keys(folder: &Path, name: &str) -> BTreeMap<String, Json> {
    by_key(&schema(folder, name)["payloadkeys"])
}

fn schema(folder: &Path, name: &str) -> Json {
    serde_yaml::from_str(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap()).unwrap()
}

fn by_key(rules: &Json) -> BTreeMap<String, Json> {
    let rules = rules.as_array().unwrap();
    rules.iter().map(|rule| (rule["key"].as_str().unwrap().to_owned(), rule.clone())).collect()
}

/// The system's name in the schema.
fn system(variant: &str) -> &'static str {
    match variant {
        "macos" | "macos-exchange" => "macOS",
        "visionos" | "visionos-exchange" => "visionOS",
        _ => "iOS",
    }
}

fn judge(place: &str, system: &str, found: &Dictionary, rules: &BTreeMap<String, Json>, problems: &mut Vec<String>) {
    for (key, value) in found {
        match rules.get(key).or_else(|| rules.get("ANY")) {
            Some(rule) => judge_value(&format!("{place}: {key}"), system, value, rule, problems),
            None => problems.push(format!("{place}: Apple knows no {key}")),
        }
    }
    for (key, rule) in rules {
        if rule["presence"] == "required" && key != "ANY" && !found.contains_key(key) {
            problems.push(format!("{place}: {key} is missing"));
        }
    }
}

fn judge_value(place: &str, system: &str, value: &Value, rule: &Json, problems: &mut Vec<String>) {
    let (kind, text) = match value {
        Value::String(text) => ("<string>", Json::from(text.as_str())),
        Value::Integer(number) => ("<integer>", Json::from(number.as_signed())),
        Value::Boolean(flag) => ("<boolean>", Json::from(*flag)),
        Value::Array(_) => ("<array>", Json::Null),
        Value::Data(_) => ("<data>", Json::Null),
        Value::Date(_) => ("<date>", Json::Null),
        Value::Dictionary(_) => ("<dictionary>", Json::Null),
        Value::Real(_) => ("<real>", Json::Null),
        _ => ("another type", Json::Null),
    };
    if rule["type"] != kind && rule["type"] != "<any>" {
        problems.push(format!("{place} is {kind}, not {}", rule["type"]));
    }
    if rule["rangelist"].as_array().is_some_and(|range| !range.contains(&text)) {
        problems.push(format!("{place} is {text}, not one of {}", rule["rangelist"]));
    }
    // The only pattern in these files is that of a UUID.
    if rule["format"].is_string() {
        assert!(rule["format"].as_str().unwrap().contains("{8}-"), "{}", rule["format"]);
        let groups: Vec<usize> = text.as_str().unwrap_or("").split('-').map(str::len).collect();
        if groups != [8, 4, 4, 4, 12] {
            problems.push(format!("{place} is {text}, no UUID"));
        }
    }
    let support = &rule["supportedOS"];
    if support[system]["introduced"] == "n/a" {
        problems.push(format!("{place} is not on {system}"));
    }
    if !support[system]["deprecated"].is_null() || !support["iOS"]["deprecated"].is_null() {
        problems.push(format!("{place} is deprecated"));
    }
    match (value, rule["subkeys"].as_array().map(Vec::as_slice)) {
        (Value::Dictionary(inside), Some(_)) => {
            // ConsentText describes its entries as one item that has any key.
            let own = by_key(&rule["subkeys"]);
            let own = match own.values().next().filter(|only| own.len() == 1 && only["type"] == "<dictionary>") {
                Some(only) => by_key(&only["subkeys"]),
                None => own,
            };
            judge(place, system, inside, &own, problems);
        }
        (Value::Array(items), Some([item])) if item["subkeys"][0]["key"] != "ANY" => {
            for inside in items {
                judge(place, system, inside.as_dictionary().unwrap(), &by_key(&item["subkeys"]), problems);
            }
        }
        (_, _) => {}
    }
}

/// Every payload type that the schema files describe is read key by key: a key that Apple lists is not unknown, any
/// other is; another type is one finding; and what a system does not have is ignored there.
#[test]
fn the_reader_knows_the_keys_that_apple_lists() {
    let Some(folder) = shared("data/apple-schema/mdm/profiles") else { return };
    let common = keys(&folder, "CommonPayloadKeys");
    let mut tried = 0;
    for kind in READ {
        for (key, rule) in keys(&folder, kind).iter().filter(|(key, _)| !common.contains_key(*key)) {
            tried += 1;
            let right = sample(rule["type"].as_str().unwrap());
            let known = |key: &str, value: Value, target: i64| -> (Vec<&'static str>, Vec<String>) {
                let (findings, ignored) = read_with(kind, key, value, target);
                let about = findings.into_iter().filter(|it| it.message.contains(key)).map(|it| it.code.name).collect();
                (about, ignored)
            };
            let (codes, ignored) = known(key, right.clone(), 1);
            assert!(!codes.contains(&"unknown-key") && !codes.contains(&"wrong-type"), "{kind} {key}: {codes:?}");
            let not_on_ios = rule["supportedOS"]["iOS"]["introduced"] == "n/a";
            assert_eq!(ignored.contains(key), not_on_ios || key == "SMIMEEnabled", "{kind} {key} on iOS");
            let (_, ignored) = known(key, right, 5);
            let not_on_mac = rule["supportedOS"]["macOS"]["introduced"] == "n/a";
            assert_eq!(ignored.contains(key), not_on_mac || key == "SMIMEEnabled", "{kind} {key} on macOS");
            let (codes, _) = known(key, Value::Real(2.5), 1);
            assert_eq!(codes.contains(&"wrong-type"), rule["type"] != "<real>", "{kind} {key}: {codes:?}");
            let (codes, _) = known(key, sample(rule["type"].as_str().unwrap()), 1);
            let deprecated = !rule["supportedOS"]["iOS"]["deprecated"].is_null();
            let said = codes.contains(&"deprecated-key") || codes.contains(&"ignored-key");
            assert_eq!(said, deprecated || key == "SMIMEEnabled", "{kind} {key}: {codes:?}");
        }
        let (findings, _) = read_with(kind, "XYZ", Value::Boolean(true), 1);
        assert!(findings.iter().any(|finding| finding.code == codes::profile::UNKNOWN_KEY), "{kind}");
    }
    assert!(tried > 120, "only {tried} keys");
}

/// `apple-mail-keys.json` is the mail payload of a newer schema: the reader knows all of it.
#[test]
fn the_reader_knows_the_mail_keys_of_the_newer_list() {
    let Some(path) = shared("data/apple-mail-keys.json") else { return };
    let list: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for rule in list.as_array().unwrap() {
        let key = rule["key"].as_str().unwrap();
        let sample = sample(&format!("<{}>", rule["type"].as_str().unwrap()));
        let (findings, _) = read_with("com.apple.mail.managed", key, sample, 1);
        let wrong = findings.iter().find(|it| it.message.contains(key) && it.code == codes::profile::UNKNOWN_KEY);
        assert_eq!(wrong, None);
    }
}

fn sample(kind: &str) -> Value {
    match kind {
        "<string>" => "1B1B5E0A-6C0D-4F3E-9C4B-0A55D5B7A001".into(),
        "<integer>" => 1.into(),
        "<boolean>" => true.into(),
        "<array>" => Value::Array(Vec::new()),
        "<data>" => Value::Data(vec![0x30, 0]),
        "<dictionary>" => Value::Dictionary(Dictionary::new()),
        "<date>" => Value::Date(std::time::SystemTime::UNIX_EPOCH.into()),
        "<real>" => Value::Real(1.0),
        other => panic!("{other}"),
    }
}

/// What the reader finds and ignores in a golden profile with one more payload, or one key changed.
fn read_with(kind: &str, key: &str, value: Value, target: i64) -> (Vec<provost_account::Finding>, Vec<String>) {
    let golden = fs::read(root().join("fixtures/golden/apple-mobileconfig/ios/plain.mobileconfig")).unwrap();
    let mut profile = Value::from_reader_xml(golden.as_slice()).unwrap().into_dictionary().unwrap();
    profile.insert("TargetDeviceType".to_owned(), target.into());
    let payloads = profile.get_mut("PayloadContent").and_then(Value::as_array_mut).unwrap();
    match kind {
        "TopLevel" => {
            profile.insert(key.to_owned(), value);
        }
        "com.apple.mail.managed" => {
            payloads[0].as_dictionary_mut().unwrap().insert(key.to_owned(), value);
        }
        _ => {
            let mut payload = Dictionary::new();
            for (key, value) in [("PayloadType", kind), ("PayloadIdentifier", "x"), ("PayloadUUID", "x")] {
                payload.insert(key.to_owned(), value.into());
            }
            payload.insert("PayloadVersion".to_owned(), 1.into());
            // Without these the file is refused, and nothing is ignored.
            let with = [
                ("CalDAVHostName", "dav.example", "caldav"),
                ("CardDAVHostName", "dav.example", "carddav"),
                ("EmailAddress", "jane@centurylink.net", "eas"),
                ("EmailAddress", "jane@centurylink.net", "ews"),
                ("Host", "eas.example", "eas"),
                ("Host", "eas.example", "ews"),
                ("LDAPAccountHostName", "ldap.example", "ldap"),
            ];
            for (needed, text, of) in with {
                if kind.contains(of) {
                    payload.insert(needed.to_owned(), text.into());
                }
            }
            if kind == "com.apple.security.pkcs12" {
                let shortest = vec![0x30, 0x82, 0, 5, 2, 1, 3, 0x30, 0];
                payload.insert("PayloadContent".to_owned(), Value::Data(shortest));
            }
            payload.insert(key.to_owned(), value);
            payloads.push(Value::Dictionary(payload));
        }
    }
    let mut bytes = Vec::new();
    Value::Dictionary(profile).to_writer_xml(&mut bytes).unwrap();
    let file = SourceFile::nameless(&bytes);
    match provost_device::recognize(&file).unwrap().read(&[file], &Person::default()) {
        Ok(reading) => {
            let ignored = reading.profiles.iter().flat_map(|it| it.ignored.iter().map(|it| it.key.clone())).collect();
            (reading.findings, ignored)
        }
        // In a file that is refused nothing is ignored: only the value is judged.
        Err(findings) => (findings, Vec::new()),
    }
}

/// The payloads that the reader has tables for.
const READ: &[&str] = &[
    "TopLevel",
    "com.apple.caldav.account",
    "com.apple.carddav.account",
    "com.apple.eas.account",
    "com.apple.ews.account",
    "com.apple.ldap.account",
    "com.apple.mail.managed",
    "com.apple.security.pem",
    "com.apple.security.pkcs1",
    "com.apple.security.pkcs12",
    "com.apple.security.root",
];
