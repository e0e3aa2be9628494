//! Apple's profiles through other people's programs: libplist and Python's plistlib, OpenSSL. Apple's own schema is asked in
//! `cargo test` (`apple_schema`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::command_line::run;
use crate::bench::Identity;
use crate::clients::stage::{Stage, ends_with};
use crate::clients::{Proof, Step};
use crate::workspace::root;

/// libplist makes every profile of every fixture binary and writes it anew. Our reader finds in that what it found before,
/// and Python's plistlib the same servers.
pub(crate) fn plistutil(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let files = stage.of_every_fixture("apple-mobileconfig,apple-mdm-template,apple-ddm")?;
    let mut explained = BTreeMap::new();
    for (file, address) in files.into_iter().filter(|(file, _)| ends_with(file, "mobileconfig")) {
        let before = stage.explained(&file, &address)?;
        let path = file.to_string_lossy();
        for (format, from, to) in [("bin", &*path, "binary"), ("xml", "binary", &*path)] {
            run(&stage.path(""), "plistutil", &["-f", format, "-i", from, "-o", to], "")?;
        }
        ensure!(fs::read(stage.path("binary"))?.starts_with(b"bplist"), "{path} did not become binary");
        let after = stage.explained(&file, &address)?;
        ensure!(before == after, "{path}: {before}, written anew {after}");
        explained.insert(path.into_owned(), after);
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

/// A profile of each fixture, signed: OpenSSL finds the signature good and the profile whole, and our reader the account. What
/// it makes of other signatures is in `cargo test` (`signed_profiles`).
pub(crate) fn openssl_cms(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let identity = Identity::of(&["sign.centurylink.net"])?;
    fs::write(stage.path("sign-ca.pem"), &identity.ca_pem)?;
    fs::write(stage.path("sign.pem"), identity.certificate_pem())?;
    fs::write(stage.path("sign.key"), identity.key_pem())?;
    let mut signed = BTreeSet::new();
    for (file, address) in stage.of_every_fixture("apple-mobileconfig")? {
        let variant = file.parent().context("a file lies somewhere")?;
        if !variant.ends_with("ios") || !signed.insert(variant.to_owned()) {
            continue;
        }
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
        let (ours, theirs) = (stage.explained(&file, &address)?, stage.explained(&stage.path("signed"), &address)?);
        for key in ["address", "name", "incoming", "outgoing", "trust", "identifiers"] {
            ensure!(theirs[key] == ours[key], "{}: {key} is {}, signed {}", file.display(), ours[key], theirs[key]);
        }
    }
    ensure!(signed.len() == crate::e2e::services()?.len(), "signed are only {signed:?}");
    proof.has(Step::Provision);
    Ok(())
}
