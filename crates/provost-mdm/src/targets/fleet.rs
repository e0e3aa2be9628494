//! Fleet: a configuration profile for each template and fleet (team), by its API or as files for its GitOps folder.
//!
//! Written from <https://github.com/fleetdm/fleet/blob/main/docs/REST%20API/rest-api.md> and the release notes of 4.90 (read
//! 2026-11-29). The batch endpoint takes the place of a team's whole list and is never used. Unconfirmed: that the newest servers,
//! which say `fleet_id`, still take `team_id`; and the fields of labels in a PATCH, which replaces all of them.

use serde_json::Value;

use crate::http::{Failed, Method, Request};
use crate::target::{Has, Means, PathAndBytes, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target};
use crate::targets::enqueue_api::in_a_path;
use crate::targets::folder;
use crate::targets::hosted::{self, Found, Page, Part};

pub(crate) const TARGET: Target = Target {
    name: "fleet",
    standing: Standing::ContractOnly("https://github.com/fleetdm/fleet/blob/main/docs/REST%20API/rest-api.md"),
    delivers: "an unsigned template for each fleet (team) and platform, with Fleet's variables",
    reads_back: "the profile; not what devices have of it",
    notes: &[
        "the credentials are the token of an API-only user; a group is the id of a fleet (team), 0 for hosts of none",
        "a profile is updated in place from Fleet 4.90; on older servers it is made anew, and devices download mail again",
        "labels that somebody gave a profile in Fleet stay",
    ],
    recipient: Recipient::Group,
    means: Means::Server(Server { takes: &[Takes::Templates], deliver, tell: None, has: Some(has), reported: None }),
};

pub(crate) const GITOPS: Target = Target {
    name: "fleet-gitops",
    standing: Standing::ContractOnly("https://fleetdm.com/docs/configuration/yaml-files"),
    delivers: "template files below lib/mail, a folder for each fleet (team), for a repository of Fleet's GitOps",
    reads_back: "the files",
    notes: &[
        "a fleet's YAML names them once: controls, apple_settings, configuration_profiles, - paths: \
         ../lib/mail/GROUP/*.mobileconfig; before the globs of 2026, macos_settings, custom_settings, - path: each",
        "what fleetctl gitops does with the files is not seen: \"has it\" means that the file is there",
    ],
    recipient: Recipient::Group,
    means: Means::Folder(files),
};

/// What a list says of a profile.
struct Item {
    uuid: String,
    /// The fields of its labels, which a PATCH has to repeat.
    labels: Vec<(&'static str, String)>,
}

fn files(step: &Step<'_>) -> Vec<PathAndBytes> {
    folder::files(step).into_iter().map(|(path, bytes)| (format!("lib/mail/{path}"), bytes)).collect()
}

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let then: Found<'a, Item, Sent> = match hosted::profile(&step) {
        Some(profile) => Box::new(move |found| match found {
            Some(item) => update(site, step, profile, item),
            None => create(site, &step, profile),
        }),
        None => Box::new(move |found| match found {
            Some(item) => hosted::gone(site.bearer(Method::Delete, &of(&item.uuid)), hosted::kept),
            None => hosted::kept(200),
        }),
    };
    find(site, step, then)
}

fn create<'a>(site: &'a Site, step: &Step<'a>, profile: &[u8]) -> Talk<'a, Sent> {
    let parts =
        [Part::Field("team_id", step.recipient.to_owned()), Part::File("profile", hosted::file_name(step), profile)];
    hosted::last(hosted::form(site.bearer(Method::Post, PROFILES), &parts))
}

fn update<'a>(site: &'a Site, step: Step<'a>, profile: &'a [u8], item: Item) -> Talk<'a, Sent> {
    version(site, move |updates| match updates {
        Updates::InPlace => {
            let mut parts = vec![Part::File("profile", hosted::file_name(&step), profile)];
            parts.extend(item.labels.into_iter().map(|(field, label)| Part::Field(field, label)));
            hosted::last(hosted::form(site.bearer(Method::Patch, &of(&item.uuid)), &parts))
        }
        Updates::Anew => {
            hosted::gone(site.bearer(Method::Delete, &of(&item.uuid)), move |_| create(site, &step, profile))
        }
    })
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else { return Talk::over(Has::Nothing) };
    find(
        site,
        step,
        Box::new(move |found| {
            let Some(item) = found else { return Talk::over(Has::Nothing) };
            let read = site.bearer(Method::Get, &format!("{}?alt=media", of(&item.uuid)));
            Talk::ask(read, move |reply| match reply.status {
                200 if hosted::is_same(profile, &reply.body) => Talk::over(Has::Same),
                200 => version(site, |updates| match updates {
                    Updates::InPlace => Talk::over(Has::Other),
                    Updates::Anew => Talk::over(Has::OtherForGood),
                }),
                404 => Talk::over(Has::Nothing),
                _ => Talk::failed(Failed::of(reply)),
            })
        }),
    )
}

/// How a server takes another version of a profile.
enum Updates {
    InPlace,
    Anew,
}

fn version<'a, T: 'a>(site: &'a Site, then: impl FnOnce(Updates) -> Talk<'a, T> + Send + 'a) -> Talk<'a, T> {
    Talk::ask(site.bearer(Method::Get, "/api/v1/fleet/version"), move |reply| {
        let version = hosted::json(reply, VERSION).map(|json| json["version"].as_str().and_then(major_minor));
        match version {
            Ok(Some(version)) if version >= (4, 90) => then(Updates::InPlace),
            Ok(Some(_)) => then(Updates::Anew),
            Ok(None) => Talk::failed(Failed::NotUnderstood { status: reply.status, expected: VERSION }),
            Err(failed) => Talk::failed(failed),
        }
    })
}

fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Finds the profile of the step's identifier in its fleet.
fn find<'a, T: 'a>(site: &'a Site, step: Step<'a>, then: Found<'a, Item, T>) -> Talk<'a, T> {
    hosted::search(
        list(site, &step, 0),
        "Fleet's list of profiles",
        move |json, number| page(site, json, number, &step),
        then,
    )
}

fn list(site: &Site, step: &Step<'_>, number: u32) -> Request {
    let team = in_a_path(step.recipient);
    site.bearer(Method::Get, &format!("{PROFILES}?team_id={team}&page={number}&per_page=100"))
}

fn page(site: &Site, json: &Value, number: u32, step: &Step<'_>) -> Page<Item> {
    let Some(items) = json["profiles"].as_array() else { return Page::No };
    if let Some(item) = items.iter().find(|item| item["identifier"] == step.identifier) {
        let Some(uuid) = item["profile_uuid"].as_str() else { return Page::No };
        let labels = LABELS.iter().flat_map(|field| {
            let labels = item[field].as_array().into_iter().flatten();
            labels.filter_map(|label| label["name"].as_str()).map(|label| (*field, label.to_owned()))
        });
        return Page::Found(Item { uuid: uuid.to_owned(), labels: labels.collect() });
    }
    match json["meta"]["has_next_results"].as_bool() {
        Some(true) if !items.is_empty() => Page::Next(list(site, step, number + 1)),
        Some(_) => Page::End,
        None => Page::No,
    }
}

fn of(uuid: &str) -> String {
    format!("{PROFILES}/{}", in_a_path(uuid))
}

const PROFILES: &str = "/api/v1/fleet/configuration_profiles";
const LABELS: &[&str] = &["labels_exclude_any", "labels_include_all", "labels_include_any"];
const VERSION: &str = "Fleet's version";
