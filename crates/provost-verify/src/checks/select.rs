//! Does INBOX open? IMAP uses EXAMINE, which changes nothing; POP3 has nothing to open but its one maildrop.

use crate::attempt::Attempt;
use crate::clients::{imap, refused};
use crate::report::{Evidence, Reason, Verdict};
use provost_account::Protocol;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    if attempt.protocol != Protocol::Imap {
        return Verdict::DoesNotApply(Reason::NoFolders);
    }
    let mut session = match imap::session(attempt).await {
        Ok(session) => session,
        Err(error) => return error.verdict(),
    };
    match session.select("INBOX").await {
        Ok(mailbox) => {
            imap::leave(session).await;
            Verdict::Passed(Evidence::Messages(mailbox.exists))
        }
        Err(error) => Verdict::Failed(imap::cause(attempt, refused("SELECT"), &error)),
    }
}
