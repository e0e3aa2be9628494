//! Sends steps: written down and synced before they leave, written down again when the reply is there. It knows no server.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use provost_mdm::Digest;
use provost_mdm::http::Failed;
use provost_mdm::journal::Event;
use provost_mdm::target::{How, Server, Site, Step, Target, Work};
use provost_mdm::webhook::Seen;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::failure::Failure;

use super::hook::Hook;
use super::journal_file::{About, JournalFile};
use super::web::{Trouble, Web};
use super::{events, folder};

/// A step that is to be sent.
pub(super) struct Item<'a> {
    pub(super) step: Step<'a>,
    pub(super) sha256: Option<Digest>,
    pub(super) attempt: u32,
}

/// What sends.
pub(super) struct Sender<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) web: &'a Web,
    pub(super) target: &'static Target,
    pub(super) to: To<'a>,
    pub(super) parallel: usize,
    pub(super) journal: &'a mut JournalFile,
    pub(super) hook: Option<Hook>,
    pub(super) came: Came,
    /// Whose queues got something, and who was not told to come yet.
    pub(super) to_tell: BTreeSet<String>,
}

/// Where to.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    Server(&'a Server, &'a Site),
    Folder(&'a Path),
}

/// What came of it.
#[derive(Default)]
pub(super) struct Came {
    pub(super) sent: u64,
    pub(super) acknowledged: u64,
    /// What failed, in words: the first ones.
    pub(super) failed: Vec<String>,
    pub(super) failed_count: u64,
    /// What was not sent, because too much had failed.
    pub(super) left: u64,
    /// Commands without an answer, and whose they are.
    pub(super) pending: HashMap<Uuid, Pending>,
    in_a_row: u32,
    last: Option<Trouble>,
    pub(super) told: Told,
}

/// How telling devices to come went.
#[derive(Default, Clone, Copy)]
pub(super) struct Told {
    /// The server tells nobody, so it is asked no more.
    nobody: bool,
    /// Devices that cannot be told to come.
    pub(super) untold: u64,
}

/// A command without an answer.
pub(super) struct Pending {
    pub(super) who: String,
    pub(super) is_deferred: bool,
}

impl Came {
    fn fail(&mut self, who: &str, why: &str) {
        self.failed_count += 1;
        if self.failed.len() < SHOWN_MAX {
            self.failed.push(format!("{who}: {why}"));
        }
    }

    /// Whether too many in a row failed for the same reason.
    fn is_stopped(&self) -> bool {
        self.in_a_row >= EQUAL_IN_A_ROW
    }
}

