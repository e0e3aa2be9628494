//! `provost deploy`, as an administrator runs it, between the people's files and their devices: what it sends, what it
//! exits with, and what its journal says afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::process::Command;

use super::api::Api;
use super::between::Between;
use super::files::Published;
use super::fleet::Fleet;
use super::office::{Office, said};
use super::servers::{HOOK_KEY, KEY, Kind, Server};

/// A deployment.
pub(super) struct Deployment<'a> {
    pub(super) office: &'a Office,
    pub(super) server: Server,
    pub(super) fleet: Fleet<'a>,
    /// Between `provost` and the server.
    pub(super) api: &'a Between,
    /// The server's own API, without `provost`.
    pub(super) by_hand: Api,
    /// Between the server and `provost`.
    pub(super) hook: &'a Between,
    /// Where `provost` listens for events.
    pub(super) listen: String,
    /// The files of assets.
    pub(super) published: &'a Published,
    /// The authority of their server.
    pub(super) ca: &'a Path,
    /// Queues that a killed server had damaged, so that somebody had to empty them.
    pub(super) emptied: usize,
}

/// What is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Profiles,
    Declarations,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with this code.
    With(Option<i32>),
    /// It was killed at the moment.
    Killed,
}

impl Deployment<'_> {
    /// Writes `deploy.yaml`.
    pub(super) fn write(&self, what: What) -> anyhow::Result<()> {
        let (kind, api) = (self.server.kind, &self.api.url);
        let credentials = "{ env: MDM_KEY }";
        let server = match (kind, what) {
            (Kind::NanoMdm, What::Profiles) => format!("target: nanomdm\nurl: \"{api}\"\ncredentials: {credentials}\n"),
            (Kind::NanoMdm, What::Declarations) => format!(
                "target: kmfddm\nurl: \"{}\"\ncredentials: {credentials}\nnanomdm:\n  url: \"{api}\"\n  credentials: {credentials}\n",
                self.server.kmfddm.as_deref().context("NanoMDM has KMFDDM beside it")?
            ),
            (Kind::NanoHub, _) => format!("target: nanohub\nurl: \"{api}\"\ncredentials: {credentials}\n"),
        };
        // NanoHUB 0.2.0 signs no events.
        let hmac = match kind {
            Kind::NanoMdm => ", hmac: { env: HOOK_KEY }",
            Kind::NanoHub => "",
        };
        let deliver = match what {
            What::Profiles => "apple-mobileconfig/ios, apple-mobileconfig/macos",
            What::Declarations => "apple-ddm/mdm",
        };
        let text = format!(
            "provost: 1\n{server}deliver: [{deliver}]\njournal: {}\nwebhook: {{ listen: \"{}\"{hmac} }}\n",
            journal_name(what),
            self.listen
        );
        self.office.write_devices(what)?;
        Ok(fs::write(self.office.path("deploy.yaml"), text)?)
    }

    /// Runs a verb while the devices live.
    pub(super) async fn run(&mut self, verb: &str, more: &[&str]) -> anyhow::Result<Output> {
        let output = self.command(verb, more).output();
        Ok(self.fleet.beside(output).await??)
    }

    /// The same, and it must end with that code.
    pub(super) async fn must(&mut self, verb: &str, more: &[&str], code: i32) -> anyhow::Result<Output> {
        let output = self.run(verb, more).await?;
        let got = output.status;
        ensure!(got.code() == Some(code), "deploy {verb} ended with {got} instead of {code}: {}", said(&output));
        Ok(output)
    }

    /// Runs a verb, and kills it when a moment comes at one of both places.
    pub(super) async fn run_until_a_moment(&mut self, verb: &str, more: &[&str]) -> anyhow::Result<Ended> {
        let mut child = self.command(verb, more).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let (api, hook) = (self.api, self.hook);
        let work = async {
            let ended = tokio::select! {
                status = child.wait() => return anyhow::Ok(Ended::With(status?.code())),
                () = api.moment() => Ended::Killed,
                () = hook.moment() => Ended::Killed,
            };
            child.kill().await?;
            Ok(ended)
        };
        self.fleet.beside(work).await?
    }

    pub(super) fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = self.office.provost(&["deploy", verb, "-c", "mail.yaml", "--users", "users.csv"]);
        command.args(["--to", "deploy.yaml", "--map", "devices.csv"]).args(more);
        command.env("MDM_KEY", KEY).env("HOOK_KEY", HOOK_KEY).env("SSL_CERT_FILE", self.ca).stdin(Stdio::null());
        command
    }

    /// The lines of a journal after its first one, by enrollment.
    pub(super) fn journal(&self, what: What) -> anyhow::Result<BTreeMap<String, Vec<Line>>> {
        let mut journal: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        let text = fs::read_to_string(self.office.path(journal_name(what)))?;
        for (at, line) in text.split_inclusive('\n').enumerate().skip(1) {
            // A killed run may have torn it; whoever appends next begins a line.
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            let field = |name: &str| value[name].as_str().map(str::to_owned);
            let enrollment = field("enrollment").with_context(|| format!("line {at}: no enrollment: {line}"))?;
            journal.entry(enrollment).or_default().push(Line {
                event: field("event").with_context(|| format!("line {at}: no event: {line}"))?,
                sha256: field("sha256"),
                command: field("command").with_context(|| format!("line {at}: no command: {line}"))?,
                status: field("status"),
            });
        }
        Ok(journal)
    }

    /// Everybody's last line has this event.
    pub(super) fn journal_ends(&self, what: What, event: &str) -> anyhow::Result<()> {
        let journal = self.journal(what)?;
        for person in &self.office.people {
            let lines = journal.get(&person.enrollment).map_or(&[][..], Vec::as_slice);
            let last = lines.last().map(|line| line.event.as_str());
            ensure!(last == Some(event), "the journal ends with {last:?} instead of {event} for {}", person.enrollment);
        }
        Ok(())
    }

    /// The commands that have been enqueued and the pushes since the place was told to begin.
    pub(super) fn sent(&self) -> Sent {
        let mut sent = Sent::default();
        for (at, path) in self.api.seen().iter().enumerate() {
            if path.contains("/enqueue/") {
                sent.commands.push(at);
            } else if path.contains("/push/") {
                sent.pushes.push(at);
            }
        }
        sent
    }
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) event: String,
    pub(super) sha256: Option<String>,
    pub(super) command: String,
    pub(super) status: Option<String>,
}

/// The numbers of the requests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) commands: Vec<usize>,
    pub(super) pushes: Vec<usize>,
}

fn journal_name(what: What) -> &'static str {
    match what {
        What::Profiles => "deploy.jsonl",
        What::Declarations => "declarations.jsonl",
    }
}
