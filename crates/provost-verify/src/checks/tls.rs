//! Is there TLS, with a certificate that holds? On a STARTTLS port that includes that it is offered, accepted, and that
//! nothing is injected on the way there.

use provost_account::Security;

use crate::attempt::{Attempt, Verdict};
use crate::clients;

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    match attempt.server.endpoint.security {
        Security::Cleartext => return Verdict::does_not_apply("the account asks for no TLS"),
        Security::ImplicitTls | Security::StartTls => {}
    }
    match clients::open(attempt).await {
        Ok(_) => Verdict::passed("the certificate is for the host, in its time, and trusted"),
        Err(problem) => Verdict::Failed(problem),
    }
}
