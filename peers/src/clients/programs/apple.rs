//! Apple profiles read by other programs: Apple's own CoreFoundation, libplist, Python's plistlib, OpenSSL. `cargo
//! test` (`apple_schema`) compares them with Apple's schema.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::command_line::run;
use crate::bench::Identity;
use crate::clients::stage::{Stage, ends_with};
use crate::clients::{Proof, Step};
use xtask::workspace::root;

/// libplist makes every profile of every fixture binary, and XML again. Our reader finds in each what it found before, and
/// Python's plistlib the same servers.
pub(crate) fn plistutil(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let files = stage.of_every_fixture("apple-mobileconfig,apple-mdm-template,apple-ddm")?;
    let mut explained = BTreeMap::new();
    for (file, address) in files.into_iter().filter(|(file, _)| ends_with(file, "mobileconfig")) {
        let before = stage.explained(&file, &address)?;
        let path = file.to_string_lossy();
        let is_template = path.contains("apple-mdm-template/");
        for format in ["bin", "xml"] {
            run(&stage.path(""), "plistutil", &["-f", format, "-i", &path, "-o", "other"], "")?;
            fs::rename(stage.path("other"), &file)?;
            ensure!(fs::read(&file)?.starts_with(b"bplist") == (format == "bin"), "{path} is no {format}");
            // Device management fills in placeholders in XML only.
            if format == "xml" || !is_template {
                agree(&file, &before, &stage.explained(&file, &address)?)?;
            }
        }
        explained.insert(path.into_owned(), before);
    }
    let script = root().join("tests/integration/plists.py");
    let folder = stage.path("fixtures");
    let said = run(&stage.path(""), "python3", &[&script.to_string_lossy(), &folder.to_string_lossy()], "")?;
    for line in String::from_utf8(said.stdout)?.lines() {
        let theirs: Value = serde_json::from_str(line)?;
        let file = theirs["file"].as_str().context("no file")?;
        let ours = explained.get(file).with_context(|| format!("{file} was not explained"))?;
        for (side, key) in [("incoming", "host"), ("incoming", "port"), ("outgoing", "host"), ("outgoing", "port")] {
            let (theirs, ours) = (&theirs[side][key], &ours[side][0][key]);
            ensure!(theirs == ours, "{file}: {side} {key} is {theirs}, explain says {ours}");
        }
        // Templates hold placeholders for personal values.
        let is_template = file.contains("apple-mdm-template/");
        for side in ["incoming", "outgoing"].iter().filter(|_| !is_template) {
            let (theirs, ours) = (&theirs[side]["username"], &ours[side][0]["username"]);
            ensure!(theirs == ours, "{file}: {side} username is {theirs}, explain says {ours}");
        }
    }
    proof.has(Step::Provision);
    Ok(())
}

/// Every profile of every fixture, signed: OpenSSL finds the signature good and the profile whole, and our reader the
/// account. What it makes of other signatures is in `cargo test` (`signed_profiles`).
pub(crate) fn openssl_cms(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let identity = Identity::of(&["sign.centurylink.net"])?;
    fs::write(stage.path("sign-ca.pem"), &identity.ca_pem)?;
    fs::write(stage.path("sign.pem"), identity.certificate_pem())?;
    fs::write(stage.path("sign.key"), identity.key_pem())?;
    let files = stage.of_every_fixture("apple-mobileconfig,apple-ddm")?;
    for (file, address) in files.into_iter().filter(|(file, _)| ends_with(file, "mobileconfig")) {
        let before = stage.explained(&file, &address)?;
        let plain = fs::read(&file)?;
        fs::write(stage.path("plain"), &plain)?;
        let openssl = |arguments: &str| {
            let arguments: Vec<&str> = arguments.split(' ').collect();
            run(&stage.path(""), "openssl", &arguments, "").with_context(|| file.display().to_string())
        };
        openssl("cms -sign -binary -nodetach -in plain -signer sign.pem -inkey sign.key -outform DER -out signed")?;
        // The certificate is a server's, as in most signed profiles.
        let content = openssl("cms -verify -binary -inform DER -in signed -CAfile sign-ca.pem -purpose sslserver")?;
        ensure!(content.stdout == plain, "{}: what is signed is another profile", file.display());
        fs::rename(stage.path("signed"), &file)?;
        agree(&file, &before, &stage.explained(&file, &address)?)?;
        // Others read the plain profile later.
        fs::rename(stage.path("plain"), &file)?;
    }
    proof.has(Step::Provision);
    Ok(())
}

