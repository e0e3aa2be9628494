//! Does something listen on the port?

use std::io;

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::report::{Evidence, Verdict};

pub(super) async fn run(attempt: &Attempt<'_>) -> Verdict {
    let endpoint = &attempt.server.endpoint;
    match attempt.network.connect(&endpoint.host, endpoint.port).await {
        Ok(_) => Verdict::Passed(Evidence::Connected),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Verdict::Failed(Cause::PortClosed { port: endpoint.port })
        }
        Err(error) => Verdict::Failed(Cause::HostUnreachable { detail: error.to_string() }),
    }
}
