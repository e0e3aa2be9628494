//! Does the server's certificate have some days left? Whoever renews it by a program renews it earlier than that.

use std::time::{Duration, SystemTime};

use provost_account::Security;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Time;

use crate::attempt::{Attempt, Link, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.server.endpoint.security == Security::Cleartext {
        return Err(Reason::NoTlsWanted.into());
    }
    // A resumed session shows no certificate.
    let der = clients::certificate_shown(&Attempt { link: Link::Own, ..*attempt }).await?;
    let Ok(certificate) = Certificate::from_der(&der) else { return Err(Reason::CertificateUnread.into()) };
    let validity = certificate.tbs_certificate().validity();
    let (from, until) = (at(&validity.not_before), at(&validity.not_after));
    let left = until.duration_since(attempt.options.now).unwrap_or(Duration::ZERO);
    let days = left.as_secs() / SECONDS_OF_A_DAY;
    match left < least(from, until) {
        true => {
            let days = i64::try_from(days).expect("a date in a certificate is before the year 10000");
            Err(Stop::Judged(Cause::CertificateEndsSoon { on: OffsetDateTime::from(until).date(), days }))
        }
        false => Ok(Evidence::DaysLeft(days)),
    }
}

fn at(time: &Time) -> SystemTime {
    SystemTime::UNIX_EPOCH + time.to_date_time().unix_duration()
}

/// With less than this left it should have been renewed: two weeks, or a third of its time if that is short, as ACME clients
/// do by default (certbot: 30 of 90 days; unverified here).
fn least(from: SystemTime, until: SystemTime) -> Duration {
    let whole = until.duration_since(from).unwrap_or(Duration::ZERO);
    (whole / 3).min(Duration::from_secs(14 * SECONDS_OF_A_DAY))
}

const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;
