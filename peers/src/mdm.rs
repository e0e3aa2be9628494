//! `cargo xtask e2e --mdm`: real MDM servers, and simulated devices that keep the octets they are given.
//!
//! NanoMDM with KMFDDM beside it, and NanoHUB, are built by `go install`. Nothing here knows what a profile says: octets
//! are compared with what `generate` wrote, and `verify` proves what the devices hold.

mod acts;
mod api;
mod between;
mod deployment;
mod device;
mod files;
mod fleet;
mod moments;
mod office;
mod papers;
mod programs;
mod push;
mod run;
mod scenes;
mod servers;
mod speed;
mod tls;

use std::time::Instant;

use anyhow::{Context as _, bail};
use tokio::runtime::Runtime;

use self::programs::Programs;
pub(crate) use self::speed::{CONNECTIONS, Yard};

/// `e2e --mdm`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let kills = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--mdm"] => KILLS,
        ["--mdm", "--kills", times] => times.parse().context("--kills takes a number")?,
        _ => bail!("e2e --mdm takes --kills NUMBER and nothing else"),
    };
    let Some(programs) = Programs::installed()? else { return Ok(()) };
    let begin = Instant::now();
    Runtime::new()?.block_on(run::all(&programs, kills))?;
    println!("every device holds what it should ({} s)", begin.elapsed().as_secs());
    Ok(())
}

/// How often `apply` is killed: enough to notice what always goes wrong. The rest is for `--kills 50`.
const KILLS: usize = 4;
