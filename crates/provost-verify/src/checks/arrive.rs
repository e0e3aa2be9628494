//! Is the submitted message in INBOX? The check polls until the timeout is nearly over, then looks once among what is taken
//! for spam, and removes the message where it is found.

use std::time::Duration;

use async_imap::error::Error;
use futures::TryStreamExt as _;
use provost_account::Protocol;
use tokio::time::Instant;

use super::submit::message_id;
use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::{self, imap, pop3};
use crate::facts::Removed;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let id = message_id(attempt);
    let attempt = &attempt.beside();
    let limit = attempt.options.step_timeout * 4 / FIFTHS;
    let end = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        let found = match attempt.protocol {
            Protocol::Imap => in_inbox(attempt, &id).await?,
            Protocol::Pop3 => in_maildrop(attempt, &id).await?,
            Protocol::Submission => return Err(Reason::NothingToReceive.into()),
        };
        if let Some(evidence) = found {
            return Ok(evidence);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let elsewhere = match attempt.protocol {
                Protocol::Imap => in_junk(attempt, &id).await?,
                // POP3 has no other folder.
                Protocol::Pop3 | Protocol::Submission => None,
            };
            return Err(Stop::Judged(elsewhere.unwrap_or(Cause::NotArrived { within: limit })));
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn in_inbox(attempt: &Attempt<'_>, id: &str) -> Result<Option<Evidence>, Stop> {
    let found = imap::ask(attempt, Refusal::Select, async |session| removed(session, "INBOX", id).await).await?;
    Ok(found.map(|removed| match removed {
        Removed::Gone => Evidence::Arrived,
        Removed::Marked => Evidence::ArrivedAndMarked,
    }))
}

/// Where the message is instead, if it is in the folder for what is taken for spam.
async fn in_junk(attempt: &Attempt<'_>, id: &str) -> Result<Option<Cause>, Stop> {
    let found = imap::ask(attempt, Refusal::List, async |session| {
        let Some(folder) = imap::junk(session).await? else { return Ok(None) };
        if imap::refuses_to_open(session, &folder).await?.is_some() {
            return Ok(None);
        }
        Ok(removed(session, &folder, id).await?.map(|removed| (folder, removed)))
    });
    Ok(found.await?.map(|(folder, removed)| Cause::ArrivedInJunk { folder: attempt.said(&folder), removed }))
}

/// Removes the message from a folder, if it is there.
async fn removed(session: &mut imap::LoggedIn, folder: &str, id: &str) -> Result<Option<Removed>, Error> {
    session.imap.select(folder).await?;
    let found = session.imap.uid_search(format!("HEADER Message-ID \"<{id}>\"")).await?;
    let can_expunge = session.can("UIDPLUS").await?;
    for uid in &found {
        let uid = uid.to_string();
        session.imap.uid_store(&uid, "+FLAGS.SILENT (\\Deleted)").await?.try_collect::<Vec<_>>().await?;
        // Without UIDPLUS (RFC 4315) an EXPUNGE would remove whatever else its owner has marked.
        if can_expunge {
            session.imap.uid_expunge(&uid).await?.try_collect::<Vec<_>>().await?;
        }
    }
    let removed = if can_expunge { Removed::Gone } else { Removed::Marked };
    Ok((!found.is_empty()).then_some(removed))
}

async fn in_maildrop(attempt: &Attempt<'_>, id: &str) -> Result<Option<Evidence>, Stop> {
    let mut session: pop3::LoggedIn = clients::session(attempt).await?;
    let status = session.command(attempt, "STAT").await?;
    let count: u32 = status.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
    let headers = if session.offers("TOP") { "TOP" } else { "RETR" };
    let mut found = None;
    for number in (1..=count).rev().take(NEWEST_MAX) {
        let zero = if headers == "TOP" { " 0" } else { "" };
        let lines = session.lines(attempt, &format!("{headers} {number}{zero}")).await?;
        if lines.iter().any(|line| String::from_utf8_lossy(line).contains(id)) {
            session.command(attempt, &format!("DELE {number}")).await?;
            found = Some(Evidence::Arrived);
            break;
        }
    }
    session.command(attempt, "QUIT").await?;
    Ok(found)
}

/// Of the time that a step may take: one is left for the last look. In whole numbers, which read well.
const FIFTHS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How far back in a maildrop a new message can be.
const NEWEST_MAX: usize = 20;
