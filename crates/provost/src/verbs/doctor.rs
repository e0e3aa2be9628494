//! `provost doctor`: what fails today, whose fault it is, what the user's client shows, and what to change where.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use futures::future::{join, join_all};
use provost_verify::{Chosen, Connections, Options, Sends, Step, Subject};

use crate::arguments::doctor::Doctor;
use crate::failure::Failure;
use crate::interruption::interruption;
use crate::verdict::Verdict;

mod domain;
mod looked_up;
mod metrics;
mod patients;
mod records;
mod report;
mod share;

use domain::{Surroundings, surroundings};
use patients::{Patient, Patients};
use report::Examined;

/// Looks at every account that is named, or looks words or causes up.
pub(crate) fn run(options: &Doctor) -> Result<Verdict, Failure> {
    if let Some(said) = &options.said {
        return looked_up::said(said, options.client, options.json);
    }
    if options.causes {
        return looked_up::causes(options.client, options.json);
    }
    if options.providers {
        return looked_up::providers(options.json);
    }
    let patients = Patients::of(options)?;
    if options.offline {
        return report::print(&patients, &[], options);
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let mut interruption = std::pin::pin!(interruption()?);
        loop {
            let examined = examine(&patients, options).await?;
            if let Some(path) = &options.metrics {
                metrics::write(path, &examined, SystemTime::now())?;
            }
            let verdict = report::print(&patients, &examined, options)?;
            let Some(seconds) = options.watch else { return Ok(verdict) };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
                () = &mut interruption => return Ok(verdict),
            }
        }
    })
}

/// Asks every server of every account, and about every domain, all at once.
async fn examine<'a>(patients: &'a Patients, options: &Doctor) -> Result<Vec<Examined<'a>>, Failure> {
    let steps = Options {
        now: SystemTime::now(),
        step_timeout: Duration::from_secs(options.timeout),
        connections: Connections::Shared,
        checks: chosen(options),
    };
    let surroundings = surroundings(patients, options)?;
    let all = patients.accounts.iter().map(async |patient| {
        let own = &surroundings[patient.account.trust.as_slice()];
        Examined { patient, steps: steps_of(patient, own, &steps).await }
    });
    Ok(join_all(all).await)
}

async fn steps_of(patient: &Patient, surroundings: &Surroundings, options: &Options) -> Vec<Step> {
    let subject = Subject {
        account: &patient.account,
        password: patient.password.as_ref(),
        left_open: &patient.left_open,
        label: &patient.source,
    };
    let network = &surroundings.network;
    let of_servers = provost_verify::examine(&subject, network, options);
    let of_domain = async {
        let facts = surroundings.facts(patient, options).await;
        provost_verify::examine_domain(&patient.account, &facts, network, options).await
    };
    let (of_servers, of_domain) = join(of_servers, of_domain).await;
    [of_servers, of_domain].concat()
}

fn chosen(options: &Doctor) -> Chosen {
    let all = Chosen::of_doctor();
    let all = if options.wrong_password { all } else { all.without(Sends::WrongPassword) };
    let all = if options.no_send { all.without(Sends::Message) } else { all };
    if options.only.is_empty() { all } else { all.only(&options.only) }
}
