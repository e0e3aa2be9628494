//! What the hosted services have in common: a profile is kept there under a name, found in the pages of a list, read back and
//! compared. It knows no service's paths.

use plist::{Dictionary, Value as Plist};
use serde_json::Value;

use crate::http::{Failed, Reply, Request};
use crate::target::{How, Sent, Site, Step, Talk, Work};

/// The name under which a service keeps what a step delivers. It says the profile and the group, so that two steps never
/// change the same thing, and what was delivered is found again without a list of our own.
pub(super) fn name(step: &Step<'_>) -> String {
    format!("{} for {}", step.identifier, step.recipient)
}

/// What a step brings; `None`: it takes something away.
///
/// # Panics
///
/// On declarations and questions to devices: these targets take none, and whoever makes steps knows that.
pub(super) fn profile<'a>(step: &Step<'a>) -> Option<&'a [u8]> {
    match step.work {
        Work::Profile(bytes) => Some(bytes),
        Work::RemoveProfile => None,
        Work::Declarations(_) | Work::RemoveDeclarations | Work::AskProfiles => {
            unreachable!("these targets take profiles alone")
        }
    }
}

/// What a service is told of a profile besides its bytes.
pub(super) struct About {
    /// `PayloadDisplayName`.
    pub(super) display_name: String,
    /// Whom it is for.
    pub(super) devices: Devices,
}

/// The devices of a profile, by its `TargetDeviceType`.
/// <https://github.com/apple/device-management/blob/release/mdm/profiles/TopLevel.yaml>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Devices {
    Ios,
    Mac,
    Vision,
}

/// Reads it. Profiles are our own, so what is not there has its default.
pub(super) fn about(profile: &[u8]) -> About {
    let keys = dictionary(profile);
    let key = |name: &str| keys.as_ref()?.get(name);
    let display_name = key("PayloadDisplayName").and_then(Plist::as_string).unwrap_or("Mail").to_owned();
    let devices = match key("TargetDeviceType").and_then(Plist::as_unsigned_integer) {
        Some(5) => Devices::Mac,
        Some(6) => Devices::Vision,
        Some(_) | None => Devices::Ios,
    };
    About { display_name, devices }
}

/// The keys of a profile; `None`: it is no property list.
pub(super) fn dictionary(profile: &[u8]) -> Option<Dictionary> {
    Plist::from_reader(std::io::Cursor::new(profile)).ok()?.into_dictionary()
}

/// Whether a service keeps the profile that it was given: octet for octet, or written in another way.
pub(super) fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    ours == theirs || dictionary(ours).is_some_and(|keys| dictionary(theirs) == Some(keys))
}

/// A reply's JSON.
pub(super) fn json(reply: &Reply, expected: &'static str) -> Result<Value, Failed> {
    match reply.status {
        200 | 201 => match serde_json::from_slice(&reply.body) {
            Ok(json) => Ok(json),
            // Where it stops to be JSON helps nobody.
            Err(_) => Err(Failed::NotUnderstood { status: reply.status, expected }),
        },
        _ => Err(Failed::of(reply)),
    }
}

/// What a page of a list has.
pub(super) enum Page<X> {
    /// What was looked for.
    Found(X),
    /// Something else, and another page.
    Next(Request),
    /// Something else, and it is the last one.
    End,
    /// It is no page.
    No,
}

/// What follows when the list is searched.
pub(super) type Found<'a, X, T> = Box<dyn FnOnce(Option<X>) -> Talk<'a, T> + Send + 'a>;

/// Goes through the pages of a list until something is found, or to its end. `page` gets a page and its number, from 0.
pub(super) fn search<'a, X: 'a, T: 'a>(
    first: Request,
    expected: &'static str,
    page: impl Fn(&Value, u32) -> Page<X> + Send + 'a,
    then: Found<'a, X, T>,
) -> Talk<'a, T> {
    turn(first, 0, expected, page, then)
}

fn turn<'a, X: 'a, T: 'a>(
    request: Request,
    number: u32,
    expected: &'static str,
    page: impl Fn(&Value, u32) -> Page<X> + Send + 'a,
    then: Found<'a, X, T>,
) -> Talk<'a, T> {
    Talk::ask(request, move |reply| {
        let found = json(reply, expected).map(|json| page(&json, number));
        match found {
            Ok(Page::Found(it)) => then(Some(it)),
            Ok(Page::Next(next)) => turn(next, number + 1, expected, page, then),
            Ok(Page::End) => then(None),
            Ok(Page::No) => Talk::failed(Failed::NotUnderstood { status: reply.status, expected }),
            Err(failed) => Talk::failed(failed),
        }
    })
}

/// The path of a link of a page, as it follows the site's URL; `None`: it leads to another host, which must not see the
/// credentials.
pub(super) fn own_path<'a>(site: &Site, link: &'a str) -> Option<&'a str> {
    link.strip_prefix(&site.url).filter(|path| path.starts_with('/'))
}

/// It came to this: the service keeps it, or no longer does.
pub(super) fn kept<'a>(status: u16) -> Talk<'a, Sent> {
    Talk::over(Sent { status, how: How::Kept })
}

/// Asks for something that is done when the service answers with success.
pub(super) fn last<'a>(request: Request) -> Talk<'a, Sent> {
    Talk::ask(request, |reply| match reply.status {
        200..=299 => kept(reply.status),
        _ => Talk::failed(Failed::of(reply)),
    })
}

/// Takes something away; what is gone already is gone.
pub(super) fn gone<'a, T: 'a>(request: Request, then: impl FnOnce(u16) -> Talk<'a, T> + Send + 'a) -> Talk<'a, T> {
    Talk::ask(request, move |reply| match reply.status {
        200..=299 | 404 => then(reply.status),
        _ => Talk::failed(Failed::of(reply)),
    })
}

/// A field of a form, or its file.
pub(super) enum Part<'a> {
    Field(&'static str, String),
    File(&'static str, String, &'a [u8]),
}

/// A request with a form (RFC 7578). No profile has its boundary: what ends a part begins with CR and LF, and a property list
/// has a CR only as a character reference.
pub(super) fn form(request: Request, parts: &[Part<'_>]) -> Request {
    let mut body = Vec::new();
    for part in parts {
        let (head, contents) = match part {
            Part::Field(name, value) => {
                (format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n"), value.as_bytes())
            }
            Part::File(name, file, contents) => (
                format!(
                    "Content-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n\
                     Content-Type: application/x-apple-aspen-config\r\n\r\n",
                    file.replace(['"', '\\', '\r', '\n'], "_")
                ),
                *contents,
            ),
        };
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}").as_bytes());
        body.extend_from_slice(contents);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    request.with(FORM, body)
}

/// The name of a profile's file.
pub(super) fn file_name(step: &Step<'_>) -> String {
    format!("{}.mobileconfig", step.identifier)
}

const BOUNDARY: &str = "provost-4f0c7e6a9d2b41c8";
const FORM: &str = "multipart/form-data; boundary=provost-4f0c7e6a9d2b41c8";
