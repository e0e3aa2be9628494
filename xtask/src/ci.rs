//! `cargo xtask ci`: everything that the continuous integration asks besides the tests themselves.

use crate::workspace::{cargo, must};

/// Runs every gate; the first one that is red ends it.
pub(crate) fn run() -> anyhow::Result<()> {
    must(&mut cargo(&["fmt", "--all", "--check"]))?;
    must(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    must(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    crate::tidy::run()?;
    must(&mut cargo(&["deny", "check", "licenses", "bans", "sources"]))?;
    crate::e2e::run()
}
