//! Does TLS work with a valid certificate? On a STARTTLS port the server must also offer and accept STARTTLS, and
//! nothing may be injected before the handshake.

use provost_account::{Authentication, Security};

use crate::attempt::{Attempt, Verdict, WANTS_A_CERTIFICATE};
use crate::clients;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    match attempt.server.endpoint.security {
        Security::Cleartext => return Verdict::does_not_apply("the account asks for no TLS"),
        Security::ImplicitTls | Security::StartTls => {}
    }
    let endpoint = &attempt.server.endpoint;
    match clients::open(attempt).await {
        Ok(_) if endpoint.security != attempt.said.endpoint.security => Verdict::passed(format!(
            "the certificate is for the host, in its time, and trusted; TLS starts by {}, which the file leaves to the client",
            endpoint.security.name()
        )),
        Ok(_) => Verdict::passed("the certificate is for the host, in its time, and trusted"),
        Err(problem)
            if problem.found == WANTS_A_CERTIFICATE && endpoint.authentication == Authentication::ClientCertificate =>
        {
            Verdict::not_tried(clients::CLIENT_CERTIFICATE)
        }
        Err(problem) => Verdict::Failed(problem),
    }
}
