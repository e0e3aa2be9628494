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
    // Targets for a fuzzer that is not here: that they still build is what can be known.
    must(&mut cargo(&["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml"]))?;
    crate::e2e::run()?;
    crate::soak::run(&["--seconds".to_owned(), "20".to_owned()])
}
