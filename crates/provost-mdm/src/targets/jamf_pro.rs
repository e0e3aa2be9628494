//! Jamf Pro: a configuration profile for each template and group, by the Classic API, which is read as JSON and written as XML.
//!
//! Written from <https://developer.jamf.com/jamf-pro/reference/updateosxconfigurationprofilebyname> and
//! `updatemobiledeviceconfigurationprofilebyid` beside it (updated 2026-06-16, read 2026-11-29). Jamf Pro writes profiles in its own
//! way, with a `PayloadUUID` and `PayloadIdentifier` of its own: an update must repeat those, or devices keep the old profile as a
//! "ghost". So what is read back has to contain what was sent, and may contain more. `redeploy_on_update` is never shown.
//! Unconfirmed: that Jamf Pro leaves the identifiers of the payloads inside alone; that the level of a user is `user`; that a PUT
//! without a scope leaves it.

use plist::{Dictionary, Value as Plist};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use serde_json::Value;

use crate::http::{Failed, Method, Request};
use crate::target::{Has, Means, Recipient, Sent, Server, Site, Standing, Step, Takes, Talk, Target};
use crate::targets::hosted::{self, Devices, Found, Page};

pub(crate) const TARGET: Target = Target {
    name: "jamf-pro",
    standing: Standing::ContractOnly("https://developer.jamf.com/jamf-pro/reference/classic-api"),
    delivers: "an unsigned template for each group and platform, with Jamf Pro's variables",
    reads_back: "the profile, as far as Jamf Pro leaves it, and its groups; not what devices have of it",
    notes: &[
        "the credentials are a bearer token of /api/v1/oauth/token, which is valid for minutes, so use a command",
        "a group is the id of a computer group for macos, of a mobile device group for ios and visionos",
    ],
    recipient: Recipient::Group,
    means: Means::Server(Server { takes: &[Takes::Templates], deliver, tell: None, has: Some(has), reported: None }),
};

/// How the API calls things of one kind of device.
struct Names {
    path: &'static str,
    list: &'static str,
    item: &'static str,
    groups: &'static str,
    group: &'static str,
    method: &'static str,
    level: Option<&'static str>,
}

const MOBILE: &Names = &Names {
    path: "/JSSResource/mobiledeviceconfigurationprofiles",
    list: "configuration_profiles",
    item: "configuration_profile",
    groups: "mobile_device_groups",
    group: "mobile_device_group",
    method: "deployment_method",
    level: None,
};
/// Mail is for the user, so the level is `PayloadScope`'s.
const MAC: &Names = &Names {
    path: "/JSSResource/osxconfigurationprofiles",
    list: "os_x_configuration_profiles",
    item: "os_x_configuration_profile",
    groups: "computer_groups",
    group: "computer_group",
    method: "distribution_method",
    level: Some("user"),
};

/// What Jamf Pro has.
struct Item {
    profile: Dictionary,
    groups: Vec<u64>,
    level: Option<String>,
}

fn names(profile: &[u8]) -> &'static Names {
    match hosted::about(profile).devices {
        Devices::Mac => MAC,
        Devices::Ios | Devices::Vision => MOBILE,
    }
}

fn deliver<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Sent> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else {
        // It is in one of the two lists.
        return take_away(site, step, MOBILE, move |_| take_away(site, step, MAC, hosted::kept));
    };
    let names = names(profile);
    find(
        site,
        names,
        step,
        Box::new(move |found| match found {
            Some(id) => read(site, names, id, move |item| update(site, names, id, &step, profile, item)),
            None => hosted::last(written(site, names, Method::Post, 0, &step, &text_of(profile), Some(Vec::new()))),
        }),
    )
}

fn take_away<'a>(
    site: &'a Site,
    step: Step<'a>,
    names: &'static Names,
    then: impl FnOnce(u16) -> Talk<'a, Sent> + Send + 'a,
) -> Talk<'a, Sent> {
    find(
        site,
        names,
        step,
        Box::new(move |found| match found {
            Some(id) => hosted::gone(site.bearer(Method::Delete, &of(names, id)), then),
            None => then(200),
        }),
    )
}

fn update<'a>(
    site: &'a Site,
    names: &'static Names,
    id: u64,
    step: &Step<'a>,
    profile: &[u8],
    item: Item,
) -> Talk<'a, Sent> {
    let Some(mut ours) = hosted::dictionary(profile) else {
        return Talk::failed(Failed::NotUnderstood { status: 200, expected: "a profile of our own" });
    };
    for key in JAMFS_OWN {
        if let Some(value) = item.profile.get(key) {
            ours.insert((*key).to_owned(), value.clone());
        }
    }
    let mut text = Vec::new();
    Plist::Dictionary(ours).to_writer_xml(&mut text).expect("memory takes everything");
    let groups = (!is_in_group(&item, step)).then_some(item.groups);
    hosted::last(written(site, names, Method::Put, id, step, &text_of(&text), groups))
}

