//! The payload of an Exchange account, instead of the mail payload: ActiveSync on iPhone, iPad and Apple Vision Pro,
//! Exchange Web Services on a Mac. Always with TLS. OAuth is not written: the settings have no server that needs it
//! there.

use plist::{Dictionary, Value};
use provost_account::Exchange;

use super::{Platform, payload, smime, terms};
use crate::identifiers::Kind;
use crate::losses::{name_and_aliases, nearest_window, no_mail, window};
use crate::profile::Loss;
use crate::writer::Request;

/// The payload of the account, and what it cannot say.
pub(super) fn exchange(request: &Request<'_>, exchange: &Exchange, losses: &mut Vec<Loss>) -> Dictionary {
    let account = request.account;
    let platform = Platform::of(request.variant);
    let (kind, source) = match platform {
        Platform::Ios | Platform::SharedIpad | Platform::VisionOs => ("com.apple.eas.account", EAS),
        Platform::MacOs => ("com.apple.ews.account", EWS),
    };
    let mut payload = payload(request, kind, Kind::APPLE_EXCHANGE, &format!("Exchange account {}", account.address));
    let mut insert = |key: &str, value: Value| payload.insert(key.to_owned(), value);
    insert("EmailAddress", account.address.as_str().into());
    insert("Host", exchange.host.to_string().into());
    insert("SSL", true.into());
    let login = account.login().cloned().unwrap_or_else(|| request.service.login.expand(&account.address));
    insert("UserName", login.as_str().into());
    if let Some(password) = account.incoming.iter().find_map(|it| request.passwords.carried(&it.server)) {
        insert("Password", password.expose().into());
    }
    let reason = "the file is for Exchange instead of the mail servers";
    losses.extend(no_mail(account, reason, source));
    let reason = "the server defines the name and addresses of an Exchange account";
    losses.extend(name_and_aliases(account, reason, source));
    match platform {
        Platform::Ios | Platform::SharedIpad | Platform::VisionOs => {
            let reason = "the device offers 1, 3, 7, 14 and 31 days, or no limit";
            if let Some((days, loss)) = nearest_window(account.sync, DAYS, reason, EAS) {
                payload.insert("MailNumberOfPastDaysToSync".to_owned(), u64::from(days).into());
                losses.extend(loss);
            }
            smime::keys(&mut payload, request);
            terms::switches(&mut payload, &account.apple, request.variant);
        }
        Platform::MacOs => {
            losses.extend(ends(exchange));
            losses.extend(window(account.sync, "the payload has no key for it", source));
            if let Some(allowed) = account.apple.mail_drop {
                payload.insert("allowMailDrop".to_owned(), allowed.into());
            }
            let reason = "the payload has no key for it";
            let synced = account.apple.recents_syncing;
            losses.extend(synced.map(|synced| Loss::of("apple.recents_syncing", synced, reason, source)));
        }
    }
    payload
}

/// Of Exchange Online, Exchange Web Services end; of a server on one's own premises not.
fn ends(exchange: &Exchange) -> Option<Loss> {
    let host = exchange.host.to_string().to_lowercase();
    let is_online = host == "outlook.office365.com" || host.ends_with(".outlook.office365.com");
    let reason =
        "a Mac uses Exchange Web Services, which Exchange Online blocks from 2026-10-01 and ends on 2027-04-01";
    let source = "Microsoft 365 message center MC1176266";
    is_online.then(|| Loss::of("exchange.host", &host, reason, source).written(&host))
}

/// "The number of days in the past to sync mail on the device": those with a limit.
const DAYS: &[u16] = &[1, 3, 7, 14, 31];
const EAS: &str = "https://developer.apple.com/documentation/devicemanagement/exchangeactivesync";
const EWS: &str = "https://developer.apple.com/documentation/devicemanagement/exchangewebservices";
