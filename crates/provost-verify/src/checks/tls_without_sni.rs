//! Does a client get the right certificate that does not say which host it means (SNI, RFC 6066 §3)? Delta Chat from 2.30.0
//! says nothing with STARTTLS, and says it where TLS starts at once; so it is asked on STARTTLS ports alone.

use provost_account::{Host, Security};
use provost_network::start_tls;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients::{self, certificate};
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let endpoint = &attempt.server.endpoint;
    match (endpoint.security, &endpoint.host) {
        // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted".
        (_, Host::Address(_)) => return Err(Reason::HostIsAddress.into()),
        (Security::ImplicitTls, Host::Name(_)) => return Err(Reason::NameIsSaid.into()),
        (Security::Cleartext, Host::Name(_)) => return Err(Reason::NoTlsWanted.into()),
        (Security::StartTls, Host::Name(_)) => {}
    }
    let mut tcp = attempt.connect().await?;
    clients::start_tls::ask(attempt, &mut tcp).await?;
    match start_tls(attempt.network.tls_without_server_name(), &endpoint.host, tcp).await {
        Ok(_) => Ok(Evidence::SameWithoutServerName),
        Err(error) => Err(match certificate::cause(&error, attempt) {
            Some(cause) => Stop::Judged(Cause::CertificateNeedsServerName { cause: Box::new(cause) }),
            None => error.into(),
        }),
    }
}