fn has<'a>(site: &'a Site, step: &Step<'a>) -> Talk<'a, Has> {
    let step = *step;
    let Some(profile) = hosted::profile(&step) else { return Talk::over(Has::Nothing) };
    let names = names(profile);
    find(
        site,
        names,
        step,
        Box::new(move |found| match found {
            Some(id) => read(site, names, id, move |item| {
                let ours = hosted::dictionary(profile).map(Plist::Dictionary);
                let theirs = Plist::Dictionary(item.profile.clone());
                let is_kept = ours.is_some_and(|ours| contains(&theirs, &ours, JAMFS_OWN));
                let is_level =
                    names.level.is_none_or(|level| item.level.as_deref().is_some_and(|it| is_like(it, level)));
                let is_same = is_kept && is_level && is_in_group(&item, &step);
                Talk::over(if is_same { Has::Same } else { Has::Other })
            }),
            None => Talk::over(Has::Nothing),
        }),
    )
}

/// The level is written `user`, and shown in other words too: `User Level`.
fn is_like(shown: &str, level: &str) -> bool {
    shown.get(..level.len()).is_some_and(|start| start.eq_ignore_ascii_case(level))
}

/// Whether all of `ours` is in `theirs`; these keys of the outermost dictionary aside.
fn contains(theirs: &Plist, ours: &Plist, aside: &[&str]) -> bool {
    match (theirs, ours) {
        (Plist::Dictionary(theirs), Plist::Dictionary(ours)) => ours.iter().all(|(key, ours)| {
            aside.contains(&key.as_str()) || theirs.get(key).is_some_and(|theirs| contains(theirs, ours, &[]))
        }),
        (Plist::Array(theirs), Plist::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| contains(theirs, ours, &[]))
        }
        _ => theirs == ours,
    }
}

/// Finds what is kept under the step's name. The Classic API gives whole lists.
fn find<'a, T: 'a>(site: &'a Site, names: &'static Names, step: Step<'a>, then: Found<'a, u64, T>) -> Talk<'a, T> {
    let name = hosted::name(&step);
    let page = move |json: &Value, _| {
        let Some(items) = json[names.list].as_array() else { return Page::No };
        match items.iter().find(|item| item["name"] == name.as_str()) {
            Some(item) => item["id"].as_u64().map_or(Page::No, Page::Found),
            None => Page::End,
        }
    };
    hosted::search(get(site, names.path), "Jamf Pro's list of profiles", page, then)
}

fn read<'a, T: 'a>(
    site: &'a Site,
    names: &'static Names,
    id: u64,
    then: impl FnOnce(Item) -> Talk<'a, T> + Send + 'a,
) -> Talk<'a, T> {
    Talk::ask(get(site, &of(names, id)), move |reply| {
        match hosted::json(reply, A_PROFILE).map(|json| item(&json[names.item], names)) {
            Ok(Some(item)) => then(item),
            Ok(None) => Talk::failed(Failed::NotUnderstood { status: reply.status, expected: A_PROFILE }),
            Err(failed) => Talk::failed(failed),
        }
    })
}

fn item(json: &Value, names: &Names) -> Option<Item> {
    let profile = hosted::dictionary(json["general"]["payloads"].as_str()?.as_bytes())?;
    let groups = json["scope"][names.groups].as_array().into_iter().flatten();
    let groups = groups.filter_map(|group| group["id"].as_u64()).collect();
    Some(Item { profile, groups, level: json["general"]["level"].as_str().map(ToOwned::to_owned) })
}

/// A request that writes a profile; with these groups and the step's, or without any, which leaves the scope alone.
fn written(
    site: &Site,
    names: &Names,
    method: Method,
    id: u64,
    step: &Step<'_>,
    profile: &str,
    groups: Option<Vec<u64>>,
) -> Request {
    let text = |writer: &mut Writer<Vec<u8>>, name: &str, text: &str| {
        writer.create_element(name).write_text_content(BytesText::new(text)).map(drop)
    };
    let mut writer = Writer::new(Vec::new());
    let body = writer.create_element(names.item).write_inner_content(|writer| {
        writer.create_element("general").write_inner_content(|writer| {
            text(writer, "name", &hosted::name(step))?;
            text(writer, names.method, "Install Automatically")?;
            if let Some(level) = names.level {
                text(writer, "level", level)?;
            }
            text(writer, "redeploy_on_update", "All")?;
            text(writer, "payloads", profile)
        })?;
        let Some(groups) = groups else { return Ok(()) };
        let groups = groups.iter().map(ToString::to_string).chain([step.recipient.to_owned()]);
        writer.create_element("scope").write_inner_content(|writer| {
            writer.create_element(names.groups).write_inner_content(|writer| {
                for group in groups {
                    writer.create_element(names.group).write_inner_content(|writer| text(writer, "id", &group))?;
                }
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    });
    body.expect("memory takes everything");
    site.bearer(method, &of(names, id)).with("application/xml", writer.into_inner())
}

fn text_of(profile: &[u8]) -> String {
    String::from_utf8_lossy(profile).into_owned()
}

fn get(site: &Site, path: &str) -> Request {
    Request { accept: Some("application/json"), ..site.bearer(Method::Get, path) }
}

fn is_in_group(item: &Item, step: &Step<'_>) -> bool {
    item.groups.iter().any(|group| group.to_string() == step.recipient)
}

fn of(names: &Names, id: u64) -> String {
    format!("{}/id/{id}", names.path)
}

/// What Jamf Pro gives a profile itself.
const JAMFS_OWN: &[&str] = &["PayloadDisplayName", "PayloadIdentifier", "PayloadUUID"];
const A_PROFILE: &str = "Jamf Pro's description of a profile";
