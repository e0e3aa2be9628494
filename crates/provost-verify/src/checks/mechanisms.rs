//! Does the server offer the account's login mechanism inside TLS?

use provost_account::Authentication;

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let wanted = attempt.server.endpoint.authentication;
    if wanted == Authentication::None {
        return Verdict::DoesNotApply(Reason::LogsInNowhere);
    }
    let shows_certificate = wanted == Authentication::ClientCertificate;
    let offered = match clients::offers(attempt).await {
        Ok(offered) => offered,
        Err(Cause::ClientCertificateWanted) if shows_certificate => {
            return Verdict::NotTried(Reason::ClientCertificate);
        }
        Err(cause) => return Verdict::Failed(cause),
    };
    // EXTERNAL is offered to a client that has shown its certificate. Servers that settings describe have no other way then.
    if shows_certificate && (offered.iter().all(|it| !it.starts_with("AUTH=")) || attempt.network.is_live()) {
        return Verdict::NotTried(Reason::ClientCertificate);
    }
    let found: Vec<&str> = offered.iter().filter_map(|it| it.strip_prefix("AUTH=")).collect();
    let said = (!found.is_empty()).then(|| attempt.said(&found.join(" ")));
    let by_command = clients::by_command(attempt.protocol, wanted, &offered);
    if by_command || clients::mechanisms(wanted).iter().any(|mechanism| found.contains(mechanism)) {
        return Verdict::Passed(said.map_or(Evidence::LoginCommand, Evidence::Mechanisms));
    }
    if attempt.left_open.authentication {
        // The file says no way that could be wrong.
        return Verdict::NotTried(Reason::NoTriedMethodOffered(said));
    }
    Verdict::Failed(Cause::LoginMethodNotOffered { wanted, offered: said })
}
