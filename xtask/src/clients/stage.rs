//! Where real clients meet the mock server under the settings' own names and ports: a network of their own, in which
//! nothing but loopback exists, with a hosts file of its own; the mock on 993, 995, 465, 587; the files that `generate`
//! made, and homes in which they lie where the manifest says.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::Identity;
use crate::workspace::root;

/// The people of the stage: an ordinary one, and one whose address a shell would run, expand or split.
pub(crate) const PEOPLE: [&str; 2] = [JANE, HOSTILE];
pub(crate) const JANE: &str = "jane.doe@centurylink.net";
pub(crate) const HOSTILE: &str = "`id`$HOME|{x}'%s%h@centurylink.net";
/// With what a shell would take apart. No quotation mark and no backslash: fetchmail 6.4.37 finds neither in `~/.netrc`.
pub(crate) const PASSWORD: &str = "open 'sesame' $x; #`id`";
/// The messages that the mock gives each mailbox.
pub(crate) const AT_THE_START: usize = 7;

/// Starts this program again in namespaces of its own; that run does the work.
pub(crate) fn enter(myself: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--net", "--mount"]);
    if !is_root() {
        unshare.arg("--map-root-user");
    }
    let mut probe = Command::new("unshare");
    probe.args(unshare.get_args()).arg("true").stderr(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED, ALL OF IT: no namespaces here (unshare --net --mount), so no client can meet real names and ports"
        );
        return Ok(());
    }
    Err(unshare.arg(myself).arg(INSIDE).args(arguments).exec()).context("cannot start unshare")
}

/// The chore that `enter` starts.
pub(crate) const INSIDE: &str = "e2e-clients-inside";

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// The mock, and everybody's files.
pub(crate) struct Stage {
    mock: Child,
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
        // Programs that do not run as root read below.
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
        let mut mock = mock.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("cannot start the mock")?;
        let mut ready = String::new();
        BufReader::new(mock.stdout.take().context("it was piped")?).read_line(&mut ready)?;
        let ready: Value = serde_json::from_str(&ready).with_context(|| format!("the mock is not ready: {ready:?}"))?;
        let control = ready["control"].as_str().context("no control interface")?.to_owned();
        let stage = Self { mock, control, generated: at("out"), folder, program: program.to_owned() };
        let more = "trust: [ca.pem]\npassword_command: cat \"$HOME/pass word\"\n";
        let settings = spoilt.map_or_else(|| settings(more), |spoilt| spoilt.settings(&settings(more)));
        fs::write(stage.path("mail.yaml"), settings)?;
        fs::write(stage.path("other-ca.pem"), Identity::of(&[AUTOCONFIG_HOST])?.ca_pem)?;
        let generate = Command::new(program)
            .args(["generate", "-c"])
            .arg(stage.path("mail.yaml"))
            .arg("--users")
            .arg(stage.path("users.json"))
            .arg("-o")
            .arg(&stage.generated)
            .output()?;
        ensure!(generate.status.success(), "generate: {}", String::from_utf8_lossy(&generate.stderr));
        // Delta Chat takes no authority but those that it brings along.
        fs::create_dir(stage.path("public"))?;
        fs::write(stage.path("public/mail.yaml"), self::settings(""))?;
        let links = ["--only", "dclogin", "--danger-embed-passwords"];
        let users = stage.path("users.json");
        crate::e2e::generate_for(program, &stage.path("public"), &users, &stage.path("links"), &links)?;
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

    /// Every file, with its row in the manifest; Delta Chat's links, which nobody gets without the password, at the end.
    pub(crate) fn rows(&self) -> anyhow::Result<Vec<(PathBuf, Value)>> {
        Ok([manifest(&self.generated)?, manifest(&self.path("links"))?].concat())
    }

    /// Whether a format has files for a person: some refuse some.
    pub(crate) fn has_files(&self, person: &str, format: &str) -> anyhow::Result<bool> {
        Ok(self.rows()?.iter().any(|(_, row)| row["format"] == format && row["address"] == person))
    }

    /// The files of a format for every fixture, each with an address that it is for.
    pub(crate) fn of_every_fixture(&self, format: &str) -> anyhow::Result<Vec<(PathBuf, String)>> {
        Ok(with_addresses(self.rows_of_every_fixture(format)?))
    }

    /// The same with all that the manifest says; formats are separated by commas.
    fn rows_of_every_fixture(&self, formats: &str) -> anyhow::Result<Vec<(PathBuf, Value)>> {
        let mut rows = Vec::new();
        for service in crate::e2e::services()? {
            let name = service.file_name().context("a fixture has a name")?;
            let output = self.path("fixtures").join(formats).join(name);
            crate::e2e::generate(&self.program, &service, &output, &["--only", formats])?;
            rows.extend(manifest(&output)?);
        }
        Ok(rows)
    }

