//! The target `folder`: files, and a README that says which is for whom. What is there is what counts.

use std::io;
use std::path::Path;

use anyhow::Context as _;
use provost_generate::write_whole;
use provost_mdm::plan::{Action, Decision};
use provost_mdm::target::{Means, Step, Target};
use uuid::Uuid;

use crate::failure::Failure;

use super::wanted::Wanted;

/// What is to be done, by what is there.
pub(super) fn decide(root: &Path, target: &Target, wanted: &Wanted, by_journal: Decision) -> Result<Decision, Failure> {
    let step = wanted.step(Uuid::nil(), by_journal.attempt);
    let (mut is_there, mut is_same) = (false, true);
    for (path, bytes) in files(target, &step) {
        let path = root.join(path);
        match std::fs::read(&path) {
            Ok(present) => {
                is_there = true;
                is_same &= present == bytes;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => is_same = false,
            Err(error) => {
                return Err(anyhow::Error::from(error).context(format!("cannot read {}", path.display())).into());
            }
        }
    }
    Ok(match (is_same, is_there) {
        (true, _) => Decision { action: Action::Unchanged, attempt: by_journal.attempt },
        (false, _) if by_journal.action.sends() => by_journal,
        (false, true) => Decision { action: Action::Update, attempt: by_journal.attempt + 1 },
        (false, false) => Decision { action: Action::Create, attempt: by_journal.attempt + 1 },
    })
}

/// Writes the files of a step.
pub(super) fn write(root: &Path, target: &Target, step: &Step<'_>) -> Result<(), Failure> {
    for (path, bytes) in files(target, step) {
        let path = root.join(path);
        write_whole(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Removes them. What is gone is gone.
pub(super) fn remove(root: &Path, target: &Target, step: &Step<'_>) -> Result<(), Failure> {
    for (path, _) in files(target, step) {
        let path = root.join(path);
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(anyhow::Error::from(error).context(format!("cannot remove {}", path.display())).into());
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Writes the README: a row for each file.
pub(super) fn readme(root: &Path, rows: &[[String; 3]]) -> Result<(), Failure> {
    let mut text = "# Profiles to install\n\nUpload each file to the device management of its device.\n\n".to_owned();
    text.push_str("| Address | Device | Contents |\n|---|---|---|\n");
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    let path = root.join("README.md");
    write_whole(&path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn files(target: &Target, step: &Step<'_>) -> Vec<(String, Vec<u8>)> {
    match &target.means {
        Means::Folder(files) => files(step),
        Means::Server(_) => Vec::new(),
    }
}
