//! Apple Business, Apple's own device management: a configuration and a blueprint for each person, since no variables are
//! documented.
//!
//! Written from <https://developer.apple.com/documentation/applebusinessapi>, version 2.3 of 2026-08-12 (read 2026-11-29). A list
//! shows `customSettingsValues: null`, so each configuration is read by its id. Ids that do not exist are dropped from a blueprint
//! without a word, so it is read back. Unconfirmed: that a list goes on at `links.next`, as in Apple's other APIs, and the names
//! of platforms other than the two that are shown.

use serde_json::{Value, json};

use crate::http::{Failed, Method, Request};
use crate::target::{Has, Means, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target};
use crate::targets::enqueue_api::in_a_path;
use crate::targets::hosted::{self, Devices, Found, Page};

pub(crate) const TARGET: Target = Target {
    name: "apple-business",
    standing: Standing::ContractOnly("https://developer.apple.com/documentation/applebusinessapi"),
    delivers: "a configuration and a blueprint for each person and platform",
    reads_back: "the configuration, and whether the blueprint has it and the user; not what devices have of it",
    notes: &[
        "url: https://api-business.apple.com; the credentials are an access token of Apple's OAuth, so use a command",
        "a group is the id of the user there, as GET /v1/users shows it; each has one platform, since the profiles of two have \
         the same identifier",
    ],
    recipient: Recipient::Group,
    means: Means::Server(Server { takes: &[Takes::Profiles], deliver, tell: None, has: Some(has), reported: None }),
};

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else {
        // The blueprint first: it names the configuration.
        return take_away(site, BLUEPRINTS, step, move |_| take_away(site, CONFIGURATIONS, step, hosted::kept));
    };
    find(
        site,
        CONFIGURATIONS,
        step,
        Box::new(move |found| {
            let mut data = configuration(&step, profile);
            // Only what is created has a type, and only of this one can it be created.
            if found.is_none() {
                data["attributes"]["type"] = "CUSTOM_SETTING".into();
            }
            let request = write(site, CONFIGURATIONS, found, data);
            created(request, move |configuration| {
                find(site, BLUEPRINTS, step, Box::new(move |found| blueprint(site, step, configuration, found)))
            })
        }),
    )
}

fn configuration(step: &Step<'_>, profile: &[u8]) -> Value {
    let mut attributes = json!({
        "name": hosted::name(step),
        "customSettingsValues": {
            "configurationProfile": String::from_utf8_lossy(profile),
            "filename": hosted::file_name(step),
        },
    });
    // Left out, it is found by the contents, and mail is for every platform.
    match hosted::about(profile).devices {
        Devices::Ios => attributes["configuredForPlatforms"] = json!(["PLATFORM_IOS"]),
        Devices::Mac => attributes["configuredForPlatforms"] = json!(["PLATFORM_MACOS"]),
        Devices::Vision => {}
    }
    json!({ "type": "configurations", "attributes": attributes })
}

/// Makes the blueprint have the configuration and the user, and looks whether it has them.
fn blueprint<'a>(site: &'a Site, step: Step<'a>, configuration: String, found: Option<String>) -> Talk<'a, Sent> {
    let relationships = json!({
        "configurations": { "data": [{ "type": "configurations", "id": configuration }] },
        "users": { "data": [{ "type": "users", "id": step.recipient }] },
    });
    let attributes = json!({ "name": hosted::name(&step) });
    let data = json!({ "type": "blueprints", "attributes": attributes, "relationships": relationships });
    created(write(site, BLUEPRINTS, found, data), move |id| {
        is_linked(site, id, configuration, step, |linked, status| match linked {
            Linked::Both => hosted::kept(status),
            Linked::WithoutConfiguration => Talk::failed(Failed::Refused {
                status,
                said: "the blueprint has not taken the configuration".to_owned(),
            }),
            Linked::WithoutUser => Talk::failed(Failed::Refused {
                status,
                said: "the blueprint has not taken the user: correct the id in the map's column group".to_owned(),
            }),
        })
    })
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else { return Talk::over(Has::Nothing) };
    find(
        site,
        CONFIGURATIONS,
        step,
        Box::new(move |found| {
            let Some(id) = found else { return Talk::over(Has::Nothing) };
            let read = site.bearer(Method::Get, &of(CONFIGURATIONS, &id));
            Talk::ask(read, move |reply| match hosted::json(reply, A_CONFIGURATION) {
                Ok(json) => {
                    let values = &json["data"]["attributes"]["customSettingsValues"];
                    let theirs = values["configurationProfile"].as_str();
                    match theirs.is_some_and(|theirs| hosted::is_same(profile, theirs.as_bytes())) {
                        true => in_blueprint(site, step, id),
                        false => Talk::over(Has::Other),
                    }
                }
                Err(failed) => Talk::failed(failed),
            })
        }),
    )
}

