//! Where real clients meet the mock server under the names and ports in the settings: a network namespace with nothing
//! but loopback and its own hosts file; the mock on 993, 995, 465, 587; the files that `generate` wrote, in homes where
//! the manifest puts them.

pub(crate) mod display;
mod files;
mod mock;
pub(crate) mod running;
pub(crate) mod screen;
mod settings;
pub(crate) mod web;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use self::files::ends_with;
pub(crate) use self::mock::Watch;
use self::running::Running;
pub(crate) use self::settings::Spoilt;
use self::settings::settings;
use super::options;
use crate::bench::Identity;
use crate::namespaces::{self, quietly};
use xtask::workspace::root;

/// The people of the stage: an ordinary one, and one whose address a shell would run, expand or split.
pub(crate) const PEOPLE: [&str; 2] = [JANE, HOSTILE];
pub(crate) const JANE: &str = "jane.doe@centurylink.net";
pub(crate) const HOSTILE: &str = "`id`$HOME|{x}'%s%h@centurylink.net";
/// With characters that a shell interprets, but no quotation mark or backslash: fetchmail 6.4.37 reads neither in
/// `~/.netrc`.
pub(crate) const PASSWORD: &str = "open 'sesame' $x; #`id`";
/// The messages that the mock gives each mailbox.
pub(crate) const AT_THE_START: usize = 7;

/// Starts this program again in namespaces of its own; that run does the work.
pub(crate) fn enter(arguments: &[String]) -> anyhow::Result<()> {
    namespaces::enter(&["--net", "--mount"], INSIDE, arguments, !options::required()?.is_empty())
}

/// The chore that `enter` starts.
pub(crate) const INSIDE: &str = "e2e-clients-inside";

/// The mock, and everybody's files.
pub(crate) struct Stage {
    _mock: Running,
    control: String,
    folder: TempDir,
    /// What `generate` wrote.
    pub(crate) generated: PathBuf,
    pub(crate) program: PathBuf,
}

impl Stage {
    /// Sets the stage, with a fault or without one.
    pub(crate) fn set(program: &Path, fault: Option<&str>, spoilt: Option<Spoilt>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("provost-clients-").tempdir()?;
        // Programs that do not run as root read files in it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let at = |name: &str| folder.path().join(name);
        let rows: Vec<Value> = PEOPLE
            .iter()
            .map(|address| json!({ "email": address, "name": "Jane Doe", "password": PASSWORD }))
            .collect();
        fs::write(at("users.json"), serde_json::to_vec(&rows)?)?;
        fs::write(at("mail.yaml"), settings(""))?;
        let mut mock = Command::new(program);
        mock.arg("mock").arg("-c").arg(at("mail.yaml")).arg("--users").arg(at("users.json"));
        mock.arg("--ca").arg(at("ca.pem")).args(["--json", "--control", "0"]);
        for port in ["imaps=993", "pop3s=995", "submissions=465", "submission=587"] {
            mock.args(["--port", port]);
        }
        mock.args(fault.iter().flat_map(|fault| ["--fault", *fault]));
        let mock = mock.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut mock = Running(mock.context("cannot start the mock")?);
        let mut ready = String::new();
        BufReader::new(mock.0.stdout.take().context("it was piped")?).read_line(&mut ready)?;
        let ready: Value = serde_json::from_str(&ready).with_context(|| format!("the mock is not ready: {ready:?}"))?;
        let control = ready["control"].as_str().context("no control interface")?.to_owned();
        let stage = Self { _mock: mock, control, generated: at("out"), folder, program: program.to_owned() };
        let written = |more: &str| spoilt.map_or_else(|| settings(more), |spoilt| spoilt.settings(&settings(more)));
        fs::write(stage.path("mail.yaml"), written("trust: [ca.pem]\npassword_command: cat \"$HOME/pass word\"\n"))?;
        fs::write(stage.path("other-ca.pem"), Identity::of(&[AUTOCONFIG_HOST])?.ca_pem)?;
        let users = stage.path("users.json");
        xtask::e2e::generate_for(program, stage.folder.path(), &users, &stage.generated, &[])?;
        // Delta Chat trusts no authority but its own.
        fs::create_dir(stage.path("public"))?;
        fs::write(stage.path("public/mail.yaml"), written(""))?;
        let links = ["--only", "dclogin", "--danger-embed-passwords"];
        xtask::e2e::generate_for(program, &stage.path("public"), &users, &stage.path("links"), &links)?;
        Ok(stage)
    }

    /// A file of the stage.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The mock's certificate authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }
}

/// The network of the namespace: loopback, and a hosts file that maps every name of the stage to it.
pub(crate) fn network() -> anyhow::Result<()> {
    quietly("ip", &["link", "set", "lo", "up"])?;
    let hosts = root().join("target/e2e/hosts");
    fs::create_dir_all(hosts.parent().context("target lies somewhere")?)?;
    // fetchmail wants to know the machine's own name too.
    let own = fs::read_to_string("/proc/sys/kernel/hostname")?;
    // A line for each name, so that each is the canonical one, for which fetchmail looks.
    let names = ["localhost"].iter().chain(&HOSTS).copied().chain([own.trim()]);
    fs::write(&hosts, names.map(|name| format!("127.0.0.1 {name}\n")).collect::<String>())?;
    quietly("mount", &["--bind", &hosts.to_string_lossy(), "/etc/hosts"])
}

/// Where clients ask for the domain's file first.
pub(super) const AUTOCONFIG_HOST: &str = "autoconfig.centurylink.net";
/// The stage's hosts, and those of fixtures whose clients print what they read only when they connect.
const HOSTS: [&str; 8] = [
    "imap.centurylink.com",
    "pop.centurylink.net",
    "smtp.centurylink.com",
    AUTOCONFIG_HOST,
    "mail.centurylink.net",
    "imap.orchard.example",
    "imap.twin.example",
    "mail.harbour.example",
];
