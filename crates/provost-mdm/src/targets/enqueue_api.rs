//! NanoMDM's API for commands, which NanoHUB has under another path. It knows no declarations.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::commands::{self, Command};
use crate::http::{Failed, Method, Reply, Request};
use crate::target::{How, Sent, Site, Step, Talk, Told, Work};

/// Where the API is, and the name that goes with its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Api {
    pub(super) user: &'static str,
    pub(super) path: &'static str,
}

/// What it says. <https://github.com/micromdm/nanomdm/blob/v0.9.0/docs/openapi.yaml>
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: BTreeMap<String, OfOne>,
    push_error: Option<String>,
    command_error: Option<String>,
    command_uuid: Option<String>,
}

#[derive(Deserialize)]
struct OfOne {
    push_error: Option<String>,
}

/// Enqueues the command of a step. Without a push: with one, a status of 500 says nothing about whether it was queued.
pub(super) fn enqueue<'a>(api: Api, site: &'a Site, step: Step<'a>) -> Talk<'a, Sent> {
    let command = match step.work {
        Work::Profile(bytes) => Command::InstallProfile(bytes),
        Work::RemoveProfile => Command::RemoveProfile(step.identifier),
        Work::AskProfiles => Command::ProfileList,
        Work::Declarations(_) | Work::RemoveDeclarations => Command::DeclarativeManagement,
    };
    let request = request(api, site, step.recipient, command.plist(step.command));
    Talk::ask(request, move |reply| Talk::Over(queued(reply, &commands::text(step.command))))
}

fn request(api: Api, site: &Site, enrollment: &str, body: Vec<u8>) -> Request {
    let path = format!("{}/enqueue/{}?nopush=1", api.path, in_a_path(enrollment));
    site.basic(api.user, Method::Put, &path).with("application/xml", body)
}

fn queued(reply: &Reply, command: &str) -> Result<Sent, Failed> {
    let status = reply.status;
    let answer = serde_json::from_slice::<Answer>(&reply.body);
    let not_understood = Failed::NotUnderstood { status, expected: "NanoMDM's answer to enqueue" };
    match (status, answer) {
        (200, Ok(answer)) if answer.command_uuid.as_deref() == Some(command) => Ok(Sent { status, how: How::Queued }),
        (200, _) => Err(not_understood),
        // The only mark of it is this text: storage/kv/queue.go.
        (500, Ok(Answer { command_error: Some(error), .. })) if error.starts_with("command already exists") => {
            Ok(Sent { status, how: How::Before })
        }
        (500, Ok(Answer { command_error: Some(said), .. })) => Err(Failed::Unable { status, said }),
        _ => Err(Failed::of(reply)),
    }
}

/// Tells devices to come for their commands. That some cannot be told changes nothing in their queues.
pub(super) fn push<'a>(api: Api, site: &'a Site, enrollments: &[&str]) -> Talk<'a, Told> {
    let ids: Vec<String> = enrollments.iter().map(|id| in_a_path(id)).collect();
    let request = site.basic(api.user, Method::Put, &format!("{}/push/{}", api.path, ids.join(",")));
    Talk::ask(request, |reply| {
        let status = reply.status;
        let answer = serde_json::from_slice::<Answer>(&reply.body);
        let not = match (status, answer) {
            (401 | 403, _) => return Talk::failed(Failed::of(reply)),
            (_, Ok(answer)) => not_told(answer),
            (200, Err(_)) => Vec::new(),
            (_, Err(_)) => vec![(None, Failed::of(reply).to_string())],
        };
        Talk::over(Told { status, not })
    })
}

fn not_told(answer: Answer) -> Vec<(Option<String>, String)> {
    let of_all = answer.push_error.map(|why| (None, why));
    let each = answer.status.into_iter().filter_map(|(id, of_one)| of_one.push_error.map(|why| (Some(id), why)));
    match of_all {
        Some(of_all) => vec![of_all],
        None => each.collect(),
    }
}

/// An enrollment as a part of a URL's path. The colon of a user's channel stays as it is, as NanoMDM's own tools send it.
pub(super) fn in_a_path(id: &str) -> String {
    let mut path = String::with_capacity(id.len());
    for octet in id.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => path.push(char::from(octet)),
            _ => path.push_str(&format!("%{octet:02X}")),
        }
    }
    path
}
