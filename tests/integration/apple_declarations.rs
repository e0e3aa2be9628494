//! Every declaration that the fixtures produce, against Apple's own schema: no unknown key, none missing, none of
//! another type, no value out of range; and what a declaration refers to matches it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plist::Value as Plist;
use provost_profile::{File, FileName, Passwords, Request, Write};
use provost_tests::{folder, installed, root, shared};
use serde_json::Value as Json;

use crate::fixtures::{Fixture, fixtures};

#[test]
fn every_declaration_is_as_apples_schema_has_it() {
    let Some(folder) = shared("data/apple-schema/declarative/declarations") else { return };
    let mut problems = Vec::new();
    let mut kinds = BTreeSet::new();
    for (name, declaration) in declarations() {
        let kind = declaration["Type"].as_str().unwrap().to_owned();
        judge(&name, &declaration, &schema(&folder.join("declarationbase.yaml")), &mut problems);
        judge(&format!("{name}, {kind}"), &declaration["Payload"], &schema(&file_of(&folder, &kind)), &mut problems);
        for key in ["Identifier", "ServerToken"] {
            // "The size of this string should not exceed 64 octets."
            assert!((1..=64).contains(&declaration[key].as_str().unwrap().len()), "{name}, {kind}: {key}");
        }
        kinds.insert(kind);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            "com.apple.activation.simple",
            "com.apple.asset.credential.certificate",
            "com.apple.asset.credential.userpassword",
            "com.apple.asset.useridentity",
            "com.apple.configuration.account.caldav",
            "com.apple.configuration.account.carddav",
            "com.apple.configuration.account.ldap",
            "com.apple.configuration.account.mail",
            "com.apple.configuration.security.certificate",
        ]
    );
}

