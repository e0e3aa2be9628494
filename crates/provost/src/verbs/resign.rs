//! `provost resign`: signs again what ends soon, as the manifest of a generated folder says. The contents stay as they are.

use time::Duration;

use provost_account::ProfileDate;

use crate::arguments::Resign;
use crate::failure::Failure;
use crate::road::generated::Generated;
use crate::signing::in_place::{Manifests, Target};
use crate::signing::{self, content_of, warn_of_other_signers};
use crate::verdict::Verdict;
use crate::{input, output, today};
use provost_generate::manifest::Entry;

/// Signs again what is valid for at most so many days.
pub(crate) fn run(options: &Resign) -> Result<Verdict, Failure> {
    let folder = &options.folder;
    if !Generated::is(folder) {
        let error = anyhow::anyhow!("{} is not a folder that `provost generate` wrote", folder.display());
        return Err(Failure::hinted(error, "take signatures off with `provost unsign`, and sign with `provost sign`"));
    }
    let mut manifests = Manifests::default();
    let mut targets = manifests.listed(folder)?;
    targets.retain(|target| manifests.entry(target).is_some_and(|entry| entry.signature.is_some()));
    if targets.is_empty() {
        let error = anyhow::anyhow!("no file in {} is signed, its manifest says", folder.display());
        return Err(Failure::hinted(error, "sign with `provost sign`, or with `provost generate --sign-cert`"));
    }
    let signing = signing::open(&options.signing, &manifests.trust()?)?.expect("clap demands a signer");
    let last_day = today::today().date().saturating_add(Duration::days(options.before.into()));
    let ends =
        |entry: &Entry| entry.signature.as_ref().is_some_and(|it| it.signed_until <= ProfileDate::from(last_day));
    let signed = targets.len();
    targets.retain(|target| manifests.entry(target).is_some_and(ends));
    // What this signer signed already would only get another signature of the same validity.
    let mut due = Vec::new();
    for target in targets {
        let (content, bytes) = content(&target, &manifests)?;
        due.extend((!signing.has_signed(&content, &bytes)).then_some(target));
    }
    let had_another = |target: &&Target| {
        let before = manifests.entry(target).and_then(|entry| entry.signature.as_ref());
        before.is_some_and(|before| before.signer != signing.signature().signer)
    };
    let others = due.iter().filter(had_another).count();
    let again = due.iter().try_for_each(|target| {
        let (content, _) = content(target, &manifests)?;
        manifests.replace(target, &signing.around(&content, Vec::new())?, Some(signing.signature().clone()))
    });
    // Where a file cannot be written, those before it are signed all the same.
    manifests.save()?;
    again?;
    warn_of_other_signers([others as u64, 0]);
    let until = signing.signature().signed_until;
    let (again, left) = (input::count(due.len(), "file"), signed - due.len());
    output::line(&format!("{again} signed again, valid until {until}; {left} left as they are"))?;
    Ok(Verdict::Good)
}

/// What is signed, and the whole file.
fn content(target: &Target, manifests: &Manifests) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let bytes = manifests.bytes(target)?;
    match content_of(&target.path, &bytes)? {
        Some(content) => Ok((content, bytes)),
        None => Err(Failure::hinted(
            anyhow::anyhow!(
                "{} is not signed, though its manifest says so; nothing was written",
                target.path.display()
            ),
            "write the folder again with `provost generate`",
        )),
    }
}
