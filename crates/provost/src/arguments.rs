//! The verbs and their options, as clap reads them. What they do is in `verbs/`.

pub(crate) mod deploy;
pub(crate) mod doctor;
pub(crate) mod generate;
pub(crate) mod lint;

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{ArgGroup, Args, Parser, Subcommand};
use provost_account::nearest;
use provost_device::AsVersion;
use provost_discover::SourceKind;
use provost_mockmail::{Armed, ArmedError, FaultRow};
use provost_settings::{ColumnChoice, Encoding};

use deploy::Deploy;
use doctor::Doctor;
use generate::Generate;
use lint::Lint;

/// Writes mail profiles for devices and proves that they work.
///
/// Provost reads a settings file and a user list, writes the profiles, and shows that each one works by doing what the
/// device would do with exactly the values in the file.
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
    /// Write profiles for every user and format.
    #[command(after_help = "Examples:
  provost generate -c mail.yaml --users users.csv -o profiles
  provost generate -c mail.yaml --users users.csv -o profiles --client thunderbird
  provost generate -c mail.yaml --users users.csv -o profiles --only apple-mobileconfig/ios,k9s
  provost generate -c mail.yaml --users users.csv -o profiles --prune
  provost generate -c mail.yaml --users users.csv -o profiles --check
  provost generate -c mail.yaml --users users.csv -o profiles.tar.zst
  provost generate -c mail.yaml --users users.csv -o signed --sign-p12 identity.p12")]
    Generate(Generate),
    /// Prove profiles: do what the device would do, against the embedded mock server or the live service.
    #[command(after_help = "Examples:
  provost verify profiles
  provost verify profiles --sample 200 --html report.html
  provost verify profiles/k9s --fault local-part-only
  provost verify profiles/k9s -c mail.yaml --users users.csv --json")]
    Verify(Verify),
    /// Sign Apple profiles in place.
    ///
    /// The password of an encrypted key is taken from PROVOST_SIGN_PASSWORD.
    #[command(after_help = "Examples:
  provost sign profiles --sign-cert leaf.pem --sign-key leaf.key --sign-chain chain.pem
  provost sign wifi.mobileconfig --sign-p12 identity.p12")]
    Sign(Sign),
    /// Take the signature off Apple profiles, in place.
    #[command(after_help = "Examples:
  provost unsign wifi.mobileconfig")]
    Unsign(Unsign),
    /// Sign again what ends soon in a folder that `provost generate` wrote.
    ///
    /// The manifest says until when each signature is valid. The password of an encrypted key is taken from
    /// PROVOST_SIGN_PASSWORD.
    #[command(after_help = "Examples:
  provost resign profiles --before 30 --sign-p12 identity.p12")]
    Resign(Resign),
    /// Show what a device does with a profile.
    #[command(after_help = "Examples:
  provost explain profiles/k9s/jane@example.com.k9s
  provost explain profiles/thunderbird-autoconfig/domain/example.com.xml --address john@example.com
  provost explain profiles --json")]
    Explain(Explain),
    /// Find mistakes in settings, user lists and profiles, and contradictions between them.
    #[command(after_help = "Examples:
  provost lint mail.yaml users.csv
  provost lint profiles --strict
  provost lint profiles --sarif lint.sarif
  provost lint --rules")]
    Lint(Lint),
    /// Show what happens to each account when new profiles replace old ones.
    ///
    /// Exit status: 0 nothing changes, 1 something changes, 2 the profiles could not be compared.
    #[command(after_help = "Examples:
  provost diff profiles/apple-mobileconfig/ios profiles/apple-mobileconfig/macos
  provost diff profiles/k9s/jane@example.com.k9s profiles/k9s/jane@example.com.k9s --json")]
    Diff(Diff),
    /// Make settings from existing profiles, or from automx2's seed file.
    #[command(after_help = "Examples:
  provost import profiles
  provost import profiles/apple-mobileconfig/ios -o imported.yaml
  provost import profiles/thunderbird-autoconfig/domain/example.com.xml --address jane@example.com")]
    Import(Import),
    /// Make settings from an address or a provider's guide, and name what contradicts them.
    ///
    /// Each value has its source as a comment. What the provider itself publishes counts before the provider database, and
    /// that before a guide.
    ///
    /// Asks what the domain publishes, and sends no address: docs/init.md lists every question.
    ///
    /// Exit status: 0 no source contradicts another, 1 some do, 2 no settings could be made.
    #[command(after_help = "Examples:
  provost init jane@gmx.net --offline
  provost init jane@q.com --offline -o q.yaml
  provost init jane@gmx.net --offline --json")]
    Init(Init),
    /// Print the DNS records by which clients find the servers, or compare them with what is published.
    ///
    /// Exit status: 0 all as they should be, 1 something differs, 2 the name server gives no answer.
    #[command(after_help = "Examples:
  provost dns -c mail.yaml
  provost dns -c mail.yaml --json")]
    Dns(Dns),
    /// Say what fails today, whose fault it is, what the mail program shows then, and what to change where.
    ///
    /// Every server of the account is asked over the real network, and what its domain publishes; docs/verify.md lists what
    /// is sent. A message to oneself is sent, and removed again.
    ///
    /// With an address alone, the servers are those that count for `provost init`.
    ///
    /// Exit status: 0 nothing is wrong, 1 something is, 2 it could not be looked at.
    #[command(after_help = "Examples:
  provost doctor jane@example.com -c mail.yaml --offline
  provost doctor --said SEC_ERROR_EXPIRED_CERTIFICATE
  provost doctor --causes --client thunderbird")]
    Doctor(Doctor),
    /// Deliver profiles through a management server (MDM), and say who has them.
    ///
    /// `deploy.yaml` names the server, the map says whose device is which, and a journal keeps what was sent and answered.
    #[command(
        subcommand,
        after_help = "Examples:
  provost deploy targets"
    )]
    Deploy(Deploy),
    /// Run the mock IMAP, POP3 and SMTP server until it is interrupted.
    #[command(after_help = "Examples:
  provost mock
  provost mock --json --ca ca.pem
  provost mock -c mail.yaml --users users.csv --control 0 --fault slow:amount=500")]
    Mock(Mock),
    /// List the formats and the clients that read them.
    #[command(after_help = "Examples:
  provost formats
  provost formats --json")]
    Formats(Formats),
}

