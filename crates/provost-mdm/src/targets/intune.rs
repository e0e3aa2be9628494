//! Microsoft Intune: a custom configuration for each template and group, through Microsoft Graph.
//!
//! Written from <https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-ioscustomconfiguration> and
//! `macoscustomconfiguration`, `deviceconfigurationassignment` beside it (read 2026-11-29), and held against Microsoft's own
//! types. `deploymentChannel` is in `/beta` alone, so what is for a Mac goes there. Unconfirmed: that GET gives back `payload` as
//! it was sent, and that PATCH moves a configuration to another channel.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Failed, Method, Request};
use crate::target::{Has, Means, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target};
use crate::targets::enqueue_api::in_a_path;
use crate::targets::hosted::{self, Devices, Found, Page};

pub(crate) const TARGET: Target = Target {
    name: "intune",
    standing: Standing::ContractOnly(
        "https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-ioscustomconfiguration",
    ),
    delivers: "an unsigned template for each group and platform, with Intune's variables",
    reads_back: "the profile, its channel and its groups; not what devices have of it",
    notes: &[
        "url: https://graph.microsoft.com; the credentials are an access token with \
         DeviceManagementConfiguration.ReadWrite.All, so use a command; a group is the object id of an Entra group",
        "mail for a Mac needs deploymentChannel, which is in /beta alone",
    ],
    recipient: Recipient::Group,
    means: Means::Server(Server { takes: &[Takes::Templates], deliver, tell: None, has: Some(has), reported: None }),
};

/// What a profile is there.
#[derive(Clone, Copy)]
struct Kind {
    version: &'static str,
    odata: &'static str,
    channel: Option<&'static str>,
}

const IOS: Kind = Kind { version: "/v1.0", odata: "#microsoft.graph.iosCustomConfiguration", channel: None };
const MAC: Kind =
    Kind { version: "/beta", odata: "#microsoft.graph.macOSCustomConfiguration", channel: Some("userChannel") };

fn kind(profile: &[u8]) -> Kind {
    match hosted::about(profile).devices {
        Devices::Mac => MAC,
        // There is no type of its own for Apple Vision Pro.
        Devices::Ios | Devices::Vision => IOS,
    }
}

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else {
        return find(
            site,
            IOS,
            step,
            Box::new(move |found| match found {
                Some(id) => hosted::gone(site.bearer(Method::Delete, &of(IOS, &id)), hosted::kept),
                None => hosted::kept(200),
            }),
        );
    };
    let kind = kind(profile);
    find(site, kind, step, Box::new(move |found| write(site, kind, step, profile, found.as_deref())))
}

fn write<'a>(site: &'a Site, kind: Kind, step: Step<'a>, profile: &'a [u8], found: Option<&str>) -> Talk<'a, Sent> {
    let request = match found {
        Some(id) => site.bearer(Method::Patch, &of(kind, id)),
        None => site.bearer(Method::Post, &list_path(kind)),
    };
    let request = with_json(request, &body(kind, &step, profile));
    Talk::ask(request, move |reply| {
        let id = match hosted::json(reply, A_CONFIGURATION).map(|json| json["id"].as_str().map(ToOwned::to_owned)) {
            Ok(Some(id)) => id,
            Ok(None) => return Talk::failed(Failed::NotUnderstood { status: reply.status, expected: A_CONFIGURATION }),
            Err(failed) => return Talk::failed(failed),
        };
        let status = reply.status;
        assignments(
            site,
            kind,
            &id.clone(),
            Box::new(move |targets| match targets.iter().any(|target| is_of_group(target, &step)) {
                true => hosted::kept(status),
                false => assign(site, kind, &id, targets, &step),
            }),
        )
    })
}

fn body(kind: Kind, step: &Step<'_>, profile: &[u8]) -> Value {
    let mut body = json!({
        "@odata.type": kind.odata,
        "displayName": hosted::name(step),
        "payloadName": hosted::about(profile).display_name,
        "payloadFileName": hosted::file_name(step),
        "payload": STANDARD.encode(profile),
    });
    if let Some(channel) = kind.channel {
        body["deploymentChannel"] = channel.into();
    }
    body
}

