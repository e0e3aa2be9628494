//! The table in `docs/real-clients.md`: the result of the last blessed run.

use std::fs;

use anyhow::{Context, ensure};

use super::table::CLIENTS;
use super::words::dated;
use xtask::workspace::root;

/// Replaces the table.
pub(super) fn write(table: &str) -> anyhow::Result<()> {
    let whole = CLIENTS.iter().all(|client| table.contains(&format!("\n| {}", client.name)));
    ensure!(whole, "the page lists all clients: none may be missing, or left out by --only");
    let path = root().join("docs/real-clients.md");
    let page = fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).context("docs/real-clients.md has no place for the table")?;
    let (held, after) = rest.split_once(END).context("the place for the table in docs/real-clients.md has no end")?;
    let system = fs::read_to_string("/etc/os-release").context("what system is this?")?;
    let named = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let system = named.context("/etc/os-release names no system")?.trim_matches('"');
    let observed = dated(held, |day| format!("\n\nObserved on {system}, {day}:\n\n{table}\n\n"))?;
    Ok(fs::write(&path, [before, BEGIN, &observed, END, after].concat())?)
}

const BEGIN: &str = "<!-- written by cargo xtask e2e --clients --bless -->";
const END: &str = "<!-- end of what e2e --clients wrote -->";
