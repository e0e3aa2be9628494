//! Does the server accept the login name and the password?

use crate::attempt::Attempt;
use crate::cause::{Cause, LoginForm};
use crate::clients::{self, LoginError, credentials};
use crate::report::{Evidence, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let (login, password) = match credentials(attempt) {
        Ok(credentials) => credentials,
        Err(error) => return error.verdict(),
    };
    match clients::log_in(attempt, password).await {
        Ok(()) => {
            let after = attempt.said.login.clone().filter(|said| said != login);
            Verdict::Passed(Evidence::LoggedIn { login: login.clone(), after })
        }
        Err(LoginError::Refused(said)) => {
            let address = &attempt.account.address;
            let form = if !attempt.left_open.logins.is_empty() {
                LoginForm::All { besides: attempt.left_open.logins.clone() }
            } else if login.as_str() == address.as_str() {
                LoginForm::Address
            } else {
                LoginForm::Other { address: address.clone() }
            };
            Verdict::Failed(Cause::LoginFormRefused { login: login.clone(), form, said })
        }
        Err(other) => other.verdict(),
    }
}
