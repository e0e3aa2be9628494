//! A deployment when things go wrong: `provost` is killed, the server is killed, requests and events are broken. Afterwards
//! an administrator applies again and asks the devices; everybody has the profile then, and nobody got it twice.
//!
//! The moments are requests, chosen by a fixed sequence of numbers: no clock decides when something is killed.

use std::process::Stdio;

use anyhow::{Context, bail, ensure};

use super::api::request;
use super::between::Fault;
use super::deployment::{Deployment, Ended, What};
use super::device::Polled;
use super::fleet::Fleet;

impl Deployment<'_> {
    /// `apply` is killed at so many moments.
    pub(super) async fn apply_is_killed(&mut self, times: usize) -> anyhow::Result<()> {
        let mut numbers = Numbers(1);
        let mut killed = 0;
        for time in 0..times {
            self.begin_anew(time)?;
            let fault = numbers.one_of(&[Fault::StopsBefore, Fault::StopsAfter, Fault::StopsWhile]);
            let people = self.office.people.len();
            let place = match numbers.below(3) {
                0 => (self.hook, "the webhook"),
                _ => (self.api, "the server"),
            };
            // Commands, and a push or an answer.
            let number = numbers.below(people + 1);
            place.0.begin(&[(number, fault)]);
            let at = format!("killed at request {number} to {}, {fault:?}", place.1);
            let ended =
                self.run_until_a_moment("apply", &["--yes", "--wait", "1m"]).await.with_context(|| at.clone())?;
            killed += usize::from(ended == Ended::Killed);
            self.api.begin(&[]);
            self.hook.begin(&[]);
            self.nothing_twice_nothing_lost().await.context(at)?;
        }
        ensure!(killed * 10 >= times * 9, "only {killed} of {times} runs met their moment");
        println!("apply was killed at {killed} moments");
        Ok(())
    }

    /// The server is killed at so many moments, and comes again over its storage.
    pub(super) async fn the_server_is_killed(&mut self, times: usize) -> anyhow::Result<()> {
        let mut numbers = Numbers(2);
        let mut stuck = 0;
        for time in 0..times {
            self.begin_anew(time)?;
            let fault = numbers.one_of(&[Fault::StopsBefore, Fault::StopsAfter, Fault::StopsWhile]);
            let number = numbers.below(self.office.people.len());
            self.api.begin(&[(number, fault)]);
            let mut child = self.command("apply", &["--yes"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
            let (api, server) = (self.api, &mut self.server);
            let work = async {
                tokio::select! {
                    status = child.wait() => return anyhow::Ok(status?),
                    () = api.moment() => server.cut().await?,
                }
                api.go_on();
                Ok(child.wait().await?)
            };
            let at = format!("the server was killed at request {number}, {fault:?}");
            self.fleet.beside(work).await?.with_context(|| at.clone())?;
            self.api.begin(&[]);
            stuck += self.those_stuck_enroll_again().await?;
            self.nothing_twice_nothing_lost().await.context(at)?;
        }
        let emptied = self.emptied;
        println!(
            "the server was killed at {times} moments; {stuck} devices had to enroll again, {emptied} queues were emptied"
        );
        Ok(())
    }

    /// Requests and events go wrong in every way, within one run each.
    pub(super) async fn the_network_misbehaves(&mut self) -> anyhow::Result<()> {
        let on_the_way: &[(&str, &[(usize, Fault)])] = &[
            ("an expired token", &[(3, Fault::Refused(401))]),
            ("429", &[(3, Fault::TooMany { retry_after_seconds: 1 })]),
            ("500 without effect", &[(3, Fault::Refused(500))]),
            ("500 though it was queued", &[(3, Fault::AnsweredWith(500))]),
            ("half an answer", &[(3, Fault::HalfAnswer)]),
        ];
        for (at, (what, faults)) in on_the_way.iter().enumerate() {
            self.begin_anew(at)?;
            self.api.begin(faults);
            self.run("apply", &["--yes"]).await?;
            self.api.begin(&[]);
            self.nothing_twice_nothing_lost().await.context(*what)?;
        }
        self.begin_anew(on_the_way.len())?;
        let always: Vec<(usize, Fault)> = (0..100).map(|number| (number, Fault::Refused(401))).collect();
        self.api.begin(&always);
        self.must("apply", &["--yes"], 2).await.context("a wrong key")?;
        let asked = self.api.seen().len();
        self.api.begin(&[]);
        // Five, and what was under way beside them.
        ensure!((5..13).contains(&asked), "{asked} requests with a wrong key");
        self.nothing_twice_nothing_lost().await.context("a wrong key")?;
        self.begin_anew(on_the_way.len() + 1)?;
        self.hook.begin(&[(4, Fault::AfterTheNext)]);
        self.must("apply", &["--yes", "--wait", "1m"], 0).await.context("events that changed places")?;
        self.nothing_twice_nothing_lost().await?;
        self.begin_anew(on_the_way.len() + 2)?;
        self.hook.begin(&[(4, Fault::Lost), (9, Fault::Lost)]);
        self.must("apply", &["--yes", "--wait", "3s"], 1).await.context("lost events")?;
        self.hook.begin(&[]);
        self.nothing_twice_nothing_lost().await
    }

    /// New devices and a new journal, so that every profile is the first one.
    fn begin_anew(&mut self, time: usize) -> anyhow::Result<()> {
        for device in &mut self.fleet.devices {
            device.profiles.clear();
            device.obeyed.clear();
        }
        self.write(What::Profiles)?;
        self.office.write_settings(&format!("CenturyLink {time}"))?;
        match std::fs::remove_file(self.office.path("deploy.jsonl")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// A queue without its beginning gives nothing, for ever: `status --ask` names the device, and what the documentation
    /// says to do then helps.
    pub(super) async fn a_torn_queue_is_named(&mut self) -> anyhow::Result<()> {
        self.begin_anew(0)?;
        let (phone, emptied) = (self.office.people[0].enrollment.clone(), self.emptied);
        let (status, said) = self.by_hand.enqueue(&phone, "never delivered", request("ProfileList", [])).await?;
        ensure!(status == 200, "{status} {said}");
        self.server.tear_queue(&phone).await?;
        self.nothing_twice_nothing_lost().await?;
        ensure!(self.emptied == emptied + 1, "{} queues had to be emptied", self.emptied - emptied);
        println!("a queue without its beginning was named, and emptied");
        Ok(())
    }

    async fn nothing_twice_nothing_lost(&mut self) -> anyhow::Result<()> {
        self.run("apply", &["--yes"]).await?;
        self.settle().await?;
        let generated = self.office.generate("now").await?;
        self.office.holds(&self.fleet, &generated)?;
        self.journal_ends(What::Profiles, "acknowledged")?;
        for (enrollment, times) in self.installations() {
            let expected = usize::from(self.office.people.iter().any(|it| it.enrollment == enrollment));
            ensure!(times == expected, "{enrollment} was sent {times} profiles instead of {expected}");
        }
        Ok(())
    }

    /// A server that was killed within a write answers every poll of a device with 500 until the device enrolls again.
    async fn those_stuck_enroll_again(&mut self) -> anyhow::Result<usize> {
        let Fleet { devices, .. } = &mut self.fleet;
        let mut stuck = 0;
        for device in devices {
            match device.poll().await? {
                Polled::Empty => {}
                Polled::Refused(_) => {
                    device.enroll().await?;
                    device.obeyed.clear();
                    stuck += 1;
                }
                Polled::Unreachable => bail!("the server is gone"),
            }
        }
        self.fleet.refused.clear();
        Ok(stuck)
    }
}

/// Numbers without a pattern, the same in every run: Lehmer's generator, with Park and Miller's constants.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        usize::try_from(self.0).expect("it is less than 2^31") % bound
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}
