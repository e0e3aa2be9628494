//! `cargo xtask tidy`: what no compiler checks. Each rule returns the violations with their places; none of them fixes
//! anything.

mod arrows;
mod circles;
mod codes;
mod errors;
mod source;
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
    anyhow::ensure!(violations.is_empty(), "tidy: {} to fix", violations.len());
    println!("tidy: nothing to fix");
    Ok(())
}

fn violations() -> anyhow::Result<Vec<String>> {
    let root = root();
    let mut violations = arrows::violations(&fs::read_to_string(root.join("ARCHITECTURE.md"))?, &arrows::found()?);
    violations.extend(tables::violations(&root)?);
    let mut files = rust_files(&root)?;
    let tests = source::tests(&files);
    let enums = style::own_enums(files.iter().map(|(_, text)| text.as_str()));
    for (path, text) in &files {
        violations.extend(style::violations(path, text, &enums));
    }
    files.retain(|(path, _)| !tests.contains(path));
    let codes = codes::names(&files);
    anyhow::ensure!(!codes.is_empty(), "no table of codes was found");
    let without_literals: Vec<_> = files.iter().map(|(path, text)| (path.clone(), source::code(text))).collect();
    for ((path, code), (_, text)) in without_literals.iter().zip(&files) {
        violations.extend(errors::violations(path, code));
        violations.extend(codes::violations(path, text, code, &codes));
    }
    for crate_files in without_literals.chunk_by(|(a, _), (b, _)| source(a) == source(b)) {
        violations.extend(circles::violations(source(&crate_files[0].0), crate_files));
    }
    Ok(violations)
}

/// The folder of a crate's sources.
fn source(path: &str) -> &str {
    path.find("/src/").map_or("", |at| &path[..at + "/src/".len()])
}

/// Every Rust file of ours, as a path from the root with slashes, with its text.
fn rust_files(root: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "peers", "tests", "xtask"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                let path = path.strip_prefix(root).expect("found below the root").to_string_lossy().replace('\\', "/");
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
