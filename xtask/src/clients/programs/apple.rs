//! Apple's profiles through other people's programs: libplist and Python's plistlib, OpenSSL. Apple's own schema is asked in
//! `cargo test` (`apple_schema`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::command_line::run;
use crate::bench::Identity;
use crate::clients::stage::{Stage, ends_with};
use crate::clients::{Proof, Step};
use crate::workspace::root;

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
            // A management system puts a person into text.
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
        // Templates hold placeholders for what is a person's own.
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
        // The certificate is one for servers, as most that sign profiles are.
        let content = openssl("cms -verify -binary -inform DER -in signed -CAfile sign-ca.pem -purpose sslserver")?;
        ensure!(content.stdout == plain, "{}: what is signed is another profile", file.display());
        fs::rename(stage.path("signed"), &file)?;
        agree(&file, &before, &stage.explained(&file, &address)?)?;
        // Others are read beside it.
        fs::rename(stage.path("plain"), &file)?;
    }
    proof.has(Step::Provision);
    Ok(())
}

/// The same account, whatever is around it.
fn agree(file: &Path, before: &Value, after: &Value) -> anyhow::Result<()> {
    for key in ["address", "name", "aliases", "incoming", "outgoing", "trust", "identifiers"] {
        let (before, after) = (&before[key], &after[key]);
        ensure!(before == after, "{}: {key} is {after}, plain {before}", file.display());
    }
    Ok(())
}
