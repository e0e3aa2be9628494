//! Findings that `generate` already declared as losses in the manifest: not reported again, as long as the file is byte
//! for byte the one that was written. It knows no format; the table says which finding belongs to which loss.

use provost_account::{Finding, Lack};

use provost_generate::manifest::{Entry, Loss};

/// The loss that explains a finding.
pub(crate) fn loss_behind<'a>(entry: &'a Entry, finding: &Finding) -> Option<&'a Loss> {
    let known = |(format, lack, ..): &&Declared| *format == entry.format && Some(*lack) == finding.lack;
    DECLARED.iter().filter(known).find_map(|(.., setting, asked)| {
        entry.losses.iter().find(|loss| loss.setting == *setting && loss.asked == *asked)
    })
}

/// A format, what its file lacks, and the setting and the value of the loss that explains it.
type Declared = (&'static str, Lack, &'static str, &'static str);

const DECLARED: &[Declared] = &[
    (AUTOCONFIG, Lack::Username, "incoming[0].authentication", "none"),
    (AUTOCONFIG, Lack::Username, "outgoing[0].authentication", "none"),
    (AUTOCONFIG, Lack::OutgoingLogin, "outgoing[0].authentication", "none"),
    (AUTOCONFIG, Lack::IncomingServer, "incoming.authentication", "OAuth2"),
    (AUTOCONFIG, Lack::OutgoingServer, "outgoing.authentication", "OAuth2"),
    (AUTOCONFIG, Lack::IncomingAuthentication, "incoming.authentication", "OAuth2"),
    (AUTOCONFIG, Lack::OutgoingAuthentication, "outgoing.authentication", "OAuth2"),
];

const AUTOCONFIG: &str = "thunderbird-autoconfig";
