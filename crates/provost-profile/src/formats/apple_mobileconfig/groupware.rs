//! The payloads for calendar (CalDAV) and address book (CardDAV). Both always with TLS: their URLs are https.

use plist::{Dictionary, Value};
use provost_account::Collection;

use super::super::{Loss, Request};
use super::{Platform, described, payload, terms};

/// The payloads that the account has, and what they cannot say.
pub(super) fn payloads(request: &Request<'_>, losses: &mut Vec<Loss>) -> Vec<Dictionary> {
    let groupware = &request.account.groupware;
    let address = &request.account.address;
    let mut payloads = Vec::new();
    if let Some(calendar) = &groupware.calendar {
        let payload = payload(request, "com.apple.caldav.account", "calendar", &format!("Calendar of {address}"));
        payloads.push(dav(payload, ("CalDAV", "calendar"), calendar, Principal::Written, request));
    }
    if let Some(contacts) = &groupware.contacts {
        let payload = payload(request, "com.apple.carddav.account", "contacts", &format!("Contacts of {address}"));
        let principal = match Platform::of(request.variant) {
            Platform::Ios | Platform::VisionOs => Principal::Written,
            Platform::MacOs => Principal::LeftOut,
        };
        if principal == Principal::LeftOut && contacts.url.path() != "/" {
            losses.push(Loss {
                setting: "contacts".to_owned(),
                asked: contacts.url.to_string(),
                written: Some(format!("{}:{}", contacts.url.host(), contacts.url.port())),
                reason: "macOS has no key for the path of an address book, and asks the server for it",
                source: CARDDAV,
            });
        }
        payloads.push(dav(payload, ("CardDAV", "contacts"), contacts, principal, request));
    }
    payloads
}

/// Whether the path below the host is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Principal {
    Written,
    LeftOut,
}

fn dav(
    mut payload: Dictionary,
    (prefix, what): (&str, &str),
    collection: &Collection,
    principal: Principal,
    request: &Request<'_>,
) -> Dictionary {
    let mut insert = |key: &str, value: Value| payload.insert(format!("{prefix}{key}"), value);
    insert("AccountDescription", described(request, what).into());
    insert("HostName", collection.url.host().to_string().into());
    insert("Port", u64::from(collection.url.port().get()).into());
    insert("UseSSL", true.into());
    if principal == Principal::Written {
        insert("PrincipalURL", collection.url.path().into());
    }
    if let Some(login) = &collection.login {
        insert("Username", login.as_str().into());
    }
    terms::vpn(&mut payload, &request.account.apple, request.variant);
    payload
}

const CARDDAV: &str = "https://developer.apple.com/documentation/devicemanagement/carddav";
