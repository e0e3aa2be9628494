//! `provost deploy`: takes what `generate` makes to a management server. What servers say and want, `provost-mdm` knows; this
//! reads, sends, listens, and writes the journal.

mod apply;
mod events;
mod folder;
mod hook;
mod journal_file;
mod planned;
mod secrets;
mod send;
mod setup;
mod status;
mod templates;
mod wanted;
mod watch;
mod web;

use provost_mdm::target::{Recipient, Standing, TARGETS};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::arguments::deploy::{Deploy, Options, Targets};
use crate::failure::Failure;
use crate::output;
use crate::verdict::Verdict;

/// Runs one of the verbs of `deploy`.
pub(crate) fn run(deploy: &Deploy) -> Result<Verdict, Failure> {
    match deploy {
        Deploy::Plan(options) => plan(options),
        Deploy::Apply(options) => apply::apply(options),
        Deploy::Status(options) => status::status(options),
        Deploy::Remove(options) => apply::remove(options),
        Deploy::Watch(options) => watch::watch(options),
        Deploy::Targets(options) => targets(options),
    }
}

fn plan(options: &Options) -> Result<Verdict, Failure> {
    let setup = setup::Setup::read(options)?;
    let runtime = Runtime::new()?;
    let web = setup.web()?;
    // Only a server that is asked something needs its secret.
    let asks = setup.target.server().is_some_and(|server| server.has.is_some());
    let site = if asks { setup.site()? } else { None };
    let journal = journal_file::read(&setup.journal())?;
    let asker = planned::Asker { setup: &setup, runtime: &runtime, web: &web, site: site.as_ref() };
    let plan = asker.plan(&journal, options.json)?;
    if let Some(failure) = planned::refusals(&plan) {
        return Err(failure);
    }
    planned::show(&plan, &setup, options.json)?;
    Ok(if plan.sends() == 0 { Verdict::Good } else { Verdict::NotGood })
}

fn targets(options: &Targets) -> Result<Verdict, Failure> {
    for target in TARGETS {
        let (proven, with) = match target.standing {
            Standing::Proven(with) => (true, with),
            Standing::ContractOnly(source) => (false, source),
        };
        let map = match target.recipient {
            Recipient::Enrollment => "email,enrollment,variant",
            Recipient::Group => "email,group,variant",
        };
        if options.json {
            output::json_line(&json!({
                "target": target.name, "proven": proven, "with": with, "delivers": target.delivers,
                "reads_back": target.reads_back, "map": map, "notes": target.notes,
            }))?;
            continue;
        }
        output::line(&format!("{}: {}", target.name, target.standing.text()))?;
        output::line(&format!("  delivers    {}", target.delivers))?;
        output::line(&format!("  reads back  {}", target.reads_back))?;
        output::line(&format!("  map         {map}"))?;
        for note in target.notes {
            output::line(&format!("  note        {note}"))?;
        }
    }
    Ok(Verdict::Good)
}
