//! What has passed on a given day: a profile's expiration and removal dates, the validity of its certificates. The
//! caller gives the day: there is no clock here.

use cms::cert::x509::Certificate as X509;
use der::Decode;
use provost_account::{Certificate, Finding, Findings, ProfileDate, codes::fleet as codes};
use time::OffsetDateTime;

use crate::understood::Understood;

/// The findings of an account on a day.
#[must_use]
pub fn dates(understood: &Understood, today: ProfileDate) -> Vec<Finding> {
    let mut findings = Findings::default();
    let account = &understood.account;
    let (expiration, removal) = (account.apple.expiration_date, account.apple.removal_date);
    for (key, day, what) in [
        ("PayloadExpirationDate", expiration, "the profile is expired when it is installed"),
        ("RemovalDate", removal, "the device removes the profile immediately"),
    ] {
        if let Some(day) = day.filter(|day| *day <= today) {
            let message = format!("{key} is {day}, which has passed: {what}");
            findings.add(codes::DATE_OVER, None, message, "write a later date, or remove the key");
        }
    }
    if let (Some(expiration), Some(removal)) = (expiration, removal)
        && removal < expiration
    {
        let message = format!("RemovalDate is {removal}, before the expiration on {expiration}");
        let fix = "set the removal date after the expiration date";
        findings.add(codes::REMOVAL_BEFORE_EXPIRATION, None, message, fix);
    }
    for ended in account.trust.iter().filter_map(valid_until).filter(|day| *day < today) {
        let message = format!("a certificate in the file was valid until {ended}");
        findings.add(codes::CERTIFICATE_OVER, None, message, "replace it with its successor");
    }
    findings.finish()
}

/// The last day on which a certificate is valid. `None`: it cannot be read.
#[must_use]
pub fn valid_until(certificate: &Certificate) -> Option<ProfileDate> {
    let certificate = X509::from_der(certificate.der()).ok()?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    let end = OffsetDateTime::from_unix_timestamp(i64::try_from(end.as_secs()).ok()?).ok()?;
    Some(ProfileDate::from(end.date()))
}