#[test]
fn every_published_file_is_as_apples_schema_has_it() {
    let Some(folder) = shared("data/apple-schema/declarative/declarations/assets/credentials") else { return };
    let rules = schema(&folder.join("usernameandpassword.yaml"));
    let mut problems = Vec::new();
    let mut files = 0;
    for (name, file) in published("json") {
        files += 1;
        judge(&name, &serde_json::from_slice(&file.bytes).unwrap(), &rules, &mut problems);
    }
    assert!(files > 5, "only {files} files");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A device that gets two declarations of one identifier keeps the later one.
#[test]
fn no_two_declarations_share_an_identifier() {
    let mut seen = BTreeSet::new();
    for (name, declaration) in declarations() {
        assert!(seen.insert(declaration["Identifier"].to_string()), "{name}: {}", declaration["Identifier"]);
    }
    assert!(seen.len() > 20, "only {} identifiers", seen.len());
}

#[test]
fn both_variants_carry_the_same_declarations() {
    let mut carried = Vec::new();
    for (name, file) in files_of("manual").into_iter().filter(|(_, file)| path(file) == "mail.mobileconfig") {
        let profile = Plist::from_reader_xml(file.bytes.as_slice()).unwrap();
        let payloads = profile.as_dictionary().unwrap()["PayloadContent"].as_array().unwrap();
        let [payload] = payloads.as_slice() else { panic!("{name}: {} payloads", payloads.len()) };
        let entries = payload.as_dictionary().unwrap()["Declarations"].as_array().unwrap();
        let read = |entry: &Plist| serde_json::from_slice::<Json>(entry.as_data().unwrap()).unwrap();
        carried.extend(entries.iter().map(|entry| (name.clone(), read(entry))));
    }
    assert_eq!(carried, declarations());
}

#[test]
fn hash_and_size_are_those_of_the_published_file() {
    let files = files_of("mdm");
    let mut compared = 0;
    for (name, declaration) in declarations() {
        let Some(reference) = declaration["Payload"].get("Reference") else { continue };
        let published = |(whose, file): &&(String, File)| {
            *whose == name && file.install.as_deref() == reference["DataURL"].as_str()
        };
        let (_, file) = files.iter().find(published).unwrap();
        is_described(&name, reference, &file.bytes);
        compared += 1;
    }
    assert!(compared > 5, "only {compared} assets");
}

/// The schema at hand is older than OS 27: of the configuration it knows `ProfileURL` alone, so what Apple's page says of
/// `ProfileAssetReference` stands here ("One of `ProfileURL` or `ProfileAssetReference` needs to be present",
/// <https://developer.apple.com/documentation/devicemanagement/legacyprofile>). The rest is judged by it.
#[test]
fn a_profile_as_an_asset_is_the_profile_and_what_leads_to_it() {
    let schemas = shared("data/apple-schema/declarative/declarations");
    let mut problems = Vec::new();
    let mut sets = 0;
    for (variant, profile) in [("legacy-asset", "ios"), ("legacy-asset-macos", "macos")] {
        for of_person in files_of(variant).chunk_by(|(one, _), (other, _)| one == other) {
            let name = &of_person[0].0;
            let files = || of_person.iter().map(|(_, file)| file);
            let json = |path: &str| -> Json {
                let file = files().find(|file| self::path(file) == path).unwrap();
                serde_json::from_slice(&file.bytes).unwrap()
            };
            let [legacy, activation, asset] =
                ["configuration.legacy.json", "activation.simple.json", "asset.data.json"].map(json);
            assert_eq!(
                legacy["Payload"],
                serde_json::json!({ "ProfileAssetReference": asset["Identifier"] }),
                "{name}"
            );
            assert_eq!(activation["Payload"]["StandardConfigurations"], serde_json::json!([legacy["Identifier"]]));
            let predicate = activation["Payload"]["Predicate"].as_str().unwrap();
            assert_eq!(predicate, "@status(device.operating-system.version) >= '27'");
            for declaration in [&legacy, &activation, &asset] {
                assert!(declaration["ServerToken"].as_str().unwrap().len() <= 64, "{name}");
                let kind = declaration["Type"].as_str().unwrap();
                let Some(folder) = schemas.as_ref().filter(|_| kind != "com.apple.configuration.legacy") else {
                    continue;
                };
                judge(name, &declaration["Payload"], &schema(&file_of(folder, kind)), &mut problems);
            }
            let reference = &asset["Payload"]["Reference"];
            let published = files().find(|file| file.install.as_deref() == reference["DataURL"].as_str()).unwrap();
            is_described(name, reference, &published.bytes);
            let of_the_profile = files_of_format("apple-mobileconfig", profile);
            let same = of_the_profile.iter().find(|(whose, _)| whose == name).unwrap();
            assert_eq!(same.1.bytes, published.bytes, "{name}: octet by octet, so that it can be taken over");
            sets += 1;
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(sets > 20, "only {sets} sets");
}

/// A declaration has the size and the hash of what it refers to; `sha256sum` is the judge.
#[track_caller]
fn is_described(name: &str, reference: &Json, bytes: &[u8]) {
    let folder = folder();
    fs::write(folder.path().join("asset"), bytes).unwrap();
    let output = Command::new("sha256sum").arg("asset").current_dir(folder.path()).output().unwrap();
    let hash = String::from_utf8(output.stdout).unwrap();
    assert_eq!(reference["Size"].as_u64(), Some(bytes.len() as u64), "{name}");
    assert_eq!(reference["Hash-SHA-256"].as_str(), hash.split(' ').next(), "{name}");
}

/// OpenSSL is the judge of what is published for the authorities.
#[test]
fn a_published_certificate_is_the_authoritys() {
    let Some(program) = installed("openssl") else { return };
    let authority = root().join("fixtures/harbour/harbour-ca.pem");
    let der = |path: &Path| {
        let output = Command::new(&program).args(["x509", "-outform", "DER", "-in"]).arg(path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let mut compared = 0;
    for (name, file) in published("pem") {
        let folder = folder();
        let path = folder.path().join("authority.pem");
        fs::write(&path, &file.bytes).unwrap();
        assert_eq!(der(&path), der(&authority), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 3, "Harbour's people");
}

/// The files of one kind that devices fetch, with their addresses.
fn published(extension: &str) -> Vec<(String, File)> {
    let is_one = |file: &File| path(file).starts_with("published/") && path(file).ends_with(extension);
    files_of("mdm").into_iter().filter(|(_, file)| is_one(file)).collect()
}

/// The declarations of every account, in files of their own.
fn declarations() -> Vec<(String, Json)> {
    let files = files_of("mdm").into_iter().filter(|(_, file)| !path(file).starts_with("published/"));
    files.map(|(name, file)| (name, serde_json::from_slice(&file.bytes).unwrap())).collect()
}

/// The files of a variant, with their addresses.
fn files_of(variant: &str) -> Vec<(String, File)> {
    files_of_format("apple-ddm", variant)
}

fn files_of_format(format: &str, variant: &str) -> Vec<(String, File)> {
    let format = provost_profile::formats().iter().find(|it| it.name == format).unwrap();
    let variant = format.variants.iter().find(|it| it.name == variant).unwrap();
    let Write::User(write) = variant.write else { panic!("declarations are one person's") };
    let mut files = Vec::new();
    for Fixture { service, users, .. } in fixtures() {
        for user in &users {
            let (service, passwords) = (&service, Passwords::LeaveOut);
            let Ok(profile) = write(&Request { service, account: &user.account, variant, passwords }) else { continue };
            files.extend(profile.files.into_iter().map(|file| (user.account.address.to_string(), file)));
        }
    }
    files
}

fn path(file: &File) -> &str {
    match &file.name {
        FileName::Below(path) => path,
        FileName::Own { extension, .. } => panic!("a .{extension} of its own"),
    }
}

/// `com.apple.asset.useridentity` is described in `assets/useridentity.yaml`.
fn file_of(folder: &Path, kind: &str) -> PathBuf {
    let (group, name) = kind.strip_prefix("com.apple.").unwrap().split_once('.').unwrap();
    folder.join(format!("{group}s/{name}.yaml"))
}

fn schema(file: &Path) -> Json {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_yaml::from_str::<Json>(&text).unwrap()["payloadkeys"].clone()
}

fn judge(place: &str, found: &Json, rules: &Json, problems: &mut Vec<String>) {
    let rules = rules.as_array().unwrap();
    for (key, value) in found.as_object().unwrap() {
        let Some(rule) = rules.iter().find(|rule| rule["key"] == key.as_str()) else {
            problems.push(format!("{place}: Apple knows no {key}"));
            continue;
        };
        let kind = match value {
            Json::String(_) => "<string>",
            Json::Number(number) if number.is_u64() => "<integer>",
            Json::Bool(_) => "<boolean>",
            Json::Array(_) => "<array>",
            Json::Object(_) => "<dictionary>",
            Json::Number(_) | Json::Null => "another type",
        };
        if rule["type"] != kind {
            problems.push(format!("{place}: {key} is {kind}, not {}", rule["type"]));
        }
        if rule["rangelist"].as_array().is_some_and(|range| !range.contains(value)) {
            problems.push(format!("{place}: {key} is {value}, not one of {}", rule["rangelist"]));
        }
        for item in value.as_array().into_iter().flatten().filter(|item| item.is_object()) {
            judge(&format!("{place}.{key}"), item, &rule["subkeys"][0]["subkeys"], problems);
        }
        if value.is_object() && rule.get("subkeys").is_some() {
            judge(&format!("{place}.{key}"), value, &rule["subkeys"], problems);
        }
    }
    for rule in rules.iter().filter(|rule| rule["presence"] == "required") {
        let key = rule["key"].as_str().unwrap();
        if found.get(key).is_none() {
            problems.push(format!("{place}: {key} is missing"));
        }
    }
}
