//! Does `UID SEARCH SINCE` find exactly the messages of the account's window? Which those are is computed from the
//! messages' own dates, never from the search.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use provost_account::{Protocol, SyncWindow};
use time::{Date, OffsetDateTime};

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::{Stream, imap};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let days = match (attempt.protocol, attempt.subject.account.sync) {
        (Protocol::Imap, SyncWindow::Days(days)) => days.get(),
        (Protocol::Imap, SyncWindow::Unlimited) => return Err(Reason::NoWindow.into()),
        (Protocol::Pop3 | Protocol::Submission, _) => return Err(Reason::NoSearch.into()),
    };
    let since = (OffsetDateTime::from(attempt.options.now) - time::Duration::days(days.into())).date();
    let (dates, found) =
        imap::ask(attempt, Refusal::Search, async |session| look(&mut session.imap, since).await).await?;
    let inside = dates.values().filter(|date| **date >= since).count();
    let outside = dates.len() - inside;
    let missed = dates.iter().filter(|(uid, date)| **date >= since && !found.contains(*uid)).count();
    let surplus = dates.iter().filter(|(uid, date)| **date < since && found.contains(*uid)).count();
    if missed > 0 || surplus > 0 {
        return Err(Cause::SearchDiffers { since, inside, missed, outside, surplus }.into());
    }
    match outside {
        0 => Err(Reason::AllInside { inside, days }.into()),
        _ => Ok(Evidence::Window { inside, since, outside }),
    }
}

/// The day of every message, and the messages that the search finds. Messages that arrive in between are in the second
/// set only, so that set is only asked about the first one's.
async fn look(
    session: &mut async_imap::Session<Stream>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_imap_has_them() {
        let date = Date::from_calendar_date(2026, time::Month::September, 4).expect("a date");
        assert_eq!(imap_date(date), "4-Sep-2026");
    }
}
