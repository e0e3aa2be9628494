//! The payloads for calendar (CalDAV), address book (CardDAV) and directory (LDAP). The first two always use TLS: their
//! URLs are https.

use plist::{Dictionary, Value};
use provost_account::Collection;

use super::{Platform, described, payload, terms};
use crate::apple_profile::{searches, use_ssl};
use crate::identifiers::Kind;
use crate::profile::Loss;
use crate::writer::Request;

/// The payloads that the account has, and what they cannot say.
pub(super) fn payloads(request: &Request<'_>, losses: &mut Vec<Loss>) -> Vec<Dictionary> {
    let groupware = &request.account.groupware;
    let address = &request.account.address;
    let mut payloads = Vec::new();
    if let Some(calendar) = &groupware.calendar {
        let payload =
            payload(request, "com.apple.caldav.account", Kind::APPLE_CALENDAR, &format!("Calendar of {address}"));
        payloads.push(dav(payload, ("CalDAV", "calendar"), calendar, Principal::Written, request));
    }
    if let Some(contacts) = &groupware.contacts {
        let payload =
            payload(request, "com.apple.carddav.account", Kind::APPLE_CONTACTS, &format!("Contacts of {address}"));
        let is_mac = Platform::of(request.variant) == Platform::MacOs;
        let principal = if is_mac { Principal::LeftOut } else { Principal::Written };
        if is_mac && contacts.url.path() != "/" {
            let reason = "macOS has no key for the path of an address book and asks the server for it";
            let written = contacts.url.host().authority(contacts.url.port());
            losses.push(Loss::of("contacts", &contacts.url, reason, CARDDAV).written(written));
        }
        payloads.push(dav(payload, ("CardDAV", "contacts"), contacts, principal, request));
    }
    if let Some(ldap) = &groupware.ldap {
        let mut payload =
            payload(request, "com.apple.ldap.account", Kind::APPLE_DIRECTORY, &format!("Directory of {address}"));
        let mut insert = |key: &str, value: Value| payload.insert(format!("LDAP{key}"), value);
        insert("AccountDescription", described(request, "directory").into());
        insert("AccountHostName", ldap.host.to_string().into());
        insert("AccountUseSSL", use_ssl(ldap.security).into());
        if let Some(login) = &ldap.login {
            insert("AccountUserName", login.as_str().into());
        }
        insert("SearchSettings", searches(&ldap.searches));
        terms::vpn(&mut payload, &request.account.apple, request.variant);
        payloads.push(payload);
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
