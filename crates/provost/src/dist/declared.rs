//! Findings that `generate` already declared as losses in the manifest: not reported again, as long as the file is byte
//! for byte the one that was written. It knows no format; the table says which finding belongs to which loss.

use provost_account::{Finding, Lack};

use super::manifest::{Entry, Loss};

/// The loss that explains a finding.
pub(crate) fn loss_behind<'a>(entry: &'a Entry, finding: &Finding) -> Option<&'a Loss> {
    let known = DECLARED.iter().filter(|known| known.format == entry.format && Some(known.lack) == finding.lack);
    let is = |known: &Declared, loss: &Loss| loss.setting == known.setting && loss.asked == known.asked;
    known.flat_map(|known| entry.losses.iter().filter(move |loss| is(known, loss))).next()
}

/// What a file lacks, and the loss from which that follows.
struct Declared {
    format: &'static str,
    lack: Lack,
    setting: &'static str,
    asked: &'static str,
}

const fn oauth2(lack: Lack, setting: &'static str) -> Declared {
    Declared { format: "thunderbird-autoconfig", lack, setting, asked: "OAuth2" }
}

const fn no_login(lack: Lack, setting: &'static str) -> Declared {
    Declared { format: "thunderbird-autoconfig", lack, setting, asked: "none" }
}

const DECLARED: &[Declared] = &[
    no_login(Lack::Username, "incoming[0].authentication"),
    no_login(Lack::Username, "outgoing[0].authentication"),
    no_login(Lack::OutgoingLogin, "outgoing[0].authentication"),
    oauth2(Lack::IncomingServer, "incoming.authentication"),
    oauth2(Lack::OutgoingServer, "outgoing.authentication"),
    oauth2(Lack::IncomingAuthentication, "incoming.authentication"),
    oauth2(Lack::OutgoingAuthentication, "outgoing.authentication"),
];
