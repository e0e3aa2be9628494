//! The payloads for calendars, address books and directories. A device sets up each as a separate account; here they
//! belong to the mail account with the same login name, or to the first one.

use std::num::NonZeroU16;

use provost_account::{Collection, Findings, Groupware, HttpsUrl, Login, codes::profile as codes};

use super::device::Device;
use super::dictionary::Dictionary;
use super::directory::{self, Directory};

use crate::understood::{Assumption, Ignored};

/// Everything of this kind in a profile, each with the name that it logs in by.
#[derive(Debug, Default)]
pub(super) struct Found {
    calendars: Vec<Dav>,
    contacts: Vec<Dav>,
    directories: Vec<Directory>,
}

#[derive(Debug)]
struct Dav {
    collection: Collection,
    assumed: Vec<Assumption>,
    /// For whoever gets another one.
    passed_over: Ignored,
}

impl Found {
    /// Reads the payloads.
    pub(super) fn of(payloads: &[Dictionary<'_>], device: Device, findings: &mut Findings) -> Self {
        let mut found = Self::default();
        for payload in payloads {
            match payload.string("PayloadType", findings) {
                Some(CALDAV) => found.calendars.extend(dav(payload, CALDAV, "CalDAV", device, findings)),
                Some(CARDDAV) => found.contacts.extend(dav(payload, CARDDAV, "CardDAV", device, findings)),
                Some(directory::LDAP) => found.directories.extend(directory::read(payload, findings)),
                Some(_) | None => {}
            }
        }
        found
    }

    /// What belongs to the account with this login name. The first account takes what nobody else's name is on.
    pub(super) fn take(
        &mut self,
        login: Option<&Login>,
        is_first: bool,
        assumed: &mut Vec<Assumption>,
        ignored: &mut Vec<Ignored>,
    ) -> Groupware {
        let mut one = |all: &mut Vec<Dav>| {
            let (own, others): (Vec<Dav>, Vec<Dav>) = std::mem::take(all)
                .into_iter()
                .partition(|dav| is_first || login.is_some() && dav.collection.login.as_ref() == login);
            *all = others;
            let mut own = own.into_iter();
            let first = own.next();
            ignored.extend(own.map(|dav| dav.passed_over));
            first.map(|dav| {
                assumed.extend(dav.assumed);
                dav.collection
            })
        };
        let (calendar, contacts) = (one(&mut self.calendars), one(&mut self.contacts));
        let ldap = directory::take(&mut self.directories, login, is_first, assumed, ignored);
        Groupware { calendar, contacts, ldap }
    }

    /// What sets up accounts without a mail account: that of the next login name, and directories with the last one.
    pub(super) fn alone(
        &mut self,
        assumed: &mut Vec<Assumption>,
        ignored: &mut Vec<Ignored>,
    ) -> Option<(Option<Login>, Groupware)> {
        let logins: Vec<Option<Login>> =
            self.calendars.iter().chain(&self.contacts).map(|dav| dav.collection.login.clone()).collect();
        if logins.is_empty() && self.directories.is_empty() {
            return None;
        }
        let login = logins.iter().flatten().next().cloned();
        let is_last = logins.iter().all(|it| *it == login) || login.is_none();
        let taken = self.take(login.as_ref(), is_last, assumed, ignored);
        Some((login, taken))
    }
}

fn dav(
    payload: &Dictionary<'_>,
    kind: &'static str,
    prefix: &str,
    device: Device,
    findings: &mut Findings,
) -> Option<Dav> {
    let key = |name: &str| format!("{prefix}{name}");
    let mut assumed = Vec::new();
    let host = payload.required(&key("HostName"), findings)?;
    let ssl = payload.boolean(&key("UseSSL"), findings);
    if ssl.is_none() {
        assumed.push(Assumption::of(key("UseSSL"), "true", PAGE));
    }
    if ssl == Some(false) {
        let key = key("UseSSL");
        return findings.refuse(codes::CLEARTEXT, payload.place_of(&key), format!("{key} is off"), "write true");
    }
    let port = match payload.integer(&key("Port"), findings) {
        Some(number) => payload.port(&key("Port"), number, codes::GROUPWARE_ADDRESS, findings)?,
        None => {
            assumed.push(Assumption::of(key("Port"), HTTPS, PAGE));
            HTTPS
        }
    };
    let principal = payload.string(&key("PrincipalURL"), findings).filter(|path| !path.is_empty());
    let principal = principal.filter(|_| !(kind == CARDDAV && device == Device::MacOs));
    if principal.is_none() {
        let known = "the server's well-known URL (RFC 6764)";
        assumed.push(Assumption::of(key("PrincipalURL"), known, PAGE));
    }
    let url = match principal.unwrap_or("/") {
        whole if whole.contains("://") => whole.to_owned(),
        path => {
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            format!("https://{host}:{port}/{}", path.trim_start_matches('/'))
        }
    };
    let url = match HttpsUrl::try_from(url.as_str()) {
        Ok(url) => url,
        Err(error) => {
            let at = if principal.is_some_and(|whole| whole.contains("://")) { "PrincipalURL" } else { "HostName" };
            let message = format!("{} leads to {url:?}: {error}", key(at));
            let fix = "write the bare host name, and the path that begins with /";
            return findings.refuse(codes::GROUPWARE_ADDRESS, payload.place_of(&key(at)), message, fix);
        }
    };
    let login = payload.login(&key("Username"), findings);
    payload.password(&key("Password"), findings);
    let reason = "the device sets it up; here one of each kind is shown for an account";
    let passed_over = Ignored::of(kind, payload.place, reason);
    let login = login.and_then(|name| Login::try_from(name).ok());
    Some(Dav { collection: Collection { url, login }, assumed, passed_over })
}

pub(super) const CALDAV: &str = "com.apple.caldav.account";
pub(super) const CARDDAV: &str = "com.apple.carddav.account";
const HTTPS: NonZeroU16 = NonZeroU16::new(443).expect("443 is not 0");
const PAGE: &str =
    "https://developer.apple.com/documentation/devicemanagement/caldav: UseSSL is true by default; RFC 4791, 6764";
