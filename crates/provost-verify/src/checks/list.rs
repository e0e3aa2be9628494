//! Does the list of folders contain INBOX? IMAP only.

use futures::TryStreamExt as _;

use crate::attempt::Attempt;
use crate::cause::Cause;
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
    let found: Result<Vec<_>, _> = match session.list(Some(""), Some("*")).await {
        Ok(names) => names.try_collect().await,
        Err(error) => Err(error),
    };
    let names = match found {
        Ok(names) => names,
        Err(error) => return Verdict::Failed(imap::cause(attempt, refused("LIST"), &error)),
    };
    imap::leave(session).await;
    let names: Vec<&str> = names.iter().map(async_imap::types::Name::name).collect();
    match names.iter().any(|name| name.eq_ignore_ascii_case("INBOX")) {
        true => Verdict::Passed(Evidence::Folders(names.len())),
        false => Verdict::Failed(Cause::NoInbox { folders: attempt.said(&names.join(", ")) }),
    }
}
