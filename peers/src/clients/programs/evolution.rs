//! Evolution in its own session: a bus, a keyring, an invisible screen. A Python driver does what a person with a
//! screen reader does. What counts is what Evolution's data server and message list hold, and what the mock received.
//!
//! Evolution's files cannot hold a certificate authority: in the session, the mock's authority is the system's only
//! one.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::readers::agree;
use crate::clients::stage::display::Display;
use crate::clients::stage::running::Running;
use crate::clients::stage::{AT_THE_START, PASSWORD, Stage};
use crate::clients::{Proof, Step};

/// Its files, a login, the inbox, a message to oneself.
pub(crate) fn evolution(stage: &Stage, person: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let watch = stage.reset()?;
    let home = stage.home_of(person)?;
    let mut session = Session::begin(home.path(), &stage.authority())?;
    let held = session.ask("held", &[])?;
    ensure!(held.as_array().is_some_and(|accounts| accounts.len() == 1), "not one account: {held}");
    let (account, uids) = (&held[0]["account"], &held[0]["uids"]);
    let is_its = |(_, row): &(_, Value)| row["format"] == "evolution" && row["address"] == person;
    let (file, _) = stage.rows()?.into_iter().find(is_its).context("no file")?;
    agree(account, &stage.explained(&file, person)?)?;
    proof.has(Step::Provision);
    session.ask("log_in", &[uids.clone(), PASSWORD.into()])?;
    let inbox = |session: &mut Session, count: usize| session.ask("subjects", &[uids[0].clone(), json!(count)]);
    let found = inbox(&mut session, AT_THE_START)?;
    if stage.has_logged_in(&watch, "imap")? {
        proof.has(Step::Login);
    }
    complain(&found["complaints"])?;
    let subjects = found["subjects"].as_array().context("no list")?;
    ensure!(subjects.len() == AT_THE_START, "{} of {AT_THE_START} messages came, and it says nothing", subjects.len());
    proof.has(Step::Sync);
    let subject = "by Evolution";
    ensure!(session.ask("send", &[person.into(), subject.into()])? == true, "there is no button that sends");
    if let Err(error) = stage.has_come(person, subject) {
        complain(&session.ask("said", &[])?)?;
        return Err(error);
    }
    proof.has(Step::Send);
    let found = inbox(&mut session, AT_THE_START + 1)?;
    complain(&found["complaints"])?;
    let has_come = found["subjects"].as_array().is_some_and(|all| all.iter().any(|it| it == subject));
    ensure!(has_come, "what it sent does not come, and it says nothing");
    proof.has(Step::Receive);
    session.ask("quit", &[])?;
    Ok(())
}

/// What Evolution told its user is an error.
fn complain(complaints: &Value) -> anyhow::Result<()> {
    let lines: Vec<&str> = complaints.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if lines.is_empty() { Ok(()) } else { bail!(lines.join("\n")) }
}

/// A person's session, and the driver in it.
struct Session {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where all its programs write their errors.
    said: PathBuf,
    _driver: Running,
    _display: Display,
}

impl Session {
    /// Begins it at a home, with an authority as the only one of the system.
    fn begin(home: &Path, authority: &Path) -> anyhow::Result<Self> {
        let runtime = home.join("run");
        fs::create_dir(&runtime)?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
        let driver = home.join("driver.py");
        fs::write(&driver, DRIVER)?;
        let said = home.join("said");
        let display = Display::open()?;
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", TRUST_AND_BEGIN, "sh"]);
        let process = unshare
            .args([authority, &driver])
            .current_dir(home)
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("DISPLAY", &display.name)
            .env("LC_ALL", "C.UTF-8")
            // With loopback alone it would take itself for offline.
            .env("GIO_USE_NETWORK_MONITOR", "base")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&said)?)
            .spawn()
            .context("cannot start unshare")?;
        let mut driver = Running(process);
        let questions = driver.0.stdin.take().context("it was piped")?;
        let answers = BufReader::new(driver.0.stdout.take().context("it was piped")?);
        Ok(Self { questions, answers, said, _driver: driver, _display: display })
    }

    fn ask(&mut self, question: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        let question = [&[question.into()], arguments].concat();
        writeln!(self.questions, "{}", Value::from(question))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if answer.is_empty() {
            let said = fs::read_to_string(&self.said)?;
            bail!("the driver has ended: {}", said.trim_end().lines().next_back().unwrap_or("without a word"));
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

/// Makes the authority the system's, and starts a session with a bus. Programs that the bus starts may write to
/// standard output, so the answers have a descriptor of their own. It needs far less than these seconds.
const TRUST_AND_BEGIN: &str = "mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt && \
    exec timeout --signal KILL 300 dbus-run-session -- /usr/bin/python3 \"$2\" 3>&1 >&2";
const DRIVER: &str = include_str!("evolution/driver.py");
