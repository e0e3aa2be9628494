//! Does INBOX open? IMAP uses EXAMINE, which changes nothing; POP3 has nothing to open but its one maildrop.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::clients::{imap, refused};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoFolders.into());
    }
    let mut session = imap::session(attempt).await?;
    let mailbox = session.select("INBOX").await.map_err(imap::cause(attempt, refused("SELECT")))?;
    imap::hand_on(attempt, session).await;
    Ok(Evidence::Messages(mailbox.exists))
}
