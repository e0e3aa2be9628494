//! Does the server refuse another password? Otherwise the login before proved nothing. Only an answer counts: a closed
//! connection is no refusal.

use crate::attempt::{Attempt, Problem, Verdict};
use crate::clients::{self, LoginError, credentials};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let password = match credentials(attempt) {
        Ok((_, password)) => password,
        Err(error) => return error.verdict(),
    };
    match clients::log_in(attempt, &format!("{password}-wrong")).await {
        Err(LoginError::Refused(text)) => Verdict::passed(format!("refused: {text}")),
        Ok(()) => Verdict::Failed(
            Problem::new("a wrong password is accepted")
                .because("the server does not check passwords, so anyone can read this mail")
                .mended_by("find out why before anything else"),
        ),
        Err(other) => other.verdict(),
    }
}
