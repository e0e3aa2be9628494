//! What servers and devices do by themselves, shown with the server's own API: what `provost deploy` builds on, and what it
//! never sends.

use std::path::Path;

use anyhow::{Context, ensure};
use plist::Dictionary;
use serde_json::Value;

use super::api::{install, request};
use super::deployment::Deployment;
use super::device::{Answer, Platform};

impl Deployment<'_> {
    /// Plays the scenes in order.
    pub(super) async fn servers_and_devices_alone(&mut self) -> anyhow::Result<()> {
        let generated = self.office.generate("generated").await?;
        self.everybody_gets_a_profile(&generated).await.context("profiles")?;
        self.a_device_refuses(&generated).await.context("refusals")?;
        self.what_is_put_off_is_lost(&generated).await.context("NotNow")?;
        self.a_profile_is_removed().await.context("removal")?;
        self.everybody_gets_declarations(&generated).await.context("declarations")?;
        self.a_power_cut_loses_nothing().await.context("power cut")
    }

    async fn everybody_gets_a_profile(&mut self, generated: &Path) -> anyhow::Result<()> {
        let mut enrollments = Vec::new();
        for at in 0..self.office.people.len() {
            let person = &self.office.people[at];
            let (enrollment, file) = (person.enrollment.clone(), generated.join(person.file()));
            self.queue(&enrollment, "first", install(std::fs::read(file)?)).await?;
            enrollments.push(enrollment);
        }
        let (status, said) = self.fleet.beside(self.by_hand.push(&enrollments)).await??;
        ensure!(status == 200, "{status} for the push: {said}");
        for enrollment in enrollments {
            self.answered(&enrollment, &[("first", Answer::Acknowledged)])?;
        }
        self.office.holds(&self.fleet, generated)?;
        self.office.prove(&mut self.fleet, generated).await
    }

    /// A Mac takes mail for its user alone, and nothing takes what is no profile.
    async fn a_device_refuses(&mut self, generated: &Path) -> anyhow::Result<()> {
        let mac = self.office.people.iter().find(|it| it.platform == Platform::Mac).context("nobody has a Mac")?;
        let (udid, user) = (mac.udid.clone(), mac.enrollment.clone());
        let profile = std::fs::read(generated.join(mac.file()))?;
        self.queue(&udid, "wrong channel", install(profile)).await?;
        self.queue(&user, "no profile", install(b"<plist/>".to_vec())).await?;
        self.fleet.poll().await?;
        self.answered(&udid, &[("wrong channel", Answer::Error)])?;
        self.answered(&user, &[("no profile", Answer::Error)])?;
        self.office.holds(&self.fleet, generated)
    }

    /// A command that is put off comes again once the one behind it is acknowledged; put off again, the one behind it comes
    /// again too; and then it is gone, and its identifier is used up. Observed: NanoMDM 0.9.0 (filekv), NanoHUB 0.2.0 (file).
    async fn what_is_put_off_is_lost(&mut self, generated: &Path) -> anyhow::Result<()> {
        let person = &self.office.people[0];
        let (phone, profile) = (person.enrollment.clone(), std::fs::read(generated.join(person.file()))?);
        self.fleet.called(&phone)?.is_locked = true;
        self.queue(&phone, "put off", install(profile.clone())).await?;
        self.queue(&phone, "behind it", request("ProfileList", [])).await?;
        self.fleet.poll().await?;
        let twice = [("put off", Answer::NotNow), ("behind it", Answer::Acknowledged)].repeat(2);
        self.answered(&phone, &twice)?;
        self.fleet.called(&phone)?.is_locked = false;
        self.fleet.poll().await?;
        self.answered(&phone, &[])?;
        let (status, said) = self.by_hand.enqueue(&phone, &named(&phone, "put off"), install(profile)).await?;
        ensure!(status == 500 && said["command_error"].is_string(), "the identifier is taken again: {status} {said}");
        Ok(())
    }

    async fn a_profile_is_removed(&mut self) -> anyhow::Result<()> {
        let phone = self.office.people[0].enrollment.clone();
        let identifier = self.fleet.called(&phone)?.profiles.keys().next().context("it has no profile")?.clone();
        for (name, answer) in [("remove", Answer::Acknowledged), ("remove again", Answer::Error)] {
            let remove = request("RemoveProfile", [("Identifier", identifier.as_str().into())]);
            self.queue(&phone, name, remove).await?;
            self.fleet.poll().await?;
            self.answered(&phone, &[(name, answer)])?;
        }
        ensure!(self.fleet.called(&phone)?.profiles.is_empty(), "the profile is still there");
        Ok(())
    }

    async fn everybody_gets_declarations(&mut self, generated: &Path) -> anyhow::Result<()> {
        self.publish(generated)?;
        for at in 0..self.office.people.len() {
            let person = &self.office.people[at];
            let (enrollment, folder) = (person.enrollment.clone(), generated.join(person.declarations()));
            for declaration in declarations(&folder)? {
                let identifier = declaration["Identifier"].as_str().context("no Identifier")?;
                self.declare("declarations?nonotify=1", serde_json::to_vec(&declaration)?).await?;
                self.declare(&format!("set-declarations/set-{at}?nonotify=1&declaration={identifier}"), Vec::new())
                    .await?;
            }
            self.declare(&format!("enrollment-sets/{enrollment}?nonotify=1&set=set-{at}"), Vec::new()).await?;
            self.queue(&enrollment, "declarations", request("DeclarativeManagement", [])).await?;
        }
        self.fleet.poll().await?;
        for at in 0..self.office.people.len() {
            let person = &self.office.people[at];
            let (enrollment, folder) = (person.enrollment.clone(), generated.join(person.declarations()));
            self.answered(&enrollment, &[("declarations", Answer::Acknowledged)])?;
            self.fleet.called(&enrollment)?.declared.is(&folder).with_context(|| enrollment.clone())?;
        }
        Ok(())
    }

    async fn a_power_cut_loses_nothing(&mut self) -> anyhow::Result<()> {
        let enrollments: Vec<String> = self.office.people.iter().map(|it| it.enrollment.clone()).collect();
        for enrollment in &enrollments {
            self.queue(enrollment, "before the cut", request("ProfileList", [])).await?;
        }
        self.server.cut().await?;
        self.fleet.poll().await?;
        for enrollment in &enrollments {
            self.answered(enrollment, &[("before the cut", Answer::Acknowledged)])?;
        }
        Ok(())
    }

    async fn declare(&self, path: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let status = self.by_hand.declare(path, body).await?;
        ensure!(status == 204, "{status} for {path}");
        Ok(())
    }

    async fn queue(&self, enrollment: &str, name: &str, command: Dictionary) -> anyhow::Result<()> {
        let (status, said) = self.by_hand.enqueue(enrollment, &named(enrollment, name), command).await?;
        ensure!(status == 200, "{status} {said}");
        Ok(())
    }

    /// These are the device's answers since it was last asked.
    fn answered(&mut self, enrollment: &str, expected: &[(&str, Answer)]) -> anyhow::Result<()> {
        let obeyed = std::mem::take(&mut self.fleet.called(enrollment)?.obeyed);
        let answers: Vec<(String, Answer)> = obeyed.into_iter().map(|it| (it.command, it.answer)).collect();
        let expected: Vec<(String, Answer)> =
            expected.iter().map(|(name, answer)| (named(enrollment, name), *answer)).collect();
        ensure!(answers == expected, "{enrollment}: {answers:?} instead of {expected:?}");
        Ok(())
    }
}

/// The declarations in a folder.
pub(super) fn declarations(folder: &Path) -> anyhow::Result<Vec<Value>> {
    let mut declarations = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "json") {
            declarations.push(serde_json::from_slice(&std::fs::read(path)?)?);
        }
    }
    Ok(declarations)
}

fn named(enrollment: &str, name: &str) -> String {
    format!("{name}, {enrollment}")
}
