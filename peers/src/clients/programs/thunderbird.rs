//! Thunderbird, driven by Marionette, without a window except for the picture. Each run has its own application folder,
//! with the generated files where the manifest says, and its own profile; what the driver needs (silence, the password)
//! is in `user.js` and in the script that goes online. What counts is what Thunderbird holds, and what the mock
//! received.

mod marionette;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::marionette::Session;
use crate::clients::stage::display::Display;
use crate::clients::stage::running::Running;
use crate::clients::stage::web::Web;
use crate::clients::stage::{AT_THE_START, AUTOCONFIG_HOST, JANE, PASSWORD, Stage, Watch};
use crate::clients::{Proof, Step};

/// A new profile, on a machine of one person.
pub(crate) fn new_profile(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    configured(stage, person, proof, "thunderbird-cfg/new-profile", "")
}

/// A profile that has an account already.
pub(crate) fn existing_profile(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    configured(stage, person, proof, "thunderbird-cfg/existing-profile", OLD_ACCOUNT)
}

/// The organization's files; the environment names the person.
pub(crate) fn organization(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    configured(stage, person, proof, "thunderbird-cfg/organization", "")
}

/// No file on the machine: Thunderbird's account setup fetches the domain's file over HTTPS, tries it and makes the
/// account. The authorities are on the machine, since the file has no place for them.
pub(crate) fn autoconfig(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let watch = stage.reset()?;
    let (file, url) = stage
        .rows()?
        .into_iter()
        .find(|(_, row)| row["format"] == "thunderbird-autoconfig" && row["variant"] == "domain")
        .and_then(|(path, row)| Some((path, row["install"].as_str()?.to_owned())))
        .context("no autoconfig file for the domain")?;
    let web = Web::serve(&[AUTOCONFIG_HOST], BTreeMap::from([(url, fs::read(&file)?)]))?;
    let application = Application::make(stage)?;
    let mut thunderbird = application.start("somebody", "", None)?;
    let authorities = [web.authority.clone(), fs::read_to_string(stage.authority())?];
    thunderbird.run(TRUST, &[json!(authorities)])?;
    let set_up = thunderbird.run(SET_UP, &["Jane Doe".into(), person.into(), PASSWORD.into()])?;
    let Some(source) = set_up["source"].as_str() else { return Err(thunderbird.words(complaint(&set_up))) };
    ensure!(source.contains("isp-https"), "found elsewhere: {source}");
    let held = thunderbird.run(HELD, &[])?;
    let held = held.as_array().and_then(|all| all.iter().find(|it| it["address"] == person)).cloned();
    let held = held.with_context(|| format!("no account of {person}"))?;
    let explained = stage.explained(&file, person)?;
    for key in ["address", "incoming", "outgoing"] {
        // The setup holds one server of each kind.
        let first = |value: &Value| without_nothing(value.get(0).unwrap_or(value));
        let (theirs, ours) = (first(&held[key]), first(&explained[key]));
        ensure!(theirs == ours, "{key} is {theirs}, explain says {ours}");
    }
    proof.has(Step::Provision);
    work(stage, person, &watch, thunderbird, proof)
}

/// Every autoconfig file of every fixture through Thunderbird's own reader, which has to agree with ours.
pub(crate) fn reads_autoconfig(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let application = Application::make(stage)?;
    let mut thunderbird = application.start("somebody", "", None)?;
    let mut read = 0;
    for (file, address) in stage.of_every_fixture("thunderbird-autoconfig")? {
        let text = fs::read_to_string(&file)?;
        let theirs = thunderbird.run(READ_AUTOCONFIG, &[text.into(), address.as_str().into()])?;
        let ours = stage.explained(&file, &address)?;
        for key in ["incoming", "outgoing"] {
            let (theirs, ours) = (without_nothing(&theirs[key]), without_nothing(&ours[key]));
            ensure!(theirs == ours, "{}: {key} is {theirs}, explain says {ours}", file.display());
        }
        read += 1;
    }
    ensure!(read > 40, "only {read} files");
    thunderbird.quit()?;
    proof.has(Step::Provision);
    Ok(())
}

