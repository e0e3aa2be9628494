//! An Exchange account: ActiveSync (`com.apple.eas.account`), or Exchange Web Services on a Mac
//! (`com.apple.ews.account`). Its server is shown but never proven: it speaks neither IMAP nor SMTP to the device.

use std::num::NonZeroU16;

use provost_account::{Account, Exchange, Findings, Host, SyncWindow, codes::profile as codes};

use super::device::{Device, EAS, EWS};
use super::dictionary::Dictionary;
use super::mail::address;

use crate::person::Person;
use crate::understood::{Assumption, Ignored, Understood};

/// Reads a payload.
pub(super) fn read(
    payload: &Dictionary<'_>,
    kind: &str,
    device: Device,
    person: &Person,
    ignored: Vec<Ignored>,
    findings: &mut Findings,
) -> Option<Understood> {
    let mut assumed = Vec::new();
    let oauth = payload.boolean("OAuth", findings) == Some(true);
    let host = host(payload, oauth, findings)?;
    if let Some(message) = ends(&host).filter(|_| kind == EWS) {
        findings.add(codes::EWS_ENDS, payload.place_of("Host"), message, EWS_FIX);
    }
    let exchange = Host::try_from(host.as_str()).ok().map(|host| Exchange { host });
    assumed.push(Assumption::of("Exchange server, not proven here", host, PAGE));
    // "If true, the system enables SSL for authentication", false by default on iOS, true on macOS.
    let ssl = payload.boolean("SSL", findings);
    let default = kind == EWS;
    if ssl.is_none() {
        assumed.push(Assumption::of("SSL", default, PAGE));
    }
    if !ssl.unwrap_or(default) {
        findings.add(codes::CLEARTEXT, payload.place_of("SSL"), "SSL is off", "write true");
    }
    let login = payload.login("UserName", findings);
    assumed.push(Assumption::of("Exchange login", login.unwrap_or("asked of the person"), PAGE));
    if oauth {
        assumed.push(Assumption::of("Exchange authentication", "OAuth 2", PAGE));
    }
    for key in ["Password", "CertificatePassword"] {
        payload.password(key, findings);
    }
    let services = ["EnableMail", "EnableContacts", "EnableCalendars", "EnableReminders", "EnableNotes"];
    if services.iter().all(|key| payload.boolean(key, findings) == Some(false)) {
        let message = "every service of the account is off; at least one must be true";
        findings.add(codes::WRONG_VALUE, payload.place_of("EnableMail"), message, "remove EnableMail");
    }
    let sync = days(payload, kind, &mut assumed, findings);
    let (text, place) = (payload.string("EmailAddress", findings).unwrap_or(""), payload.place_of("EmailAddress"));
    let address = address(text, place, person, PAGE, &mut assumed, findings)?;
    let account = Account { sync, full_name: person.full_name.clone(), ..Account::of(address) };
    Some(Understood { assumed, ignored, exchange, ..Understood::of(device.name(), account) })
}

/// What happens to Exchange Web Services of this server: of Exchange Online they end, of a server on one's own premises not.
pub(in crate::formats) fn ends(host: &str) -> Option<String> {
    let host = host.to_lowercase();
    let is_online = host == ONLINE || host.ends_with(&format!(".{ONLINE}"));
    is_online.then(|| {
        format!(
            "{host} is Exchange Online, which blocks Exchange Web Services from 2026-10-01 and ends them on 2027-04-01"
        )
    })
}

/// With OAuth, the device finds the server by itself.
fn host(payload: &Dictionary<'_>, oauth: bool, findings: &mut Findings) -> Option<String> {
    let is_empty = payload.text("Host").is_empty();
    if oauth && is_empty {
        return Some("found by the device".to_owned());
    }
    if is_empty {
        payload.missing("Host", findings);
        return None;
    }
    Some(payload.host("Host", codes::WRONG_VALUE, findings)?.to_string())
}

/// Apple's list has 0, for no limit, and five numbers; 7 where nothing is said.
fn days(payload: &Dictionary<'_>, kind: &str, assumed: &mut Vec<Assumption>, findings: &mut Findings) -> SyncWindow {
    let days = match payload.integer(DAYS, findings) {
        Some(days) => days,
        None if kind == EAS => {
            assumed.push(Assumption::of(DAYS, "7", PAGE));
            return SyncWindow::Unlimited;
        }
        None => return SyncWindow::Unlimited,
    };
    if ![0, 1, 3, 7, 14, 31].contains(&days) {
        let fix = "write 1, 3, 7, 14 or 31, or 0 for no limit";
        findings.add(codes::WRONG_VALUE, payload.place_of(DAYS), format!("{DAYS} is {days}"), fix);
    }
    u16::try_from(days).ok().and_then(NonZeroU16::new).map_or(SyncWindow::Unlimited, SyncWindow::Days)
}

const ONLINE: &str = "outlook.office365.com";
pub(in crate::formats) const EWS_FIX: &str =
    "set the account up by IMAP and SMTP with a profile for mail, or use Outlook";
const DAYS: &str = "MailNumberOfPastDaysToSync";
const PAGE: &str = "https://github.com/apple/device-management, com.apple.eas.account.yaml, com.apple.ews.account.yaml";
