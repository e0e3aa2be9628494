//! Server names without a final dot, which are relative to the origin: which of them are intended, and which are full
//! names whose final dot was forgotten. Nothing changes because of it: a name is what RFC 1035 says.

use std::collections::BTreeSet;

use provost_account::{Findings, Place, codes::profile as codes};

use super::{Data, Origin, Record, SaidBy};

/// A target of an SRV or CNAME record without a final dot.
pub(super) struct Relative {
    /// As it is written, in lower case.
    written: String,
    origin: Origin,
    place: Place,
    points: Points,
}

#[derive(Debug, Clone, Copy)]
enum Points {
    /// To a server, which has an address.
    ToServer,
    /// To another name, whatever records it has.
    ToName,
}

impl Relative {
    /// The target of a record, if it is relative. `@` is meant so, and cannot be a whole name.
    pub(super) fn of(kind: &str, words: &[&str], origin: &Origin, place: Place) -> Option<Self> {
        let (target, points) = match kind.to_ascii_uppercase().as_str() {
            "SRV" => (words.get(3)?, Points::ToServer),
            "CNAME" => (words.first()?, Points::ToName),
            _ => return None,
        };
        let relative = !target.ends_with('.') && *target != "@" && origin.name.as_deref() != Some("");
        relative.then(|| Self { written: target.to_lowercase(), origin: origin.clone(), place, points })
    }
}

/// Complains of the targets that look forgotten. A fix always names a whole name, so that whoever follows it points to
/// the server and not to a top-level domain. In a whole zone, whatever lies in it has its address there.
pub(super) fn judge(targets: &[Relative], records: &[Record], is_whole: bool, findings: &mut Findings) {
    let has_address = |record: &&Record| matches!(record.data, Data::Address | Data::Alias(_));
    let servers: BTreeSet<&str> = records.iter().filter(has_address).map(|record| record.name.as_str()).collect();
    let names: BTreeSet<&str> = records.iter().map(|record| record.name.as_str()).collect();
    // Then the reader says so itself, once.
    let nobody_says_whose = records.iter().any(|record| record.name.starts_with('_') && record.name.ends_with("._tcp"));
    for Relative { written, origin, place, points } in targets {
        let Some(within) = origin.name.as_deref() else {
            if nobody_says_whose {
                continue;
            }
            let message = format!("the target {written} has no final dot, and the zone is unknown");
            let fix = "write the server's full name with a final dot";
            findings.add(codes::DNS_RELATIVE_NAME, Some(*place), message, fix);
            continue;
        };
        let whole = format!("{written}.{within}");
        let is_known = match points {
            Points::ToServer => covers(&servers, &whole),
            Points::ToName => covers(&names, &whole),
        };
        if is_known {
            continue;
        }
        let labels = written.split('.').count();
        let message = format!("the target {written} has no final dot, so it means {whole}");
        let repeats = written == within || written.ends_with(&format!(".{within}"));
        let (message, fix) = if repeats {
            (message, format!("write {written}."))
        } else if labels > 1 {
            (message, format!("write {written}. if that is the server's full name, {whole}. if it is in the zone"))
        } else if is_whole {
            let message = format!("the target {written} means {whole}, for which the zone has no address");
            (message, format!("add an address for {whole}., or write another server's full name with a final dot"))
        } else if origin.said_by == SaidBy::File {
            continue;
        } else {
            (message, format!("write {whole}."))
        };
        findings.add(codes::DNS_RELATIVE_NAME, Some(*place), message, fix);
    }
}

/// Whether a name is among these, or below one of their wildcards (RFC 4592).
fn covers(known: &BTreeSet<&str>, name: &str) -> bool {
    let parents = name.match_indices('.').map(|(at, _)| format!("*{}", &name[at..]));
    known.contains(name) || parents.into_iter().any(|wildcard| known.contains(wildcard.as_str()))
}
