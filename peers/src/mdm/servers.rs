//! NanoMDM, NanoHUB and KMFDDM as processes: a free port each, ready when they answer, killed and started again over the
//! same storage. Their logs are kept for the report of a failure.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::papers::{Authority, CERTIFICATE_HEADER};
use super::programs::Programs;
use crate::clients::Running;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// With KMFDDM beside it for declarations.
    NanoMdm,
    /// Both in one.
    NanoHub,
}

/// How devices show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    Header,
    Signature,
}

/// What a server is connected with.
#[derive(Clone, Copy)]
pub(super) struct Connected<'a> {
    pub(super) authority: &'a Authority,
    pub(super) push_proxy: &'a str,
    pub(super) webhook: &'a str,
}

/// A running server.
pub(super) struct Server {
    pub(super) kind: Kind,
    /// Its own address, which devices use.
    pub(super) url: String,
    /// Where declarations are managed.
    pub(super) declarations: String,
    /// KMFDDM's own address.
    pub(super) kmfddm: Option<String>,
    storage: PathBuf,
    mdm: Process,
    _kmfddm: Option<Process>,
}

impl Server {
    pub(super) async fn start(
        programs: &Programs,
        kind: Kind,
        identity: Identity,
        connected: Connected<'_>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let Connected { authority, push_proxy, webhook } = connected;
        let (port, kmfddm_port) = (free_port()?, free_port()?);
        let url = format!("http://127.0.0.1:{port}");
        let (program, own): (_, &[&str]) = match kind {
            Kind::NanoMdm => {
                (&programs.nanomdm, &["-api", KEY, "-storage", "filekv", "-webhook-hmac-key", HOOK_KEY, "-dm"])
            }
            Kind::NanoHub => (&programs.nanohub, &["-api-key", KEY, "-storage", "file"]),
        };
        let kmfddm_url = format!("http://127.0.0.1:{kmfddm_port}");
        let mut arguments = words(own);
        if kind == Kind::NanoMdm {
            arguments.push(format!("{kmfddm_url}/"));
        }
        arguments.extend(words(&["-ua-zl-dc", "-webhook-url", webhook, "-ca", &text(&authority.pem), "-storage-dsn"]));
        let storage = folder.join("storage");
        arguments.push(text(&storage));
        if identity == Identity::Header {
            arguments.extend(words(&["-cert-header", CERTIFICATE_HEADER]));
        }
        let client = authority.client()?;
        let environment = [("HTTPS_PROXY", push_proxy.to_owned()), ("SSL_CERT_FILE", text(&authority.pem))];
        let name = program.file_name().expect("a program has a name");
        let log = folder.join(name).with_extension("log");
        let mdm = Process::start(program.clone(), port, arguments, environment.to_vec(), log, client.clone()).await?;
        let kmfddm = match kind {
            Kind::NanoMdm => {
                let enqueue = format!("{url}/v1/enqueue/");
                let mut arguments = words(&["-api", KEY, "-enqueue", &enqueue, "-enqueue-key", KEY, "-storage-dsn"]);
                arguments.push(text(&folder.join("declarations")));
                let log = folder.join("kmfddm.log");
                Some(Process::start(programs.kmfddm.clone(), kmfddm_port, arguments, Vec::new(), log, client).await?)
            }
            Kind::NanoHub => None,
        };
        let declarations = match kind {
            Kind::NanoMdm => format!("{kmfddm_url}/v1"),
            Kind::NanoHub => format!("{url}/api/v1/ddm"),
        };
        let kmfddm_url = kmfddm.is_some().then_some(kmfddm_url);
        let server = Self { kind, url, declarations, kmfddm: kmfddm_url, storage, mdm, _kmfddm: kmfddm };
        server.set_push_certificate(authority).await?;
        Ok(server)
    }

    /// Kills it as a power cut would, and starts it again over what it has stored.
    pub(super) async fn cut(&mut self) -> anyhow::Result<()> {
        self.mdm.stop()?;
        self.mdm.again().await
    }

    /// Empties the queue of an enrollment in filekv, as `docs/deploy.md` says, while the server stands still.
    pub(super) async fn empty_queue(&mut self, enrollment: &str) -> anyhow::Result<()> {
        self.lose(enrollment, "").await.map(drop)
    }

