//! `cargo xtask bench mdm`: how near `provost deploy apply` comes to the rate at which the MDM server takes commands, with
//! both measured in turns within one run. It judges nothing: a missed goal is only noted in the report.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::measures::{self, Spread};
use crate::mdm::{CONNECTIONS, Yard};
use xtask::workspace::{cargo, must, root};

/// `bench mdm [--rounds N] [--people N] [--date DATE]`.
pub(super) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (mut rounds, mut people, mut date) = (3_u32, 5000_usize, None);
    let mut words = arguments.iter();
    while let Some(option) = words.next() {
        let value = words.next().with_context(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--rounds" => rounds = value.parse().context("--rounds is a number")?,
            "--people" => people = value.parse().context("--people is a number")?,
            "--date" => date = Some(value.as_str()),
            _ => bail!("unknown option {option}: --rounds, --people, --date"),
        }
    }
    ensure!(rounds > 0 && people >= 100, "at least one round and 100 people");
    if cfg!(debug_assertions) {
        must(&mut cargo(&["build", "--release", "--package", "provost", "--package", "peers"]))?;
        return must(Command::new(root().join("target/release/peers")).args(["bench", "mdm"]).args(arguments));
    }
    let load = measures::load_average()?;
    let program = root().join("target/release/provost");
    let mut memory = Vec::new();
    // A tenth first: what grows with the people, shows.
    let Some(few) = Yard::new(people / 10, &program)? else { return Ok(()) };
    memory.push((people / 10, few.apply()?.memory_mb));
    drop(few);
    let Some(mut yard) = Yard::new(people, &program)? else { return Ok(()) };
    let (mut applied, mut bare) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // The one that comes first finds a shorter queue, so they take turns.
        if round % 2 == 1 {
            bare.push(yard.bare()?);
        }
        let apply = yard.apply()?;
        applied.push(apply.seconds);
        memory.push((people, apply.memory_mb));
        if round % 2 == 0 {
            bare.push(yard.bare()?);
        }
    }
    let rate = |seconds: &[f64]| Spread::of(&seconds.iter().map(|it| people as f64 / it).collect::<Vec<_>>());
    let (applied, bare) = (rate(&applied).context("no round")?, rate(&bare).context("no round")?);
    let share = applied.median / bare.median;
    let mut text = HEAD.to_owned();
    for (what, value) in measures::machine(date)? {
        writeln!(text, "- {what}: {value}")?;
    }
    writeln!(text, "- server: {}; {CONNECTIONS} requests at once", yard.server())?;
    writeln!(text, "- people: {people}; rounds: {rounds}, in turns; load average of the minute before: {load:.2}")?;
    writeln!(text, "\n## Commands a second\n\n| | median (least to most) |\n|---|---|")?;
    for (says, spread) in [("`deploy apply`, from its start to its end", applied), ("bare commands", bare)] {
        writeln!(text, "| {says} | {:.0} ({:.0} to {:.0}) |", spread.median, spread.min, spread.max)?;
    }
    let verdict = if share >= GOAL { "met" } else { "**not met**" };
    writeln!(text, "| share | {:.0} %; goal {:.0} %: {verdict} |", share * 100.0, GOAL * 100.0)?;
    writeln!(text, "\n## Memory of `deploy apply`\n\n| people | peak, MB |\n|---|---|")?;
    for (people, megabytes) in memory {
        let megabytes = megabytes.map_or_else(|| "not measured".to_owned(), |it| format!("{it:.0}"));
        writeln!(text, "| {people} | {megabytes} |")?;
    }
    println!("{text}");
    fs::write(root().join("benchmarks/mdm.md"), text)?;
    Ok(())
}

const GOAL: f64 = 0.5;
const HEAD: &str = "# The speed of `provost deploy`

Written by `cargo xtask bench mdm`; do not edit.
`--people N` and `--rounds N` change the size of the run, `--date DATE` dates it.
Numbers compare within one run on one machine, never between runs: read the share.
No test depends on them.

`deploy apply` makes everybody's profile, writes its journal, puts the commands into the server's queues and pushes everybody's device; the bare commands are ready-made and are only put into the queues.

## The run

";
