//! The options of `provost doctor`.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{ArgGroup, Args};
use provost_discover::SourceKind;

use super::{ListArguments, source, source_rows, unknown};

#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.requires("users")), mut_arg("encoding", |arg| arg.requires("users")))]
#[command(group(ArgGroup::new("looked_up").args(["said", "causes", "providers"])))]
pub(crate) struct Doctor {
    /// An address, and profiles: what is looked at.
    #[arg(value_name = "ADDRESS|PROFILE", conflicts_with = "looked_up")]
    pub(crate) what: Vec<PathBuf>,
    /// The settings whose servers are asked.
    #[arg(short = 'c', long, value_name = "FILE", conflicts_with = "looked_up")]
    pub(crate) config: Option<PathBuf>,
    /// The user list that belongs to the settings. Without an address its first person is looked at.
    #[arg(long, value_name = "FILE", requires = "config")]
    pub(crate) users: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    #[arg(long, value_name = "NAME", value_parser = client, help = CLIENT_HELP, long_help = client_help())]
    pub(crate) client: Option<&'static str>,
    #[arg(long, value_name = "CHECK", value_delimiter = ',', value_parser = check, conflicts_with = "looked_up", help = ONLY_HELP, long_help = only_help())]
    pub(crate) only: Vec<&'static str>,
    #[arg(long, value_name = "SOURCE", value_parser = source, conflicts_with_all = ["looked_up", "config"], help = ACCEPT_HELP, long_help = accept_help())]
    pub(crate) accept: Option<SourceKind>,
    /// Look at the settings and the profiles alone, without network.
    #[arg(long, conflicts_with_all = ["looked_up", "only", "watch"])]
    pub(crate) offline: bool,
    /// Also fetch what the domain publishes from loopback, private and link-local addresses: for a web server of your own
    /// network.
    #[arg(long, conflicts_with_all = ["looked_up", "offline"])]
    pub(crate) allow_private: bool,
    /// The root's keys by which signed records are judged, as DNSKEY records, such as Unbound's root.key. Default: the
    /// Internet's.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["looked_up", "offline"])]
    pub(crate) trust_anchor: Option<PathBuf>,
    /// Send no test message.
    #[arg(long, conflicts_with_all = ["looked_up", "offline"])]
    pub(crate) no_send: bool,
    /// Also try a wrong password, last. Some servers delay the next logins then: Dovecot, for Postfix too.
    #[arg(long, conflicts_with_all = ["looked_up", "offline"])]
    pub(crate) wrong_password: bool,
    /// The file whose first line is the password. Default: the password of the user list, else PROVOST_PASSWORD.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["looked_up", "offline"])]
    pub(crate) password_file: Option<PathBuf>,
    /// The command whose first line of output is the password; `sh` runs it.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["password_file", "looked_up", "offline"])]
    pub(crate) password_command: Option<String>,
    /// Seconds that each step may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// Leave addresses, login names and hosts out of the report, so that it can be shown to others.
    #[arg(long, conflicts_with = "looked_up")]
    pub(crate) share: bool,
    /// Print a JSON line for each account, or for each cause.
    #[arg(long)]
    pub(crate) json: bool,
    /// Look again after so many seconds, until interrupted.
    #[arg(long, value_name = "SECONDS", conflicts_with = "looked_up", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) watch: Option<u64>,
    /// Write what was found as Prometheus text, whole each time. The labels hold servers, and no address.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["looked_up", "offline", "share"])]
    pub(crate) metrics: Option<PathBuf>,
    /// Find the causes for what a client showed or a server said; `-` is standard input. Exit status 1: it is not known.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) said: Option<String>,
    /// List every provider that is known: its servers, which password it wants, and what to switch on first.
    #[arg(long, conflicts_with = "client")]
    pub(crate) providers: bool,
    /// List every cause: its name, whose fault it is, what to do, and what clients show.
    #[arg(long)]
    pub(crate) causes: bool,
}

impl Doctor {
    /// The files that are named, and the address, which is none.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.what.iter().filter(|it| it.exists()).chain(&self.config).chain(&self.users).map(PathBuf::as_path)
    }
}

/// A client by the name that the records give it.
fn client(text: &str) -> anyhow::Result<&'static str> {
    let clients = clients();
    let found = clients.iter().find(|name| **name == text);
    found.copied().ok_or_else(|| anyhow!(unknown("recorded client", text, &clients)))
}

/// Every client that was recorded, alphabetical.
fn clients() -> Vec<&'static str> {
    let mut clients: Vec<&str> = provost_verify::recorded().iter().map(|record| record.client).collect();
    clients.dedup();
    clients
}

/// A check by its name.
fn check(text: &str) -> anyhow::Result<&'static str> {
    let names: Vec<&str> = provost_verify::checks().iter().map(|check| check.name).collect();
    let found = names.iter().find(|name| **name == text);
    found.copied().ok_or_else(|| anyhow!(unknown("check", text, &names)))
}

fn accept_help() -> String {
    format!("{ACCEPT_HELP}. Without it, a password goes to no server below the provider database.\n\n{}", source_rows())
}

fn client_help() -> String {
    format!("{CLIENT_HELP}. Clients: {}", clients().join(", "))
}

fn only_help() -> String {
    let names: Vec<&str> = provost_verify::checks().iter().map(|check| check.name).collect();
    format!("{ONLY_HELP}. Checks: {}", names.join(", "))
}

const ACCEPT_HELP: &str = "With an address alone: take the servers of this source before all others";
const CLIENT_HELP: &str = "Show what this client shows with each cause";
const ONLY_HELP: &str = "Make only these checks, separated by commas, and those on which they depend";
