//! The life of a deployment: profiles come, stay, change, are put off, refused and taken away; then declarations.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use xtask::workspace::must;

use super::deployment::{Deployment, Sent, What};
use super::device::{Answer, Device, Platform};
use super::office::said;

impl Deployment<'_> {
    /// Plays the life of profiles.
    pub(super) async fn profiles_live(&mut self) -> anyhow::Result<()> {
        self.write(What::Profiles)?;
        self.watch_makes_a_map().await.context("watch")?;
        self.nothing_is_sent_to_the_wrong_channel().await.context("wrong channels")?;
        let first = self.settings_change("CenturyLink").await?;
        self.profiles_come(&first, "create").await.context("the first profiles")?;
        let identifiers = self.identifiers();
        let second = self.settings_change("CenturyLink Mail").await?;
        self.profiles_come(&second, "update").await.context("an update in place")?;
        ensure!(self.identifiers() == identifiers, "an update has other identifiers");
        self.a_locked_phone_gets_its_profile_later().await.context("NotNow")?;
        self.a_refusal_is_told().await.context("a refusal")?;
        self.profiles_go().await.context("removal")
    }

    /// The plan says so, everybody gets the profile, and then nothing is to be done.
    async fn profiles_come(&mut self, generated: &Path, action: &str) -> anyhow::Result<()> {
        self.api.begin(&[]);
        let plan = self.must("plan", &["--json"], 1).await?;
        let last = String::from_utf8(plan.stdout)?.lines().last().context("a plan says something")?.to_owned();
        let totals = serde_json::from_str::<Value>(&last)?["totals"].take();
        ensure!(totals == json!({ action: self.office.people.len() }), "the plan has {totals}");
        ensure!(self.sent() == Sent::default(), "a plan has sent something");
        self.must("apply", WAITING, 0).await?;
        let sent = self.sent();
        ensure!(sent.commands.len() == self.office.people.len(), "{} commands", sent.commands.len());
        ensure!(sent.pushes.first() > sent.commands.last(), "a push came before the last command: {sent:?}");
        ensure!(sent.pushes.len() < self.office.people.len(), "{} pushes are no batches", sent.pushes.len());
        self.everybody_has(generated).await?;
        self.nothing_is_to_be_done(What::Profiles).await
    }

    /// The devices hold those octets, which are proven, and the journal says so.
    async fn everybody_has(&mut self, generated: &Path) -> anyhow::Result<()> {
        self.office.holds(&self.fleet, generated)?;
        self.office.prove(&mut self.fleet, generated).await?;
        self.journal_ends(What::Profiles, "acknowledged")?;
        let journal = self.journal(What::Profiles)?;
        for person in &self.office.people {
            let digest = digest(&SHA256, &fs::read(generated.join(person.file()))?);
            let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            let last = journal.get(&person.enrollment).and_then(|lines| lines.last()).context("no line")?;
            ensure!(last.sha256.as_ref() == Some(&digest), "the journal has another digest: {last:?}");
        }
        Ok(())
    }

    pub(super) async fn nothing_is_to_be_done(&mut self, what: What) -> anyhow::Result<()> {
        self.api.begin(&[]);
        self.must("plan", &[], 0).await?;
        self.must("apply", WAITING, 0).await?;
        self.must("status", &[], 0).await?;
        ensure!(self.sent().commands.is_empty(), "a second apply has sent something");
        self.journal_ends(what, "acknowledged")
    }

    /// All devices enroll again, and `watch` collects them: whose a Mac's user is, the short name says.
    async fn watch_makes_a_map(&mut self) -> anyhow::Result<()> {
        let map = self.office.path("devices.csv");
        fs::remove_file(&map)?;
        let mut watch = self.command("watch", &[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut told = BufReader::new(watch.stderr.take().context("it was piped")?).lines();
        while !told.next_line().await?.context("watch does not listen")?.starts_with("listening") {}
        for device in &mut self.fleet.devices {
            device.enroll().await?;
        }
        let lines = || fs::read_to_string(&map).map_or(0, |text| text.lines().count());
        // A line for each and the head; a file tells nobody when it grows.
        let all = async {
            while lines() <= self.fleet.devices.len() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, all).await.with_context(|| format!("only {} lines", lines()))?;
        let id = watch.id().context("watch has ended")?;
        must(std::process::Command::new("kill").args(["-INT", &id.to_string()]))?;
        let ended = watch.wait().await?;
        ensure!(ended.success(), "watch ended with {ended}");
        let text = fs::read_to_string(&map)?;
        for person in &self.office.people {
            let line = match person.platform {
                Platform::Iphone => format!(",{},,,", person.enrollment),
                Platform::Mac => {
                    format!("{},{},macos,{},{}", person.address, person.enrollment, person.udid, person.short_name())
                }
            };
            ensure!(text.lines().any(|it| it == line), "no line {line} in\n{text}");
        }
        self.office.write_devices(What::Profiles)
    }

    /// Exit code 2, and no request at all.
    async fn nothing_is_sent_to_the_wrong_channel(&mut self) -> anyhow::Result<()> {
        let devices = fs::read_to_string(self.office.path("devices.csv"))?;
        let of = |platform| self.office.people.iter().find(|it| it.platform == platform).context("nobody has one");
        let (mac, phone) = (of(Platform::Mac)?, of(Platform::Iphone)?);
        let wrong = [
            (mac.enrollment.clone(), mac.udid.clone()),
            (format!("{},ios", phone.enrollment), format!("{}:someone,ios", phone.enrollment)),
        ];
        for (right, wrong) in wrong {
            fs::write(self.office.path("devices.csv"), devices.replace(&right, &wrong))?;
            self.api.begin(&[]);
            for (verb, more) in [("plan", &[][..]), ("apply", &["--yes"][..])] {
                let told = self.must(verb, more, 2).await?;
                let told = String::from_utf8_lossy(&told.stderr);
                let device = wrong.split(',').next().unwrap_or(&wrong);
                ensure!(told.contains("refused: ") && told.contains(device), "it does not name {device}: {told}");
            }
            ensure!(self.api.seen().is_empty(), "{wrong}: something was sent");
        }
        Ok(fs::write(self.office.path("devices.csv"), devices)?)
    }

    /// The server loses what the phone puts off: it is found missing, and sent as another attempt.
    async fn a_locked_phone_gets_its_profile_later(&mut self) -> anyhow::Result<()> {
        let generated = self.settings_change("CenturyLink, locked").await?;
        let phone = self.office.people[0].enrollment.clone();
        self.fleet.called(&phone)?.is_locked = true;
        self.must("apply", &["--yes", "--wait", "3s"], 1).await?;
        let journal = self.journal(What::Profiles)?;
        ensure!(journal[&phone].last().is_some_and(|line| line.event == "not-now"), "the journal does not tell");
        self.must("status", ASKING, 1).await?;
        self.fleet.called(&phone)?.is_locked = false;
        self.fleet.called(&phone)?.obeyed.clear();
        self.fleet.poll().await?;
        ensure!(self.fleet.called(&phone)?.obeyed.is_empty(), "the server has not lost it");
        self.settle().await?;
        self.everybody_has(&generated).await?;
        let journal = self.journal(What::Profiles)?;
        let last = journal[&phone].last().context("no line")?.sha256.clone();
        let commands: BTreeSet<&str> =
            journal[&phone].iter().filter(|line| line.sha256 == last).map(|line| line.command.as_str()).collect();
        ensure!(commands.len() >= 2, "it was no other attempt");
        self.nothing_is_to_be_done(What::Profiles).await
    }

    /// What a device refuses is in the journal with its error chain, and the others have theirs.
    async fn a_refusal_is_told(&mut self) -> anyhow::Result<()> {
        let generated = self.settings_change("CenturyLink, refused").await?;
        let phone = self.office.people[1].enrollment.clone();
        self.fleet.called(&phone)?.refuses = true;
        self.must("apply", WAITING, 1).await?;
        let journal = self.journal(What::Profiles)?;
        let last = journal[&phone].last().context("no line")?;
        let status = last.status.as_deref().unwrap_or("nothing");
        ensure!(last.event == "refused" && status.contains("4001"), "the journal says {last:?}");
        self.must("status", &[], 1).await?;
        self.fleet.called(&phone)?.refuses = false;
        self.api.begin(&[]);
        self.must("apply", WAITING, 0).await?;
        ensure!(self.sent().commands.len() == 1, "{} commands for one phone", self.sent().commands.len());
        self.everybody_has(&generated).await
    }

    async fn profiles_go(&mut self) -> anyhow::Result<()> {
        self.must("remove", WAITING, 0).await?;
        for device in &self.fleet.devices {
            ensure!(device.profiles.is_empty(), "{} still has a profile", device.enrollment());
        }
        self.journal_ends(What::Profiles, "removed")?;
        self.api.begin(&[]);
        self.must("remove", WAITING, 0).await?;
        ensure!(self.sent().commands.is_empty(), "a second removal has sent something");
        Ok(())
    }

    /// Plays the life of declarations.
    pub(super) async fn declarations_live(&mut self) -> anyhow::Result<()> {
        self.write(What::Declarations)?;
        for (at, organization) in ["CenturyLink", "CenturyLink Mail"].into_iter().enumerate() {
            let generated = self.settings_change(organization).await?;
            self.api.begin(&[]);
            if at == 0 {
                self.must("apply", WAITING, 2).await.context("before the files are published")?;
                ensure!(self.sent().commands.is_empty(), "something was sent before the files are published");
            }
            self.publish(&generated)?;
            self.must("plan", &[], 1).await?;
            self.must("apply", WAITING, 0).await?;
            for person in &self.office.people {
                let device = self.fleet.called(&person.enrollment)?;
                device
                    .declared
                    .is(&generated.join(person.declarations()))
                    .with_context(|| person.enrollment.clone())?;
            }
            self.nothing_is_to_be_done(What::Declarations).await?;
        }
        self.must("remove", WAITING, 0).await?;
        for device in &self.fleet.devices {
            ensure!(device.declared.declarations.is_empty(), "{} still has declarations", device.enrollment());
        }
        Ok(())
    }

    pub(super) fn publish(&self, generated: &Path) -> anyhow::Result<()> {
        for person in &self.office.people {
            self.published.publish(&generated.join(person.declarations()).join("published"))?;
        }
        Ok(())
    }

    /// Other settings, and what `generate` writes for them.
    pub(super) async fn settings_change(&self, organization: &str) -> anyhow::Result<PathBuf> {
        self.office.write_settings(organization)?;
        self.office.generate(&organization.to_lowercase().replace([',', ' '], "-")).await
    }

    /// What an administrator does when something has gone wrong: ask the devices, apply again, and again.
    pub(super) async fn settle(&mut self) -> anyhow::Result<()> {
        for _ in 0..ROUNDS {
            let status = self.run("status", ASKING).await?;
            if status.status.code() == Some(0) {
                return Ok(());
            }
            let said = said(&status);
            for line in said.lines().filter(|line| line.contains("the server's queue for it may be damaged")) {
                // The address comes first.
                let named = self.fleet.devices.iter().map(Device::enrollment).filter(|it| line.contains(it.as_str()));
                let enrollment = named.max_by_key(String::len).context("status names no enrollment")?;
                self.server.empty_queue(&enrollment).await?;
                self.emptied += 1;
            }
            self.run("apply", WAITING).await?;
        }
        let output = self.run("status", ASKING).await?;
        bail!("not everybody has it after {ROUNDS} runs: {}", said(&output))
    }

    fn identifiers(&self) -> BTreeSet<(String, String)> {
        let of = |device: &Device| {
            let enrollment = device.enrollment();
            device.profiles.keys().map(|identifier| (enrollment.clone(), identifier.clone())).collect::<Vec<_>>()
        };
        self.fleet.devices.iter().flat_map(of).collect()
    }

    /// How often each device has installed something since its memory was cleared.
    pub(super) fn installations(&self) -> Vec<(String, usize)> {
        let of = |device: &Device| {
            let done = device.obeyed.iter();
            let installed = done.filter(|it| it.request == "InstallProfile" && it.answer == Answer::Acknowledged);
            (device.enrollment(), installed.map(|it| &it.command).collect::<BTreeSet<_>>().len())
        };
        self.fleet.devices.iter().map(of).collect()
    }
}

const WAITING: &[&str] = &["--yes", "--wait", "1m"];
const ASKING: &[&str] = &["--ask"];
const ROUNDS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(20);
