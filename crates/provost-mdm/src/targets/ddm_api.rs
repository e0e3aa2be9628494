//! KMFDDM's API for declarations, which NanoHUB has under another path. Every change says `nonotify=1`: a server tells devices
//! only of changed data, and one that enrolled again would never be told; so the command that tells it is enqueued here.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;
use serde_json::Value;

use crate::http::{Failed, Method, Reply, Request};
use crate::target::{Declaration, Has, Reported, Sent, Site, Step, Talk, Work};
use crate::targets::enqueue_api::in_a_path;

/// Where the API is, and the name that goes with its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ddm {
    pub(super) user: &'static str,
    pub(super) path: &'static str,
}

/// A server's API, for one step.
#[derive(Clone, Copy)]
struct Api<'a> {
    ddm: Ddm,
    site: &'a Site,
    step: Step<'a>,
}

/// Makes the server's declarations those of the step, and then `tell`s the device.
pub(super) fn deliver<'a>(
    ddm: Ddm,
    site: &'a Site,
    step: Step<'a>,
    tell: impl FnOnce() -> Talk<'a, Sent> + Send + 'a,
) -> Talk<'a, Sent> {
    let api = Api { ddm, site, step };
    let declarations = match step.work {
        Work::Declarations(declarations) => declarations,
        Work::Profile(_) | Work::RemoveProfile | Work::RemoveDeclarations | Work::AskProfiles => &[],
    };
    // First what is new, then its place in the set, then the set's with the device: each needs the one before it.
    let mut changes: VecDeque<Request> = VecDeque::new();
    for declaration in declarations {
        changes.push_back(api.put("/declarations?nonotify=1").with("application/json", declaration.json.clone()));
    }
    changes.extend(declarations.iter().map(|it| api.in_set(Method::Put, &it.identifier)));
    changes.push_back(api.of_enrollment(if declarations.is_empty() { Method::Delete } else { Method::Put }));
    each(changes, Box::new(move || without_others(api, declarations, Box::new(tell))))
}

type Next<'a, T> = Box<dyn FnOnce() -> Talk<'a, T> + Send + 'a>;

/// Requests that change something or find it so: 204 and 304.
fn each<'a, T: 'a>(mut changes: VecDeque<Request>, then: Next<'a, T>) -> Talk<'a, T> {
    let Some(first) = changes.pop_front() else { return then() };
    Talk::ask(first, move |reply| match reply.status {
        204 | 304 => each(changes, then),
        _ => Talk::failed(Failed::of(reply)),
    })
}

/// Takes out of the set what does not belong there, and away what is in no set any more: otherwise the server answers 500.
fn without_others<'a, T: 'a>(api: Api<'a>, declarations: &'a [Declaration], then: Next<'a, T>) -> Talk<'a, T> {
    Talk::ask(api.get(&format!("/set-declarations/{}", in_a_path(&api.set()))), move |reply| match list(reply) {
        Ok(in_set) => {
            let others = in_set.into_iter().filter(|it| !declarations.iter().any(|own| own.identifier == *it));
            let others: Vec<String> = others.collect();
            let out_of_it = others.iter().map(|it| api.in_set(Method::Delete, it)).collect();
            each(out_of_it, Box::new(move || forget(api, others.into(), then)))
        }
        Err(failed) => Talk::failed(failed),
    })
}

/// Deletes declarations that are in no set: another device of the same person may have them too.
fn forget<'a, T: 'a>(api: Api<'a>, mut others: VecDeque<String>, then: Next<'a, T>) -> Talk<'a, T> {
    let Some(first) = others.pop_front() else { return then() };
    let path = in_a_path(&first);
    Talk::ask(api.get(&format!("/declaration-sets/{path}")), move |reply| match list(reply) {
        Ok(sets) if sets.is_empty() => {
            let delete = api.request(Method::Delete, &format!("/declarations/{path}?nonotify=1"));
            each([delete].into(), Box::new(move || forget(api, others, then)))
        }
        Ok(_) => forget(api, others, then),
        Err(failed) => Talk::failed(failed),
    })
}

/// Whether the server has the declarations of the step, in a set that is the device's.
pub(super) fn has<'a>(ddm: Ddm, site: &'a Site, step: Step<'a>) -> Talk<'a, Has> {
    let api = Api { ddm, site, step };
    let Work::Declarations(declarations) = step.work else { return Talk::over(Has::Nothing) };
    Talk::ask(api.get(&format!("/enrollment-sets/{}", in_a_path(step.recipient))), move |reply| match list(reply) {
        Ok(sets) if !sets.contains(&api.set()) => Talk::over(Has::Nothing),
        Ok(_) => set_has(api, declarations),
        Err(failed) => Talk::failed(failed),
    })
}

fn set_has<'a>(api: Api<'a>, declarations: &'a [Declaration]) -> Talk<'a, Has> {
    Talk::ask(api.get(&format!("/set-declarations/{}", in_a_path(&api.set()))), move |reply| match list(reply) {
        Ok(mut in_set) => {
            let mut wanted: Vec<&str> = declarations.iter().map(|it| it.identifier.as_str()).collect();
            wanted.sort_unstable();
            in_set.sort_unstable();
            if in_set == wanted { each_is(api, declarations) } else { Talk::over(Has::Other) }
        }
        Err(failed) => Talk::failed(failed),
    })
}

fn each_is<'a>(api: Api<'a>, declarations: &'a [Declaration]) -> Talk<'a, Has> {
    let Some((first, rest)) = declarations.split_first() else { return Talk::over(Has::Same) };
    Talk::ask(api.get(&format!("/declarations/{}", in_a_path(&first.identifier))), move |reply| match reply.status {
        200 if is_same(&first.json, &reply.body) => each_is(api, rest),
        200 | 404 => Talk::over(Has::Other),
        _ => Talk::failed(Failed::of(reply)),
    })
}

/// Whether two declarations are the same but for their `ServerToken`: the server makes its own.
fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let read = |bytes| {
        let mut json: Value = serde_json::from_slice(bytes).ok()?;
        json.as_object_mut()?.remove("ServerToken");
        Some(json)
    };
    read(ours).is_some_and(|ours| read(theirs) == Some(ours))
}

