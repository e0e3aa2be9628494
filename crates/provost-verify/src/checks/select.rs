//! Does INBOX open? IMAP uses EXAMINE, which changes nothing; POP3 has nothing to open but its one maildrop.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::Refusal;
use crate::clients::imap;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoFolders.into());
    }
    let messages = imap::ask(attempt, Refusal::Select, async |session| imap::select_inbox(session).await).await?;
    Ok(Evidence::Messages(messages))
}
