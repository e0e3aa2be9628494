//! The devices together: each polls when it is pushed, in the order of the pushes, while something else works.

use std::collections::BTreeMap;
use std::pin::pin;

use anyhow::{Context, ensure};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::device::{Device, Polled};
use super::push::PushService;
use super::speed::CONNECTIONS;

/// The devices, and who pushes them.
pub(super) struct Fleet<'a> {
    pub(super) devices: Vec<Device>,
    push: &'a mut PushService,
    by_token: BTreeMap<String, usize>,
    /// The devices whose poll the server refused, by enrollment, with its status.
    pub(super) refused: BTreeMap<String, u16>,
}

impl<'a> Fleet<'a> {
    /// Enrolls them all, several at once: first the devices, then the users of Macs that are enrolled.
    pub(super) async fn enroll(mut devices: Vec<Device>, push: &'a mut PushService) -> anyhow::Result<Self> {
        for is_users in [false, true] {
            let enroll = devices.iter_mut().filter(|it| it.is_of_a_user() == is_users).map(Device::enroll);
            stream::iter(enroll).buffer_unordered(CONNECTIONS).try_collect::<()>().await?;
        }
        let by_token = devices.iter().enumerate().map(|(at, device)| (device.token(), at)).collect();
        Ok(Self { devices, push, by_token, refused: BTreeMap::new() })
    }

    /// Lets the devices live until the work is done and every push is answered.
    pub(super) async fn beside<T>(&mut self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                token = self.push.pushes.recv() => self.pushed(&token.context("the push service ended")?).await?,
                output = &mut work => {
                    while let Ok(token) = self.push.pushes.try_recv() {
                        self.pushed(&token).await?;
                    }
                    return Ok(output);
                }
            }
        }
    }

    /// All poll, pushed or not.
    pub(super) async fn poll(&mut self) -> anyhow::Result<()> {
        for device in &mut self.devices {
            let polled = device.poll().await?;
            ensure!(polled == Polled::Empty, "{polled:?} for {}", device.enrollment());
        }
        Ok(())
    }

    async fn pushed(&mut self, token: &str) -> anyhow::Result<()> {
        let at = *self.by_token.get(token).with_context(|| format!("a push to nobody: {token}"))?;
        let device = &mut self.devices[at];
        if let Polled::Refused(status) = device.poll().await? {
            self.refused.insert(device.enrollment(), status);
        }
        Ok(())
    }

    /// The device that the server calls so.
    pub(super) fn called(&mut self, enrollment: &str) -> anyhow::Result<&mut Device> {
        let found = self.devices.iter_mut().find(|device| device.enrollment() == enrollment);
        found.with_context(|| format!("no device {enrollment}"))
    }
}
