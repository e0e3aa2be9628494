//! Does the list of folders contain INBOX? IMAP only.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::imap;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoFolders.into());
    }
    let names = imap::ask(attempt, Refusal::List, async |session| imap::folders(session).await).await?;
    match names.iter().any(|name| name.eq_ignore_ascii_case("INBOX")) {
        true => Ok(Evidence::Folders(names.len())),
        false => Err(Cause::NoInbox { folders: attempt.said(&names.join(", ")) }.into()),
    }
}