    /// Delta Chat's links for every fixture, in text and pictures. Nobody gets one without a password, so everybody has the
    /// stage's.
    pub(crate) fn links_of_every_fixture(&self) -> anyhow::Result<Vec<(PathBuf, String)>> {
        let mut files = Vec::new();
        for service in crate::e2e::services()? {
            let name = service.file_name().context("a fixture has a name")?;
            let at = |what: &str| self.path("fixtures").join(what).join(name);
            // The one format that everybody has.
            crate::e2e::generate(&self.program, &service, &at("settings-sheet"), &["--only", "settings-sheet"])?;
            let sheets = manifest(&at("settings-sheet"))?;
            let logins: BTreeMap<&str, &Value> =
                sheets.iter().filter_map(|(_, row)| Some((row["address"].as_str()?, &row["username"]))).collect();
            let user = |(address, login)| json!({ "email": address, "username": login, "password": PASSWORD });
            let users = self.path("users-of-a-fixture.json");
            fs::write(&users, serde_json::to_vec(&logins.into_iter().map(user).collect::<Vec<_>>())?)?;
            let more = ["--only", "dclogin", "--danger-embed-passwords"];
            crate::e2e::generate_for(&self.program, &service, &users, &at("dclogin"), &more)?;
            files.extend(manifest(&at("dclogin"))?);
        }
        Ok(with_addresses(files))
    }

    /// Whether a format has no place for certificate authorities.
    pub(crate) fn loses_authorities(&self, format: &str) -> anyhow::Result<bool> {
        let is_loss = |loss: &Value| loss["setting"] == "trust" && loss["written"].is_null();
        let loses = |row: &Value| row["losses"].as_array().is_some_and(|losses| losses.iter().any(is_loss));
        Ok(self.rows()?.iter().any(|(_, row)| row["format"] == format && loses(row)))
    }

    /// What `provost explain --json` says of a file.
    pub(crate) fn explained(&self, file: &Path, person: &str) -> anyhow::Result<Value> {
        let mut explain = Command::new(&self.program);
        let output = explain.args(["explain", "--json", "--address", person]).arg(file).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        Ok(serde_json::from_str(line)?)
    }

    /// A home with every file of the person's where it belongs, and the password where the command finds it.
    pub(crate) fn home_of(&self, person: &str) -> anyhow::Result<TempDir> {
        let rows = self.rows()?;
        self.home_with(rows.iter().filter(|(_, row)| row["address"] == person))
    }

    /// The homes of everybody in the fixtures and on the stage who has a file of a format, with that file and whose it is.
    pub(crate) fn homes(&self, format: &str) -> anyhow::Result<Vec<(TempDir, PathBuf, String)>> {
        let mut rows = self.rows_of_every_fixture(format)?;
        rows.extend(self.rows()?.into_iter().filter(|(_, row)| row["format"] == format));
        let mut homes = Vec::new();
        for (file, row) in &rows {
            // What lies beside it: authorities, and Python for offlineimap.
            if ends_with(file, "pem") || ends_with(file, "py") {
                continue;
            }
            let address = row["address"].as_str().with_context(|| format!("{} is nobody's", file.display()))?;
            let is_beside = |(path, other): &&(PathBuf, Value)| {
                path.parent() == file.parent() && other["address"] == row["address"]
            };
            homes.push((self.home_with(rows.iter().filter(is_beside))?, file.clone(), address.to_owned()));
        }
        Ok(homes)
    }

