//! Exchange Web Services in declarations, which end: an account that has nothing else, and the settings with which a
//! Mac tells its user. The keys are those of Apple's schema for OS 27.2.

use provost_account::codes::profile as codes;
use serde_json::Value as Json;

use super::super::apple_mobileconfig::exchange::{EWS_FIX, ends};
use super::Reader;
use super::declarations::Declaration;

impl Reader<'_> {
    /// "If the device supports one or more of the listed protocol types, it sets up an account for the first supported type."
    pub(super) fn web_services_end(&mut self, exchange: &Declaration<'_>) {
        let keys = exchange.keys();
        let protocols: Vec<&Json> = keys.get(PROTOCOLS).and_then(Json::as_array).into_iter().flatten().collect();
        let has_nothing_else = protocols.iter().all(|protocol| *protocol == "EWS") && !protocols.is_empty();
        let hosts = ["HostName", "ExternalHostName"].map(|key| keys.get(key).and_then(Json::as_str));
        let message = hosts.into_iter().flatten().find_map(ends);
        if let Some(message) = message.filter(|_| has_nothing_else) {
            keys.add(codes::EWS_ENDS, PROTOCOLS, &message, EWS_FIX, self.findings);
        }
    }

    /// "If `false`, the system doesn't alert the user that an Exchange account has lost, or is about to lose, access".
    pub(super) fn settings(&mut self, settings: &Declaration<'_>) {
        let keys = settings.keys();
        self.known(&keys, &["Exchange"]);
        let Some(inside) = keys.inside("Exchange") else {
            if keys.get("Exchange").is_some() {
                let message = "Exchange is not a dictionary";
                keys.add(codes::WRONG_TYPE, "Exchange", message, "write a dictionary", self.findings);
            }
            return;
        };
        self.known(&inside, &[ALERTS]);
        match inside.get(ALERTS) {
            Some(Json::Bool(false)) => {
                let message =
                    "the Mac does not tell its user that Exchange Web Services end between 2026-10-01 and 2027-04-01";
                let fix = "remove the key: users who are not told think that the password is wrong";
                inside.add(codes::EWS_ENDS, ALERTS, message, fix, self.findings);
            }
            Some(Json::Bool(true)) | None => {}
            Some(other) => {
                let message = format!("{ALERTS} is {other}");
                inside.add(codes::WRONG_TYPE, ALERTS, &message, "write true or false", self.findings);
            }
        }
    }
}

pub(super) const EXCHANGE: &str = "com.apple.configuration.account.exchange";
/// New with macOS 27.2, for supervised Macs alone.
pub(super) const SETTINGS: &str = "com.apple.configuration.account.settings";
const ALERTS: &str = "AllowEWSRetirementAlerts";
const PROTOCOLS: &str = "EnabledProtocolTypes";
