//! Does `UID SEARCH SINCE` find exactly the messages of the account's window? Which those are is computed from the
//! messages' own dates, never from the search.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use provost_account::{Protocol, SyncWindow};
use time::{Date, OffsetDateTime};

use crate::attempt::{Attempt, Problem, Verdict};
use crate::clients::imap;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let days = match (attempt.protocol, attempt.account.sync) {
        (Protocol::Imap, SyncWindow::Days(days)) => days.get(),
        (Protocol::Imap, SyncWindow::Unlimited) => return Verdict::does_not_apply("the account keeps mail of any age"),
        (Protocol::Pop3 | Protocol::Submission, _) => return Verdict::does_not_apply("POP3 has no search"),
    };
    let since = (OffsetDateTime::from(attempt.now) - time::Duration::days(days.into())).date();
    let mut session = match imap::session(attempt).await {
        Ok(session) => session,
        Err(error) => return error.verdict(),
    };
    let (dates, found) = match look(&mut session, since).await {
        Ok(both) => both,
        Err(error) => return Verdict::Failed(imap::problem(attempt, "the search is refused", &error)),
    };
    imap::leave(session).await;
    let inside = dates.values().filter(|date| **date >= since).count();
    let outside = dates.len() - inside;
    let missing: Vec<u32> =
        dates.iter().filter(|(uid, date)| **date >= since && !found.contains(uid)).map(uid).collect();
    let surplus: Vec<u32> = dates.iter().filter(|(uid, date)| **date < since && found.contains(uid)).map(uid).collect();
    if !missing.is_empty() || !surplus.is_empty() {
        return Verdict::Failed(
            Problem::new(format!(
                "of {inside} messages since {since} it misses {}, of {outside} older ones it finds {}",
                missing.len(),
                surplus.len(),
            ))
            .because("the server searches by other dates than it announces, or ignores SINCE"),
        );
    }
    match outside {
        0 => {
            Verdict::does_not_apply(format!("all {inside} messages are of the last {days} days: nothing to leave out"))
        }
        _ => Verdict::passed(format!("{inside} messages since {since}, and none of {outside} older ones")),
    }
}

/// The day of every message, and the messages that the search finds. Messages that arrive in between are in the second
/// set only, so that set is only asked about the first one's.
async fn look(
    session: &mut imap::LoggedIn,
    since: Date,
) -> Result<(BTreeMap<u32, Date>, std::collections::HashSet<u32>), async_imap::error::Error> {
    let mailbox = session.examine("INBOX").await?;
    let mut dates = BTreeMap::new();
    if mailbox.exists > 0 {
        let mut messages = std::pin::pin!(session.uid_fetch("1:*", "(UID INTERNALDATE)").await?);
        while let Some(message) = messages.try_next().await? {
            // RFC 3501 §6.4.4: SINCE compares "disregarding time and timezone", so the day is that of the date's own zone.
            let date = message.internal_date().and_then(|date| {
                OffsetDateTime::from_unix_timestamp(date.timestamp() + i64::from(date.offset().local_minus_utc())).ok()
            });
            if let Some((uid, date)) = message.uid.zip(date) {
                dates.insert(uid, date.date());
            }
        }
    }
    let found = session.uid_search(format!("SINCE {}", imap_date(since))).await?;
    Ok((dates, found))
}

/// ```abnf
/// date-text = 1*2DIGIT "-" date-month "-" 4DIGIT      ; RFC 3501 §9
/// ```
fn imap_date(date: Date) -> String {
    let month = date.month().to_string();
    format!("{}-{}-{:04}", date.day(), &month[..3], date.year())
}

fn uid((uid, _): (&u32, &Date)) -> u32 {
    *uid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_imap_has_them() {
        let date = Date::from_calendar_date(2026, time::Month::September, 4).expect("a date");
        assert_eq!(imap_date(date), "4-Sep-2026");
    }
}
