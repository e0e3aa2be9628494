//! May mail be sent from each of the account's aliases? MAIL and RCPT say so, RSET takes them back: no message is sent. Some
//! servers, Postfix for one, refuse a sender only at RCPT.

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, Refusal};
use crate::clients::{self, smtp};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let account = &attempt.subject.account;
    if account.aliases.is_empty() {
        return Err(Reason::NoAlias.into());
    }
    let mut session: smtp::LoggedIn = clients::session(attempt).await?;
    let own = account.address.as_str();
    if session.refuses(attempt, own, own).await?.is_some() {
        return Err(Reason::OwnAddressRefused.into());
    }
    for alias in &account.aliases {
        if let Some(reply) = session.refuses(attempt, alias.as_str(), own).await? {
            let said = attempt.said(&reply.text());
            return Err(Stop::Judged(match reply.code {
                Some(400..500) => Cause::Deferred { what: Refusal::Sender, said },
                Some(_) | None => Cause::AliasRefused { alias: alias.clone(), said },
            }));
        }
    }
    clients::hand_on(attempt, session).await;
    Ok(Evidence::Senders(account.aliases.len()))
}
