//! What `bench mdm` measures: `provost deploy apply` to many people, and bare commands into the same server's queues over as
//! many connections. It judges nothing.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use tokio::process::Command;
use tokio::runtime::Runtime;

use super::api::{Api, install};
use super::deployment::What;
use super::fleet::Fleet;
use super::office::{Office, said};
use super::papers::Authority;
use super::programs::Programs;
use super::push::PushService;
use super::servers::{Connected, Identity, KEY, Kind, Server};

/// A NanoMDM with people whose devices are enrolled and do nothing.
pub(crate) struct Yard {
    runtime: Runtime,
    office: Office,
    server: Server,
    by_hand: Api,
    profile: Vec<u8>,
    program: PathBuf,
    rounds: u32,
    _push: PushService,
}

/// What an `apply` took.
pub(crate) struct Applied {
    pub(crate) seconds: f64,
    /// At its peak; `None` without GNU time.
    pub(crate) memory_mb: Option<f64>,
}

impl Yard {
    /// `None` without Go.
    pub(crate) fn new(people: usize, program: &Path) -> anyhow::Result<Option<Self>> {
        let Some(programs) = Programs::installed()? else { return Ok(None) };
        let runtime = Runtime::new()?;
        let yard = runtime.block_on(async {
            let folder = tempfile::Builder::new().prefix("provost-mdm-").tempdir()?;
            let path = folder.path().to_owned();
            let authority = Authority::new(&path)?;
            let mut push = PushService::start(&authority).await?;
            let office = Office::new(folder, program.to_owned(), people / 2, "https://localhost/mail")?;
            let connected =
                Connected { authority: &authority, push_proxy: &push.proxy, webhook: "http://127.0.0.1:9/" };
            let server = Server::start(&programs, Kind::NanoMdm, Identity::Header, connected, &path).await?;
            let devices = office.devices(&server, Identity::Header, &authority)?;
            Fleet::enroll(devices, &mut push).await?;
            let by_hand = Api::of(&server, authority.client()?);
            let generated = office.generate("generated").await?;
            let profile = std::fs::read(generated.join(office.people[0].file()))?;
            anyhow::Ok((office, server, by_hand, profile, push))
        });
        let (office, server, by_hand, profile, push) = yard?;
        let text = format!(
            "provost: 1\ntarget: nanomdm\nurl: \"{}\"\ncredentials: {{ env: MDM_KEY }}\n\
             deliver: [apple-mobileconfig/ios, apple-mobileconfig/macos]\njournal: deploy.jsonl\n\
             limits: {{ parallel: {CONNECTIONS} }}\n",
            server.url
        );
        office.write_devices(What::Profiles)?;
        std::fs::write(office.path("deploy.yaml"), text)?;
        let program = program.to_owned();
        Ok(Some(Self { runtime, office, server, by_hand, profile, program, rounds: 0, _push: push }))
    }

    /// Deploys to everybody for the first time, as a new journal has it.
    pub(crate) fn apply(&self) -> anyhow::Result<Applied> {
        let journal = self.office.path("deploy.jsonl");
        if journal.exists() {
            std::fs::remove_file(&journal)?;
        }
        let mut timed = Command::new("/usr/bin/time");
        timed.args(["-f", "%M"]).arg(&self.program).args([
            "deploy",
            "apply",
            "-c",
            "mail.yaml",
            "--users",
            "users.csv",
        ]);
        timed.args(["--to", "deploy.yaml", "--map", "devices.csv", "--yes"]).current_dir(self.office.path("."));
        timed.env("MDM_KEY", KEY).env("SSL_CERT_FILE", self.office.path("ca.pem"));
        let begin = Instant::now();
        let done = self.runtime.block_on(async { timed.output().await }).context("GNU time (Debian: time)")?;
        let seconds = begin.elapsed().as_secs_f64();
        ensure!(done.status.success(), "apply: {}", said(&done));
        let journal = std::fs::read_to_string(journal)?;
        let sent = journal.lines().filter(|line| line.contains("\"event\":\"sent\"")).count();
        ensure!(sent == self.office.people.len(), "{sent} were sent");
        let error = String::from_utf8_lossy(&done.stderr);
        let kilobytes = error.lines().last().and_then(|line| line.trim().parse::<f64>().ok());
        Ok(Applied { seconds, memory_mb: kilobytes.map(|it| it / 1000.0) })
    }

    /// Puts as many commands with as long a profile into the same queues; the seconds that takes.
    pub(crate) fn bare(&mut self) -> anyhow::Result<f64> {
        self.rounds += 1;
        let (by_hand, round, people) = (&self.by_hand, self.rounds, &self.office.people);
        let connection = async |first: usize| {
            for person in people.iter().skip(first).step_by(CONNECTIONS) {
                let uuid = format!("{round}-{}", person.enrollment);
                let (status, said) = by_hand.enqueue(&person.enrollment, &uuid, install(self.profile.clone())).await?;
                if status != 200 {
                    bail!("{status} {said}");
                }
            }
            Ok(())
        };
        let begin = Instant::now();
        self.runtime.block_on(async { futures::future::try_join_all((0..CONNECTIONS).map(connection)).await })?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// What is measured with, for the report.
    pub(crate) fn server(&self) -> String {
        format!("{:?} 0.9.0, filekv", self.server.kind)
    }
}

/// How many requests are under way at once.
pub(crate) const CONNECTIONS: usize = 8;