impl Sender<'_> {
    /// Sends some steps.
    pub(super) fn send(&mut self, items: &[Item<'_>]) -> Result<(), Failure> {
        if self.came.is_stopped() {
            self.came.left += items.len() as u64;
            return Ok(());
        }
        let mut lines = Vec::new();
        for item in items {
            self.journal.note(Event::Intent, about(item), None, &mut lines);
        }
        self.journal.append(&lines)?;
        self.journal.sync()?;
        match self.to {
            To::Folder(root) => self.write(root, items)?,
            To::Server(server, site) => self.ask(server, site, items)?,
        }
        self.journal.sync()?;
        self.take_events()
    }

    /// Tells the devices to come that were not told yet.
    pub(super) fn tell(&mut self) {
        let who = std::mem::take(&mut self.to_tell);
        if let To::Server(server, site) = self.to {
            self.came.told = self.runtime.block_on(tell(self.web, server, site, &who, self.came.told));
        }
    }

    fn write(&mut self, root: &Path, items: &[Item<'_>]) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for item in items {
            let event = match item.step.work {
                Work::Profile(_) | Work::Declarations(_) => {
                    folder::write(root, self.target, &item.step)?;
                    Event::Acknowledged
                }
                Work::RemoveProfile | Work::RemoveDeclarations | Work::AskProfiles => {
                    folder::remove(root, self.target, &item.step)?;
                    Event::Removed
                }
            };
            self.journal.note(event, about(item), Some("written".to_owned()), &mut lines);
            self.came.sent += 1;
            self.came.acknowledged += 1;
        }
        self.journal.append(&lines)
    }

    fn ask(&mut self, server: &Server, site: &Site, items: &[Item<'_>]) -> Result<(), Failure> {
        // Devices are told of the last steps while these leave, which takes one of the requests under way.
        let parallel = if self.to_tell.is_empty() { self.parallel } else { self.parallel - 1 };
        if parallel == 0 {
            self.tell();
        }
        let parallel = parallel.max(1);
        let Self { runtime, web, journal, came, to_tell, .. } = self;
        let (web, waiting, told) = (*web, std::mem::take(to_tell), came.told);
        let telling = tell(web, server, site, &waiting, told);
        let asking = async {
            let mut next = items.iter();
            let mut under_way = futures::stream::FuturesUnordered::new();
            loop {
                // No new request leaves once too many have failed.
                while under_way.len() < parallel && !came.is_stopped() {
                    let Some(item) = next.next() else { break };
                    under_way.push(async move { (item, deliver(web, server, site, &item.step).await) });
                }
                let Some((item, outcome)) = under_way.next().await else { break };
                let who = who(&item.step);
                let (event, status) = match outcome {
                    Ok(done) => {
                        (came.in_a_row, came.last) = (0, None);
                        came.sent += 1;
                        let event = match (done.how, item.step.work) {
                            (How::Queued | How::Before, _) => {
                                to_tell.insert(item.step.recipient.to_owned());
                                let pending = Pending { who, is_deferred: false };
                                came.pending.insert(item.step.command, pending);
                                Event::Sent
                            }
                            (How::Kept, Work::RemoveProfile | Work::RemoveDeclarations) => Event::Removed,
                            (How::Kept, Work::Profile(_) | Work::Declarations(_) | Work::AskProfiles) => {
                                Event::Acknowledged
                            }
                        };
                        came.acknowledged += u64::from(done.how == How::Kept);
                        (event, done.status)
                    }
                    Err(trouble) => {
                        came.fail(&who, &trouble.to_string());
                        came.in_a_row = if came.last.as_ref() == Some(&trouble) { came.in_a_row + 1 } else { 1 };
                        let definite = match &trouble {
                            Trouble::Server(Failed::Refused { status, .. }) => Some(*status),
                            Trouble::Server(_) | Trouble::NoReply(_) => None,
                        };
                        came.last = Some(trouble);
                        // What is not known to have failed stays an intent: the same command goes again.
                        let Some(status) = definite else { continue };
                        (Event::Refused, status)
                    }
                };
                let mut line = Vec::new();
                journal.note(event, about(item), Some(format!("HTTP {status}")), &mut line);
                journal.append(&line)?;
            }
            drop(under_way);
            came.left += next.count() as u64;
            Ok(())
        };
        let (told, asked) = runtime.block_on(futures::future::join(telling, asking));
        self.came.told = told;
        asked
    }

    /// Takes the events that have come.
    fn take_events(&mut self) -> Result<(), Failure> {
        let come = self.hook.as_mut().map_or_else(Vec::new, Hook::come);
        if come.is_empty() {
            return Ok(());
        }
        self.take(&come)
    }

    fn take(&mut self, come: &[Seen]) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for seen in come {
            let Some(answered) = events::add(seen, self.journal, &mut lines) else { continue };
            match answered.event {
                Event::Acknowledged | Event::Removed => {
                    let was_pending = self.came.pending.remove(&answered.command).is_some();
                    self.came.acknowledged += u64::from(was_pending);
                }
                Event::Refused => {
                    if let Some(pending) = self.came.pending.remove(&answered.command) {
                        let why = answered.why.as_deref().unwrap_or("the device refuses it");
                        self.came.fail(&pending.who, why);
                    }
                }
                Event::NotNow => {
                    if let Some(pending) = self.came.pending.get_mut(&answered.command) {
                        pending.is_deferred = true;
                    }
                }
                Event::Intent | Event::Sent => {}
            }
        }
        self.journal.append(&lines)?;
        self.journal.sync()
    }

    /// Waits until every device has answered, or the time is over.
    pub(super) fn wait(&mut self, at_most: Duration) -> Result<(), Failure> {
        let runtime = self.runtime;
        let end = tokio::time::Instant::now() + at_most;
        while !self.came.pending.is_empty() {
            let Some(hook) = &mut self.hook else { return Ok(()) };
            let next = runtime.block_on(async { tokio::time::timeout_at(end, hook.next()).await });
            let Ok(Some(first)) = next else { return Ok(()) };
            let mut come = vec![first];
            come.extend(hook.come());
            self.take(&come)?;
        }
        Ok(())
    }
}

/// Does a step; the whole conversation once more where that may help.
pub(super) async fn deliver(
    web: &Web,
    server: &Server,
    site: &Site,
    step: &Step<'_>,
) -> Result<provost_mdm::target::Sent, Trouble> {
    let mut wait = CONVERSATION_WAIT;
    for _ in 1..CONVERSATIONS {
        match web.hold((server.deliver)(site, step)).await {
            Err(Trouble::Server(failed)) if failed.may_pass() => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            outcome => return outcome,
        }
    }
    web.hold((server.deliver)(site, step)).await
}

/// Tells devices to come. Those that cannot be told come when they come.
pub(super) async fn tell(web: &Web, server: &Server, site: &Site, who: &BTreeSet<String>, mut told: Told) -> Told {
    let Some(tell) = server.tell else { return told };
    let who: Vec<&str> = who.iter().map(String::as_str).collect();
    for some in who.chunks(TOLD_AT_ONCE) {
        if told.nobody {
            break;
        }
        match web.hold(tell(site, some)).await {
            Ok(answer) => {
                for (who, why) in &answer.not {
                    told.nobody |= who.is_none();
                    told.untold += 1;
                    if told.untold <= UNTOLD_SHOWN {
                        let who = who.as_deref().unwrap_or("devices");
                        eprintln!("note: {who} cannot be told to come, and get it when they ask next: {why}");
                    }
                }
            }
            Err(trouble) => {
                told.nobody = true;
                eprintln!("note: devices cannot be told to come, and get it when they ask next: {trouble}");
            }
        }
    }
    told
}

fn about<'a>(item: &Item<'a>) -> About<'a> {
    let Step { recipient, address, identifier, command, .. } = item.step;
    About { enrollment: recipient, address, identifier, sha256: item.sha256, attempt: item.attempt, command }
}

fn who(step: &Step<'_>) -> String {
    format!("{}, {}", step.address, step.recipient)
}

const EQUAL_IN_A_ROW: u32 = 5;
const SHOWN_MAX: usize = 20;
const CONVERSATIONS: u32 = 3;
const CONVERSATION_WAIT: Duration = Duration::from_millis(250);
pub(super) const UNTOLD_SHOWN: u64 = 5;
/// Their names are in one URL.
const TOLD_AT_ONCE: usize = 100;
