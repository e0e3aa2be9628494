//! Findings that `generate` already declared as losses in the manifest: not reported again, as long as the file is byte
//! for byte the one that was written. It knows no format; the table says which finding belongs to which loss.

use provost_account::codes::profile as codes;
use provost_account::{Code, Finding};

use super::manifest::{Loss, Row};

/// The loss of which a finding is the consequence.
pub(crate) fn loss_behind<'a>(row: &'a Row, finding: &Finding) -> Option<&'a Loss> {
    let known = DECLARED.iter().filter(|known| {
        known.format == row.format && known.code == finding.code && finding.message.contains(known.message)
    });
    known
        .flat_map(|known| row.losses.iter().filter(|loss| loss.setting == known.setting && loss.asked == known.asked))
        .next()
}

/// A finding, and the loss that it follows from.
struct Declared {
    format: &'static str,
    code: &'static Code,
    /// What is in the message.
    message: &'static str,
    setting: &'static str,
    asked: &'static str,
}

const fn oauth2(code: &'static Code, message: &'static str, setting: &'static str) -> Declared {
    Declared { format: "thunderbird-autoconfig", code, message, setting, asked: "OAuth2" }
}

const fn no_login(code: &'static Code, message: &'static str, setting: &'static str) -> Declared {
    Declared { format: "thunderbird-autoconfig", code, message, setting, asked: "none" }
}

const DECLARED: &[Declared] = &[
    no_login(codes::FAILS_ELSEWHERE, "refuse the whole file: no username", "incoming[0].authentication"),
    no_login(codes::FAILS_ELSEWHERE, "refuse the whole file: no username", "outgoing[0].authentication"),
    no_login(codes::INCOMPLETE, "the outgoing server has no login", "outgoing[0].authentication"),
    oauth2(codes::NO_SERVER, "no incomingServer that Thunderbird can use", "incoming.authentication"),
    oauth2(codes::NO_SERVER, "no outgoingServer that Thunderbird can use", "outgoing.authentication"),
    oauth2(
        codes::SERVER_SKIPPED,
        "incomingServer over: no authentication that Thunderbird can use",
        "incoming.authentication",
    ),
    oauth2(
        codes::SERVER_SKIPPED,
        "outgoingServer over: no authentication that Thunderbird can use",
        "outgoing.authentication",
    ),
];
