//! `cargo xtask ci`: everything that continuous integration runs besides the tests.

use std::process::Command;

use crate::workspace::{built, cargo, must};

/// Runs every gate; the first failure ends it.
pub fn run() -> anyhow::Result<()> {
    must(&mut cargo(&["fmt", "--all", "--check"]))?;
    must(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    must(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    crate::tidy::run()?;
    must(&mut cargo(&["deny", "check", "licenses", "bans", "sources"]))?;
    must(&mut cargo(&["machete"]))?;
    // The fuzzer is not installed here, but its targets must build.
    must(&mut cargo(&["check", "--quiet", "--manifest-path", "fuzz/Cargo.toml"]))?;
    // As `cargo test --workspace` builds it: alone, each package would get other features and be built again.
    must(&mut cargo(&["build", "--quiet", "--workspace", "--all-targets"]))?;
    crate::e2e::prove_all()?;
    must(Command::new(built("peers")?).args(["soak", "--seconds", "20"]))
}
