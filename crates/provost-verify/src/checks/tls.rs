//! Does TLS work with a valid certificate? On a STARTTLS port the server must also offer and accept STARTTLS, and
//! nothing may be injected before the handshake.

use provost_account::{Authentication, Security};

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    match attempt.server.endpoint.security {
        Security::Cleartext => return Verdict::DoesNotApply(Reason::NoTlsWanted),
        Security::ImplicitTls | Security::StartTls => {}
    }
    let endpoint = &attempt.server.endpoint;
    match clients::open(attempt).await {
        Ok(_) => {
            let found_out = (endpoint.security != attempt.said.endpoint.security).then_some(endpoint.security);
            Verdict::Passed(Evidence::CertificateHolds { found_out })
        }
        Err(Cause::ClientCertificateWanted) if endpoint.authentication == Authentication::ClientCertificate => {
            Verdict::NotTried(Reason::ClientCertificate)
        }
        Err(cause) => Verdict::Failed(cause),
    }
}
