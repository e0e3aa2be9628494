//! `provost unsign`: takes the signature off Apple profiles where they lie. It does not ask whether the signature is good.

use std::collections::BTreeSet;

use crate::arguments::Unsign;
use crate::failure::Failure;
use crate::signing::content_of;
use crate::signing::in_place::{Manifests, Target};
use crate::verdict::Verdict;
use crate::{input, output};

/// Gives each file what was signed, octet for octet.
pub(crate) fn run(options: &Unsign) -> Result<Verdict, Failure> {
    let mut manifests = Manifests::default();
    let mut targets =
        options.files.iter().map(|path| manifests.target(path)).collect::<Result<Vec<Target>, Failure>>()?;
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.full.clone()));
    for target in &targets {
        content(target, &manifests)?;
    }
    let unsigned = targets.iter().try_for_each(|target| {
        let content = content(target, &manifests)?;
        manifests.replace(target, &content, None)
    });
    // Where a file cannot be written, those before it are unsigned all the same.
    manifests.save()?;
    unsigned?;
    output::line(&format!("{} without a signature now", input::count(targets.len(), "file")))?;
    Ok(Verdict::Good)
}

fn content(target: &Target, manifests: &Manifests) -> Result<Vec<u8>, Failure> {
    let content = content_of(&target.path, &manifests.bytes(target)?)?;
    content.ok_or_else(|| anyhow::anyhow!("{} is not signed; nothing was written", target.path.display()).into())
}
