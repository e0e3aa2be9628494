//! `cargo xtask tidy`: what no compiler checks. Each rule returns the violations with their places; none of them fixes
//! anything.

mod arrows;
mod style;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::root;

/// Runs every rule and prints every violation.
pub fn run() -> anyhow::Result<()> {
    let violations = violations()?;
    for violation in &violations {
        eprintln!("{violation}");
    }
    anyhow::ensure!(violations.is_empty(), "tidy: {} to mend", violations.len());
    println!("tidy: nothing to mend");
    Ok(())
}

fn violations() -> anyhow::Result<Vec<String>> {
    let root = root();
    let mut violations = arrows::violations(&fs::read_to_string(root.join("ARCHITECTURE.md"))?, &arrows::found()?);
    violations.extend(tables::violations(&root)?);
    let files = rust_files(&root)?;
    let enums = style::own_enums(files.iter().map(|(_, text)| text.as_str()));
    for (path, text) in &files {
        let path = path.strip_prefix(&root).expect("found below the root").to_string_lossy().replace('\\', "/");
        violations.extend(style::violations(&path, text, &enums));
    }
    Ok(violations)
}

/// Every Rust file of ours, with its text.
fn rust_files(root: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "peers", "tests", "xtask"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                files.push((path, text));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_workspace_is_tidy() {
        let violations = super::violations().expect("the workspace can be read");
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}
