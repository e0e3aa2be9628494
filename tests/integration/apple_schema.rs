//! Every `.mobileconfig` that the fixtures make, against Apple's own schema: no key that Apple does not know, none
//! missing, none of another type, none that is deprecated, no value outside its range.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plist::{Dictionary, Value};
use provost_profile::{Passwords, Request, Write};
use provost_tests::shared;
use serde_json::Value as Json;

use crate::fixtures::{Fixture, fixtures};

#[test]
fn every_mobileconfig_is_as_apples_schema_has_it() {
    let Some(folder) = shared("data/apple-schema/mdm/profiles") else { return };
    let top = keys(&folder, "TopLevel");
    let common = keys(&folder, "CommonPayloadKeys");
    let mut problems = Vec::new();
    let mut files = 0;
    for (name, profile) in profiles() {
        files += 1;
        judge(&name, &profile, &top, &mut problems);
        for payload in profile.get("PayloadContent").and_then(Value::as_array).unwrap() {
            let payload = payload.as_dictionary().unwrap();
            let kind = payload.get("PayloadType").and_then(Value::as_string).unwrap();
            let own =
                common.iter().chain(&keys(&folder, kind)).map(|(key, rule)| (key.clone(), rule.clone())).collect();
            judge(&format!("{name}, {kind}"), payload, &own, &mut problems);
        }
    }
    assert!(files > 90, "only {files} files");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// An identifier that two accounts share makes the second one replace the first on the device.
#[test]
fn no_two_accounts_share_an_identifier() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (name, profile) in profiles() {
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
                let value = Value::from_reader_xml(profile.files[0].bytes.as_slice()).unwrap();
                let name = format!("{} {}", user.account.address.as_str().replace(' ', "_"), variant.name);
                profiles.push((name, value.into_dictionary().unwrap()));
            }
        }
    }
    profiles
}

/// The rules of a schema file, by key.
fn keys(folder: &Path, name: &str) -> BTreeMap<String, Json> {
    let text = fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
    let schema: Json = serde_yaml::from_str(&text).unwrap();
    let rules = schema["payloadkeys"].as_array().unwrap();
    rules.iter().map(|rule| (rule["key"].as_str().unwrap().to_owned(), rule.clone())).collect()
}

fn judge(place: &str, found: &Dictionary, rules: &BTreeMap<String, Json>, problems: &mut Vec<String>) {
    for (key, value) in found {
        let Some(rule) = rules.get(key) else {
            problems.push(format!("{place}: Apple knows no {key}"));
            continue;
        };
        let (kind, text) = match value {
            Value::String(text) => ("<string>", Json::from(text.as_str())),
            Value::Integer(number) => ("<integer>", Json::from(number.as_signed())),
            Value::Boolean(flag) => ("<boolean>", Json::from(*flag)),
            Value::Array(_) => ("<array>", Json::Null),
            Value::Data(_) => ("<data>", Json::Null),
            _ => ("another type", Json::Null),
        };
        if rule["type"] != kind {
            problems.push(format!("{place}: {key} is {kind}, not {}", rule["type"]));
        }
        if rule["rangelist"].as_array().is_some_and(|range| !range.contains(&text)) {
            problems.push(format!("{place}: {key} is {text}, not one of {}", rule["rangelist"]));
        }
        if rule.to_string().contains("\"deprecated\":") {
            problems.push(format!("{place}: {key} is deprecated"));
        }
    }
    for (key, rule) in rules {
        if rule["presence"] == "required" && !found.contains_key(key) {
            problems.push(format!("{place}: {key} is missing"));
        }
    }
}
