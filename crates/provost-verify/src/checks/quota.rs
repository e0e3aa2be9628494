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
    let quotas = told.await?;
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
