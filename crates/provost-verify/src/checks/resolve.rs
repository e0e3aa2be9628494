//! Does the host have an address?

use provost_account::Host;

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::report::{Evidence, Reason, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let endpoint = &attempt.server.endpoint;
    if let Host::Address(_) = endpoint.host {
        return Verdict::DoesNotApply(Reason::HostIsAddress);
    }
    match attempt.network.resolve(&endpoint.host, endpoint.port).await {
        Ok(addresses) if addresses.is_empty() => Verdict::Passed(Evidence::NameKnown),
        Ok(addresses) => Verdict::Passed(Evidence::Addresses(addresses)),
        Err(error) => {
            let (host, detail) = (endpoint.host.clone(), error.to_string());
            Verdict::Failed(Cause::NameDoesNotResolve { host, detail })
        }
    }
}
