//! This program again, in namespaces of its own: what it does to the network, to the mounts and to processes ends with it.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// Starts this program again in new namespaces, which `unshare` calls by these options; that run does the work. Where there
/// can be none, that is an error if it is required, and said aloud otherwise.
pub(crate) fn enter(namespaces: &[&str], inside: &str, arguments: &[String], is_required: bool) -> anyhow::Result<()> {
    let mut unshare = Command::new("unshare");
    unshare.args(namespaces);
    if !is_root() {
        unshare.arg("--map-root-user");
    }
    let mut probe = Command::new("unshare");
    probe.args(unshare.get_args()).arg("true").stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        let words =
            format!("no namespaces here (unshare {}), so nobody can meet real names and ports", namespaces.join(" "));
        ensure!(!is_required, "{words}");
        eprintln!("SKIPPED, ALL OF IT: {words}");
        return Ok(());
    }
    Err(unshare.arg(std::env::current_exe()?).arg(inside).args(arguments).exec()).context("cannot start unshare")
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// Runs a program that must succeed, and shows what it says only if it does not.
pub(crate) fn quietly(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("cannot start {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), said.trim());
    Ok(())
}