    fn home_with<'a>(&self, rows: impl Iterator<Item = &'a (PathBuf, Value)>) -> anyhow::Result<TempDir> {
        let home = tempfile::Builder::new().prefix("home-").tempdir_in(self.folder.path())?;
        for (path, row) in rows {
            let Some(install) = row["install"].as_str().and_then(|install| install.strip_prefix("~/")) else {
                continue;
            };
            let to = home.path().join(install);
            fs::create_dir_all(to.parent().context("a file lies somewhere")?)?;
            fs::copy(path, to)?;
        }
        fs::write(home.path().join("pass word"), PASSWORD)?;
        Ok(home)
    }

    /// Everything in the mock as it was at the start, and nothing said yet.
    pub(crate) fn reset(&self) -> anyhow::Result<Watch> {
        self.ask("POST", "/v1/reset", None)?;
        Ok(Watch { from: self.said(0)?.last().and_then(|line| line["number"].as_u64()).map_or(0, |last| last + 1) })
    }

    /// The messages of a person's folder, as soon as there are so many.
    pub(crate) fn messages(&self, person: &str, folder: &str, wait: usize) -> anyhow::Result<Vec<Value>> {
        let path = format!("/v1/accounts/{}/mailboxes/{folder}/messages?wait={wait}&timeout=20000", encoded(person));
        let messages = self.ask("GET", &path, None)?;
        Ok(messages.as_array().with_context(|| format!("{folder}: {messages}"))?.clone())
    }

    /// How many messages of a person's inbox came in the days for which the settings keep mail.
    pub(crate) fn recent(&self, person: &str) -> anyhow::Result<usize> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let since = now - u64::from(DAYS) * 24 * 60 * 60;
        let messages = self.messages(person, "INBOX", 0)?;
        let recent =
            messages.iter().filter_map(|it| it["internal_date"].as_u64()).filter(|date| *date >= since).count();
        ensure!((1..messages.len()).contains(&recent), "{recent} of {} messages prove no window", messages.len());
        Ok(recent)
    }

    /// Puts a message into a person's inbox.
    pub(crate) fn deliver(&self, person: &str, subject: &str) -> anyhow::Result<()> {
        let message = format!("From: judge@centurylink.net\r\nTo: you\r\nSubject: {subject}\r\n\r\nHello.\r\n");
        self.ask("POST", &format!("/v1/accounts/{}/mailboxes/INBOX/messages", encoded(person)), Some(&message))?;
        Ok(())
    }

    /// Whether a message with this subject came to a person.
    pub(crate) fn has_come(&self, person: &str, subject: &str) -> anyhow::Result<()> {
        let messages = self.messages(person, "INBOX", AT_THE_START + 1)?;
        let line = format!("Subject: {subject}");
        let found = messages.iter().filter_map(|it| it["raw"].as_str()).any(|raw| raw.lines().any(|it| it == line));
        ensure!(found, "no message with {line:?} came to {person}");
        Ok(())
    }

    /// What was said from a line on.
    fn said(&self, from: u64) -> anyhow::Result<Vec<Value>> {
        let lines = self.ask("GET", &format!("/v1/transcript?from={from}"), None)?;
        Ok(lines.as_array().with_context(|| format!("the transcript is {lines}"))?.clone())
    }

    /// Whether somebody has logged in by a protocol, since the watch began.
    pub(crate) fn has_logged_in(&self, watch: &Watch, protocol: &str) -> anyhow::Result<bool> {
        let is_it = |line: &Value| {
            line["protocol"] == protocol
                && line["speaker"] == "server"
                && line["text"].as_str().is_some_and(|text| text.ends_with("logged in"))
        };
        Ok(self.said(watch.from)?.iter().any(is_it))
    }

    /// Whether somebody has logged in by any protocol, since the watch began.
    pub(crate) fn has_let_in(&self, watch: &Watch) -> anyhow::Result<bool> {
        for protocol in ["imap", "pop3", "smtp"] {
            if self.has_logged_in(watch, protocol)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same as a step that has to be.
    pub(crate) fn logged_in(&self, watch: &Watch, protocol: &str) -> anyhow::Result<()> {
        ensure!(self.has_logged_in(watch, protocol)?, "nobody has logged in by {protocol}");
        Ok(())
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Value> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--request", method]);
        curl.arg(format!("{}{path}", self.control)).stdin(Stdio::piped());
        if body.is_some() {
            curl.args(["--header", "Content-Type: message/rfc822", "--data-binary", "@-"]);
        }
        let mut curl = curl.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start curl")?;
        let mut stdin = curl.stdin.take().context("it was piped")?;
        std::io::Write::write_all(&mut stdin, body.unwrap_or("").as_bytes())?;
        drop(stdin);
        let output = curl.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{method} {path}: {text} {error}");
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.mock.kill();
        let _ = self.mock.wait();
    }
}

/// What the clients' files have wrong, to see that it is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoilt {
    Port,
    SocketType,
    Username,
    Authority,
}

impl Spoilt {
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Port, "port"),
        (Self::SocketType, "socket-type"),
        (Self::Username, "username"),
        (Self::Authority, "authority"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(spoilt, _)| *spoilt == self).expect("every one is in the table").1
    }

    fn settings(self, settings: &str) -> String {
        let replace = |pairs: &[(&str, &str)]| {
            pairs.iter().fold(settings.to_owned(), |text, (right, wrong)| text.replace(right, wrong))
        };
        match self {
            Self::Port => {
                replace(&[(": 993", ": 9930"), (": 995", ": 9950"), (": 465", ": 4650"), (": 587", ": 5870")])
            }
            Self::SocketType => replace(&[(": STARTTLS", ": other"), (": SSL", ": STARTTLS"), (": other", ": SSL")]),
            Self::Username => replace(&[("username: \"%EMAILADDRESS%\"", "username: \"%EMAILLOCALPART%\"")]),
            Self::Authority => replace(&[("[ca.pem]", "[other-ca.pem]")]),
        }
    }
}

