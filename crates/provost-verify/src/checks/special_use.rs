//! Do the folders open that the server names for sent mail, drafts, trash and junk (RFC 6154)? A client saves and moves
//! messages there without asking. A server that names none is nothing wrong: clients go by common names then. IMAP only.

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::imap;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    if attempt.protocol != Protocol::Imap {
        return Err(Reason::NoFolders.into());
    }
    let looked = imap::ask(attempt, Refusal::List, async |session| {
        if !session.can("SPECIAL-USE").await? {
            return Ok(None);
        }
        let folders = imap::special_folders(session).await?;
        for folder in &folders {
            if let Some(said) = imap::refuses_to_open(session, &folder.name).await? {
                return Ok(Some(Err((folder.clone(), said))));
            }
        }
        Ok(Some(Ok(folders)))
    });
    match looked.await? {
        None => Err(Reason::NoSpecialUse.into()),
        Some(Ok(folders)) => Ok(Evidence::SpecialUses(folders.iter().map(|it| it.special_use).collect())),
        Some(Err((folder, said))) => {
            let (name, said) = (attempt.said(&folder.name), attempt.said(&said));
            Err(Cause::SpecialFolderRefused { folder: name, special_use: folder.special_use, said }.into())
        }
    }
}
