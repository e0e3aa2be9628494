//! Where nothing answers, or no TLS comes about: does the same service work on another of its ports, or with the other way
//! to start TLS? Asked only after a failure, over connections of its own, and without a password.

use futures::future::join_all;
use provost_account::{Endpoint, Port, Protocol, Security, Server};
use tokio::time::timeout;

use crate::attempt::{Attempt, Link, Stop};
use crate::cause::Cause;
use crate::clients;
use crate::report::{Evidence, Reason};

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let own = &attempt.server.endpoint;
    let works = join_all(elsewhere(attempt).map(|(port, security)| async move {
        let endpoint = Endpoint { port, security, ..own.clone() };
        let server = Server { endpoint, ..attempt.server.clone() };
        let there = Attempt { server: &server, said: &server, link: Link::Own, ..*attempt };
        let limit = attempt.options.step_timeout.mul_f32(SHARE_OF_THE_TIME);
        let works = matches!(timeout(limit, clients::connect(&there)).await, Ok(Ok(_)));
        works.then_some((port, security))
    }));
    let Some((port, security)) = works.await.into_iter().flatten().next() else {
        return Err(Reason::NothingElsewhere.into());
    };
    match attempt.explained {
        Some(Cause::PortClosed { .. } | Cause::NoAnswer { .. }) if !is_registered(attempt.protocol, own.port) => {
            Err(Stop::Judged(Cause::WrongPort { own: own.port, port, security }))
        }
        // What is wrong is known; this says what else there is.
        Some(_) | None => Ok(Evidence::WorksElsewhere { port, security }),
    }
}

/// Whether the port is one of the protocol's. If so, it is not the settings' fault that nothing answers there.
fn is_registered(protocol: Protocol, port: Port) -> bool {
    protocol.services().iter().any(|service| service.port == port)
}

/// The registered ports, TLS from the first byte first (RFC 8314 §3.3), then the account's own with the other way.
fn elsewhere<'a>(attempt: &'a Attempt<'_>) -> impl Iterator<Item = (Port, Security)> + 'a {
    let own = &attempt.server.endpoint;
    let registered = attempt.protocol.services().map(|service| (service.port, service.security));
    let other_way = match own.security {
        Security::ImplicitTls => Security::StartTls,
        Security::StartTls | Security::Cleartext => Security::ImplicitTls,
    };
    let is_another = |place: &(Port, Security)| *place != (own.port, own.security);
    let other = (!registered.contains(&(own.port, other_way))).then_some((own.port, other_way));
    registered.into_iter().chain(other).filter(is_another)
}

/// Of the time that a step may take, so that a port that stays silent does not hide one that works.
const SHARE_OF_THE_TIME: f32 = 0.8;
