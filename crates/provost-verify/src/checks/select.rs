//! Does INBOX open? IMAP uses EXAMINE, which changes nothing; POP3 has nothing to open but its one maildrop.

use crate::attempt::{Attempt, Verdict};
use crate::clients::imap;
use provost_account::Protocol;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    if attempt.protocol != Protocol::Imap {
        return Verdict::does_not_apply("POP3 has no folders");
    }
    let mut session = match imap::session(attempt).await {
        Ok(session) => session,
        Err(error) => return error.verdict(),
    };
    match session.select("INBOX").await {
        Ok(mailbox) => {
            imap::leave(session).await;
            Verdict::passed(format!("{} messages", mailbox.exists))
        }
        Err(error) => Verdict::Failed(imap::problem(attempt, "SELECT is refused", &error)),
    }
}