fn in_blueprint<'a>(site: &'a Site, step: Step<'a>, configuration: String) -> Talk<'a, Has> {
    find(
        site,
        BLUEPRINTS,
        step,
        Box::new(move |found| match found {
            Some(id) => is_linked(site, id, configuration, step, |linked, _| match linked {
                Linked::Both => Talk::over(Has::Same),
                Linked::WithoutConfiguration | Linked::WithoutUser => Talk::over(Has::Other),
            }),
            None => Talk::over(Has::Other),
        }),
    )
}

/// What a blueprint has.
enum Linked {
    Both,
    WithoutConfiguration,
    WithoutUser,
}

fn is_linked<'a, T: 'a>(
    site: &'a Site,
    blueprint: String,
    configuration: String,
    step: Step<'a>,
    then: impl FnOnce(Linked, u16) -> Talk<'a, T> + Send + 'a,
) -> Talk<'a, T> {
    let links = move |of: &str| {
        site.bearer(Method::Get, &format!("{BLUEPRINTS}/{}/relationships/{of}?limit={LIMIT}", in_a_path(&blueprint)))
    };
    let users = links("users");
    among(site, links("configurations"), configuration, move |found| match found {
        true => among(site, users, step.recipient.to_owned(), |found| {
            then(if found { Linked::Both } else { Linked::WithoutUser }, 200)
        }),
        false => then(Linked::WithoutConfiguration, 200),
    })
}

/// Whether an id is in a list.
fn among<'a, T: 'a>(
    site: &'a Site,
    first: Request,
    id: String,
    then: impl FnOnce(bool) -> Talk<'a, T> + Send + 'a,
) -> Talk<'a, T> {
    let page = move |json: &Value, _| page(site, json, |item| item["id"] == id.as_str());
    hosted::search(first, LIST, page, Box::new(move |found| then(found.is_some())))
}

/// Finds what is kept under the step's name.
fn find<'a, T: 'a>(site: &'a Site, of: &'static str, step: Step<'a>, then: Found<'a, String, T>) -> Talk<'a, T> {
    let name = hosted::name(&step);
    let first = site.bearer(Method::Get, &format!("{of}?limit={LIMIT}"));
    let page = move |json: &Value, _| page(site, json, |item| item["attributes"]["name"] == name.as_str());
    hosted::search(first, LIST, page, then)
}

fn page(site: &Site, json: &Value, is_it: impl Fn(&Value) -> bool) -> Page<String> {
    let Some(items) = json["data"].as_array() else { return Page::No };
    if let Some(item) = items.iter().find(|item| is_it(item)) {
        return item["id"].as_str().map_or(Page::No, |id| Page::Found(id.to_owned()));
    }
    match json["links"]["next"].as_str() {
        Some(link) => hosted::own_path(site, link).map_or(Page::No, |path| Page::Next(site.bearer(Method::Get, path))),
        None => Page::End,
    }
}

fn take_away<'a>(
    site: &'a Site,
    from: &'static str,
    step: Step<'a>,
    then: impl FnOnce(u16) -> Talk<'a, Sent> + Send + 'a,
) -> Talk<'a, Sent> {
    find(
        site,
        from,
        step,
        Box::new(move |found| match found {
            Some(id) => hosted::gone(site.bearer(Method::Delete, &of(from, &id)), then),
            None => then(200),
        }),
    )
}

/// Creates something, or changes what has this id.
fn write(site: &Site, at: &str, id: Option<String>, mut data: Value) -> Request {
    let request = match id {
        Some(id) => {
            let request = site.bearer(Method::Patch, &of(at, &id));
            data["id"] = id.into();
            request
        }
        None => site.bearer(Method::Post, at),
    };
    request.with("application/json", json!({ "data": data }).to_string().into_bytes())
}

fn created<'a, T: 'a>(request: Request, then: impl FnOnce(String) -> Talk<'a, T> + Send + 'a) -> Talk<'a, T> {
    Talk::ask(request, move |reply| {
        match hosted::json(reply, A_CONFIGURATION).map(|json| json["data"]["id"].as_str().map(ToOwned::to_owned)) {
            Ok(Some(id)) => then(id),
            Ok(None) => Talk::failed(Failed::NotUnderstood { status: reply.status, expected: A_CONFIGURATION }),
            Err(failed) => Talk::failed(failed),
        }
    })
}

fn of(at: &str, id: &str) -> String {
    format!("{at}/{}", in_a_path(id))
}

const CONFIGURATIONS: &str = "/v1/configurations";
const BLUEPRINTS: &str = "/v1/blueprints";
const LIMIT: u32 = 100;
const LIST: &str = "a list of Apple Business";
const A_CONFIGURATION: &str = "what Apple Business says of a configuration or blueprint";
