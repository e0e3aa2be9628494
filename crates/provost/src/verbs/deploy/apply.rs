//! `apply` and `remove`: the plan, and what is sent of it.

use std::collections::{BTreeSet, HashSet};

use provost_mdm::journal::Known;
use provost_mdm::plan::{self, Action, Decision};
use provost_mdm::target::{self, Recipient, Step, Work};
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::arguments::deploy::Apply;
use crate::failure::Failure;
use crate::verdict::Verdict;
use crate::{input, output};

use super::hook::Hook;
use super::journal_file::{Held, JournalFile};
use super::planned::{self, Asker, Plan};
use super::send::{Came, Item, Pending, Sender, To, UNTOLD_SHOWN};
use super::setup::Setup;
use super::{templates, wanted};

/// Makes devices have what is wanted.
pub(super) fn apply(options: &Apply) -> Result<Verdict, Failure> {
    let setup = Setup::read(&options.deploy)?;
    run(
        &setup,
        options,
        |asker, journal| asker.plan(&journal.journal, options.deploy.json),
        |plan, asker, sender| {
            let mut rows: Vec<[String; 3]> = Vec::new();
            let mut waiting = Vec::new();
            wanted::each(&setup, &mut |some| {
                let decisions = asker.decide(&sender.journal.journal, &some)?;
                let id = sender.journal.journal.id;
                let items = some.iter().zip(&decisions).filter(|(_, decision)| decision.action.sends());
                let items = items.map(|(wanted, decision)| {
                    let attempt = decision.attempt;
                    Item { step: wanted.step(id, attempt), sha256: Some(wanted.digest), attempt }
                });
                sender.send(&items.collect::<Vec<_>>())?;
                // A run that was killed may have told nobody.
                let is_waiting = |decision: &Decision| decision.action == Action::Waiting;
                let again = some.iter().zip(&decisions).filter(|(_, decision)| is_waiting(decision));
                sender.to_tell.extend(again.map(|(wanted, _)| wanted.recipient.clone()));
                for (wanted, decision) in some.iter().zip(&decisions) {
                    if is_waiting(decision) {
                        let command = wanted.step(id, decision.attempt).command;
                        waiting.push((command, format!("{}, {}", wanted.address, wanted.recipient)));
                    }
                }
                if let To::Folder(_) = sender.to {
                    rows.extend(some.into_iter().map(|it| [it.address, it.recipient, it.kind]));
                }
                Ok(())
            })?;
            let unwanted = sender.journal.journal.all().filter_map(|(enrollment, known)| {
                let decision = planned::unwanted(plan, enrollment, known)?;
                decision.action.sends().then(|| (enrollment.to_owned(), known.clone(), decision.attempt))
            });
            let unwanted = unwanted.collect::<Vec<_>>();
            take_away(sender, &unwanted)?;
            if let To::Folder(root) = sender.to {
                super::folder::readme(root, &rows)?;
            }
            for (command, who) in waiting {
                sender.came.pending.entry(command).or_insert(Pending { who, is_deferred: false });
            }
            Ok(())
        },
    )
}

/// Takes back what was delivered to the people of the list.
pub(super) fn remove(options: &Apply) -> Result<Verdict, Failure> {
    let setup = Setup::read(&options.deploy)?;
    let mut addresses = HashSet::new();
    if let Ok(list) = setup.users.list() {
        setup.users.each(list, &setup.service, &mut |rows| {
            addresses.extend(rows.people.iter().map(|person| person.address.as_str().to_lowercase()));
        })?;
    }
    let to_remove = |enrollment: &str, known: &Known| {
        let is_of_them = addresses.contains(&known.address.to_lowercase());
        (is_of_them || templates::goes(&setup.devices.devices, enrollment, known, &addresses))
            .then(|| plan::remove(known))?
    };
    let json = options.deploy.json;
    let make_plan = |_: &Asker<'_>, journal: &JournalFile| {
        let mut plan = Plan::default();
        for (enrollment, known) in journal.journal.all() {
            if let Some(decision) = to_remove(enrollment, known) {
                let about = [known.address.as_str(), enrollment, "", &known.identifier];
                plan.add(decision.action, about, decision.attempt, json)?;
            }
        }
        Ok(plan)
    };
    run(&setup, options, make_plan, |_, _, sender| {
        let all = sender.journal.journal.all().filter_map(|(enrollment, known)| {
            let decision = to_remove(enrollment, known)?;
            decision.action.sends().then(|| (enrollment.to_owned(), known.clone(), decision.attempt))
        });
        let all = all.collect::<Vec<_>>();
        take_away(sender, &all)
    })
}

fn take_away(sender: &mut Sender<'_>, all: &[(String, Known, u32)]) -> Result<(), Failure> {
    for some in all.chunks(wanted::AT_ONCE) {
        let id = sender.journal.journal.id;
        let items = some.iter().map(|(enrollment, known, attempt)| {
            let Known { identifier, address, .. } = known;
            let work = if target::is_set(identifier) { Work::RemoveDeclarations } else { Work::RemoveProfile };
            let command = plan::command(id, enrollment, identifier, work, None, *attempt);
            let step = Step { recipient: enrollment, address, identifier, command, work };
            Item { step, sha256: None, attempt: *attempt }
        });
        let items = items.collect::<Vec<_>>();
        sender.send(&items)?;
    }
    Ok(())
}