/// Apple's own reader takes or refuses every form of `fixtures/property-lists` as the table has it, and every Apple file of
/// every fixture, specimen and case as lint does, with the servers that `explain` finds. Signed files are left out.
pub(crate) fn corefoundation(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let table = fs::read_to_string(root().join("fixtures/property-lists/forms.jsonl"))?;
    for line in table.lines() {
        let row: Value = serde_json::from_str(line)?;
        let octets = row["octets"].as_str().context("no octets")?.chars().map(|c| u8::try_from(u32::from(c)));
        fs::write(stage.path("form"), octets.collect::<Result<Vec<u8>, _>>()?)?;
        let said = asked(stage, &stage.path("form"))?;
        ensure!(
            said == row["CoreFoundation"],
            "{}: CoreFoundation makes {said} of it, the table has {row}",
            row["form"]
        );
    }
    let mut files = Vec::new();
    for folder in ["cases", "golden", "wild"] {
        profiles_below(&root().join("fixtures").join(folder), &mut files)?;
    }
    let mut files: Vec<_> = files.into_iter().map(|file| (file, "jane.doe@example.org".to_owned())).collect();
    files.extend(stage.of_every_fixture("apple-mobileconfig,apple-mdm-template,apple-ddm")?);
    let mut refused = 0;
    for (file, address) in files.iter().filter(|(file, _)| ends_with(file, "mobileconfig")) {
        let name = file.display();
        let octets = fs::read(file)?;
        if octets.first().is_none_or(|octet| *octet == 0x30) || octets.starts_with(b"-----BEGIN") {
            continue;
        }
        let theirs = asked(stage, file)?;
        let lint = Command::new(&stage.program).args(["lint", "--address", address]).arg(file).output()?;
        let lint = String::from_utf8_lossy(&lint.stdout).into_owned();
        let ours = lint.lines().find(|line| REFUSALS.iter().any(|refusal| line.contains(refusal)));
        ensure!(theirs.is_null() == ours.is_some(), "{name}: CoreFoundation makes {theirs} of it, lint says\n{lint}");
        refused += usize::from(theirs.is_null());
        let Ok(explained) = stage.explained(file, address) else { continue };
        for (ours, theirs) in [("incoming", "Incoming"), ("outgoing", "Outgoing")]
            .map(|(ours, side)| (&explained[ours][0], servers(&theirs, side)))
        {
            let Some((host, port)) = theirs else { continue };
            ensure!(ours["host"].is_null() || ours["host"] == host, "{name}: {host}, explain says {ours}");
            let ours_port = ours["port"].as_u64().map(|port| port.to_string());
            let same = port.is_null() || ours_port.is_none() || ours_port.as_deref() == port.as_str();
            ensure!(same, "{name}: port {port}, explain says {ours}");
        }
    }
    ensure!(refused > 20, "CoreFoundation refuses only {refused} files");
    proof.has(Step::Provision);
    Ok(())
}

/// What CoreFoundation makes of a file: null where it refuses it.
fn asked(stage: &Stage, file: &Path) -> anyhow::Result<Value> {
    let said = run(&stage.path(""), "corefoundation", &[&file.to_string_lossy()], "")?;
    Ok(serde_json::from_slice(&said.stdout)?)
}

/// Host and port of the one mail payload, where a profile has one and no other account.
fn servers(profile: &Value, side: &str) -> Option<(Value, Value)> {
    let payloads = entry(profile, "PayloadContent")?["array"].as_array()?;
    let is_account = |it: &&Value| {
        let kind = entry(it, "PayloadType").and_then(Value::as_str).unwrap_or("");
        ["com.apple.mail.managed", "com.apple.eas.account", "com.apple.ews.account"].contains(&kind)
    };
    let mut accounts = payloads.iter().filter(is_account);
    let (mail, None) = (accounts.next()?, accounts.next()) else { return None };
    let host = entry(mail, &format!("{side}MailServerHostName"))?.clone();
    let port = entry(mail, &format!("{side}MailServerPortNumber"));
    Some((host, port.map_or(Value::Null, |port| port["integer"].clone())))
}

/// The value of a key, of those that `corefoundation.c` prints.
fn entry<'a>(dictionary: &'a Value, key: &str) -> Option<&'a Value> {
    let pairs = dictionary["dict"].as_array()?;
    pairs.iter().find(|pair| pair[0] == key).map(|pair| &pair[1])
}

fn profiles_below(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            profiles_below(&path, files)?;
        } else if ends_with(&path, "mobileconfig") {
            files.push(path);
        }
    }
    files.sort();
    Ok(())
}

/// Whether the account is the same.
fn agree(file: &Path, before: &Value, after: &Value) -> anyhow::Result<()> {
    for key in ["address", "name", "aliases", "incoming", "outgoing", "trust", "identifiers"] {
        let (before, after) = (&before[key], &after[key]);
        ensure!(before == after, "{}: {key} is {after}, plain {before}", file.display());
    }
    Ok(())
}

/// How lint reports that a property list is refused whole. A code does not tell: `wrong-type` is also a key's own
/// mistake.
const REFUSALS: &[&str] = &[
    "a device rejects the whole file",
    "error[encoding]",
    "error[invalid-utf-8]",
    "error[plist-syntax]",
    "error[too-deep]",
];
