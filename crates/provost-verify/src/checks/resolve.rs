//! Does the host have an address?

use provost_account::Host;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let endpoint = &attempt.server.endpoint;
    if let Host::Address(_) = endpoint.host {
        return Err(Reason::HostIsAddress.into());
    }
    match attempt.network.addresses(&endpoint.host, endpoint.port).await {
        Ok(addresses) if addresses.is_empty() => Ok(Evidence::NameKnown),
        Ok(addresses) => Ok(Evidence::Addresses(addresses)),
        Err(error) => {
            let (host, detail) = (endpoint.host.clone(), error.to_string());
            Err(Cause::NameDoesNotResolve { host, detail }.into())
        }
    }
}