/// A picture of the main window after a new profile was set up, PNG: with a window, on a screen that nobody sees.
pub(crate) fn picture(stage: &Stage) -> anyhow::Result<Vec<u8>> {
    let display = Display::open()?;
    stage.reset()?;
    let application = Application::make(stage)?;
    application.install(stage, JANE, "thunderbird-cfg/new-profile")?;
    let mut thunderbird = application.start(JANE, "", Some(&display))?;
    thunderbird.run(LOG_IN, &[PASSWORD.into()])?;
    let subjects = thunderbird.run(MESSAGES, &[JANE.into(), json!(AT_THE_START)])?;
    ensure!(subjects.is_array(), "{}", complaint(&subjects));
    thunderbird.run(SHOW, &[])?;
    let picture = thunderbird.session.picture()?;
    thunderbird.quit()?;
    Ok(picture)
}

fn configured(stage: &Stage, person: &str, proof: &mut Proof, variant: &str, preferences: &str) -> anyhow::Result<()> {
    let watch = stage.reset()?;
    let application = Application::make(stage)?;
    let script = application.install(stage, person, variant)?;
    let user = person.split('@').next().unwrap_or(person);
    let mut thunderbird = application.start(user, preferences, None)?;
    let held = thunderbird.run(HELD, &[])?;
    let held = held.as_array().and_then(|all| all.iter().find(|it| it["address"] == person)).cloned();
    let held = held.with_context(|| format!("no account of {person}"))?;
    agree(&held, &stage.explained(&script, person)?)?;
    proof.has(Step::Provision);
    let logins = thunderbird.run(LOG_IN, &[PASSWORD.into()])?;
    ensure!(logins.as_u64().is_some_and(|count| count >= 2), "{logins} logins were added");
    work(stage, person, &watch, thunderbird, proof)
}

/// Logging in, fetching, sending and receiving; a failure includes what Thunderbird told its user.
fn work(
    stage: &Stage,
    person: &str,
    watch: &Watch,
    mut thunderbird: Thunderbird,
    proof: &mut Proof,
) -> anyhow::Result<()> {
    match steps(stage, person, watch, &mut thunderbird, proof) {
        Ok(()) => thunderbird.quit(),
        Err(error) => Err(thunderbird.words(&format!("{error:#}"))),
    }
}

fn steps(
    stage: &Stage,
    person: &str,
    watch: &Watch,
    thunderbird: &mut Thunderbird,
    proof: &mut Proof,
) -> anyhow::Result<()> {
    let count = json!(AT_THE_START);
    let subjects = thunderbird.run(MESSAGES, &[person.into(), count])?;
    if stage.has_logged_in(watch, "imap")? {
        proof.has(Step::Login);
    }
    ensure!(subjects.is_array(), "{}", complaint(&subjects));
    proof.has(Step::Sync);
    let sent = thunderbird.run(SEND, &[person.into(), "by Thunderbird".into()])?;
    ensure!(sent["status"] == 0, "not sent: {}", sent["message"].as_str().unwrap_or("a question to its user"));
    stage.has_come(person, "by Thunderbird")?;
    proof.has(Step::Send);
    let subjects = thunderbird.run(MESSAGES, &[person.into(), json!(AT_THE_START + 1)])?;
    let has_come = subjects.as_array().is_some_and(|all| all.iter().any(|subject| subject == "by Thunderbird"));
    ensure!(has_come, "the message was not received: {}", complaint(&subjects));
    proof.has(Step::Receive);
    Ok(())
}

/// The error of a script that did not finish; there is none if a dialog interrupted it.
fn complaint(result: &Value) -> &str {
    result["error"].as_str().unwrap_or("a question to its user")
}

/// What Thunderbird holds is what our reader predicts.
fn agree(held: &Value, explained: &Value) -> anyhow::Result<()> {
    for key in ["address", "name", "aliases", "incoming", "outgoing", "sync_days", "calendar", "contacts"] {
        let (theirs, ours) = (without_nothing(&held[key]), without_nothing(&explained[key]));
        ensure!(theirs == ours, "{key} is {theirs}, explain says {ours}");
    }
    Ok(())
}

