//! The plan: what is wanted, compared with the journal and with what the server says; and what is refused before anything is
//! sent. It sends nothing but questions.

use std::collections::{BTreeMap, HashSet};

use futures::StreamExt as _;
use provost_mdm::Digest;
use provost_mdm::http::{Authorization, Method, Request};
use provost_mdm::journal::{Journal, Known};
use provost_mdm::plan::{self, Action, Decision};
use provost_mdm::refusals::{self, AssetProblem, Refused};
use provost_mdm::target::{Has, Recipient, Site, Talk, Work};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::failure::Failure;
use crate::{input, output};

use super::folder;
use super::setup::Setup;
use super::wanted::{self, Wanted, Without};
use super::web::Web;

/// What a plan is made with.
pub(super) struct Asker<'a> {
    pub(super) setup: &'a Setup,
    pub(super) runtime: &'a Runtime,
    pub(super) web: &'a Web,
    pub(super) site: Option<&'a Site>,
}

/// A plan.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) sums: BTreeMap<Action, u64>,
    /// The first of what is sent, in words.
    pub(super) first: Vec<Vec<String>>,
    pub(super) without: Without,
    /// What is refused, in words, and what to do.
    pub(super) refused: Vec<(String, &'static str)>,
    pub(super) refused_count: u64,
    /// What the journal knows and is wanted, or takes the place of it.
    pub(super) kept: HashSet<(String, String)>,
}

impl Plan {
    pub(super) fn sends(&self) -> u64 {
        self.sums.iter().filter(|(action, _)| action.sends()).map(|(_, sum)| sum).sum()
    }

    pub(super) fn add(&mut self, action: Action, about: [&str; 4], attempt: u32, json: bool) -> Result<(), Failure> {
        *self.sums.entry(action).or_default() += 1;
        let [address, enrollment, kind, identifier] = about;
        if json {
            output::json_line(&json!({
                "action": action.name(), "address": address, "enrollment": enrollment, "kind": kind,
                "identifier": identifier, "attempt": attempt,
            }))?;
        } else if action.sends() && self.first.len() < SHOWN_MAX {
            let row = [action.text(), address, enrollment, kind];
            self.first.push(row.map(ToOwned::to_owned).to_vec());
        }
        Ok(())
    }

    fn refuse(&mut self, wanted: &Wanted, refused: &Refused) {
        self.refused_count += 1;
        if self.refused.len() < SHOWN_MAX {
            let Wanted { address, recipient, kind, .. } = wanted;
            self.refused.push((format!("{address}, {recipient}, {kind}: {refused}"), refused.fix()));
        }
    }
}

