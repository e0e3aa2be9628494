//! Does the host have an address?

use provost_account::Host;

use crate::attempt::{Attempt, Problem, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let endpoint = &attempt.server.endpoint;
    if let Host::Address(_) = endpoint.host {
        return Verdict::does_not_apply("the host is an address, not a name");
    }
    match attempt.network.resolve(&endpoint.host, endpoint.port).await {
        Ok(addresses) if addresses.is_empty() => Verdict::passed("the name is known"),
        Ok(addresses) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Verdict::passed(addresses.join(", "))
        }
        Err(error) => Verdict::Failed(
            Problem::new(format!("{}: {error}", endpoint.host))
                .because("the name is misspelt, or has no A or AAAA record")
                .mended_by("compare the host name with the provider's guide"),
        ),
    }
}
