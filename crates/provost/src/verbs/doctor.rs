//! `provost doctor`: what fails today, whose fault it is, what the user's client shows, and what to change where.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use futures::future::{join, join_all};
use provost_account::Protocol;
use provost_verify::{Chosen, Connections, Options, Outcome, Sends, Step, Subject};

use crate::arguments::doctor::Doctor;
use crate::failure::Failure;
use crate::interruption::interruption;
use crate::verdict::Verdict;

mod discovered;
mod domain;
mod looked_up;
mod metrics;
mod network;
mod patients;
mod records;
mod report;
mod share;

use discovered::Alternative;
use domain::{Surroundings, surroundings};
use patients::{Patient, Patients};
use report::{Examined, Works};

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
    let looked = look(options);
    // Hints name these files.
    let files = options.files().chain(["mail.yaml", "users.csv"].map(Path::new));
    let mask = if options.share { share::Mask::of(None, files) } else { share::Mask::off() };
    looked.map_err(|failure| failure.reworded(|text| mask.words(text)))
}

fn look(options: &Doctor) -> Result<Verdict, Failure> {
    let patients = Patients::of(options)?;
    if options.offline {
        report::print(&patients, &[], options)?;
        return report::verdict(&patients, &[]);
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let mut interruption = std::pin::pin!(interruption()?);
        loop {
            let examined = examine(&patients, options).await?;
            if let Some(path) = &options.metrics {
                metrics::write(path, &patients, &examined, SystemTime::now())?;
            }
            report::print(&patients, &examined, options)?;
            let verdict = || report::verdict(&patients, &examined);
            let Some(seconds) = options.watch else { return verdict() };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
                () = &mut interruption => return verdict(),
            }
        }
    })
}

/// Asks every server of every account, and about every domain, all at once.
async fn examine<'a>(patients: &'a Patients, doctor: &Doctor) -> Result<Vec<Examined<'a>>, Failure> {
    let options = Options {
        now: SystemTime::now(),
        step_timeout: Duration::from_secs(doctor.timeout),
        connections: Connections::Shared,
        checks: chosen(doctor),
    };
    let surroundings = surroundings(patients, doctor)?;
    let all = patients.accounts.iter().map(async |patient| {
        let own = &surroundings[patient.account.trust.as_slice()];
        let steps = steps_of(patient, own, &options).await;
        let works = works(patient, &steps, own, &options).await;
        Examined { patient, steps, works }
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

/// The servers that let the account in where its own do not, by the sources that a password may go to: each is tried by the
/// login alone.
async fn works(patient: &Patient, steps: &[Step], surroundings: &Surroundings, options: &Options) -> Vec<Works> {
    let options = Options { checks: options.checks.only(&["login"]), ..*options };
    let shut = |protocol: Protocol| steps.iter().any(|step| step.shuts_out() == Some(protocol));
    let mut works: Vec<Works> = Vec::new();
    for Alternative { kind, accept, account } in patient.alternatives.iter().filter(|_| patient.password.is_some()) {
        let is_open = |protocol: Protocol| shut(protocol) && !works.iter().any(|it| it.protocol == protocol);
        let mut account = account.clone();
        account.incoming.retain(|it| is_open(it.protocol.into()));
        account.outgoing.retain(|_| is_open(Protocol::Submission));
        let subject = Subject {
            account: &account,
            password: patient.password.as_ref(),
            left_open: &patient.left_open,
            label: &patient.source,
        };
        let steps = provost_verify::examine(&subject, &surroundings.network, &options).await;
        for step in steps.iter().filter(|step| step.check.name == "login" && step.outcome() == Outcome::Passed) {
            let Some((protocol, endpoint)) = step.place.server() else { continue };
            works.push(Works { protocol, endpoint: endpoint.clone(), kind: *kind, accept: *accept });
        }
    }
    works
}

fn chosen(options: &Doctor) -> Chosen {
    let all = Chosen::of_doctor();
    let all = if options.wrong_password { all } else { all.without(Sends::WrongPassword) };
    let all = if options.no_send { all.without(Sends::Message) } else { all };
    if options.only.is_empty() { all } else { all.only(&options.only) }
}
