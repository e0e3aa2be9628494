//! The verbs of `provost deploy` and their options, as clap reads them.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use super::ListArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum Deploy {
    /// Show what would be sent.
    ///
    /// Exit status: 0 nothing to do, 1 something would be sent, 2 it is not possible.
    #[command(after_help = "Examples:
  provost deploy plan -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv
  provost deploy plan -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv --json")]
    Plan(Options),
    /// Send what the plan says.
    ///
    /// Exit status: 0 done, 1 some failed, 2 nothing was sent.
    #[command(after_help = "Examples:
  provost deploy apply -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv --yes
  provost deploy apply -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv --yes --wait 10m")]
    Apply(Apply),
    /// Say who has it.
    ///
    /// Exit status: 0 everybody has it, 1 not yet, 2 it is not known.
    #[command(after_help = "Examples:
  provost deploy status -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv
  provost deploy status -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv --ask --wait 10m")]
    Status(Status),
    /// Take back what was delivered to the people of the list.
    ///
    /// Exit status: 0 done, 1 some failed, 2 nothing was sent.
    #[command(after_help = "Examples:
  provost deploy remove -c mail.yaml --users leavers.csv --to deploy.yaml --map devices.csv --yes")]
    Remove(Apply),
    /// Write down what devices answer, and add those that enrol to the map, until it is interrupted.
    #[command(after_help = "Examples:
  provost deploy watch -c mail.yaml --users users.csv --to deploy.yaml --map devices.csv")]
    Watch(Watch),
    /// List the targets: what each delivers and can read back, and whether that was tried.
    #[command(after_help = "Examples:
  provost deploy targets
  provost deploy targets --json")]
    Targets(Targets),
}

/// What every verb of `deploy` reads.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The settings file.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The user list: CSV, JSON, JSON Lines or LDIF; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) users: PathBuf,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    /// The server, what it is to deliver, and the journal: deploy.yaml.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Whose device is which: CSV with the columns email, enrollment and variant.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: PathBuf,
    /// Put the passwords of the user list into the profiles, where the server and the device can read them.
    #[arg(long)]
    pub(crate) danger_embed_passwords: bool,
    /// Print JSON lines.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) deploy: Options,
    /// Send. Without it, only the plan is shown.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Wait for the devices' answers at most this long, such as 90s, 10m or 2h; needs a webhook.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) deploy: Options,
    /// Ask each device for its list of profiles, and compare; needs a webhook.
    #[arg(long)]
    pub(crate) ask: bool,
    /// Wait for the devices' answers at most this long. Default: 1m.
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "ask")]
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) deploy: Options,
    /// End after this long. Default: when it is interrupted.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Targets {
    /// Print a JSON line per target.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `90s`, `10m`, `2h`.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        unit => return Err(anyhow!("the unit {unit:?} is unknown; write s, m or h")),
    };
    let number: u32 = digits.parse().context("a duration is a number and s, m or h, such as 10m")?;
    Ok(Duration::from_secs(u64::from(number) * unit))
}
