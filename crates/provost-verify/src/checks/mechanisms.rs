//! Does the server offer the account's login mechanism inside TLS?

use provost_account::Authentication;

use crate::attempt::{Attempt, Problem, Verdict, WANTS_A_CERTIFICATE};
use crate::clients;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let wanted = attempt.server.endpoint.authentication;
    if wanted == Authentication::None {
        return Verdict::does_not_apply("the account logs in nowhere");
    }
    let shows_certificate = wanted == Authentication::ClientCertificate;
    let offered = match clients::offers(attempt).await {
        Ok(offered) => offered,
        Err(problem) if shows_certificate && problem.found == WANTS_A_CERTIFICATE => {
            return Verdict::not_tried(clients::CLIENT_CERTIFICATE);
        }
        Err(problem) => return Verdict::Failed(problem),
    };
    // EXTERNAL is offered to a client that has shown its certificate. Servers that settings describe have no other way then.
    if shows_certificate && (offered.iter().all(|it| !it.starts_with("AUTH=")) || attempt.network.is_live()) {
        return Verdict::not_tried(clients::CLIENT_CERTIFICATE);
    }
    let found: Vec<&str> = offered.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
    let by_command = clients::by_command(attempt.protocol, wanted, &offered);
    if by_command || clients::mechanisms(wanted).iter().any(|mechanism| found.contains(mechanism)) {
        return Verdict::passed(match found.is_empty() {
            true => "a command for names and passwords".to_owned(),
            false => attempt.said(&found.join(" ")),
        });
    }
    if attempt.left_open.authentication {
        // The file says no way that could be wrong.
        return Verdict::not_tried(format!(
            "the file leaves the way to log in to the client, and the server offers none that is tried here: {}",
            if found.is_empty() { "nothing".to_owned() } else { attempt.said(&found.join(" ")) }
        ));
    }
    let found = if found.is_empty() { "nothing".to_owned() } else { attempt.said(&found.join(" ")) };
    Verdict::Failed(
        Problem::new(format!("offered is {found}"))
            .because(format!("the account logs in with {}, the server has another way", wanted.name()))
            .mended_by("put the way that the server offers into the settings' `authentication`"),
    )
}
