//! Does something listen on the port?

use std::io;

use crate::attempt::{Attempt, Problem, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let endpoint = &attempt.server.endpoint;
    match attempt.network.connect(&endpoint.host, endpoint.port).await {
        Ok(_) => Verdict::passed("connected"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Verdict::Failed(
            Problem::new(format!("port {} is closed", endpoint.port))
                .because("nothing listens there: the port is wrong, the service is down, or a firewall refuses")
                .mended_by("compare the port with the provider's guide"),
        ),
        Err(error) => Verdict::Failed(Problem::from(error).because("the host cannot be reached on this port")),
    }
}
