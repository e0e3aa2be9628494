//! `cargo xtask bless`: rewrites the golden files. A person reads the diff.

use crate::workspace::{cargo, must};

/// Runs the golden tests in writing mode.
pub fn run() -> anyhow::Result<()> {
    must(cargo(&["test", "--package", "provost-profile", "golden"]).env("PROVOST_BLESS", "1"))?;
    must(
        cargo(&[
            "test",
            "--package",
            "provost-tests",
            "--",
            "losses_and_refusals",
            "page_of_causes",
            "page_of_rules",
            "page_of_everyday_files",
            "provider_files",
            "words_of_clients",
        ])
        .env("PROVOST_BLESS", "1"),
    )?;
    must(cargo(&["test", "--package", "provost-settings", "--test", "manual"]).env("PROVOST_BLESS", "1"))?;
    println!("blessed; now read `git diff fixtures docs` as a device would");
    Ok(())
}
