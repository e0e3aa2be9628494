//! Does a message have the size that the server announced, and do its two parts make the whole? The check takes the
//! oldest message, because that one stays while others come and go.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::{self, imap, pop3};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let found = match attempt.protocol {
        Protocol::Imap => over_imap(attempt).await?,
        Protocol::Pop3 => over_pop3(attempt).await?,
        Protocol::Submission => return Err(Reason::NothingToReceive.into()),
    };
    let Copies { announced, whole, parts } = found.ok_or(Reason::NoMessage)?;
    let octets = whole.len();
    if let Some(announced) = announced.filter(|announced| *announced != octets) {
        return Err(Cause::SizeDiffers { octets, announced }.into());
    }
    match parts {
        Some(parts) if parts != whole => Err(Cause::PartsDiffer { octets }.into()),
        Some(_) | None => Ok(Evidence::Octets(octets)),
    }
}

/// One message, as the server gives it in several ways.
struct Copies {
    announced: Option<usize>,
    whole: Vec<u8>,
    parts: Option<Vec<u8>>,
}

async fn over_imap(attempt: &Attempt<'_>) -> Result<Option<Copies>, Stop> {
    let copies = imap::ask(attempt, Refusal::Fetch, async |session| {
        if session.imap.examine("INBOX").await?.exists == 0 {
            return Ok(None);
        }
        let whole = imap::fetch_first(session, "(RFC822.SIZE BODY.PEEK[])").await?;
        let parts = imap::fetch_first(session, "(BODY.PEEK[HEADER] BODY.PEEK[TEXT])").await?;
        let announced = whole.octets.and_then(|octets| usize::try_from(octets).ok());
        let parts = parts.header.zip(parts.text).map(|(header, text)| [header, text].concat());
        Ok(Some(Copies { announced, whole: whole.whole, parts }))
    });
    copies.await
}

async fn over_pop3(attempt: &Attempt<'_>) -> Result<Option<Copies>, Stop> {
    let mut session: pop3::LoggedIn = clients::session(attempt).await?;
    // RFC 2449 §6.7: "the server MAY assume an implicit DELE for each message which was downloaded with RETR".
    if session.offers("EXPIRE=0") {
        return Err(Reason::ReadIsDeleted.into());
    }
    let status = session.command(attempt, "STAT").await?;
    if status.starts_with("0 ") {
        return Ok(None);
    }
    let listed = session.command(attempt, "LIST 1").await?;
    let announced = listed.split(' ').nth(1).and_then(|octets| octets.parse().ok());
    let whole = session.lines(attempt, "RETR 1").await?;
    let parts = match session.offers("TOP") {
        true => Some(joined(&session.lines(attempt, &format!("TOP 1 {}", whole.len())).await?)),
        false => None,
    };
    session.command(attempt, "QUIT").await?;
    Ok(Some(Copies { announced, whole: joined(&whole), parts }))
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain(*b"\r\n")).collect()
}