/// How to read a user list.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListArguments {
    /// What columns of the user list hold, such as `email=userPrincipalName,name=displayName`. In JSON, dots lead into
    /// objects: `email=profile.email`.
    #[arg(long, value_name = "OURS=THEIRS", value_delimiter = ',', value_parser = column_choice)]
    pub(crate) columns: Vec<ColumnChoice>,
    /// The encoding of a user list that has no mark and is not UTF-8, such as `windows-1252`.
    #[arg(long, value_name = "LABEL", value_parser = encoding)]
    pub(crate) encoding: Option<Encoding>,
}

/// What to sign with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct SigningOptions {
    /// Sign Apple profiles with this certificate; PEM or DER.
    #[arg(long, value_name = "FILE", requires = "sign_key", conflicts_with = "sign_p12")]
    pub(crate) sign_cert: Option<PathBuf>,
    /// The certificate's private key: RSA, P-256 or P-384, in PKCS#8, PKCS#1 or SEC1. The password of an encrypted key is
    /// taken from PROVOST_SIGN_PASSWORD.
    #[arg(long, value_name = "FILE", requires = "sign_cert")]
    pub(crate) sign_key: Option<PathBuf>,
    /// The certificates of the authorities between the certificate and its root.
    #[arg(long, value_name = "FILE", requires = "sign_cert")]
    pub(crate) sign_chain: Option<PathBuf>,
    /// Certificate, key and chain in one PKCS#12 file. Its password is taken from PROVOST_SIGN_PASSWORD.
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_p12: Option<PathBuf>,
    /// Sign even with a certificate that no authority issued, for tests: devices show such a profile as not verified.
    #[arg(long, requires = "signer")]
    pub(crate) danger_self_signed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The address of one person: its domain is what the settings are for. Default: that which the guide names; on a
    /// terminal, a question.
    #[arg(allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// The provider's guide, as text or HTML; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) guide: Option<PathBuf>,
    /// The settings file to write. Existing files are never replaced. Default: standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, value_name = "SOURCE", value_parser = source, help = ACCEPT_HELP, long_help = accept_help())]
    pub(crate) accept: Option<SourceKind>,
    /// Ask nobody: the table of providers, the guide, and a provider database in a folder have to do.
    #[arg(long, conflicts_with_all = ["send_address", "allow_private"])]
    pub(crate) offline: bool,
    /// A provider database as Thunderbird's: a folder of files, or an https URL below which each domain has one.
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) provider_database: Option<String>,
    /// Send the address to the host autoconfig.DOMAIN and to Autodiscover. Default: web servers learn the domain only.
    #[arg(long, requires = "address")]
    pub(crate) send_address: bool,
    /// Take answers of web servers at loopback, private, link-local and carrier addresses too.
    #[arg(long)]
    pub(crate) allow_private: bool,
    /// The root's keys by which signed records are judged, as DNSKEY records, such as Unbound's root.key. Default: the
    /// Internet's.
    #[arg(long, value_name = "FILE", conflicts_with = "offline")]
    pub(crate) trust_anchor: Option<PathBuf>,
    /// Print what was found as one line of JSON, in the place of the settings; with -o, both.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.requires("users")), mut_arg("encoding", |arg| arg.requires("users")))]
