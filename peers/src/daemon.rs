//! A server that others wrote, as a process of ours: it has started when it accepts connections.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::bench::listens;
use crate::clients::Running;

/// Starts a program with a file of a folder. What it writes goes to `PROGRAM.log` there.
pub(crate) fn started(
    folder: &Path,
    program: &str,
    options: &[&str],
    file: &str,
    at: (Ipv4Addr, u16),
) -> anyhow::Result<Running> {
    let log = folder.join(format!("{program}.log"));
    let mut command = Command::new(program);
    command.args(options).arg(folder.join(file)).stdout(Stdio::null()).stderr(fs::File::create(&log)?);
    let mut process = Running(command.spawn().with_context(|| format!("cannot start {program}"))?);
    let said = || fs::read_to_string(&log).unwrap_or_else(|error| error.to_string());
    listens(&mut process.0, at.into()).with_context(|| format!("{program}: {}", said()))?;
    Ok(process)
}
