//! Does TLS work with a valid certificate? On a STARTTLS port the server must also offer and accept STARTTLS, and
//! nothing may be injected before the handshake.

use provost_account::{Authentication, Security};

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let endpoint = &attempt.server.endpoint;
    if endpoint.security == Security::Cleartext {
        return Err(Reason::NoTlsWanted.into());
    }
    match clients::open(attempt).await {
        Ok(stream) => {
            attempt.hand_on(stream);
            let found_out = (endpoint.security != attempt.said.endpoint.security).then_some(endpoint.security);
            Ok(Evidence::CertificateHolds { found_out })
        }
        Err(Cause::ClientCertificateWanted) if endpoint.authentication == Authentication::ClientCertificate => {
            Err(Stop::NotTried(Reason::ClientCertificate))
        }
        Err(cause) => Err(cause.into()),
    }
}
