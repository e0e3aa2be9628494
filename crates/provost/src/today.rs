//! The day on which the program runs, and what has passed by then: the program's only clock. The crates that judge files
//! have none.

use std::time::SystemTime;

use provost_account::{Finding, ProfileDate, Service};
use provost_device::Understood;
use time::OffsetDateTime;

/// What has passed of settings; `bytes` are what they were read from.
pub(crate) fn of_settings(bytes: &[u8], service: &Service) -> Vec<Finding> {
    let today = today();
    let mut findings = provost_settings::past_dates(bytes, service, today);
    let ended = service.trust.iter().filter_map(provost_device::valid_until).filter(|day| *day < today);
    findings.extend(ended.map(provost_settings::past_certificate));
    findings
}

/// Adds what has passed of an account, where its reader has not found it too.
pub(crate) fn add_of_account(findings: &mut Vec<Finding>, understood: &Understood) {
    for past in provost_device::dates(understood, today()) {
        findings.extend((!findings.contains(&past)).then_some(past));
    }
}

/// The second in which a signature is made.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from(SystemTime::now())
}

/// The day, in UTC.
pub(crate) fn today() -> ProfileDate {
    ProfileDate::from(now().date())
}
