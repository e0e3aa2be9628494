//! The verbs and their options, as clap reads them. What they do is in `verbs/`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use provost_mockmail::{Armed, ArmedError, FaultRow};

/// Provisions mail accounts and proves them.
///
/// One settings file and a list of users go in; device profiles come out; and each profile is shown to work by doing
/// what the device would do with exactly the values in the file.
///
/// Exit status: 0 all good, 1 the thing checked is not good, 2 it could not be checked.
#[derive(Debug, Parser)]
#[command(name = "provost", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a device profile for every user and format.
    Generate(Generate),
    /// Prove profiles: do what the device would do, against the embedded mock server or live.
    Verify(Verify),
    /// Show what the device will do with a profile, as a table.
    Explain(Explain),
    /// Look for mistakes in settings, user lists and profiles, also other people's, alone and beside each other.
    Lint(Lint),
    /// Show what becomes of each account when new profiles come after old ones.
    ///
    /// Exit status: 0 nothing changes, 1 something does, 2 it could not be compared.
    Diff(Diff),
    /// Make settings of profiles that somebody made: of any known format, or of automx2's seed file.
    Import(Import),
    /// Run the mock IMAP, POP3 and SMTP server until it is interrupted.
    Mock(Mock),
    /// List the formats.
    Formats(Formats),
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// The folder to write to; created if it is not there.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// Only these formats, separated by commas.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = format_names())]
    pub(crate) only: Vec<String>,
    /// Write the users whose rows are good although others are bad; the exit status is then 1.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Remove files that an earlier run wrote and this one does not. What may be of somebody whose row cannot be read is
    /// kept.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Replace files that no manifest names, or that were changed after an earlier run wrote them. Without it they end the
    /// run before anything is written.
    #[arg(long)]
    pub(crate) force: bool,
    /// Put the passwords of the user list into the profiles, readable by anyone who has the file.
    #[arg(long)]
    pub(crate) danger_embed_passwords: bool,
    /// The report as JSON lines on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Profiles, or folders that `provost generate` wrote.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) paths: Vec<PathBuf>,
    /// The settings that the profiles must agree with; the mock server is built from them.
    #[arg(short = 'c', long, value_name = "FILE", requires = "users")]
    pub(crate) config: Option<PathBuf>,
    /// The user list that goes with the settings: CSV, JSON or JSON Lines.
    #[arg(long, value_name = "FILE", requires = "config")]
    pub(crate) users: Option<PathBuf>,
    /// Prove against the real servers that the profiles name. Passwords: the user list's column, else PROVOST_PASSWORD.
    #[arg(long)]
    pub(crate) live: bool,
    /// Whose account it is, for a profile that does not say (Thunderbird's autoconfig).
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// Make the mock server misbehave: a name from `provost mock --help`. May be given several times.
    #[arg(long, value_name = "NAME[:WHEN]", conflicts_with = "live", value_parser = armed)]
    pub(crate) fault: Vec<Armed>,
    /// Seconds that any one step may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// One JSON line per check on standard output, and a last line with the sums.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Profiles of any known format, or folders with such.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// Whose account it is, for a profile that does not say (Thunderbird's autoconfig).
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// One JSON line per account on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// Settings (.yaml, .yml), user lists (.csv, .json, .jsonl), profiles of any known format, and folders with such. What
    /// is given together is also compared: profiles that replace each other, formats of one person that disagree.
    #[arg(required_unless_present = "rules", value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// The settings that a user list belongs to: its domains and servers. Without it: the ones that are named too, or that
    /// lie in the same folder.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Whose account it is, for a profile that does not say (Thunderbird's autoconfig). Without it such a profile is also
    /// looked at for nobody in particular.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// Exit with 1 for warnings too.
    #[arg(long)]
    pub(crate) strict: bool,
    /// One JSON line per finding, or per rule, on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the findings as SARIF 2.1.0, for code hosts; `-` is standard output, in place of the text.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) sarif: Option<PathBuf>,
    /// List the rules: code, severity, what each is about, why, source, fix.
    #[arg(long, conflicts_with_all = ["files", "config", "address", "strict", "sarif"])]
    pub(crate) rules: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The profile that devices have, or a folder of such.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The profile that comes after it, or a folder.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Whose account it is, for profiles that do not say.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// One JSON line per account on standard output, and a last line with the sums.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Profiles of one organization, folders with such, or automx2's seed file (JSON).
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// Where to write the settings, and certificates beside them; a file that is there is kept. Without it: standard
    /// output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Whose account it is, for a profile that does not say.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// Take servers without TLS too, and write danger_allow_cleartext.
    #[arg(long)]
    pub(crate) danger_allow_cleartext: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Mock {
    /// The settings file. Without it: a built-in service, example.test on localhost, with two accounts.
    #[arg(short = 'c', long, value_name = "FILE", requires = "users")]
    pub(crate) config: Option<PathBuf>,
    /// The user list: CSV, JSON or JSON Lines; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "config")]
    pub(crate) users: Option<PathBuf>,
    /// Misbehave in this way. May be given several times.
    #[arg(long, value_name = "NAME[:WHEN]", value_parser = armed, long_help = faults_help())]
    pub(crate) fault: Vec<Armed>,
    /// What IMAP announces and does: `all` or `usual`, then names to add or, with `-`, to leave out, separated by commas.
    /// Example: `all,-IDLE,-CONDSTORE`.
    #[arg(long, value_name = "LIST", default_value = "usual", allow_hyphen_values = true)]
    pub(crate) capabilities: String,
    /// The port of a service on loopback: `imaps=10993`, 0 for a free one. May be given several times; the others get
    /// free ports.
    #[arg(long, value_name = "SERVICE=PORT")]
    pub(crate) port: Vec<String>,
    /// The ports of another test server: `greenmail` is 3025, 3110, 3143, 3465, 3993 and 3995.
    #[arg(long, value_name = "NAME", value_parser = ["greenmail"])]
    pub(crate) preset: Option<String>,
    /// Keep mail in maildirs, DIR/ADDRESS, from one run to the next. Without it mail is in memory only.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Begin the UIDVALIDITY of folders with this number, so that every run gives the same. Without it no run on this
    /// machine gives one again that another run gave; mail that is kept keeps its own.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) uid_validity: Option<NonZeroU32>,
    /// Give whoever logs in a mailbox, be the name a bare local part; the first password counts.
    #[arg(long)]
    pub(crate) create_accounts: bool,
    /// From whom mail is taken: `own` is whoever is logged in, from an own address; `any` is anybody, from any address, with
    /// or without a login. Without a login it comes inside TLS, unless `--danger-allow-cleartext` is given.
    #[arg(long, value_name = "WHOSE", default_value = "own", value_parser = ["own", "any"])]
    pub(crate) senders: String,
    /// To whom mail is delivered: `known` is whoever has a mailbox; `any` is anybody: who has none gets one, with the first
    /// password that somebody logs in with.
    #[arg(long, value_name = "WHOSE", default_value = "known", value_parser = ["known", "any"])]
    pub(crate) recipients: String,
    /// The octets of the longest message that is taken, as SMTP's SIZE and IMAP's APPENDLIMIT announce it.
    #[arg(long, value_name = "OCTETS", default_value_t = 26_214_400, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) message_octets_max: u32,
    /// Take passwords outside of TLS. With `--preset greenmail` also: `--create-accounts`, `--senders any`, `--recipients
    /// any`, and GreenMail's REST paths on port 8080.
    #[arg(long)]
    pub(crate) danger_allow_cleartext: bool,
    /// The servers' keys.
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = ["p256", "rsa"])]
    pub(crate) tls_key: String,
    /// Make every TLS handshake a full one.
    #[arg(long)]
    pub(crate) no_tls_resumption: bool,
    /// Let clients log in with certificates (SASL EXTERNAL): DIR/ADDRESS.pem and DIR/ADDRESS.key.pem are written.
    #[arg(long, value_name = "DIR")]
    pub(crate) client_certificates: Option<PathBuf>,
    /// Messages to start with, and again after a reset: DIR/ADDRESS/FOLDER/NAME.eml, folders in folders.
    #[arg(long, value_name = "DIR")]
    pub(crate) preload: Option<PathBuf>,
    /// Where to listen for the control interface, HTTP on loopback: a port, 0 for a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) control: Option<u16>,
    /// Show on standard error what is said on every connection, without secrets.
    #[arg(long)]
    pub(crate) trace: bool,
    /// Where to write the certificate of the throw-away certificate authority, PEM. Without it: a temporary file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// One JSON line on standard output when ready.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Formats {
    /// A JSON list on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The settings file and the user list, which several verbs need.
