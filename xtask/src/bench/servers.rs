//! The contenders as processes: the built mock server, the null server, Dovecot (`dovecot.rs`) and Postfix (`postfix.rs`). It starts them, learns
//! where they listen, and ends them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::Value;
use tempfile::TempDir;

use super::load::Target;
use super::{certificates, dovecot, postfix};
use crate::workspace::root;

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
    /// Starts a contender and waits until it says where it listens, or for Dovecot until something does.
    pub(crate) fn start(contender: Contender) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("provost-bench-").tempdir()?;
        match contender {
            Contender::Mock => {
                let users = folder.path().join("users.csv");
                std::fs::write(&users, format!("email\n{}\n", USERS.join("\n")))?;
                let mut command = Command::new(beside("provost"));
                command.args(["mock", "--json", "--capabilities", "all", "--config"]);
                command.arg(root().join("fixtures/centurylink/mail.yaml")).arg("--users").arg(users);
                command.arg("--ca").arg(folder.path().join("ca.pem")).env("PROVOST_MOCK_PASSWORD", PASSWORD);
                Self::announced(contender, command, folder)
            }
            Contender::Null => {
                let mut command = Command::new(beside("xtask"));
                command.arg("bench-null-server").arg(folder.path().join("ca.pem"));
                Self::announced(contender, command, folder)
            }
            Contender::Dovecot => {
                let (process, imaps) = dovecot::start(folder.path(), PASSWORD)?;
                let tls = certificates::client(&dovecot::ca(folder.path()))?;
                let target = Target {
                    imaps: Some(imaps),
                    submissions: None,
                    has_logins: true,
                    tls,
                    password: PASSWORD.to_owned(),
                };
                Ok(Self { contender, target, process, folder })
            }
            Contender::Postfix => {
                let (process, submissions) = postfix::start(folder.path())?;
                let tls = certificates::client(&postfix::ca(folder.path()))?;
                let target = Target {
                    imaps: None,
                    submissions: Some(submissions),
                    has_logins: false,
                    tls,
                    password: PASSWORD.to_owned(),
                };
                Ok(Self { contender, target, process, folder })
            }
        }
    }

    /// Starts a program that prints a JSON line when it is ready.
    fn announced(contender: Contender, mut command: Command, folder: TempDir) -> anyhow::Result<Self> {
        let mut process =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("it was piped above")).read_line(&mut ready)?;
        let ready: Value = serde_json::from_str(&ready).with_context(|| format!("no ready line: {ready:?}"))?;
        let text = |key: &str| ready[key].as_str().with_context(|| format!("the ready line has no {key}: {ready}"));
        let target = Target {
            imaps: Some(text("imaps")?.parse()?),
            submissions: Some(text("submissions")?.parse()?),
            has_logins: true,
            tls: certificates::client(Path::new(text("ca")?))?,
            password: PASSWORD.to_owned(),
        };
        Ok(Self { contender, target, process, folder })
    }

    /// Its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The number of its process.
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

/// A program of this workspace, of the same build as the one that is running.
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
const PASSWORD: &str = "tanstaaftanstaaf";
