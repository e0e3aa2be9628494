//! SimpleMDM: a custom configuration profile for each template and device group.
//!
//! Written from <https://api.simplemdm.com> (read 2026-11-29) and from the client SimpleMDMpy 3.0.7, which the tests hold
//! against the same contract. Unconfirmed: that `download` gives back what was uploaded, and that creating and assigning answer
//! 200 to 299 and nothing else.

use serde_json::Value;

use crate::http::{Failed, Method, Request};
use crate::target::{Has, Means, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target};
use crate::targets::enqueue_api::in_a_path;
use crate::targets::hosted::{self, Devices, Found, Page, Part};

pub(crate) const TARGET: Target = Target {
    name: "simplemdm",
    standing: Standing::ContractOnly("https://api.simplemdm.com"),
    delivers: "an unsigned template for each device group and platform, with the variables that the settings name",
    reads_back: "the profile, its scope and its groups; not what devices have of it",
    notes: &[
        "url: https://a.simplemdm.com; the credentials are the API key; a group is the id of a device group",
        "its variables are custom attributes, so their spelling has to be in the settings under mdm",
    ],
    recipient: Recipient::Group,
    means: Means::Server(Server { takes: &[Takes::Templates], deliver, tell: None, has: Some(has), reported: None }),
};

/// What a list says of a profile.
struct Item {
    id: u64,
    /// Of the groups that it is assigned to.
    groups: Vec<u64>,
    user_scope: bool,
    attribute_support: bool,
}

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let then: Found<'a, Item, Sent> = match hosted::profile(&step) {
        Some(profile) => Box::new(move |found| write(site, step, profile, found.as_ref())),
        None => Box::new(move |found| match found {
            Some(item) => hosted::gone(site.key(Method::Delete, &of(item.id)), hosted::kept),
            None => hosted::kept(200),
        }),
    };
    find(site, step, then)
}

/// Creates or updates it, and then sees to its group: these are two calls.
fn write<'a>(site: &'a Site, step: Step<'a>, profile: &'a [u8], found: Option<&Item>) -> Talk<'a, Sent> {
    let is_assigned = found.is_some_and(|item| is_in_group(item, &step));
    let request = match found {
        Some(item) => site.key(Method::Patch, &of(item.id)),
        None => site.key(Method::Post, PROFILES),
    };
    let is_users = hosted::about(profile).devices == Devices::Mac;
    let request = hosted::form(
        request,
        &[
            Part::Field("name", hosted::name(&step)),
            Part::File("mobileconfig", hosted::file_name(&step), profile),
            Part::Field("user_scope", is_users.to_string()),
            Part::Field("attribute_support", true.to_string()),
            Part::Field("escape_attributes", true.to_string()),
        ],
    );
    Talk::ask(request, move |reply| {
        let id = match hosted::json(reply, A_PROFILE).map(|json| json["data"]["id"].as_u64()) {
            Ok(Some(id)) => id,
            Ok(None) => return Talk::failed(Failed::NotUnderstood { status: reply.status, expected: A_PROFILE }),
            Err(failed) => return Talk::failed(failed),
        };
        if is_assigned {
            return hosted::kept(reply.status);
        }
        let path = format!("{}/device_groups/{}", of(id), in_a_path(step.recipient));
        hosted::last(site.key(Method::Post, &path))
    })
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else { return Talk::over(Has::Nothing) };
    let is_users = hosted::about(profile).devices == Devices::Mac;
    find(
        site,
        step,
        Box::new(move |found| {
            let Some(item) = found else { return Talk::over(Has::Nothing) };
            if !is_in_group(&item, &step) || item.user_scope != is_users || !item.attribute_support {
                return Talk::over(Has::Other);
            }
            Talk::ask(site.key(Method::Get, &format!("{}/download", of(item.id))), move |reply| match reply.status {
                200 if hosted::is_same(profile, &reply.body) => Talk::over(Has::Same),
                200 | 404 => Talk::over(Has::Other),
                _ => Talk::failed(Failed::of(reply)),
            })
        }),
    )
}

/// Finds what is kept under the step's name.
fn find<'a, T: 'a>(site: &'a Site, step: Step<'a>, then: Found<'a, Item, T>) -> Talk<'a, T> {
    let name = hosted::name(&step);
    hosted::search(list(site, None), "SimpleMDM's list of profiles", move |json, _| page(site, json, &name), then)
}

/// A list has 10 items unless more are asked for, and 100 at most.
fn list(site: &Site, after: Option<u64>) -> Request {
    let after = after.map_or_else(String::new, |id| format!("&starting_after={id}"));
    site.key(Method::Get, &format!("{PROFILES}?limit=100{after}"))
}

fn page(site: &Site, json: &Value, name: &str) -> Page<Item> {
    let Some(items) = json["data"].as_array() else { return Page::No };
    if let Some(item) = items.iter().find(|item| item["attributes"]["name"] == name) {
        let Some(id) = item["id"].as_u64() else { return Page::No };
        let groups = item["relationships"]["device_groups"]["data"].as_array();
        let groups = groups.into_iter().flatten().filter_map(|group| group["id"].as_u64()).collect();
        let is = |key: &str| item["attributes"][key] == true;
        let (user_scope, attribute_support) = (is("user_scope"), is("attribute_support"));
        return Page::Found(Item { id, groups, user_scope, attribute_support });
    }
    match (json["has_more"].as_bool(), items.last().map(|item| item["id"].as_u64())) {
        (Some(true), Some(Some(last))) => Page::Next(list(site, Some(last))),
        (Some(true), _) => Page::No,
        (Some(false) | None, _) => Page::End,
    }
}

fn is_in_group(item: &Item, step: &Step<'_>) -> bool {
    item.groups.iter().any(|group| group.to_string() == step.recipient)
}

fn of(id: u64) -> String {
    format!("{PROFILES}/{id}")
}

const PROFILES: &str = "/api/v1/custom_configuration_profiles";
const A_PROFILE: &str = "SimpleMDM's description of a profile";
