//! KMFDDM: declarations, next to a NanoMDM that queues the commands.

use crate::target::{
    Has, Means, Recipient, Reported, Sent, Server, Site, Standing, Step, Takes, Talk, Target, Told, Work,
};
use crate::targets::ddm_api::{self, Ddm};
use crate::targets::{enqueue_api, nanomdm};

pub(crate) const TARGET: Target = Target {
    name: "kmfddm",
    standing: Standing::Proven("KMFDDM 0.8.3 and NanoMDM 0.9"),
    delivers: "declarations for each person and enrollment",
    reads_back: "declarations, and what devices report of them",
    notes: &["needs the key nanomdm with url and credentials of the server that queues commands"],
    recipient: Recipient::Enrollment,
    means: Means::Server(Server {
        takes: &[Takes::Declarations],
        deliver,
        tell: Some(tell),
        has: Some(has),
        reported: Some(reported),
    }),
};

const DDM: Ddm = Ddm { user: "kmfddm", path: "/v1" };

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let enqueue = move || enqueue_api::enqueue(nanomdm::API, commands(site), step);
    match step.work {
        Work::Profile(_) | Work::RemoveProfile | Work::AskProfiles => enqueue(),
        Work::Declarations(_) | Work::RemoveDeclarations => ddm_api::deliver(DDM, site, step, enqueue),
    }
}

fn tell<'a>(site: &'a Site, enrollments: &[&str]) -> Talk<'a, Told> {
    enqueue_api::push(nanomdm::API, commands(site), enrollments)
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    ddm_api::has(DDM, site, *step)
}

fn reported<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Reported> {
    ddm_api::reported(DDM, site, *step)
}

/// The server that queues commands.
fn commands(site: &Site) -> &Site {
    site.commands.as_deref().unwrap_or(site)
}
