//! NanoHUB: NanoMDM's commands and KMFDDM's declarations in one server.

use crate::target::{
    Has, Means, Recipient, Reported, Sent, Server, Site, Standing, Step, Takes, Talk, Target, Told, Work,
};
use crate::targets::ddm_api::{self, Ddm};
use crate::targets::enqueue_api::{self, Api};

pub(crate) const TARGET: Target = Target {
    name: "nanohub",
    standing: Standing::Proven("NanoHUB 0.2"),
    delivers: "a profile for each person and enrollment, or declarations",
    reads_back: "declarations, and what devices report of them; of profiles nothing, so plans for those are made by the journal",
    notes: &[
        "an enrollment that does not exist is taken like any other; it shows only in that nothing is acknowledged",
    ],
    recipient: Recipient::Enrollment,
    means: Means::Server(Server {
        takes: &[Takes::Profiles, Takes::Declarations],
        deliver,
        tell: Some(tell),
        has: Some(has),
        reported: Some(reported),
    }),
};

const API: Api = Api { user: "nanohub", path: "/api/v1/nanomdm" };
const DDM: Ddm = Ddm { user: "nanohub", path: "/api/v1/ddm" };

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    match step.work {
        Work::Profile(_) | Work::RemoveProfile | Work::AskProfiles => enqueue_api::enqueue(API, site, step),
        Work::Declarations(_) | Work::RemoveDeclarations => {
            ddm_api::deliver(DDM, site, step, move || enqueue_api::enqueue(API, site, step))
        }
    }
}

fn tell<'a>(site: &'a Site, enrollments: &[&str]) -> Talk<'a, Told> {
    enqueue_api::push(API, site, enrollments)
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    ddm_api::has(DDM, site, *step)
}

fn reported<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Reported> {
    ddm_api::reported(DDM, site, *step)
}
