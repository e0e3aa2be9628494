//! The payload of an Exchange account, in place of the mail payload: ActiveSync on iPhone, iPad and Apple Vision Pro,
//! Exchange Web Services on a Mac. Always with TLS. OAuth is not written: the settings have no server that wants it there.

use plist::{Dictionary, Value};
use provost_account::{Exchange, SyncWindow};

use super::super::{Loss, Passwords, Request};
use super::{Platform, payload, smime, terms};
use crate::losses::{name_and_aliases, no_receiving, no_sending, window};

/// The payload of the account, and what it cannot say.
pub(super) fn exchange(request: &Request<'_>, exchange: &Exchange, losses: &mut Vec<Loss>) -> Dictionary {
    let account = request.account;
    let platform = Platform::of(request.variant);
    let (kind, source) = match platform {
        Platform::Ios | Platform::SharedIpad | Platform::VisionOs => ("com.apple.eas.account", EAS),
        Platform::MacOs => ("com.apple.ews.account", EWS),
    };
    let mut payload = payload(request, kind, "exchange", &format!("Exchange account {}", account.address));
    let mut insert = |key: &str, value: Value| payload.insert(key.to_owned(), value);
    insert("EmailAddress", account.address.as_str().into());
    insert("Host", exchange.host.to_string().into());
    insert("SSL", true.into());
    let login = account.login().cloned().unwrap_or_else(|| request.service.login.expand(&account.address));
    insert("UserName", login.as_str().into());
    let password = account.incoming.iter().find_map(|it| it.server.password.as_ref());
    if let (Passwords::Embed, Some(password)) = (request.passwords, password) {
        insert("Password", password.expose().into());
    }
    let reason = "the file is for Exchange, in place of the mail servers";
    losses.extend(no_receiving(account, reason, source).into_iter().chain(no_sending(account, reason, source)));
    losses.extend(name_and_aliases(account, "an Exchange account has the name and addresses of its server", source));
    match platform {
        Platform::Ios | Platform::SharedIpad | Platform::VisionOs => {
            losses.extend(days(&mut payload, account.sync));
            smime::keys(&mut payload, request);
            terms::switches(&mut payload, &account.apple, request.variant);
        }
        Platform::MacOs => {
            losses.extend(ends(exchange));
            losses.extend(window(account.sync, "the payload has no key for it", source));
            if let Some(allowed) = account.apple.mail_drop {
                payload.insert("allowMailDrop".to_owned(), allowed.into());
            }
            losses.extend(account.apple.recents_syncing.map(|synced| Loss {
                setting: "apple.recents_syncing".to_owned(),
                asked: synced.to_string(),
                written: None,
                reason: "the payload has no key for it",
                source,
            }));
        }
    }
    payload
}

/// Of Exchange Online, Exchange Web Services end; of a server on one's own premises not.
fn ends(exchange: &Exchange) -> Option<Loss> {
    let host = exchange.host.to_string().to_lowercase();
    let is_online = host == "outlook.office365.com" || host.ends_with(".outlook.office365.com");
    is_online.then(|| Loss {
        setting: "exchange.host".to_owned(),
        asked: host.clone(),
        written: Some(host),
        reason: "Exchange Online blocks Exchange Web Services, which a Mac uses, from 2026-10-01 and ends them on 2027-04-01",
        source: "Microsoft 365 message center MC1176266",
    })
}

/// "The number of days in the past to sync mail on the device", one of a few.
fn days(payload: &mut Dictionary, sync: SyncWindow) -> Option<Loss> {
    let SyncWindow::Days(asked) = sync else { return None };
    let nearest = DAYS.iter().copied().min_by_key(|days| days.abs_diff(asked.get())).expect("the list is not empty");
    payload.insert("MailNumberOfPastDaysToSync".to_owned(), u64::from(nearest).into());
    (nearest != asked.get()).then(|| Loss {
        setting: "sync.days".to_owned(),
        asked: asked.to_string(),
        written: Some(nearest.to_string()),
        reason: "the device offers 1, 3, 7, 14 and 31 days, or no limit",
        source: EAS,
    })
}

/// Those with a limit.
const DAYS: &[u16] = &[1, 3, 7, 14, 31];
const EAS: &str = "https://developer.apple.com/documentation/devicemanagement/exchangeactivesync";
const EWS: &str = "https://developer.apple.com/documentation/devicemanagement/exchangewebservices";
