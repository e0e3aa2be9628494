//! Does something listen on the port?

use std::io;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    match attempt.connect().await {
        Ok(stream) => {
            attempt.hand_on(stream);
            Ok(Evidence::Connected)
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Cause::PortClosed { port: attempt.server.endpoint.port }.into())
        }
        Err(error) => Err(Cause::HostUnreachable { detail: error.to_string() }.into()),
    }
}
