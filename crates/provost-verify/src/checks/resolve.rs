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
            Err(match nobody_says(&detail) {
                true => Cause::NameServerFails { host, detail },
                false => Cause::NameDoesNotResolve { host, detail },
            }
            .into())
        }
    }
}

/// Whether it was EAI_AGAIN (POSIX, getaddrinfo): "the name could not be resolved at this time". The standard library keeps no
/// code, only the system's words. Observed: glibc 2.36, where a name server is silent or says SERVFAIL; musl's words are
/// those of its `gai_strerror.c`.
fn nobody_says(detail: &str) -> bool {
    ["Temporary failure in name resolution", "Try again"].iter().any(|words| detail.ends_with(words))
}
