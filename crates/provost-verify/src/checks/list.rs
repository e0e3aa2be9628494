//! Does the list of folders contain INBOX? IMAP only.

use futures::TryStreamExt as _;

use crate::attempt::{Attempt, Problem, Verdict};
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
    let found: Result<Vec<_>, _> = match session.list(Some(""), Some("*")).await {
        Ok(names) => names.try_collect().await,
        Err(error) => Err(error),
    };
    let names = match found {
        Ok(names) => names,
        Err(error) => return Verdict::Failed(imap::problem(attempt, "LIST is refused", &error)),
    };
    imap::leave(session).await;
    let names: Vec<&str> = names.iter().map(async_imap::types::Name::name).collect();
    match names.iter().any(|name| name.eq_ignore_ascii_case("INBOX")) {
        true => Verdict::passed(format!("{} folders", names.len())),
        false => Verdict::Failed(Problem::new(format!("no INBOX among {}", attempt.said(&names.join(", "))))),
    }
}
