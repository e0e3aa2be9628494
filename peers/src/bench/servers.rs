//! The contenders as processes: the mock server, the null server, Dovecot (`dovecot.rs`) and Postfix (`postfix.rs`). It
//! starts them, learns where they listen, and stops them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use serde_json::value::RawValue;
use tempfile::TempDir;

use super::load::Target;
use super::{certificates, dovecot, postfix};
use xtask::workspace::root;

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    Mock,
    Null,
    Dovecot,
    Postfix,
}

/// A running server; it ends when it is dropped.
pub(crate) struct Server {
    pub(crate) target: Target,
    contender: Contender,
    process: Child,
    /// Its files; removed after it.
    folder: TempDir,
}

impl Server {
    /// Starts a contender and waits until it listens.
    pub(crate) fn start(contender: Contender) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("provost-bench-").tempdir()?;
        match contender {
            Contender::Mock => Ok(Self::mock_of(&USERS.join("\n"), folder)?.0),
            Contender::Null => {
                let mut command = Command::new(beside("peers"));
                command.arg("bench-null-server").arg(folder.path().join("ca.pem"));
                Ok(Self::announced(contender, command, folder)?.0)
            }
            Contender::Dovecot => {
                let (process, socket) = dovecot::start(folder.path(), PASSWORD)?;
                Self::only(contender, process, folder, (Some(socket), None))
            }
            Contender::Postfix => {
                let (process, socket) = postfix::start(folder.path())?;
                Self::only(contender, process, folder, (None, Some(socket)))
            }
        }
    }

    /// A server for mailboxes or for submissions, whose files hold its authority; without mailboxes it has no logins.
    fn only(
        contender: Contender,
        process: Child,
        folder: TempDir,
        (imaps, submissions): (Option<SocketAddr>, Option<SocketAddr>),
    ) -> anyhow::Result<Self> {
        let tls = certificates::client(&folder.path().join("ca.pem"))?;
        let (has_logins, password) = (imaps.is_some(), PASSWORD.to_owned());
        let target = Target { imaps, imap: None, submissions, has_logins, tls, password };
        Ok(Self { contender, target, process, folder })
    }

    /// The mock server with these users, an address a line, and the seconds until it was ready.
    pub(crate) fn mock(users: &str) -> anyhow::Result<(Self, f64)> {
        let folder = tempfile::Builder::new().prefix("provost-bench-").tempdir()?;
        Self::mock_of(users, folder)
    }

    fn mock_of(users: &str, folder: TempDir) -> anyhow::Result<(Self, f64)> {
        let list = folder.path().join("users.csv");
        std::fs::write(&list, format!("email\n{users}\n"))?;
        let mut command = Command::new(beside("provost"));
        command.args(["mock", "--json", "--capabilities", "all", "--config"]);
        command.arg(root().join("fixtures/centurylink/mail.yaml")).arg("--users").arg(list);
        command.arg("--ca").arg(folder.path().join("ca.pem")).env("PROVOST_MOCK_PASSWORD", PASSWORD);
        Self::announced(Contender::Mock, command, folder)
    }

    /// Starts a program that prints a JSON line when it is ready, and returns the seconds until then, without the time to
    /// write its files and to parse the line.
    fn announced(contender: Contender, mut command: Command, folder: TempDir) -> anyhow::Result<(Self, f64)> {
        let started = Instant::now();
        let mut process =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("it was piped above")).read_line(&mut ready)?;
        let seconds = started.elapsed().as_secs_f64();
        // There may be a million accounts in it.
        let ready: BTreeMap<String, &RawValue> = serde_json::from_str(&ready).context("no ready line")?;
        let text = |key: &str| -> anyhow::Result<String> {
            let value = ready.get(key).with_context(|| format!("the ready line has no {key}"))?;
            Ok(serde_json::from_str(value.get())?)
        };
        let target = Target {
            imaps: Some(text("imaps")?.parse()?),
            imap: text("imap").ok().map(|imap| imap.parse()).transpose()?,
            submissions: Some(text("submissions")?.parse()?),
            has_logins: true,
            tls: certificates::client(Path::new(&text("ca")?))?,
            password: PASSWORD.to_owned(),
        };
        Ok((Self { contender, target, process, folder }, seconds))
    }

    /// Its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.contender == Contender::Postfix {
            postfix::stop(self.folder.path());
        }
        // Dovecot's master ends its children when it is asked to end, and not when it is killed.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// A program from the same build as the running one.
fn beside(name: &str) -> std::path::PathBuf {
    std::env::current_exe().map_or_else(|_| name.into(), |path| path.with_file_name(name))
}

/// A mailbox for each kind of work.
pub(crate) const USERS: [&str; 4] = [LOGIN, FETCH, SEARCH, SUBMIT];
pub(crate) const LOGIN: &str = "login@centurylink.net";
pub(crate) const FETCH: &str = "fetch@centurylink.net";
pub(crate) const SEARCH: &str = "search@centurylink.net";
pub(crate) const SUBMIT: &str = "submit@centurylink.net";
/// `printf '\0submit@centurylink.net\0tanstaaftanstaaf' | base64`
pub(crate) const SUBMIT_CREDENTIALS: &str = "AHN1Ym1pdEBjZW50dXJ5bGluay5uZXQAdGFuc3RhYWZ0YW5zdGFhZg==";
pub(crate) const PASSWORD: &str = "tanstaaftanstaaf";