pub(crate) struct Verify {
    /// Profiles, or folders that `provost generate` wrote.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) paths: Vec<PathBuf>,
    /// The settings to compare the profiles with; the mock server is built from them. Default: the service.json next to the
    /// profiles.
    #[arg(short = 'c', long, value_name = "FILE", requires = "users")]
    pub(crate) config: Option<PathBuf>,
    /// The user list that belongs to the settings: CSV, JSON, JSON Lines or LDIF.
    #[arg(long, value_name = "FILE", requires = "config")]
    pub(crate) users: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    /// Use the real servers that the profiles name. Passwords come from the user list, else from PROVOST_PASSWORD.
    #[arg(long)]
    pub(crate) live: bool,
    /// The address of the account, for a profile that does not name one (Thunderbird's autoconfig).
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// Prove the files of this many people of a folder that `provost generate` wrote, and those for several people. A hash
    /// of the address decides, so it is the same people in every run.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) sample: Option<NonZeroUsize>,
    /// Make the mock server misbehave; `provost mock --help` lists the names. Can be repeated.
    #[arg(long, value_name = "NAME[:WHEN]", conflicts_with = "live", value_parser = armed)]
    pub(crate) fault: Vec<Armed>,
    /// Seconds that each step may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// Give each check a connection of its own, instead of one to each server for all checks.
    #[arg(long)]
    pub(crate) thorough: bool,
    /// Write the report as JUnit XML, for Jenkins, GitLab and GitHub's actions: a suite per format, a case per profile.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write the report as one HTML page of at most 5 MB that needs no network: formats and steps, failures by cause.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print a JSON line per check, and a last line with the totals.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("signer").args(["sign_cert", "sign_p12"]).required(true)))]
pub(crate) struct Sign {
    /// Apple profiles (.mobileconfig), or folders that contain them. Of a folder that `provost generate` wrote, what is for
    /// one person and installed by hand; its manifest follows.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) signing: SigningOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Unsign {
    /// Signed Apple profiles. The manifest of a folder that `provost generate` wrote follows.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("signer").args(["sign_cert", "sign_p12"]).required(true)))]
pub(crate) struct Resign {
    /// A folder that `provost generate` wrote.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Sign again what is valid for this many days at most.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16))]
    pub(crate) before: u16,
    #[command(flatten)]
    pub(crate) signing: SigningOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Profiles in any known format, or folders that contain them.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// The address of the account, for a profile that does not name one (Thunderbird's autoconfig).
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// The version of a program whose files are read, such as aerc@0.14; `provost formats` says where versions differ.
    /// Default: the newest that reads the file.
    #[arg(long = "as", value_name = "PROGRAM@VERSION")]
    pub(crate) version: Option<AsVersion>,
    /// Print a JSON line per account.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The profile that devices have now, or a folder of profiles.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The profile that replaces it, or a folder of profiles.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// The address of the account, for profiles that do not name one.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// The version of a program whose files are read, such as aerc@0.14; `provost formats` says where versions differ.
    /// Default: the newest that reads the file.
    #[arg(long = "as", value_name = "PROGRAM@VERSION")]
    pub(crate) version: Option<AsVersion>,
    /// Print a JSON line per account, and a last line with the totals.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Profiles of one organization, folders that contain them, or automx2's seed file (JSON).
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// The settings file to write; certificates are written next to it. Existing files are never replaced. Default:
    /// standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The address of the account, for a profile that does not name one.
    #[arg(long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) address: Option<String>,
    /// The version of a program whose files are read, such as aerc@0.14; `provost formats` says where versions differ.
    /// Default: the newest that reads the file.
    #[arg(long = "as", value_name = "PROGRAM@VERSION")]
    pub(crate) version: Option<AsVersion>,
    /// Accept servers without TLS, and write danger_allow_cleartext.
    #[arg(long)]
    pub(crate) danger_allow_cleartext: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Dns {
    /// The settings file.
    #[arg(short = 'c', long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Ask the name server what is published, and say for each record whether it is there, missing or different, and whether
    /// it is signed. Only names are sent.
    #[arg(long)]
    pub(crate) check: bool,
    /// The name server to ask, such as 192.0.2.53 or `[2001:db8::53]:5353`. Can be repeated. Default: the system's.
    #[arg(long, value_name = "ADDRESS[:PORT]", requires = "check", value_parser = name_server)]
    pub(crate) name_server: Vec<SocketAddr>,
    /// The root's keys by which signed records are judged, as DNSKEY records, such as Unbound's root.key. Default: the
    /// Internet's.
    #[arg(long, value_name = "FILE", requires = "check")]
    pub(crate) trust_anchor: Option<PathBuf>,
    /// Print a JSON line per record.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(mut_arg("columns", |arg| arg.requires("users")), mut_arg("encoding", |arg| arg.requires("users")))]
pub(crate) struct Mock {
    /// The settings file. Default: a built-in service, example.test on localhost, with two accounts.
    #[arg(short = 'c', long, value_name = "FILE", requires = "users")]
    pub(crate) config: Option<PathBuf>,
    /// The user list: CSV, JSON, JSON Lines or LDIF; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "config")]
    pub(crate) users: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) list: ListArguments,
    /// Misbehave in this way. Can be repeated.
    #[arg(long, value_name = "NAME[:WHEN]", value_parser = armed, long_help = faults_help())]
    pub(crate) fault: Vec<Armed>,
    /// The IMAP capabilities: `all` or `usual`, then names to add or, with `-`, to remove, separated by commas.
    /// Example: `all,-IDLE,-CONDSTORE`.
    #[arg(long, value_name = "LIST", default_value = "usual", allow_hyphen_values = true)]
    pub(crate) capabilities: String,
    /// The port of a service on loopback, such as `imaps=10993`; 0 chooses a free one. Can be repeated; the other services
    /// get free ports.
    #[arg(long, value_name = "SERVICE=PORT")]
    pub(crate) port: Vec<String>,
    /// Use the ports of another test server: `greenmail` is 3025, 3110, 3143, 3465, 3993 and 3995.
    #[arg(long, value_name = "NAME", value_parser = ["greenmail"])]
    pub(crate) preset: Option<String>,
    /// Keep mail in maildirs (DIR/ADDRESS) between runs. Default: in memory only.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Number the UIDVALIDITY of folders from here, so that every run gives the same values. Default: values that no
    /// earlier run on this machine gave. Stored mail keeps its own.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) uid_validity: Option<NonZeroU32>,
    /// Create a mailbox for anyone who logs in, even with a bare local part; the first password becomes the account's.
    #[arg(long)]
    pub(crate) create_accounts: bool,
    /// Whose mail is accepted: `own` requires a login and one of its addresses; `any` accepts any address, with or without
    /// a login. Without a login, TLS is required unless `--danger-allow-cleartext` is given.
    #[arg(long, value_name = "WHOSE", default_value = "own", value_parser = ["own", "any"])]
    pub(crate) senders: String,
    /// Who can receive mail: `known` is anyone with a mailbox; `any` creates a mailbox for everyone else, and its first
    /// login sets the password.
    #[arg(long, value_name = "WHOSE", default_value = "known", value_parser = ["known", "any"])]
    pub(crate) recipients: String,
    /// The largest message that is accepted, in octets; SMTP's SIZE and IMAP's APPENDLIMIT announce it.
    #[arg(long, value_name = "OCTETS", default_value_t = 26_214_400, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) message_octets_max: u32,
    /// Accept passwords without TLS. With `--preset greenmail` also: `--create-accounts`, `--senders any`, `--recipients
    /// any`, and GreenMail's REST paths on port 8080.
    #[arg(long)]
    pub(crate) danger_allow_cleartext: bool,
    /// The type of the servers' keys.
    #[arg(long, value_name = "KIND", default_value = "p256", value_parser = ["p256", "rsa"])]
    pub(crate) tls_key: String,
    /// Make every TLS handshake a full handshake.
    #[arg(long)]
    pub(crate) no_tls_resumption: bool,
    /// Let clients log in with certificates (SASL EXTERNAL): DIR/ADDRESS.pem and DIR/ADDRESS.key.pem are written.
    #[arg(long, value_name = "DIR")]
    pub(crate) client_certificates: Option<PathBuf>,
    /// Messages to load at the start and after a reset: DIR/ADDRESS/FOLDER/NAME.eml; folders can be nested.
    #[arg(long, value_name = "DIR")]
    pub(crate) preload: Option<PathBuf>,
    /// The port of the control interface, HTTP on loopback; 0 chooses a free one.
    #[arg(long, value_name = "PORT")]
    pub(crate) control: Option<u16>,
    /// Print every conversation to standard error, without secrets.
    #[arg(long)]
    pub(crate) trace: bool,
    /// Where to write the certificate of the throw-away certificate authority (PEM). Default: a temporary file.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Print a JSON line when ready.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Formats {
    /// Print a JSON list.
    #[arg(long)]
    pub(crate) json: bool,
}

fn column_choice(text: &str) -> anyhow::Result<ColumnChoice> {
    Ok(ColumnChoice::try_from(text)?)
}

fn encoding(label: &str) -> anyhow::Result<Encoding> {
    Ok(Encoding::try_from(label)?)
}

/// A name server's address, with the port of DNS unless it says another.
fn name_server(text: &str) -> anyhow::Result<SocketAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let socket = text.parse().or_else(|_| bare.parse().map(|address: IpAddr| SocketAddr::new(address, 53)));
    socket.with_context(|| format!("{text:?} is not an IP address, with or without a port"))
}

/// The message for an unknown name: the nearest known one, and all of them.
fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match known {
        [] => format!("no {what} is called {name:?}: there is only one"),
        known => format!("no {what} is called {name:?}; {}known: {}", did_you_mean(name, known), known.join(", ")),
    }
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("did you mean {near}? "))
}