    /// Loses the beginning of a queue in filekv, as a kill in the middle of a write may: its end is stored.
    pub(super) async fn tear_queue(&mut self, enrollment: &str) -> anyhow::Result<()> {
        let lost = self.lose(enrollment, ".first").await?;
        ensure!(lost == 1, "{lost} beginnings of the queue of {enrollment}");
        Ok(())
    }

    /// Removes the files of a queue whose names end so, and tells how many there were.
    async fn lose(&mut self, enrollment: &str, end: &str) -> anyhow::Result<usize> {
        self.mdm.stop()?;
        let (first, second) = (&enrollment[..2], &enrollment[2..4]);
        let folder = self.storage.join("queue").join(first).join(second);
        let mut lost = 0;
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a name that is no text")?;
            if name.starts_with(&format!("{enrollment}.queuekey.")) && name.ends_with(end) {
                fs::remove_file(&path)?;
                lost += 1;
            }
        }
        self.mdm.again().await?;
        Ok(lost)
    }

    /// The end of what it said.
    pub(super) fn log(&self) -> String {
        let said = fs::read_to_string(&self.mdm.log).unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// The paths of the server's own API begin so.
    pub(super) fn prefix(&self) -> &'static str {
        match self.kind {
            Kind::NanoMdm => "/v1",
            Kind::NanoHub => "/api/v1/nanomdm",
        }
    }

    /// The user of the API.
    pub(super) fn user(&self) -> &'static str {
        match self.kind {
            Kind::NanoMdm => "nanomdm",
            Kind::NanoHub => "nanohub",
        }
    }

    async fn set_push_certificate(&self, authority: &Authority) -> anyhow::Result<()> {
        let request = authority.client()?.put(format!("{}{}/pushcert", self.url, self.prefix()));
        let reply = request.basic_auth(self.user(), Some(KEY)).body(authority.push_certificate()?).send().await?;
        let status = reply.status();
        ensure!(status.is_success(), "{status} for the push certificate: {}", reply.text().await?);
        Ok(())
    }
}

struct Process {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    port: u16,
    log: PathBuf,
    client: reqwest::Client,
    running: Running,
}

impl Process {
    async fn start(
        program: PathBuf,
        port: u16,
        mut arguments: Vec<String>,
        environment: Vec<(&'static str, String)>,
        log: PathBuf,
        client: reqwest::Client,
    ) -> anyhow::Result<Self> {
        arguments.extend(["-listen".to_owned(), format!("127.0.0.1:{port}")]);
        let running = spawn(&program, &arguments, &environment, &log)?;
        let mut process = Self { program, arguments, environment, port, log, client, running };
        process.answers().await?;
        Ok(process)
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        self.running.0.kill()?;
        self.running.0.wait()?;
        Ok(())
    }

    async fn again(&mut self) -> anyhow::Result<()> {
        self.running = spawn(&self.program, &self.arguments, &self.environment, &self.log)?;
        self.answers().await
    }

    /// Waits until it does. A refused connection answers at once, so this asks without a pause.
    async fn answers(&mut self) -> anyhow::Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.running.0.try_wait()? {
                bail!("{} ended with {status}: {}", self.program.display(), fs::read_to_string(&self.log)?);
            }
            // Any error is that it does not listen yet.
            if let Ok(reply) = self.client.get(format!("http://127.0.0.1:{}/version", self.port)).send().await {
                ensure!(reply.status().is_success(), "{} for /version", reply.status());
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
        bail!("{} does not answer: {}", self.program.display(), fs::read_to_string(&self.log)?)
    }
}

fn spawn(program: &Path, arguments: &[String], environment: &[(&str, String)], log: &Path) -> anyhow::Result<Running> {
    let log = File::options().create(true).append(true).open(log)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().map(|(name, value)| (*name, value)));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(Running(command.spawn().with_context(|| format!("cannot start {}", program.display()))?))
}

/// A port that is free now. The servers take 0, but never print what they got.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn words(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|word| (*word).to_owned()).collect()
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The key of the API.
pub(super) const KEY: &str = "open 'sesame' $x";
/// What webhook events are signed with.
pub(super) const HOOK_KEY: &str = "hook 'sesame' $x";
const PATIENCE: Duration = Duration::from_secs(10);
