//! The MDM servers: pinned versions that `go install` builds, once, under `target/`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};
use xtask::workspace::root;

/// The programs.
pub(super) struct Programs {
    pub(super) nanomdm: PathBuf,
    pub(super) nanohub: PathBuf,
    pub(super) kmfddm: PathBuf,
}

impl Programs {
    /// Builds what is not built; `None`, and a line that says so, without Go.
    pub(super) fn installed() -> anyhow::Result<Option<Self>> {
        // The go command of Go's own archive is often in no path.
        let go = ["go", "/usr/local/go/bin/go"].into_iter().find(|go| Command::new(go).arg("version").output().is_ok());
        let Some(go) = go else {
            let words = "Go is not installed (Debian: golang-go, 1.19 or newer), so there is no MDM server to try";
            ensure!(std::env::var_os(REQUIRED).is_none(), "{words}; {REQUIRED} is set");
            eprintln!("SKIPPED, ALL OF IT: {words}");
            return Ok(None);
        };
        let nanomdm = install(go, "github.com/micromdm/nanomdm/cmd/nanomdm", "v0.9.0")?;
        let nanohub = install(go, "github.com/micromdm/nanohub/cmd/nanohub", "v0.2.0")?;
        let kmfddm = install(go, "github.com/jessepeterson/kmfddm/cmd/kmfddm", "v0.8.3")?;
        Ok(Some(Self { nanomdm, nanohub, kmfddm }))
    }
}

/// The program of a package at a version.
fn install(go: &str, package: &str, version: &str) -> anyhow::Result<PathBuf> {
    let name = package.rsplit('/').next().expect("rsplit gives at least one part");
    let folder = root().join("target/mdm-servers").join(format!("{name}-{version}"));
    let program = folder.join(name);
    if !program.exists() {
        let mut install = Command::new(go);
        install.args(["install", &format!("{package}@{version}")]).env("GOBIN", &folder).env("GOFLAGS", "-mod=mod");
        let done = install.current_dir(std::env::temp_dir()).output().context("cannot start go")?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "go install {package}@{version}: {}", said.trim());
    }
    Ok(program)
}

/// Where a program that is not installed is a failure.
const REQUIRED: &str = "PROVOST_REQUIRE_PROGRAMS";
