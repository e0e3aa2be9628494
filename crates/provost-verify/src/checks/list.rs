//! Does the list of folders contain INBOX? IMAP only.

use async_imap::types::Name;
use futures::TryStreamExt as _;
use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients::imap;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoFolders.into());
    }
    let list = imap::ask(attempt, "LIST", async |session| {
        session.imap.list(Some(""), Some("*")).await?.try_collect::<Vec<Name>>().await
    });
    let names = list.await?;
    let names: Vec<&str> = names.iter().map(Name::name).collect();
    match names.iter().any(|name| name.eq_ignore_ascii_case("INBOX")) {
        true => Ok(Evidence::Folders(names.len())),
        false => Err(Cause::NoInbox { folders: attempt.said(&names.join(", ")) }.into()),
    }
}
