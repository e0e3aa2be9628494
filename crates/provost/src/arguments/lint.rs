//! The options of `provost lint`.

use std::path::PathBuf;

use clap::Args;
use provost_device::AsVersion;

use super::ListArguments;

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// Settings (.yaml, .yml), user lists (.csv, .tsv, .json, .jsonl, .ldif), profiles in any known format, and folders that contain
    /// them. Files that are given together are also compared: profiles that replace each other, formats that disagree
    /// about one person.
    #[arg(required_unless_present = "rules", value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// The settings that a user list belongs to: its domains and servers. Default: the settings among the files, or in the
    /// same folder.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The address of the account, for a profile that does not name one (Thunderbird's autoconfig). Without it, such a
    /// profile is checked with a stand-in address.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// The version of a program whose files are read, such as aerc@0.14; `provost formats` says where versions differ.
    /// Default: the newest that reads the file.
    #[arg(long = "as", value_name = "PROGRAM@VERSION")]
    pub(crate) version: Option<AsVersion>,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    /// Exit with status 1 for warnings too.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print a JSON line per finding, or per rule.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the findings as SARIF 2.1.0, for code hosts; `-` is standard output, in place of the text.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) sarif: Option<PathBuf>,
    /// List the rules: code, severity, subject, reason, source and fix.
    #[arg(long, conflicts_with_all = ["files", "config", "address", "strict", "sarif"])]
    pub(crate) rules: bool,
}