impl Asker<'_> {
    /// Makes the plan. Of each thing, a JSON line is printed if that is asked for.
    pub(super) fn plan(&self, journal: &Journal, json: bool) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        let without = wanted::each(self.setup, &mut |some| {
            let decisions = self.decide(journal, &some)?;
            let mut to_check = Vec::new();
            for (wanted, decision) in some.iter().zip(&decisions) {
                let Wanted { recipient, address, identifier, kind, .. } = wanted;
                if !plan.kept.insert((recipient.clone(), identifier.clone())) {
                    plan.refused_count += 1;
                    let what =
                        format!("{address}, {recipient}, {kind}: another row of the map gives it the same profile");
                    plan.refused.push((what, "remove one of the rows"));
                    continue;
                }
                let target = self.setup.target;
                let refused =
                    refusals::refused(target, recipient, wanted.platform, self.setup.passwords, wanted.work());
                if let Some(refused) = refused {
                    plan.refuse(wanted, &refused);
                    continue;
                }
                if decision.action.sends() {
                    to_check.push(wanted);
                }
                plan.add(decision.action, [address, recipient, kind, identifier], decision.attempt, json)?;
            }
            for (wanted, refused) in self.bad_assets(&to_check) {
                plan.refuse(wanted, &refused);
            }
            Ok(())
        })?;
        if without.people == 0 {
            let error = anyhow::anyhow!("the user list is empty; nothing was sent");
            return Err(Failure::hinted(error, "`provost deploy remove` takes back what was delivered"));
        }
        for refused in &without.refused {
            plan.refused_count += 1;
            plan.refused.push((refused.clone(), "leave the variant out of the map, or change the settings"));
        }
        plan.without = without;
        for (enrollment, known) in journal.all() {
            if let Some(decision) = unwanted(&plan, enrollment, known) {
                let kind =
                    if is_made_anew(journal, &plan, enrollment, known) { "replaced" } else { "no longer wanted" };
                let about = [known.address.as_str(), enrollment, kind, &known.identifier];
                plan.add(decision.action, about, decision.attempt, json)?;
            }
        }
        Ok(plan)
    }

    /// What is to be done for each.
    pub(super) fn decide(&self, journal: &Journal, some: &[Wanted]) -> Result<Vec<Decision>, Failure> {
        let decide = |wanted: &Wanted| -> Result<Decision, Failure> {
            let known = journal.known(&wanted.recipient, &wanted.identifier);
            let by_journal = plan::deliver(known, &wanted.digest);
            let decision = match self.setup.folder() {
                Some(root) => folder::decide(&root, self.setup.target, wanted, by_journal)?,
                None => by_journal,
            };
            let is_anew = decision.action == Action::Create && {
                let wanted_too = |identifier: &str| identifier == wanted.identifier;
                plan::replaced(journal, &wanted.recipient, &wanted.address, &wanted_too).next().is_some()
            };
            Ok(if is_anew { Decision { action: Action::MakeAnew, ..decision } } else { decision })
        };
        let decisions: Vec<Decision> = some.iter().map(decide).collect::<Result<_, _>>()?;
        let (Some(site), Some(has)) = (self.site, self.setup.target.server().and_then(|server| server.has)) else {
            return Ok(decisions);
        };
        let parallel = usize::from(self.setup.deploy.parallel.get());
        self.runtime.block_on(async {
            let asked = some.iter().zip(decisions).map(|(wanted, decision)| async move {
                let is_asked = match self.setup.target.recipient {
                    Recipient::Enrollment => !decision.action.sends() && matches!(wanted.work(), Work::Declarations(_)),
                    // What such a service keeps is all that is known.
                    Recipient::Group => true,
                };
                if !is_asked {
                    return Ok(decision);
                }
                let step = wanted.step(journal.id, decision.attempt);
                let attempt = decision.attempt + u32::from(!decision.action.sends());
                let other = |action| Ok(Decision { action, attempt });
                match self.web.hold(has(site, &step)).await {
                    Ok(Has::Same) if decision.action.sends() => {
                        Ok(Decision { action: Action::Unchanged, attempt: decision.attempt })
                    }
                    Ok(Has::Same) => Ok(decision),
                    Ok(Has::Other) => other(Action::Update),
                    Ok(Has::OtherForGood) => other(Action::MakeAnew),
                    Ok(Has::Nothing) => other(Action::Create),
                    Err(trouble) => Err(Failure::from(anyhow::anyhow!("{} cannot be asked: {trouble}", site.url))),
                }
            });
            let asked: Vec<Result<Decision, Failure>> = futures::stream::iter(asked).buffered(parallel).collect().await;
            asked.into_iter().collect()
        })
    }

    /// The declarations that lead a device to a file that is not there, or another one.
    fn bad_assets<'a>(&self, some: &[&'a Wanted]) -> Vec<(&'a Wanted, Refused)> {
        let mut assets = Vec::new();
        for wanted in some {
            if let Work::Declarations(declarations) = wanted.work() {
                assets.extend(declarations.iter().filter_map(refusals::asset).map(|asset| (*wanted, asset)));
            }
        }
        let parallel = usize::from(self.setup.deploy.parallel.get());
        self.runtime.block_on(async {
            let checks = assets.into_iter().map(|(wanted, (url, hash))| async move {
                let why = self.asset_problem(&url, hash.as_deref()).await?;
                Some((wanted, Refused::Asset { url, why }))
            });
            let checks = futures::stream::iter(checks).buffered(parallel);
            checks.filter_map(|found| async move { found }).collect().await
        })
    }

    async fn asset_problem(&self, url: &str, hash: Option<&str>) -> Option<AssetProblem> {
        let Some(hash) = hash else { return Some(AssetProblem::NoHash) };
        let request = Request {
            method: Method::Get,
            url: url.to_owned(),
            authorization: Authorization::Nobody,
            accept: None,
            content_type: None,
            body: Vec::new(),
        };
        let talk = Talk::ask(request, |reply| Talk::over((reply.status, Digest::of(&reply.body))));
        match self.web.hold(talk).await {
            Ok((200, digest)) if digest.to_string() == hash.to_lowercase() => None,
            Ok((200, _)) => Some(AssetProblem::OtherHash),
            Ok((status, _)) => Some(AssetProblem::Status(status)),
            Err(trouble) => Some(AssetProblem::Unreachable(trouble.to_string())),
        }
    }
}

