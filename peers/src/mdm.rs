//! `cargo xtask e2e --mdm`: real MDM servers, and simulated devices that keep the octets they are given.
//!
//! NanoMDM with KMFDDM beside it, and NanoHUB, are built by `go install`. Nothing here knows what a profile says: octets
//! are compared with what `generate` wrote, and `verify` proves what the devices hold.

mod api;
mod device;
mod files;
mod fleet;
mod office;
mod papers;
mod programs;
mod push;
mod run;
mod scenes;
mod servers;
mod tls;

use std::time::Instant;

use anyhow::bail;
use tokio::runtime::Runtime;

use self::programs::Programs;

/// `e2e --mdm`.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if let Some(other) = arguments.iter().find(|it| *it != "--mdm") {
        bail!("e2e --mdm takes nothing more, and not {other}");
    }
    let Some(programs) = Programs::installed()? else { return Ok(()) };
    let begin = Instant::now();
    Runtime::new()?.block_on(run::all(&programs))?;
    println!("every device holds what it should ({} s)", begin.elapsed().as_secs());
    Ok(())
}
