//! Files that are not ours and lie where `generate` would write. It finds them, before anything is written, and removes none.

use std::collections::BTreeMap;

use provost_settings::write_service;

use super::plan::{Plan, Whom};
use crate::dist::folder::Folder;
use crate::dist::strangers::{Stranger, Strangers};
use crate::failure::Failure;
use crate::input;
use crate::signing::Signing;
use provost_generate::SERVICE_FILE;

/// The files that are not ours and would be replaced. Without `--force` they end the run before anything is written,
/// and so do two people with one file.
pub(super) fn clashes(
    plan: &Plan<'_>,
    folder: &Folder,
    strangers: &Strangers,
    signing: Option<&Signing>,
) -> Result<Vec<(String, Stranger)>, Failure> {
    let mut clashes = Vec::new();
    if let Some(bytes) = folder.bytes(SERVICE_FILE)?.filter(|bytes| !is_service(bytes)) {
        clashes.extend((bytes != write_service(plan.service)).then(|| (SERVICE_FILE.to_owned(), Stranger::Unnamed)));
    }
    // Making every profile once more just to look at its name is worth it only where something may be in its way.
    if !strangers.is_empty() || plan.stems.may_share_a_file() {
        let mut owners: BTreeMap<String, Whom<'_>> = BTreeMap::new();
        plan.profiles(&mut |made| {
            for file in made.written.iter().flat_map(|profile| &profile.files) {
                let path = made.path(file);
                let signing = signing.filter(|_| made.kind.is_signed(&path));
                let is_same = |present: &[u8]| match signing {
                    None => present == file.bytes,
                    Some(signing) => signing.has_signed(&file.bytes, present),
                };
                clashes.extend(strangers.at(&path, is_same)?.map(|stranger| (path.clone(), stranger)));
                if let Some(other) = owners.insert(path.clone(), made.whom) {
                    let name = made.whom;
                    return Err(anyhow::anyhow!("{other} and {name} would share {path}; nothing was written").into());
                }
            }
            Ok(())
        })?;
    }
    let in_the_way = clashes.iter().any(|(_, stranger)| *stranger == Stranger::InTheWay);
    if clashes.is_empty() || (plan.options.force && !in_the_way) {
        return Ok(clashes);
    }
    for (path, stranger) in clashes.iter().take(CLASHES_SHOWN) {
        eprintln!("kept: {}: {}", plan.options.output.join(path).display(), stranger.what());
    }
    if let Some(more) = clashes.len().checked_sub(CLASHES_SHOWN).filter(|more| *more > 0) {
        eprintln!("kept: {} more", input::count(more, "file"));
    }
    let error = anyhow::anyhow!("{} would be replaced; nothing was written", input::count(clashes.len(), "file"));
    let hint = match in_the_way {
        true => "write to another folder, or move away what is named above",
        false => "write to another folder, move the files named above away, or replace them with --force",
    };
    Err(Failure::hinted(error, hint))
}

/// Whether a file is what `write_service` writes, now or in another version.
fn is_service(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|json| json["provost"].is_number())
}

/// More files than this that are not ours are told of in one line.
const CLASHES_SHOWN: usize = 10;