#[derive(Debug, Args)]
pub(crate) struct Inputs {
    /// The settings file.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The user list: CSV, JSON or JSON Lines; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) users: PathBuf,
}

fn format_names() -> PossibleValuesParser {
    provost_profile::formats().iter().map(|format| format.name).into()
}

/// A fault by its name, and when it is in force.
fn armed(text: &str) -> Result<Armed, String> {
    text.parse().map_err(|error: ArmedError| match &error {
        ArmedError::Unknown(name) => {
            let names = provost_mockmail::faults().iter().map(|row| row.name);
            let distance = |known: &&str| strsim::damerau_levenshtein(known, &name.to_lowercase());
            let near = names.min_by_key(distance).filter(|known| distance(known) <= (name.chars().count() / 3).max(1));
            let near = near.map(|near| format!("did you mean {near}? "));
            format!("{error}; {}`provost mock --help` lists them", near.as_deref().unwrap_or(""))
        }
        ArmedError::Option(_) | ArmedError::Senseless(..) => error.to_string(),
    })
}

fn faults_help() -> String {
    let is_provider = |row: &&FaultRow| row.name.starts_with("provider:");
    let (of_providers, others): (Vec<&FaultRow>, Vec<&FaultRow>) =
        provost_mockmail::faults().iter().partition(is_provider);
    let list = |rows: &[&FaultRow]| {
        let widest = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let rows = rows.iter().map(|row| format!("  {:widest$}  {}", row.name, row.what));
        rows.collect::<Vec<_>>().join("\n")
    };
    format!(
        "Misbehave in this way. May be given several times.\n\nBehind a colon, separated by commas, stands when and how \
         much: host=HOST, account=ADDRESS, after=COMMANDS (from the command of that number of a connection on), amount=NUMBER. Example: \
         `slow:host=imap.example.org,after=3,amount=500`.\n\n{}\n\nAnswer as a real provider or server does, word for \
         word, at the command at which it does so. Beside each stands the likeliest cause:\n\n{}",
        list(&others),
        list(&of_providers),
    )
}
