//! Does the server offer the account's login mechanism inside TLS?

use provost_account::Authentication;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let wanted = attempt.server.endpoint.authentication;
    if wanted == Authentication::None {
        return Err(Reason::LogsInNowhere.into());
    }
    let shows_certificate = wanted == Authentication::ClientCertificate;
    let offered = match clients::offers(attempt).await {
        Err(Cause::ClientCertificateWanted) if shows_certificate => {
            return Err(Stop::NotTried(Reason::ClientCertificate));
        }
        offered => offered?,
    };
    let found: Vec<&str> = offered.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
    // EXTERNAL is offered to a client that has shown its certificate. Servers that settings describe have no other way then.
    if shows_certificate && (found.is_empty() || attempt.network.is_live()) {
        return Err(Stop::NotTried(Reason::ClientCertificate));
    }
    let said = (!found.is_empty()).then(|| attempt.said(&found.join(" ")));
    if clients::by_command(attempt.protocol, wanted, &offered) || clients::mechanism(wanted, &offered).is_some() {
        return Ok(said.map_or(Evidence::LoginCommand, Evidence::Mechanisms));
    }
    // Where the file leaves the method to the client, it names none that could be wrong.
    Err(match attempt.subject.left_open.authentication {
        true => Stop::NotTried(Reason::NoTriedMethodOffered(said)),
        false => Cause::LoginMethodNotOffered { wanted, offered: said }.into(),
    })
}