/// Assigns it to the group. What is sent takes the place of all assignments, so those that are there go with it.
fn assign<'a>(site: &'a Site, kind: Kind, id: &str, mut targets: Vec<Value>, step: &Step<'_>) -> Talk<'a, Sent> {
    targets.push(json!({ "@odata.type": GROUP, "groupId": step.recipient }));
    let assignments = targets.into_iter().map(|target| json!({ "@odata.type": ASSIGNMENT, "target": target }));
    let body = json!({ "assignments": assignments.collect::<Vec<_>>() });
    hosted::last(with_json(site.bearer(Method::Post, &format!("{}/assign", of(kind, id))), &body))
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else { return Talk::over(Has::Nothing) };
    let kind = kind(profile);
    find(
        site,
        kind,
        step,
        Box::new(move |found| {
            let Some(id) = found else { return Talk::over(Has::Nothing) };
            Talk::ask(site.bearer(Method::Get, &of(kind, &id)), move |reply| {
                match hosted::json(reply, A_CONFIGURATION) {
                    Ok(json) if is_kept(&json, kind, &step, profile) => assignments(
                        site,
                        kind,
                        &id,
                        Box::new(move |targets| {
                            let is_assigned = targets.iter().any(|target| is_of_group(target, &step));
                            Talk::over(if is_assigned { Has::Same } else { Has::Other })
                        }),
                    ),
                    Ok(_) => Talk::over(Has::Other),
                    Err(failed) => Talk::failed(failed),
                }
            })
        }),
    )
}

fn is_kept(json: &Value, kind: Kind, step: &Step<'_>, profile: &[u8]) -> bool {
    let ours = body(kind, step, profile);
    let payload = json["payload"].as_str().and_then(|text| STANDARD.decode(text).ok());
    let is_like = |key: &str| json[key] == ours[key];
    ["@odata.type", "payloadName", "payloadFileName"].into_iter().all(is_like)
        && kind.channel.is_none_or(|channel| json["deploymentChannel"] == channel)
        && payload.is_some_and(|payload| hosted::is_same(profile, &payload))
}

/// Finds what is kept under the step's name.
fn find<'a, T: 'a>(site: &'a Site, kind: Kind, step: Step<'a>, then: Found<'a, String, T>) -> Talk<'a, T> {
    let name = hosted::name(&step);
    let first = site.bearer(Method::Get, &format!("{}?$select=id,displayName", list_path(kind)));
    let page = move |json: &Value, _| {
        let Some(items) = json["value"].as_array() else { return Page::No };
        if let Some(item) = items.iter().find(|item| item["displayName"] == name.as_str()) {
            return item["id"].as_str().map_or(Page::No, |id| Page::Found(id.to_owned()));
        }
        next(site, json)
    };
    hosted::search(first, "Graph's list of configurations", page, then)
}

/// The targets of all assignments.
fn assignments<'a, T: 'a>(
    site: &'a Site,
    kind: Kind,
    id: &str,
    then: Box<dyn FnOnce(Vec<Value>) -> Talk<'a, T> + Send + 'a>,
) -> Talk<'a, T> {
    Talk::ask(site.bearer(Method::Get, &format!("{}/assignments", of(kind, id))), move |reply| {
        match hosted::json(reply, ASSIGNMENTS).map(|json| json["value"].as_array().cloned()) {
            Ok(Some(all)) => then(all.into_iter().map(|mut assignment| assignment["target"].take()).collect()),
            Ok(None) => Talk::failed(Failed::NotUnderstood { status: reply.status, expected: ASSIGNMENTS }),
            Err(failed) => Talk::failed(failed),
        }
    })
}

fn next<X>(site: &Site, json: &Value) -> Page<X> {
    match json["@odata.nextLink"].as_str() {
        Some(link) => hosted::own_path(site, link).map_or(Page::No, |path| Page::Next(site.bearer(Method::Get, path))),
        None => Page::End,
    }
}

fn is_of_group(target: &Value, step: &Step<'_>) -> bool {
    target["@odata.type"] == GROUP && target["groupId"] == step.recipient
}

fn with_json(request: Request, body: &Value) -> Request {
    request.with("application/json", body.to_string().into_bytes())
}

fn list_path(kind: Kind) -> String {
    format!("{}/deviceManagement/deviceConfigurations", kind.version)
}

fn of(kind: Kind, id: &str) -> String {
    format!("{}/{}", list_path(kind), in_a_path(id))
}

const GROUP: &str = "#microsoft.graph.groupAssignmentTarget";
const ASSIGNMENT: &str = "#microsoft.graph.deviceConfigurationAssignment";
const A_CONFIGURATION: &str = "Graph's description of a configuration";
const ASSIGNMENTS: &str = "Graph's list of assignments";
