//! Where name and password are refused: does the other form of the name log in, the full address for the part before the @,
//! or the other way round? One more refused login, made for the sake of an answer instead of an "either, or".

use provost_account::{Login, Server};

use crate::attempt::{Attempt, Link, Stop};
use crate::cause::Cause;
use crate::clients::{self, credentials};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let (login, password) = credentials(attempt)?;
    // Words that are known at their provider's host mean more than a wrong name.
    let Some(Cause::LoginFormRefused { .. }) = attempt.explained else { return Err(Reason::NothingToExplain.into()) };
    let address = &attempt.subject.account.address;
    let other = if login.as_str() == address.as_str() { address.local_part() } else { address.as_str() };
    let Ok(other) = Login::try_from(other) else { return Err(Reason::NoOtherForm.into()) };
    if attempt.subject.left_open.logins.contains(&other) {
        return Err(Reason::NoOtherForm.into());
    }
    let server = Server { login: Some(other.clone()), ..attempt.server.clone() };
    let there = Attempt { server: &server, said: &server, link: Link::Own, ..*attempt };
    match clients::log_in(&there, password).await {
        Ok(()) => Err(Stop::Judged(Cause::WrongLoginForm { login: login.clone(), works: other })),
        Err(_) => Err(Reason::NoOtherForm.into()),
    }
}
