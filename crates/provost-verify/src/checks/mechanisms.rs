//! Is the account's way to log in offered, behind TLS?

use provost_account::Authentication;

use crate::attempt::{Attempt, Problem, Protocol, Verdict};
use crate::clients;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let wanted = attempt.server.endpoint.authentication;
    if wanted == Authentication::None {
        return Verdict::does_not_apply("the account logs in nowhere");
    }
    let offered = match clients::offers(attempt).await {
        Ok(offered) => offered,
        Err(problem) => return Verdict::Failed(problem),
    };
    let offers = |what: &str| offered.iter().any(|it| it == what);
    let found: Vec<&str> = offered.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
    let by_command = wanted == Authentication::PasswordCleartext
        && match attempt.protocol {
            Protocol::Imap => !offers("LOGINDISABLED"),
            Protocol::Pop3 => offers("USER"),
            Protocol::Submission => false,
        };
    if by_command || clients::mechanisms(wanted).iter().any(|mechanism| found.contains(mechanism)) {
        return Verdict::passed(match found.is_empty() {
            true => "a command for names and passwords".to_owned(),
            false => attempt.said(&found.join(" ")),
        });
    }
    let found = if found.is_empty() { "nothing".to_owned() } else { attempt.said(&found.join(" ")) };
    Verdict::Failed(
        Problem::new(format!("offered is {found}"))
            .because(format!("the account logs in with {}, the server has another way", wanted.name()))
            .mended_by("put the way that the server offers into the settings' `authentication`"),
    )
}