/// The line from which on the transcript is looked at.
pub(crate) struct Watch {
    from: u64,
}

/// The network of the namespace: loopback, and a hosts file that leads every name of the stage there.
pub(crate) fn network() -> anyhow::Result<()> {
    let quietly = |program: &str, arguments: &[&str]| -> anyhow::Result<()> {
        let output =
            Command::new(program).args(arguments).output().with_context(|| format!("cannot start {program}"))?;
        ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    };
    quietly("ip", &["link", "set", "lo", "up"])?;
    let hosts = root().join("target/e2e/hosts");
    fs::create_dir_all(hosts.parent().context("target lies somewhere")?)?;
    // fetchmail wants to know the machine's own name too.
    let own = fs::read_to_string("/proc/sys/kernel/hostname")?;
    // A line for each name, so that each is canonical: fetchmail looks for that one.
    let names = ["localhost"].iter().chain(&HOSTS).copied().chain([own.trim()]);
    fs::write(&hosts, names.map(|name| format!("127.0.0.1 {name}\n")).collect::<String>())?;
    quietly("mount", &["--bind", &hosts.to_string_lossy(), "/etc/hosts"])
}

/// CenturyLink's settings, with its POP3 server for the clients that speak nothing else, and a calendar and an address book
/// that nobody serves.
fn settings(more: &str) -> String {
    format!(
        "provost: 1\n\
         organization: {{ id: net.centurylink, name: CenturyLink }}\n\
         domains: [centurylink.net]\n\
         username: \"%EMAILADDRESS%\"\n\
         incoming:\n\
         \x20 - {{ protocol: imap, host: imap.centurylink.com, port: 993, socket_type: SSL, authentication: password-cleartext }}\n\
         \x20 - {{ protocol: pop3, host: pop.centurylink.net, port: 995, socket_type: SSL, authentication: password-cleartext }}\n\
         outgoing:\n\
         \x20 - {{ host: smtp.centurylink.com, port: 465, socket_type: SSL, authentication: password-cleartext }}\n\
         \x20 - {{ host: smtp.centurylink.com, port: 587, socket_type: STARTTLS, authentication: password-cleartext }}\n\
         sync: {{ days: {DAYS} }}\n\
         calendar: {{ url: \"https://dav.centurylink.net/calendars/%EMAILADDRESS%/\" }}\n\
         contacts: {{ url: \"https://dav.centurylink.net/contacts/%EMAILADDRESS%/\" }}\n{more}"
    )
}

/// Whether a file is of a kind, by the end of its name.
pub(super) fn ends_with(file: &Path, end: &str) -> bool {
    file.extension().is_some_and(|it| it == end)
}

/// The files that are for an address, with it.
fn with_addresses(rows: Vec<(PathBuf, Value)>) -> Vec<(PathBuf, String)> {
    rows.into_iter().filter_map(|(path, row)| Some((path, row["address"].as_str()?.to_owned()))).collect()
}

/// What `generate` wrote into a folder: every file, with its row.
fn manifest(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Value)>> {
    let manifest = fs::read_to_string(folder.join("manifest.jsonl"))?;
    let row = |line: &str| -> anyhow::Result<(PathBuf, Value)> {
        let row: Value = serde_json::from_str(line)?;
        Ok((folder.join(row["path"].as_str().context("a row without a path")?), row))
    };
    manifest.lines().map(row).collect()
}

/// A segment of a URL's path.
fn encoded(text: &str) -> String {
    let octet = |octet: u8| match octet {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'@' => char::from(octet).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(octet).collect()
}

/// Where clients ask for the domain's file first.
pub(super) const AUTOCONFIG_HOST: &str = "autoconfig.centurylink.net";
/// How long the settings keep mail on a device.
const DAYS: u16 = 30;
/// The stage's, and those of the fixtures to which clients connect who say only then what they read.
const HOSTS: [&str; 7] = [
    "imap.centurylink.com",
    "pop.centurylink.net",
    "smtp.centurylink.com",
    AUTOCONFIG_HOST,
    "imap.orchard.example",
    "imap.twin.example",
    "mail.harbour.example",
];
