//! `provost sign`: signs Apple profiles where they lie. Everything is judged before anything is written.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use anyhow::Context;
use provost_device::SourceFile;

use crate::arguments::Sign;
use crate::failure::Failure;
use crate::road::find;
use crate::road::generated::Generated;
use crate::signing;
use crate::signing::in_place::{Manifests, Target};
use crate::verdict::Verdict;
use crate::{input, output};
use provost_generate::manifest::{Entry, Scope};

/// Signs every profile behind the paths.
pub(crate) fn run(options: &Sign) -> Result<Verdict, Failure> {
    let mut manifests = Manifests::default();
    let mut targets = Vec::new();
    for path in &options.paths {
        let kind = fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        match kind.is_dir() {
            true => targets.extend(within(path, &mut manifests)?),
            false => targets.push(named(path, &mut manifests)?),
        }
    }
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.full.clone()));
    if targets.is_empty() {
        let names: Vec<String> = options.paths.iter().map(|path| path.display().to_string()).collect();
        let error = anyhow::anyhow!("nothing to sign in {}", names.join(", "));
        return Err(Failure::hinted(error, "give Apple profiles (.mobileconfig) for one person, or a folder of them"));
    }
    let signing = signing::open(&options.signing, &manifests.trust()?)?.expect("clap demands a signer");
    for target in &targets {
        unsigned(target, &manifests)?;
    }
    let signed = targets.iter().try_for_each(|target| {
        let content = unsigned(target, &manifests)?;
        manifests.replace(target, &signing.around(&content, Vec::new())?, Some(signing.signature().clone()))
    });
    // Where a file cannot be written, those before it are signed all the same.
    manifests.save()?;
    signed?;
    let until = signing.signature().signed_until;
    output::line(&format!("{} signed, valid until {until}", input::count(targets.len(), "file")))?;
    Ok(Verdict::Good)
}

/// Every profile in a folder that is to be signed. Of what manifests list, the rest is counted.
fn within(folder: &Path, manifests: &mut Manifests) -> Result<Vec<Target>, Failure> {
    let (mut targets, mut left) = (Vec::new(), 0);
    let mut found = VecDeque::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if Generated::is(&folder) {
            found.extend(manifests.listed(&folder)?);
            continue;
        }
        for path in find::entries(&folder)? {
            match path.is_dir() {
                true => folders.push(path),
                false if provost_generate::is_a_profiles_name(&path) => found.push_back(manifests.target(&path)?),
                false => {}
            }
        }
    }
    for target in found.into_iter().filter(|target| provost_generate::is_a_profiles_name(&target.path)) {
        match manifests.entry(&target).is_none_or(is_for_one_person) {
            true => targets.push(target),
            false => left += 1,
        }
    }
    if left > 0 {
        eprintln!("note: {} not signed: {NOT_SIGNED}", input::count(left, "profile"));
    }
    Ok(targets)
}

/// A file that was named.
fn named(path: &Path, manifests: &mut Manifests) -> Result<Target, Failure> {
    let hint = "signed are Apple profiles, .mobileconfig, for one person";
    if !provost_generate::is_a_profiles_name(path) {
        return Err(Failure::hinted(anyhow::anyhow!("{} is not a .mobileconfig file", path.display()), hint));
    }
    let target = manifests.target(path)?;
    match manifests.entry(&target).is_none_or(is_for_one_person) {
        true => Ok(target),
        false => Err(Failure::hinted(anyhow::anyhow!("{} is not signed: {NOT_SIGNED}", path.display()), hint)),
    }
}

fn is_for_one_person(entry: &Entry) -> bool {
    entry.scope == Scope::User
        && provost_generate::is_signed(&entry.format, entry.variant.as_deref())
        && provost_generate::is_a_profiles_name(entry.path.as_ref())
}

/// The bytes of a profile that can be signed.
fn unsigned(target: &Target, manifests: &Manifests) -> Result<Vec<u8>, Failure> {
    let (bytes, path) = (manifests.bytes(target)?, target.path.display());
    if signing::content_of(&target.path, &bytes)?.is_some() {
        let hint = "`provost unsign` takes the signature off; `provost resign` renews those that a manifest lists";
        return Err(Failure::hinted(anyhow::anyhow!("{path} is signed already; nothing was written"), hint));
    }
    let format = provost_device::recognize(&SourceFile::nameless(&bytes)).map(|format| format.name);
    match format.is_some_and(provost_generate::is_of_a_signed_format) {
        true => Ok(bytes),
        false => {
            let found = format.unwrap_or("no profile");
            let error = anyhow::anyhow!("{path} is {found}; nothing was written");
            Err(Failure::hinted(error, "signed are apple-mobileconfig, and apple-ddm in a profile"))
        }
    }
}

const NOT_SIGNED: &str = "for several people, or installed by a management server";
