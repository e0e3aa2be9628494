//! Has the mailbox room left, as far as the server says (RFC 9208, before it RFC 2087)? A full one explains why the test
//! message does not arrive. IMAP only.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::imap;
use crate::facts::Quota;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoQuota.into());
    }
    let command = Refusal::Command("GETQUOTAROOT".to_owned());
    let told = imap::ask(attempt, command, async |session| match session.can("QUOTA").await? {
        true => imap::quotas(session).await,
        false => Ok(Vec::new()),
    });
    judged(told.await?)
}

/// The fullest counts: one limit that is reached is enough for mail to be sent back.
fn judged(quotas: Vec<Quota>) -> Result<Evidence, Stop> {
    let fullest = quotas.iter().copied().max_by_key(|quota| quota.per_mille());
    match fullest.ok_or(Reason::NoQuota)? {
        quota if quota.used >= quota.limit => Err(Stop::Judged(Cause::QuotaReached { quota })),
        quota if quota.per_mille() >= NEARLY_FULL => Err(Stop::Judged(Cause::QuotaNearlyReached { quota })),
        Quota { .. } => Ok(Evidence::Quotas(quotas)),
    }
}

/// Of a thousand parts: where a provider's last warning comes (`quota_warning` in Dovecot 2.3.19.1's 90-quota.conf: 80 %,
/// then 95 %).
const NEARLY_FULL: u128 = 950;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Counted;
    use crate::report::Verdict;

    #[track_caller]
    fn check(told: &[(u64, u64)], expected: &str) {
        let quota = |(used, limit): &(u64, u64)| Quota { counts: Counted::Kibibytes, used: *used, limit: *limit };
        let verdict = judged(told.iter().map(quota).collect()).map_or_else(Verdict::from, Verdict::Passed);
        let name = match &verdict {
            Verdict::Failed(cause) => cause.name(),
            Verdict::Passed(_) => "passed",
            Verdict::DoesNotApply(_) | Verdict::NotTried(_) | Verdict::NotReached(_) => "not told",
        };
        assert_eq!(name, expected, "{told:?}");
    }

    #[test]
    fn the_fullest_limit_counts() {
        check(&[], "not told");
        check(&[(0, 1)], "passed");
        check(&[(949, 1000)], "passed");
        check(&[(950, 1000)], "mailbox-nearly-full");
        check(&[(999, 1000), (1, 10)], "mailbox-nearly-full");
        check(&[(1, 10), (1000, 1000)], "mailbox-full");
        // A limit that was lowered later.
        check(&[(u64::MAX, 1)], "mailbox-full");
    }
}
