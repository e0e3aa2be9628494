//! Answers of the domain name system, as reasons of this crate: what is forged is no answer.

use provost_network::{Absent, Answer, Dnssec};

use super::Nothing;
use crate::source::SourceKind;

/// The records, and which kind of source SRV records are that are signed as these are.
pub(super) fn records<T>(answer: Answer<T>) -> Result<(Vec<T>, SourceKind), Nothing> {
    match answer.records {
        Ok(records) => match answer.dnssec {
            Dnssec::Bogus => Err(Nothing::Bogus),
            Dnssec::Secure => Ok((records, SourceKind::SignedSrv)),
            Dnssec::Insecure | Dnssec::Unknown => Ok((records, SourceKind::Srv)),
        },
        Err(Absent::NoSuchName | Absent::NoData) => Err(Nothing::NotThere),
        Err(Absent::NotAsked) => Err(Nothing::Unasked { detail: "there is no name server".to_owned() }),
        Err(Absent::Failed(why)) => Err(Nothing::Unasked { detail: why.to_string() }),
    }
}
