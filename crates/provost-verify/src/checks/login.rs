//! Does the server accept the login name and the password?

use crate::attempt::{Attempt, Problem, Verdict};
use crate::clients::{self, LoginError, credentials};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let (login, password) = match credentials(attempt) {
        Ok(credentials) => credentials,
        Err(error) => return error.verdict(),
    };
    match clients::log_in(attempt, password).await {
        Ok(()) => Verdict::passed(match attempt.said.login.as_ref().filter(|said| said.as_str() != login) {
            Some(said) => format!("logged in as {login}, which the client tries after {said}"),
            None => format!("logged in as {login}"),
        }),
        Err(LoginError::Refused(text)) => {
            let problem = Problem::new(format!("{login} is refused: {text}"));
            let address = attempt.account.address.as_str();
            Verdict::Failed(if !attempt.left_open.logins.is_empty() {
                let others: Vec<&str> = attempt.left_open.logins.iter().map(|login| login.as_str()).collect();
                problem.because(format!(
                    "the password is wrong, or the server wants another name than those that the client tries: {login}, {}",
                    others.join(", ")
                ))
            } else if login == address {
                problem
                    .because("the password is wrong, or the server wants another form of the name")
                    .mended_by("try the part before the @ as the user name; see `username` in the settings")
            } else {
                problem
                    .because(format!("the password is wrong, or the server wants the full address {address} as name"))
                    .mended_by("try `username: \"%EMAILADDRESS%\"` in the settings")
            })
        }
        Err(other) => other.verdict(),
    }
}