/// What is done about something that nobody wants there any more.
pub(super) fn unwanted(plan: &Plan, enrollment: &str, known: &Known) -> Option<Decision> {
    match plan.kept.contains(&(enrollment.to_owned(), known.identifier.clone())) {
        true => None,
        false => plan::remove(known),
    }
}

/// Whether something else of the same person comes to the same device in its place.
fn is_made_anew(journal: &Journal, plan: &Plan, enrollment: &str, known: &Known) -> bool {
    let mut others = journal.of(enrollment).iter().filter(|other| other.address == known.address);
    others.any(|other| plan.kept.contains(&(enrollment.to_owned(), other.identifier.clone())))
}

/// Prints what is refused; nothing is sent then.
pub(super) fn refusals(plan: &Plan) -> Option<Failure> {
    if plan.refused_count == 0 {
        return None;
    }
    for (what, fix) in &plan.refused {
        eprintln!("refused: {what}\n    fix: {fix}");
    }
    let more = plan.refused_count.saturating_sub(plan.refused.len() as u64);
    if more > 0 {
        eprintln!("refused: {more} more");
    }
    let error = anyhow::anyhow!("{} refused; nothing was sent", input::count(plan.refused_count, "profile"));
    Some(Failure::hinted(error, "each line above names the device and the fix"))
}

/// Prints the plan as text, or its last line as JSON.
pub(super) fn show(plan: &Plan, setup: &Setup, json: bool) -> Result<(), Failure> {
    let standing = setup.target.standing.text();
    if json {
        let sums: serde_json::Map<String, serde_json::Value> =
            plan.sums.iter().map(|(action, sum)| (action.name().replace('-', "_"), (*sum).into())).collect();
        return Ok(output::json_line(&json!({
            "target": setup.target.name, "standing": standing, "totals": sums,
            "people": plan.without.people, "without_device": plan.without.without_device,
        }))?);
    }
    output::line(&format!("{} at {} ({standing})", setup.target.name, setup.place()))?;
    output::table(&plan.first)?;
    let shown = plan.first.len() as u64;
    if plan.sends() > shown {
        output::line(&format!("and {} more; --json prints all", plan.sends() - shown))?;
    }
    let sums: Vec<String> = plan.sums.iter().map(|(action, sum)| format!("{sum} {}", action.text())).collect();
    let sums = if sums.is_empty() { "nothing".to_owned() } else { sums.join(", ") };
    let without = match plan.without.without_device {
        0 => String::new(),
        people => format!("; {people} of {} without a device in the map", input::count(plan.without.people, "user")),
    };
    Ok(output::line(&format!("plan: {sums}{without}"))?)
}

const SHOWN_MAX: usize = 20;
