//! Does the server accept the login name and the password?

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, LoginForm};
use crate::clients::{self, credentials};
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let (login, password) = credentials(attempt)?;
    match clients::log_in(attempt, password).await {
        Ok(()) => {
            let after = attempt.said.login.clone().filter(|said| said != login);
            Ok(Evidence::LoggedIn { login: login.clone(), after })
        }
        Err(Stop::Refused(said)) => {
            let address = &attempt.subject.account.address;
            let form = if !attempt.subject.left_open.logins.is_empty() {
                LoginForm::All { besides: attempt.subject.left_open.logins.clone() }
            } else if login.as_str() == address.as_str() {
                LoginForm::Address
            } else {
                LoginForm::Other { address: address.clone() }
            };
            Err(Stop::Judged(Cause::LoginFormRefused { login: login.clone(), form, said }))
        }
        Err(other) => Err(other),
    }
}