/// A kind of source by its name.
fn source(text: &str) -> anyhow::Result<SourceKind> {
    let names: Vec<&str> = ACCEPTED.iter().map(|kind| kind.name()).collect();
    let found = ACCEPTED.iter().find(|kind| kind.name() == text);
    found.copied().ok_or_else(|| anyhow!(unknown("source", text, &names)))
}

fn accept_help() -> String {
    format!(
        "{ACCEPT_HELP}. Without it, a person at a terminal confirms what is below the provider database.\n\n{}",
        source_rows()
    )
}

/// The sources, a line each.
fn source_rows() -> String {
    let rows = ACCEPTED.iter().map(|kind| format!("  {:10}  {}", kind.name(), kind.title()));
    rows.collect::<Vec<_>>().join("\n")
}

const ACCEPT_HELP: &str = "Take what this source says before all others, without a question";
/// The sources that `init` reads, the most trusted first.
const ACCEPTED: &[SourceKind] = &[
    SourceKind::Provider,
    SourceKind::OwnDomain,
    SourceKind::SignedSrv,
    SourceKind::Database,
    SourceKind::Srv,
    SourceKind::MxDerived,
    SourceKind::Http,
    SourceKind::Guide,
    SourceKind::Guess,
];

/// A fault by its name, and when it is in force.
fn armed(text: &str) -> anyhow::Result<Armed> {
    text.parse().map_err(|error: ArmedError| match &error {
        ArmedError::Unknown(name) => {
            let names: Vec<&str> = provost_mockmail::faults().iter().map(|row| row.name).collect();
            anyhow!("{error}; {}`provost mock --help` lists them", did_you_mean(name, &names))
        }
        ArmedError::Option(_) | ArmedError::Senseless(..) => error.into(),
    })
}

fn faults_help() -> String {
    let (of_providers, others): (Vec<&FaultRow>, Vec<&FaultRow>) =
        provost_mockmail::faults().iter().partition(|row| row.name.starts_with("provider:"));
    let list = |rows: &[&FaultRow]| {
        let widest = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let rows = rows.iter().map(|row| format!("  {:widest$}  {}", row.name, row.what));
        rows.collect::<Vec<_>>().join("\n")
    };
    format!(
        "Misbehave in this way. Can be repeated.\n\nOptions follow a colon, separated by commas: host=HOST and \
         account=ADDRESS limit the fault, after=COMMANDS starts it with that command of a connection, amount=NUMBER says \
         how much. Example: `slow:host=imap.example.org,after=3,amount=500`.\n\n{}\n\nAnswer word for word as a real \
         provider or server does, at the same command. The likeliest cause is next to each:\n\n{}",
        list(&others),
        list(&of_providers),
    )
}