/// What a device reported of a declaration: `declarationbase.yaml` of Apple's schema, and what KMFDDM makes of it.
#[derive(Deserialize)]
struct Status {
    identifier: String,
    valid: String,
    #[serde(default)]
    current: bool,
    #[serde(default)]
    reasons: Option<Vec<Reason>>,
}

#[derive(Deserialize)]
struct Reason {
    code: Option<String>,
}

/// What the device last reported of the step's declarations.
pub(super) fn reported<'a>(ddm: Ddm, site: &'a Site, step: Step<'a>) -> Talk<'a, Reported> {
    let api = Api { ddm, site, step };
    let Work::Declarations(declarations) = step.work else { return Talk::over(Reported::NotYet) };
    Talk::ask(api.get(&format!("/declaration-status/{}", in_a_path(step.recipient))), move |reply| {
        let statuses = match reply.status {
            200 => serde_json::from_slice::<BTreeMap<String, Vec<Status>>>(&reply.body),
            204 => return Talk::over(Reported::NotYet),
            _ => return Talk::failed(Failed::of(reply)),
        };
        let Ok(mut statuses) = statuses else {
            let expected = "KMFDDM's list of declarations' states";
            return Talk::failed(Failed::NotUnderstood { status: reply.status, expected });
        };
        Talk::over(judged(declarations, &statuses.remove(step.recipient).unwrap_or_else(Vec::new)))
    })
}

fn judged(declarations: &[Declaration], statuses: &[Status]) -> Reported {
    let mut invalid = Vec::new();
    let mut is_whole = true;
    for declaration in declarations {
        let of_it = statuses.iter().find(|it| it.identifier == declaration.identifier && it.current);
        match of_it {
            Some(status) if status.valid == "invalid" => {
                let reasons = status.reasons.iter().flatten().filter_map(|reason| reason.code.clone());
                invalid.push((declaration.identifier.clone(), reasons.collect::<Vec<_>>().join(", ")));
            }
            Some(status) if status.valid == "valid" => {}
            Some(_) | None => is_whole = false,
        }
    }
    match (invalid.is_empty(), is_whole) {
        (false, _) => Reported::Invalid(invalid),
        (true, true) => Reported::Valid,
        (true, false) => Reported::NotYet,
    }
}

/// A list of names; nothing and `null` are an empty one.
fn list(reply: &Reply) -> Result<Vec<String>, Failed> {
    match reply.status {
        200 => match serde_json::from_slice::<Option<Vec<String>>>(&reply.body) {
            Ok(list) => Ok(list.unwrap_or_else(Vec::new)),
            Err(_) => Err(Failed::NotUnderstood { status: 200, expected: "KMFDDM's list of names" }),
        },
        204 | 404 => Ok(Vec::new()),
        _ => Err(Failed::of(reply)),
    }
}

impl Api<'_> {
    /// The set of one person on one device: a set of several devices could not be taken from one of them.
    fn set(&self) -> String {
        format!("{} {}", self.step.identifier, self.step.recipient)
    }

    fn request(&self, method: Method, path: &str) -> Request {
        self.site.basic(self.ddm.user, method, &format!("{}{path}", self.ddm.path))
    }

    fn get(&self, path: &str) -> Request {
        self.request(Method::Get, path)
    }

    fn put(&self, path: &str) -> Request {
        self.request(Method::Put, path)
    }

    /// A declaration's place in the set.
    fn in_set(&self, method: Method, declaration: &str) -> Request {
        let (set, declaration) = (in_a_path(&self.set()), in_a_path(declaration));
        self.request(method, &format!("/set-declarations/{set}?declaration={declaration}&nonotify=1"))
    }

    /// The set's place with the device.
    fn of_enrollment(&self, method: Method) -> Request {
        let (enrollment, set) = (in_a_path(self.step.recipient), in_a_path(&self.set()));
        self.request(method, &format!("/enrollment-sets/{enrollment}?set={set}&nonotify=1"))
    }
}