/// Only what both describe: no empty lists and no keys without a value.
fn without_nothing(value: &Value) -> Value {
    const KEYS: [&str; 6] = ["protocol", "host", "port", "socket_type", "authentication", "username"];
    match value {
        Value::Object(map) => {
            let both = map.iter().filter(|(key, value)| KEYS.contains(&key.as_str()) && !value.is_null());
            Value::Object(both.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        Value::Array(list) if list.is_empty() => Value::Null,
        Value::Array(list) => list.iter().map(without_nothing).collect(),
        other => other.clone(),
    }
}

/// A separate application folder: the program, and links to the rest.
struct Application {
    folder: TempDir,
}

impl Application {
    fn make(stage: &Stage) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("thunderbird-").tempdir_in(stage.path(""))?;
        let program = folder.path().join("program");
        fs::create_dir_all(program.join("defaults/pref"))?;
        for entry in fs::read_dir(INSTALLED).with_context(|| format!("no Thunderbird in {INSTALLED}"))? {
            let path = entry?.path();
            let name = path.file_name().context("an entry has a name")?;
            match name.to_string_lossy().as_ref() {
                "thunderbird-bin" => {
                    fs::copy(&path, program.join(name))?;
                }
                "defaults" | "distribution" | "isp" => {}
                _ => symlink(&path, program.join(name))?,
            }
        }
        for entry in fs::read_dir(Path::new(INSTALLED).join("defaults/pref"))? {
            let path = entry?.path();
            symlink(&path, program.join("defaults/pref").join(path.file_name().context("an entry has a name")?))?;
        }
        Ok(Self { folder })
    }

    /// Puts the files of a variant where the manifest says, and returns the script.
    fn install(&self, stage: &Stage, person: &str, variant: &str) -> anyhow::Result<PathBuf> {
        let mut script = None;
        for (path, row) in stage.rows()? {
            let is_it = row["path"].as_str().is_some_and(|path| path.starts_with(variant))
                && (row["address"].is_null() || row["address"] == person || variant.ends_with("organization"));
            let install = row["install"].as_str().and_then(|install| install.strip_prefix("THUNDERBIRD/"));
            let (true, Some(install)) = (is_it, install) else { continue };
            let to = self.folder.path().join("program").join(install);
            fs::create_dir_all(to.parent().context("a file lies somewhere")?)?;
            fs::copy(&path, to)?;
            if install == "thunderbird.cfg" {
                script = Some(path);
            }
        }
        script.with_context(|| format!("no thunderbird.cfg of {variant}"))
    }

    /// Starts it with a window on a display, or without one.
    fn start(&self, user: &str, preferences: &str, display: Option<&Display>) -> anyhow::Result<Thunderbird> {
        let at = |name: &str| self.folder.path().join(name);
        let (home, profile) = (at("home"), at("profile"));
        fs::create_dir_all(&home)?;
        fs::create_dir_all(&profile)?;
        fs::write(profile.join("user.js"), QUIET)?;
        if !preferences.is_empty() {
            fs::write(profile.join("prefs.js"), preferences)?;
        }
        let mut command = Command::new(at("program/thunderbird-bin"));
        match display {
            Some(display) => command.env("DISPLAY", &display.name),
            None => command.arg("--headless"),
        };
        let process = command
            .args(["--marionette", "--remote-allow-system-access", "--no-remote", "--profile"])
            .arg(&profile)
            .env("HOME", &home)
            .env("USER", user)
            .env_remove("USERNAME")
            .stdout(Stdio::null())
            .stderr(fs::File::create(at("said"))?)
            .spawn()
            .context("cannot start Thunderbird")?;
        // From here on it ends when this value is dropped.
        let mut running = Running(process);
        let end = Instant::now() + START;
        let port = loop {
            // It is written as soon as Marionette listens.
            let text = fs::read_to_string(profile.join("MarionetteActivePort"));
            if let Some(port) = text.ok().and_then(|text| text.trim().parse().ok()) {
                break port;
            }
            if let Some(status) = running.0.try_wait()? {
                bail!("Thunderbird ended with {status}: {}", fs::read_to_string(at("said"))?);
            }
            ensure!(Instant::now() < end, "Thunderbird did not start: {}", fs::read_to_string(at("said"))?);
            std::thread::sleep(Duration::from_millis(100));
        };
        let mut thunderbird = Thunderbird { session: Session::begin(port)?, running };
        thunderbird.run(LISTEN, &[])?;
        Ok(thunderbird)
    }
}

struct Thunderbird {
    session: Session,
    running: Running,
}

impl Thunderbird {
    fn run(&mut self, script: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        self.session.run(script, arguments)
    }

    /// What it told its user. An open dialog interrupts the script, which is then run again.
    fn said(&mut self) -> anyhow::Result<String> {
        let mut said = Ok(Value::Null);
        for _ in 0..QUESTIONS_MAX {
            said = self.run(SAID, &[]);
            if let Ok(Value::Array(lines)) = &said {
                return Ok(lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "));
            }
        }
        said.map(|_| "one dialog after the other".to_owned())
    }

    /// A failure, and what it told its user of it.
    fn words(&mut self, failure: &str) -> anyhow::Error {
        match self.said() {
            Ok(said) if said.is_empty() => anyhow!("{failure}"),
            Ok(said) => anyhow!("{failure}; {said}"),
            Err(error) => anyhow!("{failure}; Thunderbird says no more: {error:#}"),
        }
    }

    fn quit(mut self) -> anyhow::Result<()> {
        self.session.quit()?;
        self.running.0.wait()?;
        Ok(())
    }
}

/// Where Debian has it.
const INSTALLED: &str = "/usr/lib/thunderbird";
/// A cold start on a busy machine.
const START: Duration = Duration::from_secs(90);
/// More dialogs than one failure opens.
const QUESTIONS_MAX: usize = 10;
const LISTEN: &str = include_str!("thunderbird/listen.js");
const SAID: &str = include_str!("thunderbird/said.js");
const HELD: &str = include_str!("thunderbird/held.js");
const LOG_IN: &str = include_str!("thunderbird/log_in.js");
const MESSAGES: &str = include_str!("thunderbird/messages.js");
const TRUST: &str = include_str!("thunderbird/trust.js");
const SET_UP: &str = include_str!("thunderbird/set_up.js");
const READ_AUTOCONFIG: &str = include_str!("thunderbird/read_autoconfig.js");
const SHOW: &str = include_str!("thunderbird/show.js");
const SEND: &str = include_str!("thunderbird/send.js");
/// What the driver sets: where it connects, offline until the password is there, and no traffic but mail.
const QUIET: &str = r#"user_pref("marionette.port", 0);
user_pref("offline.startup_state", 3);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mailnews.start_page.enabled", false);
user_pref("mailnews.auto_config_url", "");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("geo.provider.network.url", "");
"#;
/// An account that was there before.
const OLD_ACCOUNT: &str = r#"user_pref("mail.accountmanager.accounts", "account1");
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account1.identities", "id1");
user_pref("mail.server.server1.type", "pop3");
user_pref("mail.server.server1.hostname", "pop.old.example");
user_pref("mail.server.server1.port", 995);
user_pref("mail.server.server1.socketType", 3);
user_pref("mail.server.server1.userName", "old");
user_pref("mail.server.server1.check_new_mail", false);
user_pref("mail.identity.id1.useremail", "old@old.example");
user_pref("mail.identity.id1.smtpServer", "smtp1");
user_pref("mail.identity.id1.valid", true);
user_pref("mail.smtpservers", "smtp1");
user_pref("mail.smtp.defaultserver", "smtp1");
user_pref("mail.smtpserver.smtp1.hostname", "smtp.old.example");
user_pref("mail.smtpserver.smtp1.username", "old");
"#;