fn run(
    setup: &Setup,
    options: &Apply,
    make_plan: impl FnOnce(&Asker<'_>, &JournalFile) -> Result<Plan, Failure>,
    send: impl FnOnce(&Plan, &Asker<'_>, &mut Sender<'_>) -> Result<(), Failure>,
) -> Result<Verdict, Failure> {
    let runtime = Runtime::new()?;
    let (web, site) = (setup.web()?, setup.site()?);
    let mut journal = JournalFile::open(&setup.journal(), Held::Always)?;
    let asker = Asker { setup, runtime: &runtime, web: &web, site: site.as_ref() };
    let plan = make_plan(&asker, &journal)?;
    if let Some(failure) = planned::refusals(&plan) {
        return Err(failure);
    }
    planned::show(&plan, setup, options.deploy.json)?;
    if plan.sends() > 0 && !options.yes {
        let error = anyhow::anyhow!("nothing was sent");
        return Err(Failure::hinted(error, "read the plan above; --yes sends it"));
    }
    let folder = setup.folder();
    let to = match (setup.target.server(), &site, &folder) {
        (Some(server), Some(site), _) => To::Server(server, site),
        (_, _, Some(folder)) => To::Folder(folder),
        (_, _, None) => return Err(anyhow::anyhow!("deploy.yaml names neither a server nor a folder").into()),
    };
    let hook = match (options.wait, to) {
        (Some(_), To::Server(..)) if setup.target.recipient == Recipient::Enrollment => Some(hook(setup, &runtime)?),
        // A service that sees to the devices itself posts no events.
        (Some(_), To::Server(..) | To::Folder(_)) | (None, _) => None,
    };
    let parallel = usize::from(setup.deploy.parallel.get());
    let mut sender = Sender {
        runtime: &runtime,
        web: &web,
        target: setup.target,
        to,
        parallel,
        journal: &mut journal,
        hook,
        came: Came::default(),
        to_tell: BTreeSet::new(),
    };
    send(&plan, &asker, &mut sender)?;
    sender.tell();
    if let Some(wait) = options.wait {
        sender.wait(wait)?;
    }
    report(&sender.came, options)
}

/// The listener that `deploy.yaml` asks for.
pub(super) fn hook(setup: &Setup, runtime: &Runtime) -> Result<Hook, Failure> {
    let Some(webhook) = &setup.deploy.webhook else {
        let error = anyhow::anyhow!("deploy.yaml has no webhook, and only events say what a device answered");
        let hint = "add webhook: { listen: \"127.0.0.1:9202\", hmac: { env: HOOK_KEY } }, and give the server its URL";
        return Err(Failure::hinted(error, hint));
    };
    let key = setup.hook_key()?;
    runtime.block_on(Hook::listen(webhook.listen, key))
}

fn report(came: &Came, options: &Apply) -> Result<Verdict, Failure> {
    for failed in &came.failed {
        eprintln!("failed: {failed}");
    }
    let hidden = came.failed_count - came.failed.len() as u64;
    if hidden > 0 {
        eprintln!("failed: {hidden} more");
    }
    if came.told.untold > UNTOLD_SHOWN {
        eprintln!("note: {} cannot be told to come", input::count(came.told.untold, "device"));
    }
    let mut silent: Vec<&str> = came.pending.values().filter(|it| !it.is_deferred).map(|it| it.who.as_str()).collect();
    let mut deferred: Vec<&str> = came.pending.values().filter(|it| it.is_deferred).map(|it| it.who.as_str()).collect();
    if options.wait.is_some() {
        name("deferred by", &mut deferred, "`provost deploy status --ask` finds what the server has lost");
        name("no answer from", &mut silent, "if the server answers its polls with HTTP 500, it has to enrol again");
    }
    let (sent, acknowledged, failed, left) = (came.sent, came.acknowledged, came.failed_count, came.left);
    if options.wait.is_none() && !came.pending.is_empty() {
        eprintln!(
            "note: nobody has heard the devices' answers; `provost deploy watch`, or --wait 10m here, writes them down"
        );
    }
    if options.deploy.json {
        output::json_line(&json!({
            "sent": sent, "acknowledged": acknowledged, "failed": failed, "left": left,
            "deferred": deferred.len(), "silent": silent.len(),
        }))?;
    } else {
        let left = if left > 0 { format!(", {left} not sent: five in a row failed alike") } else { String::new() };
        output::line(&format!("{sent} sent, {acknowledged} acknowledged, {failed} failed{left}"))?;
    }
    if sent == 0 && failed > 0 {
        return Err(Failure::found_above(anyhow::anyhow!("nothing was sent")));
    }
    let is_silent = options.wait.is_some() && !came.pending.is_empty();
    Ok(if failed > 0 || left > 0 || is_silent { Verdict::NotGood } else { Verdict::Good })
}

fn name(what: &str, who: &mut [&str], hint: &str) {
    who.sort_unstable();
    for one in who.iter().take(NAMED_MAX) {
        eprintln!("{what} {one}");
    }
    if who.len() > NAMED_MAX {
        eprintln!("{what} {}", input::count(who.len() - NAMED_MAX, "other"));
    }
    if !who.is_empty() {
        eprintln!("    fix: {hint}");
    }
}

/// Waits for nothing: the command that asks a device for its list.
pub(super) fn asking(journal: Uuid, enrollment: &str, run: &str) -> Uuid {
    // Asked anew in each run, so the run is in its name.
    let content = provost_mdm::Digest::of(run.as_bytes());
    plan::command(journal, enrollment, "", Work::AskProfiles, Some(content), 1)
}

const NAMED_MAX: usize = 10;
