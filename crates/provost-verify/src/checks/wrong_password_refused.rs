//! Does the server refuse another password? Otherwise the login before proved nothing. Only an answer counts: a closed
//! connection is no refusal.

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::clients::{self, LoginError, credentials};
use crate::report::{Evidence, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let password = match credentials(attempt) {
        Ok((_, password)) => password,
        Err(error) => return error.verdict(),
    };
    match clients::log_in(attempt, &format!("{password}-wrong")).await {
        Err(LoginError::Refused(said)) => Verdict::Passed(Evidence::WrongPasswordRefused(said)),
        Ok(()) => Verdict::Failed(Cause::WrongPasswordAccepted),
        Err(other) => other.verdict(),
    }
}
