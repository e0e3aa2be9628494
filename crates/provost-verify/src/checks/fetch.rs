//! Does a message have the size that the server announced, and do its two parts make the whole? The check takes the
//! oldest message, because that one stays while others come and go.

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::clients::{LoginError, imap, pop3, refused};
use crate::report::{Evidence, Reason, Verdict};
use provost_account::Protocol;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let found = match attempt.protocol {
        Protocol::Imap => over_imap(attempt).await,
        Protocol::Pop3 => over_pop3(attempt).await,
        Protocol::Submission => return Verdict::DoesNotApply(Reason::NothingToReceive),
    };
    let copies = match found {
        Ok(Some(copies)) => copies,
        Ok(None) => return Verdict::DoesNotApply(Reason::NoMessage),
        Err(error) => return error.verdict(),
    };
    let octets = copies.whole.len();
    if let Some(announced) = copies.announced.filter(|announced| *announced != octets) {
        return Verdict::Failed(Cause::SizeDiffers { octets, announced });
    }
    if copies.parts.as_ref().is_some_and(|parts| *parts != copies.whole) {
        return Verdict::Failed(Cause::PartsDiffer { octets });
    }
    Verdict::Passed(Evidence::Octets(octets))
}

/// One message, told in several ways.
struct Copies {
    announced: Option<usize>,
    whole: Vec<u8>,
    parts: Option<Vec<u8>>,
}

async fn over_imap(attempt: &Attempt<'_>) -> Result<Option<Copies>, LoginError> {
    let mut session = imap::session(attempt).await?;
    let copies = async {
        if session.examine("INBOX").await?.exists == 0 {
            return Ok(None);
        }
        let whole = imap::fetch_first(&mut session, "(RFC822.SIZE BODY.PEEK[])").await?;
        let parts = imap::fetch_first(&mut session, "(BODY.PEEK[HEADER] BODY.PEEK[TEXT])").await?;
        let announced = whole.octets.and_then(|octets| usize::try_from(octets).ok());
        let whole = whole.section(None).map_or_else(Vec::new, <[u8]>::to_vec);
        let (header, text) = (parts.section(Some("HEADER")), parts.section(Some("TEXT")));
        Ok(Some(Copies { announced, whole, parts: header.zip(text).map(|(header, text)| [header, text].concat()) }))
    };
    let copies = copies.await.map_err(|error| imap::cause(attempt, refused("FETCH"), &error))?;
    imap::leave(session).await;
    Ok(copies)
}

async fn over_pop3(attempt: &Attempt<'_>) -> Result<Option<Copies>, LoginError> {
    let mut session = pop3::session(attempt).await?;
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
