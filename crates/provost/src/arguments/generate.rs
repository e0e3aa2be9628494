//! The options of `provost generate`.

use std::num::NonZero;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{ArgGroup, Args};
use provost_profile::{Format, Variant};

use super::{ListArguments, SigningOptions, unknown};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("signer").args(["sign_cert", "sign_p12"])))]
pub(crate) struct Generate {
    /// The settings file.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The user list: CSV, JSON, JSON Lines or LDIF; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) users: PathBuf,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    /// Where to write: a folder, an archive (X.tar, X.tar.zst, X.zip), or `-` for a tar archive on standard output. A new
    /// folder for more than 10,000 users has 256 folders in each format's.
    #[arg(short, long, value_name = "FOLDER|ARCHIVE")]
    pub(crate) output: PathBuf,
    /// Write nothing, and compare the folder with what would be written; the exit status is 1 if anything differs.
    #[arg(long, conflicts_with_all = ["force", "prune"])]
    pub(crate) check: bool,
    /// How many threads make files. Default: one for each processor. What is written does not depend on it.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    #[arg(long, value_name = "FORMAT[/VARIANT]", value_delimiter = ',', value_parser = only, help = ONLY_HELP, long_help = only_help())]
    pub(crate) only: Vec<Only>,
    #[arg(long, value_name = "NAME", value_parser = client, conflicts_with = "only", help = CLIENT_HELP, long_help = client_help())]
    pub(crate) client: Option<&'static str>,
    /// Write profiles for valid rows even if other rows are invalid; the exit status is then 1.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Remove files that an earlier run wrote and this run does not. Files of users whose rows are invalid are kept.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Replace files that no manifest lists, or that were changed after an earlier run wrote them. Without it, such files
    /// stop the run before anything is written.
    #[arg(long)]
    pub(crate) force: bool,
    /// Put the passwords of the user list into the profiles, where anyone who has a file can read its password.
    #[arg(long)]
    pub(crate) danger_embed_passwords: bool,
    /// Print every refusal and loss, and a table row for every variant. By default the report fits a screen.
    #[arg(long, conflicts_with = "json")]
    pub(crate) verbose: bool,
    /// Print the report as JSON lines.
    #[arg(long)]
    pub(crate) json: bool,
    // Last, for its heading is that of all that follow.
    #[command(flatten)]
    pub(crate) signing: SigningOptions,
}

/// What `--only` asks for: a format, or one of its variants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Only {
    pub(crate) format: &'static Format,
    pub(crate) variant: Option<&'static Variant>,
}

/// A format by its name, or with one of its variants.
fn only(text: &str) -> anyhow::Result<Only> {
    let (name, variant) = text.split_once('/').map_or((text, None), |(name, variant)| (name, Some(variant)));
    let formats = provost_profile::formats();
    let names: Vec<&str> = formats.iter().map(|format| format.name).collect();
    let format = formats.iter().find(|format| format.name == name);
    let format = format.with_context(|| unknown("format", name, &names))?;
    let Some(variant) = variant else { return Ok(Only { format, variant: None }) };
    let variants: Vec<&str> = format.variants.iter().map(|it| it.name).filter(|name| !name.is_empty()).collect();
    let found = format.variants.iter().find(|it| it.name == variant && !variant.is_empty());
    found.with_context(|| unknown(&format!("variant of {name}"), variant, &variants))?;
    Ok(Only { format, variant: found })
}

/// A client by the name that the table of formats gives it.
fn client(text: &str) -> anyhow::Result<&'static str> {
    let clients = clients();
    let found = clients.iter().find(|name| **name == text);
    found.copied().ok_or_else(|| anyhow!(unknown("client", text, &clients)))
}

/// Every client of the table of formats, alphabetical.
fn clients() -> Vec<&'static str> {
    let mut clients: Vec<&str> =
        provost_profile::formats().iter().flat_map(|format| format.client_names).copied().collect();
    clients.sort_unstable();
    clients.dedup();
    clients
}

fn only_help() -> String {
    let names: Vec<&str> = provost_profile::formats().iter().map(|format| format.name).collect();
    format!("{ONLY_HELP}. Formats: {}. `provost formats --json` lists the variants", names.join(", "))
}

fn client_help() -> String {
    format!("{CLIENT_HELP}. Clients: {}", clients().join(", "))
}

const ONLY_HELP: &str = "Write only these formats, separated by commas; FORMAT/VARIANT writes one variant";
const CLIENT_HELP: &str = "Write only the formats that this client reads";
